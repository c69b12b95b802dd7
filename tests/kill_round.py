"""What the kill loop's processes do: change secrets until they are killed, or look what is left.

Each is forked from a process that has imported everything, and has no window: the services of
the console, a real keychain, a KeePass file, and the practice server of the process outside.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
from dataclasses import dataclass
from functools import wraps
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from adwarden.arguments import Options
from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.domain.model import (
    FILE,
    KEYCHAIN,
    AppAccess,
    Connection,
    ConnectionState,
    Credential,
    XApp,
)
from adwarden.domain.secret import Secret
from adwarden.providers.x.provider import XProvider
from adwarden.services.backup import Choices
from adwarden.storage.directory import Directory
from adwarden.storage.vault import Vault
from adwarden.wiring import Services, make_base, make_services
from tests.fakes.person import authorize
from tests.storage.keepass_parts import QUICK

LABEL = "Spare app"
"""The app whose keys are entered again and again."""

WATCHED: tuple[tuple[type, str, str], ...] = (
    (Directory, "begin_pending", "note the step"),
    (Directory, "save_app", "list"),
    (Directory, "replace_connection", "list"),
    (Directory, "switch_entry", "switch"),
    (Directory, "note_connection", "note the state"),
    (Directory, "remove_connection", "unlist"),
    (Directory, "finish_pending", "strike the step"),
    (Vault, "put", "write the entry"),
    (Vault, "get", "read an entry"),
    (Vault, "read_all", "read entries"),
    (Vault, "delete", "delete an entry"),
    (XProvider, "begin", "X: begin"),
    (XProvider, "finish", "X: exchange the PIN"),
    (XProvider, "revoke", "X: revoke"),
)
STAGES = ("before the first step", *dict.fromkeys(name for _, _, name in WATCHED))
OPERATIONS = (
    "open", "recover", "connect", "reconnect", "disconnect", "revoke", "renew", "rename", "move",
    "restore", "between",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """Where a round takes place; all of it outlives every process. ``url`` is X's stand-in."""

    folder: str
    vault_file: str
    backup_file: str
    password: str
    url: str
    handles: tuple[str, ...]


class Told:
    """What a process tells the one that kills it: words through a pipe, its place by memory."""

    def __init__(self, pipe: Pipe, place: Any) -> None:  # noqa: ANN401 - ctypes has no types
        self._pipe, self._place = pipe, place
        self.stalls = False
        """Whether the next row is never switched: the kill comes between entry and row."""

    def say(self, what: str, **facts: object) -> None:
        """Tell a fact that counts from now on."""
        self._pipe.send((what, facts))

    def now(self, operation: str) -> None:
        """Note what is being done."""
        self._place[0], self._place[1] = OPERATIONS.index(operation), 0

    def watch(self) -> None:
        """Note every boundary of a step from now on."""

        def watched(kind: type, name: str, number: int) -> None:
            plain = getattr(kind, name)

            @wraps(plain)
            def call(*args: object, **named: object) -> object:
                self._place[1] = 2 * number
                if self.stalls and name == "switch_entry":
                    threading.Event().wait()
                try:
                    return plain(*args, **named)
                finally:
                    self._place[1] = 2 * number + 1

            setattr(kind, name, call)

        for kind, name, stage in WATCHED:
            watched(kind, name, STAGES.index(stage))


def where(place: Any) -> tuple[str, str]:  # noqa: ANN401
    """Return what was being done, and at which boundary or in the middle of what."""
    number, after = divmod(place[1], 2)
    moment = ("in ", "after ")[after] if number else ""
    operation = OPERATIONS[place[0]]
    return operation, "at rest" if operation == "between" else f"{moment}{STAGES[number]}"


