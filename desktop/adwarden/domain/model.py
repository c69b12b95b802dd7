"""The things Adwarden shows, as frozen data; times of ours are Unix seconds, ids are text.

Values that X may extend (permissions, types, statuses) stay text, so that unknown ones survive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType
from typing import Generic, TypeVar

from adwarden.domain.data import dataclass
from adwarden.domain.secret import Secret

KEYCHAIN, FILE, MEMORY = "keychain", "file", "memory"
"""Where secrets can be kept: the system keychain, a KeePass file, or only until the program ends.
Text, as the index of a newer version may name another place."""

MAX_LABEL = 60
"""Characters that an X app's name may have."""


class AppAccess(Enum):
    """App-level access to the Ads API (X: Accessing Ads accounts, and Increasing access).

    The last four are the levels of before July 2023, which may carry a limit of five tokens.
    """

    UNKNOWN = "unknown"
    STANDARD = "standard"
    CONVERSION_ONLY = "conversion-only"
    LEGACY_ANALYTICS = "legacy-analytics"
    LEGACY_CAMPAIGNS = "legacy-campaigns"
    LEGACY_AUDIENCES = "legacy-audiences"
    LEGACY_CONVERSION = "legacy-conversion"


class AppState(Enum):
    """What is known of an app's API key and secret, whatever is known of its connections."""

    UNKNOWN = "unknown"
    WORKING = "working"
    KEYS_MISSING = "keys-missing"
    WRONG_KEYS = "wrong-keys"
    SUSPENDED = "suspended"


class ConnectionState(Enum):
    """What is known of a connection's token; while REVOKING, X is still to be told to forget it."""

    UNKNOWN = "unknown"
    WORKING = "working"
    ATTENTION = "attention"
    REVOKED = "revoked"
    NEEDS_AUTHORIZATION = "needs-authorization"
    REVOKING = "revoking"


@dataclass(frozen=True, slots=True)
class Credential:
    """One keychain entry: its kind, its secrets and the facts that describe it.

    ``kind`` is ``x-app`` (secrets ``key``, ``secret``) or ``x-oauth1-token``
    (secrets ``token``, ``secret``; facts ``user_id``, ``screen_name``, ``app``).
    """

    kind: str
    secrets: Mapping[str, Secret]
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class XApp:
    """A developer app; ``entry`` names the keychain entry that holds its keys.

    ``approved_at`` is the day of the approval for the Ads API, as a person noted it, ``note``
    what else they wrote. ``holds`` names the secrets the entry has beside key and secret
    (``bearer``, ``client_id``, ``client_secret``), ``place`` is where it is kept, ``state`` what
    was last found out about the keys.
    """

    id: str
    provider: str
    label: str
    access: AppAccess
    entry: str
    added_at: float
    approved_at: float | None = None
    note: str = ""
    holds: tuple[str, ...] = ()
    place: str = KEYCHAIN
    state: AppState = AppState.UNKNOWN


@dataclass(frozen=True, slots=True)
class SuggestedApp:
    """An app whose keys are at hand, so that nobody has to look them up: the practice server's."""

    label: str
    access: AppAccess
    key: Secret
    secret: Secret


@dataclass(frozen=True, slots=True)
class Connection:
    """One user's authorization of one app; ``entry`` names the keychain entry of its token.

    ``access_level`` is X's ``x-access-level`` header of this token, empty while unknown.
    ``authorized_at`` is 0 where nobody knows the day, as for an app's ``added_at``.
    ``error`` is the last failure of the whole connection in words, empty when there is none;
    ``error_at`` is when that was, ``None`` where nobody wrote it down.
    ``label`` and ``note`` are a person's own words, ``place`` is where the token is kept, and
    ``pasted`` whether it came from the developer console and not by a PIN.
    """

    id: str
    app_id: str
    user_id: str
    screen_name: str
    entry: str
    authorized_at: float
    state: ConnectionState = ConnectionState.UNKNOWN
    checked_at: float | None = None
    access_level: str = ""
    error: str = ""
    label: str = ""
    note: str = ""
    place: str = KEYCHAIN
    pasted: bool = False
    error_at: float | None = None

    @property
    def handle(self) -> str:
        """The user's name as people write it, or the user id while the name is unknown."""
        return f"@{self.screen_name}" if self.screen_name else self.user_id


@dataclass(frozen=True, slots=True)
class AdAccount:
    """An ad account as ``GET accounts`` describes it (X Ads API v12, Accounts)."""

    id: str
    name: str
    approval_status: str = ""
    timezone: str = ""
    deleted: bool = False
    business_name: str = ""
    business_id: str = ""
    industry_type: str = ""
    created_at: str = ""
    updated_at: str = ""
    timezone_switch_at: str = ""


@dataclass(frozen=True, slots=True)
class PromotableUser:
    """A user that an ad account may promote (X Ads API v12, Promotable users).

    ``handle`` is without ``@`` and empty while unknown: the API sends only the user id.
    """

    id: str
    user_id: str
    type: str
    deleted: bool = False
    handle: str = ""
    created_at: str = ""
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What the current user may do on an ad account (Authenticated user access)."""

    user_id: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """One ad account as one connection sees it; ``None`` is not fetched yet.

    The two error texts belong to the two calls, so that one failure hides nothing else.
    ``fetched_at`` is when both calls had been made last, well or not. The other times tell how
    old each part is that is shown: ``None`` where nobody wrote it down.
    """

    account: AdAccount
    access: Access | None = None
    access_error: str = ""
    users: tuple[PromotableUser, ...] | None = None
    users_error: str = ""
    fetched_at: float | None = None
    listed_at: float | None = None
    """When ``account`` stood in the list of ad accounts last."""

    access_at: float | None = None
    """When ``access`` came."""

    users_at: float | None = None
    """When ``users`` came."""

    @property
    def known_at(self) -> float | None:
        """When the oldest part came that is shown; a call that failed makes nothing newer."""
        access = self.access_at if self.access is not None else None
        users = self.users_at if self.users is not None else None
        if access is None or users is None:
            return self.fetched_at if access is users else users if access is None else access
        return min(access, users)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The last known state of everything, as the window paints it before any call."""

    apps: tuple[XApp, ...] = ()
    connections: tuple[Connection, ...] = ()
    entries: Mapping[str, tuple[AccountEntry, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Connection id to its ad accounts, in the order of their names."""

    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Connection id to the number of its ad accounts, where ``entries`` has the first of them
    only; empty where it has them all."""

    total: int = 0
    """How many different ad accounts that is together."""


@dataclass(frozen=True, slots=True)
class RateWindow:
    """What is left of one rate limit: counts of requests, and Unix seconds of the reset."""

    limit: int
    remaining: int
    resets_at: float


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a collection; ``next_cursor`` is opaque and empty on the last page.

    ``whole`` is whether all of it could be read: what a page lacks that is not whole is not gone.
    """

    items: tuple[T, ...]
    next_cursor: str = ""
    whole: bool = True


def missing_handles(
    entries: Iterable[AccountEntry], known: Mapping[str, object]
) -> tuple[str, ...]:
    """Return the user ids without a handle that nobody has looked up, each once, in order."""
    found = (
        user.user_id
        for entry in entries
        for user in entry.users or ()
        if user.user_id and not user.handle and user.user_id not in known
    )
    # Only digits can be asked for: one id of another kind would have the whole batch refused.
    return tuple(dict.fromkeys(one for one in found if one.isascii() and one.isdigit()))
