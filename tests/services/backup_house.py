"""A house without X: an index on disk, three places for secrets, and its backups."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, AppAccess, Connection, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.services.accounts import Accounts
from adwarden.services.backup import Backup
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.places import Places
from adwarden.services.rate_windows import RateWindows
from adwarden.services.roster import entry_of, new_id
from adwarden.storage.directory import Directory
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.memory_place import MemoryPlace
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault
from tests.fakes.keychain import READY, MemoryBackend
from tests.storage.keepass_parts import PASSWORD, QUICK

NOW = 1_790_000_000.0
OPEN_SESAME = Secret("a long password for backups")

Told = Mapping[tuple[str, ...], tuple[object, ...]]
"""What is known of each app (by label) and connection (by label of its app, and user)."""


@dataclass
class House:
    """One data folder with its places; ``backend`` is its keychain."""

    accounts: Accounts
    backup: Backup
    places: Places
    index: Index
    backend: MemoryBackend
    file: KeepassPlace | None
    chosen: list[str] = field(default_factory=lambda: [KEYCHAIN])

    async def add_app(self, label: str, key: str = "", **fields: Any) -> XApp:  # noqa: ANN401
        """Keep an app; ``secrets`` adds to key and secret."""
        more = fields.pop("secrets", {})
        assert isinstance(more, dict)
        app = XApp(new_id(), "x", label, AppAccess.STANDARD, "", NOW, place=self.chosen[0])
        secrets = {"key": key or f"key of {label}", "secret": f"secret of {key or label}", **more}
        kept = Credential("x-app", {name: Secret(text) for name, text in secrets.items()})
        return await self.accounts.rewriting.add_app(replace(app, **fields), kept)

    async def connect(
        self,
        app: XApp,
        user_id: str,
        token: str = "",
        **fields: Any,  # noqa: ANN401
    ) -> Connection:
        """Keep a connection, in place of the one that this user has."""
        old = self.accounts.roster.same_user(app.id, user_id)
        one = old or Connection(
            new_id(), app.id, user_id, f"user{user_id}", "", NOW, place=self.chosen[0]
        )
        token = token or f"{user_id}-token"
        kept = Credential(
            "x-oauth1-token", {"token": Secret(token), "secret": Secret(f"secret of {token}")}
        )
        async with self.accounts.rewriting.alone(app.id, user_id):
            return await self.accounts.rewriting.keep_connection(replace(one, **fields), kept)

    async def told(self, *, places: bool = False) -> Told:
        """Return everything that is kept, by what a person knows it by."""
        snapshot = await self.index.run(lambda d: d.snapshot())
        labels = {app.id: app.label for app in snapshot.apps}
        found: dict[tuple[str, ...], tuple[object, ...]] = {}
        for app in snapshot.apps:
            kept = await self.places.get(*entry_of(app))
            assert kept.facts["app"] == app.id
            found[(app.label,)] = (
                app.access, app.note, app.approved_at, app.added_at, set(app.holds),
                {name: one.unwrap() for name, one in kept.secrets.items()},
                app.place if places else "",
            )  # fmt: skip
        for one in snapshot.connections:
            kept = await self.places.get(*entry_of(one))
            assert kept.facts["app"] == one.app_id
            assert kept.facts["user_id"] == one.user_id
            found[labels[one.app_id], one.user_id] = (
                one.screen_name, one.label, one.note, one.authorized_at, one.pasted,
                {name: each.unwrap() for name, each in kept.secrets.items()},
                one.place if places else "",
            )  # fmt: skip
        assert not await self.index.run(lambda d: d.pending())
        return found


@asynccontextmanager
async def open_house(
    folder: Path,
    backend: MemoryBackend | None = None,
    *,
    home: str = "",
    file: bool = False,
    real: bool = False,
    namespace: str = "Adwarden",
) -> AsyncIterator[House]:
    """Open a house; a second opening finds folder, keychain and file as they were left.

    With ``real`` its keychain is that of the system.
    """
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - of a test
    backend = backend or MemoryBackend()
    hub = Hub()
    index = Index(lambda distrust: Directory.open(DataFolder(folder), distrust=distrust))
    memory = MemoryPlace()
    kept = {
        KEYCHAIN: Keychain(
            (lambda: Vault(namespace=namespace))
            if real
            else (lambda: Vault(lambda: backend, lambda: READY, namespace=namespace))
        ),
        MEMORY: Keychain(lambda: Vault(system=memory.system, namespace=namespace)),
    }
    place: KeepassPlace | None = None
    if file:
        place = KeepassPlace(folder / "team.kdbx", kdf=QUICK, locks=folder / "locks")
        place.open(PASSWORD) if place.path.exists() else place.create(PASSWORD)
        system = place.system
        kept[FILE] = Keychain(lambda: Vault(system=system, namespace=namespace))
    chosen = [KEYCHAIN]
    places = Places(kept, chosen=lambda: chosen[0])
    accounts = Accounts(
        index,
        places,
        {},
        hub,
        namespace=namespace,
        home=home or DataFolder(folder).mark,
        windows=RateWindows(index, hub),
        remember=lambda known: None,
        clock=lambda: NOW,
    )
    backup = Backup(
        accounts.roster, index, places, accounts.rewriting,
        namespace=namespace, clock=lambda: NOW, kdf=QUICK,
    )  # fmt: skip
    house = House(accounts, backup, places, index, backend, place, chosen)
    try:
        await accounts.load()
        await accounts.recover()
        yield house
    finally:
        await accounts.close()
