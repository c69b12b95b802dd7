"""Whoever reads a row's secrets while its entry gets another name, or another place, has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adwarden.domain.checks import Finding
from adwarden.domain.errors import ErrorCode, KeychainError, NotFoundError
from adwarden.domain.model import (
    MEMORY,
    AppState,
    Connection,
    ConnectionState,
    Credential,
    XApp,
)
from adwarden.services import events
from adwarden.services.kept_rows import read_kept
from adwarden.services.places import Places
from adwarden.services.roster import app_keys, entry_of, secrets_of
from adwarden.services.standing import Standing
from tests.fakes.person import authorize
from tests.services.clockwork import Clockwork, HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_dropping import edit, with_both
from tests.services.test_sync_claims import PID, FakeClaims, Shared

Change = Callable[[House, XApp, Connection], Awaitable[object]]


async def rename(house: House, _: XApp, one: Connection) -> object:
    return await house.accounts.apps.name_connection(one.id, label="Mine", note="")


async def move(house: House, app: XApp, one: Connection) -> object:
    return await house.accounts.moving.move(MEMORY, [app, one])


async def rename_app(house: House, app: XApp, _: Connection) -> object:
    return await edit(house, app, label="Another name")


async def refresh(house: House, _: XApp, one: Connection) -> None:
    await house.accounts.refresh(one.id)


async def check(house: House, _: XApp, one: Connection) -> None:
    (result,) = await house.accounts.checking.check([one.id])
    assert result.finding is Finding.WORKING


async def look_up(house: House, _: XApp, one: Connection) -> None:
    account_id = min(house.accounts.roster.reached[one.id])
    await house.accounts.lookups.funding(one.id, account_id)


async def copy(house: House, _: XApp, one: Connection) -> None:
    assert await house.accounts.apps.token(one.id, "token")


async def copy_key(house: House, app: XApp, _: Connection) -> None:
    assert await house.accounts.apps.secret(app.id, "key")


async def check_app(house: House, app: XApp, _: Connection) -> None:
    (result,) = await house.accounts.checking.check([app.id])
    assert result.finding is Finding.WORKING


async def fetch_bearer(house: House, app: XApp, _: Connection) -> None:
    assert await house.accounts.apps.fetch_bearer(app.id)


async def begin(house: House, app: XApp, _: Connection) -> None:
    assert await house.accounts.begin(app.id)


@asynccontextmanager
async def held(
    monkeypatch: pytest.MonkeyPatch, name: str, work: Callable[[], Awaitable[object]]
) -> AsyncIterator[None]:
    """Have ``work`` wait just before it reads the entry; it goes on at the end, and is to end."""
    at, go = asyncio.Event(), asyncio.Event()
    real = Places.get

    async def get(places: Places, service: str, username: str, place: str) -> Credential:
        if service == name and not at.is_set():
            at.set()
            await go.wait()
        return await real(places, service, username, place)

    with monkeypatch.context() as patch:
        patch.setattr(Places, "get", get)
        task = asyncio.ensure_future(work())
        await asyncio.wait_for(at.wait(), 10)
        yield
        go.set()
        await asyncio.wait_for(task, 20)


@pytest.mark.parametrize("change", [rename, move])
@pytest.mark.parametrize("work", [refresh, check, look_up, copy])
async def test_a_token_is_read_under_the_name_that_it_has_by_then(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, work: Change, change: Change
) -> None:
    async with open_house(accounts=3) as house:
        app = await house.add_app()
        one = await house.connect(app, "agency_ops")
        await house.accounts.refresh(one.id)
        async with held(monkeypatch, one.entry, lambda: work(house, app, one)):
            await change(house, app, one)
            assert house.accounts.roster.connection(one.id).entry != one.entry
        now = house.accounts.roster.connection(one.id)
        assert (now.state, now.error) == (ConnectionState.WORKING, "")


@pytest.mark.parametrize("change", [rename_app, move])
@pytest.mark.parametrize("work", [check_app, copy_key, begin, fetch_bearer, refresh])
async def test_an_apps_keys_are_read_under_the_name_that_they_have_by_then(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, work: Change, change: Change
) -> None:
    async with open_house(accounts=3) as house:
        app = await house.add_app()
        one = await house.connect(app, "agency_ops")
        async with held(monkeypatch, app.entry, lambda: work(house, app, one)):
            await change(house, app, one)
            assert house.accounts.roster.app(app.id).entry != app.entry
        assert house.accounts.roster.app(app.id).state is not AppState.KEYS_MISSING
        assert house.accounts.roster.connection(one.id).state is ConnectionState.WORKING


async def test_a_refresh_that_waited_for_its_turn_goes_on_under_the_new_name(
    open_house: OpenHouse,
) -> None:
    shared = Shared()
    time = Clockwork()
    async with open_house(claims=lambda: FakeClaims(shared), accounts=3, time=time) as house:
        one = await house.connect(await house.add_app(), "agency_ops")
        await house.accounts.refresh(one.id)
        house.server.journal.clear()
        shared.holders[one.id] = PID
        running = asyncio.ensure_future(house.accounts.refresh(one.id))
        await house.told(events.RefreshWaiting)
        await house.accounts.apps.name_connection(one.id, label="Mine", note="")
        del shared.holders[one.id]
        await asyncio.wait_for(running, 20)
        now = house.accounts.roster.connection(one.id)
        assert (now.state, now.error, now.label) == (ConnectionState.WORKING, "", "Mine")
        assert house.server.journal.count("/12/accounts")
        assert await house.places.get(*entry_of(now))


async def rename_then(house: House, app: XApp) -> None:
    await edit(house, app, label="Another name")


async def move_app(house: House, app: XApp) -> None:
    await house.accounts.moving.move(MEMORY, [app])


@pytest.mark.parametrize("change", [rename_then, move_app])
async def test_a_pin_is_good_although_the_apps_entry_was_written_anew_since(
    open_house: OpenHouse, change: Callable[[House, XApp], Awaitable[None]]
) -> None:
    async with open_house(time=HandClock()) as house:
        app = await with_both(house)
        attempt = await house.accounts.begin(app.id)
        pin = authorize(attempt.request.url, "contoso")
        await change(house, house.accounts.roster.app(app.id))
        kept = await house.accounts.keep(await house.accounts.finish(attempt, pin))
        assert (kept.handle, kept.state) == ("@contoso", ConnectionState.WORKING)


async def test_a_pin_of_an_app_that_is_gone_says_so(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        attempt = await house.accounts.begin(app.id)
        await house.accounts.endings.app(app.id)
        with pytest.raises(NotFoundError, match="X app"):
            await house.accounts.finish(attempt, "1234567")


async def test_a_backup_reads_what_has_moved_since(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        before = (app, one)
        await move(house, app, one)
        found = await read_kept(house.accounts.roster, house.places, before)
        assert [saved.row.place for saved in found] == [MEMORY, MEMORY]
        assert all(saved.secrets is not None for saved in found)


async def test_what_is_really_gone_is_told_of_the_entry_that_is_listed(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.apps.name_connection(one.id, label="Mine", note="")
        now = house.accounts.roster.connection(one.id)
        house.backend.entries.clear()
        with pytest.raises(KeychainError) as caught:
            await secrets_of(house.accounts.roster, house.places, one)
        assert (caught.value.code, caught.value.entry) == (ErrorCode.ENTRY_MISSING, now.entry)
        with pytest.raises(KeychainError) as caught:
            await app_keys(house.accounts.roster, house.places, app)
        assert (caught.value.code, caught.value.entry) == (ErrorCode.APP_KEYS, app.entry)


async def test_a_former_entry_that_is_gone_says_nothing_of_the_present_one(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.apps.name_connection(one.id, label="Mine", note="")
        await edit(house, app, label="Another name")
        roster = house.accounts.roster
        lost = KeychainError(ErrorCode.ENTRY_MISSING, "Gone", "It is gone.")
        lost.entry = one.entry
        of_app = KeychainError(ErrorCode.APP_KEYS, "Gone", "They are gone.")
        of_app.entry = app.entry
        standing = Standing(roster, house.index, house.accounts._hub)
        await standing.failed(one, lost)
        await standing.apps.used(app.id, of_app)
        assert roster.connection(one.id).state is ConnectionState.WORKING
        assert roster.app(app.id).state is not AppState.KEYS_MISSING
        # Of the present ones it is true.
        lost.entry, of_app.entry = roster.connection(one.id).entry, roster.app(app.id).entry
        await standing.failed(one, lost)
        await standing.apps.used(app.id, of_app)
        assert roster.connection(one.id).state is ConnectionState.NEEDS_AUTHORIZATION
        assert roster.app(app.id).state is AppState.KEYS_MISSING
