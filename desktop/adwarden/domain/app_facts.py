"""What is worth knowing of one X app: its token limit, tokens older than its approval, and more.

Each fact says what is so, why it matters and what to do; the console and the window show the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType

from adwarden.domain.data import dataclass
from adwarden.domain.model import (
    FILE,
    MEMORY,
    AppAccess,
    AppState,
    Connection,
    ConnectionState,
    XApp,
)
from adwarden.domain.permission_rules import LEGACY, LEGACY_TOKENS
from adwarden.domain.permissions import READ_ONLY
from adwarden.domain.token_state import APP_REFUSED

TOKEN_REFUSED = "The Ads API does not accept this token"  # noqa: S105 - a title
"""The title of the error that X answers to a revoked token, or one older than the approval."""

RELEASED: Mapping[str, str] = MappingProxyType({"12": "27 October 2022", "11": ""})
"""Versions of the X Ads API and their days, newest first (X Ads API, Versioning)."""

KEYS_TROUBLE: Mapping[AppState, tuple[str, str, str]] = MappingProxyType(
    {
        AppState.KEYS_MISSING: (
            "the keys are missing",
            "Another data folder of Adwarden has taken them over, perhaps with the tokens of its "
            "connections; or the entry was removed or changed outside Adwarden.",
            "If “Where secrets are kept” lists them, take them over there. Otherwise enter them "
            "again.",
        ),
        AppState.WRONG_KEYS: (
            "X does not accept the keys",
            "The API key or its secret is wrong, or was regenerated. It is about the app, not "
            "about its users.",
            "Compare both with the developer console, at “Keys and tokens”.",
        ),
        AppState.SUSPENDED: (
            "X has suspended the app",
            "No user can authorize it, and its connections do not work.",
            "Look for a notice in the developer console, and ask X’s support.",
        ),
    }
)
"""What is wrong with an app's keys: title (to stand behind a colon), message, remedy."""

_SESSION_OVER = (
    "the keys are missing",
    "They were kept in memory for one session only, which is over. The tokens of its connections "
    "are not affected.",
    "Enter the keys again.",
)

_OF_FILE = (
    "the keys are missing",
    "Somebody who shares the file has taken them over into their own Adwarden, perhaps with the "
    "tokens of its connections; or the entry was removed or changed outside Adwarden.",
    "If “Where secrets are kept” lists them, take them over there. Otherwise enter them again.",
)

_NAMED = 4


class Weight(Enum):
    """How much a fact matters."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class AppFact:
    """One fact; ``of`` is 0 where there is nothing to count."""

    key: str
    weight: Weight
    title: str
    message: str
    remedy: str = ""
    used: int = 0
    of: int = 0


def app_facts(
    app: XApp, connections: Sequence[Connection], api_version: str
) -> tuple[AppFact, ...]:
    """Return what there is to tell of ``app``; ``connections`` are its own."""
    found = (
        _keys(app),
        _tokens(app, connections),
        _older_than_approval(app, connections),
        _not_approved(app, connections),
        _read_only(connections),
        _version(api_version),
    )
    return tuple(fact for fact in found if fact is not None)


def tokens(app: XApp, connections: Iterable[Connection]) -> tuple[int, int] | None:
    """Return how many of how many tokens are used, for apps that may have a limit."""
    if app.access not in LEGACY:
        return None
    return sum(one.state is not ConnectionState.REVOKED for one in connections), LEGACY_TOKENS


def keys_trouble(app: XApp) -> tuple[str, str, str]:
    """Return what is wrong with an app's keys, as ``KEYS_TROUBLE`` has it; KeyError if nothing."""
    if app.state is AppState.KEYS_MISSING and app.place in (FILE, MEMORY):
        return _OF_FILE if app.place == FILE else _SESSION_OVER
    return KEYS_TROUBLE[app.state]


def _keys(app: XApp) -> AppFact | None:
    if app.state not in KEYS_TROUBLE:
        return None
    title, message, remedy = keys_trouble(app)
    return AppFact("keys", Weight.ERROR, title[0].upper() + title[1:], message, remedy)


