"""The list of what a check has found: to sort by each column, to filter by what needs somebody."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTreeView

from adwarden.domain.checks import WORDS, CheckResult, Finding
from adwarden.ui.icons import Icons
from adwarden.ui.search import visible

_RESULT = Qt.ItemDataRole.UserRole + 1
_SORT = Qt.ItemDataRole.UserRole + 2
_COLUMNS = ("Result", "Connection", "X app")
_GRAVITY = {finding: place for place, finding in enumerate(Finding)}
_SOFT = (
    Finding.READ_ONLY,
    Finding.APP_READ_ONLY,
    Finding.NO_CALLBACK,
    Finding.NOT_ENROLLED,
    Finding.LIMITED,
)


def mark_of(result: CheckResult) -> tuple[str, str]:
    """Return icon and colour of a result."""
    if not result.trouble:
        return "circle-check", "ok"
    return ("circle-alert", "warn") if result.finding in _SOFT else ("triangle-alert", "bad")


class _Filter(QSortFilterProxyModel):
    """Lets through what needs somebody, when asked to."""

    def __init__(self) -> None:
        super().__init__()
        self._only_trouble = False
        self.setSortRole(_SORT)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def filterAcceptsRow(self, row: int, parent: QModelIndex | QPersistentModelIndex) -> bool:
        """Tell whether a row is to be seen."""
        found = self.sourceModel().index(row, 0, parent).data(_RESULT)
        return not (self._only_trouble and isinstance(found, CheckResult) and not found.trouble)

    def show_only_trouble(self, only: bool) -> None:
        """Filter, or filter no more."""
        self._only_trouble = only
        self.invalidate()


class CheckList(QTreeView):
    """One row a connection or an app, the gravest on top until somebody sorts it otherwise."""

    chosen = Signal()
    """Another row is current, or the current one has changed."""

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self._rows = QStandardItemModel(0, len(_COLUMNS), self)
        self._rows.setHorizontalHeaderLabels(list(_COLUMNS))
        self._filter = _Filter()
        self._filter.setParent(self)
        self._filter.setSourceModel(self._rows)
        self._by_id: dict[str, QStandardItem] = {}
        self.setAccessibleName("Results")
        self.setStyleSheet("QTreeView::item { min-height: 28px; padding-left: 8px; }")
        self.setModel(self._filter)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.header().setStretchLastSection(True)
        self.setColumnWidth(0, 200)
        self.setColumnWidth(1, 160)
        self.selectionModel().currentChanged.connect(lambda: self.chosen.emit())

    def put(self, result: CheckResult) -> None:
        """Show a result, in the place of the one before of the same thing."""
        texts = (WORDS[result.finding], visible(result.handle), visible(result.app_label))
        row = []
        for place, text in enumerate(texts):
            item = QStandardItem(text)
            item.setData(result, _RESULT)
            item.setData(text if place else f"{_GRAVITY[result.finding]:02}", _SORT)
            item.setData(f"{_COLUMNS[place]}: {text}", Qt.ItemDataRole.AccessibleTextRole)
            row.append(item)
        icon, colour = mark_of(result)
        row[0].setIcon(self._icons.icon(icon, colour=colour))
        old = self._by_id.get(result.id)
        if old is None:
            self._rows.appendRow(row)
        else:
            current = self.current()
            at = old.row()
            for place, item in enumerate(row):
                self._rows.setItem(at, place, item)
            if current is not None and current.id == result.id:
                self.setCurrentIndex(self._filter.mapFromSource(row[0].index()))
        self._by_id[result.id] = row[0]
        self.chosen.emit()

    def current(self) -> CheckResult | None:
        """Return the result that is current."""
        index = self.currentIndex()
        found = index.data(_RESULT) if index.isValid() else None
        return found if isinstance(found, CheckResult) else None

    def shown(self) -> tuple[CheckResult, ...]:
        """Return what is to be seen, in its order."""
        rows = range(self._filter.rowCount())
        return tuple(self._filter.index(row, 0).data(_RESULT) for row in rows)

    def choose_first(self) -> None:
        """Make the first row current unless one is."""
        if self.current() is None and self._filter.rowCount():
            self.setCurrentIndex(self._filter.index(0, 0))
        self.chosen.emit()

    def show_only_trouble(self, only: bool) -> None:
        """Leave out what works."""
        self._filter.show_only_trouble(only)
        self.choose_first()
