"""Locks the KeePass file and clears a copied secret when nobody is there.

Listens only while there is one of the two.
"""

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

_OPEN, _COPIED = "the file is open", "a secret is on the clipboard"


class Locking:
    """Takes the events of the services and of the clipboard; on the window's thread.

    ``clear`` takes a copied secret off the clipboard, whatever the settings say about locking.
    """

    def __init__(self, settings: Settings, lock: Lock, clear: Callable[[], object]) -> None:
        self._settings, self._lock, self._clear = settings, lock, clear
        self._reasons: set[str] = set()
        self._signals: LockSignals | None = None

    def see(self, event: Event) -> None:
        """Begin to listen when the file is open, and end when it is not."""
        if not isinstance(event, KeychainChanged) or event.place != FILE:
            return
        # Not where the file has only gone: its key is in memory still.
        if event.status.state in (KeychainState.READY, KeychainState.LOCKED):
            self._listen(_OPEN, event.status.state is KeychainState.READY)

    def copied(self, there: bool) -> None:
        """Begin to listen when a secret is on the clipboard, and end when it is not."""
        self._listen(_COPIED, there)

    def close(self) -> None:
        """Listen no longer."""
        self._reasons.clear()
        if self._signals is not None:
            self._signals.close()

    def _listen(self, reason: str, there: bool) -> None:
        if there:
            self._reasons.add(reason)
            self._listener().start()
            return
        self._reasons.discard(reason)
        if not self._reasons:
            self.close()

    def _listener(self) -> LockSignals:
        if self._signals is None:
            from adwarden.system.lock_signals import LockSignals

            self._signals = LockSignals(
                self._because, minutes=lambda: self._settings.get(known.LOCK_IDLE)
            )
        return self._signals

    def _because(self, reason: str) -> asyncio.Task[None] | None:
        from adwarden.system.lock_signals import IDLE, REASONS

        wanted = _OPEN in self._reasons
        if reason != IDLE:
            self._clear()
            wanted = wanted and self._settings.get(known.LOCK_AWAY) == "on"
        words = f"It was locked {REASONS.get(reason, 'by itself')}."
        return self._lock(words) if wanted else None
