"""A long text made ready for a pane: in pieces, in lines of bearable length, and searched.

Without Qt, as all of it is done beside the loop; what is counted in UTF-16 is so for Qt's sake.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence

from adwarden.domain.data import dataclass

LONGEST_LINE = 1_000
"""Characters; a pane takes the longer to lay a line out the longer it is, all others at once."""

PIECE = 24 * 1024
"""Characters that a pane takes in a few milliseconds."""

MOST_HITS = 100_000

_LONG = re.compile(f"[^\n]{{{LONGEST_LINE + 1},}}")
_WIDE = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text and how it is shown; ``breaks`` are where a line goes on in the next for looks only.

    ``pieces`` put together are what is shown; ``wide`` are the places of what UTF-16 counts twice.
    """

    text: str
    pieces: tuple[str, ...] = ()
    breaks: Sequence[int] = ()
    wide: Sequence[int] = ()

    def place(self, at: int) -> int:
        """Return where a place of the text is shown, in units of UTF-16."""
        return at + bisect_right(self.breaks, at) + bisect_right(self.wide, at - 1)


@dataclass(frozen=True, slots=True)
class Hits:
    """Where something was found, as it is shown: starts and ends; ``more`` if not all are there."""

    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    more: bool = False


def prepare(text: str) -> Prepared:
    """Make a text ready to be shown.

    Takes a while for megabytes, in few steps: each step of Python's own would stop the window.
    """
    parts, breaks, at = [], array("l"), 0
    for long in _LONG.finditer(text):
        for place in range(long.start() + LONGEST_LINE, long.end(), LONGEST_LINE):
            parts.append(text[at:place])
            breaks.append(place)
            at = place
    parts.append(text[at:])
    shown = "\n".join(parts)
    pieces = tuple(shown[start : start + PIECE] for start in range(0, len(shown), PIECE))
    wide = array("l", () if text.isascii() else (one.start() for one in _WIDE.finditer(text)))
    return Prepared(text, pieces, breaks, wide)


def find_all(prepared: Prepared, wanted: str) -> Hits:
    """Return where ``wanted`` is, whatever its case."""
    starts, ends = array("l"), array("l")
    if wanted:
        for found in re.finditer(re.escape(wanted), prepared.text, re.IGNORECASE):
            if len(starts) == MOST_HITS:
                return Hits(starts, ends, more=True)
            starts.append(prepared.place(found.start()))
            ends.append(prepared.place(found.end()))
    return Hits(starts, ends)
