"""The list of changes as a model: days and changes, newest first, fetched page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from adwarden.domain.changes import Recorded
from adwarden.ui.history_words import Row, change_row, day_row
from adwarden.ui.parts import plain_tip

ROW = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()
_NOTHING = Qt.ItemFlag.NoItemFlags
_A_DAY = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
_A_CHANGE = _A_DAY | Qt.ItemFlag.ItemIsSelectable


class HistoryModel(QAbstractListModel):
    """Holds the pages that have come; ``wanted`` asks for the next one, once at a time."""

    wanted = Signal()

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._rows: list[Row] = []
        self._day: date | None = None
        self._oldest = 0
        self._more = False
        self._asked = False
        self._seen = 0

    @property
    def oldest(self) -> int:
        """The id of the oldest change that has come, 0 without any."""
        return self._oldest

    def begin(self, changes: Sequence[Recorded], *, more: bool, seen: int) -> None:
        """Start again with a first page; what is newer than the id ``seen`` is marked as new."""
        self.beginResetModel()
        self._rows, self._day, self._oldest, self._seen = [], None, 0, seen
        self._rows = self._made(changes)
        self._more, self._asked = more, False
        self.endResetModel()

    def append(self, changes: Sequence[Recorded], *, more: bool) -> None:
        """Add the page that was asked for."""
        made = self._made(changes)
        self._more, self._asked = more, False
        if made:
            first = len(self._rows)
            self.beginInsertRows(_ROOT, first, first + len(made) - 1)
            self._rows += made
            self.endInsertRows()

    def not_now(self) -> None:
        """Take back that a page is on its way: it could not be read."""
        self._asked = False

    def find(self, id_: int) -> QModelIndex:
        """Return where a change is, or an invalid index."""
        for place, row in enumerate(self._rows):
            if row.kept is not None and row.kept.id == id_:
                return self.index(place)
        return QModelIndex()

    def row(self, index: Index) -> Row | None:
        """Return the line at an index."""
        return self._rows[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self._rows)

    def go_on(self) -> None:
        """Ask for the next page, if older changes may follow and none are on their way.

        It is not Qt's ``fetchMore``: views call that at every layout, until all is there.
        """
        if self._more and not self._asked:
            self._asked = True
            self.wanted.emit()

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Days can be read, not chosen."""
        if not index.isValid():
            return _NOTHING
        # Asked of every row at every layout: no sum of flags is made here.
        return _A_DAY if self._rows[index.row()].kept is None else _A_CHANGE

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the line, its words, or what a screen reader says of it."""
        row = self.row(index)
        if row is None:
            return None
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole and row.kept is not None:
            return plain_tip(f"{row.words}\n{row.sub}")
        return None

    def _made(self, changes: Sequence[Recorded]) -> list[Row]:
        now = self._clock()
        made: list[Row] = []
        for one in changes:
            on = datetime.fromtimestamp(one.at).date()
            if on != self._day:
                self._day = on
                made.append(day_row(one.at, now))
            made.append(change_row(one, now, fresh=one.id > self._seen))
        if changes:
            self._oldest = changes[-1].id
        return made
