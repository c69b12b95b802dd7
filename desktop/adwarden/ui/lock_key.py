"""The key of ``Lock``, in dialogs as well: they keep the window's own keys out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from adwarden.ui.actions import Id, spec_of

_NAME = "lock-key"


class LockKey(QObject):
    """Gives each dialog of ``window`` the key as it comes to the front, from ``start`` on."""

    def __init__(self, window: QWidget, lock: Callable[[], None]) -> None:
        super().__init__(window)
        self._window, self._lock = window, lock
        self._on = False

    def start(self) -> None:
        """Begin, with what is in front now; fine when it has begun."""
        if not self._on:
            self._on = True
            _application().focusWindowChanged.connect(self._give)
            self._give()

    def stop(self) -> None:
        """End; the keys that were given do nothing any more, as there is nothing to lock."""
        if self._on:
            self._on = False
            _application().focusWindowChanged.disconnect(self._give)

    def _give(self) -> None:
        dialog = QApplication.activeWindow()
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        if not isinstance(dialog, QDialog) or not self._has(dialog):
            return
        if dialog.findChild(QShortcut, _NAME, direct) is None:
            key = QShortcut(QKeySequence(spec_of(Id.LOCK).keys), dialog, self._press)
            key.setObjectName(_NAME)

    def _press(self) -> None:
        if self._on:
            self._lock()

    def _has(self, dialog: QWidget) -> bool:
        one: QObject | None = dialog
        while one is not None and one is not self._window:
            one = one.parent()
        return one is not None


def _application() -> QGuiApplication:
    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    return app
