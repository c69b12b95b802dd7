"""A KDBX 4 file as a place for credentials, which other programs may read and write as well.

What somebody else wrote is never overwritten: before every write the file is read again, and
the change is made in what it holds then.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.secret import Secret
from adwarden.storage import keepass_errors as trouble
from adwarden.storage.keepass_file import derive
from adwarden.storage.keepass_header import SALT_LENGTH, STRONG, Kdf
from adwarden.storage.keepass_keys import MasterKey
from adwarden.storage.keepass_shared import SharedFile
from adwarden.storage.keychain_backends import KeyringBackendLike, SystemKeychain
from adwarden.storage.keychain_status import EntryName, KeychainState, KeychainStatus
from adwarden.storage.paths import drop_abandoned

if TYPE_CHECKING:
    from adwarden.storage.keepass_entries import Entries

P = ParamSpec("P")
T = TypeVar("T")

_STATES = {
    ErrorCode.KEYCHAIN_MISSING: KeychainState.MISSING,
    ErrorCode.KEYCHAIN_LOCKED: KeychainState.LOCKED,
}


def _bare(call: Callable[P, T]) -> Callable[P, T]:
    """Take the frames off an error: they hold keys and texts, and an error can be kept for long."""

    @wraps(call)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except KeychainError as error:
            failure = error.with_traceback(None)
        raise failure

    return wrapped


class KeepassPlace(SharedFile):
    """A KeePass file, for one thread; all calls raise ``KeychainError``.

    ``system`` goes to the vault. ``kdf`` is for the files that ``create`` makes, ``locks`` a
    folder for lock files that all Adwardens of the user share. While the file is open its key
    and its content are in memory; the password is not.
    """

    def __init__(
        self,
        path: Path,
        *,
        kdf: Kdf = STRONG,
        locks: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(path, locks, clock)
        self._kdf = kdf
        self._formers: dict[EntryName, EntryName] = {}

    @property
    def name(self) -> str:
        """What people call the place."""
        return f"KeePass file {self.path.name}"

    @property
    def system(self) -> SystemKeychain:
        """How the vault works with this place."""
        return SystemKeychain(
            self._backend,
            self.status,
            unlock=self._refuse_to_ask,
            names=self.names,
            texts=lambda names: self.all_texts(),
            place=f"the {self.name}",
        )

    def status(self) -> KeychainStatus:
        """Return whether the file is there, is one, and is open; reads it only if it changed."""
        try:
            if self._key is None:
                self._file.check()
                raise trouble.locked(self.path.name, self._why_locked)
            self._current()
        except KeychainError as error:
            state = _STATES.get(error.code, KeychainState.FAILED)
            return KeychainStatus(
                state, self.name, error.message, error.remedy, error.title, error.code
            )
        return KeychainStatus(KeychainState.READY, self.name)

    @_bare
    def create(
        self, password: Secret, texts: Mapping[EntryName, str] = MappingProxyType({})
    ) -> None:
        """Make a new file, with entries from the start, and open it; never over another file."""
        key = _new_key(password)
        kdf = self._kdf.salted(os.urandom(SALT_LENGTH))
        with self._file.writing(self._locks):
            derived = derive(key, kdf, self.path.name)
            self._opened = self._file.create(kdf, derived, texts, self._clock())
        self._hold(key, resalted=True)

    @_bare
    def open(self, password: Secret) -> None:
        """Unlock the file; WRONG_PASSWORD and FILE_DAMAGED are told apart."""
        key = MasterKey(password)
        try:
            opened = self._file.load(key)
        except KeychainError:
            key.wipe()
            raise
        if opened is None:
            key.wipe()
            raise trouble.wrong_password(self.path.name)
        self._hold(key, resalted=False)
        self._opened = opened
        drop_abandoned(self._file.target.parent)

    def lock(self, why: str = "") -> None:
        """Drop the key and all that was decrypted, as ``SharedFile`` does."""
        super().lock(why)
        self._formers.clear()

    @_bare
    def change_password(self, old: Secret, new: Secret) -> None:
        """Give the file another master password; whoever shares it needs the new one then."""
        before, after = MasterKey(old), _new_key(new)
        try:
            self._need_key()
            self._current()  # with the key as the file wants it now
            if not self._need_key().same(before):
                raise trouble.wrong_password(self.path.name)
            self._commit(lambda entries: entries.note_new_password(self._clock()), after)
        except KeychainError:
            after.wipe()
            raise
        finally:
            before.wipe()
        self._hold(after, resalted=True)

    @_bare
    def names(self) -> tuple[EntryName, ...]:
        """Return the names of our entries in the file as it is now."""
        return self._current().entries.names()

    @_bare
    def text(self, name: EntryName) -> str | None:
        """Return an entry's text, ``None`` when there is no such entry."""
        return self._current().entries.text(name)

    @_bare
    def all_texts(self) -> dict[EntryName, str]:
        """Return the texts of all our entries."""
        entries = self._current().entries
        return {name: entries.text(name) or "" for name in entries.names()}

    def succeed(self, name: EntryName, former: EntryName) -> None:
        """Have the entry that is written next under ``name`` take the place of ``former``.

        It gets what people gave that one: title, group, icon, tags, attachments and its past.
        """
        self._formers[name] = former

    @_bare
    def put_texts(self, texts: Mapping[EntryName, str]) -> None:
        """Write entries, all of them in one go or none."""
        formers = {name: self._formers.pop(name, None) for name in texts}
        written: list[tuple[EntryName, str, EntryName | None, str]] = []

        def put(entries: Entries) -> bool:
            now = self._clock()
            changed = [
                entries.put(name, text, now, former=formers[name]) for name, text in texts.items()
            ]
            written[:] = [
                (name, text, formers[name], entries.entry_id(name))
                for name, text in texts.items()
                if not entries.is_test(name)
            ]
            return any(changed)

        self._commit(put)
        for one in written:
            self._recent.note_written(*one)

    @_bare
    def delete(self, names: Iterable[EntryName]) -> int:
        """Delete entries in one go; returns how many there were."""
        doomed = list(names)
        lasting: list[EntryName] = []
        done = 0

        def remove(entries: Entries) -> bool:
            nonlocal done
            now = self._clock()
            lasting[:] = [one for one in doomed if entries.holds(one) and not entries.is_test(one)]
            done = sum([entries.delete(name, now) for name in doomed])
            return done > 0

        self._commit(remove)
        for name in lasting:
            self._recent.note_deleted(name)
        return done

    def _refuse_to_ask(self, _: object = None) -> NoReturn:
        # There is no system that would ask: the window does, and calls `open`.
        raise trouble.locked(self.path.name, self._why_locked)

    def _backend(self) -> KeyringBackendLike:
        from adwarden.storage.keepass_backend import KeepassBackend

        return KeepassBackend(self)


def _new_key(password: Secret) -> MasterKey:
    if not password:
        raise trouble.no_password()
    return MasterKey(password)
