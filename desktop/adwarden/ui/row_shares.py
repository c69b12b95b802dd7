"""Who gets how much of a narrow row: the name first, its badges and the id what is left."""

from __future__ import annotations

from adwarden.domain.data import dataclass

SPACE = 8.0
"""Pixels between the parts of a row."""

LEAST_NAME = 112.0
"""Pixels that a longer name keeps, whatever stands beside it."""

LEAST_BADGES = 56.0
"""Pixels below which a badge says nothing any more and is left out."""

READABLE, PART = 72.0, 0.35
"""Pixels, or part of the room, in which a badge that must be read can be read."""

_SLACK = 0.5
"""Pixels that nobody sees missing: widths are sums of fractions."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Widths in pixels; what has none is not painted."""

    name: float
    badges: float
    tail: float


def least_name(room: float, badges: float) -> float:
    """Return the pixels that a name keeps beside badges of this width that must be read."""
    return max(LEAST_NAME, room - SPACE - min(badges, max(READABLE, PART * room)))


def share(
    room: float,
    name: float,
    badges: float,
    tail: float,
    *,
    part: float,
    least_tail: float,
    least: float = LEAST_NAME,
) -> Shares:
    """Give ``room`` to three parts that want these widths.

    Badges shrink first, for the sake of the name; then the tail gives way. ``part`` of what the
    badges leave is the name's own, and a tail that gets less than ``least_tail`` goes. ``least``
    is what a longer name keeps.
    """
    room = max(0.0, room)
    kept = min(name, least, room)
    shown = min(badges, room - kept - SPACE)
    if badges and shown >= min(badges, LEAST_BADGES) - _SLACK:
        room -= shown + SPACE
    else:
        shown = 0.0
    if not tail or name + SPACE + tail <= room:
        return Shares(min(name, room), shown, tail)
    own = min(name, max(part * room, room - SPACE - tail, kept))
    rest = min(tail, room - own - SPACE)
    if rest < least_tail:
        return Shares(min(name, room), shown, 0.0)
    return Shares(own, shown, rest)
