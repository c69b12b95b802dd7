"""What is there after the kill loop has killed a process: as it lies, and after the next start."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import secretstorage

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import FILE, KEYCHAIN, Connection, ConnectionState, XApp
from adwarden.domain.secret import Secret
from adwarden.services.roster import Kept, entry_of
from adwarden.storage.directory import Directory
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.paths import DataFolder
from tests.kill_hand import LABEL
from tests.kill_round import Scene, opened
from tests.kill_undo import called


@dataclass(frozen=True)
class Left:
    """What is there after a kill: before anything was mended, and after the next start.

    ``tokens`` are those of listed connections by handle, with their states; ``key`` is the
    spare app's, ``apps`` what those are called that have their keys. ``wrong`` says what is
    against the rules, ``waited`` counts steps to be finished.
    """

    wrong: tuple[str, ...]
    tokens: dict[str, tuple[str, str]]
    apps: frozenset[str]
    key: str
    waited: int


def look(scene: Scene, pipe: Pipe) -> None:
    """Look as the next start finds it, start, and look again; sends a ``Left``."""
    os.environ["ADWARDEN_X_API_URL"] = os.environ["ADWARDEN_X_ADS_URL"] = scene.url
    wrong: list[str] = []
    waited = _before(scene, wrong)
    pipe.send(asyncio.run(_after(scene, wrong, waited)))


def _before(scene: Scene, wrong: list[str]) -> int:
    """Compare the index with what the places really hold, past the program's own list."""
    directory, trouble = Directory.open(DataFolder(Path(scene.folder)))
    try:
        if trouble is not None:
            wrong.append(f"the index did not open: {trouble}")
        snapshot, pending = directory.snapshot(), directory.pending()
        (fit,) = directory._db.execute("PRAGMA integrity_check").fetchone()
        if fit != "ok":
            wrong.append(f"the index is damaged: {fit}")
    finally:
        directory.close()
    there = _really(scene)
    begun = {step.entry for step in pending}
    rows: list[XApp | Connection] = [*snapshot.apps, *snapshot.connections]
    for one in rows:
        if entry_of(one) not in there and one.entry not in begun and not _told(one):
            wrong.append(f"before recovery: {one.id} is listed without its secret")
    return len(pending)


def _told(one: XApp | Connection) -> bool:
    """Tell whether a row says that its secret is not there."""
    return isinstance(one, Connection) and one.state is ConnectionState.NEEDS_AUTHORIZATION


def _really(scene: Scene) -> set[Kept]:
    """Return the names of all entries of ours that the keychain and the file have."""
    found: set[Kept] = set()
    with secretstorage.dbus_init() as bus:
        for item in secretstorage.get_default_collection(bus).get_all_items():
            names = item.get_attributes()
            service, username = names.get("service", ""), names.get("username", "")
            if service.startswith("Adwarden · ") and username != "index":
                found.add(Kept(service, username, KEYCHAIN))
    place = KeepassPlace(Path(scene.vault_file))
    place.open(Secret(scene.password))
    found |= {Kept(*name, FILE) for name in place.names()}
    place.lock()
    return found


async def _after(scene: Scene, wrong: list[str], waited: int) -> Left:
    services = await opened(scene)
    accounts = services.accounts
    rows: list[XApp | Connection] = [*accounts.roster.apps, *accounts.roster.connections]
    tokens: dict[str, tuple[str, str]] = {}
    key = ""
    apps: set[str] = set()
    for one in rows:
        if isinstance(one, Connection) and one.state is ConnectionState.REVOKING:
            wrong.append(f"after recovery: nobody goes on revoking @{one.screen_name}")
        try:
            kept = await services.places.get(*entry_of(one))
        except AdwardenError as error:
            if not (_told(one) and error.code is ErrorCode.ENTRY_MISSING):
                wrong.append(f"after recovery: {one.id} is listed, and: {error.title}")
            continue
        if isinstance(one, XApp):
            apps.add(called(one))
            if one.label.startswith(LABEL):
                key = kept.secrets["key"].unwrap()
        else:
            tokens[one.screen_name] = kept.secrets["token"].unwrap(), one.state.value
    left = await services.index.run(lambda d: d.pending())
    wrong += [f"after recovery: a step is left: {step.kind} {step.place}" for step in left]
    listed = {entry_of(one) for one in rows}
    known = {
        Kept(*name, place)
        for place in (KEYCHAIN, FILE)
        for name in await services.places.known(place)
    }
    there = _really(scene)
    wrong += [f"an entry that nothing finds: {name[2]}" for name in there - known]
    wrong += [f"a name without an entry is listed: {name[2]}" for name in known - there]
    handles = [one.screen_name for one in accounts.roster.connections]
    wrong += [f"@{one} is listed twice" for one in set(handles) if handles.count(one) > 1]
    with suppress(AdwardenError):
        await accounts.close()
    orphans = there - listed
    wrong += [f"after recovery: listed nowhere: {name[0]} / {name[1]}" for name in orphans]
    return Left(tuple(wrong), tokens, frozenset(apps), key, waited)
