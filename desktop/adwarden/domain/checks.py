"""What a check of a connection can find, in words, and what can be done about it."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import AppAccess, Connection, XApp


class Finding(Enum):
    """What was found, the gravest last."""

    WORKING = "working"
    READ_ONLY = "read-only"
    NOT_ENROLLED = "not-enrolled"
    LIMITED = "limited"
    UNREACHABLE = "unreachable"
    KEYCHAIN = "keychain"
    CLOCK = "clock"
    OTHER = "other"
    NOT_APPROVED = "not-approved"
    USER_LOCKED = "user-locked"
    USER_SUSPENDED = "user-suspended"
    APP_SUSPENDED = "app-suspended"
    WRONG_KEYS = "wrong-keys"
    NO_TOKEN = "no-token"  # noqa: S105 - the name of a finding
    REVOKED = "revoked"


class Way(Enum):
    """The way out that a button opens."""

    NONE = "none"
    RECONNECT = "reconnect"
    KEYS = "keys"
    PAGE = "page"
    UNLOCK = "unlock"
    AGAIN = "again"


WORDS = {
    Finding.WORKING: "Working",
    Finding.READ_ONLY: "Read-only",
    Finding.NOT_ENROLLED: "App not enrolled",
    Finding.LIMITED: "Not checked: rate limit",
    Finding.UNREACHABLE: "Not reachable",
    Finding.KEYCHAIN: "Keychain trouble",
    Finding.CLOCK: "Clock is wrong",
    Finding.OTHER: "Refused",
    Finding.NOT_APPROVED: "App not approved for Ads",
    Finding.USER_LOCKED: "User is locked",
    Finding.USER_SUSPENDED: "User is suspended",
    Finding.APP_SUSPENDED: "App is suspended",
    Finding.WRONG_KEYS: "Wrong keys",
    Finding.NO_TOKEN: "Token is missing",
    Finding.REVOKED: "Revoked",
}

CONNECTED_APPS = "https://x.com/settings/connected_apps"
"""Where a user takes back what they allowed an app."""

CONSOLE = "https://console.x.com"
ADS_FORM = "https://docs.x.com/forms/ads-api-access"
X = "https://x.com"

_FOUND = {
    ErrorCode.REVOKED: Finding.REVOKED,
    ErrorCode.ENTRY_MISSING: Finding.NO_TOKEN,
    ErrorCode.ENTRY_DAMAGED: Finding.NO_TOKEN,
    ErrorCode.APP_KEYS: Finding.WRONG_KEYS,
    ErrorCode.APP_SUSPENDED: Finding.APP_SUSPENDED,
    ErrorCode.USER_SUSPENDED: Finding.USER_SUSPENDED,
    ErrorCode.USER_LOCKED: Finding.USER_LOCKED,
    ErrorCode.APP_NOT_APPROVED: Finding.NOT_APPROVED,
    ErrorCode.APP_NOT_ENROLLED: Finding.NOT_ENROLLED,
    ErrorCode.APP_READ_ONLY: Finding.READ_ONLY,
    ErrorCode.CLOCK: Finding.CLOCK,
    ErrorCode.RATE_LIMITED: Finding.LIMITED,
    ErrorCode.NO_NETWORK: Finding.UNREACHABLE,
    ErrorCode.TLS: Finding.UNREACHABLE,
    ErrorCode.PROXY: Finding.UNREACHABLE,
    ErrorCode.SERVER: Finding.UNREACHABLE,
    ErrorCode.UNEXPECTED_ANSWER: Finding.UNREACHABLE,
    ErrorCode.KEYCHAIN_MISSING: Finding.KEYCHAIN,
    ErrorCode.KEYCHAIN_LOCKED: Finding.KEYCHAIN,
    ErrorCode.KEYCHAIN_DISMISSED: Finding.KEYCHAIN,
    ErrorCode.KEYCHAIN_FAILED: Finding.KEYCHAIN,
    ErrorCode.KEYCHAIN_TIMEOUT: Finding.KEYCHAIN,
    ErrorCode.WRONG_PASSWORD: Finding.KEYCHAIN,
    ErrorCode.FILE_DAMAGED: Finding.KEYCHAIN,
    ErrorCode.FILE_UNSUPPORTED: Finding.KEYCHAIN,
    ErrorCode.FILE_CHANGED: Finding.KEYCHAIN,
}
_WAYS = {
    Finding.REVOKED: Way.RECONNECT,
    Finding.NO_TOKEN: Way.RECONNECT,
    Finding.READ_ONLY: Way.PAGE,
    Finding.WRONG_KEYS: Way.KEYS,
    Finding.APP_SUSPENDED: Way.PAGE,
    Finding.USER_SUSPENDED: Way.PAGE,
    Finding.USER_LOCKED: Way.PAGE,
    Finding.NOT_APPROVED: Way.PAGE,
    Finding.NOT_ENROLLED: Way.PAGE,
    Finding.KEYCHAIN: Way.UNLOCK,
    Finding.WORKING: Way.NONE,
}
_PAGES = {
    Finding.READ_ONLY: CONSOLE,
    Finding.APP_SUSPENDED: CONSOLE,
    Finding.NOT_ENROLLED: CONSOLE,
    Finding.NOT_APPROVED: ADS_FORM,
    Finding.USER_SUSPENDED: X,
    Finding.USER_LOCKED: X,
}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: title, message, remedy and the way out; none of it is a secret."""

    connection_id: str
    app_id: str
    handle: str
    app_label: str
    finding: Finding
    title: str
    message: str
    remedy: str = ""
    detail: str = ""
    works: bool = False
    """Whether the token does what the Ads API is asked with it, whatever else was found."""

    @property
    def way(self) -> Way:
        """What the button does."""
        return _WAYS.get(self.finding, Way.AGAIN)

    @property
    def page(self) -> str:
        """The address that the button opens, empty where it does something else."""
        return _PAGES.get(self.finding, "")

    @property
    def trouble(self) -> bool:
        """Whether there is anything to do."""
        return self.finding is not Finding.WORKING

    @property
    def text(self) -> str:
        """Everything in words, for a person who copies it."""
        head = f"{self.handle} · {self.app_label}: {WORDS[self.finding]}."
        told = f"{self.title}." if self.title != WORDS[self.finding] else ""
        return " ".join(filter(None, (head, told, self.message, self.remedy)))


