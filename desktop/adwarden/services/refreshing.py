"""Fetches what a connection reaches: ad accounts page by page, then access and users of each.

Every part is saved and told as it arrives; one failing ad account never hides the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import Connection, ConnectionState
from adwarden.providers.base import Provider
from adwarden.services.authorizing import Platforms
from adwarden.services.events import ConnectionSaved, RefreshEnded, RefreshProgress
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.refresh_run import Keys, RefreshRun
from adwarden.services.roster import Roster, entry_of
from adwarden.services.tasks import Lane

if TYPE_CHECKING:
    import asyncio

_STATE_AFTER = {
    ErrorCode.REVOKED: ConnectionState.REVOKED,
    ErrorCode.ENTRY_MISSING: ConnectionState.NEEDS_AUTHORIZATION,
    ErrorCode.ENTRY_DAMAGED: ConnectionState.NEEDS_AUTHORIZATION,
    ErrorCode.APP_KEYS: ConnectionState.ATTENTION,
    ErrorCode.APP_SUSPENDED: ConnectionState.ATTENTION,
    ErrorCode.APP_NOT_APPROVED: ConnectionState.ATTENTION,
    ErrorCode.USER_SUSPENDED: ConnectionState.ATTENTION,
    ErrorCode.USER_LOCKED: ConnectionState.ATTENTION,
    ErrorCode.CLOCK: ConnectionState.ATTENTION,
}


class Refreshing:
    """Runs refreshes, one a connection at a time; a second wish joins the one under way."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Keychain,
        platforms: Platforms,
        hub: Hub,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._platforms = platforms
        self._hub = hub
        self._clock = clock
        self._running: dict[str, asyncio.Task[None]] = {}

    async def refresh(self, connection_id: str) -> None:
        """Fetch everything this connection reaches; raises the error that stopped it."""
        import asyncio

        task = self._running.get(connection_id)
        if task is None:
            task = asyncio.get_running_loop().create_task(
                self._refresh(connection_id), name=f"refresh {connection_id}"
            )
            self._running[connection_id] = task
            task.add_done_callback(lambda _: self._running.pop(connection_id, None))
        # Shielded: a second caller that goes away must not end it for the first.
        await asyncio.shield(task)

    def cancel(self, connection_id: str = "") -> None:
        """Stop one refresh, or all of them; what has arrived stays."""
        for one, task in list(self._running.items()):
            if connection_id in ("", one):
                task.cancel()

    async def close(self) -> None:
        """Stop everything and wait until it has stopped."""
        import asyncio

        tasks = list(self._running.values())
        self.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _refresh(self, connection_id: str) -> None:
        connection = self._roster.connection(connection_id)
        self._hub.emit(RefreshProgress(connection_id, 0, 0))
        ended: AdwardenError | None = AdwardenError(
            ErrorCode.CANCELLED, "Refresh stopped", "What had arrived by then is kept."
        )
        try:
            await self._fetch(connection)
        except AdwardenError as error:
            ended = error
            await self._settle(connection_id, error)
            raise
        else:
            ended = None
            await self._settle(connection_id, None)
        finally:
            self._hub.emit(RefreshEnded(connection_id, ended))

    async def _fetch(self, connection: Connection) -> None:
        app = self._roster.app(connection.app_id)
        keys = Keys(
            await self._keychain.get(*entry_of(app)),
            await self._keychain.get(*entry_of(connection)),
        )
        lane = self._platforms[app.provider]
        known = {
            one.account.id: one for one in await self._index.run(lambda d: d.entries(connection.id))
        }
        handles = await self._own_handles()
        run = RefreshRun(
            connection.id, lane, keys, self._index, self._hub, handles=handles, clock=self._clock
        )
        await run.list_accounts(known)
        await run.fill()
        await self._learn_level(connection.id, lane, keys)

    async def _own_handles(self) -> dict[str, str]:
        """Return the names that cost nothing: a lookup of a foreign one costs money at X."""
        handles = {
            user_id: seen.screen_name
            for user_id, seen in (await self._index.run(lambda d: d.handles())).items()
        }
        handles.update({one.user_id: one.screen_name for one in self._roster.connections})
        return handles

    async def _learn_level(self, connection_id: str, lane: Lane[Provider], keys: Keys) -> None:
        """Ask once what this token may do; X closes this call for some apps, which is no error."""
        connection = self._roster.connection(connection_id)
        if connection.access_level:
            return
        try:
            identity = await lane.run(lambda platform: platform.verify(keys.app, keys.user))
        except AdwardenError as error:
            if error.code is ErrorCode.REVOKED:
                raise
            return
        await self._save(replace(connection, access_level=identity.access_level))

    async def _settle(self, connection_id: str, error: AdwardenError | None) -> None:
        connection = self._roster.connection(connection_id)
        if error is None:
            connection = replace(
                connection, state=ConnectionState.WORKING, checked_at=self._clock(), error=""
            )
        else:
            state = _STATE_AFTER.get(error.code, connection.state)
            connection = replace(connection, state=state, error=str(error))
        await self._save(connection)

    async def _save(self, connection: Connection) -> None:
        await self._index.run(lambda d: d.save_connection(connection))
        self._roster.put_connection(connection)
        self._hub.emit(ConnectionSaved(connection))
