"""A main window on stand-in services, with the loop, the theme and settings of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from adwarden.domain.model import Snapshot
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import Settings
from adwarden.ui.icons import Icons
from adwarden.ui.main_window import MainWindow
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
        part for part in root.findChildren(kind) if part.accessibleName() == name and part.isVisible()
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
        self.window.start()
        await until(lambda: ("keychain_status",) in self.services.asked, "the start")
        await self.settle()

    async def settle(self) -> None:
        """Wait until the window shows all it knows."""
        await until(
            lambda: not self.window.tasks_waiting() and self.window.settled(), "settling"
        )


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """Dress the application in light."""
    theme = Theme(qapp, "light")
    yield theme
    theme.set_mode("light")


@pytest.fixture
def icons(theme: Theme) -> Icons:
    """Return the icons of that theme."""
    return Icons(theme)
