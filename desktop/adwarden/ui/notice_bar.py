"""One notice on the screen: what happened, why, and the buttons for what to do.

Most windows have none when they are first painted, so it comes with the first one.
"""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Level, Notice, Remedy
from adwarden.ui.parts import Mark, Text, breakable, icon_button, make_button
from adwarden.ui.search import visible

WORDS = 240
"""Pixels that the words have at least beside the buttons; with less, these go below them."""

_MARKS = {
    Level.INFO: ("info", "accent"),
    Level.WARN: ("circle-alert", "warn"),
    Level.ERROR: ("triangle-alert", "bad"),
}
_WORDS = {Level.INFO: "Information", Level.WARN: "Warning", Level.ERROR: "Problem"}


class _Shape(IntEnum):
    """Where the buttons are: beside the words, below them, below them and one another."""

    BESIDE = 0
    BELOW = 1
    STACKED = 2


class NoticeBar(QFrame):
    """One notice on the screen; how it is laid out follows from what it holds and its width."""

    closed = Signal()
    resized = Signal()

    def __init__(self, notice: Notice, icons: Icons, clipboard: Clipboard) -> None:
        super().__init__()
        self.notice = notice
        self._clipboard = clipboard
        self.setProperty("banner", notice.level.value)
        self.setAccessibleName(f"{_WORDS[notice.level]}: {notice.title}")
        self.setAccessibleDescription(" ".join(filter(None, (notice.message, notice.remedy))))
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(12, 8, 8, 8)
        self._outer.setSpacing(8)
        self.chain: list[QWidget] = []
        """What Tab comes to, in its order."""
        self._answers: list[QWidget] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(12)
        mark = Mark(icons, *_MARKS[notice.level], size=18)
        self._row.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(self._words(), 1)
        self._tools = self._buttons()
        self._tools.setVisible(bool(notice.detail or notice.buttons))
        self._shape = _Shape.BESIDE
        self._row.addWidget(self._tools)
        if notice.closable:
            close = icon_button("Close notice", icons, "x")
            close.clicked.connect(self.closed)
            self._row.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
            self.chain.append(close)
        self._outer.addLayout(self._row)
        self._folded: QWidget | None = None

    def _buttons(self) -> QWidget:
        tools = QWidget()
        self._tool_row = row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addStretch(1)
        if self.notice.detail:
            self._fold = QToolButton()
            self._fold.setProperty("flat", True)
            self._fold.setText("Details")
            self._fold.setAccessibleName("Show technical details")
            self._fold.setCheckable(True)
            self._fold.toggled.connect(self._unfold)
            row.addWidget(self._fold)
            self._answers.append(self._fold)
        for remedy in self.notice.buttons:
            button = make_button(remedy.text)
            button.setAccessibleDescription(self.notice.title)
            button.clicked.connect(lambda _=False, chosen=remedy: self._choose(chosen))
            row.addWidget(button)
            self._answers.append(button)
        self.chain += self._answers
        return tools

    def minimumSizeHint(self) -> QSize:
        """Ask for the width of the narrowest shape only: a wider one would keep it as it is."""
        hint = super().minimumSizeHint()
        least = max(self._fixed(), self._widest() + self._margins())
        return QSize(min(hint.width(), least), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons where they leave the words room."""
        super().resizeEvent(event)
        shape = self._shape_at(event.size().width())
        if shape is self._shape:
            return
        below = shape is not _Shape.BESIDE
        if below != (self._shape is not _Shape.BESIDE):
            old, new, place = (self._row, self._outer, 1) if below else (self._outer, self._row, 2)
            old.removeWidget(self._tools)
            new.insertWidget(place, self._tools)
        ways = QBoxLayout.Direction
        stacked = shape is _Shape.STACKED
        self._tool_row.setDirection(ways.TopToBottom if stacked else ways.LeftToRight)
        self._shape = shape
        self.resized.emit()

    def _shape_at(self, width: int) -> _Shape:
        buttons = self._across()
        if not buttons or width >= self._fixed() + WORDS + self._row.spacing() + buttons:
            return _Shape.BESIDE
        return _Shape.BELOW if width >= self._margins() + buttons else _Shape.STACKED

    def _margins(self) -> int:
        sides = self._outer.contentsMargins()
        return sides.left() + sides.right() + 2 * self.frameWidth()

    def _fixed(self) -> int:
        """Return the pixels across that neither words nor buttons have."""
        parts = (self._row.itemAt(at) for at in range(self._row.count()))
        others = (one.widget() for one in parts if one is not None)
        widths = [
            one.sizeHint().width() for one in others if one is not None and one is not self._tools
        ]
        return self._margins() + sum(widths) + self._row.spacing() * len(widths)

    def _tool_widths(self) -> list[int]:
        return [part.sizeHint().width() for part in self._answers]

    def _widest(self) -> int:
        return max(self._tool_widths(), default=0)

    def _across(self) -> int:
        """Return how wide the buttons are beside one another; 0 without any."""
        widths = self._tool_widths()
        # The stretch before them is an item as well.
        return sum(widths) + self._tool_row.spacing() * len(widths)

    def _words(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Text(breakable(visible(self.notice.title)), role="strong", wraps=True))
        rest = " ".join(part for part in (self.notice.message, self.notice.remedy) if part)
        if rest:
            shown = breakable(visible(rest))
            words.addWidget(Text(shown, role="dim", wraps=True, selectable=True))
        return words

    def _choose(self, remedy: Remedy) -> None:
        if remedy.closes:
            self.closed.emit()
        remedy.run()

    def _unfold(self, shown: bool) -> None:
        self._fold.setAccessibleName(f"{'Hide' if shown else 'Show'} technical details")
        if self._folded is None:
            self._folded = self._detail_pane()
            self._outer.addWidget(self._folded)
        self._folded.setVisible(shown)
        self.resized.emit()

    def _detail_pane(self) -> QWidget:
        detail = QPlainTextEdit(self.notice.detail)
        detail.setReadOnly(True)
        detail.setTabChangesFocus(True)
        detail.setAccessibleName("Technical details")
        detail.setFixedHeight(84)
        copy = make_button("Copy details")
        copy.clicked.connect(lambda: self._clipboard.copy_text(self.notice.detail))
        pane = QWidget()
        body = QVBoxLayout(pane)
        body.setContentsMargins(0, 0, 4, 4)
        body.addWidget(detail)
        body.addWidget(copy, 0, Qt.AlignmentFlag.AlignRight)
        self.chain += (detail, copy)
        return pane
