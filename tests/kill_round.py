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
from adwarden.domain.model import (
    KEYCHAIN,
    AppAccess,
    Connection,
    ConnectionState,
    Credential,
)
from adwarden.domain.secret import Secret
from adwarden.providers.x.provider import XProvider
from adwarden.storage.directory import Directory
from adwarden.storage.vault import Vault
from adwarden.wiring import Services, make_base, make_services
from tests.kill_hand import LABEL, Hand
from tests.storage.keepass_parts import QUICK

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
    "restore", "remove", "undo", "linger", "leave", "app", "quit", "beside", "between",
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

    ``mode`` is ``work``, ``recover`` (only start), ``beside`` (start, and recover again and again,
    as a console does while the window works) or ``locked``, which works before and after the
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
    if mode == "beside":
        told.now("beside")
        await _recover(services, anew=True)
    beside = dice.random() < 0.5
    recovering = asyncio.create_task(_recover(services)) if beside else None
    hand = Hand(scene, services, told, dice)
    first = dice.random()
    if first < 0.25:
        await hand.move_spare()
    elif first < 0.45:
        await hand.revoke_and_rename()
    elif first < 0.65:
        await hand.restore_in_time()
    told.stalls = dice.random() < 0.3
    while recovering is None or not recovering.done():
        await hand.something(may_quit=recovering is None)
        told.now("between")
    recovering.result()


async def _recover(services: Services, *, anew: bool = False) -> None:
    """Recover all the time, beside whatever is done; ``anew`` as if each time just started."""
    while True:
        if anew:
            await services.accounts.load()
        await services.accounts.recover()
        await asyncio.sleep(0)


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
