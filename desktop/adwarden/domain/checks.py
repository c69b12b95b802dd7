"""What a check can find of a connection or an app's keys, in words, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.errors import LOCKED, AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import AppAccess, Connection, XApp


class Finding(Enum):
    """What was found, the gravest last."""

    WORKING = "working"
    READ_ONLY = "read-only"
    APP_READ_ONLY = "app-read-only"
    NO_CALLBACK = "no-callback"
    NOT_ENROLLED = "not-enrolled"
    LIMITED = "limited"
    UNREACHABLE = "unreachable"
    LOCKED = "locked"
    KEYCHAIN = "keychain"
    CLOCK = "clock"
    OTHER = "other"
    NOT_APPROVED = "not-approved"
    USER_LOCKED = "user-locked"
    USER_SUSPENDED = "user-suspended"
    APP_SUSPENDED = "app-suspended"
    WRONG_KEYS = "wrong-keys"
    NO_KEYS = "no-keys"
    NO_TOKEN = "no-token"  # noqa: S105 - the name of a finding
    REVOKED = "revoked"


class Way(Enum):
    """A way out that a button opens, with the words on the button."""

    RECONNECT = "Reconnect"
    KEYS = "Enter the keys again"
    CONSOLE = "Open the developer console"
    ADS_FORM = "Open X’s Ads API form"
    OPEN_X = "Open x.com"
    UNLOCK = "Unlock and retry"
    PLACES = "Where secrets are kept"
    AGAIN = "Check again"

    @property
    def page(self) -> str:
        """The address that it opens, empty where it does something here."""
        return _PAGES.get(self, "")


_PAGES = {
    Way.CONSOLE: "https://console.x.com",
    Way.ADS_FORM: "https://docs.x.com/forms/ads-api-access",
    Way.OPEN_X: "https://x.com",
}

WORDS = {
    Finding.WORKING: "Working",
    Finding.READ_ONLY: "Read-only",
    Finding.APP_READ_ONLY: "App is read-only",
    Finding.NO_CALLBACK: "No callback URL",
    Finding.NOT_ENROLLED: "App not enrolled",
    Finding.LIMITED: "Not checked: rate limit",
    Finding.UNREACHABLE: "Not reachable",
    Finding.LOCKED: "Locked",
    Finding.KEYCHAIN: "Keychain trouble",
    Finding.CLOCK: "Clock is wrong",
    Finding.OTHER: "Refused",
    Finding.NOT_APPROVED: "App not approved for Ads",
    Finding.USER_LOCKED: "User is locked",
    Finding.USER_SUSPENDED: "User is suspended",
    Finding.APP_SUSPENDED: "App is suspended",
    Finding.WRONG_KEYS: "Wrong keys",
    Finding.NO_KEYS: "Keys are missing",
    Finding.NO_TOKEN: "Token is missing",
    Finding.REVOKED: "Revoked",
}

CONNECTED_APPS = "https://x.com/settings/connected_apps"
"""Where a user takes back what they allowed an app."""

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
    ErrorCode.ADS_READ_ONLY: Finding.APP_READ_ONLY,
    ErrorCode.CALLBACK: Finding.NO_CALLBACK,
    ErrorCode.CLOCK: Finding.CLOCK,
    ErrorCode.RATE_LIMITED: Finding.LIMITED,
    ErrorCode.NO_NETWORK: Finding.UNREACHABLE,
    ErrorCode.TLS: Finding.UNREACHABLE,
    ErrorCode.PROXY: Finding.UNREACHABLE,
    ErrorCode.SERVER: Finding.UNREACHABLE,
    ErrorCode.UNEXPECTED_ANSWER: Finding.UNREACHABLE,
    **dict.fromkeys(LOCKED, Finding.LOCKED),
    ErrorCode.KEYCHAIN_MISSING: Finding.KEYCHAIN,
    ErrorCode.KEYCHAIN_FAILED: Finding.KEYCHAIN,
    ErrorCode.KEYCHAIN_TIMEOUT: Finding.KEYCHAIN,
    ErrorCode.WRONG_PASSWORD: Finding.KEYCHAIN,
    ErrorCode.FILE_DAMAGED: Finding.KEYCHAIN,
    ErrorCode.FILE_UNSUPPORTED: Finding.KEYCHAIN,
    ErrorCode.FILE_CHANGED: Finding.KEYCHAIN,
}
_WAYS = {
    Finding.WORKING: (),
    # The token of before keeps what it had: setting the app right is only half of it.
    Finding.READ_ONLY: (Way.CONSOLE, Way.RECONNECT),
    Finding.APP_READ_ONLY: (Way.ADS_FORM,),
    Finding.NO_CALLBACK: (Way.CONSOLE, Way.AGAIN),
    Finding.NOT_ENROLLED: (Way.CONSOLE, Way.AGAIN),
    Finding.LOCKED: (Way.UNLOCK,),
    Finding.KEYCHAIN: (Way.PLACES, Way.AGAIN),
    Finding.NOT_APPROVED: (Way.ADS_FORM,),
    Finding.USER_LOCKED: (Way.OPEN_X, Way.AGAIN),
    Finding.USER_SUSPENDED: (Way.OPEN_X, Way.AGAIN),
    Finding.APP_SUSPENDED: (Way.CONSOLE, Way.AGAIN),
    Finding.WRONG_KEYS: (Way.KEYS, Way.CONSOLE),
    Finding.NO_KEYS: (Way.KEYS,),
    Finding.NO_TOKEN: (Way.RECONNECT,),
    Finding.REVOKED: (Way.RECONNECT,),
}
_AGAIN = (Way.AGAIN,)


def finding_of(error: AdwardenError) -> Finding:
    """Return what an error stands for, whatever was being done."""
    # The same is to be done about both, but only one of them is X's word.
    if error.code is ErrorCode.APP_KEYS and isinstance(error, KeychainError):
        return Finding.NO_KEYS
    return _FOUND.get(error.code, Finding.OTHER)


def ways_of(finding: Finding) -> tuple[Way, ...]:
    """Return what can be done about it, what helps first; nothing where nothing is needed."""
    return _WAYS.get(finding, _AGAIN)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: title, message, remedy and the ways out; none of it is a secret.

    ``connection_id`` is empty where it is about the app's keys alone, and ``handle`` says so.
    """

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
    """Whether X takes the token or the keys for what they are for, whatever else was found."""

    @property
    def id(self) -> str:
        """The connection that was checked, or the app."""
        return self.connection_id or self.app_id

    @property
    def ways(self) -> tuple[Way, ...]:
        """What the buttons do."""
        found = ways_of(self.finding)
        return found if self.connection_id else tuple(w for w in found if w is not Way.RECONNECT)

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


