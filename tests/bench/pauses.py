"""Connects an account and loads it while a timer of 5 ms looks how long the GUI thread is away.

Prints one line of JSON: the longest gap of each phase, how much of it the GUI thread itself
worked, and the memory. The practice server is a process of its own, as X is; it lifts its limits,
as X's would end a list of more than 5,000 ad accounts.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

from PySide6.QtWidgets import QProgressBar, QWidget

from adwarden.practice.console import CONTROL_VARIABLE
from adwarden.practice.control import HEADER, PREFIX
from tests.bench.probe import Gap, Probe
from tests.flows.driver import Page, click, closed, find, type_into, until, window_named
from tests.flows.program import Practice, live, practice_server

USER = "agency_ops"
OPENING = "opening the dialog and its page"
CONTROL = "control-token-of-this-measurement"


def main() -> int:
    """Run the journey with as many ad accounts as asked for and print what the probe saw."""
    accounts = int(sys.argv[1])
    seen: list[Probe] = []
    memory: dict[str, float] = {}
    os.environ[CONTROL_VARIABLE] = CONTROL

    with practice_server(accounts=accounts) as practice, tempfile.TemporaryDirectory() as folder:
        lift_limits(practice)

        async def measured(window: QWidget) -> None:
            await click(window, "Add X app")
            dialog = await window_named("Add X app")
            await type_into(dialog, "App name", "Practice app")
            await type_into(dialog, "API key", practice.key)
            await type_into(dialog, "API key secret", practice.secret)
            await click(dialog, "Save")
            await until(lambda: closed(dialog), "the app was saved")
            probe = Probe()
            seen.append(probe)
            probe.phase = OPENING
            await click(window, "Connect account")
            connecting = await window_named("Connect account")
            page = Page(connecting)
            await page.wait_for(f'button[value="{USER}"]')
            probe.phase = "signing in on the page"
            await page.click(f'button[value="{USER}"]')
            await page.wait_for("#allow")
            probe.phase = "exchanging the PIN"
            await page.click("#allow")
            await until(lambda: closed(connecting), f"@{USER} was connected")
            probe.phase = "loading the ad accounts"
            memory["before loading"] = _resident_mib()
            await until(lambda: busy(window), "the progress of the refresh")
            await until(lambda: not busy(window), f"{accounts} ad accounts", limit=600)
            probe.stop()
            memory["after loading"] = _resident_mib()

        live(Path(folder), practice, measured)

    memory["most"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gaps = [gap.ms for gap in seen[0].gaps]
    longest: dict[str, Gap] = {}
    for gap in seen[0].gaps:
        if gap.phase not in longest or gap.ms > longest[gap.phase].ms:
            longest[gap.phase] = gap
    print(
        json.dumps(
            {
                "phases_ms": {phase: gap.ms for phase, gap in longest.items()},
                "own_work_ms": {phase: gap.cpu_ms for phase, gap in longest.items()},
                "most_work_ms": {
                    phase: max(gap.cpu_ms for gap in seen[0].gaps if gap.phase == phase)
                    for phase in longest
                },
                "opening": OPENING,
                "p99_ms": statistics.quantiles(gaps, n=100)[98],
                "ticks": len(gaps),
                "over_50_ms": sum(gap > 50 for gap in gaps),
                "accounts": accounts,
                "resident_mib": memory,
            }
        )
    )
    return 0


def lift_limits(practice: Practice) -> None:
    """Have a practice server with ``CONTROL`` in its environment answer without limits."""
    headers = {HEADER: CONTROL, "Content-Type": "application/json"}
    asked = Request(f"{practice.url}{PREFIX}generous", data=b"{}", headers=headers, method="POST")
    with urlopen(asked, timeout=10) as answer:
        answer.read()


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def busy(window: QWidget) -> bool:
    """Whether the window shows that it is fetching."""
    return find(window, QProgressBar, "Refresh progress bar") is not None


if __name__ == "__main__":
    sys.exit(main())
