"""Says in a box why the program does not start: from a desktop nobody sees what is printed."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adwarden.domain.errors import AdwardenError

_UNSEEN = ("offscreen", "minimal", "minimalegl", "vnc")
"""Platforms of Qt on which nobody could close the box."""


def can_be_seen(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether somebody can see a box; to be asked once there is a display."""
    around = os.environ if environ is None else environ
    return around.get("QT_QPA_PLATFORM", "").partition(":")[0] not in _UNSEEN


def show(error: AdwardenError) -> None:
    """Show the box and return when it has been closed; there must be no application yet."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication, QMessageBox

    from adwarden.ui.icons import app_icon

    # Python would not come to hear of Ctrl+C before the box is closed.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = QApplication(["adwarden", "-style", "fusion"])
    app.setApplicationName("Adwarden")
    app.setDesktopFileName("adwarden")
    app.setWindowIcon(app_icon())
    box = QMessageBox(QMessageBox.Icon.Critical, "Adwarden cannot start", f"{error.title}.")
    # Names of folders are in it: none of it is markup.
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(" ".join(filter(None, (error.message, error.remedy))))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.finished.connect(app.quit)
    box.show()
    app.exec()
