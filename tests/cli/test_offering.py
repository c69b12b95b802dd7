"""What Tab offers: names by which a command finds exactly one, from the index alone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from adwarden.cli.choosing import choose_one
from adwarden.cli.offering import ACCOUNTS, CONNECTIONS, offer
from adwarden.cli.quick import NAMES
from adwarden.domain.model import Connection, ConnectionState
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from tests.storage.folders import read_only
from tests.test_cli import adwarden, fill


def offered(capsys: pytest.CaptureFixture[str], folder: Path, *words: str) -> dict[str, str]:
    assert offer(str(folder), words) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return dict(line.partition("\t")[::2] for line in told.out.splitlines())


def test_each_name_names_one_connection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path, "contoso", "northwind", "fabrikam")
    fill(tmp_path, "Contoso", "litware_jp", label="Other app", app_id="b1")
    fill(tmp_path, "fabrikam", label="agency app", app_id="d1")
    found = offered(capsys, tmp_path, CONNECTIONS)
    assert found == {
        "@contoso/Agency app": "Agency app",
        "@Contoso/Other app": "Other app",
        "@northwind": "Agency app",
        "@litware_jp": "Other app",
        "a1c2": "@fabrikam/Agency app",
        "d1c0": "@fabrikam/agency app",
    }
    directory, _ = Directory.open(DataFolder(tmp_path))
    snapshot = directory.snapshot()
    directory.close()
    chosen = [choose_one(snapshot, name).id for name in found]
    assert sorted(chosen) == sorted(one.id for one in snapshot.connections)


def test_what_could_steer_a_terminal_is_offered_by_its_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path, "contoso")
    directory, _ = Directory.open(DataFolder(tmp_path))
    directory.replace_connection(
        Connection("c9", "a1", "9", "x\n\x1b[31m", "entry", 3.0, ConnectionState.WORKING)
    )
    directory.close()
    found = offered(capsys, tmp_path, CONNECTIONS)
    assert list(found) == ["@contoso", "c9"]
    assert all(about.isprintable() for about in found.values())


def test_ad_accounts_by_what_was_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(tmp_path, "contoso", "northwind")
    assert offered(capsys, tmp_path, ACCOUNTS, "18") == {"18k3": "Northwind �[31mOutdoor"}
    assert offered(capsys, tmp_path, ACCOUNTS) == offered(capsys, tmp_path, ACCOUNTS, "18")
    assert offered(capsys, tmp_path, ACCOUNTS, "%") == {}


def test_whatever_is_wrong_nothing_is_offered_or_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offered(capsys, tmp_path / "none", CONNECTIONS) == {}
    index = tmp_path / "directory.sqlite3"
    index.write_bytes(b"no database" * 100)
    assert offered(capsys, tmp_path, CONNECTIONS) == {}
    index.unlink()
    sqlite3.connect(index).close()
    assert offered(capsys, tmp_path, CONNECTIONS) == {}
    assert [one.name for one in tmp_path.iterdir()] == ["directory.sqlite3"]


def test_a_folder_that_cannot_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path, "contoso")
    before = sorted(one.name for one in tmp_path.iterdir())
    with read_only(tmp_path):
        done = adwarden(NAMES, CONNECTIONS, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(one.name for one in tmp_path.iterdir()) == before


def test_the_folder_is_the_one_of_the_command_line(tmp_path: Path) -> None:
    fill(tmp_path / "practice", "contoso")
    command = [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path)]
    for more, told in ((["--practice"], "@contoso\tAgency app\n"), ([], "")):
        done = subprocess.run(
            [*command, *more, NAMES, CONNECTIONS], capture_output=True, text=True, check=True
        )
        assert (done.stdout, done.stderr) == (told, "")


def test_neither_the_keychain_nor_the_services_are_loaded_for_it(tmp_path: Path) -> None:
    fill(tmp_path, "contoso")
    script = (
        "import sys; from adwarden.__main__ import main\n"
        f"main(['--data-dir', {str(tmp_path)!r}, {NAMES!r}, {CONNECTIONS!r}])\n"
        "print(*sorted(one for one in sys.modules if one.startswith('adwarden')))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True
    )
    offer_line, loaded = done.stdout.splitlines()
    assert offer_line == "@contoso\tAgency app"
    assert loaded.split() == [
        "adwarden", "adwarden.__main__", "adwarden.cli", "adwarden.cli.offering",
        "adwarden.cli.quick", "adwarden.cli.tree_lines",
    ]  # fmt: skip
