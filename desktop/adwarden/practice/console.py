"""Runs the practice server alone, for a terminal."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import TextIO

from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import World, make_world

CONTROL_VARIABLE = "ADWARDEN_PRACTICE_CONTROL"
"""Tests that run the server as a process of its own give the control token in this."""


def serve(*, port: int, accounts: int, seed: int, out: TextIO, latency: int = 0) -> int:
    """Print how to reach the server and run it until SIGINT or SIGTERM; returns 0.

    ``port`` 0 takes a free one; ``latency`` is milliseconds. Raises ``InputError`` for an
    impossible number of ad accounts and ``NetworkError`` when the port is taken. Call it on the
    main thread.
    """
    world = make_world(seed=seed, accounts=accounts)
    server = PracticeServer(world, port=port, control_token=os.environ.get(CONTROL_VARIABLE, ""))
    if latency:
        for version in ("/11/", "/12/"):
            server.faults.add(Kind.LATENCY, version, times=0, seconds=latency / 1000)
    done = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        done.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.start()
        out.write(describe(world, server.url))
        out.flush()
        while not done.wait(0.5):
            pass  # On Windows a signal is only noticed between waits.
    finally:
        server.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def describe(world: World, url: str) -> str:
    """Return what somebody needs to use the server: address, environment, apps, users."""
    lines = [
        f"Practice server: {url}",
        "Nothing here is X. Stop it with Ctrl+C.",
        "",
        "Let a program use it instead of X:",
        f"  ADWARDEN_X_API_URL={url}",
        f"  ADWARDEN_X_ADS_URL={url}",
        "",
        "X apps (these keys open nothing else):",
    ]
    for app in world.apps:
        lines += [
            f"  {app.label}: {app.note}",
            f"    API key         {app.key}",
            f"    API key secret  {app.secret}",
        ]
    lines += ["", f"Users, to choose from on the sign-in page ({world.accounts:,} ad accounts):"]
    lines += [f"  @{p.screen_name:<16} {p.hint}" for p in world.people]
    return "\n".join(lines) + "\n"
