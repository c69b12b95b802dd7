"""Keeps what X told about its rate limits: in the index across restarts, and for the window."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow
from adwarden.services.events import LimitsChanged
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.storage.directory import Directory, StoredWindow

if TYPE_CHECKING:
    import asyncio

GATHER_SECONDS = 0.5
"""Thousands of answers a minute tell of the same few windows; only the last word is kept."""

TOLD_AT_ONCE = 200
"""Rate limits in one event at most."""


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
        """Give every stored window to ``remember``, and begin to pass on new ones.

        ``remember`` is called on the thread of the index.
        """
        import asyncio

        self._loop = asyncio.get_running_loop()
        # There are some for every ad account: the index thread takes them all in hand.
        self._tell(await self._index.run(lambda d: _recall(d, remember)))

    def note(self, known: KnownWindow) -> None:
        """Take note of a window; called by the thread that made the call."""
        with self._lock:
            first = not self._noted
            self._noted[(known.scope, known.endpoint, known.account_id)] = known
        loop = self._loop
        if first and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._pass_on_soon)

    async def close(self) -> None:
        """Store what has been noted and pass nothing on any more."""
        import asyncio

        # First: an answer that comes just now must not start the task anew.
        self._loop = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._flush()

    async def _flush(self) -> None:
        import asyncio

        with self._lock:
            noted, self._noted = self._noted, {}
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
                for known in noted.values()
            ]
            try:
                await self._index.run(lambda d: d.save_windows(stored))
            except asyncio.CancelledError:
                # Perhaps not stored: whoever flushes next tries again, newer words going first.
                with self._lock:
                    self._noted = {**noted, **self._noted}
                raise
            self._tell(noted.values())

    def _tell(self, windows: Iterable[KnownWindow]) -> None:
        """Tell of them in portions: one event each would be felt by the window."""
        rest = iter(windows)
        while portion := tuple(islice(rest, TOLD_AT_ONCE)):
            self._hub.emit(LimitsChanged(portion))

    def _pass_on_soon(self) -> None:
        if self._loop is not None and (self._task is None or self._task.done()):
            self._task = self._loop.create_task(self._pass_on(), name="pass on rate limits")

    async def _pass_on(self) -> None:
        """Pass on at once, then gather for a while, as long as there is something."""
        import asyncio

        while self._noted:
            await self._flush()
            await asyncio.sleep(GATHER_SECONDS)


def _recall(directory: Directory, remember: Callable[[KnownWindow], None]) -> list[KnownWindow]:
    found = [
        KnownWindow(
            stored.scope,
            stored.endpoint,
            stored.account_id,
            RateWindow(stored.limit, stored.remaining, stored.resets_at),
        )
        for stored in directory.windows()
    ]
    for known in found:
        remember(known)
    return found
