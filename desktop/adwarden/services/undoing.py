"""Whatever is on its way out can be undone for ten seconds, and for ten seconds nothing happens.

Until they are over nothing has been deleted, nothing noted and X not asked: the end of the program
by force is as good as an undo, its orderly end is the end of the ten seconds.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Collection, Coroutine
from typing import Any

from adwarden.domain.errors import AdwardenError
from adwarden.services.ending_tasks import EndingTasks
from adwarden.services.events import Left, Removal, RemovalChanged, Stage
from adwarden.services.hub import Hub
from adwarden.services.sync_pace import Pace

_log = logging.getLogger(__name__)

UNDO_SECONDS = 10.0

QUIT_SECONDS = 2.0
"""How long quitting waits for X: less than it may take as a whole, so that the rest ends well."""


class Undoable(ABC):
    """Something on its way out, hidden by whoever made it; ``ids`` are what it is about."""

    rank = 0
    """At quitting, what has a lower one begins to end first."""

    def __init__(self, removal: Removal, ids: Collection[str]) -> None:
        self.removal = removal
        self.ids = frozenset(ids)
        self.woken, self.undone = asyncio.Event(), asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.left: tuple[Left, ...] = ()
        """How it went so far with each of those that are left together."""

    @abstractmethod
    async def end(self) -> bool:
        """Carry it out; returns False where it is to be no more, raises what stops it."""

    @abstractmethod
    async def bring_back(self) -> None:
        """Show what was hidden, as it has not ended."""

    @abstractmethod
    async def note(self) -> None:
        """Note what is to end, so that the next start makes what this one has no time for."""

    @abstractmethod
    async def again(self) -> None:
        """Begin anew, after it has failed."""

    async def take_back(self) -> None:
        """Show what was hidden, as somebody has undone it."""
        await self.bring_back()

    async def stay(self) -> None:
        """Show what was hidden, as something else has come of it meanwhile."""
        await self.bring_back()

    def lose(self, item_id: str) -> bool:
        """Be no more about one of ``ids``; returns False where nothing would be left."""
        return False

    async def release(self, item_id: str) -> bool:
        """Have one of ``ids`` stay and the others go; returns False where all have to stay."""
        return False

    def parts(self) -> tuple[Undoable, ...]:
        """Return what each ends by itself at quitting, while nothing has begun."""
        return (self,)

    def rest(self) -> tuple[Undoable, ...]:
        """Return what has not begun to end; it is left to who asks. At quitting."""
        return ()

    def stop(self) -> None:  # noqa: B027 - most end at once, or not at all
        """Have what has not begun to end stay."""


class Undoing:
    """Holds what waits for its end. Whatever becomes of a removal is told by events."""

    def __init__(self, hub: Hub, pace: Pace) -> None:
        self._hub, self._pace = hub, pace
        self._waiting: dict[str, Undoable] = {}
        self._running: dict[str, Undoable] = {}
        self._failed: dict[str, Undoable] = {}
        self.tasks = EndingTasks()
        self.closing = False
        """Whether nothing can be undone any more, as the program ends."""
        self._beside: set[asyncio.Task[None]] = set()
        self._parts: list[Undoable] = []
        """What is to end at quitting, each by itself."""
        self._to_note: deque[Undoable] = deque()
        self._unnoted: dict[str, AdwardenError] = {}

    @property
    def waiting(self) -> tuple[Undoable, ...]:
        """What can still be undone, oldest first."""
        return tuple(self._waiting.values())

    def waits(self, removal_id: str) -> Undoable | None:
        """Return what can still be undone, by the id of its removal."""
        return self._waiting.get(removal_id)

    def about(self, item_id: str) -> Undoable | None:
        """Return what can still be undone and is about an id."""
        return next((one for one in self.waiting if item_id in one.ids), None)

    def until(self) -> float:
        """Return until when a removal that begins now can be undone."""
        return self._pace.steady() + UNDO_SECONDS

    def left(self, removal: Removal) -> float:
        """Return the seconds for which a removal can still be undone."""
        return max(0.0, removal.until - self._pace.steady())

    def begin(self, one: Undoable) -> None:
        """Wait ten seconds, then have it end."""
        self._failed.pop(one.removal.id, None)
        self._waiting[one.removal.id] = one
        one.tasks.append(self.tasks.spawn(one.ids, self._wait(one)))
        self.tell(one, Stage.WAITING)

    async def undo(self, removal_id: str) -> bool:
        """Bring back what waits; returns False where it is too late."""
        one = self._waiting.get(removal_id)
        if one is None:
            return False
        self.settle(one)
        await one.take_back()
        return True

    async def release(self, item_id: str) -> bool:
        """Have something stay that somebody wants again; returns False where it is too late."""
        one = self.about(item_id)
        if one is None:
            return False
        return await one.release(item_id) or await self.undo(one.removal.id)

    def settle(self, one: Undoable) -> None:
        """Wait no more: it is there again."""
        self.withdraw(one)
        self.tell(one, Stage.UNDONE)

    def withdraw(self, one: Undoable) -> None:
        """Wait no more, and tell nobody: another removal stands for it."""
        self._waiting.pop(one.removal.id, None)
        one.undone.set()
        one.woken.set()

    async def again(self, removal_id: str) -> None:
        """Begin anew what has failed; raises ``NotFoundError`` for what has gone since."""
        one = self._failed.pop(removal_id, None)
        if one is not None:
            await one.again()

    def stop(self, removal_id: str) -> None:
        """Have what has not begun to end stay, of those that are left together."""
        one = self._running.get(removal_id)
        if one is not None:
            one.stop()

    def tell(self, one: Undoable, stage: Stage, error: AdwardenError | None = None) -> None:
        """Tell how far a removal is."""
        self._hub.emit(RemovalChanged(one.removal, stage, error, one.left))

    def spawn_beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin what comes after a removal and is no part of it: nobody waits for that."""
        task = asyncio.get_running_loop().create_task(work, name="after a removal")
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def carry_out(self, one: Undoable) -> None:
        """Have it end, and tell what came of it."""
        self._running[one.removal.id] = one
        try:
            ended = await one.end()
        except AdwardenError as error:
            self._failed[one.removal.id] = one
            await self._show(one.bring_back())
            self.tell(one, Stage.FAILED, error)
            return
        finally:
            self._running.pop(one.removal.id, None)
        if not ended:
            await self._show(one.stay())
        self.tell(one, Stage.DONE if ended else Stage.UNDONE)

    async def note(self) -> None:
        """Note what waits, which cannot be undone after this. The first part of quitting.

        What is not noted in time, ``close`` notes.
        """
        self.closing = True
        waiting = list(self._waiting.values())
        self._waiting.clear()
        for one in waiting:
            for task in one.tasks:
                task.cancel()
        parts = [part for one in waiting for part in one.parts()]
        parts += [part for one in list(self._running.values()) for part in one.rest()]
        parts.sort(key=lambda part: part.rank)
        self._parts += parts
        self._to_note += parts
        while self._to_note:
            part = self._to_note[0]
            try:
                await part.note()
            except AdwardenError as error:
                # It may end in time all the same, and the others are to be noted.
                self._unnoted[part.removal.id] = error
            self._to_note.popleft()

    async def close(self) -> None:
        """Carry out what waits, as far as that goes in the time; the rest is noted. At quitting.

        Raises what kept something from being noted that has not ended either: it stays.
        """
        for task in self._beside:
            task.cancel()
        await self.note()
        running = {*self.tasks, *self._beside}
        parts, self._parts = self._parts, []
        begun = {
            part.removal.id: self.tasks.spawn(part.ids, self.carry_out(part)) for part in parts
        }
        running.update(begun.values())
        if running:
            await asyncio.wait(running, timeout=QUIT_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        unnoted, self._unnoted = self._unnoted, {}
        for id_, error in unnoted.items():
            if id_ in self._failed or id_ not in begun or begun[id_].cancelled():
                raise error

    async def _show(self, work: Coroutine[Any, Any, None]) -> None:
        """Show something again; a failure of that must not keep anybody from being told."""
        try:
            await work
        except AdwardenError as error:
            _log.warning("what stays could not be shown again: %s", error.title)

    async def _wait(self, one: Undoable) -> None:
        await self._pace.until(one.removal.until, one.woken)
        if one.undone.is_set():
            return
        self._waiting.pop(one.removal.id, None)
        self.tell(one, Stage.ENDING)
        await self.carry_out(one)
