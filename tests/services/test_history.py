from __future__ import annotations

import asyncio
from functools import partial

import pytest

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import AccountEntry, Connection
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services import events
from adwarden.services.history import PAGE, Wanted
from adwarden.storage.directory import Directory
from adwarden.storage.history import DAY
from tests.services.conftest import House, OpenHouse

ALL = Wanted()


async def words(house: House, wanted: Wanted = ALL) -> list[str]:
    page = await house.accounts.history.page(wanted)
    return [one.change.words for one in page.changes]


async def connected(house: House, handle: str = "northwind_ads") -> Connection:
    """Connect, fetch everything once, and count that as seen."""
    connection = await house.connect(await house.add_app(), handle)
    await house.accounts.refresh(connection.id)
    await house.accounts.history.visit()
    return connection


async def test_a_first_refresh_is_one_change_and_no_news(open_house: OpenHouse) -> None:
    async with open_house() as house:
        connection = await connected(house)
        reached = len((await house.accounts.load()).entries[connection.id])
        assert reached > 1
        assert await words(house) == [
            f"@northwind_ads is connected and reaches {reached} ad accounts"
        ]
        await house.accounts.refresh(connection.id)
        assert len(await words(house)) == 1
        assert await house.accounts.history.begin(365) == ()
        await house.told(events.HistoryCounted)
        assert all(not counted.unseen for counted in house.of(events.HistoryCounted))


async def test_what_x_takes_away_is_found_told_and_survives_a_restart(
    open_house: OpenHouse,
) -> None:
    server = PracticeServer(make_world(seed=5))
    server.start()
    async with open_house(server=server) as house:
        connection = await connected(house)
        person = server.world.person_named("northwind_ads")
        assert person is not None
        first, second, *_ = (await house.accounts.load()).entries[connection.id]
        assert first.access is not None
        server.faults.set_permissions(person, first.account.id, "SOMETHING_NEW")
        server.faults.remove_access(person, second.account.id)
        await house.accounts.refresh(connection.id)
        found = set(await words(house, Wanted(unseen=True)))
        assert found == {
            f"@northwind_ads got SOMETHING_NEW on {first.account.name}",
            f"@northwind_ads no longer reaches {second.account.name}",
            *(
                f"@northwind_ads lost {permission} on {first.account.name}"
                for permission in first.access.permissions
            ),
        }
        await house.told(events.HistoryGrew)
        server.faults.revoke(server.world.apps[0], person)
        with pytest.raises(AdwardenError):
            await house.accounts.refresh(connection.id)
        assert (await words(house))[0].startswith("@northwind_ads revoked access to ")
        assert second.account.name in " ".join(await words(house))
    async with open_house(server=server) as house:
        again = await house.accounts.history.begin(365)
        lost = [one.change.words for one in again]
        assert f"@northwind_ads no longer reaches {second.account.name}" in lost
        await house.told(events.HistoryCounted)
        assert house.of(events.HistoryCounted)[-1].unseen == {connection.id: len(found) + 1}
        await house.accounts.endings.connection(connection.id, revoke=False)
        assert (await words(house))[0].startswith("@northwind_ads was disconnected")
        assert len(await words(house, Wanted(connection_id=connection.id))) > 3
    server.stop()


async def test_a_part_that_fails_is_no_loss(open_house: OpenHouse) -> None:
    async with open_house() as house:
        connection = await connected(house)
        house.server.faults.add(Kind.ERROR, path="/12/accounts/", times=0, status=403)
        await house.accounts.refresh(connection.id)
        entries = (await house.accounts.load()).entries[connection.id]
        assert any(entry.access_error for entry in entries)
        assert await words(house, Wanted(unseen=True)) == []


async def test_a_cut_refresh_that_goes_on_tells_each_change_once(open_house: OpenHouse) -> None:
    async with open_house(accounts=40) as house:
        connection = await connected(house, "agency_ops")
        person = house.server.world.person_named("agency_ops")
        assert person is not None
        entries = (await house.accounts.load()).entries[connection.id]
        for entry in entries:
            house.server.faults.set_permissions(person, entry.account.id, "NEW_ONE")

        def stop(event: events.Event) -> None:
            if isinstance(event, events.RefreshProgress) and event.done > 2:
                house.accounts.cancel_refresh()

        unsubscribe = house.accounts.subscribe(stop)
        house.server.faults.add(Kind.LATENCY, path="/12/accounts/", times=0, seconds=0.02)
        with pytest.raises(asyncio.CancelledError):
            await house.accounts.refresh(connection.id)
        unsubscribe()
        cut = len(await words(house, Wanted(kinds=("permission-gained",))))
        assert 0 < cut < len(entries)
        house.server.faults.clear()
        await house.accounts.refresh(connection.id)
        found = await words(house, Wanted(kinds=("permission-gained",)))
        assert len(found) == len(set(found)) == len(entries)


def _flicker(directory: Directory, connection_id: str, entry: AccountEntry) -> None:
    directory.remove_entries(connection_id, [entry.account.id])
    directory.save_entries(connection_id, [entry])


async def test_pages_and_retention(open_house: OpenHouse) -> None:
    async with open_house(accounts=60) as house:
        connection = await connected(house)
        entries = (await house.accounts.load()).entries[connection.id]
        many = [entry for _ in range(40) for entry in entries]
        for entry in many:  # lost and gained, again and again
            await house.index.run(partial(_flicker, connection_id=connection.id, entry=entry))
        first = await house.accounts.history.page(ALL)
        assert len(first.changes) == PAGE
        assert first.more
        assert first.total == 2 * len(many) + 1
        rest = await house.accounts.history.page(ALL, before=first.changes[-1].id)
        assert rest.changes[0].id == first.changes[-1].id - 1
        assert await house.accounts.history.begin(365)
        await house.index.run(lambda d: setattr(d, "_clock", lambda: 4e9 + 400 * DAY))
        assert await house.accounts.history.begin(365) == ()
        assert (await house.accounts.history.page(ALL)).total == 0
