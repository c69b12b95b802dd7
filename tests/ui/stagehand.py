"""A main window on stand-in services, and how tests find and press things in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from adwarden.domain.model import Snapshot
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import Settings
from adwarden.ui.icons import Icons
from adwarden.ui.main_window import MainWindow
from adwarden.ui.port import Suggest
from adwarden.ui.theme import Theme
from tests.fakes.services import NOW, FakeServices

PATIENCE = 5.0


async def until(condition: Callable[[], object], what: str = "it") -> None:
    """Let the loop go on until ``condition`` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {PATIENCE} s"
        await asyncio.sleep(0.005)


def named(root: QWidget, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    """Return the one visible widget of this accessible name."""
    found = [
        part
        for part in root.findChildren(kind)
        if part.accessibleName() == name and part.isVisible()
    ]
    assert len(found) == 1, f"{len(found)} visible widgets are called {name!r}"
    return found[0]


def press(root: QWidget, name: str) -> None:
    """Click the one visible button of this accessible name."""
    button = named(root, name, QAbstractButton)
    assert isinstance(button, QAbstractButton)
    assert button.isEnabled(), f"{name!r} is disabled"
    button.click()


@dataclass
class Stagehand:
    """A window and everything it was given."""

    window: MainWindow
    services: FakeServices
    settings: Settings
    theme: Theme
    icons: Icons
    tasks: Tasks
    authorized: list[tuple[str, str]] = field(default_factory=list)
    quits: list[bool] = field(default_factory=list)
    unexpected: list[tuple[BaseException, str]] = field(default_factory=list)
    practised: list[bool] = field(default_factory=list)

    async def open(self, snapshot: Snapshot | None = None) -> None:
        """Show the window with this as its last known state."""
        self.services.snapshot = snapshot or Snapshot()
        self.window.show()
        self.window.activateWindow()
        await until(self.window.isActiveWindow, "activation")
        self.window.start()
        await until(lambda: ("keychain_status",) in self.services.asked, "the start")
        await self.settle()

    async def settle(self) -> None:
        """Wait until the window shows all it knows."""
        await until(lambda: not self.tasks.running() and self.window.settled, "settling")

    async def settle_window(self) -> None:
        """Wait until the window shows all it knows, while dialogs are still waited for."""
        await until(lambda: self.window.settled, "settling")

    async def close(self) -> None:
        """End the window as quitting does."""
        await self.window.finish()
        await self.tasks.close()
        self.window.hide()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def make_stagehand(
    settings: Settings,
    theme: Theme,
    icons: Icons,
    services: FakeServices | None = None,
    *,
    practice: bool = True,
    suggested: Suggest | None = None,
) -> Stagehand:
    """Put a window together; it is neither shown nor started."""
    services = services or FakeServices()
    authorized: list[tuple[str, str]] = []
    quits: list[bool] = []
    unexpected: list[tuple[BaseException, str]] = []
    practised: list[bool] = []
    tasks = Tasks(lambda error, name: unexpected.append((error, name)))
    window = MainWindow(
        services,
        tasks,
        settings,
        theme,
        icons,
        lambda app_id, connection_id: authorized.append((app_id, connection_id)),
        lambda: quits.append(True),
        practice=(lambda: practised.append(True)) if practice else None,
        suggested=suggested,
        clock=lambda: NOW,
    )
    return Stagehand(
        window, services, settings, theme, icons, tasks, authorized, quits, unexpected, practised
    )
