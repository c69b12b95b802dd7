"""What can be offered while something is being typed into Search: fields, then their values."""

from __future__ import annotations

from adwarden.domain.data import dataclass
from adwarden.domain.folded import fold, has_word, is_unseen
from adwarden.domain.query import (
    FIELDS,
    Values,
    field_before_colon,
    quoted,
    spaced,
    term_at,
    value_at,
)

_NAMES = ("handle", "app", "name", "id")
_MARKS = '"„“”«»'


@dataclass(frozen=True, slots=True)
class Offer:
    """One completion: ``text`` takes the place of what stands from ``start`` to ``end``."""

    label: str
    words: str
    text: str
    start: int
    end: int


def offers(text: str, cursor: int, values: Values) -> list[Offer]:
    """Return what the word at the cursor may become, the whole of it.

    What stands before the cursor says what is meant; at the beginning of a word nothing does.
    """
    kept = [at for at, char in enumerate(text) if not is_unseen(char)]
    if len(kept) == len(text):
        return _offers(text, cursor, values)
    # Positions in what is seen, and back again.
    plain = "".join(text[at] for at in kept)
    found = _offers(plain, sum(at < cursor for at in kept), values)
    places = [*kept, len(text)]
    return [
        Offer(
            one.label,
            one.words,
            one.text,
            min(places[one.start], cursor),
            max(places[one.end], cursor),
        )
        for one in found
    ]


def _offers(text: str, cursor: int, values: Values) -> list[Offer]:
    start, end = term_at(text, cursor) or (cursor, cursor)
    if start < end and cursor == start:
        return []
    sign = "-" if text[start:end].startswith("-") else ""
    start += len(sign)
    body = text[start:end]
    name = field_before_colon(body) if body else ""
    colon = start + len(name)
    if name and cursor > colon:
        if fold(name) not in FIELDS:
            return []
        begin, end = value_at(text, colon + 1, cursor)
        return _of_values(fold(name), "", text, begin, cursor, end, values)
    if body.startswith("@"):
        return _of_values("handle", f"{sign}handle:", text, start, cursor, end, values)
    # Without a colon it may be a word to look for: only what it begins takes its place.
    wanted, end = (fold(text[start:cursor]), colon + 1) if name else (fold(body), end)
    return [
        Offer(f"{field}:", words, f"{sign}{field}:", start - len(sign), end)
        for field, words in FIELDS.items()
        if field.startswith(wanted) and field != fold(name)
    ]


def _of_values(
    field: str, before: str, text: str, begin: int, cursor: int, end: int, values: Values
) -> list[Offer]:
    typed = text[begin:cursor].lstrip(_MARKS)
    # Not ``spaced``: a dash at the end says that another word follows.
    wanted = fold(typed).removeprefix("@").replace("-", " ").replace("_", " ")
    after = " " if text[end : end + 1] not in (",", " ") or end == len(text) else ""
    whole = text[begin:end].strip(_MARKS)
    start = begin - (1 if before.startswith("-") else 0)
    return [
        Offer(value, words, f"{before}{quoted(value)}{after}", start, end)
        for value, words in values(field)
        if value != whole and (not wanted or _begins(field, value, words, wanted))
    ]


def _begins(field: str, value: str, words: str, wanted: str) -> bool:
    if has_word(spaced(value), wanted):
        return True
    # What an app or a handle is called is all that there is to find it by.
    return field not in _NAMES and has_word(spaced(words.partition(":")[0]), wanted)
