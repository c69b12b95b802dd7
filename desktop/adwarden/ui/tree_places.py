"""What the view asks of every model of the tree, whichever way of looking it is for."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from adwarden.ui.tree_nodes import AccountNode, ConnectionNode, Place, Selection, Sieve
from adwarden.ui.tree_shape import ShapeModel
from adwarden.ui.tree_words import COLUMNS, Words

if TYPE_CHECKING:
    from typing import Protocol, TypeVar

    class Keyed(Protocol):
        """What is sorted by its key: the folded name of an ad account, and its id."""

        key: tuple[str, str]

    _K = TypeVar("_K", bound=Keyed)

Index = QModelIndex | QPersistentModelIndex
_TYPED = Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchWrap


class PlacesModel(ShapeModel):
    """Rows that are places; a sieve says which are shown, ``words`` what their cells say."""

    least_names, least_badges = 190, 96
    """Pixels that the column of names gets before that of permissions gets more than its least."""

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

    @abstractmethod
    def accounts_beside(self, index: Index) -> Sequence[Keyed] | None:
        """Return the ad accounts of a row and those beside it, ``None`` for other rows."""

    def match(
        self,
        start: Index,
        role: int,
        value: object,
        hits: int = 1,
        flags: Qt.MatchFlag = _TYPED,
    ) -> list[QModelIndex]:
        """Find the next ad account whose name begins with what is being typed."""
        typed = role == Qt.ItemDataRole.DisplayRole and hits == 1 and flags == _TYPED
        rows = self.accounts_beside(start) if typed and isinstance(value, str) else None
        if rows is None or not isinstance(value, str):
            return super().match(start, role, value, hits, flags)
        # Qt would ask for the text of every row, one call into Python each.
        wanted = value.casefold()
        for step in range(len(rows)):
            row = (max(0, start.row()) + step) % len(rows)
            name, account_id = rows[row].key
            if (name or account_id.casefold()).startswith(wanted):
                return [self.index(row, 0, start.parent())]
        return []

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


def runs_into(rows: list[_K], fresh: list[_K]) -> Iterator[tuple[int, list[_K]]]:
    """Sort what is new; yield where in ``rows`` it belongs, neighbours together.

    Each run has to be put there before the next one is asked for.
    """
    fresh.sort(key=_key)
    start = 0
    while start < len(fresh):
        at = bisect_left(rows, fresh[start].key, key=_key)
        limit = rows[at].key if at < len(rows) else None
        end = start + 1
        while end < len(fresh) and (limit is None or fresh[end].key < limit):
            end += 1
        yield at, fresh[start:end]
        start = end


def runs_of(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of rows that are neighbours, from the end on."""
    ordered = sorted(rows, reverse=True)
    at = 0
    while at < len(ordered):
        last = first = ordered[at]
        while at + 1 < len(ordered) and ordered[at + 1] == first - 1:
            at, first = at + 1, first - 1
        yield first, last
        at += 1


def _key(one: Keyed) -> tuple[str, str]:
    return one.key
