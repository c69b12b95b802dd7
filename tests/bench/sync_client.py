"""Adwarden's refresh without the window, as a process of its own: prints one line of JSON.

``python -m tests.bench.sync_client FOLDER URL KEY SECRET`` connects and refreshes; a second run on
the same folder goes on with what a kill has cut off. The keychain is a file beside the index.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from adwarden.domain.model import KEYCHAIN, AppAccess
from adwarden.domain.secret import Secret
from adwarden.providers.http import HttpClient
from adwarden.providers.x.limits import Limits
from adwarden.providers.x.provider import XProvider
from adwarden.services.accounts import Accounts
from adwarden.services.events import Event, LimitsChanged, RefreshProgress, RefreshWaiting
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.places import Places
from adwarden.services.rate_windows import RateWindows
from adwarden.services.tasks import Lane
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault
from adwarden.wiring import HTTP_WORKERS
from tests.fakes.keychain import READY, MemoryBackend
from tests.fakes.person import authorize

USER = "agency_ops"


class Watch:
    """Counts what the services tell."""

    def __init__(self) -> None:
        self.waits = 0
        self.told = 0

    def see(self, event: Event) -> None:
        """Take in one event; says how far it is, for whoever wants to kill it half-way."""
        self.told += not isinstance(event, LimitsChanged)
        self.waits += isinstance(event, RefreshWaiting) and event.resumes_at is not None
        if isinstance(event, RefreshProgress):
            sys.stderr.write(f"{event.done}\n")
            sys.stderr.flush()


async def work(folder: Path, url: str, key: str, secret: str) -> dict[str, float]:
    """Refresh, or go on with a refresh; return what it took."""
    kept = folder / "keychain.json"
    backend = MemoryBackend()
    if kept.exists():
        backend.entries.update({(a, b): value for a, b, value in json.loads(kept.read_text())})
    hub = Hub()
    index = Index(lambda distrust: Directory.open(DataFolder(folder), distrust=distrust))
    windows = RateWindows(index, hub)
    limits = Limits(windows.note, ahead=windows.note_ahead)
    accounts = Accounts(
        index,
        Places({KEYCHAIN: Keychain(lambda: Vault(lambda: backend, lambda: READY))}),
        {
            "x": Lane(
                "x",
                workers=HTTP_WORKERS,
                context=lambda: XProvider(HttpClient(), limits, api_url=url, ads_url=url),
            )
        },
        hub,
        home="bench",
        windows=windows,
        remember=limits.remember,
    )
    watch = Watch()
    accounts.subscribe(watch.see)
    snapshot = await accounts.load()
    resumed = bool(snapshot.connections)
    if not resumed:
        app = await accounts.add_app("Agency", Secret(key), Secret(secret), AppAccess.STANDARD)
        attempt = await accounts.begin(app.id)
        pin = authorize(attempt.request.url, USER)
        connection = await accounts.keep(await accounts.finish(attempt, pin))
        kept.write_text(json.dumps([[*name, value] for name, value in backend.entries.items()]))
    else:
        connection = snapshot.connections[0]
    began, worked = time.perf_counter(), time.process_time()
    if resumed:
        await accounts.resume_unfinished()
    else:
        await accounts.refresh(connection.id)
    took, cpu = time.perf_counter() - began, time.process_time() - worked
    entries = await index.run(lambda d: d.entries(connection.id))
    await accounts.close()
    return {
        "seconds": took,
        "cpu": cpu,
        "accounts": len(entries),
        "whole": sum(one.access is not None and one.users is not None for one in entries),
        "waits": watch.waits,
        "events": watch.told,
        "peak_mib": peak_mib(),
    }


def peak_mib() -> float:
    """Return the most memory this process has had; ``getrusage`` begins with its parent's."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    found = asyncio.run(work(Path(sys.argv[1]), *sys.argv[2:5]))
    print(json.dumps(found), flush=True)