def _tokens(app: XApp, connections: Sequence[Connection]) -> AppFact | None:
    if app.access is AppAccess.UNKNOWN:
        return AppFact(
            "tokens",
            Weight.INFO,
            "The app’s access is not known",
            "An app that got the Ads API before July 2023 may be limited to five tokens and to "
            "a part of the API. The developer console shows which access it has.",
        )
    count = tokens(app, connections)
    if count is None:
        return None
    used, most = count
    message = (
        "Apps approved before July 2023 may be limited to five tokens. Counted is what is known "
        "here: tokens of users who authorized this app elsewhere count at X, too."
    )
    if used < most:
        return AppFact(
            "tokens", Weight.INFO, f"{used} of {most} connections", message, "", used, most
        )
    return AppFact(
        "tokens",
        Weight.WARN,
        f"{used} of {most} connections",
        message,
        "Before another user authorizes, revoke a connection that is not needed, or ask X’s "
        "representative to lift the limit (“Increasing access” in X’s documents).",
        used,
        most,
    )


def _older_than_approval(app: XApp, connections: Sequence[Connection]) -> AppFact | None:
    """Find the tokens that the Ads API refuses because they were made before the approval."""
    remedy = (
        "Reconnect each of them. If the Ads API goes on refusing, disconnect with “Revoke at X and "
        "remove” and connect again: without that, X may hand out the same token once more."
    )
    approved = app.approved_at
    if approved is not None:
        older = [one for one in connections if is_older(one, app)]
        if not older:
            return None
        refused = any(one.error.startswith(TOKEN_REFUSED) for one in older)
        return AppFact(
            "regenerate",
            Weight.ERROR if refused else Weight.WARN,
            "Tokens are older than the Ads API approval",
            f"{_named(older)} authorized before the app was approved. X leaves such tokens without "
            "the Ads API, for good, although the app may use it now.",
            remedy,
        )
    refused_ones = [one for one in connections if one.error.startswith(TOKEN_REFUSED)]
    if not refused_ones:
        return None
    return AppFact(
        "regenerate",
        Weight.ERROR,
        "Tokens that the Ads API refuses",
        f"X does not accept the token of {_named(refused_ones)}. Either the user revoked it, or "
        "it is older than the app’s approval for the Ads API: X leaves such tokens without it.",
        remedy,
    )


def is_older(connection: Connection, app: XApp) -> bool:
    """Tell whether a token is older than the app's approval; where a day is not known, it is not.

    X leaves such tokens without the Ads API, for good.
    """
    return app.approved_at is not None and 0 < connection.authorized_at < app.approved_at


def _not_approved(app: XApp, connections: Sequence[Connection]) -> AppFact | None:
    refused = [one for one in connections if one.error.startswith(APP_REFUSED)]
    if not refused or app.approved_at is not None:
        return None
    return AppFact(
        "approval",
        Weight.ERROR,
        "X has not opened the Ads API to this app",
        f"The token of {_named(refused)} works, but the app is not approved.",
        "Ask for access with X’s Ads API form. Wait for X’s approval by e-mail before users "
        "authorize: tokens made earlier do not work with the Ads API, not even later.",
    )


def _read_only(connections: Sequence[Connection]) -> AppFact | None:
    found = [one for one in connections if one.access_level == READ_ONLY]
    if not found:
        return None
    return AppFact(
        "token-access",
        Weight.WARN,
        "Tokens that may only read",
        f"X says so of {_named(found)} (x-access-level: read). Campaigns, creatives and "
        "conversions need read and write.",
        "In the developer console set the app’s permission to Read and write, then reconnect: "
        "the tokens of before keep what they had.",
    )


def _version(version: str) -> AppFact:
    newest = next(iter(RELEASED))
    title = f"X Ads API version {version}"
    if version == newest:
        message = f"The newest one, since {RELEASED[version]}. X has announced no end of it yet."
        return AppFact("api-version", Weight.INFO, title, message)
    if version in RELEASED:
        return AppFact(
            "api-version",
            Weight.WARN,
            title,
            f"Version {newest} replaced it on {RELEASED[newest]}. X has named no day on which it "
            "ends, and marks answers of deprecated versions with x-api-warn.",
            f"Choose version {newest} in the settings.",
        )
    return AppFact(
        "api-version",
        Weight.WARN,
        title,
        "This program does not know that version; answers may look different from what it expects.",
        f"Choose version {newest} in the settings.",
    )


def _named(connections: Sequence[Connection]) -> str:
    names = [one.handle for one in connections]
    if len(names) <= _NAMED:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"
