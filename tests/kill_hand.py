"""The hand that changes secrets at random in the kill loop's processes."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import TYPE_CHECKING

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.domain.model import FILE, KEYCHAIN, Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.providers.x.provider import XProvider
from adwarden.services.backup import Choices
from adwarden.wiring import Services
from tests.fakes.person import authorize

if TYPE_CHECKING:
    from tests.kill_round import Scene, Told

LABEL = "Spare app"
"""The app whose keys are entered again and again."""


class Hand:
    """Does one thing after the other, and says before it what, and after it that it is done."""

    def __init__(self, scene: Scene, services: Services, told: Told, dice: random.Random) -> None:
        self._scene, self._told, self._dice = scene, told, dice
        self._accounts = services.accounts
        self._roster = services.accounts.roster
        self._services = services

    async def something(self) -> None:
        """Do something that makes sense now."""
        mine = [one for one in self._roster.connections if one.screen_name in self._scene.handles]
        free = [
            handle
            for handle in self._scene.handles
            if all(one.screen_name != handle for one in mine)
        ]
        able = ["renew", "rename", "move", "restore"]
        able += ["connect", "connect"] if free else []
        able += ["reconnect", "disconnect", "revoke"] if mine else []
        what = self._dice.choice(able)
        self._told.now(what)
        if what == "connect":
            await self._connect(self._dice.choice(free))
        elif what == "reconnect":
            one = self._dice.choice(mine)
            await self._connect(one.screen_name, one.id)
        elif what in ("disconnect", "revoke"):
            await self._end(self._dice.choice(mine), revoke=what == "revoke")
        elif what == "renew":
            await self._renew()
        elif what == "rename":
            rows: list[XApp | Connection] = [*self._roster.apps, *mine]
            await self._rename(self._dice.choice(rows))
        elif what == "move":
            await self._move()
        else:
            await self._restore()

    async def move_spare(self) -> None:
        """Move the app whose keys are entered again and again."""
        app = next(app for app in self._roster.apps if app.label.startswith(LABEL))
        self._told.now("move")
        if app.place == FILE:
            await self._accounts.moving.move(KEYCHAIN, [app])
        self._told.stalls = True
        await self._accounts.moving.move(FILE, [self._roster.app(app.id)])

    async def revoke_and_rename(self) -> None:
        """Revoke while X is down, which it stays, and change what the revocation is noted of."""
        XProvider.revoke = is_down  # type: ignore[method-assign,assignment]
        for one in self._roster.connections:
            if one.screen_name in self._scene.handles:
                self._told.now("revoke")
                await self._end(one, revoke=True)
                break

    async def in_the_keychain(self) -> None:
        """Change what needs no KeePass file."""
        rows: list[XApp | Connection] = [*self._roster.apps, *self._roster.connections]
        for row in rows:
            if row.place != KEYCHAIN:
                continue
            if isinstance(row, XApp) and row.label.startswith(LABEL):
                self._told.now("renew")
                await self._renew()
            elif self._dice.random() < 0.5:
                self._told.now("rename")
                await self._rename(row)

    async def _connect(self, handle: str, reconnect: str = "") -> None:
        app = next(app for app in self._roster.apps if app.label.startswith("Agency"))
        attempt = await self._accounts.begin(app.id, reconnect)
        loop = asyncio.get_running_loop()
        pin = await loop.run_in_executor(None, authorize, attempt.request.url, handle)
        kept = await self._accounts.keep(await self._accounts.finish(attempt, pin))
        self._told.say("connected", handle=handle, user_id=kept.user_id)

    async def _end(self, one: Connection, *, revoke: bool) -> None:
        self._told.say("ending", handle=one.screen_name)
        try:
            await self._accounts.endings.connection(one.id, revoke=revoke)
        except NetworkError:
            # It is noted, and goes on whatever the connection is called or wherever it is.
            self._told.now("rename")
            if self._dice.random() < 0.6:
                await self._rename(self._roster.connection(one.id))
            return
        self._told.say("ended", handle=one.screen_name)

    async def _renew(self) -> None:
        app = next(app for app in self._roster.apps if app.label.startswith(LABEL))
        key, secret = (f"{self._dice.getrandbits(160):040x}" for _ in "12")
        self._told.say("renewing", key=key)
        await self._accounts.renew_app(app.id, Secret(key), Secret(secret))
        self._told.say("renewed", key=key)

    async def _rename(self, one: XApp | Connection) -> None:
        number = self._dice.randrange(1000)
        if isinstance(one, XApp):
            label = f"{' '.join(one.label.split()[:2])} {number}"
            await self._accounts.apps.edit(one.id, label=label, access=one.access, note=str(number))
        else:
            name = f"Client {number}"
            await self._accounts.apps.name_connection(one.id, label=name, note="")
        self._told.say("changed")

    async def _move(self) -> None:
        rows: list[XApp | Connection] = [*self._roster.apps, *self._roster.connections]
        place = self._dice.choice((FILE, KEYCHAIN))
        some = [one for one in rows if one.place != place]
        if len(some) > 1 and self._dice.random() < 0.6:
            some = self._dice.sample(some, 1)
        moved = await self._accounts.moving.move(place, some)
        assert not moved.left, moved.left
        self._told.say("moved", count=len(moved.done))

    async def _restore(self) -> None:
        saved = [
            one for one in self._roster.connections if one.screen_name not in self._scene.handles
        ]
        for one in self._dice.sample(saved, min(len(saved), 2)):
            await self._end(one, revoke=False)
        backup = self._accounts.backup
        preview = await backup.preview(Path(self._scene.backup_file), Secret(self._scene.password))
        wanted = frozenset(line.id for line in preview.items if line.name.startswith("@saved"))
        restored = await backup.restore(preview, Choices(wanted))
        assert restored.stopped is None, restored.stopped
        for name in restored.added:
            self._told.say("restored", handle=name.removeprefix("@"))


def is_down(*_: object) -> None:
    """Answer as X does when it cannot be reached."""
    raise NetworkError(ErrorCode.NO_NETWORK, "No network", "X cannot be reached.")
