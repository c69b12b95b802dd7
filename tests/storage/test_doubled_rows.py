"""One row for each user of an app and for each entry, also in an index that had two."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from adwarden.domain.model import AppAccess, Connection, XApp
from adwarden.storage.directory import Directory, PendingStep
from adwarden.storage.migrations import MIGRATIONS
from adwarden.storage.paths import DataFolder
from adwarden.storage.schema import APPLICATION_ID

BEFORE = 4
"""The last version that allowed two."""


def test_a_doubled_row_goes_and_a_shared_entry_stays(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    db = sqlite3.connect(folder.directory, isolation_level=None)
    for step in MIGRATIONS[:BEFORE]:
        for statement in step:
            db.execute(statement)
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={BEFORE}")
    db.execute("INSERT INTO app VALUES ('a', 'x', 'App', 'standard', 'keys', 1.0, NULL)")
    db.execute("INSERT INTO pending VALUES ('new', 'add', '@other', 3.0)")
    for id_, user, name, entry, at in (
        ("shared1", "1", "ann", "shared", 1.0),
        ("shared2", "1", "ann", "shared", 2.0),
        ("old", "2", "bob", "old entry", 1.0),
        ("newer", "2", "bob", "newer entry", 2.0),
        ("single", "3", "cy", "single", 1.0),
    ):
        db.execute(
            "INSERT INTO connection VALUES (?, 'a', ?, ?, ?, ?, 'working', NULL, '', '')",
            (id_, user, name, entry, at),
        )
    db.close()
    directory, problem = Directory.open(folder)
    assert problem is None
    found = {one.id: one.entry for one in directory.snapshot().connections}
    assert found == {"shared2": "shared", "newer": "newer entry", "single": "single"}
    assert directory.pending() == (
        PendingStep("delete", "old entry", "@bob", 0),
        PendingStep("add", "new", "@other", 3.0),
    )
    directory.close()


def test_a_user_whom_another_process_listed_is_listed_once(tmp_path: Path) -> None:
    directory, _ = Directory.open(DataFolder(tmp_path))
    directory.finish_pending("*")
    directory.save_app(XApp("a", "x", "App", AppAccess.STANDARD, "keys", 1.0))
    directory.replace_connection(Connection("c1", "a", "1", "ann", "theirs", 2.0))
    (step,) = directory.replace_connection(Connection("c2", "a", "1", "ann", "ours", 3.0))
    assert (step.kind, step.entry) == ("delete", "theirs")
    # The very same entry, found by two at once: it is not deleted with the row that goes.
    assert directory.replace_connection(Connection("c3", "a", "1", "ann", "ours", 3.0)) == ()
    assert [one.id for one in directory.snapshot().connections] == ["c3"]
    assert directory.pending() == (step,)
    directory.close()
