"""Gives the program's shortcuts precedence in a field that has keys of its own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from adwarden.ui.actions import TABLE, Id


class OwnKeys(QObject):
    """Keeps a field from claiming the keys of the actions.

    On X11 a line takes Ctrl+E to its end, which End does as well. What a person expects to edit
    with stays the field's: of the actions' keys that is the one of ``Undo``.
    """

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        self._keys = {
            QKeySequence(key).toString()
            for spec in TABLE
            for key in spec.keys.split(";")
            if key and spec.id is not Id.UNDO
        }
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass an action's keys on, as if the field had no use for them."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if QKeySequence(event.keyCombination()).toString() not in self._keys:
            return False
        event.ignore()
        return True
