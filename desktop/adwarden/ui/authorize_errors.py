"""The failures that the authorization dialog itself finds, in words."""

from __future__ import annotations

from adwarden.domain.errors import (
    AdwardenError,
    AuthorizationError,
    ErrorCode,
    KeychainError,
    UnreachableError,
)
from adwarden.storage.keychain_status import KeychainStatus

_NOT_LOOKED_AT = frozenset({ErrorCode.INPUT, ErrorCode.SERVER, ErrorCode.RATE_LIMITED})
_NOT_SENT = frozenset({ErrorCode.TLS, ErrorCode.PROXY})
_IN_DOUBT = frozenset({ErrorCode.NO_NETWORK, ErrorCode.CLOCK})


def never_sent(error: AdwardenError) -> bool:
    """Tell whether X cannot have seen what was to be sent."""
    return isinstance(error, UnreachableError) or error.code in _NOT_SENT


def in_doubt(error: AdwardenError) -> bool:
    """Tell whether X may have used up a PIN, or may not have."""
    return error.code in _IN_DOUBT and not never_sent(error)


def keeps_pin(error: AdwardenError) -> bool:
    """Tell whether page and PIN may be as good as before an exchange that failed so.

    Where that is in doubt, sending the PIN once more tells: it is taken, or X says it is used up.
    """
    untouched = error.code in _NOT_LOOKED_AT or isinstance(error, KeychainError)
    return untouched or never_sent(error) or in_doubt(error)


def denied() -> AuthorizationError:
    """Say that the person said no on the provider’s page."""
    return AuthorizationError(
        ErrorCode.DENIED,
        "Authorization was cancelled at X",
        "Nothing was granted, and nothing was stored.",
        "Start over if that was not meant.",
    )


def expired() -> AuthorizationError:
    """Say that the request token ran out or was used."""
    return AuthorizationError(
        ErrorCode.REQUEST_EXPIRED,
        "The authorization page has expired",
        "X accepts a page only for a short time, and only once.",
        "A new page is opened; sign in there again.",
    )


def refused_again(error: AdwardenError) -> AuthorizationError:
    """Say that an error keeps coming back."""
    return AuthorizationError(
        error.code,
        error.title,
        "This has happened several times in a row now.",
        "Start over, or open the page in your own browser.",
        detail=error.detail,
    )


def still_locked(status: KeychainStatus) -> KeychainError:
    """Say that unlocking did not unlock."""
    return KeychainError(
        ErrorCode.KEYCHAIN_LOCKED,
        f"{status.backend} is still locked",
        status.message or "The token cannot be stored while it is locked.",
        status.remedy or "Try again, and unlock it when the system asks.",
    )


def unexpected() -> AdwardenError:
    """Say that something broke that nobody foresaw; the funnel has the rest."""
    return AdwardenError(
        ErrorCode.UNEXPECTED,
        "Something unexpected went wrong",
        "Adwarden has noted what happened.",
        "Try again; if it happens again, send the report.",
    )
