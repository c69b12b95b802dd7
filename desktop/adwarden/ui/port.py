"""What the window needs of the services; they and the tests' stand-in both fit it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from adwarden.domain.model import AppAccess, Snapshot, SuggestedApp, XApp
from adwarden.domain.secret import Secret
from adwarden.services.events import Event
from adwarden.storage.vault import KeychainStatus

Suggest = Callable[[], Sequence[SuggestedApp]]
"""Returns the apps whose keys are at hand; the first one that is not here yet is meant."""


class Services(Protocol):
    """The use cases; coroutines run on the loop and raise ``AdwardenError``."""

    async def load(self) -> Snapshot:
        """Return the last known state."""

    async def add_app(self, label: str, key: Secret, secret: Secret, access: AppAccess) -> XApp:
        """Keep an app's keys; ``InputError`` names the field."""

    async def renew_app(self, app_id: str, key: Secret, secret: Secret) -> XApp:
        """Keep an app's keys again; ``InputError`` names the field."""

    async def remove_app(self, app_id: str) -> None:
        """Remove an app that has no connections."""

    async def refresh(self, connection_id: str) -> None:
        """Fetch one connection; parts and the end arrive as events."""

    async def refresh_all(self) -> None:
        """Fetch all connections."""

    def cancel_refresh(self) -> None:
        """Stop fetching."""

    async def disconnect(self, connection_id: str, *, revoke: bool) -> None:
        """Remove a connection; nothing is removed when revoking fails."""

    async def keychain_status(self) -> KeychainStatus:
        """Look at the keychain, without a prompt."""

    async def unlock(self) -> KeychainStatus:
        """Have the system unlock its keychain, with its own prompt."""

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear of every event; returns what ends it."""
