"""Icons that Qt paints by an engine in Python, whoever of the two lets go of it first."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from adwarden.ui import icons as module
from adwarden.ui.icons import Drawings, Icons

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def drawings(icons: Icons) -> Drawings:
    return icons._drawings


def test_the_collector_takes_no_engine_from_under_its_icon(drawings: Drawings) -> None:
    for _ in range(20):
        engine = module._Engine(drawings, "plus", "text")
        icon = QIcon(engine)
        round_ = [icon]
        round_.append(round_)  # type: ignore[arg-type]
        # From here on the collector alone can end them, the engine first, as it is the older one.
        left = weakref.ref(engine)
        del engine, icon, round_
        gc.collect()
        assert not isValid(left())  # it went with the icon, and no sooner


def test_a_button_paints_its_icon_when_nobody_else_has_it(drawings: Drawings, qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    button.setIcon(QIcon(module._Engine(drawings, "plus", "#ff0000")))
    gc.collect()
    image = button.icon().pixmap(16, 16).toImage()
    seen = {image.pixelColor(x, y).name() for x in range(16) for y in range(16)}
    assert "#ff0000" in seen


def test_a_copy_that_is_changed_has_an_engine_of_its_own(icons: Icons) -> None:
    copy = QIcon(icons.icon("plus"))
    copy.addPixmap(QPixmap(3, 3))  # which has Qt clone the engine
    gc.collect()
    assert not copy.pixmap(16, 16).isNull()


def test_engines_that_qt_has_deleted_are_let_go(drawings: Drawings) -> None:
    made = [QIcon(module._Engine(drawings, "plus", "text")) for _ in range(5)]
    for _ in range(10 * module._ROUND):
        QIcon(module._Engine(drawings, "plus", "text"))
    kept = module._kept()
    assert sum(map(isValid, kept)) >= len(made)
    assert len(kept) < sum(map(isValid, kept)) + 2 * module._ROUND
