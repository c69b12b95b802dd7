"""Modules of the standard library that are loaded by the first look into them.

Others import them for the day they need them: ``inspect`` and ``traceback`` alone are ten modules
that no start looks into.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from types import FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

CO_COROUTINE = 0x80
"""The flag of an ``async def`` (Python's documentation, inspect: Code Objects Bit Flags)."""


def is_coroutine_function(thing: object) -> bool:
    """Answer as ``inspect.iscoroutinefunction``; asyncio asks for every callback it is given.

    Marks on other callables are only made by ``inspect`` itself, which has been loaded then.
    """
    while isinstance(thing, MethodType | partial):
        thing = thing.__func__ if isinstance(thing, MethodType) else thing.func
    return isinstance(thing, FunctionType) and bool(thing.__code__.co_flags & CO_COROUTINE)


LATE: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "inspect": {"iscoroutinefunction": is_coroutine_function},
        "ipaddress": {},
        "traceback": {},
        "zipfile": {},
    }
)
"""The modules, and what of each is known without loading it."""


class LateModule(ModuleType):
    """Stands for a module; ``importlib.util.LazyLoader`` is not safe with threads before 3.12.

    Whoever imported it keeps it and finds the true module's names in it; ``sys.modules`` holds
    the true module from the first look on.
    """

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module has
        # Asked by the import system itself, which must not count as a look.
        if name in ("__path__", "__file__", "__cached__"):
            raise AttributeError(name)
        # One step, so that no other thread imports the stand-in from under this one.
        if sys.modules.get(self.__name__) is self:
            sys.modules.pop(self.__name__, None)
        true = import_module(self.__name__)
        value = getattr(true, name)
        # From here on without this detour. Never the special names: they are the import system's.
        vars(self).update((k, v) for k, v in vars(true).items() if not k.startswith("__"))
        return value


def be_late(modules: Mapping[str, Mapping[str, object]] = LATE) -> None:
    """Let these be loaded by the first look; those that are loaded stay."""
    for name, known in modules.items():
        if name not in sys.modules:
            stand_in = LateModule(name)
            vars(stand_in).update(known)
            sys.modules[name] = stand_in
