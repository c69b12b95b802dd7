"""What a person has before them: the program's folder, a server in place of X, a keychain."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adwarden.domain.model import ConnectionState
from adwarden.practice.faults import Fault, Kind
from adwarden.practice.server import PracticeServer
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from tests.fakes.person import authorize
from tests.flows.outside import Program, surroundings
from tests.with_keyring import KeyringSession

NO_PAGE = "[authorization]\nbrowser = system\n"
"""Settings that leave the browser engine out: these tests are not about the page."""

HELD = 25.0
"""Seconds for which a call is held at most: the program gives up after 30."""


class Desk:
    """Starts the program, as window or for the console, and looks into its folder."""

    def __init__(self, folder: Path, server: PracticeServer, keyring: KeyringSession) -> None:
        self.folder, self.server, self.keyring = folder, server, keyring
        self.app = server.world.apps[0]
        self.environment: dict[str, str | None] = {
            **keyring.environment,
            "ADWARDEN_X_API_URL": server.url,
            "ADWARDEN_X_ADS_URL": server.url,
        }
        self._consoles: list[subprocess.Popen[str]] = []

    def close(self) -> None:
        """End the consoles that a test which failed has left."""
        for console in self._consoles:
            if console.poll() is None:
                console.kill()
            console.wait()
            for pipe in (console.stdout, console.stderr):
                if pipe is not None:
                    pipe.close()

    def start(self, *arguments: str, **environment: str | None) -> Program:
        """Start the program."""
        around = {**self.environment, **environment}
        return Program(self.folder, *arguments, environment=around)

    def start_after(self, prefix: tuple[str, ...]) -> Program:
        """Start the program by way of another, as ``setpriv`` or ``env`` are."""
        return Program(self.folder, environment=self.environment, prefix=prefix)

    def console(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a console command; whoever does so waits for its end."""
        console = subprocess.Popen(
            [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(self.folder), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=surroundings(self.environment),
        )
        self._consoles.append(console)
        return console

    def add_app(self, program: Program, label: str = "Agency app") -> None:
        """Add the first of the server's apps."""
        program.ask("add_app", label=label, key=self.app.key, secret=self.app.secret)

    def connect(self, program: Program, handle: str, press: str = "Connect account") -> None:
        """Connect an account by the link and the PIN."""
        pin = authorize(program.ask("link", press=press), handle)
        program.ask("enter_pin", pin=pin)
        program.ask("row", parts=[f"@{handle}", "Working"])

    def filled(self, handle: str = "contoso") -> None:
        """Leave an app and a connection in folder and keychain, as after an earlier run."""
        with self.start() as program:
            program.painted()
            self.add_app(program)
            self.connect(program, handle)
            program.ask("rested")
            program.close()
            assert program.process.returncode == 0

    def connected(self, handle: str, latency: float) -> None:
        """Leave a connection of which nothing is fetched yet; answers take ``latency`` seconds."""
        faults = self.server.faults
        faults.add(Kind.ERROR, "/12/accounts", times=0, status=403)
        self.filled(handle)
        faults.clear()
        faults.add(Kind.LATENCY, "/12/", times=0, seconds=latency)
        faults.limits.reset()
        self.server.journal.clear()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the server answer no call of the Ads API until the block ends."""
        faults, over = self.server.faults, threading.Event()
        plain = faults.matching

        def matching(method: str, path: str) -> list[Fault]:
            if path.startswith("/12/"):
                over.wait(HELD)
            return plain(method, path)

        faults.matching = matching  # type: ignore[method-assign]
        try:
            yield
        finally:
            faults.matching = plain  # type: ignore[method-assign]
            over.set()

    def repeated(self) -> int:
        """Return how many reads of the Ads API were made more than once."""
        asked = Counter(entry.path for entry in self.server.journal.entries("/12/", status=200))
        return sum(times - 1 for times in asked.values())

    def seen(self) -> Seen:
        """Return what the index in the folder says at this moment."""
        return Seen(self.folder)


class Seen:
    """What an index says, read as another process reads it."""

    def __init__(self, folder: Path) -> None:
        directory, _ = Directory.open(DataFolder(folder))
        try:
            self.snapshot = directory.snapshot()
            self.pending = directory.pending()
            self.jobs = directory.jobs()
        finally:
            directory.close()

    @property
    def state(self) -> ConnectionState | None:
        """The state of the first connection."""
        return self.snapshot.connections[0].state if self.snapshot.connections else None

    @property
    def whole(self) -> int:
        """How many ad accounts have both their parts."""
        entries = [one for some in self.snapshot.entries.values() for one in some]
        return sum(one.access is not None and one.users is not None for one in entries)
