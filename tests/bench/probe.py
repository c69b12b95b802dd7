"""Sees how long the GUI thread is away, by a timer that should come every few milliseconds."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimerEvent

TICK_MS = 5


@dataclass(frozen=True)
class Gap:
    """How much later than asked a tick came, and how long the GUI thread itself worked meanwhile.

    The rest is waiting: for the interpreter, or for a processor.
    """

    ms: float
    cpu_ms: float
    phase: str


class Probe(QObject):
    """Takes a note of each tick of a timer, in milliseconds.

    It asks the system for nothing that gives the interpreter away: to get it back would take
    longer than what is measured.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[Gap] = []
        self.phase = ""
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self._timer = self.startTimer(TICK_MS, Qt.TimerType.PreciseTimer)

    def timerEvent(self, event: QTimerEvent) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        late, own = (now - self._last) * 1e3 - TICK_MS, (worked - self._worked) * 1e3
        self.gaps.append(Gap(late, own, self.phase))
        self._last, self._worked = now, worked

    def stop(self) -> None:
        """Take no more notes."""
        self.killTimer(self._timer)
