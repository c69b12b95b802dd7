"""Kills the program at random moments, again and again, and looks whether a secret was lost.

``python -m tests.kill_loop --rounds 200 --seed 1`` prints where the kills hit and what was wrong,
and ends with 1 if anything was. A real GNOME keyring, a real KeePass file, SIGKILL.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any, NamedTuple

from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.storage import settings as known
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.paths import DataFolder
from adwarden.storage.settings import Settings
from tests import kill_look, kill_round
from tests.kill_look import Left
from tests.kill_outcome import DONE, Believed, Outcome
from tests.kill_round import Scene, where
from tests.storage.keepass_parts import QUICK
from tests.with_keyring import KeyringSession

HANDLES = ("contoso", "northwind_ads", "agency_ops")
SAVED = 4
PATIENCE = 60.0
"""Seconds that a process gets which nobody kills."""


class Victim(NamedTuple):
    """A process that is to be killed, and what it can be heard and seen by."""

    mode: str
    process: Any
    pipe: Pipe
    place: Any


class Loop:
    """Runs the rounds in a scene; the server of it is this process's."""

    def __init__(self, scene: Scene, server: PracticeServer, seed: int) -> None:
        self._scene, self._server = scene, server
        self._dice = random.Random(seed)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.kill_look", "tests.kill_modules"])
        self._believed = Believed()
        self.outcome = Outcome()

    def begin(self) -> None:
        """Make what the rounds change."""
        app = self._server.world.apps[0]
        self._believed.key = self._ask(kill_round.furnish, (app.key, app.secret), SAVED)
        self._believed.connected = {f"saved{number}" for number in range(SAVED)}

    def round(self) -> None:
        """Let a process work, kill it, sometimes kill the one that mends it, then look."""
        begun = time.monotonic()
        # The window, and a console that recovers what the window is doing, if it could.
        beside = self._start("beside") if self._dice.random() < 0.4 else None
        self._kill(self._start("work"))
        if beside is not None:
            self.outcome.pairs += 1
            self._kill(beside)
        after = self._dice.choice(("recover", "locked", "locked", ""))
        if after:
            self._kill(self._start(after))
        left = self._ask(kill_look.look)
        self._judge(left)
        self.outcome.rounds += 1
        self.outcome.steps_finished += left.waited
        self.outcome.seconds += time.monotonic() - begun

    def _start(self, mode: str) -> Victim:
        ours, theirs = self._context.Pipe(duplex=False)
        place = self._context.RawArray("i", 2)
        arguments = (self._scene, theirs, place, self._dice.getrandbits(32), mode)
        process = self._context.Process(target=kill_round.work, args=arguments)
        process.start()
        theirs.close()
        return Victim(mode, process, ours, place)

    def _kill(self, one: Victim) -> None:
        mode, process = one.mode, one.process
        # Most of a start is spent before anything is done: one in four is killed there.
        early = mode == "recover" or (mode == "work" and self._dice.random() < 0.25)
        lives = self._dice.uniform(0, 0.35 if early or mode == "beside" else 1.2)
        heard: list[tuple[str, dict[str, str]]] = []
        if not early:
            heard += self._next(one)
        process.join(lives)
        if process.exitcode is None:
            process.kill()
            process.join()
        else:
            self._wrong(f"a process ended by itself, with {process.exitcode}")
        heard += _rest(one.pipe)
        for what, facts in heard:
            self._believed.hear(what, facts)
            if what in DONE:
                self.outcome.done[what] += 1
            elif what == "wrong":
                self._wrong(facts["words"])
        operation, moment = where(one.place)
        self.outcome.kills += 1
        self.outcome.operations[operation] += 1
        self.outcome.moments[moment] += 1

    def _next(self, one: Victim) -> list[tuple[str, dict[str, str]]]:
        assert one.pipe.poll(PATIENCE), "a process did not get ready"
        try:
            return [one.pipe.recv()]
        except EOFError:
            one.process.join()
            return []  # which is said of it then

    def _ask(self, work: Callable[..., None], *arguments: object) -> Any:  # noqa: ANN401
        """Have a process do something that nobody interrupts, and return what it found."""
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=work, args=(self._scene, theirs, *arguments))
        process.start()
        theirs.close()
        assert ours.poll(PATIENCE), "a process hangs"
        try:
            found = ours.recv()
        except EOFError:
            raise AssertionError("a process failed to look") from None
        process.join(PATIENCE)
        ours.close()
        return found

    def _judge(self, left: Left) -> None:
        for wrong in (*left.wrong, *self._believed.against(left)):
            self._wrong(wrong)
        for handle, (token, state) in left.tokens.items():
            if handle.startswith("saved"):
                continue
            person = self._server.world.person_named(handle)
            assert person is not None
            app = self._server.world.apps[0]
            if token != self._server.faults._access_tokens.current(app, person).token:
                self._wrong(f"@{handle} is listed as {state} with a token that X has forgotten")
        self._believed.settle(left)

    def _wrong(self, what: str) -> None:
        self.outcome.wrong.append(f"round {self.outcome.rounds}: {what}")


def _rest(pipe: Pipe) -> list[tuple[str, dict[str, str]]]:
    """Return what a killed process had still said."""
    found: list[tuple[str, dict[str, str]]] = []
    try:
        while pipe.poll():
            found.append(pipe.recv())
    except (EOFError, OSError):
        pass
    finally:
        pipe.close()
    return found


def run(rounds: int, seed: int, *, tell: Callable[[str], None] = lambda line: None) -> Outcome:
    """Run the loop in a session of its own and return what it found."""
    server = PracticeServer(make_world(seed=seed))
    server.faults.limits.be_generous()
    server.start()
    try:
        with KeyringSession() as keyring, tempfile.TemporaryDirectory(dir="/tmp") as root:
            keyring.start_daemon()
            # The processes are forked from one that starts with the first of them.
            os.environ.update(keyring.environment)
            loop = Loop(_scene(Path(root), server), server, seed)
            loop.begin()
            for number in range(rounds):
                loop.round()
                if number % 20 == 19:
                    tell(f"{number + 1} rounds, {len(loop.outcome.wrong)} wrong")
            return loop.outcome
    finally:
        server.stop()


def _scene(root: Path, server: PracticeServer) -> Scene:
    folder = DataFolder(root / "data")
    folder.root.mkdir(mode=0o700)
    folder.prepare()
    password = "four words are enough"
    place = KeepassPlace(root / "team.kdbx", kdf=QUICK)
    place.create(Secret(password))
    place.lock()
    settings, _ = Settings.load(folder, {})
    settings.set(known.VAULT_FILE, str(place.path))
    settings.save()
    return Scene(
        str(folder.root), str(place.path), str(root / "saved.kdbx"), password, server.url, HANDLES
    )


def main() -> int:
    """Run it from the console."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    outcome = run(wanted.rounds, wanted.seed, tell=lambda line: print(line, flush=True))
    print(outcome.words())
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
