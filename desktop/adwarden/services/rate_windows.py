"""Keeps what X told about its rate limits: in the index across restarts, and for the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow
from adwarden.services.events import LimitsChanged
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.storage.directory import StoredWindow

if TYPE_CHECKING:
    import asyncio

GATHER_SECONDS = 0.5
"""Thousands of answers a minute tell of the same few windows; only the last word is kept."""


class RateWindows:
    """Takes notes from any worker thread and passes them on in small batches on the loop."""

    def __init__(self, index: Index, hub: Hub) -> None:
        self._index = index
        self._hub = hub
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, str, str], KnownWindow] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    async def restore(self, remember: Callable[[KnownWindow], None]) -> None:
        """Give every stored window to ``remember``, and begin to pass on new ones."""
        import asyncio

        self._loop = asyncio.get_running_loop()
        for known in await self._index.run(lambda d: d.windows()):
            window = KnownWindow(
                known.scope,
                known.endpoint,
                known.account_id,
                RateWindow(known.limit, known.remaining, known.resets_at),
            )
            remember(window)
            self._hub.emit(LimitsChanged(window))

    def note(self, known: KnownWindow) -> None:
        """Take note of a window; called by the thread that made the call."""
        with self._lock:
            first = not self._noted
            self._noted[(known.scope, known.endpoint, known.account_id)] = known
        if first and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._pass_on_soon)

    async def close(self) -> None:
        """Store what has been noted and pass nothing on any more."""
        import asyncio

        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._loop = None
        await self._flush()

    async def _flush(self) -> None:
        with self._lock:
            noted, self._noted = tuple(self._noted.values()), {}
        if noted:
            stored = [
                StoredWindow(
                    known.scope,
                    known.endpoint,
                    known.account_id,
                    known.window.limit,
                    known.window.remaining,
                    known.window.resets_at,
                )
                for known in noted
            ]
            await self._index.run(lambda d: d.save_windows(stored))
            for known in noted:
                self._hub.emit(LimitsChanged(known))

    def _pass_on_soon(self) -> None:
        if self._loop is not None and (self._task is None or self._task.done()):
            self._task = self._loop.create_task(self._pass_on(), name="pass on rate limits")

    async def _pass_on(self) -> None:
        """Pass on at once, then gather for a while, as long as there is something."""
        import asyncio

        while self._noted:
            await self._flush()
            await asyncio.sleep(GATHER_SECONDS)
