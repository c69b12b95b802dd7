"""Who of several refreshes may ask the platform next; the most wanted goes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.services.sync_ease import Ease

if TYPE_CHECKING:
    import asyncio

Wanted = Callable[[], bool]
"""Tells whether somebody is looking at what a refresh would fetch next."""

MOST_PAUSES = 10
"""Pauses that a platform may ask for without answering anything in between."""


@dataclass(frozen=True, slots=True)
class _Waiter:
    wanted: Wanted
    turn: asyncio.Future[None]


class Turns:
    """So many ad accounts of one platform are fetched at the same time, by whichever refresh.

    ``most`` at most; fewer while the loop is late.
    """

    def __init__(self, most: int) -> None:
        self._ease = Ease(most, self._serve)
        self._taken = 0
        self._waiting: list[_Waiter] = []
        self.resumes_at = 0.0
        """Until then, on the steady clock, the platform wants to be left alone."""

        self.reason = ""
        self._pauses = 0

    async def take(self, wanted: Wanted) -> None:
        """Wait for a turn; each one taken must be given back."""
        import asyncio

        self._ease.watch()
        if self._taken < self._ease.places and not self._waiting:
            self._taken += 1
            return
        waiter = _Waiter(wanted, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif not waiter.turn.cancelled():
                # It got its turn at the very moment of the cancellation.
                self.give()
            raise

    def give(self) -> None:
        """Give a turn back; whoever waits for what is looked at gets it, else the first."""
        self._taken -= 1
        self._serve()
        if not self._taken:
            self._ease.rest()

    def pause(self, until: float, now: float, reason: str) -> bool:
        """Begin nothing before ``until``; returns False when it has asked for that too often."""
        if now >= self.resumes_at:
            self._pauses += 1
        self.resumes_at, self.reason = max(self.resumes_at, until), reason
        return self._pauses <= MOST_PAUSES

    def answered(self) -> None:
        """Take note that the platform works."""
        self._pauses = 0

    def _serve(self) -> None:
        while self._taken < self._ease.places and self._waiting:
            chosen = next((one for one in self._waiting if one.wanted()), self._waiting[0])
            self._waiting.remove(chosen)
            if not chosen.turn.done():
                self._taken += 1
                chosen.turn.set_result(None)
