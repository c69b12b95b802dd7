"""The settings: one typed table of all that are known, and the file that keeps them.

What the file holds beyond the table (a newer version's settings) survives; a damaged value falls
back to its default alone. Server addresses from the environment win and are never saved.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, StorageError
from adwarden.storage.addresses import checked_address
from adwarden.storage.paths import DataFolder, atomic_write, move_aside
from adwarden.storage.settings_file import moved, quoted, read_file, unquoted, written

T = TypeVar("T", str, int)
Listener = Callable[["Setting[Any]"], None]


class Kind(Enum):
    """How a setting is shown and checked."""

    CHOICE = "choice"
    NUMBER = "number"
    ADDRESS = "address"
    TEXT = "text"


@dataclass(frozen=True, slots=True, eq=False)
class Setting(Generic[T]):
    """One setting; ``group`` is its section in the file, ``window`` is kept off the dialog.

    ``least`` and ``most`` bound a number, which counts ``unit``s (``s`` are seconds); ``lowest``
    is the word for the least, if it is not a number like the others.
    """

    key: str
    default: T
    kind: Kind
    label: str
    help: str
    group: str
    choices: tuple[T, ...] = ()
    least: int = 0
    most: int = 0
    environment: str = ""
    unit: str = "s"
    lowest: str = ""

    def parse(self, text: str) -> T:
        """Read the value as the file has it. Raises ``InputError``."""
        if isinstance(self.default, int):
            try:
                number = int(text) if text.isascii() and len(text) < 20 else None
            except ValueError:
                number = None
            if number is None:
                raise self._refusal(f"“{_shown(text)}” is not a whole number.")
            return self.check(number)
        return self.check(unquoted(text))

    def check(self, value: T) -> T:
        """Return the value in its normal form. Raises ``InputError``."""
        if type(value) is not type(self.default):
            raise self._refusal("The value is of the wrong kind.")
        if self.choices and value not in self.choices:
            offered = ", ".join(str(choice) for choice in self.choices)
            raise self._refusal(f"“{_shown(str(value))}” is not one of: {offered}.")
        if isinstance(value, int) and not self.least <= value <= self.most:
            raise self._refusal(f"It must be from {self.least} to {self.most}, not {value}.")
        if self.kind is Kind.ADDRESS:
            name = f"The setting “{self.label}”"
            return checked_address(str(value), name, field=self.key)  # type: ignore[return-value]
        return value

    def _refusal(self, why: str) -> InputError:
        return InputError(
            f"The setting “{self.label}” cannot be used",
            why,
            f"Choose another value; the default is {self.default!r}.",
            field=self.key,
        )


THEME = Setting(
    "theme", "system", Kind.CHOICE, "Theme", "Light, dark, or as the system is set.",
    "appearance", ("system", "light", "dark"),
)  # fmt: skip
DENSITY = Setting(
    "density", "comfortable", Kind.CHOICE, "Row height", "Compact shows more rows at once.",
    "appearance", ("comfortable", "compact"),
)  # fmt: skip
BROWSER = Setting(
    "browser", "embedded", Kind.CHOICE, "Authorize in",
    "Where X's authorization page opens: inside the dialog, or in the system's browser.",
    "authorization", ("embedded", "system"),
)  # fmt: skip
API_URL = Setting(
    "api_url", "https://api.x.com", Kind.ADDRESS, "X API address",
    "Authorization and user look-ups go here.", "server", environment="ADWARDEN_X_API_URL",
)  # fmt: skip
ADS_URL = Setting(
    "ads_url", "https://ads-api.x.com", Kind.ADDRESS, "X Ads API address",
    "Ad accounts, permissions and promotable users come from here.", "server",
    environment="ADWARDEN_X_ADS_URL",
)  # fmt: skip
API_VERSION = Setting(
    "api_version", "12", Kind.CHOICE, "X Ads API version",
    "The version of the X Ads API that is asked.", "server", ("12",),
)  # fmt: skip
TIMEOUT_CONNECT = Setting(
    "timeout_connect", 5, Kind.NUMBER, "Give up connecting after",
    "Seconds to wait for a server to take a call.", "server", least=1, most=120,
)  # fmt: skip
TIMEOUT_READ = Setting(
    "timeout_read", 30, Kind.NUMBER, "Give up waiting after",
    "Seconds to wait for a server's answer.", "server", least=1, most=600,
)  # fmt: skip
STALE_HOURS = Setting(
    "stale_hours", 24, Kind.NUMBER, "Show as stale after",
    "Hours since something was fetched.", "access", least=1, most=8760, unit="hours",
)  # fmt: skip
LOOKUP_PRICE = Setting(
    "lookup_price", 10, Kind.NUMBER, "Price of 1,000 handles",
    "US dollars that X charges for looking up the handles of other users.", "access",
    least=0, most=10_000, unit="US$",
)  # fmt: skip
HISTORY_DAYS = Setting(
    "history_days", 365, Kind.NUMBER, "Keep the history for",
    "Days; older changes are forgotten.", "history", least=1, most=3650, unit="days",
)  # fmt: skip
CLIPBOARD_SECONDS = Setting(
    "clipboard_seconds", 30, Kind.NUMBER, "Clear a copied secret after",
    "Also cleared on locking and on quitting, always.", "secrets", least=0, most=600,
    lowest="Not by itself",
)  # fmt: skip
REVEAL = Setting(
    "reveal", "never", Kind.CHOICE, "Show secrets",
    "Whoever sees the screen can read what is shown; copying needs no showing.",
    "secrets", ("never", "pressed"),
)  # fmt: skip
LOCK_IDLE = Setting(
    "lock_idle", 10, Kind.NUMBER, "Lock after",
    "Minutes without a key or the mouse in Adwarden’s windows. Counts for KeePass files.",
    "secrets", least=0, most=1440, unit="min", lowest="Never",
)  # fmt: skip
LOCK_AWAY = Setting(
    "lock_away", "on", Kind.CHOICE, "Lock with the computer",
    "When the screen is locked or the computer sleeps. Counts for KeePass files.",
    "secrets", ("on", "off"),
)  # fmt: skip
LOG_LEVEL = Setting(
    "log_level", "INFO", Kind.CHOICE, "Log", "How much is written to the log. Never secrets.",
    "diagnostics", ("ERROR", "WARNING", "INFO", "DEBUG"),
)  # fmt: skip
VAULT_PLACE = Setting(
    "place", "keychain", Kind.CHOICE, "Keep new secrets in", "Where what is new is kept.",
    "vault", ("keychain", "file", "memory"),
)  # fmt: skip
VAULT_FILE = Setting("file", "", Kind.TEXT, "KeePass file", "Where the KeePass file is.", "vault")
WINDOW_GEOMETRY = Setting("geometry", "", Kind.TEXT, "Window", "Place and size.", "window")
WINDOW_SPLITTER = Setting("splitter", "", Kind.TEXT, "Panes", "Widths of the panes.", "window")
VIEW = Setting(
    "view", "connection", Kind.CHOICE, "By connection, or by ad account",
    "How the tree is looked at.", "window",
    ("connection", "account"),
)  # fmt: skip
BEST_FOR = Setting("best_for", "", Kind.TEXT, "Best for", "A capability, or empty.", "window")
TREE_COLUMNS = Setting("tree_columns", "", Kind.TEXT, "Columns", "Widths and order.", "window")

TABLE: tuple[Setting[Any], ...] = (
    THEME, DENSITY, BROWSER, API_URL, ADS_URL, API_VERSION, TIMEOUT_CONNECT,
    TIMEOUT_READ, STALE_HOURS, LOOKUP_PRICE, HISTORY_DAYS, CLIPBOARD_SECONDS, REVEAL,
    LOCK_IDLE, LOCK_AWAY, LOG_LEVEL, WINDOW_GEOMETRY, WINDOW_SPLITTER, VIEW, BEST_FOR,
    TREE_COLUMNS, VAULT_PLACE, VAULT_FILE,
)  # fmt: skip


class Settings:
    """The settings in memory. Safe to use from several threads."""

    def __init__(self, path: Path, environ: Mapping[str, str] | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._listeners: list[Listener] = []
        self._raw: dict[str, dict[str, str]] = {}  # the file as it is, unknown keys included
        self._values: dict[Setting[Any], Any] = {}
        self._overrides: dict[Setting[Any], str] = {}
        for setting in TABLE:
            text = (environ or {}).get(setting.environment, "") if setting.environment else ""
            if text.strip():
                self._overrides[setting] = checked_address(text, setting.environment)

    @classmethod
    def load(
        cls, folder: DataFolder, environ: Mapping[str, str]
    ) -> tuple[Settings, list[AdwardenError]]:
        """Read the file and the environment; return what was damaged and is told to the user.

        A file that cannot be read is moved aside. Raises ``InputError`` (exit code 2) for a
        server address that must not be used, ``StorageError`` if the folder fails.
        """
        settings = cls(folder.settings, environ)
        problems: list[AdwardenError] = []
        try:
            settings._raw = read_file(folder.settings)
        except (ValueError, OSError) as error:
            aside = move_aside(folder.settings)
            problems.append(moved(aside, error))
        for setting in TABLE:
            text = settings._raw.get(setting.group, {}).get(setting.key)
            if text is None:
                continue
            try:
                settings._values[setting] = setting.parse(text)
            except InputError as error:
                # Going on with another server than the one named would be a surprise.
                if setting.kind is Kind.ADDRESS and setting not in settings._overrides:
                    raise _in_file(setting, folder.settings, error) from None
                problems.append(_fallen_back(setting, error))
        return settings, problems

    def get(self, setting: Setting[T]) -> T:
        """Return the value in force."""
        with self._lock:
            if setting in self._overrides:
                return self._overrides[setting]  # type: ignore[return-value]
            value: T = self._values.get(setting, setting.default)
            return value

    def overridden(self, setting: Setting[Any]) -> bool:
        """Say whether the environment decides, so that a change would show no effect now."""
        return setting in self._overrides

    def set(self, setting: Setting[T], value: T) -> None:
        """Change a value in memory at once and tell the listeners. Raises ``InputError``."""
        value = setting.check(value)
        before = self.get(setting)
        with self._lock:
            self._values[setting] = value
            section = dict(self._raw.get(setting.group, {}))
            section[setting.key] = quoted(str(value))
            self._raw = {**self._raw, setting.group: section}
        if self.get(setting) != before:
            for listener in tuple(self._listeners):
                listener(setting)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(setting)`` after each change, on the thread that made it.

        Returns what ends the subscription.
        """
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def save(self) -> None:
        """Write the file, whole or not at all; blocks on the disk. Raises ``StorageError``."""
        with self._saving:
            with self._lock:
                raw = self._raw  # replaced on change, never changed in place
            atomic_write(self._path, written(raw))


def _shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _in_file(setting: Setting[Any], path: Path, error: InputError) -> InputError:
    """Say where the address stands that keeps the program from starting."""
    return InputError(
        f"“{setting.key}” in {path} is not an address that can be used",
        error.message,
        f"{error.remedy} Correct it in that file, or delete the line to use {setting.default}.",
        field=setting.key,
        detail=error.detail,
    )


def _fallen_back(setting: Setting[Any], error: InputError) -> StorageError:
    return StorageError(
        ErrorCode.STORAGE,
        f"The setting “{setting.label}” was damaged",
        f"{error.message} The default is used.",
        "Open the settings to choose another value."
        if setting.group != "window"
        else "Choose it again in the window.",
        detail=f"[{setting.group}] {setting.key}",
    )
