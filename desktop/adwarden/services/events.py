"""What the services tell whoever listens; plain data, delivered on the loop's own thread."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import KEYCHAIN, AccountEntry, Connection, XApp
from adwarden.providers.base import KnownWindow
from adwarden.storage.keychain_status import KeychainStatus

if TYPE_CHECKING:
    from adwarden.domain.changes import Recorded
    from adwarden.domain.lookups import Looked


@dataclass(frozen=True, slots=True)
class AppSaved:
    """An app is new or has changed."""

    app: XApp


@dataclass(frozen=True, slots=True)
class AppRemoved:
    """An app is gone, and all its connections with it."""

    app_id: str


@dataclass(frozen=True, slots=True)
class ConnectionSaved:
    """A connection is new or has changed (state, handle, error)."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class ConnectionRemoved:
    """A connection is gone, and its ad accounts with it."""

    connection_id: str


@dataclass(frozen=True, slots=True)
class EntriesSaved:
    """These ad accounts of a connection are new or have changed."""

    connection_id: str
    entries: tuple[AccountEntry, ...]


@dataclass(frozen=True, slots=True)
class EntriesRemoved:
    """These ad accounts are no longer reached by the connection."""

    connection_id: str
    account_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryGrew:
    """Changes were found, oldest first; one that still grows is told again, with the same id."""

    changes: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class HistoryCounted:
    """How many changes of each connection nobody has looked at yet; counts from now on."""

    unseen: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RefreshProgress:
    """A refresh goes on; counts of ad accounts, ``total`` 0 while the list is being read."""

    connection_id: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RefreshWaiting:
    """A refresh waits until ``resumes_at`` (Unix seconds), for as long as ``reason`` stands.

    The reason is in words for a person. Where both are missing it goes on; a reason without a
    time is a wait whose end nobody knows.
    """

    connection_id: str
    resumes_at: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefreshEnded:
    """A refresh is over; ``error`` is what stopped it, ``None`` when it ran to its end."""

    connection_id: str
    error: AdwardenError | None


@dataclass(frozen=True, slots=True)
class LookupProgress:
    """A look-up on demand goes on; ``kind`` is a value of ``domain.lookups.Kind``.

    ``total`` is 0 where there is nothing to count. ``asked`` are the users whose handles it asks
    for, in the first of these events.
    """

    kind: str
    connection_id: str
    account_id: str
    done: int
    total: int
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Something was looked up, and is in the index."""

    found: tuple[Looked, ...]


@dataclass(frozen=True, slots=True)
class LookupEnded:
    """A look-up on demand is over; ``error`` is what went wrong, ``None`` when nothing did."""

    kind: str
    connection_id: str
    account_id: str
    error: AdwardenError | None


@dataclass(frozen=True, slots=True)
class LimitsChanged:
    """Calls told what is left of these rate limits; at most some hundreds at a time."""

    windows: tuple[KnownWindow, ...]


@dataclass(frozen=True, slots=True)
class KeychainChanged:
    """The state of a place of secrets as last seen, by default of the system keychain."""

    status: KeychainStatus
    place: str = KEYCHAIN


class Stage(Enum):
    """How far a removal is: it can be undone while it waits."""

    WAITING = "waiting"
    UNDONE = "undone"
    ENDING = "ending"
    DONE = "done"
    FAILED = "failed"


class RemovalKind(Enum):
    """What is on its way out."""

    CONNECTION = "connection"
    APP = "app"
    LEAVE = "leave"
    """Connections that are left together."""

    ENTRY = "entry"
    """An entry in a place of secrets that nothing lists."""

    SECRETS = "secrets"
    """Secrets that an app has beside its keys."""


@dataclass(frozen=True, slots=True)
class Removal:
    """Something on its way out; ``name`` is what people call it, ``count`` how much it is.

    ``revoke`` is whether X is to forget the token. It can be undone until ``until``, in seconds
    of the clock that nobody can set. ``place`` is where an entry or an app's secrets are kept.
    """

    id: str
    name: str
    revoke: bool
    until: float
    kind: RemovalKind = RemovalKind.CONNECTION
    count: int = 1
    place: str = KEYCHAIN

    @property
    def is_app(self) -> bool:
        """Whether an app as a whole goes."""
        return self.kind is RemovalKind.APP


@dataclass(frozen=True, slots=True)
class Left:
    """How leaving went with one connection; ``error`` is why it stays, ``None`` when it is gone."""

    connection_id: str
    handle: str
    app_label: str
    error: AdwardenError | None = None


@dataclass(frozen=True, slots=True)
class RemovalChanged:
    """A removal has come to a stage; ``error`` is why it failed. What failed is there again.

    ``left`` is how it went so far with each of the connections that are left together.
    """

    removal: Removal
    stage: Stage
    error: AdwardenError | None = None
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class DataFolderTrouble:
    """Something in the data folder was damaged and moved aside, or cannot be written."""

    error: AdwardenError


Event = (
    AppSaved
    | AppRemoved
    | ConnectionSaved
    | ConnectionRemoved
    | EntriesSaved
    | EntriesRemoved
    | HistoryGrew
    | HistoryCounted
    | RefreshProgress
    | RefreshWaiting
    | RefreshEnded
    | LimitsChanged
    | LookupProgress
    | LookedUp
    | LookupEnded
    | KeychainChanged
    | RemovalChanged
    | DataFolderTrouble
)
