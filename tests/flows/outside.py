"""Starts the whole program in a process of its own and talks to the hand inside it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[2]
LIMIT = 40.0
"""Seconds for one wish; the hand itself gives up before."""


class Program:
    """One run of the program; ends it when the block ends, whatever happened.

    ``environment`` is added to that of the stage; a value of ``None`` takes a variable away.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        environment: Mapping[str, str | None] | None = None,
        prefix: tuple[str, ...] = (),
    ) -> None:
        self.log = folder.with_name(f"{folder.name}-stderr-{time.monotonic_ns()}.txt")
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.printed = ""
        """What else came on standard output."""
        self._killed = ""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "tests.flows.inside",
                 "--data-dir", str(folder), *arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                env=surroundings(environment), cwd=ROOT,
            )  # fmt: skip
        self._reader = threading.Thread(target=self._read, name="program", daemon=True)
        self._reader.start()

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # a wish that a killed program never read
            self.process.stdin.close()
        if error is not None:
            error.add_note(f"the program said: {self.stderr}")

    @property
    def stderr(self) -> str:
        """What it has said on standard error until now."""
        return self.log.read_text(errors="replace")

    def killed(self) -> str:
        """Wait until it has killed itself, as it was told to, and return where."""
        code = self.process.wait(LIMIT)
        self._reader.join()
        assert code == -signal.SIGKILL, self.stderr
        return self._killed

    def painted(self) -> Program:
        """Wait for the first picture."""
        self._expect("ready")
        return self

    def ask(self, do: str, **named: object) -> Any:  # noqa: ANN401 - whatever the act returns
        """Have one thing done, and return what came of it."""
        self.send(do, **named)
        return self.answer()

    def send(self, do: str, **named: object) -> None:
        """Have one thing done, without waiting for it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **named}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:  # noqa: ANN401 - whatever the act returns
        """Wait until what was sent is done."""
        return self._expect("done")

    def close(self) -> float:
        """Close the window, wait for the end and return the seconds that took."""
        closed_at = self.ask("close")
        self.process.wait(LIMIT)
        return time.time() - float(closed_at)

    def _expect(self, what: str) -> Any:  # noqa: ANN401 - whatever the act returns
        line = self._lines.get(timeout=LIMIT)
        if line is None:
            code = self.process.wait(LIMIT)
            raise AssertionError(f"the program ended with {code}: {self.stderr}")
        assert what in line, line.get("failed", line)
        return line[what]

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            for line in stdout:
                if line.startswith('@@{"killed"'):
                    self._killed = json.loads(line[2:])["killed"]
                elif line.startswith("@@"):
                    self._lines.put(json.loads(line[2:]))
                else:
                    self.printed += line
        self._lines.put(None)


def surroundings(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return this process's environment with the changes."""
    made = {**os.environ, **(changes or {})}
    return {name: value for name, value in made.items() if value is not None}


def descendants(pid: int) -> set[int]:
    """Return the processes that came from this one, itself included."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found
