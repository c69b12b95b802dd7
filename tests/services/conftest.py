"""The services on real parts: an index on disk, a keychain, and X's stand-in on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, AppAccess, Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.providers.base import Provider
from adwarden.providers.http import HttpClient
from adwarden.providers.x.limits import Limits
from adwarden.providers.x.provider import XProvider
from adwarden.services.accounts import Accounts
from adwarden.services.events import Event, KeychainChanged
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.places import Places
from adwarden.services.rate_windows import RateWindows
from adwarden.services.sync_claims import Claims
from adwarden.services.tasks import Lane
from adwarden.storage import settings as known
from adwarden.storage.directory import Directory
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keepass_vault import KeepassVault
from adwarden.storage.memory_place import MemoryPlace
from adwarden.storage.paths import DataFolder
from adwarden.storage.settings import Settings
from adwarden.storage.vault import Vault
from tests.fakes.keychain import READY, MemoryBackend, keyring_daemon, real_keyring
from tests.fakes.person import authorize
from tests.services.clockwork import Clockwork
from tests.storage.keepass_parts import QUICK

__all__ = ["keyring_daemon", "real_keyring"]

E = TypeVar("E", bound=Event)

OpenHouse = Callable[..., AbstractAsyncContextManager["House"]]


@dataclass
class House:
    """Everything below the window, and what it said."""

    accounts: Accounts
    keychain: Keychain
    index: Index
    server: PracticeServer
    backend: MemoryBackend
    settings: Settings
    places: Places
    events: list[Event] = field(default_factory=list)

    async def add_app(self, place: int = 0) -> XApp:
        """Add one of the practice server's apps."""
        app = self.server.world.apps[place]
        return await self.accounts.add_app(
            app.label, Secret(app.key), Secret(app.secret), AppAccess.STANDARD
        )

    async def connect(self, app: XApp, handle: str) -> Connection:
        """Authorize as this user and keep the token."""
        attempt = await self.accounts.begin(app.id)
        pin = authorize(attempt.request.url, handle)
        return await self.accounts.keep(await self.accounts.finish(attempt, pin))

    async def told(self, kind: type[Event]) -> None:
        """Wait for an event of this kind."""
        heard = asyncio.Event()

        def listen(event: Event) -> None:
            if isinstance(event, kind):
                heard.set()

        unsubscribe = self.accounts.subscribe(listen)
        if not self.of(kind):
            await asyncio.wait_for(heard.wait(), 10)
        unsubscribe()

    def of(self, kind: type[E]) -> list[E]:
        """Return the events of one kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]


def file_vault(settings: Settings, folder: Path) -> Vault:
    """Return a vault for the KeePass file of the settings, with quick keys for new ones."""
    path = settings.get(known.VAULT_FILE)
    return KeepassVault(
        Path(path) if path else None,
        make=lambda path: KeepassPlace(path, kdf=QUICK, locks=folder / "locks"),
    )


@pytest.fixture
def open_house(tmp_path: Path) -> OpenHouse:
    """Return what opens the services; a second opening finds folder and keychain as left."""
    backend = MemoryBackend()

    @asynccontextmanager
    async def open_it(
        *,
        accounts: int = 30,
        server: PracticeServer | None = None,
        home: str = "here",
        time: Clockwork | None = None,
        claims: Callable[[], Claims] | None = None,
    ) -> AsyncIterator[House]:
        own = server or PracticeServer(make_world(seed=5, accounts=accounts))
        if server is None:
            own.start()
        hub = Hub()
        index = Index(lambda distrust: Directory.open(DataFolder(tmp_path), distrust=distrust))

        def told(place: str) -> dict[str, Any]:
            changed = lambda status: hub.emit(KeychainChanged(status, place))  # noqa: E731
            return {"place": place, "changed": changed}

        settings, _ = Settings.load(DataFolder(tmp_path), {})
        keychain = Keychain(
            lambda: Vault(lambda: backend, lambda: READY), patience=0.5, **told(KEYCHAIN)
        )
        places = Places(
            {
                KEYCHAIN: keychain,
                FILE: Keychain(lambda: file_vault(settings, tmp_path), **told(FILE)),
                MEMORY: Keychain(lambda: Vault(system=MemoryPlace().system), **told(MEMORY)),
            },
            chosen=lambda: settings.get(known.VAULT_PLACE),
            has_file=lambda: bool(settings.get(known.VAULT_FILE)),
        )
        time = time or Clockwork(still=True)
        time.passes = own.faults.limits.pass_time
        windows = RateWindows(index, hub, clock=time.clock, steady=time.steady)
        limits = Limits(
            windows.note, ahead=windows.note_ahead, clock=time.clock, steady=time.steady
        )

        def platform() -> XProvider:
            http = HttpClient(connect_timeout=2, read_timeout=5)
            return XProvider(http, limits, api_url=own.url, ads_url=own.url, clock=time.clock)

        lane: Lane[Provider] = Lane("x", workers=4, context=platform)
        time.busy = lambda: lane._load > 0
        all_accounts = Accounts(
            index,
            places,
            {"x": lane},
            hub,
            home=home,
            windows=windows,
            remember=limits.remember,
            clock=time.clock,
            pace=time.pace(),
            claims=claims,
            settings=settings,
        )
        house = House(all_accounts, keychain, index, own, backend, settings, places)
        all_accounts.subscribe(house.events.append)
        try:
            await all_accounts.load()
            yield house
        finally:
            await all_accounts.close()
            if server is None:
                own.stop()

    return open_it
