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
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.storage import settings as known
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.paths import DataFolder
from adwarden.storage.settings import Settings
from tests import kill_look, kill_round
from tests.kill_hand import LABEL
from tests.kill_look import Left
from tests.kill_round import Scene, where
from tests.storage.keepass_parts import QUICK
from tests.with_keyring import KeyringSession

HANDLES = ("contoso", "northwind_ads", "agency_ops")
SAVED = 4
PATIENCE = 60.0
"""Seconds that a process gets which nobody kills."""


@dataclass
class Believed:
    """What was confirmed; ``unsure`` is what was on its way when the process was killed."""

    connected: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    key: str = ""
    keys: set[str] = field(default_factory=set)

    def hear(self, what: str, facts: dict[str, str]) -> None:
        """Take in what a process told before it was killed."""
        handle = facts.get("handle", "")
        if what in ("connected", "restored"):
            self.connected.add(handle)
            self.unsure.discard(handle)
        elif what == "ending":
            self.connected.discard(handle)
            self.unsure.add(handle)
        elif what == "ended":
            self.unsure.discard(handle)
        elif what == "renewing":
            self.keys.add(facts["key"])
        elif what == "renewed":
            self.key, self.keys = facts["key"], set()


@dataclass
class Outcome:
    """What a run of the loop found."""

    rounds: int = 0
    kills: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    steps_finished: int = 0
    most_orphans: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def words(self) -> str:
        """Return all of it for people."""
        lines = [
            f"{self.rounds} rounds, {self.kills} kills in {self.seconds:.0f} s;"
            f" {self.steps_finished} interrupted steps finished at the next start,"
            f" at most {self.most_orphans} entries listed nowhere",
            f"done in between: {_counted(self.done)}",
            f"killed during: {_counted(self.operations)}",
            f"killed at: {_counted(self.moments)}",
            f"wrong: {len(self.wrong)}",
            *self.wrong,
        ]
        return "\n".join(lines)


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


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
        self._kill("work")
        after = self._dice.choice(("recover", "locked", "locked", ""))
        if after:
            self._kill(after)
        left = self._ask(kill_look.look)
        self._judge(left)
        self.outcome.rounds += 1
        self.outcome.steps_finished += left.waited
        self.outcome.most_orphans = max(self.outcome.most_orphans, left.orphans)
        self.outcome.seconds += time.monotonic() - begun

    def _kill(self, mode: str) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        place = self._context.RawArray("i", 2)
        arguments = (self._scene, theirs, place, self._dice.getrandbits(32), mode)
        process = self._context.Process(target=kill_round.work, args=arguments)
        process.start()
        theirs.close()
        # Most of a start is spent before anything is done: one in four is killed there.
        early = mode == "recover" or (mode == "work" and self._dice.random() < 0.25)
        lives = self._dice.uniform(0, 0.35 if early else 1.2)
        heard: list[tuple[str, dict[str, str]]] = []
        if not early:
            heard.append(self._next(ours, process))
        process.join(lives)
        assert process.exitcode is None, f"a process ended by itself: {process.exitcode}"
        process.kill()
        process.join()
        heard += _rest(ours)
        for what, facts in heard:
            self._believed.hear(what, facts)
            if what in ("connected", "ended", "renewed", "restored", "changed", "moved"):
                self.outcome.done[what] += 1
        operation, moment = where(place)
        self.outcome.kills += 1
        self.outcome.operations[operation] += 1
        self.outcome.moments[moment] += 1

    def _next(self, pipe: Pipe, process: Any) -> tuple[str, dict[str, str]]:  # noqa: ANN401
        assert pipe.poll(PATIENCE), "a process did not get ready"
        try:
            found: tuple[str, dict[str, str]] = pipe.recv()
        except EOFError:
            process.join()
            raise AssertionError(f"a process ended with {process.exitcode}") from None
        return found

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
        number, believed = self.outcome.rounds, self._believed
        wrong = list(left.wrong)
        for handle in believed.connected - set(left.tokens):
            wrong.append(f"@{handle} was confirmed and is lost")
        for handle, (token, state) in left.tokens.items():
            if handle.startswith("saved"):
                continue
            person = self._server.world.person_named(handle)
            assert person is not None
            app = self._server.world.apps[0]
            if token != self._server.faults._access_tokens.current(app, person).token:
                wrong.append(f"@{handle} is listed as {state} with a token that X has forgotten")
        if left.key not in {believed.key, *believed.keys}:
            wrong.append(f"the keys of {LABEL} are neither the old nor the new ones")
        self.outcome.wrong += [f"round {number}: {one}" for one in wrong]
        believed.connected, believed.unsure = set(left.tokens), set()
        believed.key, believed.keys = left.key, set()


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
