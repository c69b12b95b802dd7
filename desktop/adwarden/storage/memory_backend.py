"""A backend of ``keyring`` that keeps its entries in memory, for Adwarden alone."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from adwarden.storage.keychain_status import EntryName


class MemoryBackend(KeyringBackend):
    """Reads and writes ``texts``, which belongs to the place."""

    priority = -1  # below keyring's own `fail`: never recommended, never chosen

    def __init__(self, texts: dict[EntryName, str] | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._texts = {} if texts is None else texts

    def set_properties_from_env(self) -> None:
        """Take no attribute from ``KEYRING_PROPERTY_*``."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the entry's text, or ``None`` when there is no such entry."""
        return self._texts.get(EntryName(service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep the entry until the program ends."""
        self._texts[EntryName(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget the entry; raises ``PasswordDeleteError`` when there is none."""
        if self._texts.pop(EntryName(service, username), None) is None:
            raise PasswordDeleteError("no such entry")
