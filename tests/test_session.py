from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from adwarden.session import Session
from adwarden.ui.main_window import MainWindow


def test_a_second_start_is_seen_from_another_workspace(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()
    alerted: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", alerted.append)
    session = Session.__new__(Session)
    session._window = cast("MainWindow", window)
    session._raise_window()
    assert alerted == [window]
    assert window.isVisible()
    assert not window.isMinimized()
