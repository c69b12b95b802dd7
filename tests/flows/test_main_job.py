from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.storage.vault import Vault
from tests.flows.driver import journey, tree_rows

pytestmark = [pytest.mark.flow, pytest.mark.webengine, pytest.mark.keychain]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.start()
    yield server
    server.stop()


def everything_in(folder: Path) -> bytes:
    """Return the bytes of all files below the folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_from_keys_to_badges_and_back_after_a_restart(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    app = server.world.apps[0]
    agency = max(server.world.people, key=lambda one: len(server.world.reach(one)))
    async with journey(qapp, tmp_path, server) as here:
        await here.add_app("Agency app", app.key, app.secret)
        await here.connect(agency.screen_name)
        await here.row(f"@{agency.screen_name}", "Working")
        await here.row("Account administrator", "Full")
        await here.loaded()
        shown = tree_rows(here.tree)
        (connection,) = here.services.accounts.roster.connections
    assert len(shown) > 30
    assert server.journal.count(status=429) == 0

    # The token is in the keychain, and nowhere in the data folder.
    vault = Vault()
    credential = vault.get(connection.entry, connection.handle)
    vault.close()
    secrets = [secret.unwrap() for secret in credential.secrets.values()]
    assert credential.facts["user_id"] == agency.user_id
    on_disk = everything_in(tmp_path)
    for secret in (*secrets, app.key, app.secret):
        assert secret.encode() not in on_disk

    # A restart shows the last known tree, without the server being asked.
    server.journal.clear()
    async with journey(qapp, tmp_path, server) as here:
        assert len(tree_rows(here.tree)) == len(shown)
    assert server.journal.count() == 0
    assert json.dumps(shown)
