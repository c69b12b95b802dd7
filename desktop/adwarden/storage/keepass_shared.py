"""A KeePass file that is kept open while others may write it: nothing of either side is lost."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from adwarden.domain.errors import KeychainError
from adwarden.storage import keepass_errors as trouble
from adwarden.storage.keepass_file import ChangedMeanwhileError, KeepassFile, Opened, derive
from adwarden.storage.keepass_header import SALT_LENGTH
from adwarden.storage.keepass_keys import MasterKey
from adwarden.storage.keepass_recent import Recent

if TYPE_CHECKING:
    from adwarden.storage.keepass_entries import Entries

_log = logging.getLogger(__name__)

_TRIES = 5


class SharedFile:
    """One file with its key, for one thread; what is written lately is written again if need be.

    ``locks`` is a folder for lock files, ``clock`` tells Unix seconds.
    """

    def __init__(self, path: Path, locks: Path | None, clock: Callable[[], float]) -> None:
        self.path = path
        self._file = KeepassFile(path)
        self._locks = locks
        self._clock = clock
        self._key: MasterKey | None = None
        self._opened: Opened | None = None
        self._resalted = False
        self._why_locked = ""
        self._recent = Recent()
        self._undone = False
        """Whether something of ours was overwritten, and could not be written again yet."""

    @property
    def is_open(self) -> bool:
        """Whether the key is in memory."""
        return self._key is not None

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the file as it was read or written last; empty while it is locked."""
        return b"" if self._opened is None else self._opened.digest

    def lock(self, why: str = "") -> None:
        """Drop the key and all that was decrypted; ``why`` stands in the state from then on.

        Memory that libraries and Python gave back may keep traces until it is used again.
        """
        if self._key is not None:
            self._key.wipe()
        self._key = self._opened = None
        self._why_locked = why
        self._recent.clear()

    def _commit(self, change: Callable[[Entries], bool], key: MasterKey | None = None) -> None:
        """Make a change in the file as it is at that moment; ``key`` when that changes too."""
        with self._file.writing(self._locks):
            for _ in range(_TRIES):
                now = self._current(reread=True)
                if not now.content.faithful:
                    raise trouble.not_keepable(self.path.name)
                # What is changed and not yet saved must not be read by anybody.
                self._opened = None
                again = self._recent.redo(now.entries, self._clock())
                if not change(now.entries) and not again:
                    self._opened = now
                    return
                kdf = now.header.kdf
                if key is not None or not self._resalted:
                    kdf = kdf.salted(os.urandom(SALT_LENGTH))
                derived = derive(key or self._need_key(), kdf, self.path.name)
                try:
                    self._opened = self._file.replace(now, kdf, derived)
                except ChangedMeanwhileError:
                    continue
                self._resalted = True
                return
        raise trouble.keeps_changing(self.path.name)

    def _current(self, *, reread: bool = False) -> Opened:
        """Return the content as it is now; the same again where nothing changed."""
        key = self._need_key()
        before = self._opened
        opened = self._file.load(key, before, reread=reread)
        if opened is None:
            self.lock(f"The master password of {self.path.name} was changed by somebody else.")
            raise trouble.locked(self.path.name, self._why_locked)
        self._opened = opened
        changed = before is None or before.digest != opened.digest
        if not reread and (changed or self._undone):
            self._write_again(opened)
            assert self._opened is not None
        return self._opened

    def _write_again(self, opened: Opened) -> None:
        """Write again what somebody has overwritten without having seen it.

        Whoever reads must not fail for that: what is lost stays so until it can be written.
        """
        self._undone = self._recent.is_undone(opened.entries)
        if not self._undone:
            return
        try:
            self._commit(lambda entries: False)
        except KeychainError as error:
            _log.warning("what was overwritten cannot be written again yet: %s", error.title)
            # What was changed in memory alone must not be read by anybody.
            self._opened = None
            self._current(reread=True)
        else:
            self._undone = False
            _log.warning("another program had overwritten entries; they are written again")

    def _hold(self, key: MasterKey, *, resalted: bool) -> None:
        if self._key is not None:
            self._key.wipe()
        self._key, self._resalted, self._why_locked = key, resalted, ""

    def _need_key(self) -> MasterKey:
        if self._key is None:
            raise trouble.locked(self.path.name, self._why_locked)
        return self._key
