"""What is typed into Search, understood: words, and fields with values (``role:admin``).

Any text is a query. What cannot be understood is looked for as it stands, with a hint in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from adwarden.domain.data import dataclass
from adwarden.domain.folded import fold, has_word, seen
from adwarden.domain.model import ConnectionState
from adwarden.domain.permission_rules import CAPABILITIES
from adwarden.domain.permissions import PERMISSIONS, Method, permission

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "role": "a permission on the ad account",
        "can": "what can be done there",
        "state": "the connection’s state",
        "handle": "an @handle, of a connection or a promotable user",
        "name": "the ad account’s name, or the connection’s own",
        "id": "an id, of an ad account or a user",
        "app": "the X app",
        "method": "whose token it is",
        "is": "stale, failed, deleted …",
    }
)
"""Every field, and what it looks in; in the order in which they are offered."""

STATES: Mapping[str, str] = MappingProxyType(
    {
        ConnectionState.WORKING.value: "Working",
        ConnectionState.ATTENTION.value: "Needs attention",
        ConnectionState.REVOKED.value: "Revoked",
        ConnectionState.NEEDS_AUTHORIZATION.value: "Must be authorized again",
        ConnectionState.REVOKING.value: "Being revoked",
        ConnectionState.UNKNOWN.value: "Not checked yet",
    }
)
METHODS: Mapping[str, str] = MappingProxyType({one.value: one.words for one in Method})
CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "stale": "fetched more than a day ago, or out of reach",
        "failed": "the last fetching failed",
        "deleted": "marked as deleted by X",
        "review": "not accepted by X, or not yet",
        "missing": "permissions or users not fetched yet",
    }
)
CLOSED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"can": CAPABILITIES, "state": STATES, "method": METHODS, "is": CONDITIONS}
)
"""Fields that have these values and no others, each with its words."""

Values = Callable[[str], Sequence[tuple[str, str]]]
"""Returns the values that a field can have now, each with words; none where any will do."""

_TOLD = ("role", "app", *CLOSED)
"""Fields of which it is said that a value is none of theirs."""
_MOST_TOLD = 9

_QUOTES = "„“”«»"
"""Quotation marks as word processors put them; whichever begins, any of them ends."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must hold, or with ``negated`` must not: one of ``values`` is found.

    ``field`` is empty for a word that may be anywhere.
    """

    field: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        """Write the term so that it is understood as the same."""
        sign, colon = "-" if self.negated else "", ":" if self.field else ""
        return sign + self.field + colon + ",".join(map(quoted, self.values))


@dataclass(frozen=True, slots=True)
class Parsed:
    """The terms, all of which must hold, and what there is to say about the text."""

    terms: tuple[Term, ...]
    hint: str = ""

    def __str__(self) -> str:
        """Write the terms so that they are understood as the same."""
        return " ".join(map(str, self.terms))


def parse(text: str, known: Values | None = None) -> Parsed:
    """Understand a text; never raises.

    ``known`` tells the values that the fields without fixed ones have, for the hint.
    """
    text = seen(text)
    terms: list[Term] = []
    hints: list[str] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        else:
            at = _term(text, at, terms, hints)
    for term in terms:
        hints += _unknown(term, known)
    return Parsed(tuple(dict.fromkeys(terms)), " ".join(dict.fromkeys(hints)))


def term_at(text: str, cursor: int) -> tuple[int, int] | None:
    """Return start and end of the term that the cursor is in or at; ``None`` where none is."""
    at = 0
    while at < len(text) and at <= cursor:
        if text[at].isspace():
            at += 1
            continue
        end = _term(text, at, [], [])
        if cursor <= end:
            return at, end
        at = end
    return None


def value_at(text: str, at: int, cursor: int) -> tuple[int, int]:
    """Return start and end of the value that the cursor is in; the values begin ``at``."""
    while True:
        _, end = _value(text, at, [], ends=",")
        if cursor <= end or end >= len(text) or text[end] != ",":
            return at, end
        at = end + 1


def quoted(value: str) -> str:
    """Return the value as it is typed: in quotation marks where it would fall apart."""
    bare = value and value[0] != "-" and not any(_parts(char) for char in value)
    return value if bare else '"' + value.replace('"', '""') + '"'


def matching(value: str, values: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the keys that ``value`` means: itself, or those of which a word begins so.

    ``values`` are pairs of a key and its words.
    """
    wanted = spaced(value)
    found = []
    for key, words in values:
        own = spaced(key)
        if own == wanted:
            return (key,)
        if has_word(own, wanted) or has_word(spaced(words), wanted):
            found.append(key)
    return tuple(found)


