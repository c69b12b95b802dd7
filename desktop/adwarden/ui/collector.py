"""Python's cycle collector, run by the GUI thread alone.

Left to itself it runs on whichever thread happens to allocate, and a closed dialog that is part of
a cycle would then be destroyed by a worker: Qt crashes at that.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 300
YOUNG, MIDDLE, OLD = 5_000, 5, 10
"""How much may pile up in a generation before it is looked through: objects, then rounds."""

QUIET = 500
"""Objects made since the last look, below which little is going on."""


class Collector(QObject):
    """Turns the automatic collection off and collects by a timer, until ``stop``."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._automatic = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect what has filled up; all of it only while little else happens.

        Looking through everything takes tens of milliseconds when much is loaded, and would be
        felt in the middle of the loading.
        """
        young, middle, old = gc.get_count()
        if young > YOUNG:
            gc.collect(1 if middle > MIDDLE else 0)
        elif old > OLD and young < QUIET:
            gc.collect(2)

    def stop(self) -> None:
        """Collect no more, and leave things as they were found."""
        self._timer.stop()
        if self._automatic:
            gc.enable()
