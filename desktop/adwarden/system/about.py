"""What this program is made of and how to start it again."""

from __future__ import annotations

import sys

from adwarden import __version__


def versions() -> dict[str, str]:
    """Return the parts that a report has to name, with their versions."""
    import platform
    from importlib.metadata import version

    parts = ("PySide6_Essentials", "qasync", "keyring", "requests-oauthlib")
    return {
        "Adwarden": __version__,
        "Python": platform.python_version(),
        "System": platform.platform(),
        **{part: version(part) for part in parts},
    }


def start_practice() -> None:
    """Start another Adwarden, on the practice server and with a data folder of its own."""
    from PySide6.QtCore import QProcess

    if getattr(sys, "frozen", False):
        QProcess.startDetached(sys.executable, ["--practice"])
    else:
        QProcess.startDetached(sys.executable, ["-m", "adwarden", "--practice"])
