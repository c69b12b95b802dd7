"""How the rail's rows are drawn: initials, two lines of text, and the mark of the state."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QCursor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

from adwarden.domain.data import dataclass
from adwarden.ui.avatars import Avatar, paint_avatar
from adwarden.ui.badge_paint import paint_mark
from adwarden.ui.badges import Badge
from adwarden.ui.icons import Icons
from adwarden.ui.row_ground import paint_ground

HEADER_HEIGHT = 36
ROW_HEIGHT = 46
_AVATAR = 26
_LEAST_NAME = 72
"""Pixels of an app's name that its trouble in words leaves at least."""

_ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class RailRow:
    """What one row shows: an app, or with an avatar a connection; a badge tells of its state."""

    title: str
    sub: str
    right: str
    spoken: str
    avatar: Avatar | None = None
    state: Badge | None = None
    news: bool = False
    brief: str = ""
    """What stands for ``sub`` where that is too long, empty for its beginning."""

    @property
    def height(self) -> int:
        """The row's height in pixels."""
        return HEADER_HEIGHT if self.avatar is None else ROW_HEIGHT


class RailDelegate(QStyledItemDelegate):
    """Draws rows in the theme's colours of the moment."""

    def __init__(self, icons: Icons, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._theme = icons.theme
        self._icons = icons
        self._view = view

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the row's height."""
        row = index.data(_ROW)
        return QSize(0, row.height if isinstance(row, RailRow) else ROW_HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one row."""
        row = index.data(_ROW)
        if not isinstance(row, RailRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option.rect, index)
        area: QRect = option.rect
        if row.avatar is None:
            self._app(painter, area, row)
        else:
            self._connection(painter, area, row, row.avatar)
        painter.restore()

    def _ground(
        self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        # Asked of the view: the option's state would load QStyle, which costs a start 7 ms.
        view = self._view
        paint_ground(
            painter,
            rect,
            self._theme.palette,
            selected=view.selectionModel().isSelected(index),
            hovered=view.underMouse()
            and rect.contains(view.viewport().mapFromGlobal(QCursor.pos())),
            focus=view.hasFocus() and view.currentIndex() == index,
        )

    def _app(self, painter: QPainter, rect: QRect, row: RailRow) -> None:
        tokens = self._theme.palette
        middle = rect.center().y() + 3
        self._icons.draw(painter, QRectF(rect.left() + 17, middle - 7, 14, 14), "app-window", "dim")
        font = self._theme.font("heading")
        painter.setFont(font)
        painter.setPen(QColor(tokens.dim))
        metrics = QFontMetrics(font)
        right = metrics.horizontalAdvance(row.right) + 2
        line = QRect(rect.left() + 38, middle - 10, rect.width() - 38 - 18, 20)
        flags = Qt.AlignmentFlag.AlignVCenter
        if row.state is not None:
            shade = QColor(str(getattr(tokens, row.state.style)))
            centre = QPointF(line.right() - 4, line.center().y() + 0.5)
            paint_mark(painter, row.state.mark, centre, shade)
            painter.setPen(shade)
            line.setRight(line.right() - 16)
        room = line.width() - right - 8
        if row.state is not None and room < _LEAST_NAME:
            room = line.width()  # the mark says enough, and the name tells which app it is
        else:
            painter.drawText(line, flags | Qt.AlignmentFlag.AlignRight, row.right)
        painter.setPen(QColor(tokens.dim))
        label = metrics.elidedText(_one_line(row.title), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(line, flags | Qt.AlignmentFlag.AlignLeft, label)

    def _connection(self, painter: QPainter, rect: QRect, row: RailRow, shown: Avatar) -> None:
        tokens = self._theme.palette
        left = rect.left() + 16
        box = QRectF(left, rect.center().y() - _AVATAR / 2 + 0.5, _AVATAR, _AVATAR)
        paint_avatar(painter, box, shown, tokens, self._theme.font())
        if row.news:
            painter.setPen(QPen(QColor(tokens.window), 2))
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(QPointF(box.right() - 3, box.top() + 3), 5, 5)
        text = left + _AVATAR + 9
        room = rect.right() - text - 36
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        for role, colour, words, top in (
            ("body", tokens.text, row.title, 4),
            ("caption", tokens.dim, row.sub, 22),
        ):
            font = self._theme.font(role)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            metrics, line = QFontMetrics(font), _one_line(words)
            if role == "body":  # the end of a handle tells it from its namesakes
                fitted = metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, room)
            else:
                fitted = fitting(metrics, line, _one_line(row.brief), room)
            painter.drawText(QRect(text, rect.top() + top, room, 20), flags, fitted)
        if row.state is not None:
            shade = QColor(str(getattr(tokens, row.state.style)))
            centre = QPointF(rect.right() - 23.5, rect.center().y() + 0.5)
            paint_mark(painter, row.state.mark, centre, shade)


def fitting(metrics: QFontMetrics, words: str, brief: str, room: int) -> str:
    """Return ``words`` as far as there is room for them, or the brief ones, from the beginning."""
    end = Qt.TextElideMode.ElideRight
    fitted = metrics.elidedText(words, end, room)
    return metrics.elidedText(brief, end, room) if brief and fitted != words else fitted


def _one_line(text: str) -> str:
    return " ".join(text.split())
