"""What has changed, in a table of the index: written with the rows it is about, read in pages.

A change refers to nothing: it stays, with the names of its time, when its connection goes.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adwarden.domain.model import AccountEntry, Connection
from adwarden.storage import rows
from adwarden.storage.database import Database

if TYPE_CHECKING:
    # Loaded by the first change or question: the last known state needs none of them.
    from adwarden.domain.changes import Change, Recorded, Source, Wanted

DAY = 86_400

_CHUNK = 500
"""Ad accounts asked for in one statement; SQLite takes some thousand values, older ones 999."""

_ADD = """INSERT INTO change (at, kind, tone, connection_id, account_id, subject, handle, app,
    name, detail, hay, loading) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"""
_READ = """SELECT id, at, kind, connection_id, account_id, subject, handle, app, name, detail
    FROM change"""
_SOURCE = """SELECT c.screen_name, c.user_id, a.label, c.checked_at FROM connection c
    JOIN app a ON a.id = c.app_id WHERE c.id=?"""
UNSEEN = "id > (SELECT coalesce(max(change_id), 0) FROM change_seen)"
"""What nobody has looked at yet, as a condition of SQL."""


class History(Database):
    """The part of the index that keeps changes; its owner tells it before rows are replaced."""

    def __init__(self, db: sqlite3.Connection, path: Path, clock: Callable[[], float]) -> None:
        super().__init__(db, path, clock)
        self._fresh: list[Recorded] = []  # of the transaction under way
        self._told: list[Recorded] = []

    def changes(self, wanted: Wanted, *, before: int = 0, count: int = 200) -> list[Recorded]:
        """Return at most ``count`` changes, newest first, older than the id ``before`` if given."""
        from adwarden.storage.history_query import condition

        where, values = condition(wanted, before)
        query = f"{_READ}{where} ORDER BY id DESC LIMIT ?"
        with self._reading() as db:
            return [_recorded(row) for row in db.execute(query, (*values, count))]

    def count_changes(self, wanted: Wanted) -> int:
        """Return how many changes there are of what is wanted."""
        from adwarden.storage.history_query import condition

        where, values = condition(wanted)
        with self._reading() as db:
            query = f"SELECT count(*) FROM change{where}"  # noqa: S608 - our own words
            number: int = db.execute(query, values).fetchone()[0]
            return number

    def unseen(self) -> dict[str, int]:
        """Return how much news there is of each connection since the last visit."""
        from adwarden.domain import changes as kinds

        marks = ",".join("?" * len(kinds.OWN_ACTS))
        query = f"""SELECT connection_id, count(*) FROM change
            WHERE {UNSEEN} AND kind NOT IN ({marks}) GROUP BY 1"""  # noqa: S608 - our own words
        with self._reading() as db:
            return dict(db.execute(query, kinds.OWN_ACTS).fetchall())

    def seen(self) -> int:
        """Return the id of the newest change that was there at the last visit."""
        with self._reading() as db:
            found = db.execute("SELECT coalesce(max(change_id), 0) FROM change_seen").fetchone()
            newest: int = found[0]
            return newest

    def mark_seen(self) -> None:
        """Count all there is as seen."""
        with self._changing() as db:
            newest = db.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
            db.execute("INSERT OR REPLACE INTO change_seen VALUES ('window', ?)", (newest,))

    def prune_changes(self, days: int) -> int:
        """Forget what is older than so many days; return how many changes that were."""
        oldest = self._clock() - days * DAY
        with self._reading() as db:
            if (
                db.execute("SELECT 1 FROM change WHERE at < ? LIMIT 1", (oldest,)).fetchone()
                is None
            ):
                return 0
        with self._changing(lasting=False) as db:
            return db.execute("DELETE FROM change WHERE at < ?", (oldest,)).rowcount

    def take_changes(self) -> list[Recorded]:
        """Return what was kept since the last call, oldest first; a row that grew comes again."""
        told, self._told = self._told, []
        return told

    # For the owner of the rows, inside its transactions

    @contextlib.contextmanager
    def _changing(self, *, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        self._fresh = []
        with super()._changing(lasting=lasting) as db:
            yield db
        # Only what is on the disk is told.
        self._told += self._fresh

    def _note_entries(
        self, connection_id: str, entries: Sequence[AccountEntry], new: Sequence[rows.Row]
    ) -> bool:
        """Keep how these differ from the rows that ``new`` will replace; False if nobody's."""
        from adwarden.domain import changes as kinds

        found = self._source_of(connection_id)
        if found is None:
            return False
        source, loading = found
        old = self._rows_of(connection_id, [entry.account.id for entry in entries])
        suspects = {}
        gained = 0
        for entry, row_of_it in zip(entries, new, strict=True):
            row = old.get(entry.account.id)
            if row is None:
                gained += 1
                if loading:
                    continue
            elif not _may_differ(row, row_of_it):
                continue
            suspects[entry.account.id] = entry
        before = _entries([old[id_] for id_ in suspects if id_ in old], connection_id)
        # A row that could not be read says nothing about what was known.
        after = {id_: e for id_, e in suspects.items() if id_ in before or id_ not in old}
        self._record(kinds.compare(source, before, after))
        if loading and gained:
            self._grow(connection_id, gained)
        return True

    def _note_gone(self, connection_id: str, account_ids: Iterable[str]) -> None:
        """Keep that these ad accounts are no longer reached."""
        from adwarden.domain import changes as kinds

        found = self._source_of(connection_id)
        if found is not None:
            old = self._rows_of(connection_id, list(account_ids))
            self._record(kinds.compare(found[0], _entries(list(old.values()), connection_id), {}))

    def _note_connection(self, connection: Connection, *, same_entry: bool = False) -> None:
        """Keep how the connection differs from its row; a new one is a change of its own.

        ``same_entry`` leaves out one that is gone or has got another token meanwhile.
        """
        from adwarden.domain import changes as kinds

        row = self._db.execute("SELECT * FROM connection WHERE id=?", (connection.id,)).fetchone()
        before = None if row is None else rows.connection_from(row)
        if same_entry and (before is None or before.entry != connection.entry):
            return
        label = self._db.execute(
            "SELECT label FROM app WHERE id=?", (connection.app_id,)
        ).fetchone()
        source = kinds.Source(connection.id, connection.handle, label[0] if label else "")
        if before is None:
            loading = connection.checked_at is None
            made = kinds.Change(
                kinds.CONNECTED, connection.id, handle=source.handle, app=source.app
            )
            self._record((made,), loading=loading)
            return
        change = kinds.state_change(source, before, connection)
        self._record((change,) if change else ())
        if connection.checked_at is not None:
            self._db.execute(
                "UPDATE change SET loading=0 WHERE connection_id=? AND loading", (connection.id,)
            )

    def _note_disconnected(self, column: str, value: str) -> None:
        """Keep that the connections with this value in the column go."""
        from adwarden.domain import changes as kinds

        query = f"SELECT id FROM connection WHERE {column}=?"  # noqa: S608 - our own words
        for (connection_id,) in self._db.execute(query, (value,)).fetchall():
            found = self._source_of(connection_id)
            if found is not None:
                gone = found[0]
                told = kinds.Change(
                    kinds.DISCONNECTED, connection_id, handle=gone.handle, app=gone.app
                )
                self._record((told,))

    def _source_of(self, connection_id: str) -> tuple[Source, bool] | None:
        """Return whose changes they are, and whether its first load still goes on."""
        from adwarden.domain.changes import Source

        found = self._db.execute(_SOURCE, (connection_id,)).fetchone()
        if found is None:
            return None
        name, user_id, label, checked_at = found
        return Source(connection_id, f"@{name}" if name else user_id, label), checked_at is None

    def _rows_of(self, connection_id: str, account_ids: list[str]) -> dict[str, tuple[Any, ...]]:
        found: dict[str, tuple[Any, ...]] = {}
        for start in range(0, len(account_ids), _CHUNK):
            some = [rows.text(id_) for id_ in account_ids[start : start + _CHUNK]]
            marks = ",".join("?" * len(some))
            query = f"SELECT * FROM entry WHERE connection_id=? AND account_id IN ({marks})"  # noqa: S608
            found.update((row[1], row) for row in self._db.execute(query, (connection_id, *some)))
        return found

    def _record(self, changes: Iterable[Change], *, loading: bool = False) -> None:
        from adwarden.domain.changes import Recorded

        now = self._clock()
        for change in changes:
            row = _row(now, change, loading=loading)
            id_ = self._db.execute(_ADD, row).lastrowid or 0
            self._fresh.append(Recorded(id_, now, change))

    def _grow(self, connection_id: str, gained: int) -> None:
        """Count what a connection's first load brings, in the one change that tells of it."""
        from adwarden.domain import changes as kinds

        found = self._db.execute(
            f"{_READ} WHERE connection_id=? AND loading ORDER BY id DESC LIMIT 1", (connection_id,)
        ).fetchone()
        if found is None:
            return  # known since before there was a history: nothing is said of its first load
        one = _recorded(found)
        known = int(one.change.subject) if one.change.subject.isdecimal() else 0
        change = kinds.Change(
            kinds.CONNECTED,
            connection_id,
            "",
            str(known + gained),
            one.change.handle,
            one.change.app,
        )
        self._db.execute(
            "UPDATE change SET subject=?, hay=? WHERE id=?", (change.subject, _hay(change), one.id)
        )
        self._fresh.append(kinds.Recorded(one.id, one.at, change))


