"""Readies a window for an embedded page before the window is seen.

Imported only when a page will be shown, because it loads a part of the browser engine.
"""

from __future__ import annotations

from PySide6.QtQuickWidgets import QQuickWidget
from PySide6.QtWidgets import QWidget


def prepare_window(part: QWidget) -> None:
    """Make the window of ``part`` one that the browser engine can draw on.

    Without it Qt replaces the whole window when the first page appears in it: the window goes
    away and comes back before one's eyes, and may lose the keyboard and its place.
    """
    # A dialog that is no window of the system yet would have that done to the one it belongs to.
    part.window().winId()
    surface = QQuickWidget(part)
    surface.setFixedSize(1, 1)
    surface.hide()
