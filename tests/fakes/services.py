"""A stand-in for the services: it does what a test tells it, and remembers what was asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from adwarden.domain.changes import Change, Recorded, Wanted
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
    RateWindow,
    Snapshot,
    XApp,
)
from adwarden.domain.report import Scope
from adwarden.domain.secret import Secret
from adwarden.providers.base import KnownWindow
from adwarden.services.events import (
    AppRemoved,
    AppSaved,
    ConnectionRemoved,
    Event,
    HistoryCounted,
    KeychainChanged,
    LimitsChanged,
)
from adwarden.services.history import PAGE, Page
from adwarden.storage.vault import KeychainState, KeychainStatus

NOW = 1_790_000_000.0
READY = KeychainStatus(KeychainState.READY, "GNOME Keyring")
LOCKED = KeychainStatus(
    KeychainState.LOCKED,
    "GNOME Keyring",
    "Tokens can neither be read nor kept until it is unlocked.",
    "Unlock it; the system asks for its password.",
)


@dataclass
class FakeHistory:
    """Changes that a test puts there, oldest first; the events are the test's to emit."""

    kept: list[Recorded] = field(default_factory=list)
    seen: int = 0
    asked: list[tuple[Wanted, int]] = field(default_factory=list)
    failures: list[AdwardenError] = field(default_factory=list)
    counted: Callable[[Event], None] = lambda _: None

    def add(self, *changes: Change, ago: float = 60.0) -> tuple[Recorded, ...]:
        """Keep changes as if they had been found so many seconds ago."""
        first = len(self.kept) + 1
        made = tuple(Recorded(first + n, NOW - ago, one) for n, one in enumerate(changes))
        self.kept += made
        return made

    async def begin(self, days: int) -> tuple[Recorded, ...]:
        new = [one for one in reversed(self.kept) if one.id > self.seen]
        self.counted(HistoryCounted(Counter(one.change.connection_id for one in new)))
        return tuple(one for one in new if one.change.tone == "lost")

    async def page(self, wanted: Wanted, *, before: int = 0) -> Page:
        await asyncio.sleep(0)
        self.asked.append((wanted, before))
        if self.failures:
            raise self.failures.pop(0)
        found = [one for one in reversed(self.kept) if _fits(one.change, wanted)]
        rest = [one for one in found if not before or one.id < before]
        return Page(tuple(rest[:PAGE]), len(found), self.seen)

    async def visit(self) -> None:
        self.seen = len(self.kept)
        self.counted(HistoryCounted({}))


def _fits(change: Change, wanted: Wanted) -> bool:
    asked = (
        (wanted.tone, change.tone),
        (wanted.connection_id, change.connection_id),
        (wanted.account_id, change.account_id),
    )
    return (
        all(want in ("", found) for want, found in asked)
        and (not wanted.kinds or change.kind in wanted.kinds)
        and all(word in change.words.casefold() for word in wanted.text.casefold().split())
    )


@dataclass
class FakeLookups:
    """Remembers what was asked; what comes of it is the test's to emit."""

    asked: list[tuple[object, ...]] = field(default_factory=list)

    async def recall(self) -> None:
        self.asked.append(("recall",))

    async def handles(
        self, connection_id: str, user_ids: Sequence[str], account_id: str = ""
    ) -> None:
        self.asked.append(("handles", connection_id, tuple(user_ids), account_id))

    async def funding(self, connection_id: str, account_id: str) -> None:
        self.asked.append(("funding", connection_id, account_id))

    async def features(self, connection_id: str, account_id: str) -> None:
        self.asked.append(("features", connection_id, account_id))


