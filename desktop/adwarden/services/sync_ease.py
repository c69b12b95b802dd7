"""How many ad accounts are fetched at a time: as many as leave the window its turns.

Every thread that computes wants the interpreter, and the window waits for each of them. A server
that is far away keeps them waiting for it; one that answers at once keeps all of them computing,
and more of them fetch nothing sooner then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

LEAST = 2
"""At a time, however late the loop is: one whose answer is read, and one that is on its way."""

LOOK = 0.02
"""Seconds between two looks at how late the loop is."""

LATE = 0.012
"""Seconds late from which on fewer are fetched; four times as much can be felt."""

CALM = 15
"""Looks in a row that were in time, before one more is tried."""


class Ease:
    """Halves its ``places`` when the loop is late, and adds one while it is not; ``most`` at most.

    ``grown`` is called when there is one more.
    """

    def __init__(self, most: int, grown: Callable[[], None]) -> None:
        self.places = min(LEAST, most)
        self._most = most
        self._grown = grown
        self._calm = 0
        self._timer: asyncio.TimerHandle | None = None

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
        due = loop.time() + LOOK
        self._timer = loop.call_later(LOOK, lambda: self._look(loop.time() - due))

    def _look(self, late: float) -> None:
        self._look_later()
        self._calm = self._calm + 1 if late < LATE else 0
        if late > LATE:
            self.places = max(LEAST, self.places // 2)
        elif self._calm >= CALM and self.places < self._most:
            self.places, self._calm = self.places + 1, 0
            self._grown()
