"""Text as a search compares it: without case, accents and the many ways to write one letter.

Letters are folded one by one, so that a place in the folded text leads back to the text itself.
"""

from __future__ import annotations

import unicodedata

_MARKS = (
    range(0x0300, 0x0370),  # Latin, Greek, Cyrillic accents
    range(0x0591, 0x05C8),  # Hebrew points
    range(0x0610, 0x061B),
    range(0x064B, 0x0660),  # Arabic vowel signs
    range(0x1AB0, 0x1B00),
    range(0x1DC0, 0x1E00),
    range(0x20D0, 0x2100),
    range(0xFE20, 0xFE30),
)
_ALIKE = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
"""Letters that Unicode does not take apart, as people type them without their own keyboard."""

_NO_SPACES = (range(0x0E00, 0x1100), range(0x1780, 0x1800), range(0x2E80, 0x3_0000))
"""Scripts that write words without a space between them."""

_UNSEEN = frozenset(
    map(
        chr,
        (
            0x00AD,  # soft hyphen
            0x034F,
            0x061C,
            0x180E,
            *range(0x200B, 0x2010),  # spaces without width, joiners, direction marks
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
            0xFEFF,
        ),
    )
)
"""What nobody sees, and what comes along when words are copied from a page."""

_STAND_IN = "\ufffd"
"""What is shown in the place of some of them."""


class _Folds(dict[int, str]):
    """What each letter becomes; worked out when it is met first."""

    def __missing__(self, code: int) -> str:
        text = "" if chr(code) in _UNSEEN or chr(code) == _STAND_IN else chr(code)
        for _ in range(3):  # one step may bring forth what another takes away
            text = unicodedata.normalize("NFKD", text.casefold())
            text = "".join(_ALIKE.get(char, char) for char in text if not _is_mark(char))
        self[code] = text
        return text


def fold(text: str) -> str:
    """Return the text without regard to case, accents and what nobody sees."""
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def fold_with_origin(text: str) -> tuple[str, range | list[int]]:
    """Return the folded text, and for each letter of it the place it came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    pieces = [_FOLDS[ord(char)] for char in text]
    return "".join(pieces), [at for at, piece in enumerate(pieces) for _ in piece]


def is_unseen(char: str) -> bool:
    """Tell whether nobody sees this character: such as a soft hyphen."""
    return char in _UNSEEN


def seen(text: str) -> str:
    """Return the text without what nobody sees in it."""
    return text if text.isascii() else "".join(char for char in text if char not in _UNSEEN)


def word_at(hay: str, needle: str, start: int = 0) -> int:
    """Return where ``needle`` is in ``hay`` at the beginning of a word, -1 where nowhere.

    Both are folded. What is no letter or digit, and what is written without spaces, may begin
    anywhere.
    """
    at = hay.find(needle, start)
    if at <= 0 or not needle[0].isalnum() or _runs_on(needle[0]):
        return at
    while at > 0 and hay[at - 1].isalnum():
        at = hay.find(needle, at + 1)
    return at


def has_word(hay: str, needle: str) -> bool:
    """Tell whether a word of ``hay`` begins with ``needle``; both are folded."""
    return word_at(hay, needle) >= 0


def _is_mark(char: str) -> bool:
    code = ord(char)
    return code >= 0x0300 and any(code in part for part in _MARKS)


def _runs_on(char: str) -> bool:
    code = ord(char)
    return code >= 0x0E00 and any(code in part for part in _NO_SPACES)


_FOLDS = _Folds()
