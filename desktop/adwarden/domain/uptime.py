"""A clock that nobody can set: how long this computer has been running, sleep included."""

from __future__ import annotations

import time


def uptime() -> float:
    """Return seconds since the computer started; only differences on one boot mean anything."""
    # Linux's monotonic clock stands still while the computer sleeps, and rate limits do not.
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
