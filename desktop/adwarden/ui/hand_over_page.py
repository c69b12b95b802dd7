"""What a format would hand over: choices, a preview without secrets, the file it goes to.

All of it scrolls, what the format is as well: little room is for the preview and the file.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from adwarden.domain.errors import AdwardenError, InputError
from adwarden.services.handing_over import Draft
from adwarden.services.handover.formats import Format
from adwarden.ui.hand_over_options import HandOverOptions
from adwarden.ui.hand_over_source import Subject
from adwarden.ui.hand_over_target import HandOverTarget
from adwarden.ui.hand_over_words import about_of, title_of
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, breakable
from adwarden.ui.search import visible

_LEAST = 148
"""Pixels of the preview that are always there; what has no room then is scrolled to."""


class _Preview(QPlainTextEdit):
    """Has what room there is, and asks for no more than a few lines."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _LEAST)


class HandOverPage(QScrollArea):
    """Choices above the preview, the file below it; ``changed`` after each change of either."""

    changed = Signal()

    def __init__(
        self,
        subject: Subject,
        folder: Path,
        icons: Icons,
    ) -> None:
        super().__init__()
        self.options = HandOverOptions(subject)
        self.target = HandOverTarget(folder, icons)
        self._preview = _Preview()
        self._preview.setReadOnly(True)
        self._preview.setTabChangesFocus(True)
        self._preview.setAccessibleName("Preview")
        self._preview.setMinimumHeight(_LEAST)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(12)
        self._preview.setFont(fixed)
        self._preview.setStyleSheet(f'QPlainTextEdit {{ font-family: "{fixed.family()}"; }}')
        self._title = Text("", role="strong", wraps=True)
        self._about = Text("", role="dim", wraps=True)
        self._words = Text("", role="error", wraps=True, selectable=True)
        self._words.hide()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self._title, self._about, self.options, self._words):
            column.addWidget(part)
        column.addWidget(self._preview, 1)
        column.addWidget(self.target)
        self.setWidget(inside)
        inside.setProperty("transparent", True)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("What is handed over")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for signal in (self.options.changed, self.target.changed):
            signal.connect(self.changed)

    def show_format(self, one: Format) -> None:
        """Show what concerns a format."""
        self._title.setText(title_of(one.id))
        self._about.setText(about_of(one.id))
        self.verticalScrollBar().setValue(0)
        self.options.show_format(one)
        self.target.show_format(one)
        modes = QPlainTextEdit.LineWrapMode
        self._preview.setLineWrapMode(modes.WidgetWidth if one.request else modes.NoWrap)
        self.clear_words()
        self.show_text("")

    def show_text(self, text: str) -> None:
        """Show a text that has no secrets in it."""
        if text != self._preview.toPlainText():
            self._preview.setPlainText(text)

    def say_why_empty(self, words: str) -> None:
        """Say in the preview, while there is none, why; nothing for an empty text."""
        self._preview.setPlaceholderText(words)

    def clear_words(self) -> None:
        """Take back what was said of the choices and of the file."""
        self._words.hide()
        self.options.clear_words()
        self.target.clear_words()

    def show_draft(self, draft: Draft) -> None:
        """Show what a file would become, and say what speaks against it where it is seen."""
        self.show_text(draft.shown)
        self.target.tell(draft)
        if draft.warnings:
            # Once the words have their room.
            QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self.target, 0, 0))

    def refuse(self, error: AdwardenError) -> None:
        """Say why there is nothing to be shown."""
        self.show_text("")
        if not (isinstance(error, InputError) and self.refuse_field(error)):
            self._write(str(error), "error")

    def refuse_field(self, error: InputError) -> bool:
        """Say beside its field what is wrong; False where there is no such field."""
        if error.field == "file":
            self.target.refuse(error)
            self.target.field.edit.setFocus()
            return True
        return self.options.refuse(error)

    def say(self, words: str) -> None:
        """Make a remark."""
        self._write(words, "dim")

    def _write(self, words: str, role: str) -> None:
        self._words.say(breakable(visible(words)), role)
        self._words.show()
