from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import pytest

from adwarden.storage import schema
from adwarden.storage.directory import DamagedError, Directory
from adwarden.storage.paths import DataFolder


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_the_known_checksum_is_that_of_what_the_migrations_make() -> None:
    made = "\n".join(schema.expected_definitions()).encode()
    assert hex(zlib.crc32(made)) == hex(schema.KNOWN), "a migration needs its number in KNOWN"


def test_a_start_makes_no_tables_anew_to_look_at_them(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    Directory.open(folder)[0].close()
    monkeypatch.setattr(schema, "expected_definitions", lambda: pytest.fail("made anew"))
    opened, problem = Directory.open(folder)
    assert problem is None
    opened.close()


def test_a_sqlite_that_writes_definitions_in_another_way_is_asked_for_its_own(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    Directory.open(folder)[0].close()
    monkeypatch.setattr(schema, "KNOWN", schema.KNOWN ^ 1)
    opened, problem = Directory.open(folder)
    assert problem is None
    opened.close()


def test_tables_of_others_are_refused_either_way(folder: DataFolder) -> None:
    Directory.open(folder)[0].close()
    db = sqlite3.connect(folder.directory)
    db.execute("CREATE TABLE stranger (id TEXT)")
    db.close()
    with pytest.raises(DamagedError, match="damaged"):
        schema.open_database(folder.directory, 1.0)
