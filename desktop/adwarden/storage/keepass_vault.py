"""The vault of whichever KeePass file is in use: made, opened, locked and given up by a person.

It is a vault like any other for whoever reads and writes entries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, TypeVar

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage import keepass_errors as trouble
from adwarden.storage.backup_file import is_head
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_backends import KeyringBackendLike, SystemKeychain
from adwarden.storage.keychain_codec import NAMESPACE
from adwarden.storage.keychain_errors import refusal
from adwarden.storage.keychain_status import EntryName, KeychainState, KeychainStatus
from adwarden.storage.vault import Vault

T = TypeVar("T")

NAME = "KeePass file"
_NONE = (
    "No KeePass file is in use",
    "Adwarden was told of none, or was told to forget it.",
    "Open the file under “Where secrets are kept”. If it is lost, choose another place there; then "
    "restore a backup, or enter the keys of its X apps and authorize its accounts again.",
)

Maker = Callable[[Path], KeepassPlace]


class KeepassVault(Vault):
    """A vault in a KeePass file; ``path`` is where it is, ``None`` while there is none.

    For one thread, as every vault. While no file is in use its state is MISSING.
    """

    def __init__(
        self, path: Path | None, *, namespace: str = NAMESPACE, make: Maker = KeepassPlace
    ) -> None:
        self._make = make
        self._file = make(path) if path is not None else None
        self._made: tuple[Path, bytes] | None = None
        """The file that was made last, and its SHA-256 at that moment."""
        super().__init__(
            namespace=namespace,
            system=SystemKeychain(
                self._new_backend,
                self._look,
                unlock=self._refuse_to_ask,
                names=self._names,
                texts=self._texts,
                place="the KeePass file",
            ),
        )

    def put(
        self,
        service: str,
        username: str,
        credential: Credential,
        former: EntryName | None = None,
        beside: Iterable[EntryName] = (),
    ) -> None:
        """Keep ``credential`` as any vault does, with what people gave to ``former``."""
        del beside  # the file itself is the list
        self._pin()
        if former is not None:
            self._chosen().succeed(EntryName(service, username), former)
        super().put(service, username, credential)

    @property
    def is_open(self) -> bool:
        """Whether the key is in memory."""
        return self._file is not None and self._file.is_open

    def create(self, path: Path, password: Secret) -> KeychainStatus:
        """Make a new file and use it from now on; the one before is locked."""

        def begin(place: KeepassPlace) -> None:
            place.create(password)
            self._made = path, place.digest

        return self._use(path, begin)

    def go_back(self, path: Path, before: Path | None) -> KeychainStatus:
        """Undo ``create`` or ``use``: the file before is used again, locked.

        A file that was made here, and that nobody has changed since, is removed: it holds nothing.
        """
        self._pin()
        made, self._made = self._made, None
        if self._file is not None and self._file.path == path != before:
            self._file.lock()
            self._file = self._make(before) if before is not None else None
            self.close()
        if made is not None and made[0] == path:
            with suppress(OSError):
                if hashlib.sha256(path.read_bytes()).digest() == made[1]:
                    path.unlink()
        return self.status()

    def use(
        self, path: Path, password: Secret, *, holding: Collection[EntryName] = ()
    ) -> KeychainStatus:
        """Open another file and use it from now on; nothing changes where it does not open.

        Refused where it lacks entries that are to be in it, and where it is a backup: that has
        them all, and what came after it would be out of reach.
        """

        def begin(place: KeepassPlace) -> None:
            place.open(password)
            found = place.names()
            missing = set(holding) - set(found)
            if any(map(is_head, found)):
                place.lock()
                raise trouble.a_backup(path.name)
            if missing:
                place.lock()
                before = self._file.path.name if self._file else "the file before"
                raise in_use(before, len(missing))

        return self._use(path, begin)

    def enter(self, password: Secret) -> KeychainStatus:
        """Unlock the file in use."""
        self._pin()
        self._chosen().open(password)
        return self.status()

    def lock(self, why: str = "") -> KeychainStatus:
        """Drop the key and what was decrypted; fine when there is nothing to lock."""
        self._pin()
        if self._file is not None:
            self._file.lock(why)
        return self.status()

    def change_password(self, old: Secret, new: Secret) -> KeychainStatus:
        """Give the file another master password."""
        self._pin()
        self._chosen().change_password(old, new)
        return self.status()

    def forget(self) -> KeychainStatus:
        """Use the file no longer; what is in it stays."""
        self.lock()
        self._file = None
        self.close()
        return self.status()

    def _use(self, path: Path, begin: Callable[[KeepassPlace], None]) -> KeychainStatus:
        self._pin()
        place = self._make(path)
        begin(place)
        if self._file is not None:
            self._file.lock()
        self._file = place
        self.close()  # the backend was that of the other file
        return self.status()

    def _look(self) -> KeychainStatus:
        if self._file is None:
            title, message, remedy = _NONE
            return KeychainStatus(
                KeychainState.MISSING, NAME, message, remedy, title, ErrorCode.KEYCHAIN_MISSING
            )
        return self._file.status()

    def _chosen(self) -> KeepassPlace:
        if self._file is None:
            raise KeychainError(ErrorCode.KEYCHAIN_MISSING, *_NONE)
        return self._file

    def _names(self) -> tuple[EntryName, ...]:
        # What says of a backup that it is one is no secret, wherever somebody put it.
        return tuple(name for name in self._chosen().names() if not is_head(name))

    def _texts(self, names: Iterable[EntryName]) -> Mapping[EntryName, str | KeychainError]:
        found = self._chosen().all_texts()
        return {name: found[name] for name in names if name in found}

    def _new_backend(self) -> KeyringBackendLike:
        return self._chosen().system.backend()

    def _refuse_to_ask(self, _: object = None) -> NoReturn:
        # No system asks for a master password: the window does, and calls `enter`.
        raise refusal(self._look())


def in_use(file: str, count: int) -> KeychainError:
    """Return the error for another file while secrets are in the one in use."""
    words = "One secret is" if count == 1 else f"{count} secrets are"
    return KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        "Another KeePass file is in use",
        f"{words} kept in {file}, and would be out of reach.",
        "Move them to another place first, or forget that file.",
    )
