"""``dataclass`` with the standard library's meaning for frozen or slotted data, made faster.

The standard one compiles six functions a class and makes it twice, half a millisecond each, which
eighty classes add to every start; this compiles one, when it is needed. To type checkers it is
the standard one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, slots: bool, frozen: bool = False, eq: bool = True) -> Callable[[type], type]:
        """Return the decorator; classes have slots and no base that is a dataclass."""
        assert slots, "only classes with slots are made here"
        return lambda cls: _made(cls, frozen=frozen, eq=eq)


def _made(cls: type, *, frozen: bool, eq: bool) -> type:
    body = dict(cls.__dict__)
    names = tuple(body.get("__annotations__", {}))
    given = {name: body.pop(name) for name in names if name in body}
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    body |= {
        "__slots__": names,
        "__match_args__": names,
        "__dataclass_fields__": _Fields(body["__annotations__"], given),
        "__reduce__": lambda self: (type(self), tuple(getattr(self, name) for name in names)),
    }
    if "__repr__" not in body:
        body["__repr__"] = _repr_of(names, given)
    if eq:
        values = attrgetter(*names) if names else lambda _: ()
        body["__eq__"] = lambda self, other: (
            values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented
        )
        body["__hash__"] = (lambda self: hash(values(self))) if frozen else None
    if frozen:
        body |= {"__setattr__": _refuse, "__delattr__": _refuse}
    made = type(cls)(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    made.__init__ = _first_init_of(made, names, given)  # type: ignore[misc]
    return made


def _first_init_of(
    made: type, names: tuple[str, ...], given: dict[str, Any]
) -> Callable[..., None]:
    """Return an ``__init__`` that makes way for the true one: most are not needed by a start."""

    def first(self: object, *values: object, **named: object) -> None:
        made.__init__ = init = _init_of(made, names, given)  # type: ignore[misc]
        init(self, *values, **named)

    first.__qualname__ = f"{made.__qualname__}.__init__"
    return first


def _init_of(made: type, names: tuple[str, ...], given: dict[str, Any]) -> Callable[..., None]:
    """Compile ``__init__``; it sets by the slots themselves, past what refuses changes."""
    known: dict[str, Any] = {"_none": dataclasses.MISSING}
    parameters, lines = ["self"], []
    for name in names:
        known[f"_set_{name}"] = vars(made)[name].__set__
        value, default = name, given.get(name, dataclasses.MISSING)
        if isinstance(default, dataclasses.Field):
            if default.default_factory is not dataclasses.MISSING:
                known[f"_new_{name}"] = default.default_factory
                value = f"_new_{name}() if {name} is _none else {name}"
                parameters.append(f"{name}=_none")
            default = default.default
        if value == name:
            known[f"_is_{name}"] = default
            bare = default is dataclasses.MISSING
            parameters.append(name if bare else f"{name}=_is_{name}")
        lines.append(f"    _set_{name}(self, {value})\n")
    if hasattr(made, "__post_init__"):
        lines.append("    self.__post_init__()\n")
    head = f"def __init__({', '.join(parameters)}):\n"
    exec(head + ("".join(lines) or "    pass\n"), known)  # noqa: S102 - as the standard one does
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init


def _repr_of(names: tuple[str, ...], given: dict[str, Any]) -> Callable[[Any], str]:
    shown = [name for name in names if getattr(given.get(name), "repr", True)]

    def represent(self: Any) -> str:  # noqa: ANN401 - it is every class's
        words = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({words})"

    return represent


def _refuse(self: object, name: str, *value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")


class _Fields:
    """What ``replace``, ``fields`` and their like look for; worked out when they do."""

    def __init__(self, annotations: dict[str, Any], given: dict[str, Any]) -> None:
        self._namespace = {"__annotations__": annotations, **given}
        self._found: Any = None

    def __get__(self, instance: object, owner: type) -> Any:  # noqa: ANN401 - as it is there
        if self._found is None:
            # With a doc of its own: the standard one would load ``inspect`` to write one.
            namespace = {"__doc__": owner.__name__, **self._namespace}
            twin: Any = dataclasses.dataclass(type(owner.__name__, (), namespace))
            self._found = twin.__dataclass_fields__
        return self._found
