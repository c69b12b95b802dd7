"""An open SQLite file for one thread: transactions that happen whole or not at all."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from adwarden.storage.schema import READ_ERRORS, failure


class Database:
    """The file and its transactions; every call must come from the thread that made it.

    ``clock`` gives Unix seconds. SQLite's errors become ``StorageError``.
    """

    def __init__(self, db: sqlite3.Connection, path: Path, clock: Callable[[], float]) -> None:
        self._db = db
        self._path = path
        self._clock = clock
        self._thread = threading.get_ident()
        self._closed = False

    @property
    def folder(self) -> Path:
        """The data folder that the file is in."""
        return self._path.parent

    def close(self) -> None:
        """Close the file; more than once is fine."""
        self._own()
        self._closed = True
        with contextlib.suppress(sqlite3.Error):  # all that was saved is on the disk already
            self._db.close()

    def _own(self) -> None:
        if threading.get_ident() != self._thread:
            raise RuntimeError("the index was called by a thread that did not open it")

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        self._own()
        if self._closed:
            raise RuntimeError("the index is closed")
        try:
            self._db.execute(begin)
            with contextlib.ExitStack() as undoing:
                undoing.callback(self._roll_back)
                yield self._db
                self._db.execute("COMMIT")
                undoing.pop_all()
        except READ_ERRORS as error:
            raise failure(error, self._path) from error

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # some failures end it by themselves
            self._db.execute("ROLLBACK")

    def _reading(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        return self._transaction("BEGIN")

    @contextlib.contextmanager
    def _changing(self, *, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        """One change; ``lasting`` waits for the disk, so that even a power cut keeps it."""
        self._own()
        try:
            self._db.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
        except sqlite3.Error as error:
            raise failure(error, self._path) from error
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db
