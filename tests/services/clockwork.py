"""A clock for tests that stands while something happens and jumps over every wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from adwarden.services.sync_pace import Pace

MOMENT = 0.03
PATIENCE = 100
"""Moments that calls under way get to be answered before time passes all the same."""


@dataclass
class Clockwork:
    """Real time plus what has been waited; ``set_by`` is what somebody did to the clock.

    A wait lasts a moment in truth in which nothing is under way: a slow machine must not find a
    pause over before anybody could have seen it.
    """

    passes: Callable[[float], None] = lambda _: None
    """Called with the seconds of every wait, for instance to move a server's windows too."""

    busy: Callable[[], bool] = lambda: False
    """Tells whether a call has not been answered yet."""

    passed: float = 0.0
    set_by: float = 0.0
    waits: list[float] = field(default_factory=list)
    still: bool = False
    """Whether waits do not end by themselves, so that they can be looked at."""

    def clock(self) -> float:
        """Return Unix seconds, as this computer's clock shows them."""
        return time.time() + self.passed + self.set_by

    def steady(self) -> float:
        """Return seconds that nobody can set."""
        return 1_000_000.0 + time.monotonic() + self.passed

    async def wait(self, woken: asyncio.Event, seconds: float) -> None:
        """Let the time pass at once, unless all stands still."""
        if self.still:
            await woken.wait()
            return
        for _ in range(PATIENCE):
            quiet = not self.busy()
            with suppress(TimeoutError):
                async with asyncio.timeout(MOMENT):
                    await woken.wait()
                    return
            if quiet and not self.busy():
                break
        self.waits.append(seconds)
        self.passed += seconds
        self.passes(seconds)

    def pace(self) -> Pace:
        """Return what refreshes wait with; of a random wait it takes all."""
        return Pace(
            clock=self.clock, steady=self.steady, chance=lambda: 1.0, wait=self.wait, step=1e9
        )


@dataclass
class HandClock(Clockwork):
    """A clock that moves only when a test moves it; waits end when their time has come."""

    waiting: set[asyncio.Event] = field(default_factory=set)

    def clock(self) -> float:
        """Return Unix seconds: X refuses what is far from the true time."""
        return time.time() + self.set_by

    def steady(self) -> float:
        """Return seconds that only ``pass_time`` counts."""
        return 1_000_000.0 + self.passed

    async def wait(self, woken: asyncio.Event, seconds: float) -> None:
        """Wait for the event, or for the time to be moved."""
        moved = asyncio.Event()
        self.waiting.add(moved)
        both = [asyncio.ensure_future(one.wait()) for one in (woken, moved)]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.waiting.discard(moved)
            for one in both:
                one.cancel()

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += seconds
        for moved in self.waiting:
            moved.set()
