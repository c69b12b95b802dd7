"""Keeps what X told about its rate limits: in the index across restarts, and for the window."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from adwarden.domain.errors import StorageError
from adwarden.domain.model import RateWindow
from adwarden.domain.uptime import uptime
from adwarden.providers.base import KnownWindow
from adwarden.services.events import LimitsChanged
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.storage.directory import Directory, StoredWindow

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

_log = logging.getLogger(__name__)

GATHER_SECONDS = 0.5
"""Thousands of answers a minute tell of the same few windows; only the last word is kept."""

TOLD_AT_ONCE = 200
"""Rate limits in one event at most."""

AHEAD_SECONDS = 2.0
"""How long a request waits until it is on the disk that it will be made."""

_Key = tuple[str, str, str]


class RateWindows:
    """Takes notes from any worker thread and passes them on in small batches on the loop.

    ``clock`` gives Unix seconds, ``steady`` seconds since the computer started.
    """

    def __init__(
        self,
        index: Index,
        hub: Hub,
        *,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = uptime,
    ) -> None:
        self._index = index
        self._hub = hub
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        self._noted: dict[_Key, KnownWindow] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    async def restore(self, remember: Callable[[KnownWindow], None]) -> None:
        """Give every stored window to ``remember``, and begin to pass on new ones.

        ``remember`` is called on the thread of the index.
        """
        import asyncio

        self._loop = asyncio.get_running_loop()
        # There are some for every ad account: the index thread takes them all in hand.
        self._tell(await self._index.run(lambda d: self._recall(d, remember)))

    def note(self, known: KnownWindow) -> None:
        """Take note of a window; called by the thread that made the call."""
        with self._lock:
            first = not self._noted
            self._noted[(known.scope, known.endpoint, known.account_id)] = known
        loop = self._loop
        if first and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._pass_on_soon)

    def note_ahead(self, known: KnownWindow) -> None:
        """Store what will be left after a request; returns once that would survive a crash.

        Called by the thread that is about to make the call. A disk that fails does not stop it.
        """
        from concurrent.futures import CancelledError

        with self._lock:
            # What was noted before must not be stored after this.
            self._noted.pop((known.scope, known.endpoint, known.account_id), None)
            try:
                stored = self._store([known])
            except RuntimeError:
                return  # the program is ending
        try:
            stored.result(AHEAD_SECONDS)
        except (StorageError, TimeoutError, CancelledError) as error:
            _log.warning("a rate limit could not be stored: %s", type(error).__name__)

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
            stored = self._store(list(noted.values())) if noted else None
        if stored is not None:
            try:
                await asyncio.wrap_future(stored)
            except asyncio.CancelledError:
                # Perhaps not stored: whoever flushes next tries again, newer words going first.
                with self._lock:
                    self._noted = {**noted, **self._noted}
                raise
            self._tell(noted.values())

    def _store(self, windows: list[KnownWindow]) -> Future[None]:
        now, up = self._clock(), self._steady()
        stored = [
            StoredWindow(
                known.scope,
                known.endpoint,
                known.account_id,
                known.window.limit,
                known.window.remaining,
                known.window.resets_at,
                now,
                up,
            )
            for known in windows
        ]
        return self._index.submit(lambda d: d.save_windows(stored))

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

    def _recall(
        self, directory: Directory, remember: Callable[[KnownWindow], None]
    ) -> list[KnownWindow]:
        now, up = self._clock(), self._steady()
        found = []
        for stored in directory.windows(up):
            rest = seconds_left(stored, now, up)
            if rest > 0:
                window = RateWindow(stored.limit, stored.remaining, now + rest)
                found.append(KnownWindow(stored.scope, stored.endpoint, stored.account_id, window))
        for known in found:
            remember(known)
        return found


def seconds_left(stored: StoredWindow, now: float, up: float) -> float:
    """Return how long a stored window still lasts, whatever was done to the clock meanwhile.

    ``now`` is in Unix seconds and may have been set forward or back; ``up`` is how long the
    computer has been running, in seconds, and is less than before if it was started anew.
    """
    rest = stored.resets_at - now
    if not stored.noted_at:
        return rest
    whole = stored.resets_at - stored.noted_at
    passed = up - stored.noted_up
    if passed >= 0:
        # On the same boot this is exact; after another one it is less than has passed in truth.
        return whole - passed
    return min(rest, whole, whole - up)
