"""Keeps several processes from refreshing one connection at the same time.

Console and window share a data folder: two refreshes at once would ask everything twice, against
the same rate limits, and overwrite each other's notes of how far they are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from adwarden.domain.data import dataclass
from adwarden.services.events import RefreshWaiting
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.sync_pace import Pace

LOOK_SECONDS = 1.0
"""How often it is looked whether the other process has ended."""


class Claims(Protocol):
    """What processes share; used on the index's thread only, as files are touched."""

    def take(self, name: str) -> bool:
        """Return whether it is this process's now, or was before."""

    def followed(self, name: str) -> bool:
        """Tell whether another process had it after this one began, and before it was taken."""

    def holder(self, name: str) -> int:
        """Return the id of the process that has it, or had it last; 0 where that is not known."""

    def give_back(self, name: str) -> None:
        """Let others have it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to refresh a connection, and what happened to it before."""

    waited: bool = False
    """Whether another process was refreshing it and has ended meanwhile."""

    followed: bool = False
    """Whether another process has refreshed it since this one began."""


class OneAtATime:
    """Waits for other processes, visibly; without ``claims`` there are none."""

    def __init__(self, claims: Claims | None, index: Index, hub: Hub, pace: Pace) -> None:
        self._claims, self._index, self._hub, self._pace = claims, index, hub, pace
        self._owners: dict[str, object] = {}

    @asynccontextmanager
    async def turn(self, connection_id: str) -> AsyncIterator[Turn]:
        """Keep other processes off a connection until the block ends; raises ``StorageError``."""
        if self._claims is None:
            yield Turn()
            return
        claims, owner, told = self._claims, object(), None
        try:
            while not await self._index.run(lambda _: self._take(claims, connection_id, owner)):
                holder = await self._index.run(lambda _: claims.holder(connection_id))
                if holder != told:
                    told = holder
                    self._hub.emit(RefreshWaiting(connection_id, None, _words(holder)))
                await self._pace.until(self._pace.steady() + LOOK_SECONDS)
            if told is not None:
                self._hub.emit(RefreshWaiting(connection_id, None))
            followed = await self._index.run(lambda _: claims.followed(connection_id))
            yield Turn(told is not None, followed or told is not None)
        finally:
            # In line behind a take that was cancelled half-way. A closed index is the end of the
            # process, which gives everything back.
            with suppress(RuntimeError):
                self._index.submit(lambda _: self._give_back(claims, connection_id, owner))

    def _take(self, claims: Claims, connection_id: str, owner: object) -> bool:
        if not claims.take(connection_id):
            return False
        # Within this process a new refresh takes the place of one that is being cancelled.
        self._owners[connection_id] = owner
        return True

    def _give_back(self, claims: Claims, connection_id: str, owner: object) -> None:
        if self._owners.get(connection_id) is owner:
            del self._owners[connection_id]
            claims.give_back(connection_id)


def _words(process: int) -> str:
    who = f"Another Adwarden (process {process})" if process else "Another Adwarden"
    return f"{who} is refreshing this connection. What it fetches is taken over when it has ended."
