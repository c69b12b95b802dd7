"""X's comparison of the two methods, for one ad account: a table, the one in use marked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from adwarden.domain.methods import Cell, Comparison, MethodRow, compare_methods
from adwarden.domain.model import AccountEntry, AppAccess, Connection
from adwarden.domain.permissions import Method, Verdict
from adwarden.ui.details_parts import MARKS, Marked, caption, heading
from adwarden.ui.details_place import Desk
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, breakable

NARROW = 250
"""Pixels below which there is no room for three columns."""

_COLUMNS = ((Method.ADVERTISER, "Advertiser token"), (Method.DEVELOPER, "Developer token"))


def write_methods(
    desk: Desk,
    column: QVBoxLayout,
    connection: Connection,
    entry: AccountEntry,
    app_access: AppAccess,
) -> None:
    """Write the section: what the method in use means here, what the other one would change."""
    found = compare_methods(connection, entry, app_access)
    column.addWidget(heading("The two methods"))
    column.addWidget(caption(found.here))
    column.addWidget(MethodTable(found, desk.icons))
    column.addWidget(caption(found.other))


class MethodTable(QWidget):
    """The table. Every line tells a screen reader both answers, and which method is in use.

    Where there is no room for three columns, what is compared stands above its two answers.
    """

    def __init__(self, found: Comparison, icons: Icons) -> None:
        super().__init__()
        self.setAccessibleName("The two methods")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(6)
        self._ground = QFrame(self)
        self._ground.setProperty("banner", "info")
        used = [whose for whose, _ in _COLUMNS]
        self._used = used.index(found.current) if found.current in used else -1
        self._ground.setVisible(self._used >= 0)
        self._heads = [
            _head(words, used=at == self._used) for at, (_, words) in enumerate(_COLUMNS)
        ]
        self._lines = [_line(row, found.current, icons) for row in found.rows]
        self._narrow: bool | None = None
        self._lay_out(narrow=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in two columns where three would be cut off."""
        super().resizeEvent(event)
        self._lay_out(narrow=event.size().width() < NARROW)

    def _lay_out(self, *, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        grid, top = self._grid, Qt.AlignmentFlag.AlignTop
        while grid.count():
            grid.takeAt(0)
        first = 0 if narrow else 1
        for place, stretch in enumerate((1, 1, 0) if narrow else (11, 9, 9)):
            grid.setColumnStretch(place, stretch)
        for place, head in enumerate(self._heads):
            grid.addWidget(head, 0, first + place, top)
        for number, (label, *answers) in enumerate(self._lines, 1):
            row = number * 2 if narrow else number
            label.setContentsMargins(6 if narrow else 0, 0, 0, 0)
            if narrow:
                grid.addWidget(label, row - 1, 0, 1, 2, top)
            else:
                grid.addWidget(label, row, 0, top)
            for place, answer in enumerate(answers):
                grid.addWidget(answer, row, first + place, top)
        if self._used >= 0:
            grid.addWidget(self._ground, 0, first + self._used, grid.rowCount(), 1)
            self._ground.lower()


def _head(words: str, *, used: bool) -> Text:
    head = Text(f"{words}\n(used here)" if used else words, role="heading", wraps=True)
    head.setContentsMargins(6, 5, 4, 0)
    return head


def _line(row: MethodRow, current: Method, icons: Icons) -> tuple[QWidget, QWidget, QWidget]:
    label = Text(row.words, wraps=True)
    label.setAccessibleName(_spoken(row, current))
    advertiser, developer = (_cell(row.cell(whose), icons) for whose, _ in _COLUMNS)
    return label, advertiser, developer


def _cell(cell: Cell, icons: Icons) -> QWidget:
    if cell.verdict is None:
        plain = Text(breakable(cell.words), role="caption", wraps=True)
        plain.setContentsMargins(6, 0, 4, 5)
        return plain
    icon, colour, _ = MARKS[cell.verdict]
    marked = Marked(cell.words, icons, icon, colour, size=12, gap=3, role="caption")
    marked.inset(6, 5)
    return marked


def _spoken(row: MethodRow, current: Method) -> str:
    parts = []
    for whose, words in _COLUMNS:
        used = ", used here" if whose is current else ""
        cell = row.cell(whose)
        unsure = " (not known)" if cell.verdict is Verdict.UNKNOWN else ""
        parts.append(f"{words}{used}: {cell.words}{unsure}")
    return f"{row.words}. {'; '.join(parts)}"
