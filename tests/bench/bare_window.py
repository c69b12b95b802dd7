"""The least that a PySide6 program can be: an application, a window, a label.

What Adwarden's start and memory are measured against.
"""

from __future__ import annotations

import sys
import time

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow


class BareWindow(QMainWindow):
    """Tells when it is painted first."""

    def __init__(self) -> None:
        super().__init__()
        self._told = False
        self.setCentralWidget(QLabel("A bare window"))
        self.resize(1280, 800)  # as large as the other: its picture is memory too

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._told:
            self._told = True
            print("painted", time.monotonic_ns(), flush=True)


if __name__ == "__main__":
    app = QApplication(sys.argv)
    window = BareWindow()
    window.show()
    sys.exit(app.exec())
