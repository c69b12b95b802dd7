"""Paints badges, for the tree's cells and as widgets of their own in the details pane."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from adwarden.ui.badges import Badge
from adwarden.ui.icons import Icons
from adwarden.ui.parts import plain_tip

HEIGHT = 20
GAP = 6
_PAD = 8
_ICON = 11
_MARK = 9
_BAR = 72
_MOST = 160
"""Pixels that a badge may insist on; a longer one is cut short, its tooltip has all of it."""


class BadgePainter:
    """Measures and paints badges in the theme's colours."""

    def __init__(self, icons: Icons) -> None:
        self.theme = theme = icons.theme
        self._icons = icons
        self._chip_font = theme.font("caption")
        self._chip_font.setWeight(QFont.Weight.DemiBold)
        self._word_font = theme.font("body")
        self._chip = QFontMetricsF(self._chip_font)
        self._word = QFontMetricsF(self._word_font)
        self._widths: dict[Badge, float] = {}

    def width(self, badge: Badge) -> float:
        """Return the width of a badge in pixels."""
        known = self._widths.get(badge)
        if known is None:
            known = self._widths[badge] = self._measure(badge)
        return known

    def row_width(self, badges: Sequence[Badge]) -> float:
        """Return the width of badges side by side."""
        return sum(self.width(badge) for badge in badges) + GAP * max(0, len(badges) - 1)

    def paint(
        self,
        painter: QPainter,
        badge: Badge,
        left: float,
        middle: float,
        room: float = math.inf,
    ) -> float:
        """Paint one badge around the height ``middle``; return where it ends.

        A badge wider than ``room`` pixels is cut short with an ellipsis.
        """
        width = min(self.width(badge), max(room, 2 * _PAD))
        area = QRectF(left, round(middle - HEIGHT / 2), width, HEIGHT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if badge.mark == "bar":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.palette.placeholder))
            painter.drawRoundedRect(area.adjusted(0, 5, 0, -5), 5, 5)
        elif badge.mark:
            self._paint_state(painter, badge, area)
        else:
            self._paint_chip(painter, badge, area)
        painter.restore()
        return left + width

    def paint_row(
        self,
        painter: QPainter,
        badges: Sequence[Badge],
        area: QRectF,
        marked: Callable[[Badge], bool] | None = None,
    ) -> None:
        """Paint as many badges as fit, then how many are left out; mark those that were found."""
        left, middle = area.left(), area.center().y()
        for at, badge in enumerate(badges):
            rest = len(badges) - at
            more = Badge(f"+{rest}", "", "outlined")
            # The next badge's place, or at least that of the number of those left out.
            reserve = GAP + self.width(more) if rest > 1 else 0.0
            if at and left + self.width(badge) + reserve > area.right():
                self.paint(painter, more, left, middle)
                return
            room = area.right() - left - reserve
            if marked is not None and marked(badge):
                self._mark(painter, left, middle, min(self.width(badge), room))
            left = self.paint(painter, badge, left, middle, room) + GAP

    def _mark(self, painter: QPainter, left: float, middle: float, width: float) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.palette.match))
        ground = QRectF(left - 3, round(middle - HEIGHT / 2) - 3, width + 6, HEIGHT + 6)
        painter.drawRoundedRect(ground, 6, 6)
        painter.restore()

    def _measure(self, badge: Badge) -> float:
        if badge.mark == "bar":
            return _BAR
        if badge.mark:
            return _MARK + GAP + self._word.horizontalAdvance(badge.text)
        icon = _ICON + 4 if badge.icon else 0
        return round(2 * _PAD + icon + self._chip.horizontalAdvance(badge.text))

    def _paint_chip(self, painter: QPainter, badge: Badge, area: QRectF) -> None:
        colours = self.theme.palette.badges[badge.style]
        painter.setBrush(QColor(colours.fill) if colours.fill else Qt.BrushStyle.NoBrush)
        pen = QPen(QColor(colours.outline)) if colours.outline else QPen(Qt.PenStyle.NoPen)
        if colours.dashed:
            pen.setStyle(Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), HEIGHT / 2, HEIGHT / 2)
        left = area.left() + _PAD
        if badge.icon:
            box = QRectF(left, area.center().y() - _ICON / 2, _ICON, _ICON)
            self._icons.draw(painter, box, badge.icon, colours.text)
            left += _ICON + 4
        painter.setFont(self._chip_font)
        painter.setPen(QColor(colours.text))
        words = QRectF(left, area.top(), area.right() - left, area.height())
        painter.drawText(words, _LEFT, _cut(badge.text, self._chip, words.width() - _PAD))

    def _paint_state(self, painter: QPainter, badge: Badge, area: QRectF) -> None:
        colour = QColor(str(getattr(self.theme.palette, badge.style)))
        centre = QPointF(area.left() + _MARK / 2, area.center().y())
        paint_mark(painter, badge.mark, centre, colour)
        painter.setFont(self._word_font)
        painter.setPen(colour)
        words = area.adjusted(_MARK + GAP, 0, 4, 0)
        painter.drawText(words, _LEFT, _cut(badge.text, self._word, words.width() - 4))


