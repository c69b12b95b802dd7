"""The program with a KeePass file as its place: from a first connection to the next start."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.storage.keepass_place import KeepassPlace
from tests.flows.desk import NO_PAGE, Desk
from tests.flows.outside import Program
from tests.storage.keepass_parts import PASSWORD, keepassxc, needs_keepassxc, new_place

pytestmark = [pytest.mark.flow, pytest.mark.keychain]

UNLOCK = "Unlock team.kdbx"


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def team(folder: Path, tmp_path: Path) -> Path:
    """Return a new KeePass file, which the settings name."""
    place = new_place(tmp_path)
    place.lock()
    vault = f"[vault]\nplace = file\nfile = {place.path}\n"
    (folder / "settings.ini").write_text(NO_PAGE + vault)
    return place.path


def unlock(program: Program) -> None:
    program.ask("press", name="Unlock …")
    program.ask("fill", name="Master password", text="a b", on=UNLOCK)
    program.ask("press", name="Unlock", on=UNLOCK)
    program.ask("words", parts=["not the file"], on=UNLOCK)
    program.ask("fill", name="Master password", text=PASSWORD.unwrap(), on=UNLOCK)
    program.ask("press", name="Unlock", on=UNLOCK)
    program.ask("closed_one", name=UNLOCK)


def entries(path: Path) -> int:
    place = KeepassPlace(path, locks=path.parent / "locks")
    place.open(PASSWORD)
    return len(place.names())


@needs_keepassxc
def test_connect_quit_start_unlock_and_refresh_with_a_file(desk: Desk, team: Path) -> None:
    with desk.start() as program:
        program.painted()
        program.ask("words", parts=["team.kdbx is locked"])
        unlock(program)
        desk.add_app(program)
        desk.connect(program, "contoso")
        program.ask("rested")
        program.close()
        assert program.process.returncode == 0
    assert entries(team) == 2
    assert "@contoso" in keepassxc(team.parent, "ls", "-R", str(team))
    assert {one.place for one in desk.seen().snapshot.connections} == {"file"}
    desk.server.journal.clear()
    with desk.start() as program:
        program.painted()
        program.ask("row", parts=["@contoso", "Locked"])
        assert program.ask("shown") == ["Adwarden"]  # no prompt of its own
        assert desk.server.journal.entries("/12/") == []
        unlock(program)
        program.ask("row", parts=["@contoso", "Working"])
        program.ask("press", name="Refresh")
        assert desk.server.journal.wait_for(1, "/12/accounts", timeout=30)
        program.ask("rested")
        program.close()
        assert program.process.returncode == 0


def test_a_kill_while_the_file_is_open_loses_nothing_and_leaves_it_locked(
    desk: Desk, team: Path
) -> None:
    with desk.start() as program:
        program.painted()
        unlock(program)
        desk.add_app(program)
        desk.connect(program, "contoso")
        os.kill(program.process.pid, signal.SIGKILL)
        program.process.wait(timeout=10)
    assert entries(team) == 2
    with desk.start() as program:
        program.painted()
        program.ask("row", parts=["@contoso", "Locked"])
        unlock(program)
        program.ask("row", parts=["@contoso", "Working"])
        program.close()


def test_a_file_that_is_gone_is_said_and_the_rows_keep_their_names(desk: Desk, team: Path) -> None:
    with desk.start() as program:
        program.painted()
        unlock(program)
        desk.add_app(program)
        desk.connect(program, "contoso")
        program.ask("rested")
        program.close()
    team.rename(team.with_name("elsewhere.kdbx"))
    with desk.start() as program:
        program.painted()
        program.ask("words", parts=["The KeePass file is not there"])
        program.ask("row", parts=["@contoso", "File not open"])
        team.with_name("elsewhere.kdbx").rename(team)
        program.ask("press", name="Try again")
        program.ask("fill", name="Master password", text=PASSWORD.unwrap(), on=UNLOCK)
        program.ask("press", name="Unlock", on=UNLOCK)
        program.ask("row", parts=["@contoso", "Working"])
        program.close()


def test_the_console_says_that_the_file_is_locked(desk: Desk, team: Path) -> None:
    with desk.start() as program:
        program.painted()
        unlock(program)
        desk.add_app(program)
        desk.connect(program, "contoso")
        program.ask("rested")
        program.close()
    assert team.exists()
    console = desk.console("refresh", "@contoso")
    _, err = console.communicate(timeout=60)
    assert console.returncode == 4
    assert "The KeePass file is locked" in err
