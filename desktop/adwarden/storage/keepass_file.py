"""Reading and replacing a KeePass file as a whole, without ever losing what somebody else wrote."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.errors import KeychainError, StorageError
from adwarden.storage import keepass_errors as trouble
from adwarden.storage.keepass_header import LARGEST_FILE, Header, Kdf, opens, read_header
from adwarden.storage.keepass_keys import MasterKey
from adwarden.storage.keepass_lock import LockTimeoutError, lock_folder, only_writer
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.paths import atomic_write

if TYPE_CHECKING:
    from adwarden.storage.keepass_content import Content
    from adwarden.storage.keepass_entries import Entries

Mark = tuple[int, int, int, int]


class ChangedMeanwhileError(Exception):
    """Somebody else wrote the file between our reading and our writing it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One version of the file, decrypted; ``digest`` is its SHA-256, ``mark`` what stat says."""

    content: Content
    entries: Entries
    header: Header
    digest: bytes
    mark: Mark


class KeepassFile:
    """The file on the disk; raises ``KeychainError``.

    A link is followed: the file that it leads to is the one that is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = path.name
        self._checked: Mark | None = None

    @property
    def target(self) -> Path:
        """The file itself, where the path is a link."""
        return Path(os.path.realpath(self._path))

    def check(self) -> None:
        """Raise unless the file is there and its head is one that can be opened."""
        mark = self._stat()
        if mark != self._checked:
            read_header(self._read(), self._name)
            self._checked = mark

    def load(
        self, key: MasterKey, known: Opened | None = None, *, reread: bool = False
    ) -> Opened | None:
        """Return the file as it is now, ``None`` when the password is not its own.

        It is read only if it looks different from ``known``, or with ``reread``, and decrypted
        only if it is.
        """
        mark = self._stat()
        if known is not None and mark == known.mark and not reread:
            return known
        data = self._read()
        digest = hashlib.sha256(data).digest()
        if known is not None and digest == known.digest:
            return replace(known, mark=mark)
        header = read_header(data, self._name)
        derived = derive(key, header.kdf, self._name)
        if not opens(header, data, derived):
            return None
        return self._decode(data, header, derived, mark)

    def create(
        self, kdf: Kdf, derived: bytes, texts: Mapping[EntryName, str], now: float
    ) -> Opened:
        """Make a new file with these entries in it; never in the place of another."""
        from adwarden.storage.keepass_content import blank, encode
        from adwarden.storage.keepass_entries import Entries, add_root

        def refuse_another() -> None:
            if os.path.lexists(self._path):
                raise trouble.exists(self._name)

        refuse_another()
        content = blank(kdf)
        add_root(content.tree, self._path.stem, now)
        entries = Entries(content.tree)
        for name, text in texts.items():
            entries.put(name, text, now)
        data = encode(content, derived, self._name)
        self._write(self._path, data, None, refuse_another)
        return self._written(data, derived)

    def replace(self, old: Opened, kdf: Kdf, derived: bytes) -> Opened:
        """Write what ``old`` holds by now, and return it as a version of its own.

        What is about to be written is decrypted again first, and must be the same. Raises
        ``ChangedMeanwhileError`` when the file is not, or not any more, what ``old`` was read
        from or what was written; then the other's version is the one that stands.
        """
        from adwarden.storage.keepass_content import decode, encode

        old.content.set_salt(kdf.salt)
        old.content.empty_attachments(old.entries.loosened)
        data = encode(old.content, derived, self._name)
        header = read_header(data, self._name)
        again = decode(data, header, derived, self._name)
        if again.canonical() != old.content.canonical():
            raise trouble.not_reproduced(self._name)
        digest = hashlib.sha256(data).digest()

        def refuse_changed() -> None:
            if hashlib.sha256(self._read()).digest() != old.digest:
                raise ChangedMeanwhileError

        try:
            path = self.target
            like = path.stat()
        except OSError as error:
            failure = trouble.file_trouble(self._name, error, writing=False)
        else:
            self._write(path, data, like, refuse_changed)
            mark = self._stat()
            # Somebody may have replaced the file in the last microseconds before us, unseen, and
            # may do so right after: what counts is what is there now.
            if hashlib.sha256(self._read()).digest() != digest:
                raise ChangedMeanwhileError
            return Opened(old.content, old.entries, header, digest, mark)
        raise failure

    @contextlib.contextmanager
    def writing(self, locks: Path | None) -> Iterator[None]:
        """Be the only Adwarden of this user that writes the file."""
        folder = lock_folder() if locks is None else locks
        try:
            with only_writer(self.target, folder):
                yield
        except LockTimeoutError:
            failure = trouble.busy(self._name)
        else:
            return
        raise failure

    def _written(self, data: bytes, derived: bytes) -> Opened:
        return self._decode(data, read_header(data, self._name), derived, self._stat())

    def _decode(self, data: bytes, header: Header, derived: bytes, mark: Mark) -> Opened:
        from adwarden.storage.keepass_content import decode
        from adwarden.storage.keepass_entries import Entries

        content = decode(data, header, derived, self._name)
        digest = hashlib.sha256(data).digest()
        return Opened(content, Entries(content.tree), header, digest, mark)

    def _stat(self) -> Mark:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - before each read; half the time
        except OSError as error:
            failure = trouble.file_trouble(self._name, error, writing=False)
        else:
            return found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev
        raise failure

    def _read(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                return file.read(LARGEST_FILE + 1)
        except OSError as error:
            failure = trouble.file_trouble(self._name, error, writing=False)
        raise failure

    def _write(
        self, path: Path, data: bytes, like: os.stat_result | None, before: Callable[[], None]
    ) -> None:
        try:
            atomic_write(path, data, like=like, before=before)
        except StorageError as error:
            cause = error.__cause__
            failure: KeychainError = trouble.file_trouble(
                self._name, cause if isinstance(cause, OSError) else OSError(), writing=True
            )
        else:
            return
        raise failure


def derive(key: MasterKey, kdf: Kdf, file: str) -> bytes:
    """Return the key for a file; raises ``KeychainError`` where Argon2 gets no memory."""
    try:
        return key.derive(kdf)
    except MemoryError:
        pass
    raise trouble.no_memory(file, kdf.memory)
