"""The way to the index on disk: one thread of its own, so that no disk call blocks the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Snapshot
from adwarden.services.tasks import Lane
from adwarden.storage.directory import Directory

T = TypeVar("T")

Opener = Callable[[], tuple[Directory, AdwardenError | None]]


class Index:
    """Runs calls on the directory, first in first out.

    ``trouble`` is what was wrong with the file when it was opened (it was moved aside then).
    """

    def __init__(self, opener: Opener) -> None:
        self.trouble: AdwardenError | None = None
        self._opener = opener
        self._prefetched: Future[Snapshot] | None = None
        self._lane: Lane[Directory] = Lane("index", workers=1, context=self._open)

    async def run(self, call: Callable[[Directory], T]) -> T:
        """Run ``call`` on the index thread; raises ``StorageError``."""
        return await self._lane.run(call)

    def prefetch(self) -> None:
        """Begin to read the last known state while the rest of the program is still loading."""
        self._prefetched = self._lane.submit(Directory.snapshot)

    async def snapshot(self) -> Snapshot:
        """Return the last known state; takes over what was prefetched, once."""
        prefetched, self._prefetched = self._prefetched, None
        if prefetched is not None:
            return await asyncio.wrap_future(prefetched)
        return await self._lane.run(Directory.snapshot)

    def close(self) -> None:
        """Close the file once what is queued has been written; does not wait."""
        self._lane.close()

    def _open(self) -> Directory:
        directory, self.trouble = self._opener()
        return directory
