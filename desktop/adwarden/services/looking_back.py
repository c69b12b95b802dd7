"""Looks after the KeePass file for a while after each change, as others may write over it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from adwarden.domain.errors import KeychainError

if TYPE_CHECKING:
    import asyncio

AFTER = (0.5, 2.0, 5.0, 15.0, 60.0, 290.0)
"""Seconds. Another program's write takes one or two, some take long; the file then knows itself
what it was to hold, and for how long (``storage/keepass_recent``)."""


class LookingBack:
    """Makes a look some seconds after the last change; ``look`` has the file mend itself."""

    def __init__(self, look: Callable[[], Awaitable[object]]) -> None:
        self._look = look
        self._planned: list[asyncio.TimerHandle] = []
        self._looking: set[asyncio.Task[None]] = set()
        self._closed = False

    def begin(self) -> None:
        """Plan the looks, in place of those of the change before; called on the loop."""
        import asyncio

        if self._closed:
            return
        self._forget()
        loop = asyncio.get_running_loop()
        self._planned = [loop.call_later(seconds, self._start) for seconds in AFTER]

    def close(self) -> None:
        """Look no more."""
        self._closed = True
        self._forget()
        for task in self._looking:
            task.cancel()

    def _forget(self) -> None:
        for planned in self._planned:
            planned.cancel()
        self._planned.clear()

    def _start(self) -> None:
        import asyncio

        task = asyncio.get_running_loop().create_task(self._once(), name="look at the file")
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _once(self) -> None:
        # What fails is told to whoever needs the file next.
        with suppress(KeychainError):
            await self._look()
