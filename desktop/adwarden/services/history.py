"""The history: what has changed, in pages, and what of it nobody has looked at yet."""

from __future__ import annotations

from types import MappingProxyType

from adwarden.domain.changes import LOST, Recorded, Wanted
from adwarden.domain.data import dataclass
from adwarden.services.events import HistoryCounted, HistoryGrew
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.storage.directory import Directory

__all__ = ["History", "Page", "Wanted"]

PAGE = 200
"""Changes in one page."""

MOST_LOST = 10_000
"""Losses since the last visit that are told at most."""

TOLD_AT_ONCE = 200
"""Changes in one event at most: a whole agency's in one go would hold the window up."""


@dataclass(frozen=True, slots=True)
class Page:
    """Changes, newest first, and how many there are of what was asked for.

    Those with an id above ``seen`` are newer than the last visit.
    """

    changes: tuple[Recorded, ...]
    total: int
    seen: int

    @property
    def more(self) -> bool:
        """Whether older ones may follow."""
        return len(self.changes) == PAGE


class History:
    """Reads the history off the loop; every method raises ``StorageError``."""

    def __init__(self, index: Index, hub: Hub) -> None:
        self._index = index
        self._hub = hub

    async def page(self, wanted: Wanted, *, before: int = 0) -> Page:
        """Return a page of changes, older than the change with the id ``before`` if given."""

        def read(directory: Directory) -> Page:
            found = directory.changes(wanted, before=before, count=PAGE)
            return Page(tuple(found), directory.count_changes(wanted), directory.seen())

        return await self._index.run(read)

    async def begin(self, days: int) -> tuple[Recorded, ...]:
        """Forget what is older than ``days``, and tell what is unseen.

        Returns what was lost since the last visit, newest first.
        """

        def read(directory: Directory) -> tuple[dict[str, int], list[Recorded]]:
            directory.prune_changes(days)
            unseen = directory.unseen()
            # Most starts have seen everything, and need nothing of what a search is made of.
            wanted = Wanted(tone=LOST, unseen=True)
            return unseen, directory.changes(wanted, count=MOST_LOST) if unseen else []

        unseen, lost = await self._index.run(read)
        self._hub.emit(HistoryCounted(MappingProxyType(unseen)))
        return tuple(lost)

    async def visit(self) -> None:
        """Count everything as seen."""
        await self._index.run(Directory.mark_seen)
        self._hub.emit(HistoryCounted(MappingProxyType({})))

    def tell(self, changes: tuple[Recorded, ...]) -> None:
        """Tell listeners of changes that were kept, a portion at a time."""
        for start in range(0, len(changes), TOLD_AT_ONCE):
            self._hub.emit(HistoryGrew(changes[start : start + TOLD_AT_ONCE]))