@dataclass
class FakeReports:
    """Writes nothing; raises what a test puts into ``failures``."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    failures: list[AdwardenError] = field(default_factory=list)
    rows: int = 3

    async def write(
        self, path: Path, kind: str, scope: Scope, *, stale_after: float, replace: bool = False
    ) -> int:
        self.asked.append((path, kind, scope, stale_after, replace))
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        return self.rows


@dataclass
class FakeServices:
    """Fulfils the window's port. ``failures`` maps a method's name to the errors it raises next."""

    snapshot: Snapshot = field(default_factory=Snapshot)
    keychain: KeychainStatus = READY
    failures: dict[str, list[AdwardenError]] = field(default_factory=dict)
    asked: list[tuple[object, ...]] = field(default_factory=list)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    """A method named here waits for its event before it goes on."""

    lookups: FakeLookups = field(default_factory=FakeLookups)
    reports: FakeReports = field(default_factory=FakeReports)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)
    kept: list[tuple[str, Secret, Secret, AppAccess]] = field(default_factory=list)
    history: FakeHistory = field(default_factory=FakeHistory)

    def __post_init__(self) -> None:
        self.history.counted = self.emit

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def emit(self, event: Event) -> None:
        for listener in list(self.listeners):
            listener(event)

    async def load(self) -> Snapshot:
        await self._step("load")
        return self.snapshot

    async def add_app(self, label: str, key: Secret, secret: Secret, access: AppAccess) -> XApp:
        await self._step("add_app", label)
        self.kept.append((label, key, secret, access))
        app = XApp(f"app-{len(self.kept)}", "x", label, access, f"entry {label}", NOW)
        self.emit(AppSaved(app))
        return app

    async def renew_app(self, app_id: str, key: Secret, secret: Secret) -> XApp:
        await self._step("renew_app", app_id)
        app = next(app for app in self.snapshot.apps if app.id == app_id)
        self.kept.append((app.label, key, secret, app.access))
        self.emit(AppSaved(app))
        return app

    async def note_approval(self, app_id: str, approved_at: float | None) -> XApp:
        await self._step("note_approval", app_id, approved_at)
        app = next(app for app in self.snapshot.apps if app.id == app_id)
        app = replace(app, approved_at=approved_at)
        self.emit(AppSaved(app))
        return app

    async def remove_app(self, app_id: str) -> None:
        await self._step("remove_app", app_id)
        self.emit(AppRemoved(app_id))

    async def refresh(self, connection_id: str) -> None:
        await self._step("refresh", connection_id)

    async def refresh_all(self) -> None:
        await self._step("refresh_all")

    def prioritize(self, connection_id: str, account_ids: Iterable[str]) -> None:
        self.asked.append(("prioritize", connection_id, *account_ids))

    def cancel_refresh(self) -> None:
        self.asked.append(("cancel_refresh",))

    async def disconnect(self, connection_id: str, *, revoke: bool) -> None:
        await self._step("disconnect", connection_id, revoke)
        self.emit(ConnectionRemoved(connection_id))

    async def keychain_status(self) -> KeychainStatus:
        await self._step("keychain_status")
        self.emit(KeychainChanged(self.keychain))
        return self.keychain

    async def unlock(self) -> KeychainStatus:
        await self._step("unlock")
        self.keychain = READY
        self.emit(KeychainChanged(self.keychain))
        return self.keychain

    async def _step(self, name: str, *arguments: object) -> None:
        self.asked.append((name, *arguments))
        if name in self.gates:
            await self.gates[name].wait()
        if self.failures.get(name):
            raise self.failures[name].pop(0)


def make_app(
    app_id: str = "a1", label: str = "Agency app", access: AppAccess = AppAccess.STANDARD
) -> XApp:
    """Return an app."""
    return XApp(app_id, "x", label, access, f"entry {app_id}", NOW - 90 * 86400)


def make_connection(
    connection_id: str = "c1",
    name: str = "northwind_ads",
    state: ConnectionState = ConnectionState.WORKING,
    *,
    app_id: str = "a1",
    user_id: str = "",
    checked_ago: float | None = 130.0,
    error: str = "",
) -> Connection:
    """Return a connection; its user id follows from its id unless given."""
    return Connection(
        connection_id,
        app_id,
        user_id or f"8913400277155840{connection_id[1:]:>02}",
        name,
        f"entry {connection_id}",
        NOW - 40 * 86400,
        state,
        None if checked_ago is None else NOW - checked_ago,
        "read-write",
        error,
    )


def make_entry(
    account_id: str = "18ce54d4x5t",
    name: str = "Northwind Outdoor",
    permissions: tuple[str, ...] | None = ("ACCOUNT_ADMIN", "TWEET_COMPOSER"),
    *,
    approval: str = "ACCEPTED",
    access_error: str = "",
    users: tuple[PromotableUser, ...] | None = (),
    user_id: str = "891340027715584001",
) -> AccountEntry:
    """Return an ad account as a connection sees it."""
    account = AdAccount(
        account_id,
        name,
        approval,
        "America/Los_Angeles",
        business_name="Northwind Traders",
        created_at="2024-03-05T17:52:13Z",
    )
    access = None if permissions is None else Access(user_id, permissions)
    return AccountEntry(account, access, access_error, users, "", NOW - 130)


def make_world() -> Snapshot:
    """Return a snapshot with something of everything."""
    own = PromotableUser(
        "p1", "891340027715584001", "FULL", handle="northwind_ads",
        created_at="2024-03-05T17:52:13Z",
    )  # fmt: skip
    other = PromotableUser("p2", "4417920331", "RETWEETS_ONLY", handle="trailpartners")
    unknown = PromotableUser("p3", "99887766", "SOMETHING_NEW")
    northwind = (
        make_entry(users=(own, other, unknown)),
        make_entry("18k3m9q7w8f", "Northwind Europe", ("AD_MANAGER", "TWEET_COMPOSER")),
        make_entry(
            "18k3m9q811d", "Northwind Outlet", ("CAMPAIGN_ANALYST",), approval="UNDER_REVIEW"
        ),
        make_entry("18k3m9q8a07", "Northwind Brand Studio", ("CREATIVE_MANAGER", "TWEET_COMPOSER")),
        make_entry("18k3m9q8c55", "Northwind Organic", ("ANALYST",)),
        make_entry("18k3m9q8d90", "ノースウィンド・ジャパン", ("LOYALTY_MANAGER",)),
        make_entry("18k3m9q8e21", "Northwind Data Partners", ("PARTNER_AUDIENCE_MANAGER",)),
        make_entry(
            "18k3m9q8f33", "Northwind Retail", None, users=None,
            access_error="Access could not be read: the server failed (503). Try again later.",
        ),
    )  # fmt: skip
    contoso = tuple(make_entry(f"18contoso{n:02}", f"Contoso {n}") for n in range(12))
    fabrikam = tuple(make_entry(f"18fabrik{n:03}", f"Fabrikam {n}") for n in range(38))
    return Snapshot(
        (
            make_app(),
            make_app("a2", "Conversions app", AppAccess.LEGACY_CONVERSION),
        ),
        (
            make_connection(),
            make_connection(
                "c2", "contoso", ConnectionState.REVOKED, checked_ago=90_000,
                error="The authorization was revoked. X no longer accepts this token. "
                "Reconnect to get a new one.",
            ),
            make_connection("c3", "fabrikam_eu", checked_ago=540),
            make_connection("c4", "agency_ops", ConnectionState.UNKNOWN, checked_ago=None),
            make_connection("c5", "litware", ConnectionState.ATTENTION, app_id="a2"),
        ),
        {"c1": northwind, "c2": contoso, "c3": fabrikam},
    )  # fmt: skip


def make_limit(
    remaining: int = 4, limit: int = 5, *, scope: str = "a1/1", account_id: str = ""
) -> LimitsChanged:
    """Return an event that tells of a rate limit that resets in eleven minutes."""
    endpoint = "" if account_id else "GET accounts"
    window = RateWindow(limit, remaining, NOW + 660)
    known = KnownWindow(scope, endpoint or "GET promotable_users", account_id, window)
    return LimitsChanged((known,))
