"""Tells when a window has been painted for the first time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget


class FirstPaint(QWidget):
    """Calls ``call`` once, from the loop, after ``window`` has been painted; then it is gone.

    One pixel that draws nothing, painted after all that it lies on. Not a filter of events: for
    the first of any kind all of Qt's forty classes of events are made.
    """

    def __init__(self, window: QWidget, call: Callable[[], None]) -> None:
        super().__init__(window)
        self._call: Callable[[], None] | None = call
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(0, 0, 1, 1)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw nothing and tell, once the whole window is drawn."""
        if self._call is not None:
            call, self._call = self._call, None
            QTimer.singleShot(0, call)
            self.deleteLater()
