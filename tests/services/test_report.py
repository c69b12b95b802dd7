from __future__ import annotations

import csv
import io
import json
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from adwarden.domain.errors import InputError, StorageError
from adwarden.domain.report import FORMATS, Scope
from adwarden.domain.report_text import BOM
from adwarden.services.report import pieces, report_of
from adwarden.storage.report_file import ExistsError
from tests.services.conftest import House, OpenHouse
from tests.storage.folders import read_only, small_disk

DAY = 86_400.0


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def filled(house: House) -> str:
    house.server.faults.limits.be_generous()
    app = await house.add_app()
    connection = await house.connect(app, "wingtip_toys")
    await house.accounts.refresh(connection.id)
    return connection.id


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_report_is_written_whole_and_for_its_owner_alone(
    open_house: OpenHouse, tmp_path: Path, kind: str
) -> None:
    async with open_house() as house:
        one = await filled(house)
        file = tmp_path / f"report.{kind}"
        rows = await house.accounts.reports.write(file, kind, Scope(), stale_after=DAY)
        known = (await house.accounts.load()).entries[one]
        assert rows == len(known) > 2
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        text = file.read_text("utf-8")
        for secret in house.backend.entries.values():
            for part in json.loads(secret).values():
                if isinstance(part, str) and len(part) > 20:
                    assert part not in text
        assert f"report.{kind}" in names(tmp_path)
        assert not [name for name in names(tmp_path) if name.endswith(".part")]


async def test_a_selection_is_written(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        one = await filled(house)
        account = (await house.accounts.load()).entries[one][0].account.id
        scope = Scope(accounts=frozenset({account}))
        file = tmp_path / "report.csv"
        assert await house.accounts.reports.write(file, "csv", scope, stale_after=DAY) == 1
        text = file.read_text("utf-8").removeprefix(BOM)
        lines = list(csv.reader(io.StringIO(text, newline="")))
        assert len(lines) == 2
        assert account in lines[1]


async def test_a_file_that_is_there_stays_unless_it_may_go(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await filled(house)
        file = tmp_path / "report.json"
        file.write_text("mine")
        write = house.accounts.reports.write
        with pytest.raises(ExistsError):
            await write(file, "json", Scope(), stale_after=DAY)
        assert file.read_text() == "mine"
        await write(file, "json", Scope(), stale_after=DAY, replace=True)
        assert json.loads(file.read_text())["report"] == "adwarden-access"


async def test_a_link_is_a_file_that_is_there(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        await filled(house)
        (tmp_path / "link.csv").symlink_to(tmp_path / "nowhere")
        with pytest.raises(ExistsError):
            await house.accounts.reports.write(
                tmp_path / "link.csv", "csv", Scope(), stale_after=DAY
            )


@pytest.mark.parametrize(
    ("name", "words"), [("no/such/x.csv", "is not there"), (f"{'x' * 300}.csv", "longer")]
)
async def test_what_cannot_be_written_is_said(
    open_house: OpenHouse, tmp_path: Path, name: str, words: str
) -> None:
    async with open_house() as house:
        await filled(house)
        with pytest.raises(StorageError, match=words) as caught:
            await house.accounts.reports.write(tmp_path / name, "csv", Scope(), stale_after=DAY)
        assert caught.value.remedy


async def test_a_folder_is_no_file(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        await filled(house)
        with pytest.raises(StorageError, match="A folder has this name"):
            await house.accounts.reports.write(
                tmp_path, "csv", Scope(), stale_after=DAY, replace=True
            )


async def test_a_full_disk_leaves_what_was_there(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        await filled(house)
        with small_disk(tmp_path / "disk") as disk:
            file = disk / "report.html"
            file.write_text("mine")
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as out, suppress(OSError):
                while out.write(b"x" * 4096):
                    pass
            with pytest.raises(StorageError, match="disk is full"):
                await house.accounts.reports.write(
                    file, "html", Scope(), stale_after=DAY, replace=True
                )
            assert file.read_text() == "mine"
            assert names(disk) == ["filler", "report.html"]


async def test_a_folder_that_may_not_be_written_in_is_said(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await filled(house)
        folder = tmp_path / "fixed"
        folder.mkdir()
        with read_only(folder), pytest.raises(StorageError, match="not allowed"):
            await house.accounts.reports.write(
                folder / "report.csv", "csv", Scope(), stale_after=DAY
            )


async def test_a_format_that_there_is_not_is_refused(open_house: OpenHouse) -> None:
    async with open_house() as house:
        snapshot = await house.accounts.load()
        with pytest.raises(InputError, match="No such format"):
            pieces(report_of(snapshot, 1.0, DAY, frozenset()), "pdf")
