"""The day on which X approved an app: kept by itself, whatever else waits for the app."""

from __future__ import annotations

import asyncio

import pytest
from keyring.errors import KeyringLocked

from adwarden.domain.errors import NotFoundError
from adwarden.services import events
from adwarden.services.roster import entry_of
from adwarden.storage.directory import Directory
from tests.services.conftest import OpenHouse
from tests.services.test_dropping import edit, in_entry, seen, with_both
from tests.services.test_removing import steps

DAY = 1_700_000_000.0


async def test_a_secret_that_is_to_go_goes_all_the_same(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await with_both(house)
        await house.accounts.recover()
        name = entry_of(house.accounts.roster.app(app.id))
        await house.index.run(lambda d: d.begin_pending("drop", *name, replaces="client_secret"))
    async with open_house() as house:
        # The keychain is locked at this start.
        house.backend.failures.update(get=KeyringLocked("x"), set=KeyringLocked("x"))
        told = await house.accounts.note_approval(app.id, DAY)
        assert told.approved_at == DAY
        assert await steps(house) == ["drop"]
        house.backend.failures.clear()
        await house.accounts.recover()
        assert await in_entry(house) == {"bearer"}
        assert seen(house) == ("bearer",)
        assert (await house.index.run(Directory.snapshot)).apps[0].approved_at == DAY


async def test_an_app_that_is_to_go_goes_all_the_same(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.accounts.recover()
        name = entry_of(app)
        await house.index.run(lambda d: d.begin_pending("delete", *name))
    async with open_house() as house:
        house.backend.failures.update(get=KeyringLocked("x"), set=KeyringLocked("x"))
        await house.accounts.note_approval(app.id, DAY)
        assert await steps(house) == ["delete"]
        house.backend.failures.clear()


async def test_nothing_else_of_the_app_is_written(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.gate.clear()
        editing = asyncio.create_task(edit(house, app, label="Renamed", note="A note"))
        await asyncio.to_thread(house.backend.entered.wait, 10)
        noting = asyncio.create_task(house.accounts.note_approval(app.id, DAY))
        house.backend.gate.set()
        await asyncio.gather(editing, noting)
        (stored,) = (await house.index.run(Directory.snapshot)).apps
        now = house.accounts.roster.app(app.id)
        for one in (stored, now, house.of(events.AppSaved)[-1].app):
            assert (one.label, one.note, one.approved_at) == ("Renamed", "A note", DAY)
        kept = await house.places.get(*entry_of(now))
        assert (kept.facts["label"], kept.facts["approved"]) == ("Renamed", "1700000000")


async def test_an_app_that_is_gone_has_no_day(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.index.run(lambda d: d.remove_app(app.id))
        with pytest.raises(NotFoundError):
            await house.accounts.note_approval(app.id, DAY)
