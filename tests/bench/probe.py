"""Sees how long the GUI thread is away, by a timer that should come every few milliseconds."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimerEvent

TICK_MS = 5


@dataclass(frozen=True)
class Gap:
    """How much later than asked a tick came, and how long the GUI thread itself worked meanwhile.

    For ``queued_ms`` it was ready and had no processor (0 where the system does not tell); the
    rest is waiting for the interpreter.
    """

    ms: float
    cpu_ms: float
    queued_ms: float
    phase: str


class Probe(QObject):
    """Takes a note of each tick of a timer, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[Gap] = []
        self.phase = ""
        self._queue = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self._waited = self._queued()
        self._timer = self.startTimer(TICK_MS, Qt.TimerType.PreciseTimer)

    def timerEvent(self, event: QTimerEvent) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        late, own = (now - self._last) * 1e3 - TICK_MS, (worked - self._worked) * 1e3
        waited = self._queued()
        self.gaps.append(Gap(late, own, (waited - self._waited) / 1e6, self.phase))
        self._last, self._worked, self._waited = now, worked, waited

    def _queued(self) -> int:
        """Return for how many nanoseconds this thread has been without a processor."""
        try:
            return int(self._queue.read_bytes().split()[1])
        except OSError:
            return 0

    def stop(self) -> None:
        """Take no more notes."""
        self.killTimer(self._timer)
