"""Paints the tree's cells: name and id with what was found marked, badges, age, tooltips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QHelpEvent,
    QPainter,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from adwarden.ui.avatars import avatar, paint_avatar
from adwarden.ui.badge_paint import GAP, BadgePainter
from adwarden.ui.badges import Badge, wordless
from adwarden.ui.measured import Measured
from adwarden.ui.parts import plain_tip
from adwarden.ui.row_shares import LEAST_NAME, READABLE, SPACE, Shares, least_name, share
from adwarden.ui.search import Query, shortened
from adwarden.ui.tree_nodes import Place
from adwarden.ui.tree_places import PlacesModel
from adwarden.ui.tree_words import Words

if TYPE_CHECKING:
    from adwarden.ui.theme import Theme

PAD = 12
_AVATAR = 20
_LEAST_CAPTION = 56.0
_LEAST_ERROR = 24.0
_LEAST_BADGE = 44.0
"""Pixels of the first of several badges below which it says nothing."""

_LEFT = int(
    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
) | int(Qt.TextFlag.TextSingleLine)
_RIGHT = int(
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
) | int(Qt.TextFlag.TextSingleLine)


class RowDelegate(QStyledItemDelegate):
    """Paints one cell; the view has painted the row's ground before."""

    def __init__(self, theme: Theme, badges: BadgePainter) -> None:
        super().__init__()
        self.row_height = 32
        self._theme = theme
        self._badges = badges
        self._body, self._strong = Measured(theme.font("body")), Measured(theme.font("strong"))
        self._caption = Measured(theme.font("caption"))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]
        """Every row has the same height; widths are the header's business."""
        return QSize(100, self.row_height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex,  # type: ignore[override]
    ) -> None:
        """Paint one cell from what the model knows of its row."""
        model = index.model()
        if not isinstance(model, PlacesModel):
            return
        place = model.place(index)
        if place is None:
            return
        area, words, query = QRectF(option.rect), model.words, model.sieve.query
        painter.save()
        painter.setClipRect(area)
        # Each text runs in the direction of its own first letter, wherever it stands.
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        if index.column() == 0:
            self._paint_name(painter, area, place, words, query)
        elif index.column() == 1:
            inner = area.adjusted(PAD, 0, -GAP, 0)
            badges = words.badges(place)
            shown = gathered(badges, inner.width(), self._badges)
            # One that stands for all is marked where any of them was found.
            found = shown is not badges and any(map(query.marks, badges))
            self._badges.paint_row(
                painter, shown, inner, (lambda one: found or query.marks(one)) if query else None
            )
        else:
            painter.setFont(self._body.font)
            palette = self._theme.palette
            painter.setPen(QColor(palette.warn if words.too_old(place) else palette.dim))
            inner = area.adjusted(GAP, 0, -PAD, 0)
            text = words.age(place)
            painter.drawText(inner, _RIGHT, self._body.fit(text, inner.width()))
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex,  # type: ignore[override]
    ) -> bool:
        """Show the full text of a cell, as plain text whatever is in it."""
        model: QAbstractItemModel = index.model()
        if event.type() != QEvent.Type.ToolTip or not isinstance(model, PlacesModel):
            return False
        place = model.place(index)
        text = model.words.tooltip(place, index.column()) if place else ""
        if text:
            QToolTip.showText(event.globalPos(), plain_tip(text), view, option.rect)
        else:
            QToolTip.hideText()
        return True

    def _paint_name(
        self, painter: QPainter, area: QRectF, place: Place, words: Words, query: Query
    ) -> None:
        palette = self._theme.palette
        left, right = area.left() + 4, area.right() - GAP
        is_connection = place.is_connection
        if is_connection:
            box = QRectF(left, area.center().y() - _AVATAR / 2, _AVATAR, _AVATAR)
            shown = avatar(place.node.connection)
            paint_avatar(painter, box, shown, palette, self._caption.font)
            left += _AVATAR + SPACE
        font = self._strong if is_connection else self._body
        name, error = shortened(words.name(place)), shortened(words.error(place))
        found = shortened(words.found(place)) if query else ""
        tail = " · ".join(filter(None, (found, error or shortened(words.caption(place)))))
        beside = words.beside(place)
        # A caption gives way to a handle, and to a name beside badges; an id, an error and what
        # was found do not.
        part = 0.5 if error or found else 1.0 if is_connection or place.reach else 0.62

        def shared(badges: Sequence[Badge]) -> Shares:
            room, width = right - left, self._badges.row_width(badges)
            return share(
                room,
                font.width(name),
                width,
                self._caption.width(tail),
                part=part,
                least_tail=_LEAST_ERROR if error and not found else _LEAST_CAPTION,
                least=least_name(room, width) if place.reach == "account" else LEAST_NAME,
            )

        shares = shared(beside)
        if found and not shares.tail and shared(()).tail:
            # Why the row is here goes before what else there is to say.
            beside, shares = (), shared(())
        if place.reach == "account" and shares.badges:
            beside = readable(beside, shares.badges, self._badges)
            shares = shared(beside)
        if beside and not shares.badges:
            beside = wordless(beside)
            shares = shared(beside)
        colour = palette.dim if words.stale(place) else palette.text
        text = font.fit(name, shares.name, Qt.TextElideMode.ElideMiddle)
        kind = "handle" if is_connection or place.user is not None else "name"
        spans = query.spans(text, kind) if query else []
        left = self._paint_text(painter, area, left, text, font, colour, spans) + SPACE
        if shares.badges:
            room = QRectF(left, area.top(), shares.badges, area.height())
            self._badges.paint_row(painter, beside, room, query.marks if query else None)
            left += shares.badges + SPACE
        if shares.tail:
            text = self._caption.fit(tail, shares.tail)
            is_bad = error and not found and not words.past(place)
            colour = palette.bad if is_bad else palette.dim
            kind = "handle" if found else "id"
            spans = query.spans(text, kind) if query and (found or not error) else []
            self._paint_text(painter, area, left, text, self._caption, colour, spans)

    def _paint_text(
        self,
        painter: QPainter,
        area: QRectF,
        left: float,
        text: str,
        font: Measured,
        colour: str,
        spans: list[tuple[int, int]],
    ) -> float:
        width = font.width(text)
        painter.setFont(font.font)
        if spans:
            painter.setPen(QColor(self._theme.palette.text))
            self._paint_found(painter, QPointF(left, area.center().y()), text, font.font, spans)
        else:
            painter.setPen(QColor(colour))
            box = QRectF(left, area.top(), width + 2, area.height())
            painter.drawText(box, _LEFT, text)
        return left + width

    def _paint_found(
        self,
        painter: QPainter,
        at: QPointF,
        text: str,
        font: QFont,
        spans: list[tuple[int, int]],
    ) -> None:
        # A text layout knows where letters end up when directions are mixed.
        layout = QTextLayout(text, font)
        option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        layout.setTextOption(option)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(1e4)
        layout.endLayout()
        box = line.naturalTextRect()
        origin = QPointF(at.x() - box.left(), at.y() - box.height() / 2 - box.top())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.palette.match))
        for start, end in spans:
            for run in line.glyphRuns(start, end - start):
                ink = run.boundingRect().translated(origin)
                mark = QRectF(ink.left(), at.y() - box.height() / 2, ink.width(), box.height())
                painter.drawRoundedRect(mark.adjusted(-0.5, 0, 0.5, 0), 2, 2)
        painter.restore()
        layout.draw(painter, origin)


