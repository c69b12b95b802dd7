"""The KeePass file as a backend of ``keyring``, for Adwarden alone.

It has no place in keyring's own search: without a file and its key it could not be made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from adwarden.storage.keychain_status import EntryName

if TYPE_CHECKING:
    from adwarden.storage.keepass_place import KeepassPlace


class KeepassBackend(KeyringBackend):
    """Reads and writes one opened KeePass file; lets out ``KeychainError`` from it."""

    priority = -1  # below keyring's own `fail`: never recommended, never chosen

    def __init__(self, place: KeepassPlace) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._place = place

    def set_properties_from_env(self) -> None:
        """Take no attribute from ``KEYRING_PROPERTY_*``: they could lead to another place."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the entry's text, or ``None`` when there is no such entry."""
        return self._place.text(EntryName(service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write the entry; it is in the file, on the disk, when this returns."""
        self._place.put_texts({EntryName(service, username): password})

    def delete_password(self, service: str, username: str) -> None:
        """Delete the entry; raises ``PasswordDeleteError`` when there is none."""
        if not self._place.delete((EntryName(service, username),)):
            raise PasswordDeleteError("no such entry")
