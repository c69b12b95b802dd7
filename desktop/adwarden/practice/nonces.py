"""Remembers which nonces were used, for as long as their timestamps would still be taken."""

from __future__ import annotations

import threading
from collections import OrderedDict

CLOCK_TOLERANCE = 300
"""Seconds that a timestamp may be off."""

_MOST_NONCES = 100_000


class Nonces:
    """The nonces of the last requests; holds a bounded number."""

    def __init__(self, *, most: int = _MOST_NONCES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._seen: OrderedDict[int, float] = OrderedDict()

    def take(self, client: str, nonce: str, now: float) -> bool:
        """Return whether this nonce is new; ``now`` is in Unix seconds."""
        mark = hash((client, nonce))
        with self._lock:
            if mark in self._seen:
                return False
            self._seen[mark] = now
            # What is older than this is refused for its timestamp.
            while self._seen and (
                len(self._seen) > self._most
                or next(iter(self._seen.values())) < now - 2 * CLOCK_TOLERANCE
            ):
                self._seen.popitem(last=False)
        return True

    def __len__(self) -> int:
        return len(self._seen)
