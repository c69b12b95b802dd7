"""What the window needs of the services; they and the tests' stand-in both fit it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from adwarden.domain.model import AppAccess, Snapshot, SuggestedApp, XApp
from adwarden.domain.secret import Secret
from adwarden.services.events import Event
from adwarden.storage.keychain_status import KeychainStatus

if TYPE_CHECKING:
    from pathlib import Path

    from adwarden.domain.changes import Recorded, Wanted
    from adwarden.domain.report import Scope
    from adwarden.services.history import Page as HistoryPage

Suggest = Callable[[], Sequence[SuggestedApp]]
"""Returns the apps whose keys are at hand; the first one that is not here yet is meant."""


class HistoryReader(Protocol):
    """What has changed; all raise ``StorageError``."""

    async def begin(self, days: int) -> tuple[Recorded, ...]:
        """Forget what is older than ``days``; return the losses nobody has seen, newest first."""

    async def page(self, wanted: Wanted, *, before: int = 0) -> HistoryPage:
        """Return changes, newest first, older than the one with the id ``before`` if given."""

    async def visit(self) -> None:
        """Count all as seen."""


class LookupMaker(Protocol):
    """What is fetched on demand only; what is found, and the end, arrive as events."""

    async def recall(self) -> None:
        """Tell, by an event, all that was looked up before."""

    async def handles(
        self, connection_id: str, user_ids: Sequence[str], account_id: str = ""
    ) -> None:
        """Ask for the names of users, which costs money."""

    async def funding(self, connection_id: str, account_id: str) -> None:
        """Ask what pays for an ad account."""

    async def features(self, connection_id: str, account_id: str) -> None:
        """Ask for an ad account's features."""


class ReportWriter(Protocol):
    """Writes the access report."""

    async def write(
        self, path: Path, kind: str, scope: Scope, *, stale_after: float, replace: bool = False
    ) -> int:
        """Write it and return its rows; ``ExistsError`` for a file that is there."""


class Services(Protocol):
    """The use cases; coroutines run on the loop and raise ``AdwardenError``."""

    @property
    def lookups(self) -> LookupMaker:
        """What is fetched on demand only."""

    @property
    def reports(self) -> ReportWriter:
        """The access report."""

    async def note_approval(self, app_id: str, approved_at: float | None) -> XApp:
        """Keep the day on which X approved the app, in Unix seconds, or forget it."""

    @property
    def history(self) -> HistoryReader:
        """What has changed."""

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

    def prioritize(self, connection_id: str, account_ids: Iterable[str]) -> None:
        """Fetch these ad accounts first: somebody is looking at them."""

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
