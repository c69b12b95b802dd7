"""What the Ads API refuses in the same words for two reasons is told apart."""

from __future__ import annotations

import pytest

from adwarden.domain.app_facts import TOKEN_REFUSED
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import ConnectionState
from adwarden.domain.secret import Secret
from adwarden.practice.faults import Kind, Shape
from adwarden.services.trying import Wish
from tests.services.clockwork import Clockwork
from tests.services.conftest import House, OpenHouse

VERIFY = "/1.1/account/verify_credentials.json"


async def with_wrong_secret(house: House) -> str:
    """Leave a connection that worked, and whose app's secret is another one now."""
    app = await house.add_app()
    connection = await house.connect(app, "contoso")
    await house.accounts.refresh(connection.id)
    await house.accounts.renew_app(app.id, Secret(house.server.world.apps[0].key), Secret("b" * 50))
    return connection.id


async def by_refresh(house: House, connection_id: str) -> None:
    with pytest.raises(AdwardenError) as refused:
        await house.accounts.refresh(connection_id)
    assert refused.value.code is ErrorCode.APP_KEYS


async def by_look_up(house: House, connection_id: str) -> None:
    entries = await house.index.run(lambda d: d.entries(connection_id))
    with pytest.raises(AdwardenError) as refused:
        await house.accounts.lookups.funding(connection_id, entries[0].account.id)
    assert refused.value.code is ErrorCode.APP_KEYS


async def by_hand(house: House, connection_id: str) -> None:
    await house.accounts.trying.send(Wish(connection_id, "accounts"))


@pytest.mark.parametrize("ask", [by_refresh, by_look_up, by_hand])
async def test_wrong_keys_are_named_and_no_token_is_called_revoked(
    open_house: OpenHouse, ask: type
) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await with_wrong_secret(house)
        await ask(house, connection_id)
        one = house.accounts.roster.connection(connection_id)
        assert one.state is ConnectionState.ATTENTION
        assert "did not accept the keys and token" in one.error
        app = house.server.world.apps[0]
        await house.accounts.renew_app(one.app_id, Secret(app.key), Secret(app.secret))
        await house.accounts.refresh(connection_id)
        one = house.accounts.roster.connection(connection_id)
        assert one.state is ConnectionState.WORKING


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ({"status": 401, "code": "89", "shape": Shape.JSON}, "The authorization has ended"),
        ({"status": 503, "code": "130", "shape": Shape.JSON}, TOKEN_REFUSED),
        ({"status": 403, "code": "client-not-enrolled", "shape": Shape.ADS}, TOKEN_REFUSED),
        (None, TOKEN_REFUSED),  # X accepts it elsewhere: it is older than the approval
    ],
)
async def test_a_token_that_is_refused_for_itself_stays_so(
    open_house: OpenHouse, said: dict[str, object] | None, title: str
) -> None:
    async with open_house(time=Clockwork()) as house:
        connection = await house.connect(await house.add_app(), "contoso")
        await house.accounts.refresh(connection.id)
        faults = house.server.faults
        faults.add(
            Kind.ERROR, "/12/", times=0, status=401, code="UNAUTHORIZED_ACCESS", shape=Shape.ADS
        )
        if said is not None:
            faults.add(Kind.ERROR, VERIFY, times=0, **said)
        house.server.journal.clear()
        with pytest.raises(AdwardenError) as refused:
            await house.accounts.refresh(connection.id)
        assert refused.value.code is ErrorCode.REVOKED
        assert refused.value.title == title
        one = house.accounts.roster.connection(connection.id)
        assert one.state is ConnectionState.REVOKED
        assert house.server.journal.count(VERIFY) == 1
