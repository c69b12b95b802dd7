"""The tables of the index, how a file becomes a database that has them, and their rows.

Versions only go up, one migration each. A damaged file is moved aside, and what can still be
read of it is taken over. No column ever holds a secret.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import stat
import zlib
from pathlib import Path

from adwarden.domain.errors import AdwardenError, ErrorCode, StorageError
from adwarden.storage.migrations import MIGRATIONS
from adwarden.storage.paths import move_aside, storage_error

APPLICATION_ID = 0x41445744  # "ADWD": tells our file from any other database

VERSION = len(MIGRATIONS)

KNOWN = 0x13206401
"""The checksum of what all migrations lead to, by SQLite 3.40; change it with each of them."""

NOTE_REBUILD = (
    "INSERT OR REPLACE INTO pending (entry, kind, username, made_at, place)"
    " VALUES ('*', 'rebuild', '', 0, 'keychain')"
)
"""Announces that everything the places of secrets hold is to be listed again."""

READ_ERRORS = (sqlite3.Error, UnicodeDecodeError)  # the latter for text that is none
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LONGEST_PATH = 500  # bytes; SQLite stops at 512, and adds an ending to the names beside
_COMPANIONS = ("-wal", "-shm", "-journal")
_REBUILT = ".rebuilt"
_TITLE = "The list of accounts cannot be used"


class DamagedError(StorageError):
    """The index is damaged: close it and open it again with ``distrust`` to rebuild it."""


def open_database(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Open the file, checked and at our version; a missing one is made, private to the user.

    Raises ``DamagedError`` for what is no sound index, ``StorageError`` for everything else,
    an index of a newer version among it; the file is as it was then.
    """
    _take_over_rebuilt(path)
    made = not os.path.lexists(path)
    _reserve(path)
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
        _examine(db, path)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA secure_delete=ON")
        db.execute("PRAGMA journal_size_limit=4194304")
        _migrate(db)
        if made:
            # The first start, or a file that was lost: the keychain knows which.
            db.execute(NOTE_REBUILD)
    except READ_ERRORS as error:
        if db is not None:
            db.close()
        raise failure(error, path) from error
    except StorageError:
        if db is not None:
            db.close()
        raise
    return db


def replace_damaged(path: Path, busy_seconds: float) -> tuple[sqlite3.Connection, AdwardenError]:
    """Build a new index from what can be read, and only then move the damaged one aside.

    Returns it, open, and what to tell. Raises ``StorageError``; the file stays then.
    """
    from adwarden.storage.salvage import salvage

    rebuilt = path.with_name(path.name + _REBUILT)
    _remove(rebuilt)
    db = open_database(rebuilt, busy_seconds)
    try:
        counts = salvage(path, db)
    except sqlite3.Error as error:
        raise failure(error, path) from error
    finally:
        db.close()
    aside = move_aside(path)
    _rename(path, aside)  # a log left beside the new file would be played into it
    return open_database(path, busy_seconds), StorageError(
        ErrorCode.STORAGE,
        "The list of accounts was damaged",
        f"It was built anew with what could be read: X apps {counts['app']}, connections "
        f"{counts['connection']}, ad accounts {counts['entry']}. "
        f"The damaged file is kept as {aside.name}.",
        "What the system keychain knows beyond that is added as soon as it can be read. Then "
        "refresh to bring the ad accounts up to date.",
        detail=str(aside),
    )


