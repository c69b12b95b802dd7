"""What the window needs of the services; they and the tests' stand-in both fit it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from adwarden.domain.model import AppAccess, Connection, Snapshot, SuggestedApp, XApp
from adwarden.domain.secret import Secret
from adwarden.services.events import Event, Removal
from adwarden.storage.keychain_status import KeychainStatus

if TYPE_CHECKING:
    from pathlib import Path

    from adwarden.domain.changes import Recorded, Wanted
    from adwarden.domain.checks import CheckResult
    from adwarden.domain.handover import Taken
    from adwarden.domain.report import Scope
    from adwarden.services.backup import Written
    from adwarden.services.handing_over import HandingOver
    from adwarden.services.history import Page as HistoryPage
    from adwarden.services.moving import Moving
    from adwarden.services.restoring import Choices, Preview, Restored, Told
    from adwarden.services.survey import Survey
    from adwarden.services.taking_in import Compared, Outcome
    from adwarden.services.taking_in import Preview as TakenPreview
    from adwarden.services.trying import Trying
    from adwarden.services.vault_file import VaultFile

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


class BackupMaker(Protocol):
    """Writes backups, looks into them, brings them in."""

    async def places(self) -> Sequence[tuple[str, str]]:
        """Return the places that can be written to now, and what people call them."""

    async def sources(self) -> Sequence[tuple[str, str, KeychainStatus]]:
        """Return the places that hold something, what people call them, and their states."""

    async def write(
        self,
        path: Path,
        password: Secret,
        *,
        settings: Mapping[str, str] = ...,
        replace: bool = False,
    ) -> Written:
        """Write everything; ``ExistsError`` for a file that is there."""

    async def preview(self, path: Path, password: Secret) -> Preview:
        """Open a backup and compare it with what is here."""

    async def restore(self, preview: Preview, choices: Choices, told: Told = ...) -> Restored:
        """Bring in what was chosen."""


class AppEditor(Protocol):
    """Edits apps and names connections; the secrets come out one at a time."""

    async def edit(
        self,
        app_id: str,
        *,
        label: str,
        access: AppAccess,
        note: str,
        secrets: Mapping[str, Secret],
        removed: Collection[str],
    ) -> XApp:
        """Change an app as a whole; ``InputError`` names the field."""

    async def weigh_keys(self, app_id: str, key: Secret, secret: Secret) -> None:
        """Look whether a new pair would do; ``DoubtfulKeysError`` names the field."""

    async def fetch_bearer(self, app_id: str) -> XApp:
        """Have X give the bearer token, and keep it."""

    async def invalidate_bearer(self, app_id: str) -> XApp:
        """Have X forget the bearer token, then remove it."""

    async def secret(self, app_id: str, name: str) -> Secret:
        """Return one of an app's secrets."""

    async def token(self, connection_id: str, name: str) -> Secret:
        """Return a connection's token or its secret."""

    async def name_connection(self, connection_id: str, *, label: str, note: str) -> Connection:
        """Keep a name and a note for a connection."""


class TokenTaker(Protocol):
    """Takes pasted tokens."""

    async def add(
        self, app_id: str, token: Secret, secret: Secret, *, connection_id: str = ""
    ) -> Connection:
        """Ask X whose token it is, then keep it; ``InputError`` names the field."""


class TokenIntake(Protocol):
    """Takes in what other tools' files hold."""

    async def compare(self, taken: Taken) -> TakenPreview:
        """Say what each set is to what is kept here; nothing is changed."""

    async def adopt(
        self, chosen: Iterable[Compared], *, check: bool = False
    ) -> tuple[Outcome, ...]:
        """Keep what was chosen; ``check`` has X confirm it first."""


class Remover(Protocol):
    """Disconnects and removes; what comes of it is told by events."""

    def disconnect(self, connection_id: str, *, revoke: bool) -> None:
        """Hide a connection, and end it after some seconds."""

    def remove_app(self, app_id: str) -> None:
        """Hide an app, and end it after some seconds; ``InputError`` where it is in use."""

    def left(self, removal: Removal) -> float:
        """Return the seconds for which a removal can still be undone."""

    async def undo(self, item_id: str) -> bool:
        """Bring back what was removed; returns whether it was not too late."""

    async def again(self, removal_id: str) -> None:
        """Begin anew a removal that has failed."""

    def stop(self, removal_id: str) -> None:
        """Have those connections stay that are to be left, and have not been yet."""

    async def retry(self, connection_id: str) -> None:
        """Try again to revoke a connection that is being revoked."""


class Checker(Protocol):
    """Tells whether connections work."""

    async def check(
        self, ids: Iterable[str], told: Callable[[CheckResult], None] = ...
    ) -> tuple[CheckResult, ...]:
        """Check connections; ``told`` gets each result as it comes."""


class Leaver(Protocol):
    """Revokes many connections; what comes of it is told by events."""

    def leave(self, ids: Iterable[str], name: str) -> None:
        """Hide them, and after some seconds revoke one after the other; ``name`` has them."""


class Services(Protocol):
    """The use cases; coroutines run on the loop and raise ``AdwardenError``."""

    @property
    def removing(self) -> Remover:
        """Disconnecting and removing."""

    @property
    def checking(self) -> Checker:
        """Whether connections work."""

    @property
    def leaving(self) -> Leaver:
        """Revoking many connections."""

    @property
    def lookups(self) -> LookupMaker:
        """What is fetched on demand only."""

    @property
    def backup(self) -> BackupMaker:
        """Everything in one encrypted file, and back."""

    @property
    def reports(self) -> ReportWriter:
        """The access report."""

    @property
    def apps(self) -> AppEditor:
        """What can be changed of apps."""

    @property
    def pasting(self) -> TokenTaker:
        """Connections by a pasted token."""

    @property
    def taking_in(self) -> TokenIntake:
        """What other tools' files hold."""

    @property
    def handing_over(self) -> HandingOver:
        """A connection's secrets in the formats of other tools."""

    @property
    def trying(self) -> Trying:
        """Requests made by hand."""

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

    async def refresh(self, connection_id: str) -> None:
        """Fetch one connection; parts and the end arrive as events."""

    async def refresh_all(self) -> None:
        """Fetch all connections."""

    def prioritize(self, connection_id: str, account_ids: Iterable[str]) -> None:
        """Fetch these ad accounts first: somebody is looking at them."""

    def cancel_refresh(self) -> None:
        """Stop fetching."""

    async def keychain_status(self) -> KeychainStatus:
        """Look at the keychain, without a prompt."""

    async def unlock(self, place: str = ...) -> KeychainStatus:
        """Have a place unlocked: the system asks for its keychain, the window for a file."""

    @property
    def vault_file(self) -> VaultFile:
        """The KeePass file as a place of secrets."""

    @property
    def moving(self) -> Moving:
        """Moves secrets from one place to another."""

    @property
    def survey(self) -> Survey:
        """What is in each place of secrets."""

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear of every event; returns what ends it."""
