"""Leaving can be undone as a whole for ten seconds; then X is asked, and what stays is told."""

from __future__ import annotations

import asyncio

import pytest

from adwarden.domain.errors import ErrorCode
from adwarden.domain.model import Connection, ConnectionState
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services import events
from adwarden.services.events import RemovalKind, Stage
from adwarden.services.undoing import UNDO_SECONDS
from tests.fakes.person import authorize
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_leaving import crowd
from tests.services.test_removing import INVALIDATE, asked, at, kept, soon, steps, stored


def shown(house: House) -> list[str]:
    return [one.id for one in house.accounts.roster.connections]


async def left(house: House, ones: list[Connection], name: str = "Agency app") -> str:
    """Leave them, and return the id of the one removal that this is."""
    house.accounts.leaving.leave([one.id for one in ones], name)
    (removal,) = house.accounts.removing.waiting
    assert removal.kind is RemovalKind.LEAVE
    assert removal.count == len(ones)
    await at(house, Stage.WAITING)
    return removal.id


async def test_one_undo_brings_all_of_them_back_and_nothing_has_happened(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        ones = await crowd(house)
        before = [await stored(house, one) for one in ones]
        removal = await left(house, ones)
        assert shown(house) == []
        time.pass_time(UNDO_SECONDS - 0.5)
        assert not await steps(house)
        assert all(kept(house, one) for one in ones)
        assert asked(house) == 0
        house.events.clear()
        assert await house.accounts.removing.undo(removal)
        await soon(lambda: len(house.of(events.ConnectionSaved)) == len(ones), "all of them")
        assert shown(house) == [one.id for one in ones]
        assert [await stored(house, one) for one in ones] == before
        time.pass_time(UNDO_SECONDS)
        await asyncio.sleep(0)
        assert asked(house) == 0
        assert not await house.accounts.removing.undo(removal)


async def test_after_ten_seconds_all_are_revoked_but_those_that_x_keeps(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        ones = await crowd(house)
        house.server.faults.add(Kind.ERROR, INVALIDATE, skip=1, times=1, status=401, code="416")
        await left(house, ones)
        time.pass_time(UNDO_SECONDS)
        done = await at(house, Stage.DONE)
        assert [one.connection_id for one in done.left] == [one.id for one in ones]
        (stays,) = [one for one in done.left if one.error is not None]
        assert stays.connection_id == ones[1].id
        assert stays.error is not None
        assert stays.error.code is ErrorCode.APP_SUSPENDED
        assert shown(house) == [ones[1].id]
        assert kept(house, ones[1])
        assert [one for one in ones if kept(house, one)] == [ones[1]]
        assert not await steps(house)
        # Each was told as it ended.
        told = [len(e.left) for e in house.of(events.RemovalChanged) if e.stage is Stage.ENDING]
        assert told == [0, 1, 2, 3, 4]


async def test_stopped_between_two_the_others_stay(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        ones = await crowd(house)
        removal = await left(house, ones)
        slow = house.server.faults.add(Kind.LATENCY, INVALIDATE, times=1, seconds=0.3)
        time.pass_time(UNDO_SECONDS)
        await soon(lambda: slow.hits, "the first call")
        house.accounts.removing.stop(removal)
        done = await at(house, Stage.DONE)
        assert len(done.left) == 1
        assert shown(house) == [one.id for one in ones[1:]]
        assert asked(house) == 1


async def test_without_a_network_all_stay_and_x_is_asked_once(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        ones = await crowd(house)
        dropped = house.server.faults.add(Kind.DROP, INVALIDATE, times=0)
        await left(house, ones)
        time.pass_time(UNDO_SECONDS)
        done = await at(house, Stage.DONE)
        assert all(one.error is not None for one in done.left)
        assert dropped.hits == 1
        assert sorted(shown(house)) == sorted(one.id for one in ones)
        states = {one.state for one in house.accounts.roster.connections}
        assert states == {ConnectionState.WORKING}


async def test_quitting_within_the_ten_seconds_revokes_all(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        ones = await crowd(house)
        await left(house, ones)
        await house.accounts.close()
        assert asked(house) == len(ones)
        assert not any(kept(house, one) for one in ones)
    async with open_house() as house:
        assert (await house.accounts.load()).connections == ()
        assert not await steps(house)


@pytest.mark.parametrize("running", [False, True])
async def test_what_quitting_has_no_time_for_is_made_at_the_next_start(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, running: bool
) -> None:
    monkeypatch.setattr("adwarden.services.undoing.QUIT_SECONDS", 0.2)
    server = PracticeServer(make_world(seed=5, accounts=30))
    server.start()
    time = HandClock()
    async with open_house(time=time, server=server) as house:
        ones = await crowd(house)
        slow = house.server.faults.add(Kind.LATENCY, INVALIDATE, times=0, seconds=2.0)
        await left(house, ones)
        if running:
            time.pass_time(UNDO_SECONDS)
            await soon(lambda: slow.hits, "the first call")
        await house.accounts.close()
        assert all(kept(house, one) for one in ones)
    server.faults.clear()
    async with open_house(server=server) as house:
        states = {one.state for one in house.accounts.roster.connections}
        assert states == {ConnectionState.REVOKING}
        await house.accounts.recover()
        await at(house, Stage.DONE, len(ones))
        assert shown(house) == []
        assert not any(kept(house, one) for one in ones)
        assert not await steps(house)
    server.stop()


async def test_who_authorizes_again_meanwhile_stays_and_the_others_go(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        ones = await crowd(house)
        # Authorized before, and kept within the ten seconds: nothing is to be hurried.
        attempt = await house.accounts.begin(ones[1].app_id)
        pin = authorize(attempt.request.url, ones[1].screen_name)
        granted = await house.accounts.finish(attempt, pin)
        await left(house, ones)
        again = await house.accounts.keep(granted)
        await soon(lambda: house.accounts.removing.waiting[0].count == 3, "one less")
        time.pass_time(UNDO_SECONDS)
        done = await at(house, Stage.DONE)
        assert {one.connection_id for one in done.left} == {ones[0].id, ones[2].id, ones[3].id}
        assert [one.entry for one in house.accounts.roster.connections] == [again.entry]
        assert kept(house, again)


async def test_authorizing_one_anew_cuts_nobody_s_ten_seconds_short(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        ones = await crowd(house)
        await left(house, ones)
        again = await house.connect(house.accounts.roster.apps[0], ones[0].screen_name)
        assert asked(house) == 0
        (removal,) = house.accounts.removing.waiting
        assert removal.count == len(ones) - 1
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert asked(house) == len(ones) - 1
        assert [one.entry for one in house.accounts.roster.connections] == [again.entry]
        await house.accounts.refresh(again.id)


async def test_one_that_somebody_wants_again_stays_alone(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        ones = await crowd(house)
        await left(house, ones)
        assert await house.accounts.removing.keep(ones[2].id)
        assert shown(house) == [ones[2].id]
        (removal,) = house.accounts.removing.waiting
        assert removal.count == 3
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert shown(house) == [ones[2].id]
        assert kept(house, ones[2])
        assert asked(house) == 3


async def test_the_app_is_removed_with_them_and_comes_back_with_them(
    open_house: OpenHouse,
) -> None:
    async with open_house(time=HandClock()) as house:
        ones = await crowd(house)
        app = house.accounts.roster.apps[0]
        removal = await left(house, ones)
        house.accounts.removing.remove_app(app.id)
        assert not house.accounts.roster.apps
        await house.accounts.removing.undo(removal)
        assert list(house.accounts.roster.apps) == [app]
        assert len(shown(house)) == len(ones)
        assert not house.accounts.removing.waiting
        removal = await left(house, ones)
        house.accounts.removing.remove_app(app.id)
        await house.accounts.close()
    async with open_house() as house:
        snapshot = await house.accounts.load()
        assert (snapshot.apps, snapshot.connections) == ((), ())
        assert not await steps(house)


async def test_an_app_waits_for_the_end_of_all_its_connections(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        ones = await crowd(house)
        app = house.accounts.roster.apps[0]
        await left(house, ones)
        house.accounts.removing.remove_app(app.id)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE, 2)
        assert asked(house) == len(ones)
        assert house.accounts.roster.everything == ()
        assert [name for name, _ in house.backend.entries if app.label in name] == []
