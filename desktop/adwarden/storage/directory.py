"""The index of what is known: apps, connections, their ad accounts, limits, keychain steps.

It is a SQLite file used by one thread, holds no secret, and can be rebuilt from the keychain.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from adwarden.domain.errors import AdwardenError, ErrorCode, StorageError
from adwarden.domain.model import AccountEntry, Connection, Snapshot, XApp
from adwarden.storage import rows
from adwarden.storage.history import History
from adwarden.storage.paths import DataFolder
from adwarden.storage.pending import PendingSteps
from adwarden.storage.refresh_state import RefreshState
from adwarden.storage.rows import PendingStep, RefreshJob, StoredWindow
from adwarden.storage.schema import DamagedError, open_database, replace_damaged

if TYPE_CHECKING:
    from adwarden.domain.lookups import Found, Looked

__all__ = ["DamagedError", "Directory", "PendingStep", "RefreshJob", "StoredWindow"]

_log = logging.getLogger(__name__)

_SAVE_APP = """INSERT INTO app VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET
    provider=excluded.provider, label=excluded.label, access=excluded.access,
    entry=excluded.entry, added_at=excluded.added_at, approved_at=excluded.approved_at,
    note=excluded.note, holds=excluded.holds, place=excluded.place, state=excluded.state"""
_NOTE_APPROVAL = "UPDATE app SET approved_at=? WHERE id=?"
_NOTE_APP = "UPDATE app SET state=? WHERE id=? AND entry=?"
_SAVE_CONNECTION = """INSERT INTO connection VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
    ON CONFLICT (id) DO UPDATE SET app_id=excluded.app_id, user_id=excluded.user_id,
    screen_name=excluded.screen_name, entry=excluded.entry,
    authorized_at=excluded.authorized_at, state=excluded.state, checked_at=excluded.checked_at,
    access_level=excluded.access_level, error=excluded.error, error_at=excluded.error_at,
    label=excluded.label, note=excluded.note, place=excluded.place, pasted=excluded.pasted"""
_NOTE_CONNECTION = """UPDATE connection SET state=?, checked_at=?, access_level=?, error=?,
    error_at=? WHERE id=? AND entry=?"""
_SAVE_ENTRY = "INSERT OR REPLACE INTO entry VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_ENTRIES_OF = "SELECT entry, screen_name, user_id, place FROM connection WHERE "


class Directory(History, PendingSteps, RefreshState):
    """The open index. Every method must be called by the thread that opened it.

    All raise ``StorageError`` when the disk fails, ``DamagedError`` when the file turns out to
    be damaged; a change is made as a whole or not at all.
    """

    @classmethod
    def open(
        cls,
        folder: DataFolder,
        *,
        distrust: bool = False,
        busy_seconds: float = 3.0,
        clock: Callable[[], float] = time.time,
    ) -> tuple[Directory, AdwardenError | None]:
        """Open or make the index in the folder; return what was wrong with it, if anything.

        A damaged one is moved aside and rebuilt; ``distrust`` does so in any case (after a
        ``DamagedError``). Raises ``StorageError`` if the folder cannot be used, another process
        holds the file, or a newer version wrote it (it is left as it is then).
        """
        folder.prepare()
        path = folder.directory
        problem: AdwardenError | None = None
        try:
            if distrust and path.exists():
                db, problem = replace_damaged(path, busy_seconds)
            else:
                db = open_database(path, busy_seconds)
        except DamagedError as error:
            _log.warning("the index is damaged: %s", error.detail)
            db, problem = replace_damaged(path, busy_seconds)
        return cls(db, path, clock), problem

    # Apps and connections

    def snapshot(self) -> Snapshot:
        """Return everything as last known, ad accounts in the order of their names."""
        with rows.uncollected(), self._reading() as db:
            apps = tuple(map(rows.app_from, db.execute("SELECT * FROM app ORDER BY added_at, id")))
            connections = tuple(
                map(
                    rows.connection_from,
                    db.execute("SELECT * FROM connection ORDER BY authorized_at, id"),
                )
            )
            found, damaged = rows.entries_from(db.execute("SELECT * FROM entry").fetchall())
        if damaged:
            _log.warning("%d ad accounts in the index could not be read", damaged)
        entries = {
            connection.id: tuple(sorted(found.get(connection.id, ()), key=_by_name))
            for connection in connections
        }
        return Snapshot(apps, connections, MappingProxyType(entries))

    def connection(self, connection_id: str) -> Connection | None:
        """Return a connection as last saved, by whichever process."""
        with self._reading() as db:
            found = db.execute("SELECT * FROM connection WHERE id=?", (connection_id,)).fetchone()
        return None if found is None else rows.connection_from(found)

    def glimpse(self, *, by_account: bool = False) -> Snapshot:
        """Return the first rows of the tree and the counts; of a small index, everything."""
        from adwarden.storage.glimpse import first_rows

        with self._reading() as db:
            found = first_rows(db, by_account=by_account)
        return found or self.snapshot()

    def save_app(self, app: XApp) -> None:
        """Add or change an app; a pending step of its keychain entry is settled by this."""
        with self._changing() as db:
            db.execute(_SAVE_APP, rows.app_row(app))
            self._settle(app.entry)

    def note_approval(self, app_id: str, approved_at: float | None) -> bool:
        """Save the day of an app's approval, and nothing else; returns False where it is gone."""
        with self._changing() as db:
            return db.execute(_NOTE_APPROVAL, (approved_at, app_id)).rowcount == 1

    def note_app(self, app: XApp) -> bool:
        """Save the state of an app's keys; returns False where it has other keys, or is gone."""
        with self._changing() as db:
            known = app.state.value, app.id, rows.text(app.entry)
            return db.execute(_NOTE_APP, known).rowcount == 1

    def remove_app(self, app_id: str) -> tuple[PendingStep, ...]:
        """Remove an app with its connections; return the keychain deletions now pending."""
        with self._changing() as db:
            found = db.execute(
                "SELECT entry, label, place FROM app WHERE id=?", (app_id,)
            ).fetchall()
            found += self._owners("app_id=?", app_id)
            self._note_disconnected("app_id", app_id)
            db.execute("DELETE FROM app WHERE id=?", (app_id,))
            return self._announce_deletion(found)

    def note_connection(self, connection: Connection) -> bool:
        """Save what was learned of a connection, if it still has the same keychain entry.

        State, time of the check, access level and error are all that changes. Returns False,
        and changes nothing, where the connection is gone or has got another token meanwhile.
        """
        with self._changing() as db:
            noted = (
                connection.state.value,
                connection.checked_at,
                rows.text(connection.access_level),
                rows.text(connection.error),
                connection.error_at,
                connection.id,
                rows.text(connection.entry),
            )
            self._note_connection(connection, same_entry=True)
            return db.execute(_NOTE_CONNECTION, noted).rowcount == 1

    def replace_connection(
        self, connection: Connection, *, fetch: bool = False
    ) -> tuple[PendingStep, ...]:
        """Add or change a connection; the deletion of the entry it had becomes pending.

        Returns that step, or nothing if the entry is the same; a step of its own entry is settled.
        One whose revocation is noted keeps that step, which needs the token still. A row that
        another process made for the same user goes: there is one for each. With ``fetch`` its
        refresh has begun: who starts next goes on. Raises ``StorageError`` where its app is not
        in the index.
        """
        with self._changing() as db:
            former = self._owners("id=?", connection.id)
            other = "id!=? AND (app_id=? AND user_id=? AND user_id!='' OR entry=? AND entry!='')"
            values = rows.connection_row(connection)
            double = (values[0], values[1], values[2], values[4])
            former += self._owners(other, *double)
            db.execute(f"DELETE FROM connection WHERE {other}", double)  # noqa: S608 - our words
            former = [
                one for one in former if one[0] != values[4] and not self._is_to_be_revoked(one[0])
            ]
            self._put_connection(db, connection)
            if fetch:
                self._put_job(RefreshJob(connection.id, values[4], connection.authorized_at))
            return self._announce_deletion(former)

    def remove_connection(self, connection_id: str) -> tuple[PendingStep, ...]:
        """Remove a connection and its ad accounts; return the keychain deletion now pending."""
        with self._changing() as db:
            found = self._owners("id=?", connection_id)
            self._note_disconnected("id", connection_id)
            db.execute("DELETE FROM connection WHERE id=?", (connection_id,))
            return self._announce_deletion(found)

    def unlist(self, entry: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Remove what still names an entry that is gone, and strike its step.

        Returns the ids of the apps, which have no connections then, and of the connections.
        """
        name = (rows.text(entry),)
        with self._changing() as db:
            gone = db.execute("SELECT id FROM connection WHERE entry=?", name).fetchall()
            for (connection_id,) in gone:
                self._note_disconnected("id", connection_id)
            db.execute("DELETE FROM connection WHERE entry=?", name)
            free = "entry=? AND id NOT IN (SELECT app_id FROM connection)"
            apps = db.execute(f"SELECT id FROM app WHERE {free}", name).fetchall()  # noqa: S608
            db.execute(f"DELETE FROM app WHERE {free}", name)  # noqa: S608 - our words
            self._settle(entry)
        return tuple(row[0] for row in apps), tuple(row[0] for row in gone)

    # Ad accounts

    def entries(self, connection_id: str) -> tuple[AccountEntry, ...]:
        """Return the ad accounts of one connection, in the order of their names."""
        with self._reading() as db:
            rows_of_it = db.execute("SELECT * FROM entry WHERE connection_id=?", (connection_id,))
            found, damaged = rows.entries_from(rows_of_it.fetchall())
        if damaged:
            _log.warning("%d ad accounts in the index could not be read", damaged)
        return tuple(sorted(found.get(connection_id, ()), key=_by_name))

    def save_entries(
        self,
        connection_id: str,
        entries: Iterable[AccountEntry],
        job: RefreshJob | None = None,
    ) -> bool:
        """Add or change ad accounts of a connection, all or none, and how far the refresh is.

        Returns False, and saves nothing, if the connection has been removed meanwhile.
        """
        entries = tuple(entries)
        batch = [rows.entry_row(connection_id, entry) for entry in entries]
        with self._changing(lasting=False) as db:
            if not self._note_entries(connection_id, entries, batch):
                return False
            db.executemany(_SAVE_ENTRY, batch)
            if job is not None:
                self._put_job(job)
        return True

    def remove_entries(self, connection_id: str, account_ids: Iterable[str]) -> None:
        """Remove ad accounts that the connection no longer reaches."""
        batch = [(connection_id, rows.text(account_id)) for account_id in account_ids]
        with self._changing(lasting=False) as db:
            self._note_gone(connection_id, [account_id for _, account_id in batch])
            db.executemany("DELETE FROM entry WHERE connection_id=? AND account_id=?", batch)

    # Look-ups on demand

    def save_lookups(self, found: Iterable[Looked]) -> None:
        """Remember what was looked up; a newer answer replaces an older one."""
        from adwarden.storage.lookups import save

        with self._changing(lasting=False) as db:
            save(db, found)

    def lookups(self) -> Found:
        """Return all that was looked up."""
        from adwarden.storage.lookups import read

        with self._reading() as db:
            return read(db)

    def name_users(self, handles: Mapping[str, str]) -> dict[str, tuple[AccountEntry, ...]]:
        """Write handles (by user id) into the ad accounts; return what changed, by connection."""
        from adwarden.storage.lookups import name_users

        with self._changing(lasting=False) as db:
            return name_users(db, handles)

    # Inside

    def _owners(self, condition: str, *values: str) -> list[tuple[str, str, str]]:
        """Return entry, user name and place of the connections that meet the condition."""
        found: list[Any] = self._db.execute(_ENTRIES_OF + condition, values).fetchall()
        return [(entry, f"@{name}" if name else user, place) for entry, name, user, place in found]

    def _put_connection(self, db: sqlite3.Connection, connection: Connection) -> None:
        if not db.execute("SELECT 1 FROM app WHERE id=?", (connection.app_id,)).fetchone():
            raise StorageError(
                ErrorCode.STORAGE,
                "The connection cannot be saved",
                "Its X app was removed meanwhile.",
                "Add the X app again, then connect the account again.",
            )
        self._note_connection(connection)
        db.execute(_SAVE_CONNECTION, rows.connection_row(connection))
        self._settle(connection.entry)


def _by_name(entry: AccountEntry) -> tuple[str, str]:
    return (entry.account.name.casefold(), entry.account.id)
