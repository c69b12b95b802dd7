"""What was written to a KeePass file lately, so that it can be written again when it gets lost.

KeePassXC looks for changes of others before it derives a key, and puts its file in place after
that: whatever comes in between, for one or two seconds, is overwritten without a word.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.storage.keychain_status import EntryName

if TYPE_CHECKING:
    from adwarden.storage.keepass_entries import Entries

KEPT_FOR = 300.0
"""Seconds. Two derivations of the longest that is accepted, and a slow drive, fit in ten times."""


@dataclass(frozen=True, slots=True)
class Written:
    """One entry as it was written; ``text`` is ``None`` where it was deleted."""

    text: str | None
    former: EntryName | None
    entry_id: str
    at: float


class Recent:
    """The last thing that was done to each entry; what is older than ``KEPT_FOR`` is forgotten."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._written: dict[EntryName, Written] = {}

    def note_written(
        self, name: EntryName, text: str, former: EntryName | None, entry_id: str
    ) -> None:
        """Remember an entry that is in the file now."""
        self._note(name, Written(text, former, entry_id, self._ticks()))

    def note_deleted(self, name: EntryName) -> None:
        """Remember that an entry is to be gone."""
        self._note(name, Written(None, None, "", self._ticks()))

    def clear(self) -> None:
        """Forget everything, as the file is locked."""
        self._written.clear()

    def is_undone(self, entries: Entries) -> bool:
        """Tell whether somebody has put an older state of the file in the place of ours."""
        self._drop_old()
        return any(self._is_lost(entries, *one) for one in self._written.items())

    def redo(self, entries: Entries, now: float) -> bool:
        """Do again what is undone; returns whether there was anything. ``now`` in Unix seconds."""
        self._drop_old()
        # All looked at first: an entry's former one may be back, and is to go after it.
        lost = [one for one in self._written.items() if self._is_lost(entries, *one)]
        for name, done in lost:
            if done.text is None:
                entries.delete(name, now)
            else:
                entries.put(name, done.text, now, former=done.former, entry_id=done.entry_id)
        return bool(lost)

    def _is_lost(self, entries: Entries, name: EntryName, done: Written) -> bool:
        if done.text is None:
            return entries.holds(name)
        # What a person deletes lies in the recycle bin, or is listed as deleted.
        return not entries.holds(name) and not entries.knows(done.entry_id)

    def _note(self, name: EntryName, done: Written) -> None:
        self._written.pop(name, None)  # the order is that of the writing
        self._written[name] = done
        self._drop_old()

    def _drop_old(self) -> None:
        since = self._ticks() - KEPT_FOR
        while self._written:
            name = next(iter(self._written))
            if self._written[name].at >= since:
                return
            del self._written[name]
