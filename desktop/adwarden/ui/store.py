"""The one place where the window's parts read what is known; fed by a snapshot and by events.

Plain data without Qt, so that rail, details and status bar never disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from adwarden.domain.data import dataclass
from adwarden.domain.model import (
    FILE,
    KEYCHAIN,
    AccountEntry,
    Connection,
    ConnectionState,
    Snapshot,
    XApp,
)
from adwarden.domain.permission_rules import LEGACY, LEGACY_TOKENS
from adwarden.providers.base import KnownWindow
from adwarden.services.events import (
    AppRemoved,
    AppSaved,
    ConnectionRemoved,
    ConnectionSaved,
    EntriesRemoved,
    EntriesSaved,
    Event,
    HistoryCounted,
    HistoryGrew,
    KeychainChanged,
    LimitsChanged,
    LookedUp,
    LookupEnded,
    LookupProgress,
    RefreshEnded,
    RefreshProgress,
    RefreshWaiting,
)
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.lookup_state import LookupState


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the running refreshes are, in ad accounts; ``total`` 0 while lists are read.

    ``resumes_at`` is when the first of them goes on (Unix seconds), where all of them wait.
    """

    done: int
    total: int
    connections: int
    resumes_at: float | None = None
    reason: str = ""


class State:
    """Apps, connections, ad accounts, rate limits and keychain as last heard of."""

    def __init__(self, chosen: Callable[[], str] = lambda: KEYCHAIN) -> None:
        self._chosen = chosen
        self.apps: dict[str, XApp] = {}
        self.connections: dict[str, Connection] = {}
        self.places: dict[str, KeychainStatus] = {}
        """The places of secrets that have been looked at."""
        self.file_open = False
        """Whether the KeePass file is open; until it is, only names of what it holds are shown."""
        self.lookups = LookupState()
        self.unseen: Counter[str] = Counter()
        """How much of each connection's history nobody has looked at yet."""
        self._newest = 0
        self._limits: dict[str, dict[tuple[str, str], KnownWindow]] = {}
        """By endpoint, then by scope and ad account: there are thousands, asked for all the time.
        """
        self._reached: Counter[str] = Counter()
        """Through how many connections each ad account is known."""
        self._entries: dict[str, dict[str, AccountEntry]] = {}
        self._counts: Mapping[str, int] = {}
        self._total = 0
        """How many ad accounts there are, while only the first of them have been read."""
        self._running: dict[str, tuple[int, int]] = {}
        self._waits: dict[str, tuple[float, str]] = {}

    def load(self, snapshot: Snapshot) -> None:
        """Start again from a snapshot; rate limits and keychain stay as they are."""
        self.apps = {app.id: app for app in snapshot.apps}
        self.connections = {item.id: item for item in snapshot.connections}
        self._entries = {
            connection_id: {entry.account.id: entry for entry in entries}
            for connection_id, entries in snapshot.entries.items()
        }
        self._reached = Counter(id_ for known in self._entries.values() for id_ in known)
        self._counts, self._total = snapshot.counts, snapshot.total

    def apply(self, event: Event) -> None:
        """Take in one event of the services."""
        match event:
            case AppSaved(app):
                self.apps[app.id] = app
            case AppRemoved(app_id):
                self.apps.pop(app_id, None)
                for connection in self.connections_of(app_id):
                    self._forget(connection.id)
            case ConnectionSaved(connection):
                self.connections[connection.id] = connection
            case ConnectionRemoved(connection_id):
                self._forget(connection_id)
            # What a refresh still tells after its connection has gone is not kept.
            case EntriesSaved(connection_id, entries) if connection_id in self.connections:
                known = self._entries.setdefault(connection_id, {})
                for entry in entries:
                    if entry.account.id not in known:
                        self._reached[entry.account.id] += 1
                    known[entry.account.id] = entry
            case EntriesRemoved(connection_id, account_ids):
                known = self._entries.get(connection_id, {})
                for account_id in account_ids:
                    if known.pop(account_id, None) is not None:
                        self._unreach(account_id)
            case RefreshProgress(connection_id, done, total) if connection_id in self.connections:
                self._running[connection_id] = (done, total)
            case RefreshWaiting(connection_id, resumes_at, reason) if resumes_at is not None:
                self._waits[connection_id] = (resumes_at, reason)
            case RefreshWaiting(connection_id, _, reason) if reason:
                self._waits[connection_id] = (float("inf"), reason)
            case RefreshWaiting(connection_id, _, _):
                self._waits.pop(connection_id, None)
            case RefreshEnded(connection_id, _):
                self._running.pop(connection_id, None)
                self._waits.pop(connection_id, None)
            case HistoryCounted(unseen):
                self.unseen = Counter(unseen)
            case HistoryGrew(changes):
                for one in changes:
                    # One that grows is told again.
                    if one.id > self._newest and one.change.is_news:
                        self.unseen[one.change.connection_id] += 1
                    self._newest = max(self._newest, one.id)
            case LookupProgress() | LookedUp() | LookupEnded():
                self.lookups.apply(event)
            case LimitsChanged(windows):
                for window in windows:
                    of_endpoint = self._limits.setdefault(window.endpoint, {})
                    of_endpoint[(window.scope, window.account_id)] = window
            case KeychainChanged(status, place):
                self._note_place(status, place)

    def _note_place(self, status: KeychainStatus, place: str) -> None:
        self.places[place] = status
        if place == FILE and status.state is KeychainState.READY:
            self.file_open = True
        elif place == FILE and status.state is not KeychainState.FAILED:
            self.file_open = False  # where it fails while it is open, it is open still

    @property
    def chosen(self) -> str:
        """The place for what is new."""
        return self._chosen()

    @property
    def keychain(self) -> KeychainStatus | None:
        """The system keychain as last seen."""
        return self.places.get(KEYCHAIN)

    def needs(self, place: str) -> bool:
        """Tell whether something is kept in a place, or would be."""
        rows: list[XApp | Connection] = [*self.apps.values(), *self.connections.values()]
        return self.chosen == place or any(one.place == place for one in rows)

    def arrival(self, event: Event) -> str:
        """Return the id of the connection that an event brings, empty for one that is here."""
        new = isinstance(event, ConnectionSaved) and event.connection.id not in self.connections
        return event.connection.id if new and isinstance(event, ConnectionSaved) else ""

    def hidden(self, item_id: str) -> str:
        """Say why only the name of a connection or an app may be shown: ``locked``, ``missing``."""
        one = self.connections.get(item_id) or self.apps.get(item_id)
        if one is None or one.place != FILE or self.file_open:
            return ""
        status = self.places.get(FILE)
        locked = status is None or status.state in (KeychainState.READY, KeychainState.LOCKED)
        return "locked" if locked else "missing"

    def hides(self, event: Event) -> bool:
        """Tell whether an event is about what must not be shown now."""
        return isinstance(event, EntriesSaved) and bool(self.hidden(event.connection_id))

    @property
    def hiding(self) -> int:
        """Of how many connections only the names are shown."""
        if self.file_open:
            return 0
        return sum(one.place == FILE for one in self.connections.values())

    def cover(self, snapshot: Snapshot) -> Snapshot:
        """Take out of a snapshot what must not be shown now."""
        if self.file_open or all(one.place != FILE for one in snapshot.connections):
            return snapshot
        from adwarden.ui.covering import covered

        return covered(snapshot)

    def _forget(self, connection_id: str) -> None:
        self.connections.pop(connection_id, None)
        for account_id in self._entries.pop(connection_id, {}):
            self._unreach(account_id)
        self._running.pop(connection_id, None)
        self._waits.pop(connection_id, None)

    def _unreach(self, account_id: str) -> None:
        self._reached[account_id] -= 1
        if not self._reached[account_id]:
            del self._reached[account_id]

    def connections_of(self, app_id: str) -> tuple[Connection, ...]:
        """Return the app's connections in the order of their handles."""
        found = (item for item in self.connections.values() if item.app_id == app_id)
        return tuple(sorted(found, key=lambda item: (item.handle.casefold(), item.id)))

    def entry(self, connection_id: str, account_id: str) -> AccountEntry | None:
        """Return one ad account as the connection sees it."""
        return self._entries.get(connection_id, {}).get(account_id)

    def entries(self, connection_id: str) -> Iterable[AccountEntry]:
        """Return all ad accounts of a connection."""
        return self._entries.get(connection_id, {}).values()

    def count(self, connection_id: str) -> int:
        """Return how many ad accounts of the connection are known."""
        return max(len(self._entries.get(connection_id, {})), self._counts.get(connection_id, 0))

    @property
    def total(self) -> int:
        """How many ad accounts are known over all connections, each counted once."""
        return max(len(self._reached), self._total)

    def refreshed_at(self) -> float | None:
        """Return when something was last fetched (Unix seconds)."""
        times = [item.checked_at for item in self.connections.values() if item.checked_at]
        return max(times, default=None)

    def tokens(self, app: XApp) -> tuple[int, int] | None:
        """Return how many tokens of how many are used, for apps that may have a limit."""
        if app.access not in LEGACY:
            return None
        used = [
            item
            for item in self.connections_of(app.id)
            if item.state is not ConnectionState.REVOKED
        ]
        return len(used), LEGACY_TOKENS

    def refreshing(self, connection_id: str) -> bool:
        """Tell whether the connection is being refreshed."""
        return connection_id in self._running

    def progress(self) -> Progress | None:
        """Return how far all running refreshes are together, ``None`` when none runs."""
        if not self._running:
            return None
        counts = self._running.values()
        known_total = all(total for _, total in counts)
        waits = [self._waits[one] for one in self._running if one in self._waits]
        resumes_at, reason = min(waits) if len(waits) == len(self._running) else (None, "")
        return Progress(
            sum(done for done, _ in counts),
            sum(total for _, total in counts) if known_total else 0,
            len(self._running),
            None if resumes_at == float("inf") else resumes_at,
            reason,
        )

    def exhausted(self, now: float) -> KnownWindow | None:
        """Return the list's rate limit that resets first, where no connection has any left."""
        known = self._limits.get("GET accounts", {})
        found = []
        for one in self.connections.values():
            window = known.get((f"{one.app_id}/{one.user_id}", ""))
            if window is None or window.window.remaining or window.window.resets_at <= now:
                return None
            found.append(window)
        return min(found, key=lambda window: window.window.resets_at, default=None)

    def tightest_limit(self, endpoint: str, now: float) -> KnownWindow | None:
        """Return the window of this endpoint with the fewest requests left, if still open."""
        found = [
            known
            for known in self._limits.get(endpoint, {}).values()
            if known.window.resets_at > now
        ]
        return min(found, key=lambda known: known.window.remaining, default=None)

    def account_limit(self, scope: str, account_id: str, now: float) -> KnownWindow | None:
        """Return the tightest open window that counts for this token on this ad account."""
        kept = (of_endpoint.get((scope, account_id)) for of_endpoint in self._limits.values())
        found = [known for known in kept if known is not None and known.window.resets_at > now]
        return min(found, key=lambda known: known.window.remaining, default=None)
