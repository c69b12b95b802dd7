"""Connects an account and loads it while a timer of 5 ms looks how long the GUI thread is away.

Prints one line of JSON. The practice server is a process of its own, as X is; the journey is the
tour's, without its pictures.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QProgressBar, QWidget

from tests.bench.probe import Probe
from tests.flows.driver import Page, click, closed, find, type_into, until, window_named
from tests.flows.program import live, practice_server

USER = "agency_ops"
OPENING = "opening the dialog and its page"


def main() -> int:
    """Run the journey with as many ad accounts as asked for and print what the probe saw."""
    accounts = int(sys.argv[1])
    seen: list[Probe] = []

    with practice_server(accounts=accounts) as practice, tempfile.TemporaryDirectory() as folder:

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
            await until(lambda: _busy(window), "the progress of the refresh")
            await until(lambda: not _busy(window), f"{accounts} ad accounts", limit=300)
            probe.stop()

        live(Path(folder), practice, measured)

    gaps = [gap for gap, _ in seen[0].gaps]
    phases: dict[str, float] = {}
    for gap, phase in seen[0].gaps:
        phases[phase] = max(gap, phases.get(phase, 0.0))
    print(
        json.dumps(
            {
                "phases_ms": phases,
                "opening": OPENING,
                "p99_ms": statistics.quantiles(gaps, n=100)[98],
                "ticks": len(gaps),
                "over_50_ms": sum(gap > 50 for gap in gaps),
                "accounts": accounts,
            }
        )
    )
    return 0


def _busy(window: QWidget) -> bool:
    return find(window, QProgressBar, "Refresh progress bar") is not None


if __name__ == "__main__":
    sys.exit(main())
