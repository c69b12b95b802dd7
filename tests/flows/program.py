"""The whole program, started as a person starts it, and the practice server beside it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from tests.flows.driver import window_named


@dataclass(frozen=True)
class Practice:
    """Where it listens, and the keys of its first app."""

    url: str
    key: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        """The two variables that make Adwarden use it in place of X."""
        return {"ADWARDEN_X_API_URL": self.url, "ADWARDEN_X_ADS_URL": self.url}


@contextmanager
def practice_server(
    *, accounts: int = 30, latency: int = 0, aside: bool = False
) -> Iterator[Practice]:
    """Run a practice server in a process of its own until the block ends.

    ``aside`` lets everything else of this computer go first, as if it were on another one.
    """
    options = ["--accounts", str(accounts), "--latency", str(latency)]
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "adwarden", "practice", *options],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    if aside and sys.platform != "win32":
        os.setpriority(
            os.PRIO_PROCESS, server.pid, os.nice(0) + 15
        )  # before it has more than one thread
    try:
        assert server.stdout is not None
        told = ""
        for line in server.stdout:
            told += line
            if line.startswith("Users"):
                break
        found = re.search(
            r"^Practice server: (\S+)$.*?API key\s+(\S+)$\s*API key secret\s+(\S+)$",
            told,
            re.MULTILINE | re.DOTALL,
        )
        if found is None:
            raise RuntimeError(f"the practice server did not say how to reach it: {told!r}")
        yield Practice(*found.groups())
    finally:
        server.terminate()
        server.wait(10)
        if server.stdout is not None:
            server.stdout.close()


def live(data_dir: Path, practice: Practice, journey: Callable[[QWidget], Awaitable[None]]) -> None:
    """Start Adwarden in this process, go on the journey with its window, and quit it.

    Raises what the journey raised, or ``RuntimeError`` when Adwarden ended before it.
    """
    from adwarden import app

    os.environ.update(practice.environment)
    tasks: list[asyncio.Task[None]] = []

    async def go() -> None:
        window = await window_named("Adwarden")
        try:
            await journey(window)
        finally:
            window.close()

    def painted() -> None:
        tasks.append(asyncio.get_running_loop().create_task(go()))

    code = app.main(["--data-dir", str(data_dir)], on_ready=painted)
    if not tasks or not tasks[0].done() or code:
        raise RuntimeError(f"Adwarden ended with {code} in the middle of the journey")
    tasks[0].result()
