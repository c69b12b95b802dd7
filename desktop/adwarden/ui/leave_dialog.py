"""The dialog ``Leave``: asks whether all connections of an app, or of one user, are to go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from adwarden.domain.data import dataclass
from adwarden.domain.model import Connection
from adwarden.ui.details_place import Place
from adwarden.ui.fields import Labelled, TextField
from adwarden.ui.fitted_dialog import FittedDialog
from adwarden.ui.parts import Text, make_button
from adwarden.ui.phrases import ad_accounts, counted
from adwarden.ui.search import visible
from adwarden.ui.store import State

Leave = Callable[[Iterable[str], str], None]
"""Leaves connections, by their ids, and whose they are."""

_WIDTH = 540
_LIST = 132
_LONGEST = 34


@dataclass(frozen=True, slots=True)
class Member:
    """One connection that is to go: its id, and the line that names it."""

    connection_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """What can be left in one go; ``name`` is whose it is."""

    words: str
    name: str
    members: tuple[Member, ...]


def groups_of(state: State, place: Place) -> tuple[Group, ...]:
    """Return what can be left from a place: the app's connections, the user's, or both."""
    connection = state.connections.get(place.connection_id)
    app = state.apps.get(connection.app_id if connection else place.app_id)
    found = []
    if connection is not None:
        mine = [one for one in state.connections.values() if one.user_id == connection.user_id]
        count = counted(len(mine), "connection", "connections")
        words = f"{_brief(connection.handle)} through every X app ({count})"
        found.append(Group(words, connection.handle, _members(state, mine)))
    if app is not None and state.connections_of(app.id):
        of_app = state.connections_of(app.id)
        count = counted(len(of_app), "connection", "connections")
        words = f"Everybody through {_brief(app.label)} ({count})"
        found.append(Group(words, app.label, _members(state, of_app)))
    return tuple(found)


def _brief(name: str) -> str:
    shown = visible(name)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1].rstrip()}…"


def _members(state: State, connections: Iterable[Connection]) -> tuple[Member, ...]:
    found = []
    for one in connections:
        app = state.apps.get(one.app_id)
        label = visible(app.label) if app else "X app"
        reached = ad_accounts(state.count(one.id))
        found.append(Member(one.id, f"{visible(one.handle)} · {label} · {reached}"))
    return tuple(found)


class LeaveDialog(FittedDialog):
    """Shows what would go, and asks; ``leave`` has it go."""

    def __init__(self, parent: QWidget | None, groups: Sequence[Group], *, leave: Leave) -> None:
        super().__init__(parent, "Leave", width=_WIDTH, spacing=12)
        self._groups, self._leave = groups, leave
        words = (
            "X is told to forget each of these tokens, so that it stops working everywhere; then "
            "it is deleted here. All of this can be undone for ten seconds. After that each user "
            "has to authorize again to come back."
        )
        self.column.addWidget(Text(words, wraps=True))
        self._what = QComboBox()
        for group in groups:
            self._what.addItem(group.words)
        self.column.addWidget(Labelled("Leave", self._what))
        self._list = QListWidget()
        self._list.setAccessibleName("Connections that go")
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setWordWrap(True)
        self._list.setFixedHeight(_LIST)
        self._list.setProperty("frame", True)
        self.column.addWidget(self._list)
        self._typed = TextField("Confirm", limit=6)
        self._typed.edit.textChanged.connect(lambda _: self._again())
        self.column.addWidget(self._typed)
        self.column.addLayout(self._answers())
        self._what.currentIndexChanged.connect(lambda _: self._chosen())
        self._chosen()
        self._cancel.setFocus()

    @property
    def _group(self) -> Group:
        return self._groups[max(0, self._what.currentIndex())]

    def _answers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._cancel = make_button("Cancel")
        self._cancel.clicked.connect(self.reject)
        self._cancel.setDefault(True)
        self._do = make_button("Revoke and remove")
        self._do.setProperty("danger", True)
        self._do.clicked.connect(self._begin)
        row.addStretch(1)
        row.addWidget(self._cancel)
        row.addWidget(self._do)
        return row

    def _chosen(self) -> None:
        self._list.clear()
        for member in self._group.members:
            self._list.addItem(QListWidgetItem(member.words))
        count = len(self._group.members)
        # One is as clear as a question with two buttons; many do not go by a slip.
        self._typed.setVisible(count > 1)
        self._typed.edit.clear()
        self._typed.say(f"Type {count}, the number of connections that go.")
        self._do.setText(f"Revoke and remove {counted(count, 'connection', 'connections')}")
        self._do.setAccessibleName(self._do.text())
        self._again()
        if self.isVisible():
            self.fit()

    def _again(self) -> None:
        count = len(self._group.members)
        sure = count == 1 or self._typed.text().strip() == str(count)
        self._do.setEnabled(sure)
        # Enter in the field does what has been typed; before that it can only leave.
        (self._do if sure and count > 1 else self._cancel).setDefault(True)

    def _begin(self) -> None:
        group = self._group
        self._leave([member.connection_id for member in group.members], group.name)
        self.accept()
