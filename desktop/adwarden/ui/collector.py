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

YOUNG, MIDDLE, OLD = 5_000, 2, 20
"""How much may pile up in a generation before it is looked through: objects, then rounds."""

QUIET = 500
"""Objects made since the last look, below which little is going on."""

MANY = 60_000
"""Objects that can be looked through in some 25 milliseconds."""


class Collector(QObject):
    """Turns the automatic collection off and collects by a timer, until ``stop``."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._automatic = gc.isenabled()
        self._set_aside = False
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what has filled up; all of it only while little else happens."""
        young, middle, old = gc.get_count()
        if young > YOUNG:
            gc.collect(1 if middle > MIDDLE else 0)
        elif young < QUIET:
            if old > OLD:
                self._collect_old()
            elif self._set_aside and not _watched():
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
        """Look through what has lasted, unless it is so much that the window would stand still.

        Much that lasts is what a refresh has brought, which is in no cycle. It is set aside
        until nobody looks, and the few cycles that are set aside with it wait as long.
        """
        if len(gc.get_objects(generation=2)) > MANY:
            gc.freeze()
            self._set_aside = True
        gc.collect(2)

    def _collect_everything(self) -> None:
        self._set_aside = False
        gc.unfreeze()
        gc.collect(2)
        # What is left after that stays; the next look through need not begin with it.
        gc.freeze()


def _watched() -> bool:
    return QGuiApplication.applicationState() == Qt.ApplicationState.ApplicationActive
