"""What the services tell whoever listens; plain data, delivered on the loop's own thread."""

from __future__ import annotations

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import AccountEntry, Connection, XApp
from adwarden.providers.base import KnownWindow
from adwarden.storage.vault import KeychainStatus


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
class RefreshProgress:
    """A refresh goes on; counts of ad accounts, ``total`` 0 while the list is being read."""

    connection_id: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RefreshEnded:
    """A refresh is over; ``error`` is what stopped it, ``None`` when it ran to its end."""

    connection_id: str
    error: AdwardenError | None


@dataclass(frozen=True, slots=True)
class LimitsChanged:
    """Calls told what is left of these rate limits; at most some hundreds at a time."""

    windows: tuple[KnownWindow, ...]


@dataclass(frozen=True, slots=True)
class KeychainChanged:
    """The state of the system keychain as last seen."""

    status: KeychainStatus


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
    | RefreshProgress
    | RefreshEnded
    | LimitsChanged
    | KeychainChanged
    | DataFolderTrouble
)
