"""Counts, times and states in the words of the window; pure text, no widgets.

Times come in as Unix seconds and are told relative to ``now``, also Unix seconds.
"""

from __future__ import annotations

import time

from adwarden.domain.model import AppAccess, Connection, ConnectionState

STATE_WORDS = {
    ConnectionState.UNKNOWN: "Not checked yet",
    ConnectionState.WORKING: "Working",
    ConnectionState.ATTENTION: "Needs attention",
    ConnectionState.REVOKED: "Revoked",
    ConnectionState.NEEDS_AUTHORIZATION: "Must be authorized again",
    ConnectionState.REVOKING: "Being revoked",
}

ACCESS_WORDS = {
    AppAccess.UNKNOWN: "I don’t know",
    AppAccess.STANDARD: "Standard",
    AppAccess.CONVERSION_ONLY: "Conversion Only",
    AppAccess.LEGACY_ANALYTICS: "Analytics (before July 2023)",
    AppAccess.LEGACY_CAMPAIGNS: "Campaign management (before July 2023)",
    AppAccess.LEGACY_AUDIENCES: "Custom audiences (before July 2023)",
    AppAccess.LEGACY_CONVERSION: "Conversion (before July 2023)",
}

TOKEN_LEVEL_WORDS = {
    "read": "Read only",
    "read-write": "Read and write",
    "read-write-directmessages": "Read, write and direct messages",
}
"""X's ``x-access-level`` header in words."""

PLACE_WORDS = {
    "keychain": "System keychain",
    "file": "KeePass file",
    "memory": "Memory, for this session only",
}
"""The places of secrets."""

PLACE_NAMES = {"keychain": "the system keychain", "file": "the KeePass file", "memory": "memory"}
"""The places of secrets within a sentence."""

APPROVAL_WORDS = {
    "ACCEPTED": "Accepted",
    "UNDER_REVIEW": "Under review",
    "PENDING": "Pending",
    "CANCELED": "Canceled",
    "CANCELLED": "Canceled",
    "REJECTED": "Rejected",
}


AHEAD = 60.0
"""Seconds that a time may lie in the future, as clocks are set a little now and then."""


def counted(number: int, one: str, many: str) -> str:
    """Return ``1 ad account`` or ``2,000 ad accounts``."""
    return f"{number:,} {one if number == 1 else many}"


def ad_accounts(number: int) -> str:
    """Return how many ad accounts."""
    return counted(number, "ad account", "ad accounts")


def reach(number: int, checked_at: float | None) -> str:
    """Return how many ad accounts a connection reaches, as far as anybody has looked."""
    if number:
        return ad_accounts(number)
    return "ad accounts not fetched yet" if checked_at is None else "no ad accounts"


def ago(moment: float | None, now: float) -> str:
    """Return ``just now``, ``2 min ago``, ``3 h ago``, ``yesterday``, or the day.

    Of a time in the future, by a clock that was wrong, nobody knows how long ago that is.
    """
    if moment is None:
        return "never"
    seconds = now - moment
    if seconds < -AHEAD:
        return "at an unknown time"
    if seconds < 45:
        return "just now"
    if seconds < 3600:
        return f"{max(1, round(seconds / 60))} min ago"
    days = _days(now) - _days(moment)
    if days == 0 or seconds < 6 * 3600:
        return f"{max(1, int(seconds // 3600))} h ago"
    if days == 1:
        return "yesterday"
    if days < 14:
        return f"{days} days ago"
    return day(moment)


def age(moment: float, now: float) -> str:
    """Return a long time since in short: ``26 h``, ``9 d``, ``14 mo``."""
    if moment - now > AHEAD:
        return "time unknown"
    hours = max(0.0, now - moment) / 3600
    if hours < 48:
        return f"{hours:.0f} h"
    return f"{hours / 24:.0f} d" if hours < 24 * 100 else f"{hours / 24 / 30.4:.0f} mo"


def is_stale(moment: float | None, now: float, stale_after: float) -> bool:
    """Tell whether something fetched then is too old to be trusted, or its time is no past one."""
    return moment is not None and not -AHEAD <= now - moment <= stale_after


def freshness(moment: float | None, now: float, stale_after: float) -> tuple[str, bool]:
    """Return how long ago something was fetched, and whether that is too long; it says so then."""
    stale = is_stale(moment, now, stale_after)
    return f"{ago(moment, now)} · stale" if stale else ago(moment, now), stale


def until(moment: float, now: float) -> str:
    """Return ``in 11 min`` or ``in 40 s``."""
    seconds = max(0, round(moment - now))
    if seconds < 90:
        return f"in {seconds} s"
    return f"in {round(seconds / 60)} min"


def day(moment: float) -> str:
    """Return a date such as ``3 May 2026``."""
    then = time.localtime(moment)
    return f"{then.tm_mday} {time.strftime('%B %Y', then)}"


def time_of_day(moment: float) -> str:
    """Return ``14:23``, in the time zone of this computer."""
    return time.strftime("%H:%M", time.localtime(moment))


def _days(moment: float) -> int:
    """Count the days to the one of a moment here, by its calendar."""
    return int((moment + time.localtime(moment).tm_gmtoff) // 86_400)


def exact(moment: float | None) -> str:
    """Return date and time to the minute, in the time zone of this computer."""
    if moment is None:
        return "never"
    return f"{day(moment)}, {time_of_day(moment)}"


def since(moment: float) -> str:
    """Return the same of when something began, which 0 stands for where nobody knows it."""
    return exact(moment) if moment > 0 else "Not known"


def at_moment(moment: float, now: float) -> str:
    """Return ``at 14:23``, or ``on 3 May 2026 at 14:23`` for another day: it does not get old."""
    clock = f"at {time_of_day(moment)}"
    return clock if _days(moment) == _days(now) else f"on {day(moment)} {clock}"


def failed(connection: Connection, now: float) -> str:
    """Return when the last failure of a connection was, empty where nobody wrote it down."""
    if not connection.error or connection.error_at is None:
        return ""
    return f"failed {at_moment(connection.error_at, now)}"


def is_past(connection: Connection) -> bool:
    """Tell whether the last failure of a connection is older than its last success."""
    at, worked = connection.error_at, connection.checked_at
    return at is not None and worked is not None and at < worked


def api_time(text: str) -> str:
    """Return a time of the API (``2026-05-03T10:00:00Z``) as a date, or as it came."""
    from datetime import datetime  # no part of the first picture

    try:
        return day(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError, OSError):
        return text


def now() -> float:
    """Return the present in Unix seconds; the clock that parts use unless given another."""
    return time.time()
