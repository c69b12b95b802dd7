"""Opens a page in the person's own browser, and finds out where there is none to open it."""

from __future__ import annotations

import shutil
import sys

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from adwarden.services.tasks import Lane

PATIENCE = 10.0
"""Seconds; what has not failed by then has opened, and may stay as long as the browser does."""


def opener() -> str:
    """Return the program whose end tells whether a browser was found; empty to leave it to Qt.

    Qt starts the same program on X11 and calls that a success. Under Wayland Qt hands the focus
    on to the browser with it, which nobody else can.
    """
    if not sys.platform.startswith("linux") or QGuiApplication.platformName() == "wayland":
        return ""
    return shutil.which("xdg-open") or ""


async def opens(url: str) -> bool:
    """Open ``url`` in the browser; return whether there was one, as far as that can be told."""
    program = opener()
    if not program:
        return QDesktopServices.openUrl(QUrl(url))
    lane: Lane[None] = Lane("browser", workers=1, context=lambda: None)
    try:
        return await lane.run(lambda _: _runs(program, url))
    finally:
        lane.close()


def _runs(program: str, url: str) -> bool:
    import subprocess

    nowhere = subprocess.DEVNULL
    try:
        # In a session of its own: a browser that it becomes must outlive this program.
        started = subprocess.Popen(  # noqa: S603 - no shell, and the address is one argument
            [program, url], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
        return started.wait(PATIENCE) == 0
    except subprocess.TimeoutExpired:
        return True
    except OSError:
        return False