def means_one_of(value: str, permissions: Iterable[str]) -> bool:
    """Tell whether what was typed for a role means one of these permissions."""
    named = [permission(one) for one in permissions]
    # Exactly the badge's words mean this permission and no other.
    return bool(matching(value, [(one.label, f"{one.value}\n{one.name}") for one in named]))


def spaced(text: str) -> str:
    """Return the folded text with blanks for the dashes and lines that keys are written with."""
    return " ".join(fold(text).replace("-", " ").replace("_", " ").split()) or fold(text)


def field_before_colon(text: str, at: int = 0) -> str:
    """Return the word that stands before a colon at this place, empty where there is none."""
    end = at
    while end < len(text) and (text[end].isalpha() or text[end] in "-_"):
        end += 1
    return text[at:end] if end < len(text) and text[end] == ":" and text[at].isalpha() else ""


def _parts(char: str) -> bool:
    return char in '",:' or char in _QUOTES or char.isspace()


def _term(text: str, at: int, terms: list[Term], hints: list[str]) -> int:
    """Read one term; return where the next one may begin."""
    begin = at
    if negated := text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace():
        at += 1
    name = field_before_colon(text, at)
    field = fold(name)
    if field in FIELDS:
        values, end = _values(text, at + len(name) + 1, hints)
        if values:
            terms.append(Term(field, tuple(dict.fromkeys(values)), negated))
        elif end < len(text):  # at the end it is still being typed
            hints.append(f"“{field}:” looks for {FIELDS[field]}; a value is missing.")
        return end
    if name and text[at + len(name) + 1 : at + len(name) + 3] != "//":
        hints.append(f"There is no field “{name}”; fields are {', '.join(FIELDS)}.")
    value, end = _value(text, at, hints, ends="")
    if value:
        terms.append(Term("", (value,), negated))
    return max(end, begin + 1)


def _values(text: str, at: int, hints: list[str]) -> tuple[list[str], int]:
    values = []
    while True:
        value, at = _value(text, at, hints, ends=",")
        if value:
            values.append(value)
        if at >= len(text) or text[at] != ",":
            return values, at
        at += 1


def _value(text: str, at: int, hints: list[str], *, ends: str) -> tuple[str, int]:
    if at < len(text) and text[at] == '"':
        return _in_quotes(text, at + 1, hints)
    if at < len(text) and text[at] in _QUOTES:
        return _in_typeset_quotes(text, at + 1, hints)
    end = at
    while end < len(text) and not text[end].isspace() and text[end] not in ends:
        end += 1
    return text[at:end], end


def _in_quotes(text: str, at: int, hints: list[str]) -> tuple[str, int]:
    value = ""
    while True:
        end = text.find('"', at)
        if end < 0:
            hints.append("A quotation mark is not closed.")
            return value + text[at:], len(text)
        value += text[at:end]
        if text[end + 1 : end + 2] != '"':
            return value, end + 1
        value, at = value + '"', end + 2


def _in_typeset_quotes(text: str, at: int, hints: list[str]) -> tuple[str, int]:
    end = at
    while end < len(text) and text[end] not in _QUOTES and text[end] != '"':
        end += 1
    if end == len(text):
        hints.append("A quotation mark is not closed.")
    # « Some » are set with blanks.
    return text[at:end].strip(), min(end + 1, len(text))


def _unknown(term: Term, known: Values | None) -> list[str]:
    """Say which values of a term nothing can have, and which there are."""
    if term.field not in _TOLD:
        return []
    values = _known(term.field, known)
    names = [key for key, _ in values]
    told = ", ".join(names[:_MOST_TOLD]) + (" …" if len(names) > _MOST_TOLD else "")
    return [
        f"“{term.field}:” has no value “{_short(value)}”; there are {told}."
        for value in term.values
        if values and not (matching(value, values) or _is_role(term.field, value))
    ]


def _known(field: str, known: Values | None) -> Sequence[tuple[str, str]]:
    if field in CLOSED:
        return tuple(CLOSED[field].items())
    return known(field) if known is not None else ()


def _is_role(field: str, value: str) -> bool:
    return field == "role" and means_one_of(value, PERMISSIONS)


def _short(value: str) -> str:
    return value if len(value) <= 40 else f"{value[:39]}…"
