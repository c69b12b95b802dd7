"""Writes changed settings to disk a moment later, on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from adwarden.domain.errors import AdwardenError
from adwarden.services.tasks import Lane, Tasks
from adwarden.storage.settings import Setting, Settings

PAUSE_MS = 600
"""Milliseconds in which further changes join the same writing."""


class SettingsKeeper(QObject):
    """Saves after changes; a failure is told once by ``failed`` and tried again at the next."""

    def __init__(
        self,
        settings: Settings,
        tasks: Tasks,
        failed: Callable[[AdwardenError], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._failed = failed
        self._dirty = False
        self._lane: Lane[Settings] = Lane("settings", workers=1, context=lambda: settings)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._begin)
        self._unsubscribe = settings.subscribe(self._changed)

    def _changed(self, _: Setting[Any]) -> None:
        self._dirty = True
        self._pause.start()

    def _begin(self) -> None:
        self._tasks.spawn(self, "save settings", self._save())

    async def _save(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        try:
            await self._lane.run(lambda settings: settings.save())
        except AdwardenError as error:
            self._failed(error)

    async def finish(self) -> None:
        """Write what is not written yet, and let the thread go."""
        self._pause.stop()
        self._unsubscribe()
        await self._save()
        self._lane.close()
