"""Hands long work to the tree in small helpings, so that the window never waits for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry

_HELPING = 50
_BUDGET = 0.004
"""Ad accounts at a time, and seconds of one turn."""


@dataclass(slots=True)
class Batch:
    """What has come for one connection: ad accounts to put, or ids to drop or look at again."""

    connection_id: str
    entries: Sequence[AccountEntry] = ()
    gone: Sequence[str] = ()
    again: Sequence[str] = ()

    def __len__(self) -> int:
        return max(len(self.entries), len(self.gone), len(self.again))

    def part(self, start: int, end: int) -> Batch:
        """Return a helping of the batch."""
        return Batch(
            self.connection_id,
            self.entries[start:end],
            self.gone[start:end],
            self.again[start:end],
        )


class Feed(QObject):
    """A queue of batches, worked off in order between the events of the window."""

    settled = Signal()

    def __init__(
        self,
        work: Callable[[list[Batch]], None],
        parent: QObject,
        *,
        around: Callable[[], AbstractContextManager[None]],
        rows: Callable[[], int],
    ) -> None:
        """``around`` surrounds the work of one turn; ``rows`` tells how many rows there are."""
        super().__init__(parent)
        self._work = work
        self._around = around
        self._rows = rows
        self._queue: deque[Batch] = deque()
        self._at = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.turn)

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not self._queue

    def add(self, batch: Batch) -> None:
        """Queue a batch for the next turn; whatever comes until then is done together."""
        if len(batch):
            self._queue.append(batch)
            if not self._timer.isActive():
                self._timer.start(0)

    def forget(self, connection_id: str) -> list[str]:
        """Drop what waits for a connection that is gone; return what was to be looked at again."""
        again = [
            account_id
            for batch in self._queue
            if batch.connection_id == connection_id
            for account_id in batch.again
        ]
        kept = [batch for batch in self._queue if batch.connection_id != connection_id]
        if self._queue and self._queue[0].connection_id == connection_id:
            self._at = 0
        self._queue = deque(kept)
        return again

    def clear(self) -> None:
        """Drop everything that waits."""
        self._queue.clear()
        self._at = 0
        self._timer.stop()

    def turn(self, budget: float = _BUDGET) -> None:
        """Work for about ``budget`` seconds, then let the window have its turn."""
        self._timer.stop()
        end = perf_counter() + budget
        with self._around():
            while self._queue:
                self._work(self._take())
                if perf_counter() >= end:
                    break
        if self._queue:
            # The view lays all its rows out after each turn: many rows, rarer turns.
            self._timer.start(min(30, self._rows() // 1500))
        else:
            self.settled.emit()

    def _take(self) -> list[Batch]:
        taken: list[Batch] = []
        room = _HELPING
        while self._queue and room > 0:
            batch = self._queue[0]
            part = batch.part(self._at, self._at + room)
            self._at += len(part)
            room -= len(part)
            taken.append(part)
            if self._at >= len(batch):
                self._queue.popleft()
                self._at = 0
        return taken
