"""What can be offered while something is being typed into Search: fields, then their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adwarden.domain.data import dataclass
from adwarden.domain.folded import fold, has_word
from adwarden.domain.query import FIELDS, field_before_colon, quoted, spaced

_NAMES = ("handle", "app", "name", "id")

Values = Callable[[str], Sequence[tuple[str, str]]]
"""Returns the values that a field can have now, each with words."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One completion: ``text`` takes the place of what stands from ``start`` to ``end``."""

    label: str
    words: str
    text: str
    start: int
    end: int


def offers(text: str, cursor: int, values: Values) -> list[Offer]:
    """Return what the word at the cursor may become."""
    start = _word_start(text, cursor)
    word = text[start:cursor]
    sign = "-" if word.startswith("-") else ""
    body = word[len(sign) :]
    name = field_before_colon(body) if body else ""
    if fold(name) in FIELDS:
        begin = start + len(sign) + len(name) + 1
        typed = text[begin:cursor]
        begin += _value_start(typed)
        return _of_values(fold(name), "", text, begin, cursor, values)
    if body.startswith("@"):
        return _of_values("handle", f"{sign}handle:", text, start, cursor, values)
    wanted = fold(body)
    return [
        Offer(f"{field}:", words, f"{sign}{field}:", start, cursor)
        for field, words in FIELDS.items()
        if field.startswith(wanted)
    ]


def _of_values(
    field: str, before: str, text: str, begin: int, cursor: int, values: Values
) -> list[Offer]:
    typed = text[begin:cursor].lstrip('"')
    # Not ``spaced``: a dash at the end says that another word follows.
    wanted = fold(typed).removeprefix("@").replace("-", " ").replace("_", " ")
    after = "" if cursor < len(text) else " "
    return [
        Offer(value, words, f"{before}{quoted(value)}{after}", begin, cursor)
        for value, words in values(field)
        if value != typed and (not wanted or _begins(field, value, words, wanted))
    ]


def _begins(field: str, value: str, words: str, wanted: str) -> bool:
    if has_word(spaced(value), wanted):
        return True
    # What an app or a handle is called is all that there is to find it by.
    return field not in _NAMES and has_word(spaced(words.partition(":")[0]), wanted)


def _word_start(text: str, cursor: int) -> int:
    """Return where the word at the cursor begins; blanks in quotation marks are part of it."""
    start, inside = 0, False
    for at in range(cursor):
        if text[at] == '"':
            inside = not inside
        elif text[at].isspace() and not inside:
            start = at + 1
    return start


def _value_start(typed: str) -> int:
    """Return where the last of several values begins."""
    start, inside = 0, False
    for at, char in enumerate(typed):
        if char == '"':
            inside = not inside
        elif char == "," and not inside:
            start = at + 1
    return start
