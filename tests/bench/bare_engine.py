"""The browser engine started with nothing of ours, each step in a turn of its own.

Prints one line of JSON: how long Qt keeps the GUI thread at its longest, in milliseconds. No
program can split that, so the pauses of ours are set against it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QVBoxLayout

from tests.bench.probe import Probe

PAUSE_MS = 150
"""Between two steps, so that what one starts does not count for the next."""


def main() -> int:
    """Open a window, then a dialog with a page in it; print the longest pause."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.resize(1280, 800)
    window.show()
    dialog = QDialog(window)
    dialog.resize(900, 700)
    column = QVBoxLayout(dialog)

    def surface() -> None:
        from PySide6.QtQuickWidgets import QQuickWidget

        QQuickWidget(dialog).hide()

    def page() -> None:
        from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile
        from PySide6.QtWebEngineWidgets import QWebEngineView

        view = QWebEngineView(dialog)
        profile = QWebEngineProfile(dialog)
        view.setPage(QWebEnginePage(profile, view))
        column.addWidget(view)
        view.setHtml("<p>A page</p>")

    probe = Probe()
    steps: list[Callable[[], object]] = [
        lambda: import_module("PySide6.QtQuickWidgets"),
        lambda: import_module("PySide6.QtWebEngineCore"),
        lambda: import_module("PySide6.QtWebEngineWidgets"),
        surface,
        dialog.show,
        page,
        lambda: None,
        lambda: None,
        app.quit,
    ]
    for number, step in enumerate(steps, 1):
        QTimer.singleShot(number * PAUSE_MS, step)
    app.exec()
    probe.stop()
    print(json.dumps({"longest_ms": max(gap.ms for gap in probe.gaps)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
