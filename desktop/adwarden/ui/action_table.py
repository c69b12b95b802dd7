"""The one table of what can be done: words, icons, keys, and when it makes sense; plain data."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from adwarden.domain.data import dataclass
from adwarden.domain.model import ConnectionState


class Id(Enum):
    """Names of the actions."""

    CONNECT = "connect"
    ADD_APP = "add-app"
    ADD_TOKEN = "add-token"  # noqa: S105 - a name
    TAKE_IN = "take-in"
    HAND_OVER = "hand-over"
    FIND = "find"
    TRY = "try"
    EDIT_APP = "edit-app"
    REMOVE_APP = "remove-app"
    REFRESH = "refresh"
    CANCEL_REFRESH = "cancel-refresh"
    REFRESH_ONE = "refresh-one"
    RECONNECT = "reconnect"
    EDIT_CONNECTION = "edit-connection"
    DISCONNECT = "disconnect"
    CHECK = "check"
    CHECK_ALL = "check-all"
    LEAVE = "leave"
    UNDO = "undo"
    COPY_ID = "copy-id"
    HISTORY = "history"
    HISTORY_ONE = "history-one"
    REPORT = "report"
    BACK_UP = "back-up"
    RESTORE = "restore"
    SEARCH = "search"
    BY_CONNECTION = "by-connection"
    BY_ACCOUNT = "by-account"
    MOVE = "move"
    PLACES = "places"
    LOCK = "lock"
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
    file_open: bool = False


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


def _is_selected(at: Context) -> bool:
    return at.selected is not None


_HAND_OVER = "Give the selected connection to another tool: as a file, as code, or field by field"
_FIND = "Find the connection that can do something on an ad account, least permission first"
_TRY = "Send one request with the selected connection, and see how it is signed"

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
        Id.ADD_TOKEN,
        "Add token …",
        "clipboard-paste",
        "Ctrl+T",
        "Paste the access token that the developer console shows to the app’s owner",
        lambda at: at.apps > 0,
    ),
    Spec(
        Id.TAKE_IN,
        "Bring in tokens …",
        "key",
        "Ctrl+I",
        "Take in what a file of another tool holds, or a message with keys in it",
    ),
    Spec(
        Id.EDIT_APP,
        "Edit X app …",
        "pencil",
        "Shift+F2",
        "Change its name, access, note, bearer token and client ID",
        lambda at: at.app_selected,
    ),
    Spec(
        Id.REMOVE_APP,
        "Remove X app",
        "trash-2",
        "",
        "Delete the app’s keys from where they are kept",
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
        Id.EDIT_CONNECTION,
        "Edit connection …",
        "pencil",
        "F2",
        "Give the connection a name and a note of your own",
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
        Id.CHECK,
        "Check",
        "shield-check",
        "Ctrl+K",
        "Ask X whether the selected connection, or every one of the selected app, works",
        lambda at: at.selected is not None or at.app_selected,
    ),
    Spec(
        Id.CHECK_ALL,
        "Check all",
        "shield-check",
        "Ctrl+Shift+K",
        "Ask X whether every connection works, and the keys of apps without one",
        lambda at: at.apps > 0,
    ),
    Spec(
        Id.LEAVE,
        "Leave …",
        "log-out",
        "Ctrl+Shift+L",
        "Revoke and remove all connections of an X app, or of a user",
        lambda at: at.selected is not None or at.app_selected,
    ),
    Spec(Id.HAND_OVER, "Hand over …", "send", "Ctrl+Shift+E", _HAND_OVER, _is_selected),
    Spec(Id.TRY, "Try a request …", "terminal", "Ctrl+Shift+T", _TRY, _is_selected),
    Spec(Id.FIND, "Which token …", "search", "Ctrl+Shift+F", _FIND, lambda at: at.connections > 0),
    Spec(Id.UNDO, "Undo", "rotate-ccw", "Ctrl+Z", "Bring back what was removed last"),
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
    Spec(
        Id.BACK_UP,
        "Back up …",
        "download",
        "Ctrl+B",
        "Write all apps, connections and their secrets into one encrypted file",
        lambda at: at.apps > 0,
    ),
    Spec(
        Id.RESTORE,
        "Restore from backup …",
        "upload",
        "Ctrl+Shift+B",
        "Look into a backup, then choose what to bring in",
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
    Spec(
        Id.MOVE,
        "Keep elsewhere …",
        "arrow-right",
        "",
        "Move the selected app’s keys, or the connection’s token, to another place",
        lambda at: at.selected is not None or at.app_selected,
    ),
    Spec(
        Id.PLACES,
        "Where secrets are kept …",
        "shield",
        "Ctrl+Shift+P",
        "The system keychain, a KeePass file, or memory: what is in each, and whether it works",
    ),
    Spec(
        Id.LOCK,
        "Lock",
        "lock",
        "Ctrl+L",
        "Lock the KeePass file, and show names only",
        lambda at: at.file_open,
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


def spec_of(action_id: Id) -> Spec:
    """Return the line of the table."""
    return next(spec for spec in TABLE if spec.id is action_id)
