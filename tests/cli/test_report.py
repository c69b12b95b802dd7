from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import adwarden, fill


def test_it_is_printed_in_each_format(tmp_path: Path) -> None:
    fill(tmp_path, "northwind", "contoso")
    table = adwarden("report", "--format", "csv", folder=tmp_path)
    assert table.returncode == 0
    lines = list(csv.reader(io.StringIO(table.stdout.removeprefix("\ufeff"))))
    assert len(lines) == 3
    assert "Northwind ␛[31mOutdoor" in lines[1]
    told = json.loads(adwarden("report", "--format", "json", folder=tmp_path).stdout)
    assert told["rows"][0]["ad_account"]["name"] == "Northwind \x1b[31mOutdoor"
    page = adwarden("report", "--format", "html", folder=tmp_path).stdout
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")


def test_one_connection_can_be_chosen(tmp_path: Path) -> None:
    fill(tmp_path, "northwind", "contoso")
    told = json.loads(adwarden("report", "--format", "json", "@contoso", folder=tmp_path).stdout)
    assert [row["connection"]["screen_name"] for row in told["rows"]] == ["contoso"]
    nobody = adwarden("report", "--format", "json", "@nobody", folder=tmp_path)
    assert nobody.returncode == 3
    assert "@contoso" in nobody.stderr


def test_a_file_that_is_there_stays_unless_it_is_forced(tmp_path: Path) -> None:
    fill(tmp_path, "northwind")
    file = tmp_path / "report.csv"
    command = ("report", "--format", "csv", "--output", str(file))
    first = adwarden(*command, folder=tmp_path)
    assert (first.returncode, first.stdout) == (0, "")
    assert "1 row written" in first.stderr
    again = adwarden(*command, folder=tmp_path)
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert adwarden(*command, "--force", folder=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("", "has no name"),
        ("  ", "has no name"),
        ("{folder}", "A folder has this name"),
        ("{folder}/new/", "names a folder"),
        ("{folder}/new/.", "names a folder"),
        (".", "A folder has this name"),
        ("{folder}/directory.sqlite3", "Adwarden’s own"),
        ("{folder}/settings.ini", "Adwarden’s own"),
        ("{folder}/new/../team.kdbx", "KeePass file in use"),
        ("/dev/null", "a device or a pipe"),
        ("/dev/full", "a device or a pipe"),
    ],
)
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_what_can_be_no_report_is_refused(
    tmp_path: Path, output: str, words: str, force: tuple[str, ...]
) -> None:
    fill(tmp_path, "northwind")
    (tmp_path / "settings.ini").write_text(f"[vault]\nfile={tmp_path}/team.kdbx\n")
    file = output.format(folder=tmp_path)
    done = adwarden("report", "--format", "csv", "--output", file, *force, folder=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "new").exists()
    assert "northwind" in adwarden("list", folder=tmp_path).stdout


@pytest.mark.parametrize("output", ["-", "/dev/stdout"])
def test_standard_output_has_a_name(tmp_path: Path, output: str) -> None:
    fill(tmp_path, "northwind")
    command = ("report", "--format", "json")
    named = adwarden(*command, "--output", output, "--force", folder=tmp_path)
    assert named.returncode == 0
    assert json.loads(named.stdout)["rows"]
    assert not (tmp_path / "-").exists()


def test_a_format_has_to_be_named(tmp_path: Path) -> None:
    assert adwarden("report", folder=tmp_path).returncode == 2
    assert adwarden("report", "--format", "pdf", folder=tmp_path).returncode == 2


def test_nothing_known_is_a_report_too(tmp_path: Path) -> None:
    done = adwarden("report", "--format", "json", folder=tmp_path)
    assert json.loads(done.stdout)["rows"] == []


def test_the_bytes_are_the_same_on_paper_and_on_a_narrow_terminal(tmp_path: Path) -> None:
    fill(tmp_path, "northwind", label="エージェンシー")
    narrow = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(tmp_path), "report",
         "--format", "csv"],
        capture_output=True, check=True, env={**os.environ, **narrow},
    )  # fmt: skip
    assert done.stdout.startswith(b"\xef\xbb\xbf")
    assert "エージェンシー".encode() in done.stdout
    assert done.stdout.count(b"\r\n") == 2