_LEFT = int(
    Qt.AlignmentFlag.AlignLeft
    | Qt.AlignmentFlag.AlignAbsolute
    | Qt.AlignmentFlag.AlignVCenter
    | Qt.TextFlag.TextSingleLine
)


def _cut(text: str, metrics: QFontMetricsF, width: float) -> str:
    if metrics.horizontalAdvance(text) <= width + 0.5:
        return text
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, width))


def paint_mark(painter: QPainter, mark: str, centre: QPointF, colour: QColor) -> None:
    """Paint the shape of a state, about 9 pixels wide, around ``centre``."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if mark == "dot":
        painter.drawEllipse(centre, 4.5, 4.5)
    elif mark == "ring":
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2))
        painter.drawEllipse(centre, 3.5, 3.5)
    elif mark == "diamond":
        x, y = centre.x(), centre.y()
        painter.drawPolygon(
            [QPointF(x, y - 5), QPointF(x + 5, y), QPointF(x, y + 5), QPointF(x - 5, y)]
        )
    else:
        painter.drawRoundedRect(QRectF(centre.x() - 4, centre.y() - 1, 8, 2), 1, 1)


class BadgeLabel(QWidget):
    """One badge as a widget, with its full wording as tooltip and accessible name."""

    def __init__(self, painter: BadgePainter, badge: Badge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painter = painter
        self._badge = badge
        self.setAccessibleName(badge.wording)
        self.setToolTip(plain_tip(badge.wording))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        painter.theme.changed.connect(self.update)

    @property
    def badge(self) -> Badge:
        """What is shown."""
        return self._badge

    def sizeHint(self) -> QSize:
        """Ask for the room of the badge."""
        return QSize(round(self._painter.width(self._badge)) + 1, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the badge."""
        painter = QPainter(self)
        self._painter.paint(painter, self._badge, 0, self.height() / 2, self.width())
        painter.end()


class BadgeRow(QWidget):
    """Badges side by side, on as many lines as they need."""

    def __init__(
        self,
        painter: BadgePainter,
        badges: Sequence[Badge] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._painter = painter
        self._labels: list[BadgeLabel] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_badges(badges)

    @property
    def badges(self) -> tuple[Badge, ...]:
        """What is shown."""
        return tuple(label.badge for label in self._labels)

    def set_badges(self, badges: Sequence[Badge]) -> None:
        """Show these badges; does nothing when they are shown already."""
        if tuple(badges) == self.badges:
            return
        for label in self._labels:
            label.hide()
            label.deleteLater()
        self._labels = [BadgeLabel(self._painter, badge, self) for badge in badges]
        for label in self._labels:
            label.show()
        self.setAccessibleName(", ".join(badge.wording for badge in badges))
        self._place(self.width())
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """Tell that a narrow row is taller."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines at this width."""
        return self._flow(width, place=False)

    def sizeHint(self) -> QSize:
        """Ask for all badges on one line."""
        width = sum(label.sizeHint().width() + GAP for label in self._labels)
        return QSize(width, HEIGHT if self._labels else 0)

    def minimumSizeHint(self) -> QSize:
        """Ask for the widest badge at least, unless X has sent a name that fills a page."""
        widest = max((label.sizeHint().width() for label in self._labels), default=0)
        return QSize(min(widest, _MOST), HEIGHT if self._labels else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the badges over the new width."""
        self._place(event.size().width())

    def _place(self, width: int) -> None:
        self._flow(width, place=True)

    def _flow(self, width: int, *, place: bool) -> int:
        x = y = 0
        for label in self._labels:
            wide = min(label.sizeHint().width(), max(width, _MOST))
            if x and x + wide > width:
                x, y = 0, y + HEIGHT + GAP
            if place:
                label.setGeometry(QRect(x, y, wide, HEIGHT))
            x += wide + GAP
        return y + HEIGHT if self._labels else 0
