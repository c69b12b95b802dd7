"""Which keychain each system has: a fixed list, never found through settings or plug-ins.

keyring's own search reads the environment, a file and entry points, each of which can name
another place, even a plain text file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from adwarden.domain.data import dataclass
from adwarden.storage.keychain_status import EntryName, KeychainState, KeychainStatus

if TYPE_CHECKING:
    import threading

    from adwarden.domain.errors import KeychainError
    from adwarden.storage.secret_service import SecretService


class KeyringBackendLike(Protocol):
    """The part of keyring's backend interface that the vault uses."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the entry's text, or ``None`` when there is no such entry."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write the entry."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete the entry; raises a ``PasswordDeleteError`` when there is none."""


def _nothing(_: object = None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class SystemKeychain:
    """How the vault works with one kind of keychain.

    ``probe`` never prompts, ``unlock`` may; it gets what is set once nobody waits for the answer
    any more, upon which a prompt is to be closed. ``delete_first`` is for the Credential Manager,
    where writing over an entry keeps the old secret under another name. Any of the calls may
    raise whatever the system raises. ``names`` is for places that can be listed: they need no
    manifest. ``found`` is for keychains that can be searched, and
    returns ``None`` where that does not work; names of other programs are among its answer.
    ``texts`` reads many entries at once, where that is quicker; what is not there is
    not in its answer. ``torn`` says that a crash while an entry is replaced can lose the old one
    and the new one, ``shared`` that other processes write there, too. ``place`` is what people
    call it.
    """

    backend: Callable[[], KeyringBackendLike]
    probe: Callable[[], KeychainStatus]
    unlock: Callable[[threading.Event], None] = _nothing
    close: Callable[[], None] = _nothing
    delete_first: bool = False
    torn: bool = False
    shared: bool = False
    names: Callable[[], tuple[EntryName, ...]] | None = None
    found: Callable[[], tuple[EntryName, ...] | None] | None = None
    texts: Callable[[Iterable[EntryName]], Mapping[EntryName, str | KeychainError]] | None = None
    place: str = "the system keychain"


def system_keychain(platform: str = sys.platform) -> SystemKeychain:
    """Return the keychain of this system; imports nothing before one of its calls is made."""
    if platform == "win32":
        return SystemKeychain(_windows, _windows_status, delete_first=True, torn=True, shared=True)
    if platform == "darwin":
        # keyring replaces an entry there by deleting it first.
        return SystemKeychain(_macos, _macos_status, torn=True, shared=True)
    linux = _Linux()
    return SystemKeychain(
        linux.backend, linux.probe, linux.unlock, linux.close,
        found=linux.found, texts=linux.texts, shared=True,
    )  # fmt: skip


class _Linux:
    """Holds the one connection to the Secret Service that probe and backend share."""

    def __init__(self) -> None:
        self._service: SecretService | None = None

    def service(self) -> SecretService:
        # Imported at its first use, on the keychain thread: that costs some 150 ms.
        from adwarden.storage.secret_service import SecretService

        if self._service is None:
            self._service = SecretService()
        return self._service

    def backend(self) -> KeyringBackendLike:
        from adwarden.storage.keychain_linux import QuietSecretService

        return QuietSecretService(self.service())

    def probe(self) -> KeychainStatus:
        return self.service().status()

    def unlock(self, given_up: threading.Event) -> None:
        self.service().unlock(given_up)

    def texts(self, names: Iterable[EntryName]) -> Mapping[EntryName, str | KeychainError]:
        from adwarden.storage.secret_service_bulk import read_all

        return read_all(self.service(), names)

    def found(self) -> tuple[EntryName, ...] | None:
        from adwarden.storage.secret_service_bulk import find_all

        return find_all(self.service())

    def close(self) -> None:
        if self._service is not None:
            self._service.close()


def _windows() -> KeyringBackendLike:
    from adwarden.storage.keychain_windows import LocalCredentialManager

    return LocalCredentialManager()


def _windows_status() -> KeychainStatus:
    from keyring.backends.Windows import WinVaultKeyring

    return _present("Windows Credential Manager", bool(WinVaultKeyring.viable))


def _macos() -> KeyringBackendLike:
    from adwarden.storage.keychain_macos import DefaultKeychain

    return DefaultKeychain()  # type: ignore[no-untyped-call]


def _macos_status() -> KeychainStatus:
    from keyring.backends.macOS import Keyring

    return _present("macOS Keychain", bool(Keyring.viable))


def _present(product: str, found: bool) -> KeychainStatus:
    if found:
        return KeychainStatus(KeychainState.READY, product)
    return KeychainStatus(
        KeychainState.MISSING,
        product,
        f"The {product} cannot be reached from this program.",
        "Install Adwarden again; a part of it is missing.",
    )
