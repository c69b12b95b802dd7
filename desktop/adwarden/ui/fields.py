"""Form fields with a label above and words below; keys are masked and cleaned as they come in."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.key_shapes import MAX_PASTE, clean
from adwarden.services.app_checks import MAX_LABEL
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


class NameField(TextField):
    """A person's own name for something: nothing is cut off, and too much is said while typing."""

    def __init__(self, label: str, hint: str = "") -> None:
        # Room for what is pasted: it is to be shortened by whoever typed it, not here.
        super().__init__(label, hint, limit=1000)
        self.edit.textEdited.connect(lambda _: self.too_long())

    def too_long(self) -> bool:
        """Say whether there are more characters than a name may have; else say nothing more."""
        length = len(" ".join(self.text().split()))
        words = f"A name may have {MAX_LABEL} characters; this has {length}."
        self.say(words if length > MAX_LABEL else "", "error")
        return length > MAX_LABEL


class NoteField(Labelled):
    """A few lines of text; Tab leaves it."""

    def __init__(self, label: str, hint: str = "") -> None:
        self.edit = QPlainTextEdit()
        self.edit.setTabChangesFocus(True)
        self.edit.setFixedHeight(72)
        super().__init__(label, self.edit, hint)

    def text(self) -> str:
        """Return the text without blanks at its ends."""
        return self.edit.toPlainText().strip()


class KeyField(Labelled):
    """A masked line for a key; what is pasted is cleaned at once, and said so."""

    edited = Signal()
    pasted = Signal(str)
    """What came in, before it is cleaned."""

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
        self.pasted.emit(text)


class KeptField(KeyField):
    """A key that may be kept already and is never shown: what is left empty stays as it is."""

    def __init__(self, label: str, icons: Icons) -> None:
        super().__init__(label, icons)
        self._icons, self._label, self._kept = icons, label, False
        self.removed = False
        """Whether it is to be forgotten."""
        self.remove = icon_button(f"Remove {label}", icons, "trash-2")
        self.remove.setFixedSize(32, 32)
        self.remove.clicked.connect(lambda: self._set_removed(not self.removed))
        self.row.addWidget(self.remove)
        self.show_kept(kept=False)

    def show_kept(self, *, kept: bool) -> None:
        """Say whether there is one, and begin anew."""
        self._kept = kept
        self.clear()
        self.remove.setVisible(kept)
        self._set_removed(False)

    def _clean(self, text: str) -> None:
        # First the hint: whoever hears of the edit shows it.
        self._hint = self._standing(bool(clean(text).text))
        super()._clean(text)

    def _standing(self, typed: bool) -> str:
        """Return whether there is one, or what saving makes of it."""
        if typed:
            return "It replaces what is kept when you save." if self._kept else "New."
        return "Kept" if self._kept else "None kept"

    def _set_removed(self, removed: bool) -> None:
        self.removed = removed
        self._hint = self._standing(False)
        left = self._kept and not removed
        self.edit.setPlaceholderText("Leave empty to keep it" if left else "")
        words = f"Keep {self._label}" if removed else f"Remove {self._label}"
        self.remove.setAccessibleName(words)
        self.remove.setToolTip(words)
        icon = "rotate-ccw" if removed else "trash-2"
        self.remove.setIcon(self._icons.icon(icon, colour="dim"))
        for part in (self.edit, self.reveal):
            part.setEnabled(not removed)
        if removed:
            self.clear()
        self.say("It is removed when you save." if removed else "", "warn")


def _reveal_button(label: str, icons: Icons) -> QToolButton:
    button = icon_button(f"Show {label} while pressed", icons, "eye")
    button.setFixedSize(32, 32)
    return button
