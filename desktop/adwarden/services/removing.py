"""What is disconnected or removed is gone from the window at once, and for ten seconds only there.

Until they are over nothing has been deleted, nothing noted and X not asked: the end of the program
by force is as good as an undo, its orderly end is the end of the ten seconds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Connection, ConnectionState, XApp
from adwarden.services.ending_tasks import EndingTasks
from adwarden.services.endings import Endings, has_connections
from adwarden.services.events import (
    AppRemoved,
    AppSaved,
    ConnectionRemoved,
    ConnectionSaved,
    Event,
    Removal,
    RemovalChanged,
    Stage,
)
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.roster import Kept, Roster
from adwarden.services.sync_pace import Pace
from adwarden.services.sync_rows import tell_entries
from adwarden.storage.directory import Directory, PendingStep

if TYPE_CHECKING:
    import asyncio

UNDO_SECONDS = 10.0

QUIT_SECONDS = 2.0
"""How long quitting waits for X: less than it may take as a whole, so that the rest ends well."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    removal: Removal
    entry: str
    resumes: bool
    woken: asyncio.Event
    undone: asyncio.Event
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


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
        *,
        pace: Pace,
        pause: Callable[[str], bool],
        resume: Callable[[str], Awaitable[None]],
    ) -> None:
        self._roster, self._index, self._hub = roster, index, hub
        self._endings, self._pace = endings, pace
        self._pause, self._resume = pause, resume
        self._waiting: dict[str, _Waiting] = {}
        self._tasks = EndingTasks()
        self._spawn = self._tasks.spawn
        hub.subscribe(self._hear)

    @property
    def waiting(self) -> tuple[Removal, ...]:
        """What can still be undone, oldest first."""
        return tuple(one.removal for one in self._waiting.values())

    def left(self, removal: Removal) -> float:
        """Return the seconds for which a removal can still be undone."""
        return max(0.0, removal.until - self._pace.steady())

    def disconnect(self, connection_id: str, *, revoke: bool) -> None:
        """Hide a connection; it ends in ten seconds, here or with ``revoke`` at X as well."""
        connection = self._roster.connection(connection_id)
        resumes = self._pause(connection_id)
        self._begin(connection, connection.handle, revoke=revoke, resumes=resumes)
        self._hub.emit(ConnectionRemoved(connection_id))

    def remove_app(self, app_id: str) -> None:
        """Hide an app that has no connections left; raises ``InputError`` otherwise."""
        app = self._roster.app(app_id)
        used = self._roster.of_app(app_id)
        if used:
            raise has_connections(app, len(used))
        self._begin(app, app.label, revoke=False, resumes=False)
        self._hub.emit(AppRemoved(app_id))

    async def undo(self, item_id: str) -> bool:
        """Bring back what waits; returns False where it is too late."""
        one = self._waiting.get(item_id)
        if one is None:
            return False
        item = self._roster.hidden(item_id)
        self._settle(one)
        if isinstance(item, Connection):
            await self.undo(item.app_id)
        await self._bring_back(item_id)
        if one.resumes:
            self._spawn(item_id, self._go_on(item_id))
        return True

    async def keep(self, *item_ids: str) -> bool:
        """Have what is hidden stay, as somebody wants it again: connections first, then apps.

        What waits is undone. Of what is ending already the end is awaited; returns False then.
        """
        in_time = True
        for item_id in item_ids:
            if self._roster.hidden(item_id) is None or await self.undo(item_id):
                continue
            in_time = False
            await self._tasks.ended({item_id})
        return in_time

    async def hurry(self, app_id: str) -> None:
        """Revoke now what is to be revoked of an app, before somebody authorizes it anew.

        X may hand out the same token again, which revoking it later would end.
        """
        import asyncio

        mine = {one.id for one in self._roster.all_of_app(app_id)}
        hurried = [self._waiting[id_] for id_ in self._waiting if id_ in mine]
        for one in hurried:
            if one.removal.revoke:
                one.woken.set()
        running = self._tasks.of(mine)
        ends = [task for one in hurried if one.removal.revoke for task in one.tasks]
        busy = [task for task in running if not any(task in one.tasks for one in hurried)]
        await asyncio.gather(*ends, *busy, return_exceptions=True)
        for connection in self._roster.of_app(app_id):
            if connection.state is ConnectionState.REVOKING:
                with suppress(AdwardenError):
                    await self._endings.connection(connection.id, revoke=True)

    async def retry(self, connection_id: str) -> None:
        """Try again to revoke a connection that is being revoked; raises what stops it."""
        connection = self._roster.connection(connection_id)
        self._pause(connection_id)
        await self._endings.connection(connection_id, revoke=True, of=connection.entry)
        removal = Removal(connection_id, connection.handle, True, 0.0)
        self._hub.emit(RemovalChanged(removal, Stage.DONE))

    def finish(self, step: PendingStep) -> None:
        """Begin to revoke what the last run could not; the outcome is told as ever."""
        if any(self._about(item_id) == step.entry for item_id in self._tasks.values()):
            return  # this very run is at it
        found = [one for one in self._roster.connections if one.entry == step.entry]
        if found:
            self._pause(found[0].id)
            removal = Removal(found[0].id, found[0].handle, True, 0.0)
            self._spawn(removal.id, self._carry_out(removal, step.entry))
        else:
            kept = Kept(step.entry, step.username, step.place)
            self._spawn("", self._forget(kept))

    async def close(self) -> None:
        """Carry out what waits, as far as that goes in the time; the rest is noted. At quitting."""
        import asyncio

        waiting = list(self._waiting.values())
        running = set(self._tasks)
        self._waiting.clear()
        for one in waiting:
            for task in one.tasks:
                task.cancel()
                running.discard(task)
        await self._endings.journal((one.removal.id, one.removal.revoke) for one in waiting)
        # Apps last: their keys are what connections are revoked with.
        connections = [one for one in waiting if not one.removal.is_app]
        here_first = sorted(connections, key=lambda one: one.removal.revoke)
        ends = [
            self._spawn(one.removal.id, self._carry_out(one.removal, one.entry))
            for one in here_first
        ]
        ends += [
            self._spawn(one.removal.id, self._carry_out(one.removal, one.entry))
            for one in waiting
            if one.removal.is_app
        ]
        running.update(ends)
        if running:
            await asyncio.wait(running, timeout=QUIT_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    # Inside

    def _begin(self, item: XApp | Connection, name: str, *, revoke: bool, resumes: bool) -> None:
        import asyncio

        until = self._pace.steady() + UNDO_SECONDS
        removal = Removal(item.id, name, revoke, until, isinstance(item, XApp))
        self._roster.hide(item.id)
        one = _Waiting(removal, item.entry, resumes, asyncio.Event(), asyncio.Event())
        self._waiting[item.id] = one
        one.tasks.append(self._spawn(item.id, self._wait(one)))
        self._hub.emit(RemovalChanged(removal, Stage.WAITING))

    async def _wait(self, one: _Waiting) -> None:
        await self._pace.until(one.removal.until, one.woken)
        if one.undone.is_set():
            return
        self._waiting.pop(one.removal.id, None)
        self._hub.emit(RemovalChanged(one.removal, Stage.ENDING))
        await self._carry_out(one.removal, one.entry)

    async def _carry_out(self, removal: Removal, entry: str) -> None:
        ended = True
        try:
            if removal.is_app:
                await self._after_connections(removal.id)
                ended = await self._endings.app(removal.id, of=entry)
            else:
                ended = await self._endings.connection(removal.id, revoke=removal.revoke, of=entry)
        except AdwardenError as error:
            await self._bring_back(removal.id)
            self._hub.emit(RemovalChanged(removal, Stage.FAILED, error))
            return
        if not ended:
            # Its user has authorized again in the meantime.
            await self._bring_back(removal.id)
            if not removal.is_app:
                await self._tell_entries(removal.id)
        self._hub.emit(RemovalChanged(removal, Stage.DONE if ended else Stage.UNDONE))

    async def _after_connections(self, app_id: str) -> None:
        """Wait for the ends of an app's connections, which need its keys."""
        await self._tasks.ended({one.id for one in self._roster.all_of_app(app_id)})

    async def _bring_back(self, item_id: str) -> None:
        """Show what was hidden, as the index has it; what it has no more is gone."""
        item = self._roster.hidden(item_id)
        if item is None:
            return
        self._roster.show(item_id)
        if isinstance(item, XApp):
            self._hub.emit(AppSaved(item))
            return
        stored = await self._index.run(partial(Directory.connection, connection_id=item_id))
        if stored is None:
            self._roster.drop_connection(item_id)
        elif self._roster.hidden(item_id) is None:
            self._roster.put_connection(stored)
            self._hub.emit(ConnectionSaved(stored))
            await self._tell_entries(item_id)

    async def _tell_entries(self, connection_id: str) -> None:
        found = await self._index.run(partial(Directory.entries, connection_id=connection_id))
        tell_entries(self._hub, connection_id, found)

    async def _forget(self, kept: Kept) -> None:
        with suppress(AdwardenError):
            # It stays noted for the next start.
            await self._endings.forget(kept)

    async def _go_on(self, connection_id: str) -> None:
        with suppress(AdwardenError):
            # What stops it is told by the event that ends the refresh.
            await self._resume(connection_id)

    def _settle(self, one: _Waiting) -> None:
        self._waiting.pop(one.removal.id, None)
        one.undone.set()
        one.woken.set()
        self._hub.emit(RemovalChanged(one.removal, Stage.UNDONE))

    def _hear(self, event: Event) -> None:
        """Let a user stay who has authorized anew within the ten seconds."""
        if not isinstance(event, ConnectionSaved):
            return
        one = self._waiting.get(event.connection.id)
        if one is not None and self._roster.hidden(event.connection.id) is None:
            self._settle(one)
            self._spawn(event.connection.id, self._tell_entries(event.connection.id))

    def _about(self, item_id: str) -> str:
        item = self._roster.hidden(item_id)
        return item.entry if item is not None else ""
