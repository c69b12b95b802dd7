"""The part of the index that announces keychain steps, so that a crash leaves none half made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Protocol

from adwarden.domain.model import FILE, KEYCHAIN, Connection, XApp
from adwarden.storage import rows
from adwarden.storage.database import Database
from adwarden.storage.rows import PendingStep

_COLUMNS = "kind, entry, username, made_at, place, replaces, file, run"


class Stamp(Protocol):
    """Tells of a step who makes it; called on the index's thread."""

    def run(self) -> str:
        """Return what tells this run of the program from all others."""

    def file(self) -> str:
        """Return which KeePass file is in use, empty for none."""


class PendingSteps(Database):
    """Steps are announced before they are made, and struck with what they led to."""

    def __init__(self, db: sqlite3.Connection, path: Path, clock: Callable[[], float]) -> None:
        super().__init__(db, path, clock)
        self.stamp: Stamp | None = None
        self._doomed: set[str] = set()

    def begin_pending(
        self,
        kind: str,
        entry: str,
        username: str,
        place: str = KEYCHAIN,
        *,
        replaces: str | None = None,
    ) -> PendingStep:
        """Note, before it is made, that an entry is added or deleted, or its token revoked.

        ``replaces`` is the entry that an added one is to stand for, empty where it is new; with
        the kind ``drop`` it has the names of the secrets that are to go from the entry.
        """
        step = self._stamped(kind, entry, username, place, replaces)
        with self._changing() as db:
            self._put_pending(db, step)
        return step

    def finish_pending(self, entry: str) -> None:
        """Strike the step of this keychain entry: it was made, or given up."""
        with self._changing():
            self._settle(entry)

    def pending(self) -> tuple[PendingStep, ...]:
        """Return the steps that a crash may have left half made, oldest first."""
        with self._reading() as db:
            found = db.execute(f"SELECT {_COLUMNS} FROM pending ORDER BY made_at, entry")  # noqa: S608
            return tuple(PendingStep(*row) for row in found)

    def is_unbuilt(self) -> bool:
        """Tell whether nothing is listed, and what places of secrets hold has not been read yet."""
        query = "SELECT 1 FROM pending WHERE kind='rebuild' AND NOT EXISTS (SELECT 1 FROM app)"
        with self._reading() as db:
            return db.execute(query).fetchone() is not None

    def pending_of(self, entry: str) -> PendingStep | None:
        """Return the step about an entry, as it is now."""
        with self._reading() as db:
            query = f"SELECT {_COLUMNS} FROM pending WHERE entry=?"  # noqa: S608 - our words
            found = db.execute(query, (rows.text(entry),)).fetchone()
        return None if found is None else PendingStep(*found)

    def owner(self, entry: str) -> tuple[str, str] | None:
        """Return whose entry it is: ids of app and user, the latter empty for an app's keys."""
        with self._reading() as db:
            query = (
                "SELECT app_id, user_id FROM connection WHERE entry=?"
                " UNION ALL SELECT id, '' FROM app WHERE entry=?"
            )
            found = db.execute(query, (rows.text(entry),) * 2).fetchone()
        return None if found is None else (found[0], found[1])

    def is_doomed(self, entry: str) -> bool:
        """Tell whether a step is about an entry, or this run has begun to delete it before."""
        return entry in self._doomed or self.pending_of(entry) is not None

    def in_use(self, entry: str) -> bool:
        """Tell whether these are the keys of an app that has connections."""
        with self._reading() as db:
            query = "SELECT 1 FROM app JOIN connection ON app_id=app.id WHERE app.entry=?"
            return db.execute(query, (rows.text(entry),)).fetchone() is not None

    def switch_entry(
        self,
        item: XApp | Connection,
        former: tuple[str, str, str],
        names: Collection[str],
        *,
        same_token: bool = False,
    ) -> bool:
        """Have an app or a connection name another entry, with whatever else ``names`` lists.

        In one step the adding of its entry is settled and the deletion of ``former`` (entry, user
        name, place) noted. ``same_token`` lets an unfinished refresh go on, and a revocation that
        was noted be one of the new entry. Returns False, and changes nothing, where it does not
        name ``former`` any more.
        """
        is_app = isinstance(item, XApp)
        row = rows.app_row(item) if isinstance(item, XApp) else rows.connection_row(item)
        table = "app" if is_app else "connection"
        columns = dict(zip(type(item).__match_args__, row, strict=True))
        wanted = ", ".join(f"{name}=?" for name in names)
        entry = rows.text(former[0])
        with self._changing() as db:
            query = f"UPDATE {table} SET {wanted} WHERE id=? AND entry=?"  # noqa: S608 - our words
            if not db.execute(query, (*(columns[n] for n in names), item.id, entry)).rowcount:
                return False
            if same_token:
                db.execute(
                    "UPDATE refresh_job SET entry=? WHERE connection_id=? AND entry=?",
                    (columns["entry"], item.id, entry),
                )
            self._settle(item.entry)
            if same_token:
                self._carry_revocation(db, item, entry)
            self._announce_deletion([former])
        return True

    def _carry_revocation(
        self, db: sqlite3.Connection, item: XApp | Connection, former: str
    ) -> None:
        if isinstance(item, Connection) and self._is_to_be_revoked(former):
            name = f"@{item.screen_name}" if item.screen_name else item.user_id
            self._put_pending(db, self._stamped("revoke", item.entry, name, item.place))

    def _is_to_be_revoked(self, entry: str) -> bool:
        """Tell within a change whether X is still to be told to forget an entry's token."""
        query = "SELECT 1 FROM pending WHERE entry=? AND kind='revoke'"
        return self._db.execute(query, (entry,)).fetchone() is not None

    def _announce_deletion(self, found: list[tuple[str, str, str]]) -> tuple[PendingStep, ...]:
        """Note deletions within a change; each is entry, user name and place."""
        steps = tuple(self._stamped("delete", *name) for name in found)
        for step in steps:
            self._put_pending(self._db, step)
        return steps

    def _settle(self, entry: str) -> None:
        """Strike a step within a change."""
        self._db.execute("DELETE FROM pending WHERE entry=?", (rows.text(entry),))

    def _put_pending(self, db: sqlite3.Connection, step: PendingStep) -> None:
        if step.kind == "delete":
            self._doomed.add(step.entry)
        db.execute(
            f"INSERT OR REPLACE INTO pending ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)",  # noqa: S608
            (
                step.kind, rows.text(step.entry), rows.text(step.username), step.made_at,
                step.place, step.replaces, rows.text(step.file), step.run,
            ),
        )  # fmt: skip

    def _stamped(
        self, kind: str, entry: str, username: str, place: str, replaces: str | None = None
    ) -> PendingStep:
        stamp = self.stamp
        file = stamp.file() if stamp is not None and place == FILE else ""
        run = stamp.run() if stamp is not None else ""
        return PendingStep(kind, entry, username, self._clock(), place, replaces, file, run)
