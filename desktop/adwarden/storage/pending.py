"""The part of the index that announces keychain steps, so that a crash leaves none half made."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from adwarden.domain.model import KEYCHAIN, Connection, XApp
from adwarden.storage import rows
from adwarden.storage.database import Database
from adwarden.storage.rows import PendingStep


class PendingSteps(Database):
    """Steps are announced before they are made, and struck with what they led to."""

    def begin_pending(
        self, kind: str, entry: str, username: str, place: str = KEYCHAIN
    ) -> PendingStep:
        """Note, before it is made, that an entry is added or deleted, or its token revoked."""
        step = PendingStep(kind, entry, username, self._clock(), place)
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
            found = db.execute(
                "SELECT kind, entry, username, made_at, place FROM pending ORDER BY made_at, entry"
            )
            return tuple(PendingStep(*row) for row in found)

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
        name, place) noted. ``same_token`` lets an unfinished refresh go on. Returns False, and
        changes nothing, where it does not name ``former`` any more.
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
            self._announce_deletion([former])
        return True

    def _announce_deletion(self, found: list[tuple[str, str, str]]) -> tuple[PendingStep, ...]:
        """Note deletions within a change; each is entry, user name and place."""
        now = self._clock()
        steps = tuple(
            PendingStep("delete", e, username, now, place) for e, username, place in found
        )
        for step in steps:
            self._put_pending(self._db, step)
        return steps

    def _settle(self, entry: str) -> None:
        """Strike a step within a change."""
        self._db.execute("DELETE FROM pending WHERE entry=?", (rows.text(entry),))

    def _put_pending(self, db: sqlite3.Connection, step: PendingStep) -> None:
        db.execute(
            "INSERT OR REPLACE INTO pending (kind, entry, username, made_at, place)"
            " VALUES (?,?,?,?,?)",
            (step.kind, rows.text(step.entry), rows.text(step.username), step.made_at, step.place),
        )
