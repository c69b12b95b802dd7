from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.handover import NONE, CredentialSet, Taken
from adwarden.domain.model import AppAccess, ConnectionState
from adwarden.domain.secret import Secret
from adwarden.services.taking_in import Compared, Preview, Standing
from tests.services.conftest import House, OpenHouse

VERIFY = "/1.1/account/verify_credentials.json"
REQUEST = "/oauth/request_token"


def of_x(house: House, handle: str = "contoso", app: int = 0) -> CredentialSet:
    """Return a set as a tool's file has it, with secrets that X takes."""
    person = house.server.world.person_named(handle)
    assert person is not None
    own = house.server.world.apps[app]
    token = house.server.faults.console_token(own, person)
    return CredentialSet(
        Secret(own.key), Secret(own.secret), Secret(token.token), Secret(token.secret),
        handle=handle, app_name="Their app", at="profile 1",
    )  # fmt: skip


async def looked(house: House, *sets: CredentialSet) -> Preview:
    return await house.accounts.taking_in.compare(Taken("env", sets))


async def standings(house: House, *sets: CredentialSet) -> list[Standing]:
    return [one.standing for one in (await looked(house, *sets)).sets]


def without(one: CredentialSet, *names: str) -> CredentialSet:
    lacking: dict[str, Any] = dict.fromkeys(names, NONE)
    return replace(one, **lacking)


def entries(house: House) -> dict[tuple[str, str], str]:
    return dict(house.backend.entries)


