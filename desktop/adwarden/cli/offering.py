"""What a shell offers where a connection or an ad account is to be named.

Its script asks at each press of Tab: the index alone is read, and whatever is wrong with that,
nothing is offered and nothing is said, as the words would land in the middle of a command line.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing takes milliseconds
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

CONNECTIONS, ACCOUNTS = "connections", "accounts"
_PATIENCE = 0.3
"""Seconds that another process may hold the index."""

_MOST = 1_000
"""Ad accounts; nobody reads more, and a shell takes its time for each."""

_CONNECTIONS = """SELECT connection.id, screen_name, user_id, app.label
    FROM connection JOIN app ON app.id = app_id ORDER BY authorized_at, connection.id"""
_ACCOUNTS = """SELECT account_id, MIN(json_extract(account, '$[1]')) FROM entry
    WHERE substr(account_id, 1, length(?1)) = ?1 GROUP BY account_id ORDER BY 2, 1 LIMIT ?2"""


def offer(folder: str, words: Sequence[str]) -> int:
    """Print a name and, after a tab, what it is in words, one a line; returns 0.

    ``words`` are the kind of names and what they begin with; ``folder`` is the data folder.
    """
    kind, start = (*words, "", "")[:2]
    for name, about in _read(os.path.join(folder, "directory.sqlite3"), kind, start):  # noqa: PTH118
        print(f"{name}\t{_plain(about)}")
    return 0


def _read(index: str, kind: str, start: str) -> list[tuple[str, str]]:
    import sqlite3

    from adwarden.cli.quick import OWNER, address_of

    if not os.path.isfile(index):  # noqa: PTH113
        return []
    try:
        db = sqlite3.connect(address_of(index, "ro"), uri=True, timeout=_PATIENCE)
    except sqlite3.Error:
        return []
    try:
        if db.execute("PRAGMA application_id").fetchone()[0] != OWNER:
            return []
        found = _accounts(db, start) if kind == ACCOUNTS else _connections(db)
        # What could end a line, or steer a terminal, is offered by nothing.
        return [(name, about) for name, about in found if name.isprintable()]
    except (sqlite3.Error, UnicodeError, TypeError, AttributeError):
        return []
    finally:
        db.close()


def _accounts(db: sqlite3.Connection, start: str) -> Iterator[tuple[str, str]]:
    for one, name in db.execute(_ACCOUNTS, (start, _MOST)):
        yield one, name or ""


def _connections(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Return each by its handle, with its app's name or by its id where that is not enough."""
    rows = [
        (one, f"@{name}" if name else user_id, label)
        for one, name, user_id, label in db.execute(_CONNECTIONS)
    ]
    handles = [handle.casefold() for _, handle, _ in rows]
    named = [f"{handle}/{label}".casefold() for _, handle, label in rows]
    for one, handle, label in rows:
        longer = f"{handle}/{label}"
        if handles.count(handle.casefold()) == 1 and handle.isprintable():
            yield handle, label
        elif named.count(longer.casefold()) == 1 and longer.isprintable():
            yield longer, label
        else:
            yield one, longer


def _plain(text: str) -> str:
    from adwarden.cli.tree_lines import shown

    return shown(text)
