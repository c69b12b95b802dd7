"""The one table of what can be done; it feeds tool bar, menus, context menus and shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from adwarden.domain.data import dataclass
from adwarden.domain.model import ConnectionState
from adwarden.ui.icons import Icons
from adwarden.ui.parts import menu_text, plain_tip


class Id(Enum):
    """Names of the actions."""

    CONNECT = "connect"
    ADD_APP = "add-app"
    REMOVE_APP = "remove-app"
    REFRESH = "refresh"
    CANCEL_REFRESH = "cancel-refresh"
    REFRESH_ONE = "refresh-one"
    RECONNECT = "reconnect"
    DISCONNECT = "disconnect"
    COPY_ID = "copy-id"
    HISTORY = "history"
    HISTORY_ONE = "history-one"
    REPORT = "report"
    SEARCH = "search"
    BY_CONNECTION = "by-connection"
    BY_ACCOUNT = "by-account"
    SETTINGS = "settings"
    PRACTICE = "practice"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Context:
    """What the enabling of actions depends on."""

    apps: int = 0
    connections: int = 0
    refreshing: bool = False
    selected: ConnectionState | None = None
    """State of the selected connection, or of the one the selected row belongs to."""
    app_selected: bool = False
    copyable: bool = False
    can_practice: bool = False


def _always(_: Context) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Spec:
    """One line of the table. ``keys`` are in Qt's portable words, several by ``;``."""

    id: Id
    text: str
    icon: str = ""
    keys: str = ""
    tip: str = ""
    enabled: Callable[[Context], bool] = _always


TABLE: tuple[Spec, ...] = (
    Spec(
        Id.CONNECT,
        "Connect account",
        "key-round",
        "Ctrl+N",
        "Have a user authorize one of your X apps",
        lambda at: at.apps > 0,
    ),
    Spec(Id.ADD_APP, "Add X app", "plus", "Ctrl+Shift+N", "Keep the keys of an X app"),
    Spec(
        Id.REMOVE_APP,
        "Remove X app",
        "trash-2",
        "",
        "Delete the app’s keys from the system keychain",
        lambda at: at.app_selected,
    ),
    Spec(
        Id.REFRESH,
        "Refresh",
        "refresh-cw",
        "F5;Ctrl+R",
        "Fetch ad accounts, users and permissions of all connections",
        lambda at: at.connections > 0,
    ),
    Spec(
        Id.CANCEL_REFRESH,
        "Cancel refresh",
        "x",
        "",
        "Stop fetching; what has arrived stays",
        lambda at: at.refreshing,
    ),
    Spec(
        Id.REFRESH_ONE,
        "Refresh connection",
        "refresh-cw",
        "Shift+F5",
        "Fetch the selected connection only",
        lambda at: at.selected is not None,
    ),
    Spec(
        Id.RECONNECT,
        "Reconnect",
        "key-round",
        "Ctrl+Shift+R",
        "Have the same user authorize again",
        lambda at: at.selected is not None,
    ),
    Spec(
        Id.DISCONNECT,
        "Disconnect",
        "unplug",
        "Ctrl+Shift+D",
        "Remove the connection here, or revoke it at X as well",
        lambda at: at.selected is not None,
    ),
    Spec(
        Id.COPY_ID,
        "Copy ID",
        "copy",
        "Ctrl+Shift+C",
        "Copy the selected row’s ID",
        lambda at: at.copyable,
    ),
    Spec(Id.HISTORY, "History", "history", "Ctrl+H", "What was gained and lost, and when"),
    Spec(
        Id.HISTORY_ONE,
        "History of selection",
        "history",
        "Ctrl+Shift+H",
        "What has changed at the selected connection or ad account",
        lambda at: at.selected is not None,
    ),
    Spec(
        Id.REPORT,
        "Report …",
        "file-text",
        "Ctrl+E",
        "Write down who can do what, for a spreadsheet or for paper",
        lambda at: at.connections > 0,
    ),
    Spec(Id.SEARCH, "Search", "search", "Ctrl+F", "Search accounts, handles and IDs"),
    Spec(
        Id.BY_CONNECTION,
        "By connection",
        "list-tree",
        "Ctrl+1",
        "Connections, with the ad accounts that each one reaches",
    ),
    Spec(
        Id.BY_ACCOUNT,
        "By ad account",
        "building-2",
        "Ctrl+2",
        "Ad accounts, with the connections that reach each one",
    ),
    Spec(Id.SETTINGS, "Settings", "settings", "Ctrl+,", "Theme, browser, hosts and timeouts"),
    Spec(
        Id.PRACTICE,
        "Try the practice server",
        "play",
        "",
        "The whole journey on this computer, without X",
        lambda at: at.can_practice,
    ),
    Spec(Id.QUIT, "Quit", "", "Ctrl+Q", "Close Adwarden"),
)


_BAR: tuple[tuple[str, tuple[Id | None, ...]], ...] = (
    ("File", (Id.ADD_APP, Id.CONNECT, Id.PRACTICE, None, Id.REPORT, Id.SETTINGS, Id.QUIT)),
    (
        "Edit",
        (
            Id.COPY_ID,
            Id.SEARCH,
            None,
            Id.BY_CONNECTION,
            Id.BY_ACCOUNT,
            None,
            Id.HISTORY,
            Id.HISTORY_ONE,
        ),
    ),
    (
        "Connection",
        (Id.REFRESH, Id.CANCEL_REFRESH, None, Id.REFRESH_ONE, Id.RECONNECT, Id.DISCONNECT),
    ),
)


class Actions:
    """The table as ``QAction`` objects of one window."""

    def __init__(self, window: QWidget, run: dict[Id, Callable[[], None]], icons: Icons) -> None:
        self._icons = icons
        self._actions: dict[Id, QAction] = {}
        for spec in TABLE:
            action = QAction(menu_text(spec.text), window)
            action.setObjectName(f"action-{spec.id.value}")
            action.setShortcuts([QKeySequence(keys) for keys in spec.keys.split(";") if keys])
            action.setToolTip(plain_tip(tip_of(spec)))
            action.triggered.connect(run[spec.id])
            self._actions[spec.id] = action
        self._actions[Id.QUIT].setMenuRole(QAction.MenuRole.QuitRole)
        self._actions[Id.SETTINGS].setMenuRole(QAction.MenuRole.PreferencesRole)
        window.addActions(list(self._actions.values()))
        self.update(Context())

    def __getitem__(self, action_id: Id) -> QAction:
        return self._actions[action_id]

    def update(self, context: Context) -> None:
        """Enable what makes sense now."""
        for spec in TABLE:
            self._actions[spec.id].setEnabled(spec.enabled(context))

    def fill_bar(self, bar: QMenuBar) -> None:
        """Make the menu bar that every program of macOS has."""
        for words, ids in _BAR:
            self.fill(bar.addMenu(words), ids)

    def fill(self, menu: QMenu, ids: Iterable[Id | None]) -> None:
        """Put actions into a menu; ``None`` is a separator."""
        for action_id in ids:
            if action_id is None:
                menu.addSeparator()
            else:
                action, spec = self._actions[action_id], spec_of(action_id)
                if spec.icon:  # only now: menus are opened long after the first picture
                    action.setIcon(self._icons.icon(spec.icon))
                menu.addAction(action)


def tip_of(spec: Spec) -> str:
    """Return the tooltip with its shortcut, as this system writes it."""
    keys = spec.keys.split(";")[0]
    if not keys:
        return spec.tip
    native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{spec.tip} ({native})"


def spec_of(action_id: Id) -> Spec:
    """Return the line of the table."""
    return next(spec for spec in TABLE if spec.id is action_id)
