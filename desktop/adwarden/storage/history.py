"""What has changed, in a table of the index: written with the rows it is about, read in pages.

A change refers to nothing: it stays, with the names of its time, when its connection goes.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from adwarden.domain import changes as kinds
from adwarden.domain.changes import Change, Recorded, Source, compare, state_change
from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, Connection
from adwarden.storage import rows
from adwarden.storage.database import Database

DAY = 86_400

_CHUNK = 500
"""Ad accounts asked for in one statement; SQLite takes some thousand values, older ones 999."""

_ADD = """INSERT INTO change (at, kind, tone, connection_id, account_id, subject, handle, app,
    name, detail, hay, loading) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"""
_READ = """SELECT id, at, kind, connection_id, account_id, subject, handle, app, name, detail
    FROM change"""
_SOURCE = """SELECT c.screen_name, c.user_id, a.label, c.checked_at FROM connection c
    JOIN app a ON a.id = c.app_id WHERE c.id=?"""
_UNSEEN = "id > (SELECT coalesce(max(change_id), 0) FROM change_seen)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are asked for; what is empty does not count.

    ``text`` is words that all have to occur, ``since`` is in Unix seconds.
    """

    kinds: tuple[str, ...] = ()
    tone: str = ""
    connection_id: str = ""
    account_id: str = ""
    text: str = ""
    since: float = 0.0
    unseen: bool = False


