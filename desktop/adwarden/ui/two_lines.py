"""A list of rows with a line of words below each title, in groups with headings."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from adwarden.domain.data import dataclass
from adwarden.ui.icons import Icons
from adwarden.ui.measured import Measured
from adwarden.ui.parts import plain_tip
from adwarden.ui.row_ground import paint_ground

_ROW, _HEADING = 44, 30
_PAD, _ICON = 18, 16
_DATA = Qt.ItemDataRole.UserRole + 1
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``icon`` and its ``colour`` may be empty, ``tip`` is for what has no room.

    ``said`` is what a screen reader says of the icon.
    """

    key: str
    title: str
    words: str
    icon: str = ""
    colour: str = "dim"
    tip: str = ""
    said: str = ""


class TwoLines(QListWidget):
    """Rows to choose from; emits ``chosen`` with the key of the one that is current."""

    chosen = Signal(str)

    def __init__(self, name: str, icons: Icons) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setItemDelegate(_Delegate(icons, self))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        p = "QListWidget { border: 1px solid %s; border-radius: 6px; }"
        self._sheet, self._theme = p, icons.theme
        self._dress()
        icons.theme.changed.connect(self._dress)
        self.currentItemChanged.connect(self._tell)

    def add_heading(self, title: str) -> None:
        """Add the title of a group; it cannot be chosen."""
        item = QListWidgetItem(title)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.addItem(item)

    def add_row(self, row: Row) -> None:
        """Add a row at the end."""
        item = QListWidgetItem(row.title)
        item.setData(_DATA, row)
        item.setToolTip(plain_tip(row.tip))
        said = ", ".join(part for part in (row.title, row.said, row.words) if part)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        self.addItem(item)

    @property
    def key(self) -> str:
        """The key of the current row, empty without one."""
        item = self.currentItem()
        row = item.data(_DATA) if item is not None else None
        return row.key if isinstance(row, Row) else ""

    def choose(self, key: str) -> None:
        """Make a row current; the first one where there is none of this key."""
        rows = [self.item(place) for place in range(self.count())]
        found = [item for item in rows if isinstance(item.data(_DATA), Row)]
        mine = [item for item in found if item.data(_DATA).key == key]
        if found:
            self.setCurrentItem((mine or found)[0])

    def _tell(self) -> None:
        if self.key:
            self.chosen.emit(self.key)

    def _dress(self) -> None:
        self.setStyleSheet(self._sheet % self._theme.palette.line_strong)


class _Delegate(QStyledItemDelegate):
    def __init__(self, icons: Icons, parent: TwoLines) -> None:
        super().__init__(parent)
        self._icons, self._list = icons, parent
        theme = icons.theme
        self._strong = Measured(theme.font("strong"))
        self._caption = Measured(theme.font("caption"))
        self._heading = Measured(theme.font("heading"))

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(100, _ROW if isinstance(index.data(_DATA), Row) else _HEADING)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tokens, area = self._icons.theme.palette, option.rect
        row = index.data(_DATA)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not isinstance(row, Row):
            painter.setFont(self._heading.font)
            painter.setPen(QColor(tokens.dim))
            painter.drawText(area.adjusted(_PAD, 6, -_PAD, 0), _LEFT, str(index.data()))
        else:
            state, flag = option.state, QStyle.StateFlag
            selected = bool(state & flag.State_Selected)
            hovered = bool(state & flag.State_MouseOver)
            focus = selected and self._list.hasFocus()
            paint_ground(painter, area, tokens, selected=selected, hovered=hovered, focus=focus)
            self._paint_row(painter, area, row)
        painter.restore()

    def _paint_row(self, painter: QPainter, area: QRect, row: Row) -> None:
        tokens = self._icons.theme.palette
        inner = area.adjusted(_PAD, 4, -_PAD, -4)
        if row.icon:
            box = QRectF(inner.x(), inner.center().y() - _ICON / 2, _ICON, _ICON)
            self._icons.draw(painter, box, row.icon, row.colour)
            inner.setLeft(inner.left() + _ICON + 10)
        half = inner.height() // 2
        lines = (
            (self._strong, tokens.text, row.title, inner.adjusted(0, 0, 0, -half)),
            (self._caption, tokens.dim, row.words, inner.adjusted(0, half, 0, 0)),
        )
        for measured, colour, text, place in lines:
            painter.setFont(measured.font)
            painter.setPen(QColor(colour))
            painter.drawText(place, _LEFT, measured.fit(text, place.width()))