async def test_what_is_new_is_taken_in_app_first(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = of_x(house)
        preview = await looked(house, one)
        assert [found.standing for found in preview.sets] == [Standing.NEW]
        assert preview.sets[0].parts == ("app", "token")
        assert preview.sets[0].title == "@contoso through Their app"
        assert not house.backend.entries
        (outcome,) = await house.accounts.taking_in.adopt(preview.sets)
        assert outcome.done, outcome.words
        assert house.server.journal.total == 0
        (app,), (connection,) = house.accounts.roster.apps, house.accounts.roster.connections
        assert (app.label, app.access) == ("Their app", AppAccess.UNKNOWN)
        assert (connection.handle, connection.state) == ("@contoso", ConnectionState.UNKNOWN)
        assert not connection.pasted
        assert connection.authorized_at == 0.0
        assert (outcome.app_id, outcome.connection_id) == (app.id, connection.id)
        assert await house.accounts.apps.token(connection.id, "secret") == one.token_secret
        again = await looked(house, one)
        assert again.sets[0].standing is Standing.KNOWN
        assert again.sets[0].connection_id == connection.id
        before = entries(house)
        (same,) = await house.accounts.taking_in.adopt(again.sets)
        assert same.done
        assert "already" in same.words
        assert entries(house) == before
        # It works like any other.
        await house.accounts.refresh(connection.id)
        assert house.accounts.roster.connection(connection.id).state is ConnectionState.WORKING


async def test_x_confirms_what_is_to_be_checked(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = replace(of_x(house), handle="somebody_else")
        preview = await looked(house, one)
        (outcome,) = await house.accounts.taking_in.adopt(preview.sets, check=True)
        assert outcome.done, outcome.words
        assert "X confirmed it" in outcome.words
        assert house.server.journal.count(VERIFY) == 1
        assert house.server.journal.count(REQUEST) == 1
        connection = house.accounts.roster.connections[0]
        assert (connection.handle, connection.state) == ("@contoso", ConnectionState.WORKING)
        assert not connection.pasted


async def test_wrong_keys_are_not_kept_when_checked(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = replace(of_x(house), api_secret=Secret("w" * 50))
        preview = await looked(house, one)
        (outcome,) = await house.accounts.taking_in.adopt(preview.sets, check=True)
        assert not outcome.done
        assert outcome.error is not None
        assert outcome.error.code is ErrorCode.APP_KEYS
        assert not house.backend.entries
        assert "w" * 50 not in outcome.words


async def test_half_of_it_is_told(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = replace(of_x(house), token_secret=Secret("w" * 45))
        preview = await looked(house, one)
        (outcome,) = await house.accounts.taking_in.adopt(preview.sets, check=True)
        assert not outcome.done
        assert outcome.words.startswith(
            "The X app “Their app” was added. X did not accept this pair"
        )
        assert len(house.accounts.roster.apps) == 1
        assert not house.accounts.roster.connections


async def test_sets_of_one_file_share_their_app(open_house: OpenHouse) -> None:
    async with open_house() as house:
        sets = of_x(house, "contoso"), of_x(house, "northwind_ads")
        preview = await looked(house, *sets)
        assert [one.parts for one in preview.sets] == [("app", "token"), ("token",)]
        outcomes = await house.accounts.taking_in.adopt(preview.sets)
        assert [one.done for one in outcomes] == [True, True]
        assert len(house.accounts.roster.apps) == 1
        assert {one.handle for one in house.accounts.roster.connections} == {
            "@contoso", "@northwind_ads",
        }  # fmt: skip


async def test_a_file_that_contradicts_itself(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = of_x(house)
        other_secret = replace(one, api_secret=Secret("o" * 50))
        other_token = replace(one, token=Secret(f"{one.token.unwrap()[:-3]}xyz"))
        assert await standings(house, one, one, other_secret, other_token) == [
            Standing.NEW, Standing.KNOWN, Standing.CONTRADICTS, Standing.CONTRADICTS,
        ]  # fmt: skip
        assert not house.backend.entries


async def test_what_contradicts_replaces_only_when_it_is_chosen(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = of_x(house)
        await house.accounts.taking_in.adopt((await looked(house, one)).sets)
        app, connection = house.accounts.roster.apps[0], house.accounts.roster.connections[0]
        other = replace(
            one, api_secret=Secret("o" * 50),
            token=Secret(f"{one.token.unwrap()[:-3]}xyz"), token_secret=Secret("t" * 45),
        )  # fmt: skip
        (found,) = (await looked(house, other)).sets
        assert found.standing is Standing.CONTRADICTS
        assert found.why == (
            "Another API key secret is kept for Their app. "
            "Another access token is kept for @contoso."
        )
        # Somebody chose it when it was new, and something else was kept since.
        before = entries(house)
        stale = replace(found, standing=Standing.NEW)
        (left,) = await house.accounts.taking_in.adopt([stale])
        assert not left.done
        assert entries(house) == before
        # Or they agreed to lose one thing, and there is another to be lost now.
        agreed = replace(found, parts=("keys",))
        (left,) = await house.accounts.taking_in.adopt([agreed])
        assert not left.done
        assert "has changed since you looked" in left.words
        assert entries(house) == before
        (outcome,) = await house.accounts.taking_in.adopt([found])
        assert outcome.done, outcome.words
        assert "has another token now" in outcome.words
        assert await house.accounts.apps.secret(app.id, "secret") == other.api_secret
        assert await house.accounts.apps.token(connection.id, "token") == other.token
        assert [one.id for one in house.accounts.roster.connections] == [connection.id]


@pytest.mark.parametrize(
    ("lacks", "why"),
    [
        (("api_key",), "It has no API key, which"),
        (("api_secret",), "It has no API key secret"),
        (("token_secret",), "The secret of its access token is missing"),
        (("token",), "an access token secret, and no access token"),
        (("api_key", "token", "token_secret"), "It has no API key."),
    ],
)
async def test_what_is_incomplete_says_what_it_lacks(
    open_house: OpenHouse, lacks: tuple[str, ...], why: str
) -> None:
    async with open_house() as house:
        (found,) = (await looked(house, without(of_x(house), *lacks))).sets
        assert found.standing is Standing.INCOMPLETE
        assert why in found.why
        (outcome,) = await house.accounts.taking_in.adopt([found])
        assert not outcome.done
        assert not house.backend.entries


async def test_the_key_alone_finds_an_app_that_is_here(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        (found,) = (await looked(house, replace(of_x(house), api_secret=NONE))).sets
        assert (found.standing, found.app_id, found.parts) == (Standing.NEW, app.id, ("token",))
        assert found.app_label == app.label
        (outcome,) = await house.accounts.taking_in.adopt([found], check=True)
        assert outcome.done, outcome.words


async def test_an_app_alone_and_its_other_secrets(open_house: OpenHouse) -> None:
    async with open_house() as house:
        keys = replace(of_x(house), token=NONE, token_secret=NONE, handle="")
        full = replace(keys, bearer=Secret("A" * 60), client_id=Secret("c" * 34))
        (outcome,) = await house.accounts.taking_in.adopt((await looked(house, full)).sets)
        assert outcome.done, outcome.words
        assert house.accounts.roster.apps[0].holds == ("bearer", "client_id")
        assert await standings(house, keys, full) == [Standing.KNOWN, Standing.KNOWN]
        more = replace(keys, client_secret=Secret("s" * 50))
        (found,) = (await looked(house, more)).sets
        assert (found.standing, found.parts) == (Standing.NEW, ("client_secret",))
        other = replace(keys, bearer=Secret("A" * 59 + "B"))
        assert await standings(house, other) == [Standing.CONTRADICTS]


async def test_a_name_that_is_taken_gets_a_number(open_house: OpenHouse) -> None:
    async with open_house() as house:
        for place, name in ((0, "their APP"), (1, "Their\tapp")):
            one = replace(of_x(house, app=place), app_name=name)
            await house.accounts.taking_in.adopt((await looked(house, one)).sets)
        assert [app.label for app in house.accounts.roster.apps] == ["their APP", "Their app 2"]
        (nameless,) = (await looked(house, replace(of_x(house, app=2), app_name=""))).sets
        named = replace(nameless, app_label="My name")
        (outcome,) = await house.accounts.taking_in.adopt([named])
        assert outcome.done
        assert house.accounts.roster.apps[-1].label == "My name"


async def test_a_token_that_tells_no_user_is_for_x_to_tell(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = replace(of_x(house), token=Secret("noUserIdBeforeADash0000000000000000000"))
        (found,) = (await looked(house, one)).sets
        assert "Only X can tell" in found.why
        (outcome,) = await house.accounts.taking_in.adopt([found])
        assert not outcome.done
        assert "Have it checked" in outcome.words


async def test_a_token_that_x_gives_to_somebody_connected_replaces_nothing_unasked(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        other = replace(of_x(house), handle="")
        user_id = other.token.unwrap().partition("-")[0]
        one = replace(other, token=Secret(f"{user_id}-{'k' * 40}"))
        await house.accounts.taking_in.adopt((await looked(house, one)).sets)
        (connection,) = house.accounts.roster.connections
        # Another token of the same user, of the kind that does not tell whose it is.
        monkeypatch.setattr("adwarden.services.pasting.user_of_token", lambda _: "")
        monkeypatch.setattr("adwarden.services.taking_in_looks.user_of_token", lambda _: "")
        before = entries(house)
        (outcome,) = await house.accounts.taking_in.adopt(
            (await looked(house, other)).sets, check=True
        )
        assert not outcome.done
        assert "is connected with another token" in outcome.words
        assert entries(house) == before
        assert await house.accounts.apps.token(connection.id, "token") == one.token


async def test_a_name_from_a_file_stands_behind_what_x_said(open_house: OpenHouse) -> None:
    async with open_house() as house:
        first = of_x(house)
        await house.accounts.taking_in.adopt((await looked(house, first)).sets, check=True)
        newer = replace(of_x(house), handle="an_older_name")
        found = (await looked(house, newer)).sets
        (outcome,) = await house.accounts.taking_in.adopt(found)
        assert outcome.done, outcome.words
        assert house.accounts.roster.connections[0].handle == "@contoso"


async def test_a_lost_token_is_put_back(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = of_x(house)
        await house.accounts.taking_in.adopt((await looked(house, one)).sets)
        connection = house.accounts.roster.connections[0]
        del house.backend.entries[connection.entry, "@contoso"]
        (found,) = (await looked(house, one)).sets
        assert (found.standing, found.connection_id) == (Standing.NEW, connection.id)
        (outcome,) = await house.accounts.taking_in.adopt([found])
        assert outcome.done, outcome.words
        assert await house.accounts.apps.token(connection.id, "token") == one.token


async def test_lost_keys_are_told_and_a_locked_place_is_raised(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.entries.clear()
        preview = await looked(house, of_x(house, app=1))
        assert "nothing could be compared" in preview.remarks[0]
        assert app.label in preview.remarks[0]

        async def locked(*_: object) -> object:
            raise KeychainError(ErrorCode.KEYCHAIN_LOCKED, "Locked", "It is locked.")

        monkeypatch.setattr(house.places, "get", locked)
        with pytest.raises(KeychainError):
            await looked(house, of_x(house))


async def test_no_words_hold_a_secret(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = of_x(house)
        sets = (one, replace(one, api_secret=Secret("o" * 50)), replace(one, token_secret=NONE))
        preview = await looked(house, *sets)
        outcomes = await house.accounts.taking_in.adopt(preview.sets, check=True)
        said = repr((preview, outcomes)) + "".join(map(_words, preview.sets))
        for secret in (one.api_key, one.api_secret, one.token, one.token_secret):
            assert secret.unwrap() not in said


def _words(one: Compared) -> str:
    return f"{one.title} {one.why}"


async def test_a_handle_that_its_token_contradicts_is_not_believed(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = of_x(house)
        await house.accounts.taking_in.adopt((await looked(house, one)).sets)
        wrong = replace(of_x(house, "northwind_ads"), handle="Contoso")
        user_id = wrong.token.unwrap().partition("-")[0]
        (found,) = (await looked(house, wrong)).sets
        assert (found.standing, found.beside) == (Standing.CONTRADICTS, True)
        assert "@Contoso’s, whose user id is another than the one in the access token" in found.why
        assert found.title == f"{user_id} through Their app"
        # Whoever wants it all the same gets it beside the other, and not under their name.
        (outcome,) = await house.accounts.taking_in.adopt([found])
        assert outcome.done, outcome.words
        assert [one.screen_name for one in house.accounts.roster.connections] == ["contoso", ""]
        assert (await looked(house, one)).sets[0].standing is Standing.KNOWN


async def test_x_tells_whose_token_it_is_where_the_file_contradicts_itself(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        sets = of_x(house), replace(of_x(house, "northwind_ads", app=1), handle="contoso")
        first, second = (await looked(house, *sets)).sets
        assert (first.standing, second.standing) == (Standing.NEW, Standing.CONTRADICTS)
        outcomes = await house.accounts.taking_in.adopt([first, second], check=True)
        assert [one.done for one in outcomes] == [True, True]
        assert [one.handle for one in house.accounts.roster.connections] == [
            "@contoso", "@northwind_ads",
        ]  # fmt: skip


async def test_what_stands_twice_in_a_file_is_not_kept_for_that(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = of_x(house)
        bare = replace(one, bearer=Secret("A" * 60))
        preview = await looked(house, one, one, bare, replace(bare, bearer=Secret("B" * 60)))
        assert [found.why for found in preview.sets[1:]] == [
            "Nothing of it is new: what is not kept here stands before it in the file.",
            "New here: the bearer.",
            "Another bearer stands before it in the file.",
        ]
        await house.accounts.taking_in.adopt([preview.sets[0]])
        assert {one.why for one in (await looked(house, one, one)).sets} == {
            "All of it is kept here already."
        }
        again = await looked(house, bare, bare)
        assert again.sets[1].standing is Standing.KNOWN
        assert "stands before it" in again.sets[1].why


async def test_an_app_is_shown_by_the_name_that_it_gets(open_house: OpenHouse) -> None:
    async with open_house() as house:
        taken = of_x(house)
        await house.accounts.taking_in.adopt((await looked(house, taken)).sets)
        sets = [
            replace(of_x(house, app=1), app_name="their app"),
            replace(of_x(house, app=2), app_name="Their app"),
            replace(of_x(house, app=3), app_name="Long name " * 20),
            replace(of_x(house, app=4), app_name="Fine"),
        ]
        preview = await looked(house, *sets)
        labels = [found.app_label for found in preview.sets]
        assert labels[:2] == ["their app 2", "Their app 3"]
        assert labels[3] == "Fine"
        assert "It will be called “their app 2”, as another one has its name." in (
            preview.sets[0].why
        )
        assert "as its name is too long" in preview.sets[2].why
        assert "called" not in preview.sets[3].why
        await house.accounts.taking_in.adopt(preview.sets)
        assert [app.label for app in house.accounts.roster.apps[1:]] == labels


async def test_an_app_without_a_name_is_not_called_after_a_set_that_was_left_out(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        sets = (of_x(house), of_x(house, "northwind_ads"))
        preview = await looked(house, *(replace(one, app_name="") for one in sets))
        (outcome,) = await house.accounts.taking_in.adopt(preview.sets[1:])
        assert outcome.done, outcome.words
        assert [app.label for app in house.accounts.roster.apps] == ["Imported app"]
