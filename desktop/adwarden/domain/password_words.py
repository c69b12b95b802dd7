"""What can honestly be said of a password by looking at it: how long it is.

Whether somebody could guess it, no program can tell from the text alone, and none is pretended.
"""

from __future__ import annotations

from typing import NamedTuple

SHORT, FAIR, LONG = 8, 12, 20
"""Characters from which on the next word is used."""


class Strength(NamedTuple):
    """The role of the words (``error``, ``warn``, ``dim``), and the words."""

    role: str
    words: str


def strength(password: str) -> Strength:
    """Return what to say of a password for a file that somebody else may get hold of."""
    length, different = len(password), len(set(password))
    if not password:
        return Strength("dim", "")
    counted = f"{length} character{'' if length == 1 else 's'}"
    if length < SHORT:
        return Strength(
            "error", f"Very short, {counted}: whoever gets the file can try every one there is."
        )
    if different <= 3:
        return Strength("error", f"{counted}, but the same ones over and over: easily tried.")
    if length < FAIR:
        return Strength("warn", f"Short, {counted}: it withstands somebody curious, no more.")
    if length < LONG:
        return Strength("dim", f"Fair, {counted}, if it is no name, date or saying.")
    return Strength("dim", f"Long, {counted}: good, if it is no known sentence.")
