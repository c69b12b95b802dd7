"""Fetches what a connection reaches: ad accounts page by page, then access and users of each.

Every part is saved and told as it arrives; one failing ad account never hides the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode, NotFoundError
from adwarden.domain.model import Connection, ConnectionState
from adwarden.providers.base import Provider
from adwarden.services.authorizing import Platforms
from adwarden.services.events import ConnectionSaved, RefreshEnded, RefreshProgress
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.refresh_run import Keys, RefreshRun
from adwarden.services.roster import Roster, app_keys, entry_of
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


@dataclass(frozen=True, slots=True)
class _Running:
    """A refresh under way, and the keychain entry of the token that it uses."""

    entry: str
    task: asyncio.Task[None]


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
        self._running: dict[str, _Running] = {}

    async def refresh(self, connection_id: str) -> None:
        """Fetch everything this connection reaches; raises the error that stopped it."""
        import asyncio

        connection = self._roster.connection(connection_id)
        running = self._running.get(connection_id)
        if running is not None and running.entry != connection.entry:
            # It uses a token that has been replaced: what it still learns is of no use.
            running.task.cancel()
            running = None
        if running is None:
            task = asyncio.get_running_loop().create_task(
                self._refresh(connection), name=f"refresh {connection_id}"
            )
            running = self._running[connection_id] = _Running(connection.entry, task)
            task.add_done_callback(lambda done: self._ended(connection_id, done))
        # Shielded: a second caller that goes away must not end it for the first.
        await asyncio.shield(running.task)

    def cancel(self, connection_id: str = "") -> None:
        """Stop one refresh, or all of them; what has arrived stays."""
        for one, running in list(self._running.items()):
            if connection_id in ("", one):
                running.task.cancel()

    async def close(self) -> None:
        """Stop everything and wait until it has stopped."""
        import asyncio

        tasks = [running.task for running in self._running.values()]
        self.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, connection_id: str, task: asyncio.Task[None]) -> None:
        running = self._running.get(connection_id)
        if running is not None and running.task is task:
            del self._running[connection_id]

    async def _refresh(self, connection: Connection) -> None:
        self._hub.emit(RefreshProgress(connection.id, 0, 0))
        ended: AdwardenError | None = AdwardenError(
            ErrorCode.CANCELLED, "Refresh stopped", "What had arrived by then is kept."
        )
        try:
            await self._fetch(connection)
        except AdwardenError as error:
            ended = error
            await self._settle(connection, error)
            raise
        else:
            ended = None
            await self._settle(connection, None)
        finally:
            self._hub.emit(RefreshEnded(connection.id, ended))

    async def _fetch(self, connection: Connection) -> None:
        app = self._roster.app(connection.app_id)
        keys = Keys(
            await app_keys(self._keychain, app),
            await self._keychain.get(*entry_of(connection)),
        )
        lane = self._platforms[app.provider]
        known = {
            one.account.id: one for one in await self._index.run(lambda d: d.entries(connection.id))
        }
        # Names that cost nothing: a lookup of a foreign one costs money at X.
        handles = {one.user_id: one.screen_name for one in self._roster.connections}
        run = RefreshRun(
            connection.id, lane, keys, self._index, self._hub, handles=handles, clock=self._clock
        )
        await run.list_accounts(known)
        await run.fill()
        await self._learn_level(connection, lane, keys)

    async def _learn_level(self, connection: Connection, lane: Lane[Provider], keys: Keys) -> None:
        """Ask once what this token may do; X closes this call for some apps, which is no error."""
        if connection.access_level:
            return
        try:
            identity = await lane.run(lambda platform: platform.verify(keys.app, keys.user))
        except AdwardenError as error:
            if error.code is ErrorCode.REVOKED:
                raise
            return
        await self._note(connection, access_level=identity.access_level)

    async def _settle(self, connection: Connection, error: AdwardenError | None) -> None:
        if error is None:
            await self._note(
                connection, state=ConnectionState.WORKING, checked_at=self._clock(), error=""
            )
        else:
            state = _STATE_AFTER.get(error.code, connection.state)
            await self._note(connection, state=state, error=str(error))

    async def _note(self, connection: Connection, **learned: Any) -> None:  # noqa: ANN401
        """Save and tell what was learned with this token, unless it has been replaced meanwhile.

        The connection is read again, as it may have changed since the refresh began.
        """
        try:
            current = self._roster.connection(connection.id)
        except NotFoundError:
            return
        noted = replace(current, **learned)
        if current.entry != connection.entry or not await self._index.run(
            lambda d: d.note_connection(noted)
        ):
            return
        self._roster.put_connection(noted)
        self._hub.emit(ConnectionSaved(noted))
