"""The list of completions under Search: a part of the window, so that the field keeps the keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from adwarden.domain.completion import Offer
from adwarden.ui.icons import Icons
from adwarden.ui.measured import Measured
from adwarden.ui.parts import announce

ROW = 28
MOST = 9
"""Height of a line in pixels, and how many are seen without scrolling."""

_PAD = 12
_WIDTH = 400
_OFFER = Qt.ItemDataRole.UserRole


class _Lines(QStyledItemDelegate):
    """Paints what is inserted, and in words what it means."""

    def __init__(self, icons: Icons, parent: QListWidget) -> None:
        super().__init__(parent)
        self._theme = icons.theme
        self._strong = Measured(icons.theme.font("strong"))
        self._caption = Measured(icons.theme.font("caption"))

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(100, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        offer, palette = index.data(_OFFER), self._theme.palette
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, QColor(palette.selection))
        inner = area.adjusted(_PAD, 0, -_PAD, 0)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft) | int(
            Qt.TextFlag.TextSingleLine
        )
        label = self._strong.fit(offer.label, inner.width() * 0.6)
        painter.setFont(self._strong.font)
        painter.setPen(QColor(palette.text))
        painter.drawText(inner, middle, label)
        inner.setLeft(inner.left() + round(self._strong.width(label)) + _PAD)
        painter.setFont(self._caption.font)
        painter.setPen(QColor(palette.dim))
        painter.drawText(inner, middle, self._caption.fit(offer.words, inner.width()))


class SearchPopup(QFrame):
    """Offers completions for a field; nothing is chosen until somebody chooses."""

    def __init__(self, field: QLineEdit, icons: Icons) -> None:
        super().__init__(field.window())
        self._field = field
        self.setProperty("card", True)
        self.setAccessibleName("Completions")
        self._list = QListWidget()
        self._list.setAccessibleName("Completions of the search")
        self._list.setItemDelegate(_Lines(icons, self._list))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemClicked.connect(lambda _: self.accept())
        for part in (self, self._list):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self._list)
        self.hide()

    @property
    def offers(self) -> list[Offer]:
        """What is offered."""
        items = (self._list.item(row) for row in range(self._list.count()))
        return [item.data(_OFFER) for item in items]

    @property
    def chosen(self) -> Offer | None:
        """What the arrow keys have come to."""
        item = self._list.currentItem()
        offer: Offer | None = item.data(_OFFER) if item is not None else None
        return offer

    @property
    def completes(self) -> bool:
        """Whether Tab would go on with what was begun, rather than put in what nobody began."""
        first = next(iter(self.offers), None)
        begun = first is not None and first.end > first.start
        return self.isVisible() and (self.chosen is not None or begun)

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Offer these; close the list where there are none."""
        self._list.clear()
        for offer in offers:
            item = QListWidgetItem(offer.label)
            item.setData(_OFFER, offer)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{offer.label} {offer.words}")
            self._list.addItem(item)
        self._list.setCurrentRow(-1)
        if not offers:
            self.hide()
            return
        self._place(len(offers))
        self.show()
        self.raise_()

    def move_by(self, step: int) -> None:
        """Choose the next or the last completion; beyond either end it goes round."""
        row, count = self._list.currentRow(), self._list.count()
        self._list.setCurrentRow((row + step) % count if row >= 0 or step > 0 else count - 1)
        if self.chosen is not None:
            announce(self._field, f"{self.chosen.label} {self.chosen.words}")

    def accept(self) -> None:
        """Put the chosen completion into the field, or the first where none is chosen."""
        offer = self.chosen or next(iter(self.offers), None)
        self.hide()
        if offer is None:
            return
        self._field.setSelection(offer.start, offer.end - offer.start)
        if offer.end == offer.start:
            self._field.setCursorPosition(offer.start)
        self._field.insert(offer.text)
        # As if it had been typed: a field is followed by its values. What is complete is followed
        # by nothing, so that what was found can be seen.
        if not offer.text.endswith(":"):
            self.hide()

    def _place(self, count: int) -> None:
        window = self._field.window()
        below = self._field.mapTo(window, QPoint(0, self._field.height() + 4))
        width = min(max(self._field.width(), _WIDTH), window.width() - 16)
        left = min(below.x(), window.width() - width - 8)
        self.setGeometry(max(8, left), below.y(), width, min(count, MOST) * ROW + 10)
