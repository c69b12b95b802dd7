"""The way to the index on disk: one thread of its own, so that no disk call blocks the loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, TypeVar

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Snapshot
from adwarden.services.tasks import Lane
from adwarden.storage.directory import DamagedError, Directory

if TYPE_CHECKING:
    from adwarden.domain.changes import Recorded
    from adwarden.storage.pending import Stamp

T = TypeVar("T")

Opener = Callable[[bool], tuple[Directory, AdwardenError | None]]


class _Opened:
    """The open directory of the index thread; a damaged one is replaced under way."""

    def __init__(
        self,
        opener: Opener,
        told: Callable[[AdwardenError], None],
        changes: deque[Recorded],
        stamp: Callable[[], Stamp | None],
    ) -> None:
        self._opener = opener
        self._stamp = stamp
        self._told = told
        self._changes = changes
        self._directory = self._open(distrust=False)

    def call(self, work: Callable[[Directory], T]) -> T:
        self._directory.stamp = self._stamp()
        try:
            return work(self._directory)
        except DamagedError:
            # The next call finds an index again: what could be read was taken over.
            self._directory.close()
            self._directory = self._open(distrust=True)
            raise
        finally:
            self._changes.extend(self._directory.take_changes())

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
        self.changed: Callable[[tuple[Recorded, ...]], None] | None = None
        """Called on the loop with what a call has added to the history."""
        self.stamp: Stamp | None = None
        """Tells of the steps that are noted whose they are."""
        self._changes: deque[Recorded] = deque()
        self._prefetched: Future[Snapshot] | None = None
        self._lane: Lane[_Opened] = Lane(
            "index",
            workers=1,
            context=lambda: _Opened(opener, self._note, self._changes, lambda: self.stamp),
        )

    async def run(self, call: Callable[[Directory], T]) -> T:
        """Run ``call`` on the index thread; raises ``StorageError``."""
        try:
            return await self._lane.run(lambda opened: opened.call(call))
        finally:
            # What a cancelled call adds after this comes with the next one.
            self._tell()

    def submit(self, call: Callable[[Directory], T]) -> Future[T]:
        """Queue ``call`` from any thread; raises ``RuntimeError`` once the index is closed."""
        return self._lane.submit(lambda opened: opened.call(call))

    def prefetch(self, *, by_account: bool = False) -> None:
        """Begin to read the last known state while the rest of the program is still loading.

        Of a large one the first rows only, of connections or of ad accounts.
        """

        def glimpse(directory: Directory) -> Snapshot:
            return directory.glimpse(by_account=by_account)

        self._prefetched = self._lane.submit(lambda opened: opened.call(glimpse))

    def peek(self, seconds: float) -> Snapshot | None:
        """Wait for what was prefetched, without a loop; None if it failed or takes longer.

        It stays there for ``snapshot``, which tells what went wrong and reads what is missing.
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
            found = await asyncio.wrap_future(prefetched)
            if not found.counts:
                return found
        return await self.run(Directory.snapshot)

    def close(self) -> None:
        """Close the file once what is queued has been written; does not wait."""
        self._lane.close()

    def _tell(self) -> None:
        told = tuple(self._changes.popleft() for _ in range(len(self._changes)))
        if told and self.changed is not None:
            self.changed(told)

    def _note(self, trouble: AdwardenError) -> None:
        self.trouble = trouble
