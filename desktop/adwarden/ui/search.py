"""What a search means for the eye: what of a text to highlight, and text safe to look at.

A row matches when every term is found in it or in what it hangs under; see ``tree_sieve``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from adwarden.domain.folded import fold, fold_with_origin, seen, word_at
from adwarden.domain.shown import visible

if TYPE_CHECKING:
    from adwarden.domain.query import Parsed, Term, Values
    from adwarden.ui.badges import Badge

__all__ = ["Query", "haystack", "shortened", "visible"]

_LONGEST = 400
_ROLES = frozenset(
    {
        "admin", "ad_manager", "creative", "campaign_analyst", "organic_analyst", "partner",
        "posts", "unknown",
    }
)  # fmt: skip
"""Styles of the badges of permissions."""

_SHOWN_AS = {"name": ("", "name"), "id": ("", "id"), "handle": ("", "handle", "id")}


def shortened(text: str) -> str:
    """Return a text that is cheap to lay out: the middle of very long ones is left out."""
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]}…{text[-half:]}"


class Query:
    """What is searched for; without any text it finds everything and marks nothing."""

    __slots__ = ("_needles", "hint", "terms", "text")

    def __init__(self, text: str, known: Values | None = None) -> None:
        """``known`` tells the values that fields have now, for the hint."""
        self.text = visible(seen(text)).strip()
        self.terms: tuple[Term, ...] = ()
        self.hint = ""
        self._needles: dict[str, tuple[str, ...]] = {}
        if self.text:
            parsed = _parsed(self.text, known)
            self.terms, self.hint = parsed.terms, parsed.hint

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and other.terms == self.terms

    def __hash__(self) -> int:
        return hash(self.terms)

    def spans(self, text: str, shown_as: str = "") -> list[tuple[int, int]]:
        """Return where what was found is in ``text``: start and end of each stretch, merged.

        ``shown_as`` is ``name``, ``id`` or ``handle``; otherwise only words without a field count.
        """
        needles = self._of(shown_as)
        if not needles:
            return []
        folded, origin = fold_with_origin(text)
        found = []
        for needle in needles:
            at = word_at(folded, needle)
            while at >= 0:
                found.append((origin[at], origin[at + len(needle) - 1] + 1))
                at = word_at(folded, needle, at + len(needle))
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def marks(self, badge: Badge) -> bool:
        """Tell whether a badge is what was searched for by its field."""
        field = "state" if badge.mark else "role" if badge.style in _ROLES else ""
        values = [
            value
            for term in self.terms
            if field and term.field == field and not term.negated
            for value in term.values
        ]
        if not values:
            return False
        from adwarden.domain.query import matching

        own = [(badge.text, badge.wording.partition(":")[0])]
        return any(matching(value, own) for value in values)

    def _of(self, shown_as: str) -> tuple[str, ...]:
        known = self._needles.get(shown_as)
        if known is None:
            fields = _SHOWN_AS.get(shown_as, ("",))
            values = (
                value.removeprefix("@") if term.field == "handle" else value
                for term in self.terms
                if term.field in fields and not term.negated
                for value in term.values
            )
            known = self._needles[shown_as] = tuple(filter(None, map(fold, values)))
        return known


def haystack(parts: Iterable[str]) -> str:
    """Return what a search looks in: the parts as they are shown, each after a line break."""
    return fold("".join([f"\n{visible(part)}" for part in parts]))


def _parsed(text: str, known: Values | None) -> Parsed:
    # Not before somebody searches: a start has no use for it.
    from adwarden.domain.query import parse

    return parse(text, known)
