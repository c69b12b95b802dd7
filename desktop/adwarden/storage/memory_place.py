"""A place for this session only: nothing of it is ever written, and it ends with the program."""

from __future__ import annotations

from adwarden.storage.keychain_backends import KeyringBackendLike, SystemKeychain
from adwarden.storage.keychain_status import EntryName, KeychainState, KeychainStatus

NAME = "memory, for this session"


class MemoryPlace:
    """Keeps texts in memory; used by one thread, as any place is."""

    def __init__(self) -> None:
        self._texts: dict[EntryName, str] = {}

    @property
    def system(self) -> SystemKeychain:
        """How the vault works with this place."""
        return SystemKeychain(
            self._backend,
            lambda: KeychainStatus(KeychainState.READY, NAME),
            names=lambda: tuple(self._texts),
            texts=lambda names: self._texts,
            place="memory",
        )

    def all_texts(self) -> dict[EntryName, str]:
        """Return all entries."""
        return dict(self._texts)

    def clear(self) -> None:
        """Forget everything."""
        self._texts.clear()

    def _backend(self) -> KeyringBackendLike:
        from adwarden.storage.memory_backend import MemoryBackend

        return MemoryBackend(self._texts)
