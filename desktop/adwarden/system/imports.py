"""Loads Qt for Python without what it brings along for others: its help texts and its hook.

Both cost every start more than all of Qt's widgets; the help is loaded when it is asked for.
"""

from __future__ import annotations

import builtins
import importlib
import sys
from importlib.util import find_spec, module_from_spec
from pathlib import Path

from adwarden.system.enums import quick_enums

SHIBOKEN = "shiboken6"
KNOWN_VERSIONS = frozenset({"6.11.3"})
"""Versions whose way of loading ``adwarden.system.signatures`` has been tried with."""

# What PySide6 and shiboken import besides; it must not take its enums from the stand-ins.
_BEFORE = ("base64", "contextlib", "importlib.machinery", "io", "traceback", "types", "zipfile")


def load_qt() -> None:
    """Import PySide6; call it once, before anything else needs Qt.

    Its helper for signatures is compiled from source text at each start (ten modules, a third of
    a bare window's start, 3 MB), for the words of a ``TypeError`` and for ``help()``: ours stands
    in until then, where the version is known. Its hook in ``import`` serves ``from __feature__
    import``, which nothing here uses, and reads the source of every later module for that.
    PySide6 leaves the original under this name; where it does not, nothing changes.
    """
    if SHIBOKEN not in sys.modules:
        _stand_in()
    import PySide6  # noqa: F401 - puts the hook in, where ours does not stand in

    original = getattr(builtins, "__orig_import__", None)
    if original is not None:
        builtins.__import__ = original


def _stand_in() -> None:
    """Have shiboken find ``files.dir`` beside this module, as it does beside its own package.

    That folder is its documented way to take its helper from files (``SBK_EMBED``). Its own
    ``__init__`` imports what that helper needs, and is left out for the same reason.
    """
    spec = find_spec(SHIBOKEN)
    if spec is None:
        return
    package = module_from_spec(spec)
    sys.modules[SHIBOKEN] = package
    config = importlib.import_module(f"{SHIBOKEN}._config")
    if config.version not in KNOWN_VERSIONS:
        del sys.modules[SHIBOKEN], sys.modules[f"{SHIBOKEN}._config"]
        return
    own = package.__file__
    package.__file__ = str(Path(__file__).resolve())
    for name in _BEFORE:
        importlib.import_module(name)
    try:
        with quick_enums():
            import PySide6  # noqa: F401 - imports shiboken the way its system wants it
    finally:
        package.__file__ = own
    shiboken = sys.modules[f"{SHIBOKEN}.Shiboken"]
    for name, value in vars(shiboken).items():
        if not name.startswith("_"):
            setattr(package, name, value)
