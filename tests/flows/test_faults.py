"""What a person sees when something below breaks for real: keychain, disk, network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adwarden.domain.model import ConnectionState
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services.roster import entry_of
from tests.fakes.person import authorize
from tests.flows.desk import NO_PAGE, Desk
from tests.flows.driver import TICK
from tests.flows.outside import LIMIT, surroundings
from tests.flows.test_undo import INVALIDATE, disconnect
from tests.storage.folders import read_only

pytestmark = [pytest.mark.flow, pytest.mark.keychain]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.faults.limits.be_generous()
    server.start()
    yield server
    server.stop()


def secret_tool(desk: Desk, *arguments: str, password: str = "") -> str:
    """Run the keychain's own program for the console, as its owner would."""
    tool = shutil.which("secret-tool")
    if tool is None:
        pytest.skip("secret-tool (Debian: libsecret-tools) is not installed")
    done = subprocess.run(
        [tool, *arguments],
        input=password,
        env=surroundings(desk.environment),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return done.stdout + done.stderr


def entry(desk: Desk) -> tuple[str, ...]:
    """Return what finds the first connection's entry."""
    kept = entry_of(desk.seen().snapshot.connections[0])
    return "service", kept.service, "username", kept.username


def until(seen: Callable[[], object]) -> None:
    """Wait until the server has seen it."""
    deadline = time.monotonic() + LIMIT
    pause = threading.Event()
    while not seen():
        assert time.monotonic() < deadline, "not seen in time"
        pause.wait(TICK)


# Keychain


def test_a_keychain_that_takes_long_is_said_and_what_was_typed_stays(desk: Desk) -> None:
    frozen = desk.keyring.daemon.pid
    with desk.start() as program:
        program.painted().ask("rested")
        os.kill(frozen, signal.SIGSTOP)
        try:
            keys = {"key": desk.app.key, "secret": desk.app.secret}
            program.ask("begin_app", label="Agency app", **keys)
            # Whatever was asked first did not answer in time; what came after found it busy.
            program.ask("words", parts=["The system keychain", "ry again"], on="Add X app")
        finally:
            os.kill(frozen, signal.SIGCONT)
        program.ask("press", name="Save", on="Add X app")
        program.ask("words", parts=["Now connect an account"])
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    (app,) = desk.seen().snapshot.apps
    assert app.label == "Agency app"


def test_a_keychain_that_ends_before_the_token_is_kept_loses_nothing(desk: Desk) -> None:
    with desk.start() as program:
        program.painted()
        desk.add_app(program)
        pin = authorize(program.ask("link"), "contoso")
        desk.server.faults.add(Kind.LATENCY, "/oauth/access_token", seconds=2.0)
        program.ask("enter_pin", pin=pin, wait="")
        until(lambda: desk.server.faults.hits("/oauth/access_token"))
        desk.keyring.kill_daemon()
        program.ask("words", parts=["The system keychain"], on="Connect account")
        desk.keyring.start_daemon()
        program.ask("press", name="Try again", on="Connect account")
        program.ask("row", parts=["@contoso", "Working"])
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.seen().state is ConnectionState.WORKING
    assert not desk.seen().pending


def test_a_keychain_that_cannot_write_is_said_and_nothing_is_listed(desk: Desk) -> None:
    home = Path(desk.keyring.environment["XDG_DATA_HOME"]) / "keyrings"
    with desk.start() as program:
        program.painted().ask("rested")
        with read_only(home):
            keys = {"key": desk.app.key, "secret": desk.app.secret}
            program.ask("begin_app", label="Agency app", **keys)
            program.ask("words", parts=["The system keychain failed"], on="Add X app")
            assert desk.seen().snapshot.apps == ()
        program.ask("press", name="Save", on="Add X app")
        program.ask("words", parts=["Now connect an account"])
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert len(desk.seen().snapshot.apps) == 1


def test_a_keychain_that_fails_at_reading_alone_is_said_and_nothing_is_called_revoked(
    desk: Desk,
) -> None:
    desk.filled()
    before = desk.seen().snapshot
    with desk.start() as program:
        program.painted().ask("rested")
        desk.keyring.forbid("Item.GetSecret", "Service.GetSecrets")
        program.ask("press", name="Refresh")
        program.ask("words", parts=["The system keychain failed"])
        program.ask("rested")
        now = desk.seen().snapshot
        assert (now.apps, now.entries) == (before.apps, before.entries)
        assert desk.seen().state not in (ConnectionState.REVOKED, None)
        assert desk.seen().state is not ConnectionState.NEEDS_AUTHORIZATION
        desk.keyring.forbid()
        program.ask("press", name="Refresh")
        program.ask("row", parts=["@contoso", "Working"])
        program.ask("rested")
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.seen().state is ConnectionState.WORKING


@pytest.mark.parametrize("how", ["here", "revoke"])
def test_a_keychain_that_fails_at_deleting_alone_keeps_it_listed_or_deletes_it_later(
    desk: Desk, how: str
) -> None:
    desk.filled()
    found = entry(desk)
    desk.keyring.forbid("Item.Delete")
    with desk.start() as program:
        program.painted()
        disconnect(program, how)
        program.close()  # which carries it out
        assert program.process.returncode == 0
    # X has forgotten a revoked token, and only then; the keychain has it still.
    assert desk.server.journal.count(INVALIDATE, status=200) == (how == "revoke")
    assert desk.seen().state is (
        ConnectionState.REVOKED if how == "revoke" else ConnectionState.WORKING
    )
    assert '"kind":"x-oauth1-token"' in secret_tool(desk, "lookup", *found)
    desk.keyring.forbid()
    with desk.start() as program:
        program.painted()
        if how == "revoke":
            program.ask("disconnected", handle="@contoso")
            assert desk.seen().snapshot.connections == ()
            assert secret_tool(desk, "lookup", *found) == ""
        else:
            program.ask("row", parts=["@contoso", "Working"])
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert not [step for step in desk.seen().pending if step.kind != "rebuild"]


@pytest.mark.parametrize("how", ["removed", "changed"])
def test_an_entry_that_its_owner_touched_asks_for_authorization(desk: Desk, how: str) -> None:
    desk.filled()
    found = entry(desk)
    assert "label = Password for" in secret_tool(desk, "search", *found)
    if how == "removed":
        secret_tool(desk, "clear", *found)
    else:
        secret_tool(desk, "store", "--label=changed", *found, password="something else")
    with desk.start() as program:
        program.painted().ask("press", name="Refresh")
        program.ask("row", parts=["@contoso", "authoriz"])
        program.ask("select", handle="@contoso")
        desk.connect(program, "contoso", press="Reconnect")
        program.ask("rested")
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.seen().state is ConnectionState.WORKING
    assert not desk.seen().pending


def test_the_keychains_own_program_shows_an_entry(desk: Desk) -> None:
    desk.filled()
    found = entry(desk)
    assert found[1].startswith("Adwarden · Agency app · ")
    shown = secret_tool(desk, "search", "--all", *found)
    assert f"attribute.username = {found[3]}" in shown
    assert '"kind":"x-oauth1-token"' in secret_tool(desk, "lookup", *found)


# Disk


def test_a_folder_without_permission_is_said(desk: Desk) -> None:
    desk.filled()
    setpriv = shutil.which("setpriv")
    if os.geteuid() == 0 and setpriv is None:
        pytest.skip("root may read anything, and nothing takes that right away here")
    # Where somebody could see it, a box would wait for them.
    prefix: tuple[str, ...] = ("env", "QT_QPA_PLATFORM=offscreen")
    if os.geteuid() == 0:
        bound = "--bounding-set=-dac_override,-dac_read_search"
        prefix += (str(setpriv), bound, "--inh-caps=-dac_override,-dac_read_search", "--")
    before = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()}
    desk.folder.chmod(0o000)
    try:
        with desk.start_after(prefix) as program:
            assert program.process.wait(20) == 1
            assert "data folder" in program.stderr
            assert "Traceback" not in program.stderr
    finally:
        desk.folder.chmod(0o700)
    assert {path: path.read_bytes() for path in before} == before


# Network


def test_silence_is_said_after_the_time_in_the_settings(desk: Desk) -> None:
    desk.filled()
    settings = desk.folder / "settings.ini"
    settings.write_text(f"{NO_PAGE}[server]\ntimeout_read = 1\n")
    desk.server.faults.add(Kind.LATENCY, "/12/accounts", times=0, seconds=60.0)
    with desk.start() as program:
        program.painted().ask("press", name="Refresh")
        program.ask("words", parts=["No answer in time"])
        program.ask("row", parts=["@contoso"])
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.seen().whole
