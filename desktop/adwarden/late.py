"""Modules of the standard library that are loaded by the first look into them.

Others import them for the day they need them: ``inspect`` and ``traceback`` alone are ten modules
that no start looks into.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

LATE = ("inspect", "ipaddress", "traceback", "zipfile")


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
        return getattr(import_module(self.__name__), name)


def be_late(names: tuple[str, ...] = LATE) -> None:
    """Let these be loaded by the first look; those that are loaded stay."""
    for name in names:
        sys.modules.setdefault(name, LateModule(name))
