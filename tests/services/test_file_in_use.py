"""No backup, report or hand-over takes the place of the KeePass file in use."""

from __future__ import annotations

from pathlib import Path

import pytest

from adwarden.domain.errors import InputError, KeychainError
from adwarden.domain.model import FILE
from adwarden.domain.report import Scope
from adwarden.domain.secret import Secret
from adwarden.services.handing_over import Draft
from adwarden.services.handover.formats import Options
from adwarden.services.roster import entry_of
from adwarden.storage import settings as known
from adwarden.storage.report_file import ExistsError
from tests.services.conftest import House, OpenHouse
from tests.services.handover.keys import FOUR
from tests.storage.keepass_parts import PASSWORD

SESAME = Secret("a long password for backups")


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


async def ways(house: House, path: Path) -> None:
    """Hold that none of the ways out writes there, nor calls it a file that may be replaced."""
    accounts = house.accounts
    over = accounts.handing_over
    before = content(path)
    drafted = Draft(path, Secret("X=1"), "X=1", None, exists=True, warnings=())
    for replace in (False, True):
        for writing in (
            accounts.backup.write(path, SESAME, replace=replace),
            accounts.reports.write(path, "csv", Scope(), stale_after=1.0, replace=replace),
            over.draft(FOUR, "env", path, Options()),
            over.draft(FOUR, "json", path, Options()),
            over.write(drafted, replace=replace),
        ):
            with pytest.raises(InputError, match="KeePass file in use") as caught:
                await writing
            assert not isinstance(caught.value, ExistsError)
    assert content(path) == before


async def test_nothing_is_written_over_it_open_locked_or_gone(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    folder = tmp_path / "v"
    folder.mkdir()
    path = folder / "team.kdbx"
    async with open_house() as house:
        await house.accounts.vault_file.create(path, PASSWORD)
        house.settings.set(known.VAULT_PLACE, FILE)
        await house.add_app()
        (tmp_path / "soft.kdbx").symlink_to(path)
        (tmp_path / "hard.kdbx").hardlink_to(path)
        around = folder / ".." / "v" / "team.kdbx"
        for one in (path, around, tmp_path / "soft.kdbx", tmp_path / "hard.kdbx"):
            await ways(house, one)
        server = house.server
    async with open_house(server=server) as house:  # and nobody has unlocked it yet
        for one in (path, around):
            await ways(house, one)
        path.unlink()
        await ways(house, path)
        assert not path.exists()
        await house.accounts.vault_file.forget()
        done = await house.accounts.reports.write(path, "csv", Scope(), stale_after=1.0)
        assert done == 0


async def test_a_backup_is_not_taken_for_it(open_house: OpenHouse, tmp_path: Path) -> None:
    """It has all the names that the file has, so that what came later would be out of reach."""
    path, saved = tmp_path / "team.kdbx", tmp_path / "backup.kdbx"
    async with open_house() as house:
        vault_file = house.accounts.vault_file
        await vault_file.create(path, PASSWORD)
        house.settings.set(known.VAULT_PLACE, FILE)
        app = await house.add_app()
        await house.accounts.backup.write(saved, SESAME)
        for _ in range(2):
            with pytest.raises(KeychainError, match="is a backup") as caught:
                await vault_file.use(saved, SESAME)
            assert "Restore" in caught.value.remedy
            assert vault_file.path == path
            assert (await house.places.get(*entry_of(app))).facts["label"] == app.label
            await vault_file.forget()  # then nothing has to be in it
            await vault_file.use(path, PASSWORD)
        await vault_file.forget()
        with pytest.raises(KeychainError, match="is a backup"):
            await vault_file.use(saved, SESAME)
        assert vault_file.path is None


async def test_the_head_of_a_backup_is_no_entry_of_a_place(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    """Somebody may have copied a backup to where the file is."""
    path = tmp_path / "team.kdbx"
    async with open_house() as house:
        vault_file = house.accounts.vault_file
        await vault_file.create(path, PASSWORD)
        house.settings.set(known.VAULT_PLACE, FILE)
        await house.add_app()
        await house.accounts.backup.write(tmp_path / "backup.kdbx", SESAME)
        await vault_file.lock()
        (tmp_path / "backup.kdbx").replace(path)
        await vault_file.enter(SESAME)
        found = await house.accounts.survey.look(FILE)
        assert (found.entries, found.missing, found.orphans) == (1, 0, ())
