"""The values one by one, for forms that never show them again: one key copies each of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from adwarden.domain.secret import MASK
from adwarden.ui.hand_over_words import ROWS
from adwarden.ui.icons import Icons
from adwarden.ui.parts import ElidedText, Mark, Text, make_button
from adwarden.ui.theme import restyle

_LINE = 52


class HandOverFields(QWidget):
    """A row for each value, none of which is shown but the name.

    ``copy`` gets the number of a row, from 0, and has it copied; ``copied`` is told once it was.
    The keys are those of the window that this is in, while it is to be seen.
    """

    def __init__(self, name: str, icons: Icons, copy: Callable[[int], None]) -> None:
        super().__init__()
        self._next = 0
        self._rows = [_Row(place, name, icons, copy) for place in range(len(ROWS))]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for place, row in enumerate(self._rows):
            column.addWidget(row)
            key = QShortcut(QKeySequence(str(place + 1)), self)
            key.activated.connect(lambda place=place: copy(place))
        column.addStretch(1)
        self._tell()

    @property
    def next(self) -> int:
        """The row that comes next, from 0; after the last one the first again."""
        return self._next

    def copied(self, place: int) -> None:
        """Note that a row was copied: the one below it is next."""
        if place == 0:
            for row in self._rows[1:]:
                row.note(done=False)
        self._rows[place].note(done=True)
        self._next = (place + 1) % len(ROWS)
        self._tell()

    def _tell(self) -> None:
        for place, row in enumerate(self._rows):
            row.show_next(place == self._next)


class _Row(QFrame):
    """Number, what it is called, a mask, and a button."""

    def __init__(self, place: int, name: str, icons: Icons, copy: Callable[[int], None]) -> None:
        super().__init__()
        self._field = ROWS[place]
        self._done = False
        self.setMinimumHeight(_LINE)
        self.setProperty("card", True)
        number = QLabel(str(place + 1))
        number.setProperty("role", "strong")
        number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        number.setFixedWidth(20)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Text(self._field.title, role="strong"))
        words.addWidget(Text(self._field.other, role="caption"))
        self._mark = Mark(icons, "check", "ok")
        self._state = Text("", role="ok")
        self._button = make_button("Copy", name=f"Copy {self._field.title}")
        self._button.setToolTip(f"Key {place + 1}")
        self._button.clicked.connect(lambda: copy(place))
        # Not shown and not named: a screen reader hears what stands there for it.
        value = ElidedText(name) if not self._field.name else Text(MASK * 3, role="dim")
        if self._field.name:
            value.setAccessibleName(f"{self._field.title}, hidden")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.addLayout(words, 0, 0)
        grid.addWidget(value, 0, 1)
        grid.setColumnMinimumWidth(0, 150)
        grid.setColumnStretch(1, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(number)
        row.addLayout(grid, 1)
        row.addWidget(self._mark)
        row.addWidget(self._state)
        row.addWidget(self._button)
        self.note(done=False)

    def note(self, *, done: bool) -> None:
        """Say whether it was copied."""
        self._done = done
        self._mark.setVisible(done)
        self._state.setText("copied" if done else "")
        self._state.setVisible(done)

    def show_next(self, is_next: bool) -> None:
        """Say whether it comes next: by its ground, its words and to screen readers."""
        self.setProperty("banner", "info" if is_next else "")
        self._button.setText("Copy next" if is_next else "Copy")
        said = [word for word, so in (("copied", self._done), ("comes next", is_next)) if so]
        self._button.setAccessibleDescription(", ".join(said))
        restyle(self)
