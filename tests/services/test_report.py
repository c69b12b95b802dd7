from __future__ import annotations

import csv
import io
import json
import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from adwarden.domain.errors import InputError, StorageError
from adwarden.domain.report import FORMATS, Scope
from adwarden.domain.report_text import BOM
from adwarden.services.report import pieces, report_of, save
from adwarden.storage.own_files import own_files
from adwarden.storage.paths import DIRECTORY_FILE
from adwarden.storage.report_file import ExistsError
from tests.services.conftest import House, OpenHouse
from tests.storage.folders import read_only, small_disk

DAY = 86_400.0


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_ino
        for path in folder.rglob("*")
        if not path.is_symlink() and "-wal" not in path.name and "-shm" not in path.name
    }


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


async def refused(house: House, path: Path, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        await house.accounts.reports.write(path, "csv", Scope(), stale_after=DAY, replace=True)
    assert caught.value.remedy
    assert caught.value.exit_code == 2


async def test_a_folder_is_no_file(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        await filled(house)
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
        for path in (tmp_path, tmp_path / "elsewhere", tmp_path / "link", tmp_path / "."):
            await refused(house, path, "A folder has this name")
        assert names(tmp_path / "elsewhere") == []


@pytest.mark.skipif(os.name == "nt", reason="there are no such files on Windows")
async def test_a_device_or_a_pipe_is_no_file(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        await filled(house)
        os.mkfifo(tmp_path / "pipe.csv")  # that nobody reads from: opening it would wait
        (tmp_path / "link.csv").symlink_to("/dev/null")
        (tmp_path / "stream.csv").symlink_to("/proc/self/fd/1")
        for path in (
            Path("/dev/null"), Path("/dev/full"), tmp_path / "pipe.csv", tmp_path / "link.csv",
            tmp_path / "stream.csv",
        ):  # fmt: skip
            await refused(house, path, "A report goes into a file")
        assert (tmp_path / "link.csv").is_symlink()
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116


OWN = (
    "directory.sqlite3", "directory.sqlite3-wal", "directory.sqlite3-shm",
    "directory.sqlite3-journal", "settings.ini", "instance.lock", "logs/adwarden.log", "logs",
    "locks/1.lock",
    "practice/directory.sqlite3", "Settings.INI", "../{folder}/settings.ini",
    "aside/../settings.ini", "linked/directory.sqlite3", "linked/instance.lock",
)  # fmt: skip


@pytest.mark.parametrize("name", OWN)
async def test_a_file_of_adwarden_s_own_is_never_touched(
    open_house: OpenHouse, tmp_path: Path, name: str
) -> None:
    """Nor made where there is none: the program would take it for its own."""
    async with open_house() as house:
        await filled(house)
        data = tmp_path
        (data / "aside").mkdir()
        (data / "linked").symlink_to(data)
        before = contents(data)
        await refused(house, data / name.format(folder=data.name), "Adwarden’s own|A folder has")
        assert contents(data) == before


@pytest.mark.parametrize("kind", ["soft", "hard", "soft to a folder"])
async def test_a_link_to_a_file_of_adwarden_s_own_is_no_way_to_it(
    open_house: OpenHouse, tmp_path: Path, kind: str
) -> None:
    async with open_house() as house:
        await filled(house)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        link, index = elsewhere / "report.csv", tmp_path / DIRECTORY_FILE
        if kind == "soft":
            link.symlink_to(index)
        elif kind == "hard":
            link.hardlink_to(index)
        else:
            (elsewhere / "folder").symlink_to(index.parent)
            link = elsewhere / "folder" / index.name
        await refused(house, link, "Adwarden’s own")
        assert (await house.accounts.load()).connections
        assert index.read_bytes().startswith(b"SQLite format 3")


async def test_practice_spares_the_files_around_it(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        snapshot = await house.accounts.load()
        made = report_of(snapshot, 1.0, DAY, frozenset())
        (tmp_path / "settings.ini").write_text("mine")
        practice = tmp_path / "practice"
        practice.mkdir(exist_ok=True)
        with pytest.raises(InputError, match="Adwarden’s own"):
            save(made, tmp_path / "settings.ini", "csv", replace=True, own=own_files(practice))
        assert (tmp_path / "settings.ini").read_text() == "mine"


async def test_a_folder_that_others_use_too_takes_reports(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await filled(house)
        for name in ("logs.csv", "practice 2026.csv", "report.csv"):
            file = tmp_path / name
            assert await house.accounts.reports.write(file, "csv", Scope(), stale_after=DAY)


async def test_a_link_is_replaced_and_not_followed(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        await filled(house)
        (tmp_path / "mine.txt").write_text("mine")
        link = tmp_path / "report.csv"
        link.symlink_to(tmp_path / "mine.txt")
        await house.accounts.reports.write(link, "csv", Scope(), stale_after=DAY, replace=True)
        assert (tmp_path / "mine.txt").read_text() == "mine"
        assert not link.is_symlink()


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
