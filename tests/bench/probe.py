"""Sees how long the GUI thread is away, by a timer that should come every few milliseconds."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimerEvent

TICK_MS = 5


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
