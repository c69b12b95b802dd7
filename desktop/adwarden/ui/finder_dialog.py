"""The dialog ``Which token?``: what is to be done, where, and which connections can do it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from adwarden.domain.permissions import CAPABILITIES
from adwarden.services.choosing import Answer
from adwarden.ui import finder_words as words
from adwarden.ui.fields import Labelled, TextField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, announce, breakable, make_button
from adwarden.ui.saving_dialog import FRAME
from adwarden.ui.search import shortened, visible
from adwarden.ui.store import State
from adwarden.ui.two_lines import TwoLines

_SIZE = (680, 600)
_USUAL = "manage-campaigns"
_POPUP = (
    "QListView { border: 1px solid %s; padding: 0; }"
    " QListView::item { min-height: 26px; padding: 0 4px; }"
)


class FinderDialog(QDialog):
    """Answers from what the window knows, without network and without secrets.

    ``go``, ``hand_over`` (with connection and ad account) and ``reconnect`` are what comes next;
    each closes it. ``capability`` tells afterwards what was asked for last.
    """

    def __init__(
        self,
        parent: QWidget | None,
        state: State,
        account_id: str,
        *,
        go: Callable[[str, str], object],
        hand_over: Callable[[str, str], object],
        reconnect: Callable[[str], object],
        icons: Icons,
        capability: str = "",
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._go, self._hand_over, self._reconnect = go, hand_over, reconnect
        self._names = words.accounts_of(state)
        self._labels = {_label(key, name): key for key, name in self._names.items()}
        self._account = ""
        self._answer: Answer | None = None
        self.setWindowTitle("Which token?")
        self.setAccessibleName("Which token?")
        self.setModal(True)
        room = parent.size() if parent else self.screen().availableSize()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height() - FRAME))
        self._build(icons, capability or _USUAL)
        if account_id in self._names:
            self._where.edit.setText(_label(account_id, self._names[account_id]))
            self._what.setFocus()
        else:
            self._where.edit.setFocus()
        self._ask()

    @property
    def capability(self) -> str:
        """What is asked for, as a key of ``CAPABILITIES``."""
        return str(self._what.currentData())

    def _build(self, icons: Icons, capability: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(Text("Which token?", role="title"))
        self._what = QComboBox()
        self._what.setMaxVisibleItems(len(CAPABILITIES))
        for key, what in CAPABILITIES.items():
            self._what.addItem(f"{what[:1].upper()}{what[1:]}", key)
        self._what.setCurrentIndex(self._what.findData(capability))
        self._where = TextField("Ad account", limit=1000)
        self._where.edit.setPlaceholderText("Name or ID")
        self._where.edit.setCompleter(self._completer(icons))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._where, 1)
        row.addWidget(Labelled("To do what", self._what), 1)
        column.addLayout(row)
        self._told = Text("", role="dim", wraps=True)
        column.addWidget(self._told)
        self._list = TwoLines("Connections", icons)
        column.addWidget(self._list, 1)
        self._why = Text("", wraps=True, selectable=True)
        column.addWidget(self._why)
        column.addLayout(self._answers())
        self._what.currentIndexChanged.connect(self._ask)
        self._where.edit.textChanged.connect(self._ask)
        self._list.chosen.connect(self._show_one)
        self._list.itemActivated.connect(lambda _: self._next.click())

    def _completer(self, icons: Icons) -> QCompleter:
        completer = QCompleter(sorted(self._labels, key=str.casefold), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(9)
        if (popup := completer.popup()) is not None:
            popup.setAccessibleName("Ad accounts")
            popup.setStyleSheet(_POPUP % icons.theme.palette.line_strong)
        return completer

    def _answers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        close = make_button("Close")
        close.clicked.connect(self.reject)
        self._show = make_button("Show in the tree")
        self._show.clicked.connect(lambda: self._take(lambda key: self._go(key, self._account)))
        self._next = make_button("Hand over …", primary=True)
        self._next.clicked.connect(lambda: self._take(self._step))
        for button in (close, self._show, self._next):
            row.addWidget(button)
        return row

    def _ask(self) -> None:
        text = self._where.text()
        named = self._labels.get(text) or (text if text in self._names else "")
        self._account = named or next((key for key in self._names if key == text.casefold()), "")
        self._list.clear()
        self._why.setText("")
        self._answer = None
        if self._account:
            self._answer = words.answer(self._state, self._account, self.capability)
            self._fill(self._answer)
        else:
            known = "No ad account is called so." if text else ""
            self._told.say(f"{known} Type a name or an ID, then choose one.".strip(), "dim")
        self._show_one()
        announce(self._list, self._told.text())

    def _fill(self, found: Answer) -> None:
        nobody = words.nobody(found)
        self._told.say(breakable(nobody or words.count_words(found)), "warn" if nobody else "dim")
        for title, rows in words.groups(found, self._state):
            self._list.add_heading(title)
            for one in rows:
                self._list.add_row(one)
        self._list.choose("")

    def _show_one(self) -> None:
        key, found = self._list.key, self._answer
        told = words.explained(found, key) if found is not None else ""
        self._why.setText(breakable(visible(told)))
        lost = self._lost
        self._next.setText("Reconnect" if lost else "Hand over …")
        self._next.setAccessibleName(self._next.text())
        for button in (self._show, self._next):
            button.setEnabled(bool(key))
            button.setAccessibleDescription(told)

    @property
    def _lost(self) -> bool:
        ways = self._answer.ways if self._answer else ()
        return any(way.lost for way in ways if way.through.connection.id == self._list.key)

    def _step(self, connection_id: str) -> None:
        if self._lost:
            self._reconnect(connection_id)
        else:
            self._hand_over(connection_id, self._account)

    def _take(self, step: Callable[[str], object]) -> None:
        key = self._list.key
        if key:
            self.accept()  # first: what comes next may be a dialog, and belongs to the window
            step(key)


def _label(account_id: str, name: str) -> str:
    return f"{shortened(visible(name))} · {account_id}" if name else account_id
