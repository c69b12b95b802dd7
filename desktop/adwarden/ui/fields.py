"""Form fields with a label above and words below; keys are masked and cleaned as they come in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from adwarden.domain.key_shapes import MAX_PASTE, clean
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, announce, icon_button


class Labelled(QWidget):
    """A label, a control and a line of words below it that is gone while there are none."""

    def __init__(self, label: str, control: QWidget, hint: str = "") -> None:
        super().__init__()
        self.control = control
        self._hint = hint
        control.setAccessibleName(label)
        caption = Text(label, role="heading")
        caption.setBuddy(control)
        self._words = Text("", role="dim", wraps=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(caption)
        self.row = QHBoxLayout()
        self.row.setSpacing(4)
        self.row.addWidget(control, 1)
        column.addLayout(self.row)
        column.addWidget(self._words)
        self.say("")

    def say(self, words: str, role: str = "dim") -> None:
        """Show words below the control, ``error``, ``warn`` or ``dim``; empty shows the hint."""
        changed = bool(words) and words != self._words.text()
        shown = words or self._hint
        self._words.say(shown, role if words else "dim")
        self._words.setVisible(bool(shown))
        self.control.setAccessibleDescription(shown)
        if changed:
            announce(self.control, words)

    def said(self) -> str:
        """Return the words below the control."""
        return self._words.text()


class TextField(Labelled):
    """A line of text."""

    def __init__(self, label: str, hint: str = "", *, limit: int = 80) -> None:
        self.edit = QLineEdit()
        self.edit.setMaxLength(limit)
        super().__init__(label, self.edit, hint)

    def text(self) -> str:
        """Return the text without blanks at its ends."""
        return self.edit.text().strip()


class KeyField(Labelled):
    """A masked line for a key; what is pasted is cleaned at once, and said so."""

    edited = Signal()

    def __init__(self, label: str, icons: Icons, hint: str = "") -> None:
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        # One more than is kept, so that a text cut off here is still seen as too long.
        self.edit.setMaxLength(MAX_PASTE + 1)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        super().__init__(label, self.edit, hint)
        self.notes: tuple[str, ...] = ()
        self.reveal = _reveal_button(label, icons)
        self.reveal.pressed.connect(lambda: self._show(True))
        self.reveal.released.connect(lambda: self._show(False))
        self.reveal.installEventFilter(self)
        self.row.addWidget(self.reveal)
        self.edit.textEdited.connect(self._clean)

    def text(self) -> str:
        """Return the cleaned key."""
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Put a text in, as if it had been pasted."""
        self.edit.setText(text)
        self._clean(text)

    def clear(self) -> None:
        """Empty the field, its undo history included."""
        self.edit.setText("")
        self.notes = ()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide the key when its button loses the keyboard or the window while pressed."""
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide, QEvent.Type.Leave):
            self._show(False)
        return super().eventFilter(watched, event)

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(mode)

    def _clean(self, text: str) -> None:
        cleaned = clean(text)
        self.notes = cleaned.notes
        if cleaned.text != text:
            cursor = len(clean(text[: self.edit.cursorPosition()]).text)
            self.edit.setText(cleaned.text)
            self.edit.setCursorPosition(min(cursor, len(cleaned.text)))
        self.edited.emit()


def _reveal_button(label: str, icons: Icons) -> QToolButton:
    button = icon_button(f"Show {label} while pressed", icons, "eye")
    button.setFixedSize(32, 32)
    return button
