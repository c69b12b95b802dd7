"""A main window on stand-in services, with theme and settings of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtWidgets import QApplication

from adwarden.storage.settings import Settings
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from tests.ui.stagehand import Stagehand, make_stagehand


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


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings that nobody has changed yet."""
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def hand(
    loop: qasync.QEventLoop, settings: Settings, theme: Theme, icons: Icons
) -> Iterator[Stagehand]:
    """Yield a window that is neither shown nor started; ends it and checks the funnel."""
    hand = make_stagehand(settings, theme, icons)
    yield hand
    loop.run_until_complete(hand.close())
    assert not hand.unexpected, f"let out: {hand.unexpected}"
