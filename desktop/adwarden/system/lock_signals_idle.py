"""Notices that nobody uses the program's windows, or that the computer has slept.

Not by a filter of all events, which Python would have to answer thousands of times a second: the
window in front is listened to until its first key or click, and then not before the next look.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication, QWindow

from adwarden.domain.uptime import uptime

LOOK_MS = 15_000
"""How late a look may be, too."""

SLEPT_SECONDS = 60.0
"""A look that comes this much too late comes after a sleep."""

_USES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.InputMethod,
    }
)


class IdleWatch(QObject):
    """Calls ``idle`` after ``minutes()`` without use (0: never) and ``slept`` after a sleep."""

    def __init__(
        self,
        minutes: Callable[[], int],
        idle: Callable[[], object],
        slept: Callable[[], object],
        parent: QObject | None = None,
        *,
        steady: Callable[[], float] = uptime,
        wall: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._minutes, self._idle, self._slept = minutes, idle, slept
        self._steady, self._wall = steady, wall
        self._used = self._looked = 0.0
        self._window: QWindow | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin; this moment counts as use."""
        self._used, self._looked = self._steady(), self._wall()
        self._timer.start()
        app = _application()
        app.focusWindowChanged.connect(self._listen)
        self._listen(app.focusWindow())

    def stop(self) -> None:
        """End; fine when it has not begun."""
        if self._timer.isActive():
            self._timer.stop()
            _application().focusWindowChanged.disconnect(self._listen)
            self._listen(None)

    def look(self) -> None:
        """Look how long ago the last use was; the timer does so."""
        wall, before = self._wall(), self._looked
        self._looked = wall
        # The wall's clock, as not every steady one goes on in a sleep. Set by hand, it locks
        # once too often.
        if wall - before > LOOK_MS / 1000 + SLEPT_SECONDS:
            self._slept()
            return
        limit = self._minutes() * 60.0
        if limit and self._steady() - self._used >= limit:
            self._used = self._steady()
            self._idle()
        if self._timer.isActive():  # what was called may have stopped it
            self._listen(_application().focusWindow())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Note a use and listen no more until the next look."""
        if event.type() in _USES:
            self._used = self._steady()
            self._listen(None)
        return False

    def _listen(self, window: QWindow | None) -> None:
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window.destroyed.disconnect(self._gone)
        self._window = window
        if window is not None:
            window.installEventFilter(self)
            window.destroyed.connect(self._gone)

    def _gone(self) -> None:
        self._window = None


def _application() -> QGuiApplication:
    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    return app