class History(Database):
    """The part of the index that keeps changes; its owner tells it before rows are replaced."""

    def changes(self, wanted: Wanted, *, before: int = 0, count: int = 200) -> list[Recorded]:
        """Return at most ``count`` changes, newest first, older than the id ``before`` if given."""
        where, values = _condition(wanted)
        if before:
            where, values = [*where, "id < ?"], [*values, before]
        query = f"{_READ}{_joined(where)} ORDER BY id DESC LIMIT ?"
        with self._reading() as db:
            return [_recorded(row) for row in db.execute(query, (*values, count))]

    def count_changes(self, wanted: Wanted) -> int:
        """Return how many changes there are of what is wanted."""
        where, values = _condition(wanted)
        with self._reading() as db:
            query = f"SELECT count(*) FROM change{_joined(where)}"  # noqa: S608 - our own words
            number: int = db.execute(query, values).fetchone()[0]
            return number

    def unseen(self) -> dict[str, int]:
        """Return how many changes of each connection are newer than the last visit."""
        query = f"SELECT connection_id, count(*) FROM change WHERE {_UNSEEN} GROUP BY 1"  # noqa: S608
        with self._reading() as db:
            return dict(db.execute(query).fetchall())

    def mark_seen(self) -> int:
        """Count all there is as seen; return the id up to which it was before."""
        with self._changing() as db:
            found = db.execute("SELECT change_id FROM change_seen").fetchone()
            before: int = found[0] if found else 0
            newest: int = db.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
            if newest != before:
                db.execute("INSERT OR REPLACE INTO change_seen VALUES ('window', ?)", (newest,))
            return before

    def prune_changes(self, days: int) -> int:
        """Forget what is older than so many days; return how many changes that were."""
        oldest = self._clock() - days * DAY
        with self._reading() as db:
            if db.execute("SELECT 1 FROM change WHERE at < ? LIMIT 1", (oldest,)).fetchone() is None:
                return 0
        with self._changing(lasting=False) as db:
            return db.execute("DELETE FROM change WHERE at < ?", (oldest,)).rowcount

    def take_changes(self) -> list[Recorded]:
        """Return what was kept since the last call, oldest first; a row that grew comes again."""
        told, self._told = self._told, []
        return told

    # For the owner of the rows, inside its transactions

    _told: list[Recorded]
    _fresh: list[Recorded]

    @contextlib.contextmanager
    def _changing(self, *, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        self._fresh = []
        with super()._changing(lasting=lasting) as db:
            yield db
        # Only what is on the disk is told.
        self._told = [*getattr(self, "_told", ()), *self._fresh]

    def _note_entries(self, connection_id: str, entries: Sequence[AccountEntry]) -> bool:
        """Keep how these differ from the rows they will replace; False if nobody has them."""
        found = self._source_of(connection_id)
        if found is None:
            return False
        source, loading = found
        old = self._rows_of(connection_id, [entry.account.id for entry in entries])
        suspects = {}
        gained = 0
        for entry in entries:
            row = old.get(entry.account.id)
            if row is None:
                gained += 1
                if loading:
                    continue
            elif not _may_differ(row, rows.entry_row(connection_id, entry)):
                continue
            suspects[entry.account.id] = entry
        before = _entries([old[id_] for id_ in suspects if id_ in old], connection_id)
        # A row that could not be read says nothing about what was known.
        after = {id_: e for id_, e in suspects.items() if id_ in before or id_ not in old}
        self._record(compare(source, before, after))
        if loading and gained:
            self._grow(connection_id, gained)
        return True

    def _note_gone(self, connection_id: str, account_ids: Iterable[str]) -> None:
        """Keep that these ad accounts are no longer reached."""
        found = self._source_of(connection_id)
        if found is not None:
            old = self._rows_of(connection_id, list(account_ids))
            self._record(compare(found[0], _entries(list(old.values()), connection_id), {}))

    def _note_connection(self, connection: Connection) -> None:
        """Keep how the connection differs from its row; a new one is a change of its own."""
        row = self._db.execute("SELECT * FROM connection WHERE id=?", (connection.id,)).fetchone()
        label = self._db.execute("SELECT label FROM app WHERE id=?", (connection.app_id,)).fetchone()
        source = Source(connection.id, connection.handle, label[0] if label else "")
        if row is None:
            loading = connection.checked_at is None
            made = Change(kinds.CONNECTED, connection.id, handle=source.handle, app=source.app)
            self._record((made,), loading=loading)
            return
        change = state_change(source, rows.connection_from(row), connection)
        self._record((change,) if change else ())
        if connection.checked_at is not None:
            self._db.execute(
                "UPDATE change SET loading=0 WHERE connection_id=? AND loading", (connection.id,)
            )

    def _note_disconnected(self, condition: str, value: str) -> None:
        """Keep that the connections that meet the condition go."""
        found = self._db.execute(f"SELECT id FROM connection WHERE {condition}", (value,)).fetchall()  # noqa: S608
        for (connection_id,) in found:
            owned = self._source_of(connection_id)
            if owned is not None:
                gone = owned[0]
                self._record(
                    (Change(kinds.DISCONNECTED, gone.connection_id, "", "", gone.handle, gone.app),)
                )

    def _source_of(self, connection_id: str) -> tuple[Source, bool] | None:
        """Return whose changes they are, and whether it is still being fetched for the first time."""
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
        now = self._clock()
        for change in changes:
            row = _row(now, change, loading=loading)
            id_ = self._db.execute(_ADD, row).lastrowid or 0
            self._fresh.append(Recorded(id_, now, change))

    def _grow(self, connection_id: str, gained: int) -> None:
        """Count what a connection's first load brings, in the one change that tells of it."""
        found = self._db.execute(
            f"{_READ} WHERE connection_id=? AND loading ORDER BY id DESC LIMIT 1", (connection_id,)
        ).fetchone()
        if found is None:
            return  # known since before there was a history: nothing is said of its first load
        one = _recorded(found)
        known = int(one.change.subject) if one.change.subject.isdecimal() else 0
        change = Change(
            kinds.CONNECTED, connection_id, "", str(known + gained), one.change.handle, one.change.app
        )
        self._db.execute(
            "UPDATE change SET subject=?, hay=? WHERE id=?", (change.subject, _hay(change), one.id)
        )
        self._fresh.append(Recorded(one.id, one.at, change))


def _may_differ(old: Sequence[Any], new: Sequence[Any]) -> bool:
    """Tell by the columns' texts, as parsing thousands of equal rows would take its time."""
    account, access, users = old[2] != new[2], old[3] != new[3], old[5] != new[5]
    return account or (access and None not in (old[3], new[3])) or (
        users and None not in (old[5], new[5])
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
    id_, at, *parts = row
    return Recorded(id_, at, Change(*parts))


def _condition(wanted: Wanted) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if wanted.kinds:
        where.append(f"kind IN ({','.join('?' * len(wanted.kinds))})")
        values += wanted.kinds
    for column, value in (
        ("tone", wanted.tone),
        ("connection_id", wanted.connection_id),
        ("account_id", wanted.account_id),
    ):
        if value:
            where.append(f"{column}=?")
            values.append(value)
    for word in rows.text(wanted.text).casefold().split():
        where.append("instr(hay, ?)")
        values.append(word)
    if wanted.since:
        where.append("at >= ?")
        values.append(wanted.since)
    if wanted.unseen:
        where.append(_UNSEEN)
    return where, values


def _joined(where: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(where)}" if where else ""
