"""A connection that another process refreshes, too: the files that say so stand in a dictionary."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from adwarden.domain.errors import NotFoundError
from adwarden.practice.faults import Kind
from adwarden.services import events
from tests.services.clockwork import Clockwork
from tests.services.conftest import House, OpenHouse

PID = 4711


@dataclass
class Shared:
    """What two processes share."""

    holders: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)


@dataclass
class FakeClaims:
    """One process's view of it; its id is ``pid``."""

    shared: Shared
    pid: int = 1
    before: dict[str, int] = field(default_factory=dict)

    def take(self, name: str) -> bool:
        if name.startswith("run "):
            return True  # that of the process itself is not what this is about
        if self.shared.holders.setdefault(name, self.pid) != self.pid:
            return False
        self.before[name] = self.shared.last.get(name, self.pid)
        self.shared.last[name] = self.pid
        return True

    def followed(self, name: str) -> bool:
        return self.before[name] != self.pid

    def holder(self, name: str) -> int:
        return self.shared.holders.get(name, 0)

    def give_back(self, name: str) -> None:
        if self.shared.holders.get(name) == self.pid:
            del self.shared.holders[name]


async def connected(house: House, handle: str = "agency_ops") -> str:
    connection = await house.connect(await house.add_app(), handle)
    house.server.journal.clear()
    return connection.id


async def quiet(house: House) -> None:
    """Wait until the index has done all that is in line."""
    await house.index.run(lambda d: d.jobs())


async def test_it_is_held_while_it_runs_and_given_back_however_it_ends(
    open_house: OpenHouse,
) -> None:
    shared = Shared()
    async with open_house(claims=lambda: FakeClaims(shared)) as house:
        one = await connected(house)
        running = asyncio.create_task(house.accounts.refresh(one))
        await asyncio.to_thread(house.server.journal.wait_for, 3, "/12/")
        assert shared.holders == {one: 1}
        await running
        await quiet(house)
        assert shared.holders == {}
        running = asyncio.create_task(house.accounts.refresh(one))
        await asyncio.to_thread(house.server.journal.wait_for, 63, "/12/")
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()
        await quiet(house)
        assert shared.holders == {}


async def test_a_cancelled_wait_takes_nothing_and_strikes_nothing(open_house: OpenHouse) -> None:
    shared = Shared()
    async with open_house(claims=lambda: FakeClaims(shared), time=Clockwork(still=True)) as house:
        one = await connected(house)
        shared.holders[one] = PID
        running = asyncio.create_task(house.accounts.refresh(one))
        await house.told(events.RefreshWaiting)
        waiting = house.of(events.RefreshWaiting)[-1]
        assert waiting.resumes_at is None
        assert f"process {PID}" in waiting.reason
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()
        await quiet(house)
        assert shared.holders == {one: PID}
        assert house.server.journal.count("/12/") == 0


async def test_a_new_token_does_not_wait_for_the_refresh_with_the_old_one(
    open_house: OpenHouse,
) -> None:
    shared = Shared()
    async with open_house(claims=lambda: FakeClaims(shared), time=Clockwork(still=True)) as house:
        app = await house.add_app()
        first = await house.connect(app, "contoso")
        old = asyncio.create_task(house.accounts.refresh(first.id))
        await asyncio.to_thread(house.server.journal.wait_for, 3, "/12/")
        again = await house.connect(app, "contoso")
        await house.accounts.refresh(again.id)
        await asyncio.wait([old])
        assert not house.of(events.RefreshWaiting)
        await quiet(house)
        assert shared.holders == {}


async def test_what_another_process_took_away_or_added_is_shown(open_house: OpenHouse) -> None:
    shared = Shared()
    async with open_house(claims=lambda: FakeClaims(shared)) as here:
        server, world = here.server, here.server.world
        one = await connected(here)
        person = world.person_named("agency_ops")
        assert person is not None
        late, gone = world.account_id(3), world.account_id(7)
        server.faults.remove_access(person, late)
        await here.accounts.refresh(one)
        server.faults.remove_access(person, gone)
        server.faults.set_permissions(person, late, "ANALYST")
        async with open_house(server=server, claims=lambda: FakeClaims(shared, PID)) as there:
            await there.accounts.refresh(one)
            await quiet(there)
        here.events.clear()
        await here.accounts.refresh(one)
        removed = [id_ for e in here.of(events.EntriesRemoved) for id_ in e.account_ids]
        assert removed == [gone]
        saved = {x.account.id for e in here.of(events.EntriesSaved) for x in e.entries}
        assert late in saved
        assert gone not in saved
        assert server.journal.statuses().get(429, 0) == 0


async def test_who_waited_takes_over_what_was_fetched_without_asking(
    open_house: OpenHouse,
) -> None:
    shared = Shared()
    async with open_house(claims=lambda: FakeClaims(shared), time=Clockwork()) as here:
        server = here.server
        one = await connected(here)
        there_claims = FakeClaims(shared, PID)
        async with open_house(server=server, claims=lambda: there_claims) as there:
            running = asyncio.create_task(there.accounts.refresh(one))
            await asyncio.to_thread(server.journal.wait_for, 3, "/12/")
            await here.accounts.refresh(one)
            await running
        assert server.journal.count("/12/") == 59
        saved = {x.account.id for e in here.of(events.EntriesSaved) for x in e.entries}
        assert len(saved) == 29
        assert here.of(events.RefreshEnded)[-1].error is None
        assert here.of(events.RefreshWaiting)[-1].reason == ""
        assert here.accounts.roster.connection(one).checked_at is not None


async def test_a_connection_that_another_process_removes_is_not_asked_about_for_long(
    open_house: OpenHouse,
) -> None:
    async with open_house(accounts=300) as house:
        one = await connected(house)
        house.server.faults.add(Kind.LATENCY, "/12/accounts/", times=0, seconds=0.05)
        running = asyncio.create_task(house.accounts.refresh(one))
        await asyncio.to_thread(house.server.journal.wait_for, 20, "/12/")
        await house.index.run(lambda d: d.remove_connection(one))
        with pytest.raises(NotFoundError):
            await running
        assert house.server.journal.count("/12/") < 100
        assert (await house.accounts.load()).connections == ()
