"""Authorizing anew leaves alone what others have begun to end, and what can still be undone."""

from __future__ import annotations

import asyncio

import pytest

from adwarden.domain.errors import ErrorCode, NetworkError, StorageError
from adwarden.domain.model import ConnectionState
from adwarden.practice.faults import Kind
from adwarden.providers.x.provider import XProvider
from adwarden.services.events import RefreshWaiting, RemovalChanged, Stage
from adwarden.services.roster import entry_of
from adwarden.services.undoing import UNDO_SECONDS
from adwarden.storage.directory import Directory
from tests.fakes.person import authorize
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_removing import INVALIDATE, asked, at, kept, soon, steps, stored


async def settled(house: House) -> None:
    await soon(lambda: not house.accounts.undoing.tasks, "the end of all")


@pytest.mark.parametrize("revoke", [False, True])
async def test_who_stops_waiting_ends_nothing_of_others(
    open_house: OpenHouse, revoke: bool
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.recover()
        house.accounts.removing.disconnect(one.id, revoke=revoke)
        await at(house, Stage.WAITING)
        house.backend.gate.clear()
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.ENDING)
        dialog = asyncio.create_task(house.accounts.begin(app.id))
        await asyncio.sleep(0)
        dialog.cancel()
        await asyncio.wait([dialog])
        house.backend.gate.set()
        await at(house, Stage.DONE)
        assert house.accounts.roster.everything == (app,)
        assert await stored(house, one) is None
        assert not await steps(house)
        assert not kept(house, one)
        assert asked(house) == revoke


async def test_a_hidden_connection_with_a_noted_revocation_is_found(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.recover()
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        slow = house.server.faults.add(Kind.LATENCY, INVALIDATE, times=1, seconds=0.2)
        time.pass_time(UNDO_SECONDS)
        await soon(lambda: slow.hits, "X is asked")
        # Whatever has ended the task.
        for task in house.accounts.undoing.tasks:
            task.cancel()
        await settled(house)
        assert await steps(house) == ["revoke"]
        await house.accounts.recover()
        await at(house, Stage.DONE)
        assert house.accounts.roster.everything == (app,)
        assert await stored(house, one) is None
        assert not await steps(house)


async def test_a_noted_revocation_of_a_listed_token_takes_its_row_along(
    open_house: OpenHouse,
) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.recover()
        await house.index.run(lambda d: d.begin_pending("revoke", *entry_of(one)))
        await house.accounts.endings.forget(entry_of(one))
        assert asked(house) == 1
        assert house.accounts.roster.everything == (app,)
        assert await stored(house, one) is None
        assert not await steps(house)


@pytest.mark.parametrize("listed", [True, False])
async def test_a_noted_revocation_is_made_once(open_house: OpenHouse, listed: bool) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.recover()
        await house.index.run(lambda d: d.begin_pending("revoke", *entry_of(one)))
        if not listed:
            house.accounts.roster.drop_connection(one.id)
        house.backend.gate.clear()
        await house.accounts.recover()
        await house.accounts.recover()
        house.backend.gate.set()
        await settled(house)
        assert asked(house) == 1
        assert await stored(house, one) is None
        assert not await steps(house)


async def test_the_ten_seconds_are_kept_while_somebody_is_authorized(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one, other = [await house.connect(app, who) for who in ("contoso", "agency_ops")]
        for each in (one, other):
            house.accounts.removing.disconnect(each.id, revoke=True)
        await at(house, Stage.WAITING, 2)
        attempt = await house.accounts.begin(app.id)
        assert [each.id for each in house.accounts.removing.waiting] == [one.id, other.id]
        # X gives the same token again: that one is not to be revoked any more.
        pin = authorize(attempt.request.url, "contoso")
        granted = await house.accounts.finish(attempt, pin)
        assert [each.id for each in house.accounts.removing.waiting] == [other.id]
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        again = await house.accounts.keep(granted)
        assert (again.id, again.state) == (one.id, ConnectionState.WORKING)
        assert asked(house) == 1
        await house.accounts.refresh(again.id)


async def test_reconnecting_one_waits_for_no_other(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one, other = [await house.connect(app, who) for who in ("contoso", "agency_ops")]
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        slow = house.server.faults.add(Kind.LATENCY, INVALIDATE, times=1, seconds=0.5)
        time.pass_time(UNDO_SECONDS)
        await soon(lambda: slow.hits, "X is asked")
        await house.accounts.begin(app.id, reconnect=other.id)
        assert house.accounts.undoing.tasks
        await at(house, Stage.DONE)


async def test_a_refresh_that_goes_on_after_undoing_holds_nobody_up(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        one = await house.connect(app, "agency_ops")
        house.server.faults.add(Kind.ERROR, "/12/accounts", times=0, status=429, code="88")
        running = asyncio.create_task(house.accounts.refresh(one.id))
        await house.told(RefreshWaiting)
        house.accounts.removing.disconnect(one.id, revoke=False)
        await asyncio.wait([running])
        house.events.clear()
        assert await house.accounts.removing.undo(one.id)
        await house.told(RefreshWaiting)
        async with asyncio.timeout(5):
            await house.accounts.begin(app.id)
        assert not house.accounts.undoing.tasks


async def test_what_cannot_be_read_again_is_shown_as_it_was_and_told(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(*_: object) -> None:
        raise NetworkError(ErrorCode.NO_NETWORK, "No network", "It is down.")

    def busy(*_: object, **__: object) -> None:
        raise StorageError(ErrorCode.STORAGE, "The index is busy", "Something holds it.")

    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        monkeypatch.setattr(XProvider, "revoke", off)
        monkeypatch.setattr(Directory, "entries", busy)
        monkeypatch.setattr(Directory, "connection", busy)
        time.pass_time(UNDO_SECONDS)
        failed = await at(house, Stage.FAILED)
        assert failed.error is not None
        assert [each.id for each in house.accounts.roster.connections] == [one.id]
        told = [each.stage for each in house.of(RemovalChanged)]
        assert told == [Stage.WAITING, Stage.ENDING, Stage.FAILED]
        monkeypatch.undo()
