"""The dialog ``Leave``: revokes every connection of an app, or of one user over all apps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QWidget,
)

from adwarden.domain.checks import CONNECTED_APPS
from adwarden.domain.data import dataclass
from adwarden.domain.model import Connection
from adwarden.services.leaving import Left
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_place import Place
from adwarden.ui.fields import Labelled, TextField
from adwarden.ui.fitted_dialog import FittedDialog
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, announce, make_button
from adwarden.ui.phrases import ad_accounts, counted
from adwarden.ui.search import visible
from adwarden.ui.store import State

Revoke = Callable[
    [Iterable[str], Callable[[Left], None], Callable[[], bool]], Awaitable[Sequence[Left]]
]

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
    """What can be left in one go."""

    words: str
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
        found.append(Group(words, _members(state, mine)))
    if app is not None and state.connections_of(app.id):
        of_app = state.connections_of(app.id)
        count = counted(len(of_app), "connection", "connections")
        found.append(
            Group(f"Everybody through {_brief(app.label)} ({count})", _members(state, of_app))
        )
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
    """Previews, asks, works, and lists what stays. While it works, closing it stops it.

    ``revoke`` gets ids, what hears of each, and what it asks whether to stop.
    """

    def __init__(
        self,
        parent: QWidget | None,
        groups: Sequence[Group],
        *,
        revoke: Revoke,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        super().__init__(parent, "Leave", width=_WIDTH, spacing=12)
        self._groups, self._revoke, self._tasks = groups, revoke, tasks
        self._icons, self._clipboard = icons, clipboard
        self._running = self._stopping = self._ended = False
        self._left: list[Left] = []
        self._words = Text(
            "X is told to forget each of these tokens, so that it stops working everywhere; then "
            "it is deleted here. To come back, each user has to authorize again. "
            "This cannot be undone.",
            wraps=True,
        )
        self.column.addWidget(self._words)
        self._what = QComboBox()
        for group in groups:
            self._what.addItem(group.words)
        self._what_field = Labelled("Leave", self._what)
        self.column.addWidget(self._what_field)
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
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of leaving")
        self._bar.hide()
        self.column.addWidget(self._bar)
        self._status = Text("", wraps=True)
        self._status.hide()
        self.column.addWidget(self._status)
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
        self._copy = make_button("Copy as text")
        self._copy.clicked.connect(self._copy_text)
        self._page = make_button("Open X’s settings page")
        self._page.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(CONNECTED_APPS)))
        self._cancel = make_button("Cancel")
        self._cancel.clicked.connect(self.reject)
        self._cancel.setDefault(True)
        self._do = make_button("Revoke and remove")
        self._do.setProperty("danger", True)
        self._do.clicked.connect(self._begin)
        for button in (self._copy, self._page):
            button.hide()
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._cancel)
        row.addWidget(self._do)
        return row

    # Asking

    def _chosen(self) -> None:
        self._list.clear()
        for member in self._group.members:
            self._list.addItem(QListWidgetItem(member.words))
        count = len(self._group.members)
        # One is as clear as a question with two buttons; many are not taken back by a slip.
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
        self._do.setEnabled(sure and not self._running)
        # Enter in the field does what has been typed; before that it can only leave.
        (self._do if sure and count > 1 else self._cancel).setDefault(True)

    # Working

    def _begin(self) -> None:
        if self._running or self._ended:
            return
        self._running = True
        ids = [member.connection_id for member in self._group.members]
        for part in (self._what_field, self._typed, self._do):
            part.hide()
        self._bar.setRange(0, len(ids))
        self._bar.setValue(0)
        self._bar.show()
        self._status.show()
        self._cancel.setText("Stop")
        self._cancel.setAccessibleName("Stop")
        self._cancel.setFocus()
        self._tell()
        self.fit()
        self._tasks.spawn(self, "leave", self._work(ids))

    async def _work(self, ids: Sequence[str]) -> None:
        try:
            await self._revoke(ids, self._heard, lambda: self._stopping)
        finally:
            self._running = False
        self._show_end()

    def _heard(self, left: Left) -> None:
        self._left.append(left)
        self._tell()

    def _tell(self) -> None:
        members = self._group.members
        done = len(self._left)
        self._bar.setValue(done)
        self._list.setCurrentRow(min(done, len(members) - 1))
        if self._stopping:
            self._status.setText("Stopping after this one …")
        else:
            self._status.setText(f"{done} of {len(members)} are done …")

    def reject(self) -> None:
        """Close; while it works, stop after the connection that is being revoked."""
        if not self._running:
            super().reject()
            return
        self._stopping = True
        self._cancel.setEnabled(False)
        self._tell()

    # What came of it

    def _show_end(self) -> None:
        self._ended = True
        gone = sum(one.error is None for one in self._left)
        stay = [one for one in self._left if one.error is not None]
        untried = len(self._group.members) - len(self._left)
        words = [f"{counted(gone, 'connection was', 'connections were')} revoked and removed."]
        if stay:
            could = "could not be revoked and "
            could += "stays; the list says why." if len(stay) == 1 else "stay; the list says why."
            words.append(f"{counted(len(stay), 'connection', 'connections')} {could}")
            words.append(
                "Users can take the access back at X as well: Settings, Security and account "
                "access, Apps and sessions, Connected apps."
            )
        if untried:
            words.append(f"{counted(untried, 'was', 'were')} not tried.")
        self._words.hide()
        self._bar.hide()
        self._status.setText(" ".join(words))
        self._list.clear()
        self._list.setAccessibleName("Connections that stay")
        for one in stay:
            self._list.addItem(QListWidgetItem(_line(one)))
        self._list.setVisible(bool(stay))
        self._copy.setVisible(bool(stay))
        self._page.setVisible(bool(stay))
        self._cancel.setEnabled(True)
        self._cancel.setText("Close")
        self._cancel.setAccessibleName("Close")
        self._cancel.setFocus()
        self.fit()
        announce(self, self._status.text())

    def _copy_text(self) -> None:
        stay = [_line(one) for one in self._left if one.error is not None]
        self._clipboard.copy_text("\n".join((self._status.text(), *stay, CONNECTED_APPS)))


def _line(one: Left) -> str:
    return f"{visible(one.handle)} · {visible(one.app_label)}: {one.error}"
