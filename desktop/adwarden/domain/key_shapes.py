"""What pasted keys look like: cleans what came along with them and recognises mix-ups by shape.

Shapes are hints for people; only an access token in the place of an API key is certain.
"""

from __future__ import annotations

import re
from dataclasses import field
from enum import Enum, auto

from adwarden.domain.data import dataclass

MAX_PASTE = 4096
"""Characters of a pasted text that are looked at; no key is nearly as long."""

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_QUOTES = "\"'`“”‘’«»„‚"
_ASSIGNMENT = re.compile(
    r"""^(?:export\s+|set\s+|setx\s+|\$env:|-\s+)?
        ["'`]?[A-Za-z_][A-Za-z0-9_.\ -]{0,60}["'`]?
        \s*(?:=|:)\s*
        (?=["'`“‘«A-Za-z0-9])""",
    re.VERBOSE,
)
_LABEL = re.compile(
    r"(?:x |twitter )?(?:api|consumer|secret|access|app|client|bearer|oauth)?[ _-]?"
    r"(?:key|secret|token|id|key secret|secret key|token secret)s?:?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"Bearer\s+(?=A{18})", re.IGNORECASE)
_ACCESS_TOKEN = re.compile(r"\d{1,20}-[A-Za-z0-9]{20,60}")
_BEARER = re.compile(r"A{18,}[A-Za-z0-9%+/=_-]{40,}")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")


class Shape(Enum):
    """What a text looks like."""

    EMPTY = auto()
    API_KEY = auto()
    API_SECRET = auto()
    ACCESS_TOKEN = auto()
    BEARER = auto()
    UNKNOWN = auto()


class Weight(Enum):
    """How sure an advice is: a hint may be ignored, a certain one may not."""

    HINT = "hint"
    CERTAIN = "certain"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A pasted text without what came along; ``notes`` say in words what was taken off."""

    text: str = field(repr=False)
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence for the field ``key`` or ``secret``; never contains what was typed."""

    field: str
    words: str
    weight: Weight = Weight.HINT
    swap: bool = False
    """Whether exchanging the two fields would mend it."""


def clean(raw: str) -> Cleaned:
    """Take off blanks, line breaks, quotes and ``export NAME=`` or ``name: `` in front.

    Looks at the first ``MAX_PASTE`` characters only, so that it takes no noticeable time.
    """
    notes: list[str] = []
    text = raw
    if len(text) > MAX_PASTE:
        text = text[:MAX_PASTE]
        notes.append(f"Far too long for a key: only the first {MAX_PASTE:,} characters were kept.")
    text = _one_value(text.translate(_INVISIBLE), notes)
    while True:
        before = text
        text = _without_wrapping(text, notes)
        if text == before:
            return Cleaned(text, tuple(dict.fromkeys(notes)))


def _one_value(text: str, notes: list[str]) -> str:
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) < 2:
        return text
    values = [line for line in lines if not _LABEL.fullmatch(line)]
    assigned = [line for line in values if _ASSIGNMENT.match(line)]
    if assigned and len(values) > 1:
        notes.append("Several lines were pasted: only the first value was kept.")
        return assigned[0]
    notes.append("Line breaks were removed.")
    return "".join(values or lines)


def _without_wrapping(text: str, notes: list[str]) -> str:
    stripped = text.strip()
    scheme = _SCHEME.match(stripped)
    if scheme:
        notes.append("The word in front of the value was removed.")
        return stripped[scheme.end() :]
    assignment = _ASSIGNMENT.match(stripped)
    if assignment:
        notes.append("The name in front of the value was removed.")
        return stripped[assignment.end() :]
    bare = stripped.rstrip(",;") if len(stripped) > 1 else stripped
    unquoted = bare.strip(_QUOTES)
    if unquoted != bare:
        notes.append("Quotes were removed.")
        return unquoted
    solid = "".join(character for character in bare if character.isprintable())
    solid = "".join(solid.split())
    if solid != text:
        notes.append("Blanks were removed.")
    return solid


def shape_of(text: str) -> Shape:
    """Tell what a cleaned text looks like, by its length and its characters."""
    if not text:
        return Shape.EMPTY
    if _ACCESS_TOKEN.fullmatch(text):
        return Shape.ACCESS_TOKEN
    if _BEARER.fullmatch(text):
        return Shape.BEARER
    if _ALPHANUMERIC.fullmatch(text):
        if 18 <= len(text) <= 25:
            return Shape.API_KEY
        if 35 <= len(text) <= 50:
            return Shape.API_SECRET
    return Shape.UNKNOWN


def advise(key: str, secret: str) -> tuple[Advice, ...]:
    """Say what looks wrong with a cleaned pair of API key and secret; empty when all is well."""
    shapes = (shape_of(key), shape_of(secret))
    if shapes == (Shape.API_SECRET, Shape.API_KEY) or (
        shapes[0] is Shape.API_SECRET and shapes[1] is Shape.EMPTY
    ):
        return (
            Advice(
                "key",
                "This looks like the API key secret. The API key is the shorter one of the two.",
                swap=True,
            ),
        )
    found = [_advise_key(key, shapes[0]), _advise_secret(secret, shapes[1])]
    if key and key == secret:
        found[1] = Advice("secret", "This is the same text as the API key.")
    return tuple(advice for advice in found if advice)


def _advise_key(text: str, shape: Shape) -> Advice | None:
    if shape is Shape.ACCESS_TOKEN:
        return Advice(
            "key",
            "This is an access token of a user, not the API key of the app. "
            "Access tokens come from Connect account.",
            Weight.CERTAIN,
        )
    if shape is Shape.BEARER:
        return Advice("key", "This is a bearer token, not the API key.", Weight.CERTAIN)
    if shape in (Shape.EMPTY, Shape.API_KEY):
        return None
    return Advice("key", _length_words(text, "An API key", "25"))


def _advise_secret(text: str, shape: Shape) -> Advice | None:
    if shape is Shape.ACCESS_TOKEN:
        return Advice(
            "secret",
            "This is an access token of a user, not the API key secret of the app.",
            Weight.CERTAIN,
        )
    if shape is Shape.BEARER:
        return Advice("secret", "This is a bearer token, not the API key secret.", Weight.CERTAIN)
    if shape is Shape.API_KEY:
        return Advice("secret", "This is as short as an API key. The secret is the longer one.")
    if shape in (Shape.EMPTY, Shape.API_SECRET):
        return None
    return Advice("secret", _length_words(text, "An API key secret", "50"))


def _length_words(text: str, what: str, usual: str) -> str:
    if not _ALPHANUMERIC.fullmatch(text):
        return f"{what} usually has only letters and digits. Was all of it copied, and only that?"
    count = "1 character" if len(text) == 1 else f"{len(text)} characters"
    return f"{what} usually has {usual} characters, this has {count}. Was all of it copied?"
