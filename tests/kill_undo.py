"""What can be undone, in the kill loop: disconnecting and removing, with ten seconds made short."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from adwarden.domain.model import AppAccess, Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.services.events import Event, RemovalChanged, RemovalKind, Stage
from adwarden.services.sync_pace import Pace
from adwarden.services.undoing import UNDO_SECONDS
from adwarden.wiring import Services

if TYPE_CHECKING:
    from tests.kill_round import Told

FASTER = 25.0
"""So many seconds of the program's steady clock pass in one: ten of them in 0.4."""

PASSING = "Passing app"
"""The apps that come and go."""


def quick_pace() -> Pace:
    """Return what waits are measured by: a clock that runs fast, and that nobody sets."""

    async def wait(woken: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds / FASTER):
                await woken.wait()

    return Pace(steady=lambda: time.monotonic() * FASTER, wait=wait)


class Undoing:
    """Removes and undoes, and tells when a removal can be undone no more.

    Until then what was removed counts as there: a kill must not take it away. What has been
    connected, restored or undone since ``stays``, whatever becomes of the removal before.
    """

    def __init__(self, services: Services, told: Told, dice: random.Random) -> None:
        self._accounts, self._told, self._dice = services.accounts, told, dice
        self._pace = quick_pace()
        self._names: dict[str, tuple[str, ...]] = {}
        self._staying: set[str] = set()
        # Before the first removal: it is made with what is there then.
        services.accounts._pace = self._pace
        services.accounts.subscribe(self._hear)

    def stays(self, *names: str) -> None:
        """Note that somebody wants these, from now on."""
        self._staying |= set(names)

    def remove(self, item: XApp | Connection) -> str:
        """Remove something, which is carried out in 0.4 seconds; returns what it is called."""
        name = called(item)
        self._names[item.id] = (name,)
        self._staying.discard(name)
        if isinstance(item, XApp):
            self._accounts.removing.remove_app(item.id)
        else:
            # What was saved has tokens that X has never heard of.
            mine = not item.screen_name.startswith("saved")
            revoke = mine and self._dice.random() < 0.5
            self._accounts.removing.disconnect(item.id, revoke=revoke)
        self._told.say("removed")
        return name

    def leave(self, some: list[Connection]) -> None:
        """Leave some connections together, which is carried out in 0.4 seconds."""
        names = tuple(map(called, some))
        self._staying -= set(names)
        self._accounts.leaving.leave([one.id for one in some], "all of these")
        # Quitting ends each by itself.
        self._names |= {one.id: (called(one),) for one in some}
        self._names[self._accounts.removing.waiting[-1].id] = names
        self._told.say("removed")

    async def undo(self) -> None:
        """Bring one back, if it is not too late."""
        waiting = self._accounts.removing.waiting
        if not waiting:
            return
        one = self._dice.choice(waiting)
        if not await self._accounts.removing.undo(one.id):
            return
        names = {*self._names[one.id]}
        self.stays(*names)
        for name in names - {called(row) for row in self._rows()}:
            self._told.say("wrong", words=f"{name} was undone and is not listed")
        self._told.say("undone")

    async def linger(self, part: float = 1.0) -> None:
        """Let a part of the time pass in which something can be undone, and a little more."""
        await self._pace.until(self._pace.steady() + UNDO_SECONDS * (part + 0.1))

    async def pass_by(self) -> None:
        """Add an app that comes and goes, or remove one."""
        there = [app for app in self._accounts.roster.apps if app.label.startswith(PASSING)]
        if there and (len(there) > 2 or self._dice.random() < 0.6):
            self.remove(self._dice.choice(there))
            return
        label = f"{PASSING} {self._dice.getrandbits(32):08x}"
        key, secret = (Secret(f"{self._dice.getrandbits(160):040x}") for _ in "12")
        app = await self._accounts.add_app(label, key, secret, AppAccess.STANDARD)
        self._told.say("connected", handle=called(app))

    async def quit(self) -> None:
        """End in order, which carries out what waits, and stay for the kill."""
        for one in self._accounts.removing.waiting:
            for name in self._names[one.id]:
                self._told.say("ending", handle=name)
        await self._accounts.close()
        self._told.now("between")
        await asyncio.Event().wait()

    def _rows(self) -> list[XApp | Connection]:
        return [*self._accounts.roster.apps, *self._accounts.roster.connections]

    def _hear(self, event: Event) -> None:
        if not isinstance(event, RemovalChanged):
            return
        # Not what was begun by a run before, nor what is no more to be removed.
        names = {*self._names.get(event.removal.id, ())} - self._staying
        ended = {one.handle.removeprefix("@") for one in event.left if one.error is None}
        if event.removal.kind is not RemovalKind.LEAVE and event.stage is Stage.DONE:
            ended = names
        for name in names if event.stage is Stage.ENDING and not event.left else ():
            self._told.say("ending", handle=name)
        for name in ended & names:
            self._told.say("ended", handle=name)


def called(item: XApp | Connection) -> str:
    """Return what the kill loop knows something by; labels change."""
    return item.screen_name if isinstance(item, Connection) else f"the app {item.id}"