OF_APP = "API key and secret"
"""Stands for the handle where a result is about an app's keys."""


def found(connection: Connection | None, app: XApp, error: AdwardenError) -> CheckResult:
    """Return the result that an error stands for, of a connection or of an app's keys."""
    finding = finding_of(error)
    right = finding is Finding.NO_CALLBACK
    return CheckResult(
        connection.id if connection else "",
        app.id,
        connection.handle if connection else OF_APP,
        app.label,
        finding,
        error.title,
        # X looks at the callback only after the signature was found to be right.
        f"X accepts the keys. {error.message}" if right else error.message,
        error.remedy,
        error.detail,
        works=right,
    )


def accepted(app: XApp) -> CheckResult:
    """Return the result for an app whose keys X accepts."""
    return CheckResult(
        "", app.id, OF_APP, app.label, Finding.WORKING, "Working",
        "X accepts the API key and its secret. Whether the app may use the Ads API is only known "
        "once a user has authorized it.",
        works=True,
    )  # fmt: skip


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
    if app.access is AppAccess.LEGACY_ANALYTICS:
        return replace(
            result,
            finding=Finding.APP_READ_ONLY,
            title="The X app may only read",
            message="The token works. Its app has the access Analytics, which changes nothing "
            "in campaigns.",
            remedy="Ask for Standard Access with X’s Ads API form.",
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
