"""How many ad accounts are fetched at a time: as many as leave the window its turns.

Every thread that computes wants the interpreter, and the window waits for each of them. A server
that answers at once keeps all of them computing, and more of them fetch nothing sooner then; one
that is far away keeps them waiting for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

LEAST = 2
"""At a time, however late the loop is: one whose answer is read, and one that is on its way."""

LOOK = 0.02
"""Seconds between two looks."""

LATE = 0.012
"""Seconds late from which on the loop waits for others; four times as much can be felt."""

FULL = 0.85
"""The share of one processor from which on the interpreter is what everything waits for."""

SMOOTH = 15
"""Looks over which that share is taken: single turns of the window are no load."""

CALM, QUICK = 15, 3
"""Looks before one more is tried: in a row that were in time, or as long as there is no load."""


class Ease:
    """Halves its ``places`` when the loop is late under load, and adds to them else.

    ``most`` at most; ``grown`` is called when there is one more. ``worked`` returns how many
    seconds this process has computed.
    """

    def __init__(
        self,
        most: int,
        grown: Callable[[], None],
        *,
        worked: Callable[[], float] = time.process_time,
    ) -> None:
        self.places = min(LEAST, most)
        self._most = most
        self._grown = grown
        self._worked = worked
        self._timer: asyncio.TimerHandle | None = None
        self._load = 0.0
        self._waited = 0

    def watch(self) -> None:
        """Look at the loop from now on; to be called on it."""
        if self._timer is None and self._most > LEAST:
            self._look_later()

    def rest(self) -> None:
        """Look no more, while nothing is fetched; the places stay for the next time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self) -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        begun, worked = loop.time(), self._worked()

        def look() -> None:
            passed = max(LOOK, loop.time() - begun)
            self._look_later()
            self.see(passed - LOOK, (self._worked() - worked) / passed)

        self._timer = loop.call_later(LOOK, look)

    def see(self, late: float, load: float) -> None:
        """Judge one look: by how many seconds it was late, and the load since the one before."""
        self._load += (load - self._load) / SMOOTH
        full = self._load >= FULL
        self._waited = 0 if full and late >= LATE else self._waited + 1
        if not self._waited:
            self.places = max(LEAST, self.places // 2)
        elif self._waited >= (CALM if full else QUICK) and self.places < self._most:
            self.places, self._waited = self.places + 1, 0
            self._grown()
