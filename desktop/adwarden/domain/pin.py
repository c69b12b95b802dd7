"""The PIN that a person types, pastes or is read out: found in the text, and judged before use.

A PIN is text and never a number, because leading zeros count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import field
from enum import Enum

from adwarden.domain.data import dataclass

SHORTEST = 4
LONGEST = 16

_RUN = re.compile(r"[0-9]+(?:[ -]+[0-9]+)*")
"""Digits that belong together: in groups perhaps, but in one line."""

_BREAKS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")


class PinFault(Enum):
    """What keeps a text from being a PIN; the value is how to say it."""

    EMPTY = "Type the PIN that X shows."
    NOT_DIGITS = "A PIN has digits only. Copy just the number that X shows."
    SEVERAL = "There are two numbers or more. Keep just the PIN that X shows."
    TOO_SHORT = f"This is too short: a PIN has at least {SHORTEST} digits."
    TOO_LONG = f"This is too long: a PIN has at most {LONGEST} digits."


@dataclass(frozen=True, slots=True)
class TypedPin:
    """What a typed text means; ``digits`` is empty whenever ``fault`` says why."""

    digits: str = field(repr=False)
    fault: PinFault | None = None


def read_pin(text: str) -> TypedPin:
    """Find the one number in ``text``, whatever words were copied along with it, and judge it.

    Blanks and hyphens may part its digits, and invisible marks do not count. Digits of other
    scripts, such as full-width ones, become plain digits; leading zeros stay.
    """
    plain = "".join(map(_plain, text))
    runs = list(_RUN.finditer(plain))
    if not runs:
        return TypedPin("", PinFault.NOT_DIGITS if plain.strip() else PinFault.EMPTY)
    if len(runs) > 1:
        return TypedPin("", PinFault.SEVERAL)
    if _is_part_of_a_word(plain, runs[0]):
        return TypedPin("", PinFault.NOT_DIGITS)
    digits = re.sub("[ -]", "", runs[0].group())
    if len(digits) < SHORTEST:
        return TypedPin("", PinFault.TOO_SHORT)
    if len(digits) > LONGEST:
        return TypedPin("", PinFault.TOO_LONG)
    return TypedPin(digits)


def _plain(character: str) -> str:
    """Return what ``character`` is for a PIN: a digit, ``-``, a blank, a line break, nothing."""
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    if character in _BREAKS:
        return "\n"
    category = unicodedata.category(character)
    if category in ("Zs", "Cc"):
        return " "
    return {"Cf": "", "Pd": "-"}.get(category, character)


def _is_part_of_a_word(plain: str, run: re.Match[str]) -> bool:
    before, after = plain[: run.start()], plain[run.end() :]
    return bool(re.search(r"\w-*$", before) or re.match(r"-*\w", after))
