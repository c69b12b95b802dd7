"""The dialog ``Settings``, made from the table of settings; every change counts at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.errors import InputError
from adwarden.storage.settings import TABLE, Kind, Setting, Settings
from adwarden.ui.fields import Labelled
from adwarden.ui.parts import Text, make_button

_GROUPS = {
    "appearance": "Appearance",
    "authorization": "Authorization",
    "server": "Servers",
    "access": "Ads access",
    "history": "History",
    "secrets": "Secrets",
    "diagnostics": "Diagnostics",
}
_CHOICES = {
    "system": "As the system is set",
    "light": "Light",
    "dark": "Dark",
    "comfortable": "Comfortable",
    "compact": "Compact",
    "embedded": "A page inside the dialog",
}
_CHOICES_OF = {
    "browser": {"system": "My browser"},
    "reveal": {"never": "Never", "pressed": "While a button is held"},
    "lock_away": {"on": "Yes", "off": "No"},
}
HIDDEN_GROUPS = ("window", "vault")
"""What the window keeps for itself, and what has a dialog of its own."""


class SettingsDialog(QDialog):
    """Shows every setting that is not the window's own; keeps none of them itself."""

    def __init__(
        self,
        parent: QWidget | None,
        settings: Settings,
        places: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._fields: dict[Setting[Any], Labelled] = {}
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self.setModal(True)
        self.resize(560, 520)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(24, 20, 24, 20)
        self._column.setSpacing(12)
        self._column.addWidget(Text("Settings", role="title"))
        self._fill()
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(scroll, 1)
        row = QHBoxLayout()
        row.setContentsMargins(24, 12, 24, 16)
        row.setSpacing(8)
        defaults = make_button("Restore defaults")
        defaults.clicked.connect(self._restore)
        close = make_button("Close", primary=True)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        row.addWidget(defaults)
        if places is not None:
            kept = make_button("Where secrets are kept …")
            kept.clicked.connect(self.accept)
            kept.clicked.connect(places)
            row.addWidget(kept)
        row.addStretch(1)
        row.addWidget(close)
        outer.addLayout(row)

    def _fill(self) -> None:
        group = ""
        for setting in TABLE:
            if setting.group in HIDDEN_GROUPS:
                continue
            if setting.group != group:
                group = setting.group
                self._column.addSpacing(6)
                self._column.addWidget(Text(_GROUPS.get(group, group.title()), role="strong"))
            field = Labelled(setting.label, self._control(setting), setting.help)
            self._fields[setting] = field
            if self._settings.overridden(setting):
                field.control.setEnabled(False)
                field.say(f"Set by {setting.environment} in the environment.")
            self._column.addWidget(field)

    def _control(self, setting: Setting[Any]) -> QWidget:
        value = self._settings.get(setting)
        if setting.kind is Kind.CHOICE:
            return self._choice(setting, value)
        if setting.kind is Kind.NUMBER:
            return self._number(setting, value)
        return self._line(setting, value)

    def _choice(self, setting: Setting[Any], value: object) -> QComboBox:
        box = QComboBox()
        words = _CHOICES_OF.get(setting.key, {})
        for choice in setting.choices:
            box.addItem(words.get(choice, _CHOICES.get(choice, str(choice))), choice)
        box.setCurrentIndex(max(0, box.findData(value)))
        box.currentIndexChanged.connect(lambda _: self._set(setting, box.currentData()))
        # The wheel scrolls the dialog; a setting must not change under the pointer.
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return box

    def _number(self, setting: Setting[Any], value: object) -> QSpinBox:
        box = QSpinBox()
        box.setRange(setting.least, setting.most)
        box.setSuffix(f" {setting.unit}")
        box.setSpecialValueText(setting.lowest)
        box.setValue(int(str(value)))
        box.setKeyboardTracking(False)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Not by NoButtons: under a style sheet that leaves no room for the number.
        box.setStyleSheet(
            "QSpinBox::up-button, QSpinBox::down-button { width: 0; height: 0; border: none; }"
        )
        box.valueChanged.connect(lambda number: self._set(setting, number))
        inner = box.lineEdit()
        inner.setAccessibleName(setting.label)
        # The field inside must not wear the frame of a field of its own.
        inner.setTextMargins(8, 0, 8, 0)
        inner.setStyleSheet("border: none; padding: 0; min-height: 0; background: transparent;")
        return box

    def _line(self, setting: Setting[Any], value: object) -> QLineEdit:
        field = QLineEdit(str(value))
        field.setMaxLength(500)
        field.editingFinished.connect(lambda: self._set(setting, field.text().strip()))
        return field

    def _set(self, setting: Setting[Any], value: object) -> None:
        if value == self._settings.get(setting):
            self._fields[setting].say("")
            return
        try:
            self._settings.set(setting, value)
        except InputError as error:
            words = " ".join(filter(None, (error.message, error.remedy)))
            self._fields[setting].say(words, "error")
            return
        later = setting.group in ("server", "diagnostics")
        self._fields[setting].say("Counts from the next start." if later else "")

    def _restore(self) -> None:
        for setting, field in self._fields.items():
            if self._settings.overridden(setting):
                continue
            control = field.control
            if isinstance(control, QComboBox):
                control.setCurrentIndex(control.findData(setting.default))
            elif isinstance(control, QSpinBox):
                control.setValue(setting.default)
            elif isinstance(control, QLineEdit):
                control.setText(str(setting.default))
                self._set(setting, setting.default)


def open_settings(parent: QWidget, settings: Settings, places: Callable[[], None]) -> None:
    """Open the dialog over a window; it is gone once it is closed.

    ``places`` shows where secrets are kept, in the dialog's stead.
    """
    dialog = SettingsDialog(parent, settings, places)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
