"""What a window shows first of a large index: the first rows, and how many there are in all.

Reading thousands of ad accounts takes longer than everything else of a start; nobody can see
them all at once.
"""

from __future__ import annotations

import sqlite3
from types import MappingProxyType

from adwarden.domain.model import Connection, Snapshot
from adwarden.storage import rows

FIRST = 60
"""Rows that a window shows at most before anybody scrolls."""

WHOLE = 300
"""Ad accounts up to which the whole index is read at once."""

_NAME = "CASE WHEN json_valid(account) THEN lower(json_extract(account, '$[1]')) END"
_OF_ONE = f"SELECT * FROM entry WHERE connection_id=? ORDER BY {_NAME}, account_id LIMIT ?"  # noqa: S608 - no value of anybody's
_OF_ALL = f"""SELECT * FROM entry WHERE account_id IN
    (SELECT account_id FROM entry GROUP BY account_id ORDER BY min({_NAME}) LIMIT ?)"""  # noqa: S608


def first_rows(db: sqlite3.Connection, *, by_account: bool) -> Snapshot | None:
    """Return the beginning of the tree, or ``None`` where the whole is small.

    The order of names is nearly the tree's (SQLite folds ASCII only): a row that is missing at
    first comes with the rest.
    """
    counts = dict(db.execute("SELECT connection_id, count(*) FROM entry GROUP BY connection_id"))
    if sum(counts.values()) <= WHOLE:
        return None
    total = db.execute("SELECT count(DISTINCT account_id) FROM entry").fetchone()[0]
    apps = tuple(map(rows.app_from, db.execute("SELECT * FROM app ORDER BY added_at, id")))
    found = db.execute("SELECT * FROM connection ORDER BY authorized_at, id")
    connections = tuple(map(rows.connection_from, found))
    if by_account:
        taken = db.execute(_OF_ALL, (FIRST,)).fetchall()
    else:
        taken = []
        for one in sorted(connections, key=_by_handle):
            if len(taken) < FIRST and one.id in counts:
                taken += db.execute(_OF_ONE, (one.id, FIRST)).fetchall()
    entries, _ = rows.entries_from(taken)
    shown = {connection_id: tuple(some) for connection_id, some in entries.items()}
    return Snapshot(
        apps, connections, MappingProxyType(shown), MappingProxyType(counts), int(total)
    )


def _by_handle(connection: Connection) -> tuple[str, str]:
    return (connection.handle.casefold(), connection.id)
