"""The bare shape of a tree in Qt's own standard model, for content that is kept elsewhere.

A change of the shape and the change of the content that belongs to it happen as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

_CELL_FLAGS = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class ShapeModel(QStandardItemModel):
    """Rows without text; who derives from it gives the cells their data."""

    def __init__(self, columns: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(0, len(columns), parent)
        self._captions = tuple(columns)
        prototype = QStandardItem()
        prototype.setFlags(_CELL_FLAGS)
        self.setItemPrototype(prototype)
        # These run before any view hears of the change, so that content and shape always agree.
        self._commit: Callable[[], None] | None = None
        self.rowsInserted.connect(self._committed)
        self.rowsRemoved.connect(self._committed)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> str | Qt.AlignmentFlag | None:
        """Return the columns' captions, the last one to the right."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._captions):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._captions[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = (
                Qt.AlignmentFlag.AlignRight
                if section == len(self._captions) - 1
                else Qt.AlignmentFlag.AlignLeft
            )
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def widen(self, row: QModelIndex) -> None:
        """Give a row the columns that its children need."""
        if not self.columnCount(row):
            self.insertColumns(0, len(self._captions), row)

    def cell(self, index: QModelIndex | QPersistentModelIndex) -> None:
        """Make the item of a cell: without one it would be announced as editable."""
        self.itemFromIndex(self.index(index.row(), index.column(), index.parent()))

    def touched(self, parent: QModelIndex, first: int, last: int) -> None:
        """Tell that the text of these rows has changed."""
        end = self.index(last, len(self._captions) - 1, parent)
        self.dataChanged.emit(self.index(first, 0, parent), end)

    def grow(self, parent: QModelIndex, at: int, count: int, commit: Callable[[], None]) -> None:
        """Add ``count`` rows; ``commit`` adds their content at the right moment."""
        self._commit = commit
        self.insertRows(at, count, parent)

    def shrink(self, parent: QModelIndex, at: int, count: int, commit: Callable[[], None]) -> None:
        """Take ``count`` rows away; ``commit`` drops their content at the right moment."""
        self._commit = commit
        self.removeRows(at, count, parent)

    def _committed(self) -> None:
        commit, self._commit = self._commit, None
        if commit is not None:
            commit()
