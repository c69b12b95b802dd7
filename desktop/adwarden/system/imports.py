"""Gives back Python's own import after PySide6 has put another in its place."""

from __future__ import annotations

import builtins


def restore_import() -> None:
    """Take PySide6's hook out of ``import``; call it once, before anything else needs Qt.

    The hook serves ``from __feature__ import``, which nothing here uses. For that it reads the
    source text of every module that is imported from then on, and keeps it: a third of the start
    and 6 MB. PySide6 leaves the original under this name; where it does not, nothing changes.
    """
    import PySide6  # noqa: F401 - puts the hook in

    original = getattr(builtins, "__orig_import__", None)
    if original is not None:
        builtins.__import__ = original
