"""Connects an account and loads it while a timer of 5 ms looks how long the GUI thread is away.

Prints one line of JSON. The practice server is a process of its own, as X is; the journey is the
tour's, without its pictures.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimerEvent

from tests.flows import journey
from tests.flows.hand import Hand
from tests.flows.practice import practice_server

TICK_MS = 5
ACCOUNTS = 300
USER = "agency_ops"


class Probe(QObject):
    """Notes how much later than asked each tick of a timer comes, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[tuple[float, str]] = []
        self.phase = ""
        self._last = time.perf_counter()
        self._timer = self.startTimer(TICK_MS, Qt.TimerType.PreciseTimer)

    def timerEvent(self, event: QTimerEvent) -> None:
        now = time.perf_counter()
        self.gaps.append(((now - self._last) * 1e3 - TICK_MS, self.phase))
        self._last = now

    def stop(self) -> None:
        """Take no more notes."""
        self.killTimer(self._timer)


def main() -> int:
    """Run the journey and print what the probe saw."""
    seen: list[Probe] = []

    with practice_server(accounts=ACCOUNTS) as practice, tempfile.TemporaryDirectory() as folder:

        async def measured(hand: Hand) -> None:
            await journey.add_app(hand, practice)
            await journey.save_app(hand)
            probe = Probe()
            seen.append(probe)
            probe.phase = "opening the dialog and its page"
            await journey.open_page(hand)
            probe.phase = "signing in on the page"
            await journey.sign_in(hand, USER)
            probe.phase = "exchanging the PIN"
            await journey.allow(hand)
            probe.phase = "loading the ad accounts"
            await journey.loaded(hand, ACCOUNTS)
            probe.stop()

        journey.live(Path(folder), practice.environment, measured)

    gaps = [gap for gap, _ in seen[0].gaps]
    phases: dict[str, float] = {}
    for gap, phase in seen[0].gaps:
        phases[phase] = max(gap, phases.get(phase, 0.0))
    print(
        json.dumps(
            {
                "phases_ms": phases,
                "p99_ms": statistics.quantiles(gaps, n=100)[98],
                "ticks": len(gaps),
                "over_50_ms": sum(gap > 50 for gap in gaps),
                "accounts": ACCOUNTS,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
