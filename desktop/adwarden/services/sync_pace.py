"""How a refresh waits and tries again: clocks, pauses and chance, all given by constructor.

Only reads come here: what changes something at X is never sent twice.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from adwarden.domain.errors import ErrorCode, NetworkError, OverCapacityError, RateLimitedError
from adwarden.domain.uptime import uptime

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

MAX_TRIES = 5
FIRST_DELAY = 0.5
LONGEST_DELAY = 8.0
"""Seconds at most before the second try, and before any."""

PATIENCE = 40.0
"""Seconds after which no other try begins: a server that is silent is told of before long.

More than the time for one answer, as a kept connection may have died without a word.
"""

SHORTEST_PAUSE = 1.0
"""Seconds; a server that allows a request at once has been asked too early before."""

STEP = 5.0
"""Seconds; the loop's clock stands still while the computer sleeps, so it is looked at anew."""

WaitFor = Callable[["asyncio.Event", float], Awaitable[None]]
"""Waits for an event, but for so many seconds at most."""


class Pace:
    """``clock`` gives Unix seconds, ``steady`` seconds that nobody can set, ``chance`` 0 to 1.

    ``wait`` waits, for ``step`` seconds at most at a time.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = uptime,
        chance: Callable[[], float] = random.random,
        wait: WaitFor | None = None,
        step: float = STEP,
    ) -> None:
        self.clock = clock
        self.steady = steady
        self._chance = chance
        self._wait = wait or _wait
        self._step = step

    def resumes(self, error: RateLimitedError | OverCapacityError) -> float:
        """Return when it goes on after this error, on the steady clock."""
        return self.steady() + max(error.resets_at - self.clock(), SHORTEST_PAUSE)

    async def until(self, moment: float, woken: asyncio.Event | None = None) -> None:
        """Wait for a moment of the steady clock, or until ``woken`` is set."""
        import asyncio

        woken = woken or asyncio.Event()
        while not woken.is_set() and (rest := moment - self.steady()) > 0:
            await self._wait(woken, min(rest, self._step))

    async def read(self, call: Callable[[], Awaitable[T]], *, tries: int = MAX_TRIES) -> T:
        """Return what ``call`` returns, trying again where the way or the server failed.

        Waits between the tries grow, up to a bound, with full jitter: several programs must not
        come back at the same moment. Raises what the last try raised, and begins none after
        ``PATIENCE``.
        """
        longest, began = FIRST_DELAY, self.steady()
        for _ in range(tries - 1):
            try:
                return await call()
            except NetworkError as error:
                if not passes(error) or self.steady() - began > PATIENCE:
                    raise
            await self.until(self.steady() + longest * self._chance())
            longest = min(longest * 2, LONGEST_DELAY)
        return await call()


def passes(error: NetworkError) -> bool:
    """Tell whether the same request may well succeed a moment later."""
    if isinstance(error, OverCapacityError):
        return False  # X says itself when
    return error.code in (ErrorCode.NO_NETWORK, ErrorCode.SERVER)


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    import asyncio
    from contextlib import suppress

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await woken.wait()
