"""A tree that looks at what is in sight only, where Qt's own would look at every row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QTreeView, QWidget

Index = QModelIndex | QPersistentModelIndex


class SightTree(QTreeView):
    """For rows of one height that nobody edits; who adds children tells so by signals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setUniformRowHeights(True)
        self._reshaped = False
        self._sight: tuple[QPersistentModelIndex, QPersistentModelIndex] | None = None
        """The first and the last row on screen, as long as nothing has been painted since."""

    def dataChanged(  # type: ignore[override]
        self, first: QModelIndex, last: QModelIndex, roles: Sequence[int] = ()
    ) -> None:
        """Repaint what has changed, as far as it is in sight.

        Qt would measure every row in between anew, and look for its children: 8 ms among 20,000
        rows, for each signal. Here all rows have one height, and whoever adds children says so.
        """
        if _is_read_aloud():
            super().dataChanged(first, last, list(roles))
        else:
            self._show_anew(first, last)

    def rowsInserted(self, parent: QModelIndex, first: int, last: int) -> None:  # type: ignore[override]
        """Take in new rows; below one that is closed only its arrow is new, if it is in sight."""
        if not parent.isValid() or self._is_open(parent):
            self._reshaped = True
            super().rowsInserted(parent, first, last)
            return
        # Not shown yet, it repaints nothing; the first look at the viewport costs a start 3 ms.
        if not self.isVisible() or _is_read_aloud():
            super().rowsInserted(parent, first, last)
            return
        port = self.viewport()
        # Not by setUpdatesEnabled: that repaints everything in the end, as Qt would here.
        port.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, True)
        super().rowsInserted(parent, first, last)
        port.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, False)
        self._show_anew(parent, parent)

    def rowsAboutToBeRemoved(self, parent: QModelIndex, first: int, last: int) -> None:  # type: ignore[override]
        """Lose rows: all are laid out anew afterwards."""
        self._reshaped = True
        super().rowsAboutToBeRemoved(parent, first, last)

    def doItemsLayout(self) -> None:
        """Lay all rows out, and repaint them."""
        self._reshaped, self._sight = False, None
        super().doItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and look anew afterwards for what is on screen: whatever moves it is painted."""
        self._sight = None
        super().paintEvent(event)

    def _show_anew(self, first: QModelIndex, last: QModelIndex) -> None:
        # Looking for what is in sight would lay out at once what is to be laid out later.
        if not self._reshaped and self._is_in_sight(first, last):
            rows = self.visualRect(first).united(self.visualRect(last))
            self.viewport().update(0, rows.top(), self.viewport().width(), rows.height())

    def _is_in_sight(self, first: QModelIndex, last: QModelIndex) -> bool:
        """Tell whether rows of one parent may be on screen; they are when in doubt."""
        if self._sight is None:
            area = self.viewport().rect()
            ends = self.indexAt(area.topLeft()), self.indexAt(area.bottomLeft())
            self._sight = QPersistentModelIndex(ends[0]), QPersistentModelIndex(ends[1])
        top, bottom = self._sight
        above = self._among(first.parent(), top)
        below = self._among(first.parent(), bottom)
        gone_by = above.isValid() and last.row() < above.row()
        to_come = below.isValid() and below.row() < first.row()
        return not (gone_by or to_come)

    def _is_open(self, parent: QModelIndex) -> bool:
        """Tell whether the children of a row are shown: Qt lays nothing out for others."""
        while parent.isValid():
            if not self.isExpanded(parent):
                return False
            parent = parent.parent()
        return True

    @staticmethod
    def _among(parent: QModelIndex, index: Index) -> Index:
        """Return the row below ``parent`` that this one is or belongs to, else none."""
        while index.isValid() and index.parent() != parent:
            index = index.parent()
        return index


def _is_read_aloud() -> bool:
    """Tell whether a screen reader follows, which hears of everything."""
    from PySide6.QtGui import QAccessible

    return QAccessible.isActive()
