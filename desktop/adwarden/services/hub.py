"""Tells listeners what happened, in order, on the loop's own thread.

A delivery is never part of the work that was reported, so that a listener's error ends in the
funnel; and it takes turns with the loop, so that a burst of events does not hold the window up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import perf_counter

from adwarden.services.events import Event

Listener = Callable[[Event], None]

BUDGET = 0.008
"""Seconds of one turn of deliveries; an event that has begun is delivered to its end."""


class Hub:
    """Delivers events to whoever subscribed; used on the loop's thread only."""

    def __init__(self, *, budget: float = BUDGET) -> None:
        self._budget = budget
        self._listeners: list[Listener] = []
        self._waiting: deque[Event] = deque()
        self._due = False

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` for every event from now on; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, event: Event) -> None:
        """Deliver ``event`` soon, after what was emitted before."""
        self._waiting.append(event)
        if not self._due:
            self._turn_soon()

    def _turn_soon(self) -> None:
        import asyncio

        asyncio.get_running_loop().call_soon(self._turn)
        self._due = True

    def _turn(self) -> None:
        end = perf_counter() + self._budget
        try:
            while self._waiting:
                self._deliver(self._waiting.popleft())
                if perf_counter() >= end:
                    break
        finally:
            # Also after a listener's error, which the loop passes on: the next event is not lost.
            self._due = False
            if self._waiting:
                self._turn_soon()

    def _deliver(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)
