"""After a change of the KeePass file somebody looks whether another program wrote over it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.services import looking_back
from adwarden.services.events import KeychainChanged
from adwarden.services.looking_back import LookingBack
from adwarden.services.roster import entry_of
from tests.services.conftest import OpenHouse
from tests.storage.keepass_parts import PASSWORD, content_of, place_of

SOON = (0.01, 0.02)


async def test_it_looks_at_each_of_the_times_after_the_last_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking_back, "AFTER", SOON)
    looks, twice = [0], asyncio.Event()

    async def look() -> None:
        looks[0] += 1
        if looks[0] == len(SOON):
            twice.set()
        # Whoever needs the file hears of it; here nobody does.
        raise KeychainError(ErrorCode.KEYCHAIN_FAILED, "gone", "", "")

    back = LookingBack(look)
    for _ in range(20):
        back.begin()
    await asyncio.wait_for(twice.wait(), 5)
    assert looks == [len(SOON)]
    back.close()


async def test_after_closing_it_looks_no_more() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def look() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    back = LookingBack(look)
    back._start()
    await begun.wait()
    back.close()
    await asyncio.wait_for(ended.wait(), 5)
    back.begin()
    assert back._planned == []


async def test_a_token_that_another_program_overwrote_is_back_before_anybody_needs_it(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_back, "AFTER", (0.2,))
    async with open_house() as house:
        app = await house.add_app()
        kept = await house.connect(app, "contoso")
        path = tmp_path / "team.kdbx"
        await house.accounts.vault_file.create(path, PASSWORD)
        before = path.read_bytes()
        await house.accounts.moving.move(FILE)
        (kept,) = house.accounts.roster.connections
        house.events.clear()
        path.write_bytes(before)  # as KeePassXC does, which had read it before
        while not any(isinstance(e, KeychainChanged) and e.place == FILE for e in house.events):
            await house.told(KeychainChanged)
        other = place_of(tmp_path)
        other.open(PASSWORD)
        assert kept.entry in {name.service for name in other.names()}
        await house.places.get(*entry_of(kept))


async def test_a_change_takes_over_what_the_file_has_of_the_old_entry(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        kept = await house.connect(app, "contoso")
        path = tmp_path / "team.kdbx"
        await house.accounts.vault_file.create(path, PASSWORD)
        await house.accounts.moving.move(FILE)
        # What comes from another place has no past here.
        assert content_of(path).tree.getroot().find(".//History") is None
        await house.accounts.apps.name_connection(kept.id, label="Europe", note="ask Jo")
        app = house.accounts.roster.apps[0]
        await house.accounts.rewriting.rewrite_app(app, label="Another name")
        states = content_of(path).tree.getroot().findall(".//History/Entry")
        assert len(states) == 2
        other = place_of(tmp_path)
        other.open(PASSWORD)
        assert len(other.names()) == 2
        other.lock()
        await house.accounts.moving.move(KEYCHAIN)
        assert content_of(path).tree.getroot().find(".//Entry") is None
