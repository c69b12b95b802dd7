"""Puts the services together, the same for the window and the console; no Qt, nothing heavy.

Whatever needs ``requests``, ``keyring`` or the practice server is imported by the worker thread
that uses it first.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from adwarden.arguments import Options
from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, AppAccess, SuggestedApp
from adwarden.domain.secret import Secret
from adwarden.providers.base import Provider
from adwarden.providers.x.limits import Limits
from adwarden.services.accounts import Accounts
from adwarden.services.events import KeychainChanged
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.places import Places
from adwarden.services.rate_windows import RateWindows
from adwarden.services.tasks import Lane
from adwarden.storage import settings as known
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.settings import Settings
from adwarden.system.redaction import Redactor

if TYPE_CHECKING:
    from adwarden.practice.server import PracticeServer
    from adwarden.practice.world import World
    from adwarden.services.sync_claims import Claims
    from adwarden.storage.homes import Homes
    from adwarden.storage.vault import Vault

HTTP_WORKERS = 16
"""Requests at the same time, each over a connection of its own that is kept."""

FILE_PATIENCE = 20.0
"""Seconds that the KeePass file gets: deriving a key alone may take fifteen."""


@dataclass(frozen=True, slots=True)
class Base:
    """What stands before any service: the folder, the settings, and what was wrong with them."""

    folder: DataFolder
    settings: Settings
    problems: tuple[AdwardenError, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the window and the console work with."""

    accounts: Accounts
    index: Index
    places: Places
    settings: Settings
    practice: Practice | None
    redactor: Redactor


class Practice:
    """The practice server, started by whoever asks for its address first."""

    def __init__(self, *, accounts: int, seed: int) -> None:
        self._accounts = accounts
        self._seed = seed
        self._lock = threading.Lock()
        self._server: PracticeServer | None = None

    def url(self) -> str:
        """Start the server if need be and return its address."""
        with self._lock:
            if self._server is None:
                from adwarden.practice.server import PracticeServer

                self._server = PracticeServer(self.world())
                self._server.start()
            return self._server.url

    def world(self) -> World:
        """Return the world that the server shows."""
        from adwarden.practice.world import make_world

        return make_world(seed=self._seed, accounts=self._accounts)

    @staticmethod
    def suggested() -> tuple[SuggestedApp, ...]:
        """Return the apps whose keys anybody may have; neither starts nor imports the server."""
        from adwarden.practice.people import make_apps

        return tuple(
            SuggestedApp(app.label, AppAccess.STANDARD, Secret(app.key), Secret(app.secret))
            for app in make_apps()
        )

    def stop(self) -> None:
        """End the server if it runs."""
        with self._lock:
            if self._server is not None:
                self._server.stop()
                self._server = None


def make_base(options: Options) -> Base:
    """Prepare the data folder and read the settings; raises ``AdwardenError``."""
    folder = DataFolder.locate(os.environ, options.data_dir, practice=options.practice)
    folder.prepare()
    settings, problems = Settings.load(folder, os.environ)
    return Base(folder, settings, tuple(problems))


def make_services(base: Base, options: Options) -> Services:
    """Build the services; nothing is opened, read or connected yet."""
    hub = Hub()
    index = Index(lambda distrust: Directory.open(base.folder, distrust=distrust))
    namespace = "Adwarden practice" if options.practice else "Adwarden"
    redactor = Redactor()
    settings = base.settings

    def place(which: str, vault: Callable[[], Vault], **how: Any) -> Keychain:  # noqa: ANN401
        return Keychain(
            vault,
            seen=lambda credential: redactor.learn(*credential.secrets.values()),
            changed=lambda status: hub.emit(KeychainChanged(status, which)),
            place=which,
            **how,
        )

    places = Places(
        {
            KEYCHAIN: place(KEYCHAIN, lambda: _vault(namespace)),
            FILE: place(
                FILE,
                lambda: _file_vault(namespace, settings.get(known.VAULT_FILE)),
                name="the KeePass file",
                patience=FILE_PATIENCE,
            ),
            MEMORY: place(MEMORY, lambda: _memory_vault(namespace), name="memory"),
        },
        chosen=lambda: settings.get(known.VAULT_PLACE),
        has_file=lambda: bool(settings.get(known.VAULT_FILE)),
    )
    windows = RateWindows(index, hub)
    limits = Limits(windows.note, ahead=windows.note_ahead)
    practice = Practice(accounts=options.accounts, seed=options.seed) if options.practice else None
    make_x = _x_platform(base.settings, limits, practice)
    accounts = Accounts(
        index,
        places,
        {"x": Lane("x", workers=HTTP_WORKERS, context=make_x)},
        hub,
        namespace=namespace,
        home=base.folder.mark,
        windows=windows,
        remember=limits.remember,
        claims=_claims(base.folder, time.time()),
        settings=settings,
        homes=lambda: _homes(base.folder),
    )
    return Services(accounts, index, places, base.settings, practice, redactor)


def _claims(folder: DataFolder, began: float) -> Callable[[], Claims]:
    def make() -> Claims:
        from adwarden.system.claims import Claims

        return Claims(folder.locks, began)

    return make


def _homes(folder: DataFolder) -> Homes:
    from adwarden.storage.homes import Homes

    return Homes(folder)


def _vault(namespace: str) -> Vault:
    from adwarden.storage.vault import Vault

    return Vault(namespace=namespace)


def _file_vault(namespace: str, path: str) -> Vault:
    from pathlib import Path

    from adwarden.storage.keepass_vault import KeepassVault

    return KeepassVault(Path(path) if path else None, namespace=namespace)


def _memory_vault(namespace: str) -> Vault:
    from adwarden.storage.memory_place import MemoryPlace
    from adwarden.storage.vault import Vault

    return Vault(namespace=namespace, system=MemoryPlace().system)


def _x_platform(
    settings: Settings, limits: Limits, practice: Practice | None
) -> Callable[[], Provider]:
    def make() -> Provider:
        from adwarden.providers.http import HttpClient
        from adwarden.providers.x.provider import XProvider

        api_url = practice.url() if practice else settings.get(known.API_URL)
        ads_url = practice.url() if practice else settings.get(known.ADS_URL)
        http = HttpClient(
            connect_timeout=settings.get(known.TIMEOUT_CONNECT),
            read_timeout=settings.get(known.TIMEOUT_READ),
        )
        return XProvider(
            http,
            limits,
            api_url=api_url,
            ads_url=ads_url,
            version=settings.get(known.API_VERSION),
        )

    return make
