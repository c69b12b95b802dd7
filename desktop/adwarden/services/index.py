"""The way to the index on disk: one thread of its own, so that no disk call blocks the loop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Snapshot
from adwarden.services.tasks import Lane
from adwarden.storage.directory import DamagedError, Directory

T = TypeVar("T")

Opener = Callable[[bool], tuple[Directory, AdwardenError | None]]


class _Opened:
    """The open directory of the index thread; a damaged one is replaced under way."""

    def __init__(self, opener: Opener, told: Callable[[AdwardenError], None]) -> None:
        self._opener = opener
        self._told = told
        self._directory = self._open(distrust=False)

    def call(self, work: Callable[[Directory], T]) -> T:
        try:
            return work(self._directory)
        except DamagedError:
            # The next call finds an index again: what could be read was taken over.
            self._directory.close()
            self._directory = self._open(distrust=True)
            raise

    def close(self) -> None:
        self._directory.close()

    def _open(self, *, distrust: bool) -> Directory:
        directory, trouble = self._opener(distrust)
        if trouble is not None:
            self._told(trouble)
        return directory


class Index:
    """Runs calls on the directory, first in first out.

    ``opener`` gets whether the file is to be distrusted. ``trouble`` is what was wrong with it,
    if anything (it was moved aside then).
    """

    def __init__(self, opener: Opener) -> None:
        self.trouble: AdwardenError | None = None
        self._prefetched: Future[Snapshot] | None = None
        self._lane: Lane[_Opened] = Lane(
            "index", workers=1, context=lambda: _Opened(opener, self._note)
        )

    async def run(self, call: Callable[[Directory], T]) -> T:
        """Run ``call`` on the index thread; raises ``StorageError``."""
        return await self._lane.run(lambda opened: opened.call(call))

    def prefetch(self) -> None:
        """Begin to read the last known state while the rest of the program is still loading."""
        self._prefetched = self._lane.submit(lambda opened: opened.call(Directory.snapshot))

    def peek(self, seconds: float) -> Snapshot | None:
        """Wait for what was prefetched, without a loop; None if it failed or takes longer.

        It stays there for ``snapshot``, which tells what went wrong.
        """
        if self._prefetched is None:
            return None
        wait([self._prefetched], timeout=seconds)
        done = self._prefetched.done() and self._prefetched.exception() is None
        return self._prefetched.result() if done else None

    async def snapshot(self) -> Snapshot:
        """Return the last known state; takes over what was prefetched, once."""
        import asyncio

        prefetched, self._prefetched = self._prefetched, None
        if prefetched is not None:
            return await asyncio.wrap_future(prefetched)
        return await self.run(Directory.snapshot)

    def close(self) -> None:
        """Close the file once what is queued has been written; does not wait."""
        self._lane.close()

    def _note(self, trouble: AdwardenError) -> None:
        self.trouble = trouble
