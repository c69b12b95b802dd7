"""One notice on the screen: what happened, why, and the buttons for what to do.

Most windows have none when they are first painted, so it comes with the first one.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Level, Notice, Remedy
from adwarden.ui.parts import Mark, Text, breakable, icon_button, make_button
from adwarden.ui.search import visible

NARROW = 460
"""Pixels below which a notice has its buttons under its words."""

_MARKS = {
    Level.INFO: ("info", "accent"),
    Level.WARN: ("circle-alert", "warn"),
    Level.ERROR: ("triangle-alert", "bad"),
}
_WORDS = {Level.INFO: "Information", Level.WARN: "Warning", Level.ERROR: "Problem"}


class NoticeBar(QFrame):
    """One notice on the screen."""

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
        self._row = QHBoxLayout()
        self._row.setSpacing(12)
        mark = Mark(icons, *_MARKS[notice.level], size=18)
        self._row.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(self._words(), 1)
        self._tools = self._buttons()
        self._tools.setVisible(bool(notice.detail or notice.buttons))
        self._narrow = False
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
        row = QHBoxLayout(tools)
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
            self.chain.append(self._fold)
        for remedy in self.notice.buttons:
            button = make_button(remedy.text)
            button.setAccessibleDescription(self.notice.title)
            button.clicked.connect(lambda _=False, chosen=remedy: self._choose(chosen))
            row.addWidget(button)
            self.chain.append(button)
        return tools

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the words where they would squeeze them."""
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        if narrow == self._narrow:
            return
        self._narrow = narrow
        if narrow:
            self._row.removeWidget(self._tools)
            self._outer.insertWidget(1, self._tools)
        else:
            self._outer.removeWidget(self._tools)
            self._row.insertWidget(2, self._tools)
        self.resized.emit()

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
