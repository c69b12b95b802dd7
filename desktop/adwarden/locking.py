"""Locks the KeePass file when nobody is there; listens only while one is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.model import FILE
from adwarden.services.events import Event, KeychainChanged
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.settings import Settings

if TYPE_CHECKING:
    import asyncio

    from adwarden.system.lock_signals import LockSignals

Lock = Callable[[str], "asyncio.Task[None] | None"]
"""Locks, because of what its argument says in a sentence; returns what may still be waited for."""


class Locking:
    """Takes the events of the services; on the window's thread."""

    def __init__(self, settings: Settings, lock: Lock) -> None:
        self._settings, self._lock = settings, lock
        self._signals: LockSignals | None = None

    def see(self, event: Event) -> None:
        """Begin to listen when the file is open, and end when it is not."""
        if not isinstance(event, KeychainChanged) or event.place != FILE:
            return
        if event.status.state is KeychainState.READY:
            self._listener().start()
        elif event.status.state is KeychainState.LOCKED:
            # Not where the file has only gone: its key is in memory still.
            self.close()

    def close(self) -> None:
        """Listen no longer."""
        if self._signals is not None:
            self._signals.close()

    def _listener(self) -> LockSignals:
        if self._signals is None:
            from adwarden.system.lock_signals import LockSignals

            self._signals = LockSignals(
                self._because,
                minutes=lambda: self._settings.get(known.LOCK_IDLE),
                away=lambda: self._settings.get(known.LOCK_AWAY) == "on",
            )
        return self._signals

    def _because(self, reason: str) -> asyncio.Task[None] | None:
        from adwarden.system.lock_signals import REASONS

        return self._lock(f"It was locked {REASONS.get(reason, 'by itself')}.")
