"""The PIN that a person types, pastes or is read out: cleaned, and judged before it is sent.

A PIN is text and never a number, because leading zeros count.
"""

from __future__ import annotations

import unicodedata
from dataclasses import field
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError

SHORTEST = 4
LONGEST = 16

_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
"""Unicode categories that a copied PIN brings along: blanks, line breaks, zero-width marks."""


class PinFault(Enum):
    """What keeps a text from being a PIN; the value is how to say it."""

    EMPTY = "Type the PIN that X shows."
    NOT_DIGITS = "A PIN has digits only. Copy just the number that X shows."
    TOO_SHORT = f"This is too short: a PIN has at least {SHORTEST} digits."
    TOO_LONG = f"This is too long: a PIN has at most {LONGEST} digits."


@dataclass(frozen=True, slots=True)
class TypedPin:
    """What a typed text means; ``digits`` is empty whenever ``fault`` says why."""

    digits: str = field(repr=False)
    fault: PinFault | None = None


def read_pin(text: str) -> TypedPin:
    """Take blanks, line breaks and invisible marks out of ``text`` and judge what is left.

    Digits of other scripts, such as full-width ones, become plain digits; leading zeros stay.
    """
    digits: list[str] = []
    for character in text:
        if unicodedata.category(character) in _INVISIBLE:
            continue
        value = unicodedata.decimal(character, None)
        if value is None:
            return TypedPin("", PinFault.NOT_DIGITS)
        digits.append(str(value))
    if not digits:
        return TypedPin("", PinFault.EMPTY)
    if len(digits) < SHORTEST:
        return TypedPin("", PinFault.TOO_SHORT)
    if len(digits) > LONGEST:
        return TypedPin("", PinFault.TOO_LONG)
    return TypedPin("".join(digits))


def clean_pin(text: str) -> str:
    """Return the digits of the PIN in ``text``; raises ``InputError`` when there is none."""
    typed = read_pin(text)
    if typed.fault is not None:
        raise InputError("That is not a PIN", typed.fault.value, field="pin")
    return typed.digits
