"""Search by words, what of a text to highlight, and text made safe to look at.

A row matches when every word is found in it or in what it hangs under.
"""

from __future__ import annotations

from collections.abc import Iterable

from adwarden.domain.shown import visible

__all__ = ["Query", "haystack", "shortened", "visible"]

_LONGEST = 400


def shortened(text: str) -> str:
    """Return a text that is cheap to lay out: the middle of very long ones is left out."""
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]}…{text[-half:]}"


class Query:
    """What is searched for: words in any order, without regard to case."""

    __slots__ = ("text", "words")

    def __init__(self, text: str) -> None:
        self.text = visible(text).strip()
        self.words = tuple(dict.fromkeys(self.text.casefold().split()))

    def __bool__(self) -> bool:
        return bool(self.words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and other.words == self.words

    def __hash__(self) -> int:
        return hash(self.words)

    def missing(self, hay: str) -> tuple[str, ...]:
        """Return the words that ``hay`` (a :func:`haystack`) does not contain."""
        return tuple(word for word in self.words if word not in hay)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the words are in ``text``: start and end of each stretch, merged."""
        folded, origin = _folded(text)
        found = []
        for word in self.words:
            at = folded.find(word)
            while at >= 0:
                found.append((origin[at], origin[at + len(word) - 1] + 1))
                at = folded.find(word, at + len(word))
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged


def haystack(parts: Iterable[str]) -> str:
    """Return what :class:`Query` looks in: the parts as they are shown, kept apart."""
    return "\n".join(map(visible, parts)).casefold()


def _folded(text: str) -> tuple[str, range | list[int]]:
    folded = text.casefold()
    if len(folded) == len(text):
        return folded, range(len(text))
    # Some letters fold to several ("ß" to "ss"): remember where each came from.
    pieces = [char.casefold() for char in text]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece]
