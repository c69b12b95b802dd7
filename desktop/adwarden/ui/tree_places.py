"""What the view asks of every model of the tree, whichever way of looking it is for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from adwarden.ui.tree_nodes import AccountNode, ConnectionNode, Place, Selection, Sieve
from adwarden.ui.tree_shape import ShapeModel
from adwarden.ui.tree_words import COLUMNS, Words

Index = QModelIndex | QPersistentModelIndex


class PlacesModel(ShapeModel):
    """Rows that are places; a sieve says which are shown, ``words`` what their cells say."""

    def __init__(self, sieve: Sieve, words: Words, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self.sieve = sieve
        self.words = words

    @abstractmethod
    def place(self, index: Index) -> Place | None:
        """Return what a row is about, ``None`` for an index of another model."""

    @abstractmethod
    def find(self, wanted: Selection) -> QModelIndex:
        """Return the first cell of a row, an invalid index when it is not shown."""

    def shows(self, wanted: Selection) -> bool:
        """Tell whether there are rows of this kind."""
        return True

    def counterpart(self, wanted: Selection) -> Selection:
        """Return the row for what was selected in the other tree."""
        kind = "account" if wanted.kind == "reach" else wanted.kind
        return Selection(kind, wanted.connection_id, wanted.account_id, wanted.promotable_id)

    @abstractmethod
    def sync_connection(self, connection_id: str) -> None:
        """Show what is new of one connection itself."""

    @abstractmethod
    def sync_accounts(self, connection_id: str, account_ids: Iterable[str]) -> set[str]:
        """Bring these ad accounts up to date; return those whose rows are new or moved."""

    @abstractmethod
    def count(self) -> int:
        """Return how many ad accounts are shown, each counted once."""

    @abstractmethod
    def rows(self) -> int:
        """Return about how many rows there are."""

    @abstractmethod
    def row_of(self, connection_id: str, account_id: str) -> Selection:
        """Return the row of an ad account that a person opens and closes."""

    @abstractmethod
    def reveals(self, node: ConnectionNode, account: AccountNode) -> bool:
        """Tell whether a search has found something below an ad account's row."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return the text of a cell, and for screen readers the whole row in words."""
        if role == Qt.ItemDataRole.DisplayRole:
            place = self.place(index)
            return self.words.text(place, index.column()) if place else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            place = self.place(index)
            self.cell(index)
            return self.words.spoken(place, index.column()) if place else None
        return None
