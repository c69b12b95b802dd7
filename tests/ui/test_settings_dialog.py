from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from adwarden.storage import settings as known
from adwarden.storage.settings import Settings
from adwarden.ui.settings_dialog import SettingsDialog
from tests.ui.stagehand import named


def spin(dialog: SettingsDialog, name: str) -> QSpinBox:
    box = named(dialog, name, QSpinBox)
    assert isinstance(box, QSpinBox)
    return box


def test_what_is_never_done_is_said_in_a_word_and_typed_as_a_number(
    qtbot: QtBot, settings: Settings
) -> None:
    settings.set(known.CLIPBOARD_SECONDS, 0)
    dialog = SettingsDialog(None, settings)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    assert spin(dialog, "Clear a copied secret after").text() == "Not by itself"
    lock = spin(dialog, "Lock after")
    assert lock.text() == "10 min"
    for typed, text in (("0", "Never"), ("25", "25 min")):
        lock.setFocus()
        lock.selectAll()
        QTest.keyClicks(lock.lineEdit(), typed)
        QTest.keyClick(lock.lineEdit(), Qt.Key.Key_Tab)
        assert lock.text() == text
        assert settings.get(known.LOCK_IDLE) == int(typed)
    # A price of nothing is a price like any other.
    price = spin(dialog, "Price of 1,000 handles")
    price.setValue(0)
    assert price.text() == "0 US$"


def test_showing_secrets_has_to_be_allowed(qtbot: QtBot, settings: Settings) -> None:
    dialog = SettingsDialog(None, settings)
    qtbot.addWidget(dialog)
    dialog.show()
    box = named(dialog, "Show secrets", QComboBox)
    assert isinstance(box, QComboBox)
    assert box.currentText() == "Never"
    box.setCurrentIndex(box.findText("While a button is held"))
    assert settings.get(known.REVEAL) == "pressed"
