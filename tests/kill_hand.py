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
from tests.kill_undo import Undoing, called

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
        self._undoing = Undoing(services, told, dice)

    async def something(self, *, may_quit: bool = False) -> None:
        """Do something that makes sense now; what ``may_quit`` does so once and for all."""
        mine = [one for one in self._roster.connections if one.screen_name in self._scene.handles]
        free = [
            handle
            for handle in self._scene.handles
            if all(one.screen_name != handle for one in mine)
        ]
        able = ["renew", "rename", "move", "restore", "app"]
        able += ["connect", "connect"] if free else []
        able += ["reconnect", "disconnect", "revoke", "remove", "remove", "leave"] if mine else []
        able += ["undo", "undo", "linger"] if self._accounts.removing.waiting else []
        able += ["quit"] if may_quit and self._accounts.removing.waiting else []
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
        elif what == "remove":
            self._undoing.remove(self._dice.choice(mine))
        elif what == "leave":
            self._undoing.leave(self._dice.sample(mine, self._dice.randint(1, len(mine))))
        elif what == "app":
            await self._undoing.pass_by()
        elif what == "restore":
            await self._restore()
        else:
            await {"undo": self._undoing.undo, "quit": self._undoing.quit}.get(
                what, self._undoing.linger
            )()

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
        self._told.say("connecting", handle=handle)
        loop = asyncio.get_running_loop()
        pin = await loop.run_in_executor(None, authorize, attempt.request.url, handle)
        kept = await self._accounts.keep(await self._accounts.finish(attempt, pin))
        self._undoing.stays(handle)
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
        number = f"{self._dice.getrandbits(32):08x}"  # labels of apps tell them apart
        if isinstance(one, XApp):
            label = f"{' '.join(one.label.split()[:2])} {number}"
            await self._accounts.apps.edit(one.id, label=label, access=one.access, note=number)
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

    async def restore_in_time(self) -> None:
        """Restore what can still be undone, and let the time for that pass."""
        self._told.now("restore")
        await self._restore(removing=True)
        await self._undoing.linger()

    async def _restore(self, *, removing: bool = False) -> None:
        saved = [
            one for one in self._roster.connections if one.screen_name not in self._scene.handles
        ]
        backup = self._accounts.backup
        password = Secret(self._scene.password)
        preview = None
        if removing or self._dice.random() < 0.3:
            # What a person looks at may be older than what they remove.
            if self._dice.random() < 0.5:
                preview = await backup.preview(Path(self._scene.backup_file), password)
            for one in self._dice.sample(saved, min(len(saved), 2)):
                self._undoing.remove(one)
            await self._undoing.linger(self._dice.choice((0.0, 0.0, 0.5, 0.9)))
        else:
            for one in self._dice.sample(saved, min(len(saved), 2)):
                await self._end(one, revoke=False)
        preview = preview or await backup.preview(Path(self._scene.backup_file), password)
        wanted = {line.id: line.name for line in preview.items if line.name.startswith("@saved")}
        names = {name.removeprefix("@") for name in wanted.values()}
        for name in names:
            self._told.say("connecting", handle=name)
        restored = await backup.restore(preview, Choices(frozenset(wanted)))
        assert restored.stopped is None, restored.stopped
        self._undoing.stays(*names)
        # Brought in or found here, it is there now, and nothing of before takes it away.
        for name in names - {called(one) for one in self._roster.connections}:
            self._told.say("wrong", words=f"@{name} was restored and is not listed")
        for name in names:
            self._told.say("restored", handle=name)


def is_down(*_: object) -> None:
    """Answer as X does when it cannot be reached."""
    raise NetworkError(ErrorCode.NO_NETWORK, "No network", "X cannot be reached.")