def gathered(badges: tuple[Badge, ...], room: float, painter: BadgePainter) -> tuple[Badge, ...]:
    """Return the badges, or one for all where not even the first has room beside a number."""
    if len(badges) < 2 or _first_has_room(badges, room, painter, _LEAST_BADGE):
        return badges
    first, rest = badges[0], f"+{len(badges) - 1}"
    for end in range(len(first.text), 2, -1):  # fewer letters say nothing
        text = first.text if end == len(first.text) else f"{first.text[:end].rstrip()}…"
        one = Badge(f"{text} {rest}", first.wording, first.style)
        if painter.width(one) <= room:
            return (one,)
    return (Badge(str(len(badges)), first.wording, first.style),)


def readable(badges: tuple[Badge, ...], room: float, painter: BadgePainter) -> tuple[Badge, ...]:
    """Return the badges, or the first alone where it could not be read beside others.

    What is cut short needs its room for letters: nothing is lost with a mere tick.
    """
    first = badges[0]
    if painter.width(first) <= room or len(badges) > 1:
        return badges if _first_has_room(badges, room, painter, READABLE) else badges[:1]
    return (replace(first, icon=""),) if first.icon == "check" else badges


def _first_has_room(
    badges: tuple[Badge, ...], room: float, painter: BadgePainter, least: float
) -> bool:
    if painter.row_width(badges) <= room:
        return True
    number = painter.width(Badge(f"+{len(badges)}", "", "outlined"))
    return room - GAP - number >= min(painter.width(badges[0]), least)
