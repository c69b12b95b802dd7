"""A stand-in for the services: it does what a test tells it, and remembers what was asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from adwarden.domain.changes import Change, Recorded, Wanted
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import (
    KEYCHAIN,
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
from adwarden.services.backup import Choices, Preview, Restored, Written
from adwarden.services.events import (
    AppSaved,
    ConnectionSaved,
    Event,
    HistoryCounted,
    KeychainChanged,
    LimitsChanged,
)
from adwarden.services.history import PAGE, Page
from adwarden.services.restoring import Told
from adwarden.storage.vault import KeychainState, KeychainStatus
from tests.fakes.handing_over import FakeHandingOver
from tests.fakes.taking_in import FakeTakingIn
from tests.fakes.trying import FakeTrying
from tests.fakes.upkeep import FakeChecking, FakeLeaving, FakeRemoving

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
class FakeBackup:
    """Keeps nothing; raises what a test puts into ``failures``."""

    found: Preview | None = None
    done: Restored = field(default_factory=Restored)
    asked: list[tuple[object, ...]] = field(default_factory=list)
    failures: dict[str, list[AdwardenError]] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    kept_in: tuple[tuple[str, str], ...] = (("keychain", "GNOME Keyring"),)
    states: dict[str, KeychainStatus] = field(default_factory=dict)

    async def places(self) -> Sequence[tuple[str, str]]:
        return self.kept_in

    async def sources(self) -> Sequence[tuple[str, str, KeychainStatus]]:
        return [(place, title, self.states.get(place, READY)) for place, title in self.kept_in]

    async def write(
        self,
        path: Path,
        password: Secret,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        replace: bool = False,
    ) -> Written:
        await self._step("write", path, password, dict(settings), replace)
        return Written(path, 1, 2)

    async def preview(self, path: Path, password: Secret) -> Preview:
        await self._step("preview", path, password)
        assert self.found is not None
        return self.found

    async def restore(
        self, preview: Preview, choices: Choices, told: Told = lambda done, total: None
    ) -> Restored:
        told(0, 3)
        await self._step("restore", choices)
        return self.done

    async def _step(self, name: str, *arguments: object) -> None:
        self.asked.append((name, *arguments))
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        if self.failures.get(name):
            raise self.failures[name].pop(0)


@dataclass
class FakeApps:
    """Edits the apps of the snapshot; ``failures`` are those of the services, by method."""

    services: FakeServices
    typed: list[dict[str, Secret]] = field(default_factory=list)

    async def edit(
        self,
        app_id: str,
        *,
        label: str,
        access: AppAccess,
        note: str,
        secrets: Mapping[str, Secret],
        removed: Collection[str],
    ) -> XApp:
        names = (*sorted(secrets), "removed", *sorted(removed))
        await self.services.step("edit", app_id, label, access, note, *names)
        self.typed.append(dict(secrets))
        old = self.services.app(app_id)
        holds = sorted((set(old.holds) - set(removed)) | set(secrets))
        return self.services.put_app(
            replace(old, label=label, access=access, note=note, holds=tuple(holds))
        )

    async def weigh_keys(self, app_id: str, key: Secret, secret: Secret) -> None:
        await self.services.step("weigh_keys", app_id)

    async def fetch_bearer(self, app_id: str) -> XApp:
        await self.services.step("fetch_bearer", app_id)
        old = self.services.app(app_id)
        return self.services.put_app(replace(old, holds=tuple(sorted({*old.holds, "bearer"}))))

    async def invalidate_bearer(self, app_id: str) -> XApp:
        await self.services.step("invalidate_bearer", app_id)
        old = self.services.app(app_id)
        left = tuple(one for one in old.holds if one != "bearer")
        return self.services.put_app(replace(old, holds=left))

    async def secret(self, app_id: str, name: str) -> Secret:
        await self.services.step("secret", app_id, name)
        return Secret(f"the {name} of {app_id}")

    async def token(self, connection_id: str, name: str) -> Secret:
        await self.services.step("token", connection_id, name)
        return Secret(f"the {name} of {connection_id}")

    async def name_connection(self, connection_id: str, *, label: str, note: str) -> Connection:
        await self.services.step("name_connection", connection_id, label, note)
        old = next(one for one in self.services.snapshot.connections if one.id == connection_id)
        named = replace(old, label=label, note=note)
        self.services.emit(ConnectionSaved(named))
        return named


@dataclass
class FakePasting:
    """Takes any token that is not to fail; it is of the user before its dash."""

    services: FakeServices
    taken: list[tuple[Secret, Secret]] = field(default_factory=list)

    async def add(
        self, app_id: str, token: Secret, secret: Secret, *, connection_id: str = ""
    ) -> Connection:
        await self.services.step("paste", app_id, connection_id)
        self.taken.append((token, secret))
        user_id = token.unwrap().partition("-")[0]
        made = Connection(
            connection_id or "new", app_id, user_id, "pasted_user", "entry new", NOW, pasted=True
        )
        self.services.emit(ConnectionSaved(made))
        return made


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
    backup: FakeBackup = field(default_factory=FakeBackup)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)
    kept: list[tuple[str, Secret, Secret, AppAccess]] = field(default_factory=list)
    history: FakeHistory = field(default_factory=FakeHistory)
    vault_file: Any = None
    moving: Any = None
    survey: Any = None
    """The places of secrets are tested with real ones; see ``tests/ui/test_places.py``."""

    def __post_init__(self) -> None:
        self.history.counted = self.emit
        self.apps = FakeApps(self)
        self.pasting = FakePasting(self)
        self.taking_in = FakeTakingIn(self.step)
        self.handing_over = FakeHandingOver(self.step)
        self.trying: Any = FakeTrying(self.step)
        self.removing = FakeRemoving(self)
        self.checking = FakeChecking(self)
        self.leaving = FakeLeaving(self)

    def app(self, app_id: str) -> XApp:
        return next(app for app in self.snapshot.apps if app.id == app_id)

    def put_app(self, app: XApp) -> XApp:
        apps = tuple(app if one.id == app.id else one for one in self.snapshot.apps)
        self.snapshot = replace(self.snapshot, apps=apps)
        self.emit(AppSaved(app))
        return app

    async def step(self, name: str, *arguments: object) -> None:
        await self._step(name, *arguments)

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

    async def refresh(self, connection_id: str) -> None:
        await self._step("refresh", connection_id)

    async def refresh_all(self) -> None:
        await self._step("refresh_all")

    def prioritize(self, connection_id: str, account_ids: Iterable[str]) -> None:
        self.asked.append(("prioritize", connection_id, *account_ids))

    def cancel_refresh(self) -> None:
        self.asked.append(("cancel_refresh",))

    async def keychain_status(self) -> KeychainStatus:
        await self._step("keychain_status")
        self.emit(KeychainChanged(self.keychain))
        return self.keychain

    async def unlock(self, place: str = KEYCHAIN) -> KeychainStatus:
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
