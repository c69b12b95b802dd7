"""Fetches many ad accounts in the whole window, as a start on another day does: no page is open.

``python -m tests.bench.syncing ACCOUNTS`` prints one line of JSON: the longest gap of the GUI
thread, how many there were, and the most memory of the window's process.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QWidget

from adwarden.arguments import Options
from adwarden.domain.model import AppAccess
from adwarden.domain.secret import Secret
from adwarden.practice.console import CONTROL_VARIABLE
from adwarden.wiring import make_base, make_services
from tests.bench.pauses import CONTROL, USER, busy, lift_limits
from tests.bench.probe import Probe
from tests.bench.sync_client import peak_mib
from tests.fakes.person import authorize
from tests.flows.driver import click, until
from tests.flows.program import Practice, live, practice_server


def main() -> int:
    """Connect in one process, fetch with the window of another, and pass on what it printed."""
    os.environ[CONTROL_VARIABLE] = CONTROL
    accounts = int(sys.argv[1])
    # X is on another computer: its work must not take the window's processor.
    server = practice_server(accounts=accounts, aside=True)
    with server as practice, tempfile.TemporaryDirectory() as folder:
        lift_limits(practice)
        os.environ.update(practice.environment)
        given = [folder, practice.url, practice.key, practice.secret, str(accounts)]
        for step in ("connect", "fetch"):
            # Memory that the first one needed must not count for the second.
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.syncing", step, *given], check=False
            )
            if done.returncode:
                return done.returncode
    return 0


async def connect(folder: Path, key: str, secret: str, url: str) -> None:
    """Add the app and connect an account, its ad accounts not fetched yet."""
    options = Options(data_dir=str(folder))
    services = make_services(make_base(options), options)
    accounts = services.accounts
    await accounts.load()
    app = await accounts.add_app("Agency", Secret(key), Secret(secret), AppAccess.STANDARD)
    attempt = await accounts.begin(app.id)
    pin = authorize(attempt.request.url, USER)
    await accounts.keep(await accounts.finish(attempt, pin))
    await accounts.close()


def fetch(folder: Path, practice: Practice, accounts: int) -> dict[str, float]:
    """Open the window, press Refresh, and return what the probe saw until all was there."""
    seen: list[Probe] = []

    async def measured(window: QWidget) -> None:
        probe = Probe()
        seen.append(probe)
        if not busy(window):
            await click(window, "Refresh")
        await until(lambda: busy(window), "the progress of the refresh")
        await until(lambda: not busy(window), f"{accounts} ad accounts", limit=600)
        probe.stop()

    live(folder, practice, measured)
    gaps = seen[0].gaps
    longest = max(gaps, key=lambda gap: gap.ms)
    return {
        "longest_ms": longest.ms,
        "own_work_ms": longest.cpu_ms,
        "most_work_ms": max(gap.cpu_ms for gap in gaps),
        "p99_ms": statistics.quantiles([gap.ms for gap in gaps], n=100)[98],
        "over_50_ms": sum(gap.ms > 50 for gap in gaps),
        "ticks": len(gaps),
        "accounts": accounts,
        "peak_mib": peak_mib(),
    }


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(main())
    step, folder, url, key, secret, count = sys.argv[1:]
    if step == "connect":
        asyncio.run(connect(Path(folder), key, secret, url))
    else:
        print(json.dumps(fetch(Path(folder), Practice(url, key, secret), int(count))), flush=True)
