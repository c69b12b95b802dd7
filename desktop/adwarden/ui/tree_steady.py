"""A tree whose selection and scroll position stay while its rows come, go and move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from adwarden.ui.icons import Icons
from adwarden.ui.tree_delegate import RowDelegate
from adwarden.ui.tree_nodes import Selection
from adwarden.ui.tree_places import PlacesModel
from adwarden.ui.tree_view import TreeView


class SteadyTree(TreeView):
    """Tells what a person has selected; rows are changed only within ``changing``."""

    selected = Signal(object)
    """The ``Selection`` a person made or that is left after a removal, or ``None``."""

    def __init__(self, icons: Icons, delegate: RowDelegate, parent: QWidget | None = None) -> None:
        super().__init__(icons, delegate, parent)
        self._quiet = 0
        self._chosen: Selection | None = None
        self._released = False

    @property
    def filling(self) -> bool:
        """Whether rows are still to come, so that one that is missing need not be gone."""
        return False

    @property
    def selection(self) -> Selection | None:
        """What is selected."""
        return self._chosen

    def release(self) -> None:
        """Highlight no row: what is selected is in another pane, and the place here is kept."""
        if self._chosen is not None and not self._released:
            self._released = True
            self.clearSelection()

    def regain(self) -> None:
        """Select again the row whose highlight was released, if there is one."""
        if self._released and self.currentIndex().isValid():
            self._released = False
            self.setCurrentIndex(self.currentIndex())
            self.selected.emit(self._chosen)

    @property
    def shown_model(self) -> PlacesModel:
        """The model whose rows are shown; there must be one."""
        model = self.model()
        assert isinstance(model, PlacesModel)
        return model

    def select(self, wanted: Selection) -> bool:
        """Select a row and bring it into view; return whether it is there."""
        index = self.shown_model.find(wanted)
        if not index.isValid():
            return False
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def select_again(self) -> None:
        """Select what was selected before another tree was shown, as far as it is there."""
        if self._chosen is not None:
            index = self.shown_model.find(self.shown_model.counterpart(self._chosen))
            if index.isValid():
                self._put_current(index)
                self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def show_model(self, model: PlacesModel) -> None:
        """Show another model in place of the present one; nothing is selected in it."""
        old = self.selectionModel()
        self._quiet += 1
        self._hover(QModelIndex())
        self.setModel(model)
        self._fit_columns()
        self._quiet -= 1
        old.deleteLater()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Surround changes of rows: afterwards selection and scroll position are as before."""
        if self._quiet:
            yield
            return
        bar = self.verticalScrollBar()
        anchor = QPersistentModelIndex()
        offset = 0
        if bar.value() > 0:
            top = self.indexAt(self.viewport().rect().topLeft())
            anchor, offset = QPersistentModelIndex(top), self.visualRect(top).top()
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1
        self._settle_selection()
        if anchor.isValid():
            self.executeDelayedItemsLayout()
            index = self.model().index(anchor.row(), anchor.column(), anchor.parent())
            bar = self.verticalScrollBar()  # anew: the view may have made another meanwhile
            bar.setValue(bar.value() + self.visualRect(index).top() - offset)
        self.rows_changed()

    def rows_changed(self) -> None:
        """Do what is to be done after each change of rows; nothing, unless overridden."""

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # type: ignore[override]
        """Tell what is selected now, unless rows are only being moved about."""
        super().currentChanged(current, previous)
        if not self._quiet:
            self._released = False
            self._choose(current)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell of the row that was current all the while, once it is selected again."""
        super().selectionChanged(selected, deselected)
        if self._released and not self._quiet and selected.contains(self.currentIndex()):
            self._released = False
            self.selected.emit(self._chosen)

    def _choose(self, current: QModelIndex) -> None:
        place = self.place_at(current)
        chosen = place.selection() if place else None
        if chosen != self._chosen:
            self._chosen = chosen
            if not self._released:
                self.selected.emit(chosen)

    def _put_current(self, index: QModelIndex) -> None:
        """Make a row current, and highlight it unless another pane has the selection."""
        if not self._released:
            self.setCurrentIndex(index)
            return
        self._quiet += 1
        command = QItemSelectionModel.SelectionFlag.NoUpdate
        self.selectionModel().setCurrentIndex(index, command)
        self._quiet -= 1
        self._choose(index)

    def _settle_selection(self) -> None:
        if self._chosen is None:
            if self.currentIndex().isValid():
                self._choose(self.currentIndex())
            return
        model = self.shown_model
        index = model.find(self._chosen)
        if index.isValid():
            if self.currentIndex().siblingAtColumn(0) != index:
                scroll = self.verticalScrollBar().value()
                self._quiet += 1
                self._put_current(index)
                self._quiet -= 1
                self.verticalScrollBar().setValue(scroll)
            # The best way to an ad account may be another one now.
            self._choose(index)
        elif model.shows(self._chosen) and not (model.sieve.query or self.filling):
            # Not merely hidden by a search but gone: what Qt has moved to is the selection now.
            self._choose(self.currentIndex())
        if self._released:
            self.clearSelection()  # Qt has highlighted what it has moved to
