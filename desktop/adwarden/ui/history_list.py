"""The list of the history as a widget: how its rows are drawn, its keys, its empty states."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from adwarden.domain.changes import Recorded
from adwarden.ui.history_model import ROW, HistoryModel
from adwarden.ui.history_words import Row
from adwarden.ui.icons import Icons
from adwarden.ui.measured import Measured
from adwarden.ui.row_ground import paint_ground

HEIGHT = 48
_LEFT = 52
_RIGHT = 20
_TIME = 46
_NEAR_END = 3
"""Screens from the end at which the next page is fetched."""


class HistoryDelegate(QStyledItemDelegate):
    """Draws days and changes in the theme's colours of the moment."""

    def __init__(self, icons: Icons, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._icons = icons
        self._theme = icons.theme
        self._body = Measured(self._theme.font("body"))
        self._caption = Measured(self._theme.font("caption"))
        self._heading = Measured(self._theme.font("heading"))

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height that all rows share."""
        return QSize(0, HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one row."""
        row = index.data(ROW)
        if not isinstance(row, Row):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        if row.kept is None:
            self._day(painter, area, row)
        else:
            state, flag = option.state, QStyle.StateFlag
            paint_ground(
                painter,
                area,
                self._theme.palette,
                selected=bool(state & flag.State_Selected),
                hovered=bool(state & flag.State_MouseOver),
                focus=bool(state & flag.State_HasFocus),
            )
            self._change(painter, area, row)
        painter.restore()

    def _day(self, painter: QPainter, area: QRect, row: Row) -> None:
        tokens = self._theme.palette
        painter.setFont(self._heading.font)
        painter.setPen(QColor(tokens.dim))
        line = area.adjusted(_RIGHT, 20, -_RIGHT, -6)
        flags = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        painter.drawText(line, flags, row.words)
        start = line.left() + self._heading.width(row.words) + 12
        height = line.bottom() - 6.5
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawLine(round(start), round(height), line.right(), round(height))

    def _change(self, painter: QPainter, area: QRect, row: Row) -> None:
        tokens = self._theme.palette
        mark = QRectF(area.left() + 22, area.center().y() - 7.5, 16, 16)
        self._icons.draw(painter, mark, row.icon, row.colour)
        room = area.width() - _LEFT - _TIME - _RIGHT - 12
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        # What happened stands first, and the end of the object tells it from its like.
        end, middle = Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle
        for measured, colour, words, top, how in (
            (self._body, tokens.text, row.words, 6, end),
            (self._caption, tokens.dim, row.sub, 24, middle),
        ):
            painter.setFont(measured.font)
            painter.setPen(QColor(colour))
            line = QRect(area.left() + _LEFT, area.top() + top, room, 19)
            painter.drawText(line, left, measured.fit(words, room, how))
        painter.setFont(self._caption.font)
        painter.setPen(QColor(tokens.dim))
        time = QRect(area.right() - _RIGHT - _TIME, area.top() + 6, _TIME, 19)
        painter.drawText(
            time, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.time
        )
        if row.fresh:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(QRectF(area.left() + 11, area.center().y() - 2.5, 6, 6))


class HistoryList(QListView):
    """The changes; Return and a double click go to what one is about."""

    asked = Signal(object)
    """A ``Recorded`` whose object is to be shown."""

    def __init__(self, model: HistoryModel, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self._empty = ("", "")
        self._changes = model
        self.setModel(model)
        self.setItemDelegate(HistoryDelegate(icons, self))
        self.setAccessibleName("Changes")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.doubleClicked.connect(self._ask)
        self.verticalScrollBar().valueChanged.connect(self._near_end)
        self.verticalScrollBar().rangeChanged.connect(self._near_end)

    @property
    def at_top(self) -> bool:
        """Whether the newest change is in sight."""
        return self.verticalScrollBar().value() == 0

    def say_empty(self, title: str, hint: str) -> None:
        """Say what stands in the middle while there are no rows."""
        self._empty = (title, hint)
        shown = self.model().rowCount() == 0
        self.setAccessibleDescription(f"{title}. {hint}".strip(". ") if shown else "")
        self.viewport().update()

    def current(self) -> Recorded | None:
        """Return the change that is current."""
        return self.at(self.currentIndex())

    def at(self, index: QModelIndex) -> Recorded | None:
        """Return the change at an index."""
        row = index.data(ROW) if index.isValid() else None
        return row.kept if isinstance(row, Row) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return goes to the object; Home and the arrows pass the days by."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask(self.currentIndex())
            return
        before = self.currentIndex()
        super().keyPressEvent(event)
        after = self.currentIndex()
        if after.isValid() and self.at(after) is None:
            step = -1 if before.isValid() and after.row() < before.row() and after.row() else 1
            self.setCurrentIndex(self.model().index(after.row() + step, 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say in the middle why there is nothing, if there is nothing."""
        super().paintEvent(event)
        title, hint = self._empty
        if not title or self.model().rowCount():
            return
        tokens, theme = self._icons.theme.palette, self._icons.theme
        painter = QPainter(self.viewport())
        area = self.viewport().rect().adjusted(32, 0, -32, 0)
        middle = area.center()
        mark = QRectF(middle.x() - 13, middle.y() - 62, 26, 26)
        self._icons.draw(painter, mark, "history", "disabled")
        painter.setFont(theme.font("strong"))
        painter.setPen(QColor(tokens.text))
        centred = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(QRect(area.left(), middle.y() - 22, area.width(), 24), centred, title)
        painter.setFont(theme.font("body"))
        painter.setPen(QColor(tokens.dim))
        wrapped = centred | Qt.TextFlag.TextWordWrap
        painter.drawText(QRect(area.left(), middle.y() + 4, area.width(), 80), wrapped, hint)
        painter.end()

    def _ask(self, index: QModelIndex) -> None:
        kept = self.at(index)
        if kept is not None:
            self.asked.emit(kept)

    def _near_end(self) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        laid_out = bar.maximum() > 0 or self._changes.rowCount() * HEIGHT <= height
        if laid_out and bar.maximum() - bar.value() < _NEAR_END * height:
            self._changes.go_on()
