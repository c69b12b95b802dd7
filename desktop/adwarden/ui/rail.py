"""The rail on the left: X apps with their connections, each with its state; one key from the tree.

It shows the state and tells what was chosen; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTreeView

from adwarden.domain.data import dataclass
from adwarden.domain.model import Connection, ConnectionState, XApp
from adwarden.ui.avatars import avatar
from adwarden.ui.badges import APP_TROUBLE, NAME_ONLY, state_badge
from adwarden.ui.icons import Icons
from adwarden.ui.parts import plain_tip
from adwarden.ui.phrases import ago, counted, reach
from adwarden.ui.rail_paint import RailDelegate, RailRow
from adwarden.ui.search import visible
from adwarden.ui.store import State

SETTLE_MS = 80
_ROW = Qt.ItemDataRole.UserRole
_KEY = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the rail's current row stands for; one of the two is empty."""

    app_id: str = ""
    connection_id: str = ""


class Rail(QTreeView):
    """Apps and connections, to be walked with the arrow keys."""

    chosen = Signal(object)
    context_asked = Signal(object, QPoint)
    activated_row = Signal(object)

    def __init__(self, state: State, icons: Icons, clock: Callable[[], float]) -> None:
        super().__init__()
        self._state = state
        self._clock = clock
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(RailDelegate(icons, self))
        self.setAccessibleName("X apps and connections")
        self.setProperty("side", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMinimumWidth(168)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_context)
        self._told: Chosen | None = None
        self.selectionModel().currentChanged.connect(self._tell)
        self.pressed.connect(self._pressed)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.write)
        self.write()

    @property
    def settled(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._settle.isActive()

    def again(self) -> None:
        """Write anew soon; bursts of events cost one writing."""
        if not self._settle.isActive():
            self._settle.start()

    def write(self) -> None:
        """Write all rows now; the current row and the focus stay where they are."""
        self._settle.stop()
        wanted = list(self._wanted())
        items = list(self._items())
        if [key for key, _ in wanted] == [item.data(_KEY) for item in items]:
            for item, (_, row) in zip(items, wanted, strict=True):
                if item.data(_ROW) != row:
                    _fill(item, row)
            return
        current = self.current()
        blocked = self.selectionModel().blockSignals(True)
        self._model.clear()
        parent: QStandardItem = self._model.invisibleRootItem()
        for key, row in wanted:
            item = QStandardItem()
            item.setData(key, _KEY)
            item.setEditable(False)
            _fill(item, row)
            if key.app_id:
                self._model.appendRow(item)
                parent = item
            else:
                parent.appendRow(item)
        self.expandAll()
        self.selectionModel().blockSignals(blocked)
        if current is not None and not self.choose(current):
            self.chosen.emit(Chosen())

    def current(self) -> Chosen | None:
        """Return what the current row stands for."""
        index = self.currentIndex()
        found = index.data(_KEY) if index.isValid() else None
        return found if isinstance(found, Chosen) else None

    def choose(self, what: Chosen) -> bool:
        """Make a row current without telling of it; say whether it is there."""
        self._told = None
        for item in self._items():
            if item.data(_KEY) == what:
                if what != self.current():
                    blocked = self.selectionModel().blockSignals(True)
                    self.setCurrentIndex(item.index())
                    self.selectionModel().blockSignals(blocked)
                    self.viewport().update()
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return goes on to the tree, at the chosen connection."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            current = self.current()
            if current is not None:
                self.activated_row.emit(current)
                return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Ask for the width that handles of usual length need."""
        return QSize(236, super().sizeHint().height())

    def _wanted(self) -> Iterator[tuple[Chosen, RailRow]]:
        for app in self._state.apps.values():
            connections = self._state.connections_of(app.id)
            yield Chosen(app_id=app.id), self._app_row(app, len(connections))
            for connection in connections:
                row = self._connection_row(app, connection)
                yield Chosen(connection_id=connection.id), row

    def _app_row(self, app: XApp, connections: int) -> RailRow:
        label = visible(app.label)
        tokens = self._state.tokens(app)
        wrong = NAME_ONLY.get(self._state.hidden(app.id), APP_TROUBLE.get(app.state))
        if wrong is not None:
            spoken = f"X app {label}, {wrong.wording}"
            return RailRow(label, "", wrong.text, spoken, state=wrong)
        if tokens:
            used, most = tokens
            words = f"{used} of {most} tokens"
            return RailRow(label, "", words, f"X app {label}, {words}")
        words = counted(connections, "connection", "connections")
        return RailRow(label, "", str(connections), f"X app {label}, {words}")

    def _connection_row(self, app: XApp, connection: Connection) -> RailRow:
        handle, sub, brief = visible(connection.handle), *self._sub_lines(connection)
        if connection.label:
            label = visible(connection.label)
            sub, brief = f"{label} · {sub}", f"{label} · {brief}" if brief else ""
        badge = state_badge(connection.state)
        badge = NAME_ONLY.get(self._state.hidden(connection.id), badge)
        spoken = f"{handle}, {badge.text}, {sub}, connection of {visible(app.label)}"
        news = self._state.unseen[connection.id]
        if news:
            spoken += f", {counted(news, 'new change', 'new changes')}"
        return RailRow(handle, sub, "", spoken, avatar(connection), badge, bool(news), brief)

    def _sub_lines(self, connection: Connection) -> tuple[str, str]:
        """Return the second line, and without the age what there is of one."""
        words = self._sub_line(connection)
        return words, "revoked" if words.startswith("revoked,") else ""

    def _sub_line(self, connection: Connection) -> str:
        if self._state.refreshing(connection.id):
            return "refreshing…"
        hidden = self._state.hidden(connection.id)
        if hidden:
            return "locked" if hidden == "locked" else "file not open"
        count = self._state.count(connection.id)
        match connection.state:
            case ConnectionState.REVOKED:
                if connection.checked_at is None:
                    return "revoked"
                return f"revoked, worked {ago(connection.checked_at, self._clock())}"
            case ConnectionState.NEEDS_AUTHORIZATION:
                return "authorize again"
            case ConnectionState.ATTENTION:
                return "needs attention"
            case ConnectionState.REVOKING:
                return "being revoked"
            case ConnectionState.UNKNOWN if not count:
                return "not checked yet"
        return reach(count, connection.checked_at)

    def _items(self) -> Iterator[QStandardItem]:
        for row in range(self._model.rowCount()):
            top = self._model.item(row)
            yield top
            for below in range(top.rowCount()):
                yield top.child(below)

    def _tell(self, current: QModelIndex | QPersistentModelIndex) -> None:
        found = current.data(_KEY) if current.isValid() else None
        if isinstance(found, Chosen):
            self.chosen.emit(found)
            self._told = found

    def _pressed(self, index: QModelIndex) -> None:
        """Tell of the row that is current already: something else may have been chosen since."""
        if index.data(_KEY) != self._told:
            self._tell(index)

    def _ask_context(self, point: QPoint) -> None:
        index = self.indexAt(point)
        found = index.data(_KEY) if index.isValid() else self.current()
        if isinstance(found, Chosen):
            if index.isValid():
                self.setCurrentIndex(index)
                self._pressed(index)
            self.context_asked.emit(found, self.viewport().mapToGlobal(point))


def _fill(item: QStandardItem, row: RailRow) -> None:
    item.setData(row, _ROW)
    item.setText(row.title)
    item.setData(row.spoken, Qt.ItemDataRole.AccessibleTextRole)
    news = "Changed since you last looked at the history" if row.news else ""
    tip = [row.title, row.state.wording if row.state else row.right, row.sub, news]
    item.setToolTip(plain_tip("\n".join(filter(None, tip))))
    item.setData(QSize(0, row.height), Qt.ItemDataRole.SizeHintRole)
