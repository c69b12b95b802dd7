"""The history in the words and marks of the window: rows, days, kinds to choose from."""

from __future__ import annotations

from datetime import datetime

from adwarden.domain import changes as kinds
from adwarden.domain.changes import GAINED, LOST, Change, Recorded
from adwarden.domain.data import dataclass
from adwarden.ui.phrases import counted, day
from adwarden.ui.search import shortened, visible

CHOICES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("All changes", (), ""),
    ("Access lost", (), LOST),
    ("Access gained", (), GAINED),
    ("Ad accounts", (kinds.ACCOUNT_GAINED, kinds.ACCOUNT_LOST), ""),
    ("Permissions", (kinds.PERMISSION_GAINED, kinds.PERMISSION_LOST), ""),
    ("Promotable users", (kinds.USER_GAINED, kinds.USER_LOST), ""),
    ("Approval", (kinds.APPROVAL,), ""),
    (
        "Connections",
        (kinds.CONNECTED, kinds.DISCONNECTED, kinds.RENEWED, kinds.STATE),
        "",
    ),
)
"""What can be chosen: its words, the kinds of change, and the tone."""

LOST_CHOICE = 1
"""The place of ``Access lost``."""

_ICONS = {
    kinds.CONNECTED: "plug",
    kinds.DISCONNECTED: "unplug",
    kinds.RENEWED: "key-round",
    kinds.STATE: "key-round",
    kinds.APPROVAL: "shield",
    kinds.ACCOUNT_GAINED: "plus",
    kinds.ACCOUNT_LOST: "minus",
    kinds.PERMISSION_GAINED: "lock-open",
    kinds.PERMISSION_LOST: "lock",
    kinds.USER_GAINED: "users",
    kinds.USER_LOST: "users",
}
_STATE_ICONS = {
    "revoked": "ban",
    "attention": "triangle-alert",
    "needs-authorization": "triangle-alert",
    "working": "circle-check",
}
_COLOURS = {LOST: "bad", GAINED: "ok"}
_TONES = {LOST: "Access lost", GAINED: "Access gained"}

# What is told of together, in the words for one and for many.
_LOSSES = (
    (kinds.ACCOUNT_LOST, "ad account", "ad accounts"),
    (kinds.PERMISSION_LOST, "permission", "permissions"),
    (kinds.USER_LOST, "promotable user", "promotable users"),
)
LOSSES = frozenset(kind for kind, _, _ in _LOSSES)
"""Access that is gone while its connection works; the connection itself has its own notice."""

_NAMED = 3
_BRIEF = 72
"""Characters of a sentence in a notice: what is longer has its place in the history."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: a day, or a change with its words, object, time and mark."""

    words: str
    sub: str = ""
    time: str = ""
    icon: str = ""
    colour: str = ""
    spoken: str = ""
    fresh: bool = False
    kept: Recorded | None = None


def day_row(moment: float, now: float) -> Row:
    """Return the heading of a day, in the time zone of this computer."""
    words = day_words(moment, now)
    return Row(words, spoken=words)


def day_words(moment: float, now: float) -> str:
    """Return ``Today``, ``Yesterday``, or the day with its weekday."""
    then, today = datetime.fromtimestamp(moment), datetime.fromtimestamp(now)
    days = (today.date() - then.date()).days
    if days in (0, 1):
        return ("Today", "Yesterday")[days]
    return f"{then:%A}, {day(moment)}"


def change_row(kept: Recorded, now: float, *, fresh: bool) -> Row:
    """Return the line of a change."""
    change = kept.change
    words = shortened(visible(change.words))
    sub = visible(object_of(change))
    time = f"{datetime.fromtimestamp(kept.at):%H:%M}"
    icon = _STATE_ICONS.get(change.subject) if change.kind == kinds.STATE else None
    said = (
        "New" if fresh else "", _TONES.get(change.tone, ""), words, sub,
        f"{day_words(kept.at, now)}, {time}",
    )  # fmt: skip
    return Row(
        words,
        shortened(sub),
        time,
        icon or _ICONS.get(change.kind, "info"),
        _COLOURS.get(change.tone, "dim"),
        ". ".join(filter(None, said)),
        fresh,
        kept,
    )


def object_of(change: Change) -> str:
    """Return what a change is about: ad account, connection and X app."""
    account = shortened(change.account)
    return " · ".join(filter(None, (account, change.handle, change.app)))


def lost_title(lost: list[Recorded]) -> str:
    """Return the title of the one notice for all access that was lost."""
    if len(lost) == 1:
        return f"{_brief(lost[0])}."
    # Of an ad account once, however many connections have lost it.
    found = [kind for kind, _, _ in {_lost_of(one.change) for one in lost}]
    parts = [counted(found.count(kind), one, many) for kind, one, many in _LOSSES if kind in found]
    named = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    return f"Access was lost: {named}."


def _lost_of(change: Change) -> tuple[str, str, str]:
    """Return what is gone, the same for every connection that has lost it."""
    if change.kind == kinds.PERMISSION_LOST:  # of somebody's
        return change.kind, f"{change.connection_id}/{change.account_id}", change.subject
    return change.kind, change.account_id, change.subject


def lost_message(lost: list[Recorded]) -> str:
    """Return the first losses in words, when there are several."""
    if len(lost) < 2:
        return ""
    named = "; ".join(map(_brief, lost[:_NAMED]))
    more = len(lost) - _NAMED
    return f"{named}; and {more:,} more." if more > 0 else f"{named}."


def _brief(one: Recorded) -> str:
    words = one.change.words
    half = _BRIEF // 2
    return words if len(words) <= _BRIEF else f"{words[:half].rstrip()}…{words[-half:].lstrip()}"
