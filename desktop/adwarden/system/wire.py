"""What a second start and the first one say to each other over, and its limits.

Each system has a way of its own: a Unix socket, or Qt's named pipe on Windows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

LONGEST_LINE = 4096
"""Bytes of a line, its end included; who sends more is cut off."""

MOST_CALLERS = 16
"""Connections at a time; the oldest is given up for one more."""

SILENCE = 3.0
"""Seconds that a connection may take in all; a start has given up long before."""

Hear = Callable[[bytes, Callable[[bytes], None]], None]
"""Called on the window's thread with a line, and with what answers it and hangs up."""


class Wire(Protocol):
    """One way to reach the program that runs, and to be reached. Nothing but ``ask`` waits."""

    def address(self, folder: Path, name: str) -> str:
        """Return where the program of this data folder listens; ``name`` is of it alone."""

    def ask(self, address: str, request: bytes, deadline: float) -> bytes:
        """Send a line and return the answer, or nothing if none came by ``deadline``."""

    def listen(self, address: str, hear: Hear, *, replace: bool) -> None:
        """Have ``hear`` called for each line, from the application's loop.

        ``replace`` removes what is left over there. Raises ``OSError``.
        """

    def close(self) -> None:
        """Listen no longer, and leave nothing over."""


def left(deadline: float) -> float:
    """Return the seconds until ``deadline`` on the monotonic clock, at least a thousandth."""
    return max(0.001, deadline - time.monotonic())
