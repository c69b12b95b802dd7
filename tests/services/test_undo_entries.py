"""An entry that nothing lists is deleted ten seconds after a person has said so, and not before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from keyring.errors import PasswordDeleteError

from adwarden.domain.errors import KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, Credential
from adwarden.services.events import RemovalKind, Stage
from adwarden.services.survey import Orphan
from adwarden.services.undoing import UNDO_SECONDS
from adwarden.storage.directory import Directory
from adwarden.storage.keychain_status import EntryName
from tests.fakes.keychain import token
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_removing import at, steps
from tests.services.test_vault_file import names_in, with_file
from tests.storage.keepass_parts import PASSWORD

NAME = ("Adwarden · Lost · 00000009", "@lost")


async def stray(house: House) -> Orphan:
    """Leave an entry that nothing lists."""
    await house.places.put(*NAME, KEYCHAIN, token())
    (found,) = (await house.accounts.survey.look(KEYCHAIN)).orphans
    return found


async def test_it_waits_and_can_be_undone(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        survey = house.accounts.survey
        orphan = await stray(house)
        survey.delete(orphan)
        survey.delete(orphan)
        (removal,) = house.accounts.removing.waiting
        assert (removal.kind, removal.name) == (RemovalKind.ENTRY, orphan.name)
        (going,) = (await survey.look(KEYCHAIN)).orphans
        assert going.going == removal
        time.pass_time(UNDO_SECONDS - 1)
        await asyncio.sleep(0)
        assert NAME in house.backend.entries
        assert not await steps(house)
        assert await house.accounts.removing.undo(removal.id)
        assert (await survey.look(KEYCHAIN)).orphans == (orphan,)
        time.pass_time(UNDO_SECONDS)
        await asyncio.sleep(0)
        assert NAME in house.backend.entries


async def test_after_ten_seconds_it_is_gone(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        house.accounts.survey.delete(await stray(house))
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert NAME not in house.backend.entries
        assert (await house.accounts.survey.look(KEYCHAIN)).orphans == ()
        assert not await steps(house)


async def test_quitting_deletes_it_or_the_next_start_does(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        house.accounts.survey.delete(await stray(house))
        await house.accounts.close()
        assert NAME not in house.backend.entries
    async with open_house(time=HandClock()) as house:
        house.accounts.survey.delete(await stray(house))
        house.backend.gate.clear()
        closing = asyncio.create_task(house.accounts.close())
        await closing
        house.backend.gate.set()
    async with open_house() as house:
        await house.accounts.recover()
        assert NAME not in house.backend.entries
        assert not await steps(house)


async def test_one_that_is_listed_meanwhile_by_another_process_stays(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        orphan = await stray(house)
        house.accounts.survey.delete(orphan)
        await at(house, Stage.WAITING)
        listed = replace(one, id="other", user_id="7", screen_name="lost", entry=NAME[0])
        await house.index.run(lambda d: Directory.replace_connection(d, listed))
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.UNDONE)
        assert NAME in house.backend.entries


async def test_a_place_that_deletes_nothing_has_it_shown_again(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        orphan = await stray(house)
        house.accounts.survey.delete(orphan)
        await at(house, Stage.WAITING)
        house.backend.failures["delete"] = PasswordDeleteError("no")
        time.pass_time(UNDO_SECONDS)
        failed = await at(house, Stage.FAILED)
        assert (await house.accounts.survey.look(KEYCHAIN)).orphans == (orphan,)
        assert not await steps(house)
        house.backend.failures.clear()
        await house.accounts.removing.again(failed.removal.id)
        await at(house, Stage.WAITING, 2)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert NAME not in house.backend.entries


async def test_an_entry_of_a_file_is_deleted_in_that_file_or_not_at_all(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        team = await with_file(house, tmp_path)
        await house.places.put(*NAME, FILE, token())
        (orphan,) = (await house.accounts.survey.look(FILE)).orphans
        house.accounts.survey.delete(orphan)
        await at(house, Stage.WAITING)
        await house.accounts.vault_file.create(tmp_path / "other.kdbx", PASSWORD)
        await house.places.put(*NAME, FILE, token())
        time.pass_time(UNDO_SECONDS)
        failed = await at(house, Stage.FAILED)
        assert failed.error is not None
        assert "team.kdbx" in failed.error.message
        # Nor with another try, nor with the end of the program.
        await house.accounts.removing.again(failed.removal.id)
        await at(house, Stage.WAITING, 2)
        with pytest.raises(KeychainError):
            await house.accounts.close()
        assert EntryName(*NAME) in names_in(team, tmp_path)
        assert EntryName(*NAME) in names_in(tmp_path / "other.kdbx", tmp_path)
    async with open_house() as house:
        assert not await steps(house)


async def test_what_is_on_its_way_is_not_taken_over_and_that_is_said(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.accounts.recover()
        found = token()
        found = Credential(found.kind, found.secrets, {**found.facts, "app": app.id})
        await house.places.put(*NAME, KEYCHAIN, found)
        (orphan,) = (await house.accounts.survey.look(KEYCHAIN)).orphans
        await house.index.run(lambda d: d.begin_pending("delete", *NAME))
        with pytest.raises(KeychainError, match="on its way"):
            await house.accounts.survey.take_over(orphan)
        assert not house.accounts.roster.connections