def failure(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> StorageError:
    """Put a failure of SQLite in words."""
    code = getattr(error, "sqlite_errorcode", 0)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    detail = f"{name}: {error}"
    kind = code & 0xFF  # the rest refines it
    undecodable = isinstance(error, UnicodeDecodeError) or "Could not decode" in str(error)
    if kind in _DAMAGED or undecodable or name == "SQLITE_IOERR_SHORT_READ":
        return DamagedError(
            ErrorCode.STORAGE,
            "The list of accounts is damaged",
            "Its file on the disk is not what was written.",
            "It will be built anew. Tokens in the system keychain are safe.",
            detail=detail,
        )
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageError(
            ErrorCode.STORAGE,
            "The list of accounts is in use",
            "Another program, perhaps another Adwarden, has been writing in it for too long.",
            "Wait for it to end or close it, then try again.",
            detail=detail,
        )
    if kind == sqlite3.SQLITE_FULL:
        return storage_error(OSError(errno.ENOSPC, str(error)), path, _TITLE)
    if kind in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return storage_error(OSError(errno.EACCES, str(error)), path, _TITLE)
    return StorageError(
        ErrorCode.STORAGE,
        _TITLE,
        "Reading or writing its file failed; the disk may be full or failing.",
        "Check the disk's free space and state, then try again. What was saved before is kept.",
        detail=detail,
    )


def _take_over_rebuilt(path: Path) -> None:
    """Put a rebuilt index in its place, also one that a crash left waiting for it."""
    rebuilt = path.with_name(path.name + _REBUILT)
    if os.path.lexists(path) or not rebuilt.is_file():
        return
    _rename(rebuilt, path)


def _rename(path: Path, target: Path) -> None:
    """Rename a database, its companions first: without them it may lack the last changes."""
    for ending in (*_COMPANIONS, ""):
        part = path.with_name(path.name + ending)
        try:
            if os.path.lexists(part):
                part.rename(target.with_name(target.name + ending))
        except OSError as error:
            raise storage_error(error, path, _TITLE) from error


def _remove(path: Path) -> None:
    for ending in ("", *_COMPANIONS):
        try:
            path.with_name(path.name + ending).unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(error, path, _TITLE) from error


def _reserve(path: Path) -> None:
    """Make sure of a private, regular file, because SQLite's own would be readable by others."""
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise storage_error(OSError(errno.ENAMETOOLONG, "too long"), path, _TITLE)
    try:
        # O_NONBLOCK (unknown to Windows) keeps a FIFO of this name from holding us for ever.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        unreadable = error.errno in (errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENXIO)
        if unreadable and os.path.lexists(path) and os.access(path.parent, os.W_OK):
            raise _not_ours("The file cannot be read.", str(error)) from error
        raise storage_error(error, path, _TITLE) from error
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise _not_ours("It is not a file.", "not a regular file")
        if os.name != "nt" and state.st_mode & 0o077:
            with contextlib.suppress(PermissionError):
                os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _examine(db: sqlite3.Connection, path: Path) -> None:
    """Refuse what is damaged, foreign or newer, before anything is written."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    owner: int = db.execute("PRAGMA application_id").fetchone()[0]
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if owner == APPLICATION_ID and version > VERSION:
        raise StorageError(
            ErrorCode.STORAGE,
            "The list of accounts comes from a newer Adwarden",
            f"Its format is number {version}; this version reads up to {VERSION}.",
            "Update Adwarden, or choose another data folder with --data-dir.",
            detail=str(path),
        )
    if owner == 0 and version == 0 and not tables:
        return
    if owner != APPLICATION_ID or version <= 0:
        raise _not_ours("It is another program's database.", f"application id {owner:#x}")
    if version == VERSION and not _has_our_tables(db):
        # SQLite keeps them as text, and a flipped byte in it only renames a column.
        raise _not_ours("Its tables are not ours.", f"found {sorted(tables)}")
    found: str = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise _not_ours("Its file on the disk is not what was written.", found)


def _migrate(db: sqlite3.Connection) -> None:
    """Bring the tables to our version, one transaction for all steps."""
    if db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        # Read again: another process may have done it while this one waited for the lock.
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        for step in MIGRATIONS[version:]:
            for statement in step:
                db.execute(statement)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={VERSION}")
        db.execute("COMMIT")
    except sqlite3.Error:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _has_our_tables(db: sqlite3.Connection) -> bool:
    found = definitions(db)
    # Making them all anew to look takes every start 7 ms; this number is what they come to.
    return zlib.crc32("\n".join(found).encode()) == KNOWN or found == expected_definitions()


def definitions(db: sqlite3.Connection) -> list[str]:
    """Return how the tables and indexes of a database were made, sorted."""
    found = db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return sorted(row[0] for row in found)


def expected_definitions() -> list[str]:
    """Return what all steps lead to, as the SQLite of this computer writes it."""
    with contextlib.closing(sqlite3.connect(":memory:")) as model:
        for step in MIGRATIONS:
            for statement in step:
                model.execute(statement)
        return definitions(model)


def _not_ours(why: str, detail: str) -> DamagedError:
    return DamagedError(
        ErrorCode.STORAGE, "The list of accounts is damaged", why,
        "It will be built anew. Tokens in the system keychain are safe.", detail=detail,
    )  # fmt: skip
