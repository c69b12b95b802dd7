"""Secrets removed from an app are unseen at once, and in its entry for ten seconds more."""

from __future__ import annotations

import asyncio
import json

import pytest
from keyring.errors import KeyringLocked

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import XApp
from adwarden.domain.secret import Secret
from adwarden.services import events
from adwarden.services.events import RemovalKind, Stage
from adwarden.services.roster import entry_of
from adwarden.services.undoing import UNDO_SECONDS
from adwarden.storage.directory import Directory
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_removing import at, soon, steps

BOTH = {"bearer": Secret("a bearer token"), "client_secret": Secret("a client secret")}


async def edit(house: House, app: XApp, **given: object) -> XApp:
    fields = {"label": app.label, "access": app.access, "note": app.note, "secrets": {}}
    return await house.accounts.apps.edit(app.id, **{**fields, **given})  # type: ignore[arg-type]


async def with_both(house: House) -> XApp:
    return await edit(house, await house.add_app(), secrets=BOTH)


async def in_entry(house: House) -> set[str]:
    """Return the names of what the app's entry has beside key and secret."""
    (app,) = (one for one in house.accounts.roster.everything if isinstance(one, XApp))
    return set((await house.places.get(*entry_of(app))).secrets) - {"key", "secret"}


async def in_index(house: House) -> tuple[str, ...]:
    return (await house.index.run(Directory.snapshot)).apps[0].holds


def seen(house: House) -> tuple[str, ...]:
    """Return what was last told of the app."""
    return house.of(events.AppSaved)[-1].app.holds


async def test_it_is_unseen_at_once_and_in_the_entry_for_ten_seconds(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await with_both(house)
        less = await edit(house, app, note="without it", removed=["bearer"])
        assert (less.holds, less.note) == (("client_secret",), "without it")
        await at(house, Stage.WAITING)
        await soon(lambda: seen(house) == ("client_secret",), "it is told")
        with pytest.raises(KeychainError):
            await house.accounts.apps.secret(app.id, "bearer")
        # Whatever else changes meanwhile, it stays unseen.
        again = await edit(house, less, label="Another name")
        assert again.holds == ("client_secret",)
        time.pass_time(UNDO_SECONDS - 0.5)
        await asyncio.sleep(0)
        assert await in_entry(house) == {"bearer", "client_secret"}
        assert await in_index(house) == ("bearer", "client_secret")
        assert not await steps(house)
        time.pass_time(0.5)
        done = await at(house, Stage.DONE)
        assert done.removal.kind is RemovalKind.SECRETS
        assert await in_entry(house) == {"client_secret"}
        assert await in_index(house) == ("client_secret",)
        assert seen(house) == ("client_secret",)
        assert not await steps(house)
        assert not await house.accounts.removing.undo(done.removal.id)


async def test_undone_it_is_all_there(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await with_both(house)
        entries = dict(house.backend.entries)
        await edit(house, app, removed=["bearer", "client_secret"])
        (removal,) = house.accounts.removing.waiting
        assert removal.name == f"Bearer token and client secret of {app.label}"
        assert await house.accounts.removing.undo(removal.id)
        await at(house, Stage.UNDONE)
        assert seen(house) == ("bearer", "client_secret")
        found = await house.accounts.apps.secret(app.id, "bearer")
        assert found == BOTH["bearer"]
        time.pass_time(UNDO_SECONDS)
        await asyncio.sleep(0)
        assert house.backend.entries == entries


async def test_a_second_one_waits_with_the_first(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await with_both(house)
        await edit(house, app, removed=["bearer"])
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS - 1)
        await edit(house, app, removed=["client_secret"])
        await at(house, Stage.WAITING, 2)
        (removal,) = house.accounts.removing.waiting
        assert removal.count == 2
        time.pass_time(2)
        await asyncio.sleep(0)
        assert await in_entry(house) == {"bearer", "client_secret"}
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert await in_entry(house) == set()


@pytest.mark.parametrize("how", ["typed", "fetched"])
async def test_what_is_given_anew_is_not_removed(open_house: OpenHouse, how: str) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        await house.accounts.apps.fetch_bearer(app.id)
        app = await edit(house, app, secrets={"client_id": Secret("an id")})
        await edit(house, app, removed=["bearer", "client_id"])
        if how == "typed":
            again = await edit(house, app, secrets={"bearer": Secret("another")})
        else:
            # X gives the same one.
            again = await house.accounts.apps.fetch_bearer(app.id)
        assert again.holds == ("bearer",)
        (removal,) = house.accounts.removing.waiting
        assert removal.name == f"Client ID of {app.label}"
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert await in_entry(house) == {"bearer"}
        assert seen(house) == ("bearer",)


async def test_a_place_that_fails_brings_it_back_and_it_can_be_tried_again(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await with_both(house)
        await edit(house, app, removed=["bearer"])
        await at(house, Stage.WAITING)
        house.backend.failures["set"] = KeyringLocked("locked")
        time.pass_time(UNDO_SECONDS)
        failed = await at(house, Stage.FAILED)
        assert failed.error is not None
        assert failed.error.code is ErrorCode.KEYCHAIN_LOCKED
        assert seen(house) == ("bearer", "client_secret")
        house.backend.failures.clear()
        await house.accounts.removing.again(failed.removal.id)
        await at(house, Stage.WAITING, 2)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert await in_entry(house) == {"client_secret"}


async def test_what_somebody_took_out_of_the_entry_is_listed_no_more(
    open_house: OpenHouse,
) -> None:
    async with open_house(time=HandClock()) as house:
        app = await with_both(house)
        name = (app.entry, app.label)
        told = json.loads(house.backend.entries[name])
        del told["bearer"]
        house.backend.entries[name] = json.dumps(told)
        less = await edit(house, app, removed=["bearer"])
        assert less.holds == ("client_secret",)
        assert await in_index(house) == ("client_secret",)
        assert not house.accounts.removing.waiting


async def test_quitting_removes_it(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        await edit(house, await with_both(house), removed=["bearer"])
        await house.accounts.close()
    async with open_house() as house:
        assert not await steps(house)
        assert await in_entry(house) == {"client_secret"}
        assert await in_index(house) == ("client_secret",)


async def test_what_quitting_had_no_time_for_goes_at_the_next_start(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adwarden.services.undoing.QUIT_SECONDS", 0.1)
    async with open_house(time=HandClock()) as house:
        await edit(house, await with_both(house), removed=["bearer"])
        house.backend.gate.clear()
        await house.accounts.close()
        house.backend.gate.set()
    async with open_house() as house:
        assert "drop" in await steps(house)
        await house.accounts.recover()
        assert await in_entry(house) == {"client_secret"}
        assert await in_index(house) == ("client_secret",)
        assert not await steps(house)


async def test_the_app_goes_meanwhile_or_comes_back_without_it(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await with_both(house)
        await edit(house, app, removed=["bearer"])
        await at(house, Stage.WAITING)
        time.pass_time(5)
        house.accounts.removing.remove_app(app.id)
        await at(house, Stage.WAITING, 2)
        time.pass_time(5)
        await at(house, Stage.DONE)
        assert await house.accounts.removing.undo(app.id)
        await at(house, Stage.UNDONE)
        assert seen(house) == ("client_secret",)
        assert await in_entry(house) == {"client_secret"}
        house.accounts.removing.remove_app(app.id)
        await house.accounts.close()
    async with open_house() as house:
        assert (await house.accounts.load()).apps == ()
        assert not await steps(house)
        assert [name for name, _ in house.backend.entries if app.label in name] == []
