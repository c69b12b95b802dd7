"""Python's cycle collector, run by the GUI thread alone.

Left to itself it runs on whichever thread happens to allocate, and a closed dialog that is part of
a cycle would then be destroyed by a worker: Qt crashes at that.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

LOOK_MS = 300
BUSY_MS = 50
"""How soon to look again: usually, and while much is made. Little at a time is never felt."""

YOUNG, OLD = 5_000, 20
"""What may pile up before it is looked through: new objects, and rounds of what has lasted."""

BULK = 20_000
"""Objects that can be looked through in about ten milliseconds; more at once are not."""

QUIET = 500
"""Objects made since the last look, below which little is going on."""

REST = 100
"""Quiet looks in a row, half a minute, after which nobody looks at a window in the background."""

MANY = 60_000
"""Objects that may be looked through while little is going on: some 25 milliseconds."""


class Collector(QObject):
    """Turns the automatic collection off and collects by a timer, until ``stop``."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._automatic = gc.isenabled()
        self._set_aside = False
        self._lasting = 0
        self._rest = 0
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what has filled up; all of it only while little else happens.

        What comes in bulk is read from disk or from X, and is in no cycle: it is set aside until
        nobody looks, and the few cycles that are set aside with it wait as long.
        """
        young, _, old = gc.get_count()
        self._rest = self._rest + 1 if young < QUIET and not _watched() else 0
        if young > BULK:
            self._put_aside()
        elif young > YOUNG:
            self._lasting += young
            full = self._lasting > BULK
            gc.collect(1 if full else 0)
            if full:
                self._lasting = 0
        elif young < QUIET:
            if old > OLD:
                self._collect_old()
            elif self._set_aside and self._rest > REST:
                self._collect_everything()
        pause = BUSY_MS if young > YOUNG else LOOK_MS
        if self._timer.interval() != pause:
            self._timer.setInterval(pause)

    def stop(self) -> None:
        """Collect no more, and leave things as they were found."""
        self._timer.stop()
        if self._automatic:
            gc.enable()

    def _collect_old(self) -> None:
        """Look through what has lasted, unless it is so much that the window would stand still."""
        if len(gc.get_objects(generation=2)) > MANY:
            self._put_aside()
        # Where it was set aside, little is left and this only sets the count of rounds to zero.
        gc.collect(2)

    def _put_aside(self) -> None:
        gc.freeze()
        self._set_aside = True
        self._lasting = 0
        # Freezing keeps the count of new objects; there is nothing to look through for it.
        gc.collect(0)

    def _collect_everything(self) -> None:
        self._set_aside = False
        gc.unfreeze()
        gc.collect(2)
        # What is left after that stays; the next look through need not begin with it.
        gc.freeze()


def _watched() -> bool:
    return QGuiApplication.applicationState() == Qt.ApplicationState.ApplicationActive
