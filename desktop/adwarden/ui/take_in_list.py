"""The sets of what is taken in, a line each, with what they are to what is kept here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from adwarden.services.taking_in import Compared, Standing
from adwarden.ui import take_in_words as words
from adwarden.ui.badge_paint import BadgePainter
from adwarden.ui.badges import Badge
from adwarden.ui.icons import Icons
from adwarden.ui.parts import plain_tip

CHOICE, USER, APP, STATE, AT, PLACE = range(6)
_SHARES = (0.0, 0.26, 0.22, 0.0, 0.31, 0.21)
"""Of the width that box and state leave, what each column has."""

NOWHERE = "—"
"""Stands for the place of what is not kept."""

_FIXED = {CHOICE: 30, STATE: 136}
_HEADS = ["", "User", "X app", "Compared with here", "Where it stands", "Kept in"]
_BADGE = Qt.ItemDataRole.UserRole + 1
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
_CHOOSABLE = (Standing.NEW, Standing.CONTRADICTS)


class _StateCell(QStyledItemDelegate):
    """Paints a state as everywhere else in the window: a mark and a word in its colour."""

    def __init__(self, painter: BadgePainter) -> None:
        super().__init__()
        self._badges = painter

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the ground, then the badge on it."""
        super().paint(painter, option, index)
        badge = index.data(_BADGE)
        if isinstance(badge, Badge):
            area = option.rect
            middle = area.top() + area.height() / 2
            self._badges.paint(painter, badge, area.left() + 4, middle, area.width() - 8)


