"""What the authorization dialog has to tell or ask, in place and never in a box of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLayout,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.ui.authorize_parts import Picture, Words, announce, button
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme, restyle

_PICTURES = {
    "bad": "triangle-alert",
    "warn": "circle-alert",
    "info": "info",
    "ok": "circle-check",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a message: its words and what it does."""

    text: str
    run: Callable[[], None]
    style: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What happened, why, what to do; ``level`` is ``bad``, ``warn``, ``info`` or ``ok``."""

    level: str
    title: str
    lines: tuple[str, ...] = ()
    detail: str = ""
    choices: tuple[Choice, ...] = ()


def message_of(error: AdwardenError, level: str, *more: str) -> Message:
    """Make a message of an error, with ``more`` lines below it."""
    lines = tuple(line for line in (in_words(error), *more) if line)
    return Message(level, error.title, lines, error.detail)


def in_words(error: AdwardenError) -> str:
    """Return why it happened and what to do, as one paragraph."""
    return " ".join(part for part in (error.message, error.remedy) if part)


class MessagePanel(QFrame):
    """Shows one message at a time; hidden while there is none."""

    def __init__(self, icons: Icons, theme: Theme) -> None:
        super().__init__()
        self._message: Message | None = None
        self._picture = Picture(icons, theme, "info", "accent")
        self._title = Words("", "strong")
        self._fold = QToolButton()
        self._fold.setText("Details")
        self._fold.setAccessibleName("Technical details")
        self._fold.setCheckable(True)
        self._fold.setProperty("flat", True)
        self._detail = QPlainTextEdit()
        self._detail.setReadOnly(True)
        self._detail.setTabChangesFocus(True)
        self._detail.setAccessibleName("Technical details")
        self._detail.setFixedHeight(72)
        self._fold.toggled.connect(self._detail.setVisible)
        self._texts = QVBoxLayout()
        self._texts.setSpacing(6)
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._picture)
        head.addWidget(self._title, 1)
        head.addWidget(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(self._texts)
        column.addWidget(self._detail)
        column.addLayout(self._buttons)
        self.hide()

    @property
    def message(self) -> Message | None:
        """What is shown."""
        return self._message

    def buttons(self) -> list[QPushButton]:
        """Return the buttons of the choices, in their order."""
        items = (self._buttons.itemAt(at) for at in range(self._buttons.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, QPushButton)]

    def say(self, message: Message | None) -> None:
        """Show ``message`` in the place of the last one; ``None`` shows nothing."""
        if message == self._message:
            return
        self._message = message
        _empty(self._texts)
        _empty(self._buttons)
        self.setVisible(message is not None)
        if message is None:
            return
        self.setProperty("banner", message.level)
        restyle(self)
        colour = "accent" if message.level == "info" else message.level
        self._picture.set_picture(_PICTURES[message.level], colour)
        self._title.say(message.title)
        for line in message.lines:
            words = Words(line)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._texts.addWidget(words)
            words.show()
        self._fold.setVisible(bool(message.detail))
        self._fold.setChecked(False)
        self._detail.setVisible(False)
        self._detail.setPlainText(message.detail)
        for choice in message.choices:
            made = button(choice.text, style=choice.style)
            made.clicked.connect(lambda _=False, run=choice.run: run())
            self._buttons.addWidget(made)
            made.show()
        self.setAccessibleName(message.title)
        self.setAccessibleDescription(" ".join(message.lines))
        announce(self, " ".join((f"{message.title}.", *message.lines)))


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
