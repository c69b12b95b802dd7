"""Remembers what was asked of the practice server, without tokens, keys, PINs or nonces."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass

_SECRET = ("oauth_", "token", "session[", "authenticity", "client_secret")


@dataclass(frozen=True, slots=True)
class Entry:
    """One answered request: ``at`` in Unix seconds of the server's clock, ``took`` in seconds.

    ``status`` is 0 when the connection was dropped. ``signed`` says that the signature was
    right, ``nonce_fresh`` that its nonce had not been used before.
    """

    method: str
    path: str
    query: Mapping[str, str]
    status: int
    at: float
    took: float
    app: str
    user_id: str
    signed: bool
    nonce_fresh: bool


class Journal:
    """The last requests, newest last; safe to read while the server runs.

    It holds 20,000 unless ``keep_last`` says otherwise; ``statuses`` counts all of them.
    """

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=20_000)
        self._statuses: Counter[int] = Counter()
        self._changed = threading.Condition()
        self._total = 0

    def add(self, entry: Entry) -> None:
        """Take in one answered request."""
        with self._changed:
            self._entries.append(entry)
            self._statuses[entry.status] += 1
            self._total += 1
            self._changed.notify_all()

    def entries(self, prefix: str = "/", *, method: str = "", status: int = 0) -> list[Entry]:
        """Return what was asked under a path, optionally one method or status only."""
        with self._changed:
            known = list(self._entries)
        return [
            entry
            for entry in known
            if entry.path.startswith(prefix)
            and (not method or entry.method == method)
            and (not status or entry.status == status)
        ]

    def count(self, prefix: str = "/", *, method: str = "", status: int = 0) -> int:
        """Return how often something was asked."""
        return len(self.entries(prefix, method=method, status=status))

    def wait_for(self, number: int, prefix: str = "/", *, timeout: float = 10.0) -> bool:
        """Wait until ``number`` requests under a path were answered; seconds at most."""
        with self._changed:
            return self._changed.wait_for(
                lambda: sum(e.path.startswith(prefix) for e in self._entries) >= number, timeout
            )

    def clear(self) -> None:
        """Forget everything."""
        with self._changed:
            self._entries.clear()
            self._statuses.clear()

    def keep_last(self, number: int) -> None:
        """Hold this many requests from now on, for instance before a run with many."""
        with self._changed:
            self._entries = deque(self._entries, maxlen=number)

    def statuses(self) -> dict[int, int]:
        """Return how often each status was answered since the start or ``clear``."""
        with self._changed:
            return dict(self._statuses)

    def counts(self) -> dict[str, object]:
        """Return the statuses, and how many of the remembered reads were asked for again."""
        with self._changed:
            asked = Counter(
                (entry.path, entry.query.get("cursor", ""))
                for entry in self._entries
                if entry.method == "GET"
            )
            statuses = {str(status): number for status, number in self._statuses.items()}
        again = {path: number - 1 for (path, _), number in asked.items() if number > 1}
        return {"statuses": statuses, "reads": asked.total(), "again": again}

    @property
    def total(self) -> int:
        """How many requests were answered since the start."""
        return self._total

    def as_json(self, prefix: str = "/") -> list[dict[str, object]]:
        """Return the entries as plain data."""
        return [asdict(entry) for entry in self.entries(prefix)]


def harmless(query: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that may be remembered."""
    return {
        name: value[:200]
        for name, value in query.items()
        if not any(part in name.lower() for part in _SECRET)
    }
