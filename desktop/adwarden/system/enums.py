"""Gives Qt for Python a quicker way to make its enums, by the standard library's own.

Qt hands over some 200 enums with 3,000 members before a window can be painted, and a start looks
into forty of them. ``enum`` has ``_simple_enum`` for its own use at start: the same classes without
the checks of what a person might have written wrong; here the first look into one calls it.
"""

from __future__ import annotations

import enum
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

NAMES = ("Enum", "Flag", "IntEnum", "IntFlag")
"""What shiboken takes from ``enum`` to make one of a list of names and values."""

# Both have the form that ``_simple_enum`` leaves alone.
_ITEMS, _FILLS = "__adwarden_items__", "__adwarden_fills__"

_KNOWN = frozenset({"__doc__", "__module__", "__mro__", "__name__", "__qualname__", "_slots"})
"""What can be told of an enum without its members; ``_slots`` is asked of all that a class has."""

_PLACE = ("__doc__", "__module__", "__qualname__")
"""What shiboken may have written by then."""

_LOOKS = ("bool", "contains", "delattr", "dir", "getitem", "iter", "len", "repr", "reversed")
"""What Python asks of the type itself, past ``__getattribute__``."""


class Waiting(enum.EnumType):
    """The type of an enum that nobody has looked into; from the first look on it is ``EnumType``.

    One thing is lost: Qt for Python finds the short names of old, such as ``Qt.AlignLeft``, only
    in enums that have been looked into.
    """

    def __getattribute__(cls, name: str) -> Any:  # noqa: ANN401 - whatever an enum has
        if name not in _KNOWN:
            look_into(cls)
        return enum.EnumType.__getattribute__(cls, name)

    def __call__(cls, *values: Any, **more: Any) -> Any:  # noqa: ANN401
        """Return the member of a value."""
        look_into(cls)
        return enum.EnumType.__call__(cls, *values, **more)

    def __setattr__(cls, name: str, value: object) -> None:
        # Shiboken writes where the class belongs; there are no members yet to protect.
        type.__setattr__(cls, name, value)


def _looking(name: str) -> Callable[..., Any]:
    method = getattr(enum.EnumType, name)

    def call(cls: type, *values: object) -> object:
        look_into(cls)
        return method(cls, *values)

    return call


for _look in _LOOKS:
    setattr(Waiting, f"__{_look}__", _looking(f"__{_look}__"))


class Maker(enum.EnumType):
    """The type of stand-ins for the four; a call makes an enum of the true one below."""

    waits = True
    """Of the process, as Qt's classes are: many are made, with their enums, by the first look."""

    def __call__(  # type: ignore[override]
        cls,
        name: str,
        items: Iterable[tuple[str, int]],
        *,
        boundary: enum.FlagBoundary | None = None,
    ) -> type[enum.Enum]:
        """Return what is as ``Enum(name, items, boundary=boundary)`` for whoever looks."""
        waiting: Any = type.__new__(
            Waiting, name, (cls.__mro__[1],), {_ITEMS: (tuple(items), boundary)}
        )
        made: type[enum.Enum] = waiting
        if not Maker.waits:
            look_into(made)
        return made


class Filler(enum.EnumType):
    """The type of what ``_simple_enum`` derives from: a new class is the one that has waited."""

    def __new__(metacls, name: str, bases: tuple[type, ...], body: Any, **how: Any) -> Any:  # noqa: ANN401 - as type has it
        """Put ``body`` into the class that waits and return it."""
        if _FILLS not in body:
            return super().__new__(metacls, name, bases, body, **how)
        waiting = body.pop(_FILLS)
        for key, value in body.items():
            type.__setattr__(waiting, key, value)
        return waiting


_one_at_a_time = threading.RLock()


def look_into(waiting: type) -> None:
    """Make the members, if they are not there yet; what makes them may look itself."""
    with _one_at_a_time:
        own: Mapping[str, Any] = type.__getattribute__(waiting, "__dict__")
        if _ITEMS not in own:
            return
        items, boundary = own[_ITEMS]
        type.__delattr__(waiting, _ITEMS)
        base = type.__getattribute__(waiting, "__mro__")[1]
        plain = type(waiting.__name__, (), {**dict(items), _FILLS: waiting})
        kept = {
            name: own[name] for name in ("__module__", "__qualname__", "__doc__") if name in own
        }
        enum._simple_enum(_filler(base), boundary=boundary)(plain)  # type: ignore[attr-defined]  # noqa: SLF001
        for name, value in kept.items():
            type.__setattr__(waiting, name, value)
        inherited = _inherited(base)
        for name, member in own["_member_map_"].items():
            # It comes wrapped in a property of its own, 300 bytes each; the ordinary way does
            # without, save where the name hides something of Enum itself.
            if name not in inherited:
                type.__setattr__(waiting, name, member)
        waiting.__class__ = enum.EnumType


def look_into_all() -> None:
    """Leave none waiting from now on, for whoever takes members by their short names."""
    Maker.waits = False
    for name in NAMES:
        for made in type.__subclasses__(getattr(enum, name)):
            if type(made) is Waiting:
                look_into(made)


@cache
def _filler(base: type) -> type:
    made: type = Filler(base.__name__, (base,), Filler.__prepare__(base.__name__, (base,)))
    return made


@cache
def _inherited(base: type) -> frozenset[str]:
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
