"""Tells when the contents of a widget want more or less room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget


class Unfolding(QObject):
    """Watches one widget and emits ``felt``.

    A scroll area must not do this by a filter of its own: it is the filter of its scroll bars
    from the very start, and the first event that Python sees makes forty classes of Qt's.
    """

    felt = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let every event pass."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.felt.emit()
        return False
