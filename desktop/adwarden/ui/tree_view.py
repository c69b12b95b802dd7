"""The tree as a widget: its ground, keys, mouse and empty states, whatever it shows."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyleOptionViewItem,
    QWidget,
)

from adwarden.ui.icons import Icons
from adwarden.ui.tokens import ROW, ROW_COMPACT
from adwarden.ui.tree_delegate import RowDelegate
from adwarden.ui.tree_nodes import Place
from adwarden.ui.tree_places import PlacesModel
from adwarden.ui.tree_sight import SightTree

_INDENT = 20
_CHEVRON = 14
_AGE_WIDTH = 104
_LEAST_NAME = 160


class TreeView(SightTree):
    """A tree of places; knows nothing of where they come from."""

    context_requested = Signal(object, QPoint)
    """What the menu is for (a ``Selection``, or ``None`` for empty ground), and where on screen."""

    def __init__(self, icons: Icons, delegate: RowDelegate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._theme = icons.theme
        self._delegate = delegate
        self._empty = ("", "")
        # Persistent: rows come and go under a resting pointer.
        self._hovered = QPersistentModelIndex()
        self._fitting = False
        self._fitted = True
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setIndentation(_INDENT)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setAnimated(False)
        self.setAccessibleName("Accounts")
        self.entered.connect(self._hover)
        self._theme.changed.connect(self._repaint)

    def set_compact(self, compact: bool) -> None:
        """Use rows of 26 pixels in place of 32."""
        self._delegate.row_height = ROW_COMPACT if compact else ROW
        self.scheduleDelayedItemsLayout()

    def place_at(self, index: QModelIndex) -> Place | None:
        """Return what a row is about."""
        model = self.model()
        return model.place(index) if isinstance(model, PlacesModel) else None

    def set_empty(self, title: str, hint: str) -> None:
        """Say what stands in the middle while there are no rows."""
        self._empty = (title, hint)
        self.setAccessibleDescription(f"{title}. {hint}".strip(". ") if not self._rows() else "")
        if not self._rows() and self.isVisible():
            self._repaint()

    def prepare_header(self) -> None:
        """Set the columns up; once, after the first model is there."""
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(56)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        header.sectionResized.connect(self._resized)
        self._fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy copies the id; Enter opens and closes; the rest is Qt's own."""
        index = self.currentIndex().siblingAtColumn(0)
        if event.matches(QKeySequence.StandardKey.Copy):
            place, model = self.place_at(index), self.model()
            if place is not None and isinstance(model, PlacesModel):
                QGuiApplication.clipboard().setText(model.words.copied(place))
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            if self.model().hasChildren(index):
                self.setExpanded(index, not self.isExpanded(index))
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu where the mouse is, or at the current row for the menu key."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            spot = self.visualRect(index).center() if index.isValid() else QPoint(8, 8)
        else:
            index, spot = self.indexAt(event.pos()), event.pos()
        place = self.place_at(index)
        chosen = place.selection() if place else None
        self.context_requested.emit(chosen, self.viewport().mapToGlobal(spot))
        event.accept()

    def drawRow(self, painter: QPainter, options: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        """Paint the ground of a row, its cells, and the ring of the keyboard."""
        palette = self._theme.palette
        # Not by viewport(): the first look at a widget that Qt made costs a start 11 ms.
        row = QRect(0, options.rect.top(), painter.window().width(), options.rect.height())
        selected = self.selectionModel().isRowSelected(index.row(), index.parent())
        if selected:
            painter.fillRect(row, QColor(palette.selection))
        elif self._hovered.isValid() and self._hovered == index.siblingAtColumn(0):
            painter.fillRect(row, QColor(palette.hover))
        # A line, not a filled rectangle: that asks for QGradient, which costs a start 2 ms.
        painter.setPen(QColor(palette.line))
        painter.drawLine(row.bottomLeft(), row.bottomRight())
        super().drawRow(painter, options, index)
        current = self.currentIndex()
        if self.hasFocus() and current.siblingAtColumn(0) == index.siblingAtColumn(0):
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(palette.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(row).adjusted(2, 1, -2, -2), 4, 4)
            painter.restore()

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:  # type: ignore[override]
        """Paint only the arrow: no lines between the rows."""
        if not self.model().hasChildren(index):
            return
        name = "chevron-down" if self.isExpanded(index) else "chevron-right"
        left = rect.right() - (_INDENT + _CHEVRON) / 2 + 2
        box = QRectF(left, rect.center().y() - _CHEVRON / 2 + 0.5, _CHEVRON, _CHEVRON)
        self._icons.draw(painter, box, name, "dim")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or say why there are none."""
        super().paintEvent(event)
        if self._rows() or not self._empty[0]:
            return
        painter = QPainter(self.viewport())
        area = self.viewport().rect().adjusted(24, 0, -24, 0)
        palette = self._theme.palette
        flags = int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.setFont(self._theme.font("title"))
        painter.setPen(QColor(palette.text))
        upper = QRect(area.left(), 0, area.width(), area.height() * 2 // 5)
        painter.drawText(upper, flags | int(Qt.AlignmentFlag.AlignBottom), self._empty[0])
        painter.setFont(self._theme.font("body"))
        painter.setPen(QColor(palette.dim))
        lower = QRect(area.left(), upper.bottom() + 8, area.width(), area.height())
        painter.drawText(lower, flags | int(Qt.AlignmentFlag.AlignTop), self._empty[1])
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width between the columns, until a person has set them."""
        super().resizeEvent(event)
        self._fit_columns()

    def leaveEvent(self, event: object) -> None:
        """No row is under the mouse any more."""
        self._hover(QModelIndex())

    def refresh_ages(self) -> None:
        """Repaint the column of ages and nothing else."""
        left = self.columnViewportPosition(2)
        self.viewport().update(left, 0, self.columnWidth(2), self.viewport().height())

    def _repaint(self) -> None:
        self.viewport().update()

    def _rows(self) -> int:
        model = self.model()
        return model.rowCount() if model is not None else 0

    def _hover(self, index: QModelIndex) -> None:
        old = self._hovered
        self._hovered = QPersistentModelIndex(index.siblingAtColumn(0))
        if old == self._hovered:
            return
        for one in (old, self._hovered):
            if one.isValid() and one.model() is self.model():
                rect = self.visualRect(one)
                self.viewport().update(0, rect.top(), self.viewport().width(), rect.height())

    def _resized(self, section: int, old: int, new: int) -> None:
        if not self._fitting and section != 0:
            self._fitted = False

    def _fit_columns(self) -> None:
        model = self.model()
        if not isinstance(model, PlacesModel) or self.header().count() < 3:
            return
        width = self.header().width()
        self._fitting = True
        if self._fitted:
            age = max(92, min(_AGE_WIDTH, width // 5))
            self.setColumnWidth(2, age)
            badges = min(300, round(width * 0.34), width - age - model.least_names)
            self.setColumnWidth(1, max(model.least_badges, badges))
        else:
            spare = width - self.columnWidth(2) - _LEAST_NAME
            self.setColumnWidth(1, max(56, min(self.columnWidth(1), spare)))
        self._fitting = False
