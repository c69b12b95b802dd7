"""A KeePass file between Adwarden and KeePassXC, through all of the program but its window."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.arguments import Options
from adwarden.domain.model import FILE, KEYCHAIN, AppAccess, Connection, ConnectionState
from adwarden.domain.secret import Secret
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services.roster import entry_of
from adwarden.wiring import Services, make_base, make_services
from tests.fakes.person import authorize
from tests.flows.desk import Desk
from tests.storage.keepass_parts import (
    PASSWORD,
    content_of,
    entry_titled,
    keepassxc,
    needs_keepassxc,
    strings,
    write_content,
)

pytestmark = [pytest.mark.flow, pytest.mark.keychain, needs_keepassxc]

NAME = "team.kdbx"
ENTRY = "Adwarden/Connections/@contoso · Agency app"


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.faults.limits.be_generous()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def environment(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process at the desk, instead of one of its own."""
    for name, value in desk.environment.items():
        if value is not None:
            monkeypatch.setenv(name, value)


async def opened(desk: Desk) -> Services:
    options = Options(data_dir=str(desk.folder))
    services = make_services(make_base(options), options)
    await services.accounts.load()
    return services


async def connect(services: Services, desk: Desk) -> Connection:
    app = await services.accounts.add_app(
        "Agency app", Secret(desk.app.key), Secret(desk.app.secret), AppAccess.STANDARD
    )
    attempt = await services.accounts.begin(app.id)
    pin = authorize(attempt.request.url, "contoso")
    return await services.accounts.keep(await services.accounts.finish(attempt, pin))


async def test_what_adwarden_wrote_keepassxc_reads_and_the_other_way_round(
    desk: Desk, tmp_path: Path, environment: None
) -> None:
    services = await opened(desk)
    accounts = services.accounts
    kept = await connect(services, desk)
    token = (await services.places.get(*entry_of(kept))).secrets
    # From the keychain into a new file.
    await accounts.vault_file.create(tmp_path / NAME, PASSWORD)
    moved = await accounts.moving.move(FILE)
    assert (moved.done, moved.left) == (("Agency app", "@contoso"), ())
    assert await services.places.known(KEYCHAIN) == ()
    assert _secret_tool("search", "--all", "service", kept.entry) == ""
    # KeePassXC reads it.
    listed = keepassxc(tmp_path, "ls", "-R", "-f", NAME).splitlines()
    assert ENTRY in listed
    assert "Adwarden/X apps/Agency app" in listed
    shown = keepassxc(tmp_path, "show", "-s", "--all", NAME, ENTRY).splitlines()
    assert f"Password: {token['secret'].unwrap()}" in shown
    assert f"token: {token['token'].unwrap()}" in shown
    assert "screen_name: contoso" in shown
    # KeePassXC changes it, and puts something of somebody else's beside it.
    keepassxc(tmp_path, "edit", "--notes", "ask Jo", "-p", NAME, ENTRY, after="changed\nchanged\n")
    keepassxc(tmp_path, "add", "-u", "jo", "-p", NAME, "Wiki", after="of the wiki\nof the wiki\n")
    (connection,) = accounts.roster.connections
    changed = (await services.places.get(*entry_of(connection))).secrets
    assert changed["secret"].unwrap() == "changed"
    assert changed["token"] == token["token"]
    # Authorizing anew writes into the changed file, and leaves alone what is not ours.
    attempt = await accounts.begin(connection.app_id, connection.id)
    pin = authorize(attempt.request.url, "contoso")
    await accounts.keep(await accounts.finish(attempt, pin))
    assert "of the wiki" in keepassxc(tmp_path, "show", "-s", NAME, "Wiki")
    shown = keepassxc(tmp_path, "show", "-s", "--all", NAME, ENTRY).splitlines()
    assert f"Password: {token['secret'].unwrap()}" in shown
    await accounts.close()


async def test_what_a_person_gave_an_entry_survives_a_rename_a_reconnect_and_goes_with_it(
    desk: Desk, tmp_path: Path, environment: None
) -> None:
    services = await opened(desk)
    accounts = services.accounts
    kept = await connect(services, desk)
    await accounts.vault_file.create(tmp_path / NAME, PASSWORD)
    await accounts.moving.move(FILE)
    # A person makes it theirs in KeePassXC.
    (tmp_path / "contract.txt").write_text("signed")
    mine = "Clients/Contoso, Europe"
    for command in (
        ("mkdir", NAME, "Clients"),
        ("edit", "-t", "Contoso, Europe", "--notes", "ask Jo", NAME, ENTRY),
        ("mv", NAME, "Adwarden/Connections/Contoso, Europe", "Clients"),
        ("attachment-import", NAME, mine, "contract.txt", "contract.txt"),
    ):
        keepassxc(tmp_path, *command)
    content = content_of(tmp_path / NAME)
    entry = entry_titled(content, "Contoso, Europe")
    tags = entry.find("Tags")
    if tags is None:
        tags = entry.makeelement("Tags")
        entry.append(tags)
    tags.text = "client,europe"
    write_content(tmp_path / NAME, content)
    # Renamed and given a note in Adwarden, then authorized anew.
    await accounts.apps.name_connection(kept.id, label="Europe", note="until June")
    before = (await services.places.get(*entry_of(accounts.roster.connections[0]))).secrets
    attempt = await accounts.begin(kept.app_id, kept.id)
    pin = authorize(attempt.request.url, "contoso")
    await accounts.keep(await accounts.finish(attempt, pin))
    (connection,) = accounts.roster.connections
    after = (await services.places.get(*entry_of(connection))).secrets
    show = ("show", "-s", "--all", "--show-attachments", NAME, mine)
    shown = keepassxc(tmp_path, *show)
    for line in (
        "Title: Contoso, Europe", "Notes: ask Jo", "Tags: client,europe", "label: Europe",
        "note: until June", f"Password: {after['secret'].unwrap()}",
    ):  # fmt: skip
        assert line in shown.splitlines()
    assert "contract.txt" in shown
    past = entry_titled(content_of(tmp_path / NAME), "Contoso, Europe").findall("History/Entry")
    titles = [strings(one)["Title"] for one in past]
    assert titles[0] == "@contoso · Agency app"
    assert titles[-2:] == ["Contoso, Europe"] * 2
    # What is disconnected is gone, with its past.
    accounts.removing.disconnect(connection.id, revoke=True)
    await accounts.close()
    export = keepassxc(tmp_path, "export", NAME)
    for secret in (*before.values(), *after.values()):
        assert secret.unwrap() not in export


async def test_a_connection_kept_in_a_file_works_after_a_restart(
    desk: Desk, tmp_path: Path, environment: None
) -> None:
    services = await opened(desk)
    await connect(services, desk)
    await services.accounts.vault_file.create(tmp_path / NAME, PASSWORD)
    await services.accounts.moving.move(FILE)
    await services.accounts.close()
    keepassxc(tmp_path, "mkdir", NAME, "Clients")
    keepassxc(tmp_path, "mv", NAME, ENTRY, "Clients")
    again = await opened(desk)
    await again.accounts.vault_file.enter(PASSWORD)
    (connection,) = again.accounts.roster.connections
    assert connection.place == FILE
    await again.accounts.refresh(connection.id)
    assert again.accounts.roster.connections[0].state is ConnectionState.WORKING
    await again.accounts.close()


def _secret_tool(*arguments: str) -> str:
    tool = shutil.which("secret-tool")
    if tool is None:
        return ""
    done = subprocess.run(
        [tool, *arguments], env=os.environ, capture_output=True, text=True, check=False, timeout=20
    )
    return done.stdout
