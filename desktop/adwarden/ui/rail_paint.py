"""How the rail's rows are drawn: initials, two lines of text, and the mark of the state."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.tokens import RADIUS

HEADER_HEIGHT = 36
ROW_HEIGHT = 46
_AVATAR = 26
_ROW = Qt.ItemDataRole.UserRole
_MARK_COLOURS = {
    "working": "ok",
    "revoked": "bad",
    "attention": "warn",
    "needs-authorization": "warn",
    "unknown": "dim",
}


@dataclass(frozen=True, slots=True)
class RailRow:
    """What one row shows; ``mark`` is a state's value, or the text at the right of an app."""

    kind: str
    title: str
    sub: str
    mark: str
    mark_words: str
    height: int


class RailDelegate(QStyledItemDelegate):
    """Draws rows in the theme's colours of the moment."""

    def __init__(self, theme: Theme, icons: Icons, view: QWidget) -> None:
        super().__init__(view)
        self._theme = theme
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
        self._ground(painter, option)
        if row.kind == "app":
            self._app(painter, option.rect, row)  # type: ignore[attr-defined]
        else:
            self._connection(painter, option.rect, row)  # type: ignore[attr-defined]
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        tokens = self._theme.palette
        state = option.state  # type: ignore[attr-defined]
        box = QRectF(option.rect).adjusted(8, 1, -8, -1)  # type: ignore[attr-defined]
        colour = ""
        if state & QStyle.StateFlag.State_Selected:
            colour = tokens.selection
        elif state & QStyle.StateFlag.State_MouseOver:
            colour = tokens.hover
        focus = state & QStyle.StateFlag.State_HasFocus and self._view.hasFocus()
        if not colour and not focus:
            return
        painter.setPen(
            QPen(QColor(tokens.focus), 2) if focus else Qt.PenStyle.NoPen
        )
        painter.setBrush(QColor(colour) if colour else Qt.BrushStyle.NoBrush)
        inset = 1 if focus else 0
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)

    def _app(self, painter: QPainter, rect: QRect, row: RailRow) -> None:
        tokens = self._theme.palette
        middle = rect.center().y() + 3
        self._icons.draw(painter, QRectF(rect.left() + 17, middle - 7, 14, 14), "app-window", "dim")
        font = self._theme.font("heading")
        painter.setFont(font)
        painter.setPen(QColor(tokens.dim))
        metrics = QFontMetrics(font)
        right = metrics.horizontalAdvance(row.mark) + 2
        line = QRect(rect.left() + 38, middle - 10, rect.width() - 38 - 18, 20)
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, flags | Qt.AlignmentFlag.AlignRight, row.mark)
        room = line.width() - right - 8
        label = metrics.elidedText(_one_line(row.title), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(line, flags | Qt.AlignmentFlag.AlignLeft, label)

    def _connection(self, painter: QPainter, rect: QRect, row: RailRow) -> None:
        tokens = self._theme.palette
        left = rect.left() + 16
        avatar = QRectF(left, rect.center().y() - _AVATAR / 2 + 0.5, _AVATAR, _AVATAR)
        draw_avatar(painter, avatar, row.title, self._theme)
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
            fitted = QFontMetrics(font).elidedText(
                _one_line(words), Qt.TextElideMode.ElideMiddle, room
            )
            painter.drawText(QRect(text, rect.top() + top, room, 20), flags, fitted)
        draw_mark(
            painter, QRectF(rect.right() - 28, rect.center().y() - 4, 9, 9), row.mark, self._theme
        )


def draw_avatar(painter: QPainter, box: QRectF, handle: str, theme: Theme) -> None:
    """Draw two initials on a ground that belongs to the handle."""
    tokens = theme.palette
    ground = tokens.avatars[sum(handle.encode()) % len(tokens.avatars)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawEllipse(box)
    font = theme.font("caption")
    font.setPixelSize(max(8, round(box.height() * 0.4)))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials(handle))


def draw_mark(painter: QPainter, box: QRectF, state: str, theme: Theme) -> None:
    """Draw a filled dot (working), a ring (revoked), a diamond (attention), a faint ring."""
    colour = QColor(getattr(theme.palette, _MARK_COLOURS.get(state, "dim")))
    if state == "working":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(box)
    elif state in ("attention", "needs-authorization"):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.save()
        painter.translate(box.center())
        painter.rotate(45)
        side = box.width() * 0.8
        painter.drawRoundedRect(QRectF(-side / 2, -side / 2, side, side), 1, 1)
        painter.restore()
    else:
        style = Qt.PenStyle.SolidLine if state == "revoked" else Qt.PenStyle.DotLine
        painter.setPen(QPen(colour, 2 if state == "revoked" else 1.5, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box.adjusted(1, 1, -1, -1))


def initials(handle: str) -> str:
    """Return the first two letters of a handle."""
    return handle.lstrip("@").replace("_", "")[:2].upper() or "?"


def _one_line(text: str) -> str:
    return " ".join(text.split())
