"""One family of errors: each says what happened, why, and what to do about it.

The window and the console show the same three texts; nothing in them is ever a secret.
"""

from __future__ import annotations

from enum import Enum


class ErrorCode(Enum):
    """What went wrong, for code that must react; people read the texts instead."""

    INPUT = "input"
    NOT_FOUND = "not-found"
    AMBIGUOUS = "ambiguous"
    STORAGE = "storage"
    KEYCHAIN_MISSING = "keychain-missing"
    KEYCHAIN_LOCKED = "keychain-locked"
    KEYCHAIN_DISMISSED = "keychain-dismissed"
    KEYCHAIN_FAILED = "keychain-failed"
    KEYCHAIN_TIMEOUT = "keychain-timeout"
    ENTRY_TOO_LARGE = "entry-too-large"
    ENTRY_MISSING = "entry-missing"
    ENTRY_DAMAGED = "entry-damaged"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a code, no password
    FILE_DAMAGED = "file-damaged"
    FILE_UNSUPPORTED = "file-unsupported"
    FILE_CHANGED = "file-changed"
    NO_NETWORK = "no-network"
    TLS = "tls"
    PROXY = "proxy"
    SERVER = "server"
    UNEXPECTED_ANSWER = "unexpected-answer"
    RATE_LIMITED = "rate-limited"
    CLOCK = "clock"
    APP_KEYS = "app-keys"
    APP_SUSPENDED = "app-suspended"
    APP_NOT_APPROVED = "app-not-approved"
    APP_NOT_ENROLLED = "app-not-enrolled"
    APP_READ_ONLY = "app-read-only"
    ADS_READ_ONLY = "ads-read-only"
    CALLBACK = "callback"
    PIN_WRONG = "pin-wrong"
    REQUEST_EXPIRED = "request-expired"
    DENIED = "denied"
    REVOKED = "revoked"
    USER_SUSPENDED = "user-suspended"
    USER_LOCKED = "user-locked"
    NO_ACCESS = "no-access"
    CANCELLED = "cancelled"
    UNEXPECTED = "unexpected"


OF_ALL = frozenset({ErrorCode.NO_NETWORK, ErrorCode.TLS, ErrorCode.PROXY, ErrorCode.CLOCK})
"""Troubles that every connection has at the same time: asked about, and told, once."""

LOCKED = frozenset({ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED})
"""What unlocking a place of secrets helps against; other troubles of a place need more."""


class AdwardenError(Exception):
    """An expected failure. ``title`` what happened, ``message`` why, ``remedy`` what to do.

    ``detail`` is the technical part, folded away in the window; it must be free of secrets.
    ``exit_code`` is what the console ends with.
    """

    exit_code = 1

    def __init__(
        self,
        code: ErrorCode,
        title: str,
        message: str,
        remedy: str = "",
        *,
        detail: str = "",
    ) -> None:
        super().__init__(title, message, remedy)
        self.code = code
        self.title = title
        self.message = message
        self.remedy = remedy
        self.detail = detail

    def __str__(self) -> str:
        return " ".join(part for part in (f"{self.title}.", self.message, self.remedy) if part)


class InputError(AdwardenError):
    """Something a person typed or set cannot be used as it is."""

    exit_code = 2

    def __init__(
        self, title: str, message: str, remedy: str = "", *, field: str = "", detail: str = ""
    ) -> None:
        super().__init__(ErrorCode.INPUT, title, message, remedy, detail=detail)
        self.field = field


class NotFoundError(AdwardenError):
    """What was named does not exist, or the name fits several things."""

    exit_code = 3


class StorageError(AdwardenError):
    """The data folder cannot be read or written."""


class KeychainError(AdwardenError):
    """A place of secrets is missing, locked, refused, or did not keep what it was given.

    ``place`` is which one, where that is known: ``keychain``, ``file`` or ``memory``. ``entry`` is
    the name of the entry that was to be read, if that is what failed.
    """

    exit_code = 4
    place = ""
    entry = ""


class NetworkError(AdwardenError):
    """The server could not be reached, or what came back is not an answer."""

    exit_code = 5


class UnreachableError(NetworkError):
    """No connection was made: the server has not heard of the request, and cannot count it."""


class ServerError(NetworkError):
    """The server answered, and the answer is a failure of the server's own."""


class OverCapacityError(ServerError):
    """The server asks for a pause; ``resets_at`` is its end in Unix seconds."""

    def __init__(
        self, title: str, message: str, remedy: str, *, resets_at: float, detail: str = ""
    ) -> None:
        super().__init__(ErrorCode.SERVER, title, message, remedy, detail=detail)
        self.resets_at = resets_at


class RateLimitedError(NetworkError):
    """A window of the rate limits is used up; ``resets_at`` is in Unix seconds.

    ``account_id`` is empty where the window counts for all ad accounts of a token.
    """

    def __init__(
        self,
        title: str,
        message: str,
        remedy: str,
        *,
        resets_at: float,
        account_id: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(ErrorCode.RATE_LIMITED, title, message, remedy, detail=detail)
        self.resets_at = resets_at
        self.account_id = account_id


class AuthorizationError(AdwardenError):
    """X refuses the app, the token, the PIN or the user; a person must act."""

    exit_code = 6
