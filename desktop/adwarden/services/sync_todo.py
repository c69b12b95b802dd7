"""What a refresh still has to fetch, and in which order: what somebody looks at comes first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import count

from adwarden.domain.data import dataclass


@dataclass(slots=True)
class Work:
    """One ad account, and which of its two parts are still to be fetched."""

    account_id: str
    access: bool = True
    users: bool = True


class Todo:
    """Ad accounts in the order of the list; times are on the steady clock."""

    def __init__(self) -> None:
        self._ready: dict[str, Work] = {}
        self._later: list[tuple[float, int, Work]] = []
        self._number = count()
        self._wanted: tuple[str, ...] = ()

    def add(self, work: Work) -> None:
        """Put an ad account at the end."""
        self._ready[work.account_id] = work

    def put_off(self, work: Work, until: float) -> None:
        """Do not fetch an ad account before that time."""
        heapq.heappush(self._later, (until, next(self._number), work))

    def prefer(self, account_ids: Iterable[str]) -> None:
        """Fetch these first, in this order; a later call takes the place of an earlier one."""
        self._wanted = tuple(account_ids)

    def wanted(self) -> bool:
        """Tell whether any of those that are to come first can be fetched now."""
        return any(account_id in self._ready for account_id in self._wanted)

    def is_ready(self, now: float) -> bool:
        """Tell whether there is an ad account that can be fetched now."""
        while self._later and self._later[0][0] <= now:
            self.add(heapq.heappop(self._later)[2])
        return bool(self._ready)

    @property
    def resumes_at(self) -> float | None:
        """When the first of those that were put off can be fetched; ``None`` without any."""
        return self._later[0][0] if self._later else None

    def take(self) -> Work | None:
        """Return what is to be fetched next, and take it out."""
        first = next((one for one in self._wanted if one in self._ready), None)
        if first is None:
            first = next(iter(self._ready), None)
        return None if first is None else self._ready.pop(first)
