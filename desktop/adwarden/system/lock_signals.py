"""When what is open should lock, and what was copied should go: nobody is there.

Only for while there is something to lock or to clear. The screen's lock and the computer's sleep
are heard on Linux; elsewhere a sleep is noticed on waking, and the rest is left to the minutes
without use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from adwarden.system.lock_signals_idle import IdleWatch

if TYPE_CHECKING:
    import asyncio

    from adwarden.system.lock_signals_linux import DesktopSignals

IDLE, SCREEN, SLEEP = "idle", "screen", "sleep"

REASONS = {
    IDLE: "because nobody used Adwarden for a while",
    SCREEN: "because the screen was locked",
    SLEEP: "because the computer went to sleep",
}
"""Each reason in words that follow ``Locked``."""

OnLock = Callable[[str], "asyncio.Future[Any] | None"]
"""Gets the reason. Where locking takes longer than the call, it returns a task or future; on
Linux the computer waits with its sleep for that, some seconds at most."""


class LockSignals(QObject):
    """Calls ``on_lock(reason)`` on the GUI thread, where it has to be made, started and closed.

    ``minutes`` without a key or the mouse in the program's windows are asked again and again,
    0 is never; whether the screen's lock and the computer's sleep count is for ``on_lock`` to say.
    ``start`` when something was unlocked, ``close`` when it is locked or gone; both as often as
    need be.
    """

    _heard = Signal(int, str)

    def __init__(
        self,
        on_lock: OnLock,
        *,
        minutes: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._on_lock = on_lock
        self._idle = IdleWatch(minutes, lambda: self._lock(IDLE), lambda: self._lock(SLEEP), self)
        self._desktop: DesktopSignals | None = None
        self._round = 0
        self._heard.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to listen; nothing happens when it has begun."""
        if self._round % 2:
            return
        self._round += 1
        self._idle.start()
        if sys.platform == "linux":
            from adwarden.system.lock_signals_linux import DesktopSignals

            number = self._round
            self._desktop = DesktopSignals(lambda reason: self._heard.emit(number, reason))
            self._desktop.start()

    def close(self) -> None:
        """Listen no longer; never waits."""
        if not self._round % 2:
            return
        self._round += 1
        self._idle.stop()
        if self._desktop is not None:
            self._desktop.close()
            self._desktop = None

    def _take(self, number: int, reason: str) -> None:
        # What was on its way when it was closed, or closed and started again, is nobody's.
        if number == self._round:
            self._lock(reason)

    def _lock(self, reason: str) -> None:
        if reason != SLEEP or self._desktop is None:
            self._on_lock(reason)
            return
        # Taken first: who locks may close this object while the locking still goes on.
        let_sleep = self._desktop.take_brake()
        locking = None
        try:
            locking = self._on_lock(reason)
        finally:
            if locking is None:
                let_sleep()
            else:
                locking.add_done_callback(lambda _: let_sleep())
