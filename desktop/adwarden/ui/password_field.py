"""A field for a password that is typed, as it is: nothing is cleaned, nothing is remembered."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from adwarden.domain.secret import Secret
from adwarden.ui.fields import Labelled
from adwarden.ui.icons import Icons
from adwarden.ui.parts import icon_button

CAPS = "Caps Lock seems to be on."
_LIMIT = 1000


class PasswordField(Labelled):
    """A masked line with a button that shows it while pressed, and a word about Caps Lock."""

    edited = Signal()

    def __init__(self, label: str, icons: Icons, hint: str = "") -> None:
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setMaxLength(_LIMIT)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self._caps = False
        self._said = ("", "dim")
        super().__init__(label, self.edit, hint)
        self.reveal = icon_button(f"Show {label} while pressed", icons, "eye")
        self.reveal.setFixedSize(32, 32)
        self.reveal.pressed.connect(lambda: self._show(True))
        self.reveal.released.connect(lambda: self._show(False))
        self.reveal.installEventFilter(self)
        self.edit.installEventFilter(self)
        self.row.addWidget(self.reveal)
        self.edit.textEdited.connect(lambda _: self.edited.emit())

    @property
    def secret(self) -> Secret:
        """What was typed, blanks included."""
        return Secret(self.edit.text())

    @property
    def caps_lock(self) -> bool:
        """Whether the last letter came as it does with Caps Lock on."""
        return self._caps

    def clear(self) -> None:
        """Empty the field, its undo history included."""
        self.edit.setText("")

    def say(self, words: str, role: str = "dim") -> None:
        """Show words below the line, behind the one about Caps Lock."""
        self._said = (words, role)
        if self._caps:
            super().say(f"{CAPS} {words}".strip(), "warn")
        else:
            super().say(words, role)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide the password when its button is left, and watch how letters come."""
        if watched is self.reveal:
            if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide, QEvent.Type.Leave):
                self._show(False)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._look_at(event)
        elif event.type() == QEvent.Type.FocusOut:
            self._set_caps(False)
        return super().eventFilter(watched, event)

    def _look_at(self, event: QKeyEvent) -> None:
        """Tell Caps Lock by what it does: no toolkit says whether it is on."""
        text = event.text()
        if event.key() == Qt.Key.Key_CapsLock:
            self._set_caps(False)  # which way it went shows at the next letter
        elif len(text) == 1 and text.lower() != text.upper():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._set_caps(text.isupper() != shift)

    def _set_caps(self, on: bool) -> None:
        if on != self._caps:
            self._caps = on
            self.say(*self._said)

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(mode)