def found(connection: Connection, app: XApp, error: AdwardenError) -> CheckResult:
    """Return the result that an error stands for."""
    return CheckResult(
        connection.id,
        app.id,
        connection.handle,
        app.label,
        _FOUND.get(error.code, Finding.OTHER),
        error.title,
        error.message,
        error.remedy,
        error.detail,
    )


def working(
    connection: Connection, app: XApp, *, level: str, unasked: str = "", unenrolled: bool = False
) -> CheckResult:
    """Return the result for a token that works; ``level`` is X's word for what it may do.

    ``unasked`` says why the Ads API was not asked, ``unenrolled`` that X's other APIs are closed.
    """
    result = CheckResult(
        connection.id,
        app.id,
        connection.handle,
        app.label,
        Finding.WORKING,
        "Working",
        unasked or "X accepts the token, and the Ads API answers.",
        works=True,
    )
    if level == "read":
        return replace(
            result,
            finding=Finding.READ_ONLY,
            title="The token may only read",
            message="It was authorized while the X app’s permission was Read.",
            remedy="In the developer console set the app to Read and write, then reconnect: "
            "tokens that exist already do not change.",
        )
    if app.access is AppAccess.LEGACY_ANALYTICS:
        return replace(
            result,
            finding=Finding.READ_ONLY,
            title="The X app may only read",
            message="The token works. Its app has the access Analytics, which changes nothing "
            "in campaigns.",
            remedy="Ask for Standard Access with X’s Ads API form.",
        )
    if unenrolled:
        return replace(
            result,
            finding=Finding.NOT_ENROLLED,
            title="The Ads API works; the X app is not enrolled for X’s other APIs",
            message="Handles of other users cannot be looked up until it is.",
            remedy="In the developer console, put the app into a Pay-per-use project, "
            "environment Production.",
        )
    return result
