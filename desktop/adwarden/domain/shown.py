"""Text from elsewhere made safe to look at: nothing in it acts any more, wherever it is shown."""

from __future__ import annotations

import unicodedata

_HARMLESS = {"\u200c", "\u200d", "\u200e", "\u200f"}
"""Joiners that emoji and scripts need, and plain direction marks."""


def visible(text: str) -> str:
    """Return ``text`` with control characters as symbols.

    Line breaks become ``␊``; characters that turn the direction of what follows become ``�``,
    so that a name cannot pose as another.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_symbol, text))


def _symbol(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    category = unicodedata.category(char)
    if category in ("Cc", "Zl", "Zp", "Cs") or (category == "Cf" and char not in _HARMLESS):
        # Tag characters only ever follow the emoji they belong to.
        return char if 0xE0020 <= code <= 0xE007F else "�"
    return char
