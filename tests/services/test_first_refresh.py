"""What a new token reaches is fetched, also when the program ends right after it was kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import ConnectionState
from adwarden.domain.secret import Secret
from adwarden.practice.faults import Kind
from adwarden.services import events
from adwarden.services.resuming import RESUMED
from adwarden.storage.directory import RefreshJob
from tests.services.clockwork import Clockwork
from tests.services.conftest import House, OpenHouse


async def jobs(house: House) -> tuple[RefreshJob, ...]:
    return await house.index.run(lambda d: d.jobs())


async def add(house: House, how: str) -> str:
    """Add a connection by a PIN or by a pasted token; nothing is refreshed by that."""
    app = await house.add_app()
    if how == "pin":
        return (await house.connect(app, "contoso")).id
    world = house.server.world
    person = world.person_named("contoso")
    assert person is not None
    token = house.server.faults.console_token(world.apps[0], person)
    pair = Secret(token.token), Secret(token.secret)
    return (await house.accounts.pasting.add(app.id, *pair)).id


@pytest.mark.parametrize("how", ["pin", "pasted"])
async def test_who_ends_right_after_connecting_finds_it_fetched_at_the_next_start(
    open_house: OpenHouse, how: str
) -> None:
    async with open_house(time=Clockwork()) as house:
        server = house.server
        connection_id = await add(house, how)
        connection = house.accounts.roster.connection(connection_id)
        (job,) = await jobs(house)
        assert (job.connection_id, job.entry, job.stopped) == (
            connection_id,
            connection.entry,
            False,
        )
    server.start()
    async with open_house(server=server, time=Clockwork()) as house:
        await house.accounts.resume_unfinished()
        snapshot = await house.accounts.load()
        assert snapshot.entries[connection_id]
        assert snapshot.connections[0].checked_at is not None
        assert await jobs(house) == ()
    server.stop()


async def test_a_week_later_it_is_fetched_all_the_same(open_house: OpenHouse) -> None:
    time = Clockwork()
    async with open_house(time=time) as house:
        connection_id = await add(house, "pin")
        (job,) = await jobs(house)
        old = replace(job, began_at=job.began_at - 7 * RESUMED)
        await house.index.run(lambda d: d.save_job(old))
        await house.accounts.resume_unfinished()
        assert (await house.accounts.load()).entries[connection_id]
        # What was fetched once is not fetched by itself again.
        house.server.journal.clear()
        await house.index.run(lambda d: d.save_job(old))
        await house.accounts.resume_unfinished()
        assert house.server.journal.count("/12/") == 0
        assert await jobs(house) == ()


async def test_a_refresh_that_follows_at_once_asks_for_nothing_twice(
    open_house: OpenHouse,
) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await add(house, "pin")
        house.server.journal.clear()
        await house.accounts.refresh(connection_id)
        asked = [entry.path for entry in house.server.journal.entries("/12/")]
        assert len(asked) == len(set(asked)) > 2
        await house.accounts.resume_unfinished()
        assert len(house.server.journal.entries("/12/")) == len(asked)


async def test_a_new_token_of_a_known_connection_is_fetched_with_too(
    open_house: OpenHouse,
) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await add(house, "pin")
        await house.accounts.refresh(connection_id)
        again = await house.connect(house.accounts.roster.apps[0], "contoso")
        assert again.id == connection_id
        (job,) = await jobs(house)
        assert job.entry == again.entry
        house.server.journal.clear()
        await house.accounts.resume_unfinished()
        calls = house.server.journal.entries("/12/")
        assert len(calls) == 1 + 2 * len((await house.accounts.load()).entries[connection_id])


@pytest.mark.parametrize("waits", ["for an answer", "for its turn"])
async def test_one_that_a_person_cancelled_stays_cancelled(
    open_house: OpenHouse, waits: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(time=Clockwork()) as house:
        server = house.server
        connection_id = await add(house, "pin")
        if waits == "for an answer":
            server.faults.add(Kind.LATENCY, "/12/accounts", times=0, seconds=5.0)
        else:
            never = asyncio.Event()

            class Turnstile:
                async def __aenter__(self) -> None:
                    await never.wait()

                async def __aexit__(self, *_: object) -> None:
                    """Nobody was let in."""

            gate = house.accounts._refreshing._one_at_a_time
            monkeypatch.setattr(gate, "turn", lambda _: Turnstile())
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        await house.told(events.RefreshProgress)
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=2)
        assert running.cancelled()
        await house.told(events.RefreshEnded)
        assert [job.stopped for job in await jobs(house)] == [True]
        server.faults.clear()
    server.start()
    server.journal.clear()
    async with open_house(server=server, time=Clockwork()) as house:
        await house.accounts.resume_unfinished()
        assert server.journal.count("/12/") == 0
    server.stop()


async def test_a_first_refresh_that_fails_is_tried_at_the_next_start(
    open_house: OpenHouse,
) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await add(house, "pin")
        house.server.faults.add(Kind.DROP, "/12/accounts", times=0)
        with pytest.raises(AdwardenError):
            await house.accounts.refresh(connection_id)
        house.server.faults.clear()
        await house.accounts.resume_unfinished()
        (saved,) = (await house.accounts.load()).connections
        assert (saved.state, saved.error) == (ConnectionState.WORKING, "")
        assert saved.checked_at is not None
