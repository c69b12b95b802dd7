"""Gives Qt for Python a quicker way to make its enums, by the standard library's own.

The window needs some 200 enums of Qt with 3,000 members before it can be painted. ``enum`` has
``_simple_enum`` for its own use at start: the same classes without the checks of what a person
might have written wrong, in less than half the time.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

NAMES = ("Enum", "Flag", "IntEnum", "IntFlag")
"""What shiboken takes from ``enum`` to make one of a list of names and values."""


class Maker(enum.EnumType):
    """The type of stand-ins for the four; a call makes an enum of the true one below."""

    def __call__(  # type: ignore[override]
        cls,
        name: str,
        items: Iterable[tuple[str, int]],
        *,
        boundary: enum.FlagBoundary | None = None,
    ) -> type[enum.Enum]:
        """Return an enum as ``Enum(name, items, boundary=boundary)`` does."""
        base = cls.__mro__[1]
        make: Any = enum._simple_enum(base, boundary=boundary)  # type: ignore[attr-defined]  # noqa: SLF001
        made: type[enum.Enum] = make(type(name, (), dict(items)))
        inherited = _inherited(base)
        for member_name, member in made.__members__.items():
            # It comes wrapped in a property of its own, 300 bytes each; the ordinary way does
            # without, save where the name hides something of Enum itself.
            if member_name not in inherited:
                type.__setattr__(made, member_name, member)
        return made


@cache
def _inherited(base: type[enum.Enum]) -> frozenset[str]:
    return frozenset().union(*map(vars, base.__mro__))


@contextmanager
def quick_enums() -> Iterator[None]:
    """Have whoever imports ``enum`` meanwhile find the stand-ins; shiboken keeps what it found."""
    if not hasattr(enum, "_simple_enum"):
        yield
        return
    stand_in = ModuleType("enum")
    vars(stand_in).update(vars(enum))
    for name in NAMES:
        bases = (getattr(enum, name),)
        setattr(stand_in, name, Maker(name, bases, Maker.__prepare__(name, bases)))
    sys.modules["enum"] = stand_in
    try:
        yield
    finally:
        sys.modules["enum"] = enum