def _may_differ(old: Sequence[Any], new: Sequence[Any]) -> bool:
    """Tell by the columns' texts, as parsing thousands of equal rows would take its time."""
    account, access, users = old[2] != new[2], old[3] != new[3], old[5] != new[5]
    return (
        account
        or (access and None not in (old[3], new[3]))
        or (users and None not in (old[5], new[5]))
    )


def _entries(found: Sequence[Sequence[Any]], connection_id: str) -> Mapping[str, AccountEntry]:
    read, _ = rows.entries_from(found)
    return {entry.account.id: entry for entry in read.get(connection_id, ())}


def _row(at: float, change: Change, *, loading: bool) -> tuple[Any, ...]:
    c = change
    texts = (c.kind, c.tone, c.connection_id, c.account_id, c.subject, c.handle, c.app, c.name)
    return (at, *map(rows.text, texts), rows.text(c.detail), _hay(c), int(loading))


def _hay(change: Change) -> str:
    """Return what a search looks in: the words, and the ids that they do not name."""
    parts = (change.words, change.handle, change.app, change.account_id, change.subject)
    return rows.text("\n".join(dict.fromkeys(parts)).casefold())


def _recorded(row: Sequence[Any]) -> Recorded:
    from adwarden.domain.changes import Change, Recorded

    id_, at, *parts = row
    return Recorded(id_, at, Change(*parts))
