"""Takes over from a damaged index what can still be read of it, row by row."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from adwarden.storage.schema import NOTE_REBUILD, READ_ERRORS

TABLES = (  # parents first
    "app", "connection", "entry", "rate_window", "pending", "lookup", "change", "change_seen",
    "refresh_job",
)  # fmt: skip


def salvage(damaged: Path, db: sqlite3.Connection) -> dict[str, int]:
    """Copy what a damaged file still gives, row by row; return the count for each table."""
    wanted = {table: _columns(db, table) for table in TABLES}
    readable = _readable_rows(damaged, wanted) if damaged.is_file() else {}
    db.execute("BEGIN IMMEDIATE")
    counts = {table: _insert(db, table, readable.get(table, [])) for table in TABLES}
    # As if nothing had been fetched yet: what could not be read must not look like access gained.
    db.execute("UPDATE connection SET checked_at=NULL")
    # Ids go on after those that could be read: what comes now must not count as seen.
    db.execute(
        "UPDATE change_seen SET change_id=min(change_id, (SELECT ifnull(max(id),0) FROM change))"
    )
    # Noted in the new index itself, so that whoever opens it next completes it: the keychain
    # knows apps and connections that could not be read here.
    db.execute(NOTE_REBUILD)
    db.execute("COMMIT")
    return counts


def _readable_rows(
    damaged: Path, wanted: dict[str, set[str]]
) -> dict[str, list[dict[str, object]]]:
    """Return each table's rows up to a damaged place; what comes after it cannot be reached."""
    found: dict[str, list[dict[str, object]]] = {table: [] for table in wanted}
    with (
        contextlib.suppress(*READ_ERRORS),
        contextlib.closing(
            sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
        ) as old,
    ):
        old.text_factory = lambda text: text.decode("utf-8", "replace")
        for table, names in wanted.items():
            with contextlib.suppress(*READ_ERRORS):
                columns = sorted(_columns(old, table) & names)
                query = f"SELECT {', '.join(columns)} FROM {table}"  # noqa: S608
                for row in old.execute(query) if columns else ():
                    found[table].append(dict(zip(columns, row, strict=True)))
    return found


def _insert(db: sqlite3.Connection, table: str, rows: list[dict[str, object]]) -> int:
    count = 0
    for row in rows:
        marks = ", ".join("?" * len(row))
        insert = f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608
        with contextlib.suppress(sqlite3.IntegrityError):  # of the wrong type, or no parent
            count += db.execute(insert, tuple(row.values())).rowcount
    return count


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
