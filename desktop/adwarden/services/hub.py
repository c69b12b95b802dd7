"""Tells listeners what happened, in order, on the loop's own thread.

Each delivery is a callback of its own, so that a listener's error ends in the funnel and not in
the work that was reported.
"""

from __future__ import annotations

from collections.abc import Callable

from adwarden.services.events import Event

Listener = Callable[[Event], None]


class Hub:
    """Delivers events to whoever subscribed; used on the loop's thread only."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` for every event from now on; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, event: Event) -> None:
        """Deliver ``event`` soon, after what was emitted before."""
        import asyncio

        asyncio.get_running_loop().call_soon(self._deliver, event)

    def _deliver(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)
