"""The lines of a preview as a tree: apps, their connections below, each with a check box."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from adwarden.domain.backup import Item, Standing
from adwarden.ui import backup_words as words
from adwarden.ui.icons import Icons
from adwarden.ui.parts import plain_tip
from adwarden.ui.search import visible

NAME, HERE, THEN = range(3)
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class RestoreList(QTreeWidget):
    """Lets a person choose; what nobody can choose has no box. ``chosen_changed`` after each."""

    chosen_changed = Signal()

    def __init__(self, items: tuple[Item, ...], icons: Icons) -> None:
        super().__init__()
        self._items = {item.id: item for item in items}
        self._rows: dict[str, QTreeWidgetItem] = {}
        self.setAccessibleName("What is in the backup")
        self.setColumnCount(3)
        self.setHeaderLabels(["In the backup", "Compared with here", "What happens"])
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAllColumnsShowFocus(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.header()
        head.setStretchLastSection(False)
        for column, mode in enumerate((QHeaderView.ResizeMode.Stretch,) * 2):
            head.setSectionResizeMode(column, mode)
        head.setSectionResizeMode(THEN, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionsMovable(False)
        self._homeless: QTreeWidgetItem | None = None
        for item in items:
            self._add(item, icons)
        self.expandAll()
        self._write()
        self.itemChanged.connect(self._changed)
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)

    @property
    def chosen(self) -> frozenset[str]:
        """The ids of the lines to take; without those whose app is left out."""
        return frozenset(id_ for id_ in self._rows if self._taken(id_) and self._app_taken(id_))

    def show_same(self, shown: bool) -> None:
        """Show or hide what is the same; an app with something below it stays."""
        different = [one for one in self._items.values() if one.standing is not Standing.SAME]
        apps = {one.app for one in different}
        for id_, row in self._rows.items():
            same = self._items[id_].standing is Standing.SAME
            row.setHidden(same and not shown and id_ not in apps)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Toggle the line by Space in whatever column; Enter is for the dialog's button."""
        row = self.currentItem()
        if event.key() == Qt.Key.Key_Space and row is not None and self._has_box(row):
            on = row.checkState(NAME) == _CHECKED
            row.setCheckState(NAME, _UNCHECKED if on else _CHECKED)
            return
        super().keyPressEvent(event)

    def _add(self, item: Item, icons: Icons) -> None:
        row = QTreeWidgetItem()
        row.setData(NAME, Qt.ItemDataRole.UserRole, item.id)
        row.setText(NAME, visible(item.name))
        row.setToolTip(NAME, plain_tip(words.dates(item)))
        row.setIcon(NAME, icons.icon("key-round" if item.is_app else "user", colour="dim"))
        row.setText(HERE, words.standing(item))
        row.setToolTip(HERE, plain_tip(words.standing(item)))
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if item.standing in (Standing.NEW, Standing.DIFFERS):
            row.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
            row.setCheckState(NAME, _CHECKED if item.suggested else _UNCHECKED)
        else:
            row.setFlags(flags)
        self._rows[item.id] = row
        parent = self._rows.get(item.app) if not item.is_app else None
        if item.standing is Standing.NO_APP:
            parent = self._without_app()
        if parent is None:
            self.addTopLevelItem(row)
        else:
            parent.addChild(row)

    def _without_app(self) -> QTreeWidgetItem:
        if self._homeless is None:
            self._homeless = QTreeWidgetItem(["Without their X app"])
            self._homeless.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.addTopLevelItem(self._homeless)
        return self._homeless

    def _changed(self, _row: QTreeWidgetItem, column: int) -> None:
        if column == NAME:
            self._write()
            self.chosen_changed.emit()

    def _write(self) -> None:
        """Say what comes of each line, in the cell and for screen readers."""
        self.blockSignals(True)
        for id_, row in self._all():
            item = self._items[id_]
            then = words.outcome(item, self._taken(id_), self._app_taken(id_))
            row.setText(THEN, then)
            told = f"{item.name}, {words.standing(item)}, {then}"
            row.setData(NAME, Qt.ItemDataRole.AccessibleTextRole, told)
        self.blockSignals(False)
        self.viewport().update()

    def _all(self) -> Iterator[tuple[str, QTreeWidgetItem]]:
        yield from self._rows.items()

    def _taken(self, id_: str) -> bool:
        row = self._rows[id_]
        return self._has_box(row) and row.checkState(NAME) == _CHECKED

    def _app_taken(self, id_: str) -> bool:
        """Whether the app of a line will be here; a line of an app is its own."""
        item = self._items[id_]
        app = self._items.get(item.app)
        if item.is_app or app is None or app.standing is not Standing.NEW:
            return True
        return self._taken(app.id)

    @staticmethod
    def _has_box(row: QTreeWidgetItem) -> bool:
        return bool(row.flags() & Qt.ItemFlag.ItemIsUserCheckable)
