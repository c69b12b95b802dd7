"""Measures the refresh of many ad accounts against the practice server in a process of its own.

``python -m tests.bench.sync speed|growth|kill [ACCOUNTS …]`` prints one line of JSON: how fast it
is beside X's own SDK, how time and memory grow, and how many calls a kill half-way costs.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from adwarden.practice.console import CONTROL_VARIABLE
from adwarden.practice.control import HEADER, PREFIX
from adwarden.practice.tokens import AccessTokens
from adwarden.practice.world import make_world
from adwarden.wiring import HTTP_WORKERS
from tests.bench.sync_client import USER
from tests.flows.program import Practice, practice_server

ROOT = Path(__file__).resolve().parent.parent.parent
SDK = ROOT / "build" / "sdk"
LOCK = ROOT / "requirements-bench.lock"
CONTROL = "control-token-of-this-measurement"
LATENCY_MS = 50


class Server:
    """The practice server and its switches."""

    def __init__(self, practice: Practice) -> None:
        self.url, self.key, self.secret = practice.url, practice.key, practice.secret

    def switch(self, name: str, **body: object) -> None:
        """Use one of the control address's switches."""
        with self._open(name, json.dumps(body).encode()):
            return

    def counts(self) -> dict[str, Any]:
        """Return statuses and repeated reads."""
        with self._open("counts", None) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return found

    def _open(self, name: str, body: bytes | None) -> Any:  # noqa: ANN401 - urllib's own answer
        headers = {HEADER: CONTROL, "Content-Type": "application/json"}
        return urlopen(Request(f"{self.url}{PREFIX}{name}", data=body, headers=headers), timeout=30)


@contextlib.contextmanager
def server(accounts: int, *, latency: int = LATENCY_MS) -> Iterator[Server]:
    """Run the practice server, which obeys the documented limits unless told otherwise."""
    os.environ[CONTROL_VARIABLE] = CONTROL
    # One of its ad accounts is deleted: with it there are as many as asked for.
    with practice_server(accounts=accounts + 1, latency=latency) as practice:
        made = Server(practice)
        made.switch("keep-last", number=200_000)
        yield made


def ours(to: Server, folder: str) -> dict[str, Any]:
    """Refresh with Adwarden."""
    return _said(*_client(to, folder))


def speed(accounts: int = 1_000) -> dict[str, Any]:
    """Compare with the SDK on the same server; both lists are one page, so no limit is in play."""
    install_sdk()
    with server(accounts) as to, tempfile.TemporaryDirectory() as folder:
        mine = ours(to, folder)
        statuses = to.counts()["statuses"]
        world = make_world(accounts=accounts + 1)
        person = next(one for one in world.people if one.screen_name == USER)
        token = AccessTokens(world).current(world.apps[0], person)
        keys = (to.key, to.secret, token.token, token.secret)
        theirs = _said(
            [sys.executable, "-m", "tests.bench.sync_sdk", to.url, *keys],
            {"PYTHONPATH": f"{SDK}{os.pathsep}{ROOT}"},
        )
    calls = 2 * accounts + 1
    assert mine["whole"] == theirs["accounts"] == accounts, (mine, theirs)
    ideal = calls * LATENCY_MS / 1000 / HTTP_WORKERS
    return {
        "accounts": accounts,
        "calls": calls,
        "ours_s": mine["seconds"],
        "sdk_s": theirs["seconds"],
        "ratio": theirs["seconds"] / mine["seconds"],
        "of_ideal": mine["seconds"] / ideal,
        "concurrency": HTTP_WORKERS,
        "cpu_s": mine["cpu"],
        "refused": statuses.get("429", 0),
    }


def growth(*sizes: int) -> dict[str, Any]:
    """Measure each size alone; limits are lifted, as X's would end a list after 5,000."""
    found = []
    for accounts in sizes or (1_000, 5_000, 20_000):
        with server(accounts, latency=0) as to, tempfile.TemporaryDirectory() as folder:
            to.switch("generous")
            mine = ours(to, folder)
            assert mine["whole"] == accounts, mine
            found.append(
                {
                    "accounts": accounts,
                    "seconds": mine["seconds"],
                    "cpu_ms_each": 1000 * mine["cpu"] / accounts,
                    "ms_each": 1000 * mine["seconds"] / accounts,
                    "peak_mib": mine["peak_mib"],
                }
            )
    return {"growth": found}


def kill(accounts: int = 5_000) -> dict[str, Any]:
    """Kill a refresh half-way without warning, go on, and count what was asked for twice."""
    with server(accounts) as to, tempfile.TemporaryDirectory() as folder:
        command, around = _client(to, folder)
        first = subprocess.Popen(
            command, cwd=ROOT, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert first.stderr is not None
        with first.stderr as told:
            for line in told:
                if line.strip().isdecimal() and int(line) >= accounts // 2:
                    first.send_signal(signal.SIGKILL)
                    break
        first.wait()
        before = to.counts()["reads"]
        began = time.monotonic()
        second = ours(to, folder)
        counts = to.counts()
    ads = {path: times for path, times in counts["again"].items() if path.startswith("/12/")}
    return {
        "accounts": accounts,
        "whole": second["whole"],
        "killed_after_calls": before,
        "second_run_s": time.monotonic() - began,
        "calls": counts["reads"],
        "repeated": sum(ads.values()),
        "lists_repeated": ads.get("/12/accounts", 0),
        "refused": counts["statuses"].get("429", 0),
        "in_flight": HTTP_WORKERS,
    }


def install_sdk() -> None:
    """Put X's SDK, as locked, into a folder of its own: Adwarden itself has no use for it."""
    stamp = SDK / "lock.txt"
    wanted = LOCK.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    command += ["--no-input", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--upgrade", "--target", str(SDK), "-r", str(LOCK)]
    subprocess.run(command, check=True, stdout=sys.stderr)
    stamp.write_text(wanted, encoding="utf-8")


def _client(to: Server, folder: str) -> tuple[list[str], dict[str, str]]:
    module = "tests.bench.sync_client"
    command = [sys.executable, "-m", module, folder, to.url, to.key, to.secret]
    return command, dict(os.environ)


def _said(command: list[str], more: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command[2]} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    "speed": speed,
    "growth": growth,
    "kill": kill,
}

if __name__ == "__main__":
    print(json.dumps(MEASURES[sys.argv[1]](*map(int, sys.argv[2:]))))
