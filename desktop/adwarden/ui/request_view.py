"""The pane that shows an answer, however long it is, and the line that searches in it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontDatabase, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from adwarden.services.tasks import Lane, Tasks
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, announce, icon_button
from adwarden.ui.request_text import Hits, Prepared, find_all, prepare

if TYPE_CHECKING:
    import asyncio

_PAUSE = 150
"""Milliseconds without a key before it is searched."""

_LEAST = 72
"""Pixels of the pane that are always there."""


class FixedText(QPlainTextEdit):
    """Read-only text in letters of one width, for eyes, keyboard and screen readers."""

    def __init__(self, name: str, *, wraps: bool = True) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        modes = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(modes.WidgetWidth if wraps else modes.NoWrap)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(12)
        self.setFont(fixed)
        self.setStyleSheet(f'QPlainTextEdit {{ font-family: "{fixed.family()}"; }}')

    def sizeHint(self) -> QSize:
        """Ask for a few lines."""
        return QSize(super().sizeHint().width(), _LEAST)


class LongText(FixedText):
    """Takes a text in pieces, one at each turn of the loop; ``whole`` when all of it is there."""

    whole = Signal()

    def __init__(self, name: str, icons: Icons) -> None:
        super().__init__(name, wraps=False)
        self._icons = icons
        self._pieces: list[str] = []
        self._hits, self._current = Hits(), -1
        self._next = QTimer(self)
        self._next.setInterval(0)
        self._next.timeout.connect(self._add)
        self.setMinimumHeight(_LEAST)
        self.updateRequest.connect(lambda _, moved: self._mark() if moved else None)

    @property
    def filling(self) -> bool:
        """Whether there is more to come."""
        return self._next.isActive()

    def show_text(self, prepared: Prepared) -> None:
        """Show another text."""
        self.mark(Hits())
        self.clear()
        self._pieces = list(reversed(prepared.pieces))
        self._next.start()

    def mark(self, hits: Hits) -> None:
        """Mark what was found."""
        self._hits, self._current = hits, -1
        self._mark()

    def go_to(self, place: int) -> None:
        """Show one of the places that were found."""
        self._current = place
        cursor = QTextCursor(self.document())
        # First its end, then its beginning: both are scrolled to, where there is room for both.
        for at in (self._hits.ends[place], self._hits.starts[place]):
            cursor.setPosition(at)
            self.setTextCursor(cursor)
        self._mark()

    def after_cursor(self) -> int:
        """Return the first of the places from the cursor on, or the first of all."""
        place = bisect_left(self._hits.starts, self.textCursor().position())
        return place if place < len(self._hits.starts) else 0

    def _add(self) -> None:
        if not self._pieces:
            self._next.stop()
            self.whole.emit()
            return
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._pieces.pop())

    def _mark(self) -> None:
        """Mark those that can be seen: there may be thousands of others."""
        if not len(self._hits.starts):
            if self.extraSelections():
                self.setExtraSelections([])
            return
        first = self.firstVisibleBlock().position()
        last = self.cursorForPosition(self.viewport().rect().bottomRight()).block()
        palette = self._icons.theme.palette
        plain, current = QTextCharFormat(), QTextCharFormat()
        plain.setBackground(QColor(palette.match))
        current.setBackground(QColor(palette.accent_fill))
        current.setForeground(QColor(palette.on_accent))
        marks = []
        place = bisect_left(self._hits.starts, first)
        end = last.position() + last.length()
        while place < len(self._hits.starts) and self._hits.starts[place] <= end:
            one = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._hits.starts[place])
            cursor.setPosition(self._hits.ends[place], QTextCursor.MoveMode.KeepAnchor)
            one.cursor = cursor
            one.format = current if place == self._current else plain
            marks.append(one)
            place += 1
        self.setExtraSelections(marks)


class SearchedText(QWidget):
    """A long text with its search line; everything that takes long is done beside the loop."""

    def __init__(self, name: str, tasks: Tasks, icons: Icons) -> None:
        super().__init__()
        self._tasks = tasks
        self._lane: Lane[None] = Lane("read an answer", workers=1, context=lambda: None)
        self._prepared = Prepared("")
        self._closed = False
        self._hits, self._at = Hits(), -1
        self._showing: asyncio.Task[None] | None = None
        self._finding: asyncio.Task[None] | None = None
        self.view = LongText(name, icons)
        self.edit = _SearchField(self)
        self._count = Text("", role="dim", name="Found")
        self._buttons = [
            icon_button(words, icons, icon)
            for words, icon in (
                ("Previous (Shift+F3)", "chevron-up"),
                ("Next (F3)", "chevron-down"),
            )
        ]
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.edit, 1)
        row.addWidget(self._count)
        for step, button in zip((-1, 1), self._buttons, strict=True):
            button.clicked.connect(lambda _=False, step=step: self.step(step))
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._search)
        self.edit.textChanged.connect(lambda _: self._pause.start())
        self.view.whole.connect(self._search)
        self._tell()

    @property
    def settled(self) -> bool:
        """Whether the text is there and searched."""
        busy = any(task is not None and not task.done() for task in (self._showing, self._finding))
        return not (busy or self.view.filling or self._pause.isActive())

    @property
    def text(self) -> str:
        """The whole text, also while only some of it is shown."""
        return self._prepared.text

    def show_text(self, text: str) -> None:
        """Show another text."""
        self._tasks.cancel(self)
        self._found(Hits())
        self._prepared = Prepared(text)
        self.view.show_text(Prepared(""))
        if text:
            self._showing = self._tasks.spawn(self, "show an answer", self._show(text))

    def step(self, by: int) -> None:
        """Go to the next of what was found, or the one before; after the last comes the first."""
        count = len(self._hits.starts)
        if not count:
            return
        if self._at < 0:
            after = self.view.after_cursor()
            self._at = after if by > 0 else (after - 1) % count
        else:
            self._at = (self._at + by) % count
        self.view.go_to(self._at)
        self._tell()
        announce(self.edit, self._count.text())

    def close_lane(self) -> None:
        """Forget the text, and end what works beside the loop."""
        self._closed = True
        self._pause.stop()
        self.show_text("")
        self._lane.close()

    async def _show(self, text: str) -> None:
        self._prepared = await self._lane.run(lambda _: prepare(text))
        self.view.show_text(self._prepared)

    def _search(self) -> None:
        # What is still coming in is searched when all of it is there.
        if (
            self._closed
            or self.view.filling
            or (self._showing is not None and not self._showing.done())
        ):
            return
        if self._finding is not None:
            self._finding.cancel()
        self._finding = self._tasks.spawn(self, "search an answer", self._find(self.edit.text()))

    async def _find(self, wanted: str) -> None:
        prepared = self._prepared
        self._found(await self._lane.run(lambda _: find_all(prepared, wanted)))
        if self.edit.hasFocus():
            self.step(1)

    def _found(self, hits: Hits) -> None:
        self._hits, self._at = hits, -1
        self.view.mark(hits)
        self._tell()

    def _tell(self) -> None:
        count = len(self._hits.starts)
        for button in self._buttons:
            button.setEnabled(bool(count))
        if not self.edit.text():
            words = ""
        elif not count:
            words = "Not found"
        else:
            at = f"{self._at + 1:,} of " if self._at >= 0 else ""
            words = f"{at}{count:,}{' and more' if self._hits.more else ''}"
        self._count.setText(words)


class _SearchField(QLineEdit):
    """Enter goes to the next, with Shift to the one before; the dialog's button is not pressed."""

    def __init__(self, owner: SearchedText) -> None:
        super().__init__()
        self._owner = owner
        self.setPlaceholderText("Search the answer (Ctrl+F)")
        self.setAccessibleName("Search the answer")
        self.setMaxLength(500)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                event.ignore()
                return
            self._owner.step(-1 if back else 1)
        else:
            super().keyPressEvent(event)
