"""The protocol every ads platform is reached through; blocking calls, made by worker threads.

A second platform is one new folder beside ``x`` that offers a ``Provider``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from adwarden.domain.data import dataclass
from adwarden.domain.model import (
    Access,
    AdAccount,
    Credential,
    Page,
    PromotableUser,
    RateWindow,
)
from adwarden.domain.secret import Secret

if TYPE_CHECKING:
    from adwarden.domain.lookups import FundingInstrument, KnownHandle
    from adwarden.domain.tried import Comparison, Explained, Tried, Wanted


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A started authorization: the page to open, and the request token it belongs to.

    ``url`` contains the request token, so it is not printed either.
    """

    url: str = field(repr=False)
    token: Secret
    secret: Secret
    made_at: float


@dataclass(frozen=True, slots=True)
class Grant:
    """What an authorization gave: the token as a keychain credential, and whose it is."""

    credential: Credential
    user_id: str
    screen_name: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token it is, and what it may do by the platform's own word (may be empty)."""

    user_id: str
    screen_name: str
    access_level: str


@dataclass(frozen=True, slots=True)
class GuestRules:
    """What the embedded page needs to know of a platform.

    ``hosts`` may be shown at the top level (exact ``host`` or ``host:port`` in lower case);
    the PIN is read on ``pin_host`` at ``pin_path`` only.
    """

    scheme: str
    hosts: frozenset[str]
    pin_host: str
    pin_path: str


@dataclass(frozen=True, slots=True)
class KnownWindow:
    """A rate limit as last heard of: ``endpoint`` such as ``GET accounts``.

    ``scope`` names the token the limit belongs to (``app id/user id``), since X counts per
    token; ``account_id`` is empty for a limit of the token alone.
    """

    scope: str
    endpoint: str
    account_id: str
    window: RateWindow


class Trying(Protocol):
    """Requests that a person makes by hand; all calls block."""

    def send(self, app: Credential, user: Credential, wanted: Wanted) -> Tried:
        """Send it once; a refusal is an answer. Raises ``NetworkError`` where none came."""

    def explain(self, app: Credential, user: Credential, wanted: Wanted) -> Explained:
        """Return how it would be signed now."""

    def compare(
        self, app: Credential, user: Credential, wanted: Wanted, pasted: Secret
    ) -> Comparison:
        """Tell how a header, or a command, from elsewhere differs; never raises."""


class Provider(Protocol):
    """One platform, used by one thread at a time. All calls block and raise ``AdwardenError``."""

    @property
    def id(self) -> str:
        """The name stored with apps, such as ``x``."""

    def guest_rules(self) -> GuestRules:
        """Return which pages the embedded browser may show and where the PIN appears."""

    def begin(self, app: Credential, *, screen_name: str = "") -> AuthorizationRequest:
        """Fetch a request token; ``screen_name`` fills in the name when reconnecting."""

    def finish(self, app: Credential, request: AuthorizationRequest, verifier: str) -> Grant:
        """Exchange the PIN. A refused PIN burns the request token: begin again then."""

    def verify(self, app: Credential, user: Credential) -> Identity:
        """Ask whose token this is; raises ``AuthorizationError`` when it is dead."""

    def revoke(self, app: Credential, user: Credential) -> None:
        """Make the platform forget the token; a token that is dead already is no error."""

    def bearer(self, app: Credential) -> Secret:
        """Fetch the token that stands for the app alone, without any user."""

    def invalidate_bearer(
        self, app: Credential, bearer: Secret, owner: Credential | None = None
    ) -> None:
        """Make the platform forget it; ``owner`` is the app owner's token, where it is known."""

    def accounts(self, app: Credential, user: Credential, *, cursor: str = "") -> Page[AdAccount]:
        """Return one page of the ad accounts that this token reaches."""

    def access(self, app: Credential, user: Credential, account_id: str) -> Access:
        """Return what the token's user may do on this ad account."""

    def promotable_users(
        self, app: Credential, user: Credential, account_id: str, *, cursor: str = ""
    ) -> Page[PromotableUser]:
        """Return one page of the ad account's promotable users."""

    def users(
        self, app: Credential, user: Credential, user_ids: Sequence[str]
    ) -> tuple[KnownHandle, ...]:
        """Ask for the names of up to ``BATCH`` users; this can cost money at the platform."""

    def funding_instruments(
        self, app: Credential, user: Credential, account_id: str, *, cursor: str = ""
    ) -> Page[FundingInstrument]:
        """Return one page of what pays for the ad account."""

    def features(self, app: Credential, user: Credential, account_id: str) -> tuple[str, ...]:
        """Return the names of the ad account's features."""

    def trying(self) -> Trying:
        """Return what sends requests made by hand."""

    def close(self) -> None:
        """Close the connections to the server."""
