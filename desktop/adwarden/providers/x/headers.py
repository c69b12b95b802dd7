"""Reads what X says about its limits in the headers of an answer; never raises, whatever they hold.

Times are made durations by the server's own ``Date``, so that a wrong clock here does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping

from adwarden.domain.data import dataclass

LONGEST = 3_600.0
"""Seconds; what claims to last longer is asked about again after this time."""


@dataclass(frozen=True, slots=True)
class Told:
    """One family of headers: counts of requests, X's own stamp of the reset, and seconds to it."""

    limit: int
    remaining: int
    reset: float
    seconds: float


def told_windows(headers: Mapping[str, str], now: float) -> tuple[Told | None, Told | None]:
    """Return what is said of the token and of the ad account; names of headers in lower case.

    ``now`` is in Unix seconds and counts only where the server does not say what time it is.
    """
    server_now = _date(headers.get("date", ""))
    now = now if server_now is None else server_now
    return _told(headers, "x-rate-limit", now), _told(headers, "x-account-rate-limit", now)


def retry_after(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds that ``Retry-After`` asks to wait; 0 where it says nothing readable."""
    text = headers.get("retry-after", "").strip()
    if is_number(text):
        return min(float(text), LONGEST)
    until = _date(text)
    if until is None:
        return 0.0
    server_now = _date(headers.get("date", ""))
    return max(0.0, min(until - (now if server_now is None else server_now), LONGEST))


def is_number(text: str) -> bool:
    """Tell whether these are a few plain digits."""
    # isdigit alone is also true of "²", and a number may be too long to be one.
    return text.isascii() and text.isdigit() and len(text) <= 15


def _told(headers: Mapping[str, str], prefix: str, now: float) -> Told | None:
    values = [headers.get(f"{prefix}-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(is_number(value) for value in values):
        return None
    limit, remaining, reset = (int(value) for value in values)
    return Told(limit, remaining, float(reset), max(0.0, min(reset - now, LONGEST)))


def _date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime  # not before the first answer

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
