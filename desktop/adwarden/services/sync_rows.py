"""The rows of one connection during a refresh: in memory, saved and told in small batches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from adwarden.domain.model import AccountEntry
from adwarden.services.events import EntriesRemoved, EntriesSaved, RefreshProgress
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.roster import gone
from adwarden.storage.directory import RefreshJob

if TYPE_CHECKING:
    import asyncio

BATCH_SECONDS = 0.1
"""How long what has arrived may wait to be saved and shown."""

TOLD_AT_ONCE = 200
"""Ad accounts in one event at most."""


def is_since(at: float | None, began: float, now: float) -> bool:
    """Tell whether something of a row came after a job began; all in Unix seconds.

    What lies in the future does not count: the clock was set back, so it may be older.
    """
    return at is not None and began <= at <= now


def tell_entries(hub: Hub, connection_id: str, entries: Sequence[AccountEntry]) -> None:
    """Tell ad accounts of a connection; a page of a thousand in one go would be felt."""
    for start in range(0, len(entries), TOLD_AT_ONCE):
        portion = tuple(entries[start : start + TOLD_AT_ONCE])
        hub.emit(EntriesSaved(connection_id, portion))


class Rows:
    """``known`` is what the index has; ``done`` and ``begun`` count ad accounts.

    ``listed`` is whether the list has been read, so that no more of them will be begun.
    """

    def __init__(
        self, connection_id: str, known: Mapping[str, AccountEntry], index: Index, hub: Hub
    ) -> None:
        import asyncio

        self._id = connection_id
        self.known = known
        self._entries = dict(known)
        self._index = index
        self._hub = hub
        self._ready: dict[str, None] = {}
        self._arrived: asyncio.Event = asyncio.Event()
        self.done = 0
        self.begun = 0
        self.listed = False

    @property
    def total(self) -> int:
        """How many there are, 0 where all that are known are done and the list is to tell more."""
        if self.listed:
            return self.begun
        known = max(self.begun, len(self._entries))
        return known if known > self.done else 0

    def entry(self, account_id: str) -> AccountEntry | None:
        """Return an ad account as last heard of; ``None`` once it is out of reach."""
        return self._entries.get(account_id)

    @property
    def account_ids(self) -> frozenset[str]:
        """The ad accounts there are."""
        return frozenset(self._entries)

    def tell_known(self) -> None:
        """Tell everything as the index has it: another process has changed it."""
        self._tell(tuple(self._entries.values()))

    def put(self, entry: AccountEntry) -> None:
        """Take in what arrived of an ad account, unless it has gone meanwhile."""
        if entry.account.id in self._entries:
            self._entries[entry.account.id] = entry
            self._ready[entry.account.id] = None
            self._arrived.set()

    async def save_page(self, entries: Sequence[AccountEntry], job: RefreshJob) -> None:
        """Save ad accounts of the list together with how far the list has been read."""
        self._entries.update((entry.account.id, entry) for entry in entries)
        await self._index.run(lambda d: d.save_entries(self._id, entries, job))
        self._tell(entries)

    async def drop(self, account_ids: Collection[str]) -> None:
        """Remove ad accounts that the connection no longer reaches."""
        gone = tuple(sorted(account_ids))
        if gone:
            for account_id in gone:
                self._entries.pop(account_id, None)
                self._ready.pop(account_id, None)
            await self._index.run(lambda d: d.remove_entries(self._id, gone))
            self._hub.emit(EntriesRemoved(self._id, gone))

    async def save_steadily(self) -> None:
        """Save what arrives, a batch at a time, until cancelled.

        Raises ``StorageError``, and ``NotFoundError`` once the connection has been removed, which
        another process may do: what still came would be fetched for nothing.
        """
        import asyncio

        while True:
            await self._arrived.wait()
            await asyncio.sleep(BATCH_SECONDS)
            if not await self.flush():
                raise gone("connection")

    async def flush(self) -> bool:
        """Save and tell what has arrived; returns False if the connection is no longer there."""
        self._arrived.clear()
        ids = list(self._ready)
        batch = tuple(self._entries[account_id] for account_id in ids)
        if not batch:
            return True
        if not await self._index.run(lambda d: d.save_entries(self._id, batch)):
            return False
        # Only now: a save that is cancelled half-way is made again at the end.
        for account_id, entry in zip(ids, batch, strict=True):
            if self._entries.get(account_id) is entry:
                self._ready.pop(account_id, None)
        self._tell(batch)
        return True

    def _tell(self, entries: Sequence[AccountEntry]) -> None:
        tell_entries(self._hub, self._id, entries)
        self.tell_progress()

    def tell_progress(self) -> None:
        """Tell how far it is."""
        self._hub.emit(RefreshProgress(self._id, self.done, self.total))
