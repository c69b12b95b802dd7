"""Finds the files that ship beside the code, in an installed package and in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource_dir(kind: str) -> Path:
    """Return the folder of one kind of resource, such as ``icons``.

    An installed package carries its own copy; a checkout keeps them at its root.
    Raises ``FileNotFoundError`` when neither is there, which means a broken installation.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parent.parent / "resources"):
        folder = root / kind
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder resources/{kind} of Adwarden is missing")