def work(scene: Scene, pipe: Pipe, place: Any, seed: int, mode: str) -> None:  # noqa: ANN401
    """Change secrets at random until this process is killed; or only start, and wait for that.

    ``mode`` is ``work``, ``recover`` (only start) or ``locked``, which works before and after the
    KeePass file is unlocked.
    """
    os.environ["ADWARDEN_X_API_URL"] = os.environ["ADWARDEN_X_ADS_URL"] = scene.url
    told = Told(pipe, place)
    told.watch()
    told.now("open")
    asyncio.run(_work(scene, told, random.Random(seed), mode))


async def _work(scene: Scene, told: Told, dice: random.Random, mode: str) -> None:
    services = await opened(scene, told, dice, locked=mode == "locked")
    told.say("ready")
    if mode == "recover":
        told.now("between")
        await asyncio.Event().wait()
    if dice.random() < 0.4:
        XProvider.revoke = _is_down  # type: ignore[method-assign,assignment]
    beside = dice.random() < 0.5
    recovering = asyncio.create_task(_recover(services)) if beside else None
    hand = Hand(scene, services, told, dice)
    told.stalls = dice.random() < 0.4
    if told.stalls and dice.random() < 0.7:
        await hand.move_spare()
    while recovering is None or not recovering.done():
        await hand.something()
        told.now("between")
    recovering.result()


async def _recover(services: Services) -> None:
    """Recover all the time, beside whatever is done."""
    while True:
        await services.accounts.recover()
        await asyncio.sleep(0)


def _is_down(*_: object) -> None:
    raise NetworkError(ErrorCode.NO_NETWORK, "No network", "X cannot be reached.")


async def opened(
    scene: Scene,
    told: Told | None = None,
    dice: random.Random | None = None,
    *,
    locked: bool = False,
) -> Services:
    """Start; ``locked`` lets some changes be made before the KeePass file is unlocked."""
    options = Options(data_dir=scene.folder)
    services = make_services(make_base(options), options)
    accounts = services.accounts
    await accounts.load()
    if told is not None:
        told.now("recover")
    if locked:
        assert told is not None
        assert dice is not None
        await accounts.recover()
        await asyncio.gather(*accounts.removing._tasks)
        await Hand(scene, services, told, dice).in_the_keychain()
        told.now("recover")
    await accounts.vault_file.enter(Secret(scene.password))
    await accounts.recover()
    await asyncio.gather(*accounts.removing._tasks)  # revocations that were cut off
    return services


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
        await self._accounts.moving.move(KEYCHAIN if app.place == FILE else FILE, [app])

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


def furnish(scene: Scene, pipe: Pipe, keys: tuple[str, str], saved: int) -> None:
    """Make what every round begins with: two apps, and a backup of ``saved`` connections."""
    os.environ["ADWARDEN_X_API_URL"] = os.environ["ADWARDEN_X_ADS_URL"] = scene.url

    async def go() -> None:
        services = await opened(scene)
        accounts = services.accounts
        key, secret = map(Secret, keys)
        app = await accounts.add_app("Agency app", key, secret, AppAccess.STANDARD)
        await accounts.add_app(LABEL, Secret("k" * 40), Secret("s" * 40), AppAccess.STANDARD)
        for number in range(saved):
            one = Connection(
                id=f"{number:08x}",
                app_id=app.id,
                user_id=f"99{number:06}",
                screen_name=f"saved{number}",
                entry="",
                authorized_at=1_790_000_000.0,
                state=ConnectionState.UNKNOWN,
                place=KEYCHAIN,
                pasted=True,
            )
            text = f"99{number:06}-{'t' * 40}"
            token = {"token": Secret(text), "secret": Secret("s" * 45)}
            await accounts.rewriting.keep_connection(one, _credential(token))
        accounts.backup._kdf = QUICK
        await accounts.backup.write(Path(scene.backup_file), Secret(scene.password))
        await accounts.close()
        pipe.send("k" * 40)

    asyncio.run(go())


def _credential(secrets: dict[str, Secret]) -> Any:  # noqa: ANN401
    return Credential("x-oauth1-token", secrets)
