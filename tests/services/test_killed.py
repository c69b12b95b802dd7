"""Entries are changed by a process that is killed at each of its writes, on a real keychain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.domain.model import AppAccess, Connection, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services.accounts import Accounts
from adwarden.services.roster import entry_of
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault
from tests.fakes.keychain import keyring_daemon, real_keyring
from tests.fakes.person import authorize
from tests.services.killed import NAMESPACE, make_accounts
from tests.with_keyring import KeyringSession

__all__ = ["keyring_daemon", "real_keyring"]

pytestmark = pytest.mark.keychain

LIMIT = 20


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=4, accounts=6))
    server.faults.limits.be_generous()
    server.start()
    yield server
    server.stop()


def run(folder: Path, url: str, what: str, step: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.services.killed", str(folder), url, what, str(step)],
        env=dict(os.environ), capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip


async def prepare(folder: Path, server: PracticeServer) -> None:
    accounts = make_accounts(folder, server.url)
    await accounts.load()
    await accounts.recover()
    given = server.world.apps[0]
    app = await accounts.add_app("App", Secret(given.key), Secret(given.secret), AppAccess.STANDARD)
    attempt = await accounts.begin(app.id)
    pin = authorize(attempt.request.url, "contoso")
    await accounts.keep(await accounts.finish(attempt, pin))
    await accounts.close()


async def after(folder: Path, url: str) -> tuple[XApp, dict[str, Connection], Accounts]:
    """Start again, recover, and check that index and keychain agree to the last entry."""
    accounts = make_accounts(folder, url)
    await accounts.load()
    await accounts.recover()
    (app,) = accounts.roster.apps
    items: list[XApp | Connection] = [app, *accounts.roster.connections]
    vault = Vault(namespace=NAMESPACE)
    named = {name.service for name in vault.known()}
    assert named == {one.entry for one in items}
    for one in items:
        kept = vault.get(*entry_of(one)[:2])
        assert isinstance(kept, Credential)
        told = kept.facts
        assert (told["label"], told["note"]) == (one.label, one.note)
    vault.close()
    directory, _ = Directory.open(DataFolder(folder))
    assert directory.pending() == ()
    directory.close()
    return app, {one.handle: one for one in accounts.roster.connections}, accounts


def clear() -> None:
    vault = Vault(namespace=NAMESPACE)
    for name in vault.known():
        vault.delete(*name)
    vault.close()


@pytest.mark.parametrize("what", ["app", "connection", "token"])
async def test_a_kill_at_any_write_leaves_old_or_new_whole(
    real_keyring: KeyringSession, server: PracticeServer, tmp_path: Path, what: str
) -> None:
    person = server.world.person_named("northwind_ads")
    assert person is not None
    granted = server.faults.console_token(server.world.apps[0], person)
    work = f"{granted.token},{granted.secret}" if what == "token" else what
    outcomes = []
    step = 1
    while True:
        folder = tmp_path / f"{step}"
        folder.mkdir()
        clear()
        await prepare(folder, server)
        ended = run(folder, server.url, work, step)
        assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
        app, connections, accounts = await after(folder, server.url)
        changed = {
            "app": app.label == "Renamed",
            "connection": connections["@contoso"].label == "Named",
            "token": "@northwind_ads" in connections,
        }[what]
        if what == "app":
            assert (app.label, app.note, app.holds) in (
                ("App", "", ()), ("Renamed", "noted", ("bearer",)),
            )  # fmt: skip
        outcomes.append(changed)
        # Whatever it is now, it works.
        await accounts.refresh(connections["@contoso"].id)
        await accounts.close()
        if ended.returncode == 0:
            break
        step += 1
    # Once it is new it stays new, and there were kills on both sides.
    assert outcomes == sorted(outcomes)
    assert outcomes[0] is False
    assert outcomes[-1] is True
    assert len(outcomes) >= 5
    clear()
