"""Disconnecting and removing apps: gone from the window at once, and for ten seconds only there."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError, NotFoundError, StorageError
from adwarden.domain.model import Connection, ConnectionState, XApp
from adwarden.services.endings import Endings, has_connections
from adwarden.services.events import (
    AppRemoved,
    ConnectionRemoved,
    ConnectionSaved,
    Event,
    Removal,
    RemovalChanged,
    RemovalKind,
    Stage,
)
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.removals import AppEnd, ConnectionEnd
from adwarden.services.roster import Kept, Roster
from adwarden.services.sync_rows import tell_entries
from adwarden.services.telling import tell_app
from adwarden.services.undoing import UNDO_SECONDS, Undoable, Undoing
from adwarden.storage.directory import Directory, PendingStep

if TYPE_CHECKING:
    from adwarden.services.ending_tasks import EndingTasks

_log = logging.getLogger(__name__)

__all__ = ["UNDO_SECONDS", "Removing"]


class Removing:
    """``pause`` stops what is done with a connection and tells whether a refresh was cut off.

    ``resume`` goes on with that refresh. Whatever becomes of a removal is told by events.
    """

    def __init__(
        self,
        roster: Roster,
        index: Index,
        hub: Hub,
        endings: Endings,
        undoing: Undoing,
        *,
        pause: Callable[[str], bool],
        resume: Callable[[str], Awaitable[None]],
    ) -> None:
        self._roster, self._index, self._hub = roster, index, hub
        self._endings, self._undoing = endings, undoing
        self._pause, self._resume = pause, resume
        hub.subscribe(self._hear)

    @property
    def waiting(self) -> tuple[Removal, ...]:
        """What can still be undone, of whatever kind, oldest first."""
        return tuple(one.removal for one in self._undoing.waiting)

    @property
    def quitting(self) -> bool:
        """Whether what ends now ends because the program does."""
        return self._undoing.closing

    def left(self, removal: Removal) -> float:
        """Return the seconds for which a removal can still be undone."""
        return self._undoing.left(removal)

    async def undo(self, removal_id: str) -> bool:
        """Bring back what waits; returns False where it is too late."""
        return await self._undoing.undo(removal_id)

    async def again(self, removal_id: str) -> None:
        """Begin anew a removal that has failed."""
        await self._undoing.again(removal_id)

    def stop(self, removal_id: str) -> None:
        """Have those stay that have not begun to end, of connections that are left together."""
        self._undoing.stop(removal_id)

    def disconnect(self, connection_id: str, *, revoke: bool) -> None:
        """Hide a connection; it ends in ten seconds, here or with ``revoke`` at X as well."""
        connection = self._roster.connection(connection_id)
        resumes = self._pause(connection_id)
        self._roster.hide(connection_id)
        self._undoing.begin(self.ending(connection, revoke=revoke, resumes=resumes))
        self._hub.emit(ConnectionRemoved(connection_id))

    def remove_app(self, app_id: str) -> None:
        """Hide an app that has no connections left; raises ``InputError`` otherwise."""
        app = self._roster.app(app_id)
        used = self._roster.of_app(app_id)
        if used:
            raise has_connections(app, len(used))
        removal = Removal(app_id, app.label, False, self._undoing.until(), RemovalKind.APP)
        self._roster.hide(app_id)
        self._undoing.begin(AppEnd(self, self._endings, removal, app.entry))
        self._hub.emit(AppRemoved(app_id))

    def ending(self, connection: Connection, *, revoke: bool, resumes: bool = False) -> Undoable:
        """Return the end of one connection, which nobody has begun yet."""
        removal = Removal(connection.id, connection.handle, revoke, self._undoing.until())
        return ConnectionEnd(self, self._endings, removal, connection.entry, resumes=resumes)

    async def keep(self, *item_ids: str) -> bool:
        """Have what is hidden stay, as somebody wants it again: connections first, then apps.

        What waits is undone. Of what is ending already the end is awaited; returns False then.
        """
        in_time = True
        for item_id in item_ids:
            if self._roster.hidden(item_id) is None or await self._undoing.release(item_id):
                continue
            in_time = False
            await self._tasks.ended({item_id})
        return in_time

    async def before_authorizing(self, app_id: str, connection_id: str = "") -> None:
        """Wait for what is ending already, and have X forget now what is noted for it.

        X may hand out the same token again, which revoking it later would end. It is about the
        one who is to be authorized, or about all of the app while nobody knows who that will be.
        What can still be undone keeps its time; see ``authorized``.
        """
        import asyncio

        mine = {one.id for one in self._roster.all_of_app(app_id)}
        if connection_id:
            mine &= {connection_id}
        resting = {task for one in self._undoing.waiting for task in one.tasks}
        # Waited for, not gathered: who stops waiting must not end what others have begun.
        if busy := {task for task in self._tasks.of(mine) if task not in resting}:
            await asyncio.wait(busy)
        for connection in self._roster.of_app(app_id):
            if connection.id in mine and connection.state is ConnectionState.REVOKING:
                work = self._revoke_noted(connection.id)
                await asyncio.wait({self._tasks.spawn({connection.id}, work)})

    async def authorized(self, app_id: str, user_id: str) -> None:
        """Have a user stay whom X has given a token anew, which may be the one that is to go."""
        one = self._roster.same_user(app_id, user_id)
        if one is not None and self._roster.hidden(one.id) is not None:
            await self._undoing.release(one.id)

    async def retry(self, connection_id: str) -> None:
        """Try again to revoke a connection that is being revoked; raises what stops it."""
        connection = self._roster.connection(connection_id)
        self._pause(connection_id)
        await self._endings.connection(connection_id, revoke=True, of=connection.entry)
        removal = Removal(connection_id, connection.handle, True, 0.0)
        self._hub.emit(RemovalChanged(removal, Stage.DONE))

    def finish(self, step: PendingStep) -> None:
        """Begin to revoke what the last run could not; the outcome is told as ever.

        What this run has begun already, or still waits with, is left to it.
        """
        everything = (one for one in self._roster.everything if isinstance(one, Connection))
        found = next((one for one in everything if one.entry == step.entry), None)
        about = {step.entry} if found is None else {found.id}
        if self._tasks.of(about):
            return
        if found is None:
            kept = Kept(step.entry, step.username, step.place)
            self._tasks.spawn(about, self._forget(kept))
            return
        self._pause(found.id)
        end = self.ending(found, revoke=True)
        self._tasks.spawn(end.ids, self._undoing.carry_out(end))

    def finish_app(self, app_id: str) -> None:
        """Begin to remove an app that the last run could not, after its connections."""
        if not self._tasks.of({app_id}):
            app = self._roster.app(app_id, even_hidden=True)
            removal = Removal(app_id, app.label, False, 0.0, RemovalKind.APP)
            end = AppEnd(self, self._endings, removal, app.entry)
            self._tasks.spawn(end.ids, self._undoing.carry_out(end))

    # What is hidden

    async def bring_back(self, item_id: str) -> None:
        """Show what was hidden, as the index has it; what it has no more is gone."""
        item = self._roster.hidden(item_id)
        if item is None:
            return
        self._roster.show(item_id)
        if isinstance(item, XApp):
            tell_app(self._roster, self._hub, item_id)
            return
        try:
            stored = await self._index.run(partial(Directory.connection, connection_id=item_id))
            if stored is None:
                self._roster.drop_connection(item_id)
            elif self._roster.hidden(item_id) is None:
                self._roster.put_connection(stored)
                self._hub.emit(ConnectionSaved(stored))
                await self.tell_entries(item_id)
        except StorageError as error:
            # It is there all the same; the next start shows what could not be read now.
            _log.warning("shown as last known: %s", error.title)
            with suppress(NotFoundError):
                self._hub.emit(ConnectionSaved(self._roster.connection(item_id)))

    async def take_back(self, connection_id: str, *, resumes: bool) -> None:
        """Show a connection again, with its app, and go on with what was done with it."""
        item = self._roster.hidden(connection_id)
        if isinstance(item, Connection):
            await self.undo(item.app_id)
        await self.bring_back(connection_id)
        if resumes:
            self._undoing.spawn_beside(self._go_on(connection_id))

    async def stay(self, connection_id: str) -> None:
        """Show a connection whose user has authorized again in the meantime."""
        await self.bring_back(connection_id)
        await self.tell_entries(connection_id)

    async def tell_entries(self, connection_id: str) -> None:
        """Tell which ad accounts a connection reaches."""
        found = await self._index.run(partial(Directory.entries, connection_id=connection_id))
        tell_entries(self._hub, connection_id, found)

    async def after_connections(self, app_id: str) -> None:
        """Wait for the ends of an app's connections, which need its keys."""
        await self._tasks.ended({one.id for one in self._roster.all_of_app(app_id)})

    # Inside

    @property
    def _tasks(self) -> EndingTasks:
        return self._undoing.tasks

    async def _forget(self, kept: Kept) -> None:
        with suppress(AdwardenError):
            # It stays noted for the next start.
            await self._endings.forget(kept)

    async def _revoke_noted(self, connection_id: str) -> None:
        with suppress(AdwardenError):
            # It stays noted, and is shown as being revoked.
            await self._endings.connection(connection_id, revoke=True)

    async def _go_on(self, connection_id: str) -> None:
        with suppress(AdwardenError):
            # What stops it is told by the event that ends the refresh.
            await self._resume(connection_id)

    def _hear(self, event: Event) -> None:
        """Let a user stay who has authorized anew within the ten seconds."""
        if not isinstance(event, ConnectionSaved):
            return
        id_ = event.connection.id
        one = self._undoing.about(id_)
        if one is not None and self._roster.hidden(id_) is None:
            if not one.lose(id_):
                self._undoing.settle(one)
            self._undoing.spawn_beside(self.tell_entries(id_))
