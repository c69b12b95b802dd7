"""The badges as data: a short text, the full wording, and the style to paint it in.

Every badge says the same thing three ways: text, shape or icon, and words for screen readers.
"""

from __future__ import annotations

from collections.abc import Iterable

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, AppState, ConnectionState, PromotableUser
from adwarden.domain.permissions import (
    ACCOUNT_ADMIN,
    AD_MANAGER,
    ANALYST,
    CAMPAIGN_ANALYST,
    CREATIVE_MANAGER,
    FULL,
    PARTNER_AUDIENCE_MANAGER,
    PERMISSIONS,
    RETWEETS_ONLY,
    TWEET_COMPOSER,
    permission,
)
from adwarden.ui.phrases import APPROVAL_WORDS, STATE_WORDS
from adwarden.ui.search import visible

_LONGEST = 40
"""Characters of a value that we do not know; the wording has the rest."""

_STYLES = {
    ACCOUNT_ADMIN: "admin",
    AD_MANAGER: "ad_manager",
    CREATIVE_MANAGER: "creative",
    CAMPAIGN_ANALYST: "campaign_analyst",
    ANALYST: "organic_analyst",
    PARTNER_AUDIENCE_MANAGER: "partner",
    TWEET_COMPOSER: "posts",
}
_ORDER = {value: place for place, value in enumerate(PERMISSIONS)}
_STATES = {
    ConnectionState.WORKING: ("dot", "ok", "the token works"),
    ConnectionState.ATTENTION: ("diamond", "warn", "something needs a person"),
    ConnectionState.REVOKED: ("ring", "bad", "X no longer accepts this token"),
    ConnectionState.NEEDS_AUTHORIZATION: ("diamond", "bad", "the user must authorize again"),
    ConnectionState.REVOKING: ("diamond", "warn", "X is still to be told to forget the token"),
    ConnectionState.UNKNOWN: ("dash", "dim", "the token has not been tried yet"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """One badge. ``style`` names badge colours, or a text colour when there is a ``mark``.

    ``mark`` is ``dot``, ``ring``, ``diamond``, ``dash`` or ``bar`` (a placeholder without text).
    """

    text: str
    wording: str
    style: str
    icon: str = ""
    mark: str = ""


NAME_ONLY = {
    "locked": Badge("Locked", "Locked: its KeePass file is not open", "dim", mark="ring"),
    "missing": Badge(
        "File not open",
        "File not open: its KeePass file is not there, or cannot be opened. Authorize again only "
        "where it is lost",
        "warn",
        mark="diamond",
    ),
}
"""Stand for the state of a connection of which only the name is shown, by the reason."""

APP_TROUBLE = {
    AppState.KEYS_MISSING: Badge(
        "Keys missing", "Keys missing: enter them again", "bad", mark="diamond"
    ),
    AppState.WRONG_KEYS: Badge(
        "Wrong keys", "Wrong keys: X does not accept them", "bad", mark="diamond"
    ),
    AppState.SUSPENDED: Badge("Suspended", "Suspended by X", "bad", mark="ring"),
}
"""What is wrong with an app, by what is known of its keys; nothing is where it is not here."""

LOADING = Badge("", "Not fetched yet", "placeholder", mark="bar")


def permission_badge(value: str) -> Badge:
    """Return the badge of one permission; an unlisted value is shown as it came."""
    known = permission(value)
    style = _STYLES.get(value)
    if style is None:
        shown = visible(value) or "(empty)"
        wording = f"{shown}: {known.meaning}"
        return Badge(_short(shown), wording, "unknown")
    return Badge(known.label, known.wording, style, "pencil" if style == "posts" else "")


def permission_badges(values: Iterable[str]) -> tuple[Badge, ...]:
    """Return the badges of a list of permissions, strongest first, each value once."""
    last = len(_ORDER)
    once = sorted(dict.fromkeys(values), key=lambda value: _ORDER.get(value, last))
    return tuple(permission_badge(value) for value in once)


def user_type_badge(value: str) -> Badge:
    """Return the badge of a promotable user's type."""
    if value == FULL:
        wording = "Full: the ad account's own user, for all kinds of campaigns"
        return Badge("Full", wording, "filled")
    if value == RETWEETS_ONLY:
        wording = "Retweets only: another user, whose existing posts may be promoted"
        return Badge("Retweets only", wording, "outlined")
    shown = visible(value) or "(empty)"
    wording = f"{shown}: a type of promotable user that X's documents do not describe"
    return Badge(_short(shown), wording, "unknown")


def approval_badge(value: str) -> Badge | None:
    """Return the badge of an approval status, ``None`` when there is nothing to tell."""
    if value in ("", "ACCEPTED"):
        return None
    words = APPROVAL_WORDS.get(value)
    if words is None:
        shown = visible(value)
        wording = f"{shown}: an approval status that X's documents do not describe"
        return Badge(_short(shown), wording, "unknown")
    bad = value == "REJECTED"
    return Badge(words, f"Approval of the ad account: {words.lower()}", "bad" if bad else "warn")


def deleted_badge(what: str) -> Badge:
    """Return the badge of something that X has marked as deleted."""
    return Badge("Deleted", f"X has marked this {what} as deleted", "bad")


def state_badge(state: ConnectionState) -> Badge:
    """Return the mark and word of a connection's state."""
    mark, colour, meaning = _STATES[state]
    words = STATE_WORDS[state]
    return Badge(words, f"{words}: {meaning}", colour, mark=mark)


def access_badges(entry: AccountEntry) -> tuple[Badge, ...]:
    """Return the permissions on an ad account, or a placeholder while they are not fetched."""
    if entry.access is not None:
        return permission_badges(entry.access.permissions) or (
            Badge("No permission", "X reports no permission on this ad account", "outlined"),
        )
    return () if entry.access_error else (LOADING,)


def status_badges(entry: AccountEntry) -> tuple[Badge, ...]:
    """Return what belongs beside an ad account's name: approval and deletion."""
    found = approval_badge(entry.account.approval_status)
    gone = (deleted_badge("ad account"),) if entry.account.deleted else ()
    return ((found,) if found else ()) + gone


def account_badges(entry: AccountEntry) -> tuple[Badge, ...]:
    """Return all badges of an ad account in one row."""
    return access_badges(entry) + status_badges(entry)


def user_badges(user: PromotableUser) -> tuple[Badge, ...]:
    """Return the badges of a promotable user: type and deletion."""
    gone = (deleted_badge("promotable user"),) if user.deleted else ()
    return (user_type_badge(user.type), *gone)


def wordless(badges: Iterable[Badge]) -> tuple[Badge, ...]:
    """Return what is left of badges where there is no room for words: their icons and marks."""
    return tuple(
        Badge("", one.wording, one.style, one.icon, one.mark)
        for one in badges
        if one.icon or one.mark
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
