"""X's error codes and what they mean to a person: what happened, why, what to do.

Sources: X's table of response codes, "Error codes and responses" of the Ads API, and the OAuth
reference.
"""

from __future__ import annotations

from adwarden.domain.app_facts import TOKEN_REFUSED
from adwarden.domain.errors import AdwardenError, AuthorizationError, ErrorCode, ServerError
from adwarden.domain.token_state import (
    APP_REFUSED,
    APP_SUSPENDED,
    USER_LOCKED,
    USER_SUSPENDED,
)

_Words = tuple[type[AdwardenError], ErrorCode, str, str, str]

_APP = "The keys of the X app were not accepted"
_SUSPENDED: _Words = (
    AuthorizationError,
    ErrorCode.USER_SUSPENDED,
    USER_SUSPENDED,
    "X has suspended the user this token belongs to.",
    "The user must settle this with X; then try again.",
)
_LOCKED: _Words = (
    AuthorizationError,
    ErrorCode.USER_LOCKED,
    USER_LOCKED,
    "X asks the user to prove who they are first.",
    "The user must open x.com and follow the steps shown there; then try again.",
)
_NO_ROLE: _Words = (
    AuthorizationError,
    ErrorCode.NO_ACCESS,
    "No access to this ad account",
    "The user of this connection has no role on the ad account (any more).",
    "An account administrator can grant it in X's ads manager.",
)
_NOT_ENROLLED: _Words = (
    AuthorizationError,
    ErrorCode.APP_NOT_ENROLLED,
    "The X app is not enrolled",
    "X lets only apps of a project with a plan make this call.",
    "In the developer console, put the app into a Pay-per-use project, environment Production.",
)
_LIMITED_V1: _Words = (
    AuthorizationError,
    ErrorCode.NO_ACCESS,
    "Not part of this app's access",
    "X has closed this call for the access level of the X app.",
    "Nothing is needed for the Ads API; for other calls the app needs another level.",
)

_RETIRED: _Words = (
    ServerError,
    ErrorCode.UNEXPECTED_ANSWER,
    "X has retired this call",
    "X does not offer it any more.",
    "Look for a newer version of Adwarden.",
)

WORDS: dict[str, _Words] = {
    "32": (
        AuthorizationError,
        ErrorCode.APP_KEYS,
        _APP,
        "X could not authenticate the app: the API key or its secret is wrong, was regenerated, "
        "or the app is suspended. It is about the app, not about the user.",
        "Compare both keys with the developer console, at “Keys and tokens”.",
    ),
    "63": _SUSPENDED,
    "64": _SUSPENDED,
    "CURRENT_USER_SUSPENDED": _SUSPENDED,
    "326": _LOCKED,
    "ACCOUNT_LOCKED_OUT": _LOCKED,
    "89": (
        AuthorizationError,
        ErrorCode.REVOKED,
        "The authorization has ended",
        "X no longer accepts this token: it was revoked, or the app's keys were regenerated.",
        "Reconnect to get a new token.",
    ),
    "UNAUTHORIZED_ACCESS": (
        AuthorizationError,
        ErrorCode.REVOKED,
        TOKEN_REFUSED,
        "The token was revoked, or it is older than the app's approval for the Ads API.",
        "Reconnect to get a new token.",
    ),
    "UNAUTHORIZED_CLIENT_APPLICATION": (
        AuthorizationError,
        ErrorCode.APP_NOT_APPROVED,
        APP_REFUSED,
        "The token is fine, but X has not opened the Ads API to this app.",
        "Ask for access with X's Ads API form, for this app's id. Reconnect once it is granted: "
        "older tokens do not work.",
    ),
    "READONLY_CLIENT_APPLICATION": (
        AuthorizationError,
        ErrorCode.ADS_READ_ONLY,
        "The X app may only read",
        "X has approved this app for reading the Ads API, not for changes.",
        "Ask for Standard Access with X's Ads API form.",
    ),
    "ACCOUNT_NOT_FOUND": _NO_ROLE,
    "USER_NOT_FOUND": _NO_ROLE,
    "ACTION_NOT_ALLOWED": _NO_ROLE,
    "client-not-enrolled": _NOT_ENROLLED,
    "client-forbidden": _NOT_ENROLLED,
    "453": _LIMITED_V1,
    "87": _LIMITED_V1,
    "220": _LIMITED_V1,
    "215": (
        AuthorizationError,
        ErrorCode.APP_KEYS,
        _APP,
        "X did not find a valid signature in the request.",
        "Check the API key and its secret.",
    ),
    "99": (
        AuthorizationError,
        ErrorCode.APP_KEYS,
        _APP,
        "X could not verify the API key and its secret, or was asked too often.",
        "Compare both keys with the developer console, or wait some minutes.",
    ),
    "226": (
        AuthorizationError,
        ErrorCode.DENIED,
        "X takes this for an automated request",
        "X refused it to protect its users.",
        "Wait some minutes, then try again.",
    ),
    "261": (
        AuthorizationError,
        ErrorCode.APP_READ_ONLY,
        "The X app may only read",
        "The permission of the app is set to Read.",
        "In the developer console set it to Read and write, then reconnect.",
    ),
    "415": (
        AuthorizationError,
        ErrorCode.CALLBACK,
        "X does not allow the PIN for this app",
        "The app's settings do not approve this way of authorizing.",
        "In the developer console, open the app's “User authentication settings” and enter any "
        "callback URL of yours: X wants one even for the PIN.",
    ),
    "416": (
        AuthorizationError,
        ErrorCode.APP_SUSPENDED,
        APP_SUSPENDED,
        "X has suspended this app or made it invalid. No user can authorize it.",
        "Look for a notice in the developer console, and ask X's support.",
    ),
    "417": (
        AuthorizationError,
        ErrorCode.CALLBACK,
        "The X app has no callback URL",
        "X wants a callback URL in the app's settings even where a PIN is used.",
        "In the developer console, open the app's “User authentication settings” and enter any "
        "callback URL of yours.",
    ),
    "oauth1-permissions": (
        AuthorizationError,
        ErrorCode.APP_READ_ONLY,
        "The token may only read",
        "It was granted while the permission of the app was set to Read.",
        "In the developer console set it to Read and write, then reconnect.",
    ),
    "402": (
        AuthorizationError,
        ErrorCode.APP_NOT_ENROLLED,
        "X wants to be paid for this call",
        "The project that the X app belongs to has no credit left.",
        "Look at the project's plan and credit in the developer console.",
    ),
    "68": _RETIRED,
    "251": _RETIRED,
    "410": _RETIRED,
    "92": (
        ServerError,
        ErrorCode.UNEXPECTED_ANSWER,
        "X takes encrypted requests only",
        "The request came to X without encryption.",
        "Check that the addresses in the settings begin with https.",
    ),
    "131": (
        ServerError,
        ErrorCode.SERVER,
        "X has a problem of its own",
        "The server reports an internal error.",
        "Try again in a few minutes.",
    ),
    "130": (
        ServerError,
        ErrorCode.SERVER,
        "X is over capacity",
        "The server cannot take the request right now.",
        "Try again in a few minutes.",
    ),
}


def said(code: str, detail: str) -> AdwardenError:
    """Return the error that a code of ``WORDS`` stands for; ``detail`` is free of secrets."""
    kind, error_code, title, message, remedy = WORDS[code]
    return kind(error_code, title, message, remedy, detail=detail)
