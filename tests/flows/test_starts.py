"""Starts, ends and accidents of the whole program, each in a process of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from jeepney import DBusAddress, new_signal

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import Connection, ConnectionState, Credential
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services.roster import entry_of
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.schema import APPLICATION_ID
from adwarden.storage.vault import Vault
from tests.fakes.person import authorize
from tests.fakes.prompter import SilentPrompter
from tests.flows import keychain
from tests.flows.desk import NO_PAGE, Desk
from tests.flows.driver import TICK
from tests.flows.outside import LIMIT, Program, surroundings
from tests.storage.folders import read_only, small_disk
from tests.system.test_lock_signals import Bus, Speaker, rules

pytestmark = [pytest.mark.flow, pytest.mark.keychain]

PROMPTLY = 3.5
"""Seconds within which the program ends, whatever hangs."""

NOBODY = {"QT_QPA_PLATFORM": "offscreen"}
"""Where somebody could see it, the box of a start that is refused would wait for them."""


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.faults.limits.be_generous()
    server.start()
    yield server
    server.stop()


# Two at once


def test_a_second_start_raises_the_first_and_ends(desk: Desk) -> None:
    with desk.start() as first:
        first.painted().ask("minimise")
        second = subprocess.run(
            [sys.executable, "-P", "-m", "adwarden", "--data-dir", str(desk.folder)],
            env=surroundings(desk.environment), capture_output=True, text=True, timeout=20,
            check=False,
        )  # fmt: skip
        assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
        first.ask("raised")
        assert first.ask("shown") == ["Adwarden"]
        first.close()
        assert (first.process.returncode, first.stderr) == (0, "")


@pytest.mark.parametrize("number", [2, 4])
def test_of_starts_at_once_one_opens_its_window(desk: Desk, number: int) -> None:
    programs = [desk.start() for _ in range(number)]
    try:
        deadline = time.monotonic() + 20
        while sum(one.process.poll() is None for one in programs) > 1:
            assert time.monotonic() < deadline, "several go on"
            for one in programs:
                try:
                    one.process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
        (first,) = [one for one in programs if one.process.poll() is None]
        assert first.painted().ask("shown") == ["Adwarden"]
        first.close()
        assert [one.process.returncode for one in programs] == [0] * number
        assert [one.stderr for one in programs] == [""] * number
    finally:
        for one in programs:
            one.__exit__(None, None, None)


# Ends


@pytest.mark.parametrize(
    "path", ["/12/accounts", "/oauth/request_token", "/1.1/oauth/invalidate_token.json"]
)
def test_it_ends_promptly_while_a_call_hangs(desk: Desk, path: str) -> None:
    desk.filled()
    desk.server.faults.add(Kind.LATENCY, path, times=0, seconds=60.0)
    with desk.start() as program:
        program.painted().ask("select", handle="@contoso")
        if path == "/12/accounts":
            program.ask("press", name="Refresh")
        elif path == "/oauth/request_token":
            program.ask("press", name="Connect account")
        else:
            program.ask("press", name="Disconnect")
            program.ask("answer", name="Revoke at X and remove")
        _until(lambda: desk.server.faults.hits(path))
        assert program.close() < PROMPTLY
        assert (program.process.returncode, program.stderr) == (0, "")
    # Nothing was done by halves; what X has not answered to is noted, and asked again.
    (connection,) = desk.seen().snapshot.connections
    revoking = "invalidate" in path
    assert connection.state is (ConnectionState.REVOKING if revoking else ConnectionState.WORKING)


def test_closing_while_x_is_asked_for_the_token_loses_nothing(desk: Desk) -> None:
    with desk.start() as program:
        program.painted()
        desk.add_app(program)
        pin = authorize(program.ask("link"), "contoso")
        desk.server.faults.add(Kind.LATENCY, "/oauth/access_token", seconds=2.0)
        program.ask("enter_pin", pin=pin, wait="")
        _until(lambda: desk.server.faults.hits("/oauth/access_token"))
        program.ask("close")
        program.ask("words", parts=["Waiting for X’s answer"], on="Connect account")
        program.ask("words", parts=["The token is not stored yet"], on="Connect account")
        program.ask("press", name="Keep it", on="Connect account")
        # The wish to close is remembered: once the token is kept, it ends by itself.
        assert (program.process.wait(LIMIT), program.stderr) == (0, "")
    (connection,) = desk.seen().snapshot.connections
    assert (connection.handle, connection.state) == ("@contoso", ConnectionState.WORKING)
    _fetched_by_itself(desk)


def test_a_kill_right_after_connecting_leaves_nothing_unfetched(desk: Desk) -> None:
    with desk.start() as program:
        program.painted()
        desk.add_app(program)
        pin = authorize(program.ask("link"), "contoso")
        program.ask("die_at", boundary=8)
        program.send("enter_pin", pin=pin)
        assert program.killed() == "after Directory.replace_connection"
    _fetched_by_itself(desk)


def _fetched_by_itself(desk: Desk) -> None:
    """Start again: nobody has to ask for what a new connection reaches."""
    (connection,) = desk.seen().snapshot.connections
    assert connection.checked_at is None
    with desk.start() as program:
        program.painted()
        _until(lambda: desk.seen().snapshot.connections[0].checked_at is not None)
        assert desk.seen().snapshot.entries[connection.id]
        program.ask("row", parts=["@contoso", "Working"])
        assert program.close() < PROMPTLY
        assert (program.process.returncode, program.stderr) == (0, "")


@pytest.mark.parametrize("during", ["start", "add an app", "refresh", "connect"])
def test_it_ends_promptly_while_the_keychain_hangs(desk: Desk, during: str) -> None:
    desk.filled()
    frozen = desk.keyring.daemon.pid
    with desk.start() as program:
        try:
            if during == "start":
                os.kill(frozen, signal.SIGSTOP)
                program.painted()
            else:
                program.painted()
                program.ask("rested")
                os.kill(frozen, signal.SIGSTOP)
            if during == "add an app":
                keys = {"key": desk.app.key, "secret": desk.app.secret}
                program.ask("begin_app", label="Another", **keys)
            elif during == "refresh":
                program.ask("press", name="Refresh")
            elif during == "connect":
                program.ask("press", name="Connect account")
            took = program.close()
            assert took < PROMPTLY
            assert (program.process.returncode, program.stderr) == (0, "")
        finally:
            os.kill(frozen, signal.SIGCONT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(desk: Desk, number: signal.Signals) -> None:
    desk.filled()
    with desk.start() as program:
        program.painted().ask("press", name="Refresh")
        started = time.monotonic()
        program.process.send_signal(number)
        assert program.process.wait(20) == 0
        assert time.monotonic() - started < PROMPTLY
        assert program.stderr == ""
    assert "geometry" in (desk.folder / "settings.ini").read_text()


def test_closing_in_the_middle_of_a_refresh_keeps_what_has_come(desk: Desk) -> None:
    desk.filled()
    for answers in (1, 3, 6):
        with desk.start() as program:
            before = desk.server.journal.count("/12/")
            program.painted().ask("press", name="Refresh")
            desk.server.journal.wait_for(before + answers, "/12/")
            assert program.close() < PROMPTLY
            assert (program.process.returncode, program.stderr) == (0, "")
        directory, problem = Directory.open(DataFolder(desk.folder))
        (connection,) = directory.snapshot().connections
        assert problem is None
        assert connection.state is ConnectionState.WORKING
        assert directory.entries(connection.id)
        directory.close()


# Killed


COURSES = {
    "add an app": tuple(range(1, 7)),
    "connect": tuple(range(2, 13)),
    "disconnect": tuple(range(2, 11)),
}
"""What is under way, and the boundaries of its steps at which the program is killed."""


@pytest.mark.parametrize("course", COURSES)
def test_a_kill_at_any_moment_loses_nothing_that_was_listed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, course: str
) -> None:
    for name, value in desk.keyring.environment.items():
        monkeypatch.setenv(name, value)
    desk.filled()
    with closing(Vault()) as vault:
        where = _killed_at_each(desk, vault, course)
    print(f"{len(where)} kills: {', '.join(where)}")
    assert all(where)
    assert len(set(where)) >= len(where) // 2


def _killed_at_each(desk: Desk, vault: Vault, course: str) -> list[str]:
    """Kill the program at every boundary of a course; return the names of the boundaries."""
    where = []
    listed = _listed(desk)
    for boundary in (*COURSES[course], 0):
        with desk.start() as program:
            program.painted()
            _recovered(desk, program)
            _check(desk, vault)
            apps, connections = _listed(desk)
            assert listed[0] <= apps
            assert course == "disconnect" or listed[1] <= connections
            if not boundary:
                assert program.close() < PROMPTLY
                assert (program.process.returncode, program.stderr) == (0, "")
                break
            if not connections:
                desk.connect(program, "contoso")
            listed = _listed(desk)
            program.ask("die_at", boundary=boundary)
            with pytest.raises((AssertionError, OSError)):
                _go(desk, program, course, f"App {boundary}")
            where.append(program.killed())
    return where


def _recovered(desk: Desk, program: Program) -> None:
    """Wait until what the last end left half done is ended; tell what the window says if not."""
    try:
        _until(lambda: not desk.seen().pending)
    except AssertionError as error:
        error.add_note(f"{desk.seen().pending}; the window: {program.ask('words', parts=[])}")
        raise


def _go(desk: Desk, program: Program, course: str, label: str) -> None:
    if course == "add an app":
        desk.add_app(program, label)
    elif course == "connect":
        desk.connect(program, "contoso")
    else:
        program.ask("select", handle="@contoso")
        program.ask("press", name="Disconnect")
        program.ask("answer", name="Revoke at X and remove")
        program.ask("disconnected", handle="@contoso")
        # Quitting is the end of the seconds in which it can be undone.
        program.close()
        assert program.process.returncode == 0
    program.ask("rested")


def test_what_was_left_is_ended_once_a_slow_keychain_answers(desk: Desk) -> None:
    desk.filled()
    with desk.start() as program:
        program.painted().ask("die_at", boundary=2)
        with pytest.raises((AssertionError, OSError)):
            _go(desk, program, "disconnect", "")
        assert program.killed()
    assert desk.seen().pending
    frozen = desk.keyring.daemon.pid
    os.kill(frozen, signal.SIGSTOP)
    try:
        with desk.start() as program:
            program.painted().ask("words", parts=["The system keychain failed"])
            os.kill(frozen, signal.SIGCONT)
            _recovered(desk, program)
            program.ask("rested")
            assert "keychain failed" not in program.ask("words", parts=[])
            program.close()
            assert (program.process.returncode, program.stderr) == (0, "")
    finally:
        os.kill(frozen, signal.SIGCONT)
    assert not desk.seen().snapshot.connections


# Bad files


def test_a_damaged_index_is_said_and_rebuilt_from_the_keychain(desk: Desk) -> None:
    desk.filled()
    for name in ("directory.sqlite3-wal", "directory.sqlite3-shm"):
        (desk.folder / name).unlink(missing_ok=True)
    damaged = b"this is not a database" * 400
    (desk.folder / "directory.sqlite3").write_bytes(damaged)
    with desk.start() as program:
        program.painted().ask("row", parts=["@contoso"])
        program.ask("words", parts=["The list of accounts was damaged"])
        program.ask("press", name="Refresh")
        program.ask("row", parts=["@contoso", "Working"])
        program.close()
        assert program.process.returncode == 0
    (aside,) = desk.folder.glob("directory.sqlite3.damaged-*")
    assert aside.read_bytes() == damaged


@pytest.mark.parametrize("arguments", [(), ("@contoso",)])
def test_a_console_refresh_of_a_damaged_index_rebuilds_it_from_the_keychain(
    desk: Desk, arguments: tuple[str, ...]
) -> None:
    desk.filled()
    for name in ("directory.sqlite3-wal", "directory.sqlite3-shm"):
        (desk.folder / name).unlink(missing_ok=True)
    (desk.folder / "directory.sqlite3").write_bytes(b"this is not a database" * 400)
    console = desk.console("refresh", *arguments)
    out, err = console.communicate(timeout=60)
    assert console.returncode == 0, err
    assert "adwarden: The list of accounts was damaged." in err
    assert "Traceback" not in err
    assert "@contoso" in out
    seen = desk.seen()
    assert (seen.state, seen.jobs, seen.pending) == (ConnectionState.WORKING, (), ())
    assert seen.whole
    assert len(list(desk.folder.glob("directory.sqlite3.damaged-*"))) == 1
    again = desk.console("refresh")
    assert again.communicate(timeout=60) == ("Nothing changed.\n", "")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("directory.sqlite3", "The list of accounts was damaged"),
        ("settings.ini", "The settings could not be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_moved_aside_and_said(
    desk: Desk, what: str, words: str
) -> None:
    (desk.folder / what).unlink(missing_ok=True)
    (desk.folder / what).mkdir()
    (desk.folder / what / "precious").write_text("kept")
    with desk.start() as program:
        program.painted().ask("words", parts=[words])
        program.close()
        assert program.process.returncode == 0
    kept = [path.read_text() for path in desk.folder.rglob("precious")]
    assert kept == ["kept"]


def test_damaged_settings_are_said_and_kept(desk: Desk) -> None:
    (desk.folder / "settings.ini").write_bytes(b"\x00\xff[[[=\n\xfe" * 50)
    with desk.start() as program:
        program.painted().ask("words", parts=["The settings could not be read"])
        program.close()
        assert program.process.returncode == 0
    assert len(list(desk.folder.glob("settings.ini.damaged-*"))) == 1


def test_an_index_of_a_newer_version_is_left_alone(desk: Desk) -> None:
    path = desk.folder / "directory.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 99")
        db.execute("CREATE TABLE later (thing TEXT)")
    db.close()
    before = path.read_bytes()
    with desk.start() as program:
        program.painted().ask("words", parts=["newer"])
        keys = {"key": desk.app.key, "secret": desk.app.secret}
        program.ask("begin_app", label="Another", **keys)
        program.ask("words", parts=["newer"], on="Add X app")
        program.ask("close_dialog", name="Add X app")
        assert program.close() < PROMPTLY
        assert program.process.returncode == 0
    assert path.read_bytes() == before
    assert not list(desk.folder.glob("*.damaged-*"))


def test_a_read_only_folder_is_said_and_nothing_changes(desk: Desk) -> None:
    desk.filled()
    before = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()}
    with read_only(desk.folder), desk.start(**NOBODY) as program:
        assert program.process.wait(20) == 1
        assert "data folder" in program.stderr
        assert "--data-dir" in program.stderr
        assert "Traceback" not in program.stderr
    assert {path: path.read_bytes() for path in before} == before
    with desk.start() as program:
        program.painted().ask("row", parts=["@contoso"])
        program.close()


def test_a_full_disk_is_said_and_nothing_is_lost(desk: Desk, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "512k") as disk:
        desk.folder = disk
        (disk / "settings.ini").write_text(NO_PAGE)
        desk.filled()
        with (disk / "ballast").open("wb", buffering=0) as ballast:
            try:
                while ballast.write(b"x" * 512):
                    pass
            except OSError:
                pass
        with desk.start() as program:
            program.painted().ask("words", parts=["The list of accounts cannot be used", "disk"])
            keys = {"key": desk.app.key, "secret": desk.app.secret}
            program.ask("begin_app", label="Another", **keys)
            program.ask("words", parts=["The list of accounts cannot be used"], on="Add X app")
            program.ask("close_dialog", name="Add X app")
            assert program.close() < PROMPTLY
            assert program.process.returncode == 0
            assert "Traceback" not in program.stderr
        (disk / "ballast").unlink()
        with desk.start() as program:
            program.painted().ask("press", name="Refresh")
            program.ask("row", parts=["@contoso", "Working"])
            program.close()
            assert program.process.returncode == 0


# What cannot work


def test_without_a_display_it_says_so(desk: Desk) -> None:
    nothing = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "QT_QPA_PLATFORM": None}
    with desk.start(**nothing) as program:
        assert program.process.wait(20) == 1
        assert program.stderr.startswith("adwarden: ")
        assert "DISPLAY" in program.stderr
        assert "Traceback" not in program.stderr


def test_an_address_without_encryption_is_refused(desk: Desk) -> None:
    with desk.start(ADWARDEN_X_API_URL="http://api.x.com", **NOBODY) as program:
        assert program.process.wait(20) == 2
        assert "ADWARDEN_X_API_URL" in program.stderr


# Without a keychain


@pytest.mark.parametrize("bus", ["unix:path=/nonexistent/bus", None])
def test_without_any_keychain_adding_an_app_says_what_to_do(desk: Desk, bus: str | None) -> None:
    with desk.start(DBUS_SESSION_BUS_ADDRESS=bus) as program:
        program.painted().ask("words", parts=["There is no system keychain"])
        keys = {"key": desk.app.key, "secret": desk.app.secret}
        program.ask("begin_app", label="Agency app", **keys)
        program.ask("words", parts=["Start Adwarden from a desktop session"], on="Add X app")
        program.ask("close_dialog", name="Add X app")
        assert program.close() < PROMPTLY
        assert program.process.returncode == 0
    found = b"".join(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())
    assert desk.app.key.encode() not in found
    assert desk.app.secret.encode() not in found
    # Nothing half-made is left for the day on which there is a keychain.
    with desk.start() as program:
        program.painted()
        desk.add_app(program)
        desk.connect(program, "contoso")
        program.close()


def test_a_keychain_locked_at_the_start_is_shown_and_can_be_retried(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.filled()
    for name, value in desk.keyring.environment.items():
        monkeypatch.setenv(name, value)
    keychain.lock()
    with desk.start() as program:
        program.painted().ask("words", parts=["is locked"])
        program.ask("row", parts=["@contoso"])
        keychain.unlock()
        program.ask("press", name="Unlock and retry")
        _until(lambda: desk.seen().state is ConnectionState.WORKING)
        program.ask("rested")
        assert "is locked" not in program.ask("words", parts=[])
        assert program.close() < PROMPTLY
        assert (program.process.returncode, program.stderr) == (0, "")


def test_a_question_of_the_system_that_nobody_answers_can_be_left_and_holds_up_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.filled()
    for name, value in desk.keyring.environment.items():
        monkeypatch.setenv(name, value)
    keychain.lock()
    with SilentPrompter(desk.keyring.address) as prompter, desk.start() as program:
        program.painted().ask("words", parts=["is locked"])
        program.ask("press", name="Unlock and retry")
        assert prompter.asked.wait(20)
        program.ask("words", parts=["Waiting for GNOME Keyring"])
        program.ask("press", name="Cancel")
        # The keychain answers at once that it is locked, and what of: it is not "busy".
        program.ask("words", parts=["is locked", "still open", "Unlocking was cancelled"])
        assert not prompter.stopped.is_set()
        program.ask("press", name="Unlock and retry")
        program.ask("words", parts=["Waiting for GNOME Keyring"])
        keychain.unlock()
        prompter.refuse()
        # It waited for that same question, and sees that the keychain is open by now.
        program.ask("words", parts=["GNOME Keyring, unlocked"])
        _until(lambda: desk.seen().state is ConnectionState.WORKING)
        assert prompter.begun == 1
        assert program.close() < PROMPTLY
        assert (program.process.returncode, program.stderr) == (0, "")


def test_the_program_ends_at_once_with_a_question_of_the_system_open(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.filled()
    for name, value in desk.keyring.environment.items():
        monkeypatch.setenv(name, value)
    keychain.lock()
    with SilentPrompter(desk.keyring.address) as prompter:
        with desk.start() as program:
            program.painted().ask("words", parts=["is locked"])
            program.ask("press", name="Unlock and retry")
            assert prompter.asked.wait(20)
            assert program.close() < PROMPTLY
            assert (program.process.returncode, program.stderr) == (0, "")
        # The keyring outlives it, and answers the next one.
        keychain.unlock()
        with desk.start() as program:
            program.painted().ask("row", parts=["@contoso"])
            program.ask("rested")
            assert "is locked" not in program.ask("words", parts=[])
            program.close()


def test_a_locked_screen_clears_a_copied_secret_with_the_keychain_alone(desk: Desk) -> None:
    desk.filled()
    bus = cast("Bus", desk.keyring)  # of which only the address counts
    name = "org.freedesktop.ScreenSaver"
    with desk.start() as program, closing(Speaker(bus, name).connection) as saver:
        program.painted().ask("row", parts=["@contoso"])
        program.ask("select", handle="@contoso")
        assert not rules(bus, name)
        program.ask("copy_secret", what="Access token secret")
        _until(lambda: rules(bus, name))
        screen = DBusAddress("/ScreenSaver", name, name)
        saver.send(new_signal(screen, "ActiveChanged", "b", (True,)))
        program.ask("words", parts=["Cleared from the clipboard"])
        _until(lambda: not rules(bus, name))
        assert program.close() < PROMPTLY
        assert (program.process.returncode, program.stderr) == (0, "")


# Looking into the folder


def _listed(desk: Desk) -> tuple[set[str], set[tuple[str, str]]]:
    """Return the labels of the apps, and app and user of the connections, that are listed."""
    seen = desk.seen().snapshot
    return (
        {app.label for app in seen.apps},
        {(connection.app_id, connection.user_id) for connection in seen.connections},
    )


def _check(desk: Desk, vault: Vault) -> None:
    """Hold the index against the keychain: what is listed has its secrets, or says it has not."""
    seen = desk.seen().snapshot
    assert len({app.label for app in seen.apps}) == len(seen.apps)
    for app in seen.apps:
        assert vault.get(*entry_of(app)[:2]).secrets["key"].unwrap() == desk.app.key
    for connection in seen.connections:
        found = _found(vault, connection)
        if found is ErrorCode.ENTRY_MISSING:
            assert connection.state is ConnectionState.NEEDS_AUTHORIZATION
        else:
            assert isinstance(found, Credential)
            assert found.facts["user_id"] == connection.user_id
    # Nothing of a half-made step is left in the keychain either.
    kept = [entry_of(app) for app in seen.apps] + [entry_of(one) for one in seen.connections]
    ours = {one[:2] for one in kept}
    assert set(vault.known()) == ours


def _found(vault: Vault, connection: Connection) -> Credential | ErrorCode:
    try:
        return vault.get(*entry_of(connection)[:2])
    except KeychainError as error:
        return error.code


def _until(true: Callable[[], object], limit: float = 20.0) -> None:
    deadline = time.monotonic() + limit
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, "not within the time"
        pause.wait(TICK)
