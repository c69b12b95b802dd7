"""Derives every made-up value from the world's seed, so that the same seed is the same world.

Also holds the shapes of X's keys and tokens; nothing here protects anything.
"""

from __future__ import annotations

import hashlib
import hmac
import string

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE36 = string.digits + string.ascii_lowercase


def digest(seed: int, *parts: object) -> bytes:
    """Return 64 bytes that depend on the seed and the parts only."""
    key = f"adwarden practice {seed}".encode()
    text = "\x1f".join(str(part) for part in parts)
    return hmac.new(key, text.encode(), hashlib.sha512).digest()


def number(seed: int, *parts: object) -> int:
    """Return a number below 2**64 that depends on the seed and the parts only."""
    return int.from_bytes(digest(seed, *parts)[:8], "big")


def alphanumeric(seed: int, length: int, *parts: object) -> str:
    """Return ``length`` (at most 80) letters and digits."""
    return in_base(int.from_bytes(digest(seed, *parts), "big"), BASE62, length)


def in_base(value: int, digits: str, length: int) -> str:
    """Write the low ``length`` digits of ``value`` in the base of ``digits``."""
    base = len(digits)
    text = []
    for _ in range(length):
        value, rest = divmod(value, base)
        text.append(digits[rest])
    return "".join(reversed(text))


class Scatter:
    """A one-to-one map of small numbers onto scattered large ones, and back.

    Ids made this way look random and yet are found again without a table, which is what lets
    a world of 50,000 ad accounts start at once.
    """

    def __init__(self, seed: int, name: str, *, low: int, modulus: int) -> None:
        self._low = low
        self._modulus = modulus
        self._factor = number(seed, name, "factor") % (modulus - 2) + 2
        self._shift = number(seed, name, "shift") % modulus
        self._inverse = pow(self._factor, -1, modulus)

    def outside(self, index: int) -> int:
        """Return the large number that stands for ``index``."""
        return self._low + (self._factor * index + self._shift) % self._modulus

    def inside(self, value: int) -> int:
        """Return the index that ``value`` stands for; compare it with what exists."""
        return (value - self._low - self._shift) * self._inverse % self._modulus