class TakeInList(QTreeWidget):
    """Lets a person choose; what cannot be chosen has no box. ``chosen_changed`` after each."""

    chosen_changed = Signal()
    looked_at = Signal()
    """Another line is current, or the current one has changed."""

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self._sets: tuple[Compared, ...] = ()
        self._held = False
        self._cell = _StateCell(BadgePainter(icons))
        self.setAccessibleName("What was found")
        self.setColumnCount(len(_HEADS))
        # The words of the head above those of the cells.
        self.setStyleSheet("QHeaderView::section { padding: 0 4px; }")
        self.setItemDelegateForColumn(STATE, self._cell)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAllColumnsShowFocus(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.header()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setStretchLastSection(True)
        head.setSectionsMovable(False)
        head.setMinimumSectionSize(_FIXED[CHOICE])
        self.begin_choice()
        self.itemChanged.connect(self._changed)
        self.currentItemChanged.connect(lambda *_: self.looked_at.emit())

    def show_sets(self, sets: Sequence[Compared], place: Callable[[Compared], str]) -> None:
        """Show what was found; what is new is chosen, what contradicts is for a person to choose.

        ``place`` tells where a set is kept, or would be.
        """
        self._sets = tuple(sets)
        self.blockSignals(True)
        self.clear()
        for one in self._sets:
            row = QTreeWidgetItem()
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            if one.standing in _CHOOSABLE:
                row.setFlags(flags | Qt.ItemFlag.ItemIsUserCheckable)
                row.setCheckState(CHOICE, _CHECKED if one.standing is Standing.NEW else _UNCHECKED)
            else:
                row.setFlags(flags)
            kept = words.kept_in(place(one)) or NOWHERE
            texts = ("", words.user(one), words.app(one), "", words.at(one), kept)
            for column, text in enumerate(texts):
                row.setText(column, text)
                row.setToolTip(column, plain_tip(text))
            icon = "user" if one.one.token else "key-round"
            row.setIcon(USER, self._icons.icon(icon, colour="dim"))
            row.setData(CHOICE, Qt.ItemDataRole.AccessibleTextRole, words.spoken(one, place(one)))
            self.addTopLevelItem(row)
            self._put(row, words.badge(one))
        self.blockSignals(False)
        self._share()
        first = self.topLevelItem(self._first())
        if first is not None:
            self.setCurrentItem(first)
        self.chosen_changed.emit()
        self.looked_at.emit()

    @property
    def chosen(self) -> tuple[int, ...]:
        """The numbers of the sets that are chosen, in their order."""
        return tuple(at for at in range(len(self._sets)) if self._is_chosen(at))

    @property
    def current(self) -> int:
        """The number of the set that is looked at, -1 without any."""
        row = self.currentItem()
        return self.indexOfTopLevelItem(row) if row is not None else -1

    def look_at(self, number: int) -> None:
        """Make a line current, and have it seen."""
        row = self.topLevelItem(number)
        if row is not None:
            self.setCurrentItem(row)
            self.scrollToItem(row)

    def tell(self, number: int, badge: Badge, kept: str | None = None) -> None:
        """Show what became of a set, and in a word or two where it is ``kept`` now."""
        row = self.topLevelItem(number)
        if row is None:
            return
        self.blockSignals(True)
        self._put(row, badge)
        if kept is not None:
            row.setText(PLACE, kept or NOWHERE)
            row.setToolTip(PLACE, plain_tip(kept or NOWHERE))
        told = [row.text(USER), row.text(APP), row.text(AT), badge.wording, kept or ""]
        row.setData(CHOICE, Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, told)))
        self.blockSignals(False)
        self.viewport().update()
        if number == self.current:
            self.looked_at.emit()

    def end_choice(self, left_out: Iterable[int], badge: Badge) -> None:
        """Take the boxes away: there is nothing to choose any more."""
        self.setHeaderLabels(["Result" if at == STATE else text for at, text in enumerate(_HEADS)])
        self.setColumnHidden(CHOICE, True)
        for number in left_out:
            self.tell(number, badge, "")
        self._share()

    def begin_choice(self) -> None:
        """Have the head say that there is something to choose."""
        self.setHeaderLabels(_HEADS)
        self.setColumnHidden(CHOICE, False)

    def hold(self, held: bool) -> None:
        """Let nobody change the choice; it can be looked through all the same."""
        self._held = held

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Toggle the line by Space in whatever column; Enter is for the dialog's button."""
        number = self.current
        if event.key() == Qt.Key.Key_Space and number >= 0:
            row = self.topLevelItem(number)
            if row is not None and self._has_box(number) and not self._held:
                row.setCheckState(CHOICE, _UNCHECKED if self._is_chosen(number) else _CHECKED)
            return
        super().keyPressEvent(event)

    def edit(  # type: ignore[override]
        self,
        index: QModelIndex | QPersistentModelIndex,
        trigger: QAbstractItemView.EditTrigger = QAbstractItemView.EditTrigger.AllEditTriggers,
        event: QEvent | None = None,
    ) -> bool:
        """Keep clicks from the boxes while they are held."""
        return False if self._held else bool(super().edit(index, trigger, event))  # type: ignore[arg-type]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        shown = sum(wide for at, wide in _FIXED.items() if not self.isColumnHidden(at))
        room = self.viewport().width() - shown
        for column, share in enumerate(_SHARES):
            if not self.isColumnHidden(column):
                self.setColumnWidth(column, _FIXED.get(column, int(room * share)))

    def _put(self, row: QTreeWidgetItem, badge: Badge) -> None:
        row.setData(STATE, _BADGE, badge)
        row.setToolTip(STATE, plain_tip(badge.wording))
        row.setData(STATE, Qt.ItemDataRole.AccessibleTextRole, badge.wording)

    def _first(self) -> int:
        """Return the first set that needs a look: one that can be chosen, else the very first."""
        can = (at for at, one in enumerate(self._sets) if one.standing in _CHOOSABLE)
        return next(can, 0)

    def _changed(self, _row: QTreeWidgetItem, column: int) -> None:
        if column == CHOICE:
            self.chosen_changed.emit()

    def _has_box(self, number: int) -> bool:
        row = self.topLevelItem(number)
        return row is not None and bool(row.flags() & Qt.ItemFlag.ItemIsUserCheckable)

    def _is_chosen(self, number: int) -> bool:
        row = self.topLevelItem(number)
        return row is not None and self._has_box(number) and row.checkState(CHOICE) == _CHECKED
