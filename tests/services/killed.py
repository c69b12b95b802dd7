"""A process that changes entries on a real keychain, and dies at the step it is told.

``python -m tests.services.killed FOLDER URL WORK STEP``: ``STEP`` counts every write to index and
keychain from 1, each before and after it is made; 0 lets the work end.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from adwarden.domain.model import KEYCHAIN, Credential
from adwarden.domain.secret import Secret
from adwarden.providers.http import HttpClient
from adwarden.providers.x.limits import Limits
from adwarden.providers.x.provider import XProvider
from adwarden.services.accounts import Accounts
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.places import Places
from adwarden.services.rate_windows import RateWindows
from adwarden.services.tasks import Lane
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault

WRITES: tuple[tuple[type, str], ...] = (
    (Directory, "begin_pending"),
    (Directory, "switch_entry"),
    (Directory, "save_app"),
    (Directory, "replace_connection"),
    (Directory, "finish_pending"),
    (Vault, "put"),
    (Vault, "delete"),
)
NAMESPACE = "Adwarden killed"


def make_accounts(folder: Path, url: str) -> Accounts:
    """Return services on this folder and the session's keychain."""
    hub = Hub()
    index = Index(lambda distrust: Directory.open(DataFolder(folder), distrust=distrust))
    keychain = Keychain(lambda: Vault(namespace=NAMESPACE))
    windows = RateWindows(index, hub)
    limits = Limits(windows.note, ahead=windows.note_ahead)

    def platform() -> XProvider:
        http = HttpClient(connect_timeout=2, read_timeout=5)
        return XProvider(http, limits, api_url=url, ads_url=url)

    return Accounts(
        index,
        Places({KEYCHAIN: keychain}),
        {"x": Lane("x", workers=2, context=platform)},
        hub,
        namespace=NAMESPACE,
        home="here",
        windows=windows,
        remember=limits.remember,
    )


def die_at(step: int) -> Callable[[], int]:
    """Have the process killed at this write; returns how many there have been."""
    passed = 0

    def count() -> None:
        nonlocal passed
        passed += 1
        if passed == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for owner, name in WRITES:
        made = getattr(owner, name)

        def counted(*given: Any, _made: Callable[..., Any] = made, **named: Any) -> Any:  # noqa: ANN401
            count()
            found = _made(*given, **named)
            count()
            return found

        setattr(owner, name, counted)
    return lambda: passed


async def work(accounts: Accounts, what: str) -> None:
    """Make one change of each kind."""
    (app,) = accounts.roster.apps
    (connection,) = accounts.roster.connections
    if what == "app":

        def more(kept: Credential) -> Credential:
            return replace(kept, secrets={**kept.secrets, "bearer": Secret("AAAA%2Fb")})

        await accounts.rewriting.rewrite_app(app, more, label="Renamed", note="noted")
    elif what == "connection":
        await accounts.apps.name_connection(connection.id, label="Named", note="noted")
    else:
        token, secret = what.split(",")
        await accounts.pasting.add(app.id, Secret(token), Secret(secret))


async def main(folder: str, url: str, what: str, step: str) -> None:
    """Open, recover, then work until the end or the kill; prints how many writes there were."""
    accounts = make_accounts(Path(folder), url)
    await accounts.load()
    await accounts.recover()
    passed = die_at(int(step))
    await work(accounts, what)
    print(passed())
    await accounts.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
