"""The parameters of a tried request, with a line each: what it takes, and its value."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from adwarden.domain.errors import InputError
from adwarden.domain.requests import LONGEST_QUERY, Endpoint, Pairs
from adwarden.ui.fields import TextField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, icon_button, make_button

_NONE_KNOWN = "There are none that are known for this path."
_NOT_OF_READS = "Those of requests that change something are not known here: add what it takes."


class RequestParameters(QScrollArea):
    """Rows follow the endpoint; values stay with their names. ``changed`` after each key.

    ``top`` stands above them, and ``last`` is the last of it that Tab comes to.
    """

    changed = Signal()

    def __init__(self, icons: Icons, top: QWidget, last: QWidget) -> None:
        super().__init__()
        self._icons, self._last = icons, last
        self._shown: tuple[object, ...] = ()
        self._ids: dict[str, TextField] = {}
        self._known: dict[str, TextField] = {}
        self._own: list[_OwnRow] = []
        self._kept: dict[str, str] = {}
        self._head = Text("Parameters", role="strong")
        self._none = Text(_NONE_KNOWN, role="dim", wraps=True)
        self._rows = QVBoxLayout()
        self._own_rows = QVBoxLayout()
        self._add = make_button("Add a parameter")
        self._add.clicked.connect(lambda: self._go_to(self.add_row()))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(10)
        column.addWidget(top)
        column.addWidget(self._head)
        column.addWidget(self._none)
        for rows in (self._rows, self._own_rows):
            rows.setSpacing(10)
            column.addLayout(rows)
        column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        inside.setProperty("transparent", True)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Whose request it is, and its parameters")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    @property
    def ids(self) -> dict[str, str]:
        """The IDs of the path's places, by their names."""
        return {name: row.text() for name, row in self._ids.items()}

    @property
    def pairs(self) -> Pairs:
        """Names and values, as they stand there; ``place_of`` counts by this."""
        known = [(name, row.text()) for name, row in self._known.items()]
        own = [(row.name.text().strip(), row.value.text().strip()) for row in self._own]
        return (*known, *own)

    def show_endpoint(
        self, endpoint: Endpoint | None, places: Sequence[str], *, reads: bool = True
    ) -> None:
        """Have a row for each parameter, and for each place of the path that an ID belongs to.

        What is known are the parameters of reads: there are none where it does not read.
        """
        wanted = (endpoint, tuple(places), reads)
        if wanted == self._shown:
            return
        self._shown = wanted
        for name, row in (*self._ids.items(), *self._known.items()):
            self._kept[name] = row.text()
            row.hide()
            row.deleteLater()
        parameters = endpoint.parameters if endpoint is not None and reads else ()
        self._ids = {
            name: self._row(f":{name}", "The ID that takes its place in the path", name)
            for name in places
        }
        self._known = {
            one.name: self._row(
                f"{one.name} (required)" if one.required else one.name, one.help, one.name
            )
            for one in parameters
        }
        for row in (*self._ids.values(), *self._known.values()):
            self._rows.addWidget(row)
            row.show()
        self._none.setText(_NONE_KNOWN if reads else _NOT_OF_READS)
        self._none.setVisible(not self._known and not (reads and self._ids))
        self._order()

    def add_row(self, name: str = "", value: str = "") -> QLineEdit:
        """Add a row for a parameter of one's own; returns the field of its name."""
        row = _OwnRow(self._icons, len(self._own) + 1)
        row.name.setText(name)
        row.value.setText(value)
        for edit in (row.name, row.value):
            edit.textChanged.connect(self.changed)
        row.remove.clicked.connect(lambda: self._remove(row))
        self._own.append(row)
        self._own_rows.addWidget(row)
        row.show()  # else with the next turn of the loop, and nobody could go to it until then
        self._order()
        self.changed.emit()
        return row.name

    def refuse(self, error: InputError, before: int) -> bool:
        """Say beside its field what is wrong; ``before`` is how many the path has itself."""
        row = self._known.get(error.field)
        if row is None:
            kind, _, number = error.field.partition(" ")
            place = int(number) - 1 - before if kind == "parameter" and number.isdigit() else -1
            known = list(self._known.values())
            row = known[place] if 0 <= place < len(known) else None
        if row is None:
            return False
        row.say(str(error), "error")
        self._go_to(row.edit)
        return True

    def clear_words(self) -> None:
        """Take back what was said of values."""
        for row in (*self._ids.values(), *self._known.values()):
            row.say("")

    def _row(self, label: str, hint: str, name: str) -> TextField:
        row = TextField(label, hint, limit=LONGEST_QUERY)
        row.edit.setText(self._kept.get(name, ""))
        row.edit.textChanged.connect(self.changed)
        return row

    def _go_to(self, edit: QLineEdit) -> None:
        edit.setFocus()

        def show() -> None:
            if isValid(edit):
                self.ensureWidgetVisible(edit)

        # Where it is, is known after the next turn of the loop.
        QTimer.singleShot(0, self, show)

    def _remove(self, row: _OwnRow) -> None:
        self._own.remove(row)
        row.hide()
        row.deleteLater()
        self._add.setFocus()
        self.changed.emit()

    def _order(self) -> None:
        """Have Tab go from top to bottom, also through what came later."""
        chain: list[QWidget] = [one.edit for one in (*self._ids.values(), *self._known.values())]
        for row in self._own:
            chain += (row.name, row.value, row.remove)
        chain.append(self._add)
        before = self._last
        for part in chain:
            QWidget.setTabOrder(before, part)
            before = part


class _OwnRow(QWidget):
    def __init__(self, icons: Icons, number: int) -> None:
        super().__init__()
        self.name, self.value = QLineEdit(), QLineEdit()
        self.remove = icon_button(f"Remove parameter {number}", icons, "x")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for edit, words in ((self.name, "Name"), (self.value, "Value")):
            edit.setPlaceholderText(words)
            edit.setAccessibleName(f"{words} of parameter {number}")
            edit.setMaxLength(LONGEST_QUERY)
            row.addWidget(edit, 1)
        row.addWidget(self.remove)
