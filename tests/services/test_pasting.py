from __future__ import annotations

import asyncio
import re
from urllib.request import urlopen

import pytest
from keyring.errors import PasswordSetError

from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, KeychainError
from adwarden.domain.model import ConnectionState, XApp
from adwarden.domain.secret import Secret
from adwarden.domain.token_shapes import read_pair
from adwarden.practice.faults import Kind, Shape
from adwarden.services import events
from tests.services.conftest import House, OpenHouse

VERIFY = "/1.1/account/verify_credentials.json"


def owners_token(house: House, handle: str = "contoso", app: int = 0) -> tuple[Secret, Secret]:
    """Return what the developer console shows to the owner of an app."""
    person = house.server.world.person_named(handle)
    assert person is not None
    granted = house.server.faults.console_token(house.server.world.apps[app], person)
    return Secret(granted.token), Secret(granted.secret)


async def test_a_pasted_token_becomes_a_connection(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.accounts.pasting.add(app.id, *owners_token(house))
        assert connection.handle == "@contoso"
        assert connection.pasted
        assert connection.state is ConnectionState.WORKING
        assert connection.access_level == "read-write"
        stored = house.backend.entries[connection.entry, "@contoso"]
        assert '"origin":"pasted"' in stored
        assert house.of(events.ConnectionSaved)[-1].connection == connection
        await house.accounts.refresh(connection.id)
        snapshot = await house.accounts.load()
        assert snapshot.entries[connection.id]
        assert snapshot.connections[0].pasted


async def test_a_pasted_token_takes_the_place_of_the_same_users(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        first = await house.connect(app, "contoso")
        await house.accounts.apps.name_connection(first.id, label="Main", note="")
        again = await house.accounts.pasting.add(
            app.id, *owners_token(house), connection_id=first.id
        )
        assert (again.id, again.label, again.pasted) == (first.id, "Main", True)
        assert len(house.accounts.roster.connections) == 1
        # By a PIN again, it is no pasted one any more.
        assert not (await house.connect(app, "contoso")).pasted


async def test_somebody_elses_token_is_refused_without_a_call(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        first = await house.connect(app, "northwind_ads")
        with pytest.raises(InputError) as caught:
            await house.accounts.pasting.add(app.id, *owners_token(house), connection_id=first.id)
        assert caught.value.field == "token"
        assert "@northwind_ads" in caught.value.message
        assert house.server.journal.count(VERIFY) == 0


@pytest.mark.parametrize(("token", "secret", "field"), [("", "s", "token"), ("1-a", "", "secret")])
async def test_what_is_missing_is_named(
    open_house: OpenHouse, token: str, secret: str, field: str
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        with pytest.raises(InputError) as caught:
            await house.accounts.pasting.add(app.id, Secret(token), Secret(secret))
        assert caught.value.field == field


async def refused(house: House, app: XApp, token: Secret, secret: Secret) -> AdwardenError:
    with pytest.raises(AdwardenError) as caught:
        await house.accounts.pasting.add(app.id, token, secret)
    assert not house.accounts.roster.connections
    assert [user for _, user in house.backend.entries if user.startswith("@")] == []
    return caught.value


async def test_a_wrong_pair_is_found_by_the_call(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        token, _ = owners_token(house)
        error = await refused(house, app, token, Secret("s" * 45))
        assert "do not belong together" in error.message
        assert error.code is ErrorCode.DENIED


async def test_a_token_of_another_app_is_found_by_the_call(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        error = await refused(house, app, *owners_token(house, app=1))
        assert app.label in error.message


async def test_a_suspended_user_is_told(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        error = await refused(house, app, *owners_token(house, "tailspin_travel"))
        assert error.code is ErrorCode.USER_SUSPENDED


async def test_an_app_that_may_not_ask_keeps_the_token_by_its_user_id(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.server.faults.add(
            Kind.ERROR, VERIFY, times=1, status=403, shape=Shape.JSON, code="453"
        )
        token, secret = owners_token(house)
        connection = await house.accounts.pasting.add(app.id, token, secret)
        assert connection.user_id == token.unwrap().partition("-")[0]
        assert connection.handle == connection.user_id


async def test_after_a_failing_keychain_it_is_tried_again(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.failures["set"] = PasswordSetError("no")
        with pytest.raises(KeychainError):
            await house.accounts.pasting.add(app.id, *owners_token(house))
        del house.backend.failures["set"]
        connection = await house.accounts.pasting.add(app.id, *owners_token(house))
        await house.accounts.recover()
        assert house.accounts.roster.connections[0].user_id == connection.user_id
        handles = [user for _, user in house.backend.entries if user.startswith("@")]
        assert handles == ["@contoso"]


async def test_what_is_far_too_long_names_its_field(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.server.faults.add(
            Kind.BODY, VERIFY, times=1, status=200, text='{"id_str":"5","screen_name":"anna"}'
        )
        with pytest.raises(InputError) as caught:
            await house.accounts.pasting.add(app.id, Secret("5-" + "x" * 40), Secret("s" * 900))
        assert caught.value.field == "secret"


async def test_the_practice_servers_front_page_shows_tokens_to_paste(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        answer = await asyncio.to_thread(urlopen, house.server.url)
        page = re.sub("<[^>]+>", "\n", answer.read().decode())  # as a browser shows it
        answer.close()
        app = await house.add_app()
        pair = read_pair(page[page.index("Access tokens") :].partition("Second practice app")[0])
        assert pair is not None
        connection = await house.accounts.pasting.add(
            app.id, Secret(pair.token), Secret(pair.secret)
        )
        assert connection.handle == "@agency_ops"
