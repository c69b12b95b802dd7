"""Leaving, an app's further secrets and stray entries: undone, quit over and killed within the
ten seconds, in the real window with a real keychain."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from tests.flows.desk import Desk
from tests.flows.outside import Program
from tests.flows.test_undo import INVALIDATE

pytestmark = [pytest.mark.flow, pytest.mark.keychain]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3, accounts=8))
    server.start()
    yield server
    server.stop()


def two(desk: Desk) -> None:
    """Leave two connections of one app in folder and keychain."""
    desk.filled()
    with desk.start() as program:
        program.painted()
        desk.connect(program, "northwind_ads")
        program.ask("rested")
        program.close()


def leave_both(program: Program) -> str:
    program.ask("row", parts=["@contoso"])
    program.ask("select", handle="@contoso")
    program.ask("leave", count=2)
    for handle in ("@contoso", "@northwind_ads"):
        program.ask("disconnected", handle=handle)
    return "Undo: 2 connections of Agency app removed"


def kill(program: Program) -> None:
    os.kill(program.process.pid, signal.SIGKILL)
    program.process.wait()


@pytest.mark.parametrize("end", ["undo", "kill", "quit", "wait"])
def test_leaving(desk: Desk, end: str) -> None:
    two(desk)
    before = desk.seen()
    with desk.start() as program:
        program.painted()
        undo = leave_both(program)
        assert desk.seen().snapshot == before.snapshot
        assert desk.seen().pending == before.pending
        assert desk.server.journal.count(INVALIDATE) == 0
        if end == "kill":
            kill(program)
        elif end == "undo":
            program.ask("press", name=undo)
            for handle in ("@contoso", "@northwind_ads"):
                program.ask("row", parts=[handle, "Working"])
            program.close()
        else:
            if end == "wait":
                program.ask("words", parts=["2 connections of Agency app were revoked at X"])
            program.close()
            assert program.process.returncode == 0
    after = desk.seen()
    gone = end in ("quit", "wait")
    assert desk.server.journal.count(INVALIDATE) == (2 if gone else 0)
    if gone:
        assert after.snapshot.connections == ()
        assert [step for step in after.pending if step.kind != "rebuild"] == []
    else:
        assert after.snapshot.connections == before.snapshot.connections
        assert after.pending == before.pending


@pytest.mark.parametrize("end", ["undo", "kill", "quit"])
def test_a_bearer_token(desk: Desk, end: str) -> None:
    desk.filled()
    with desk.start() as program:
        program.painted()
        program.ask("select_app", label="Agency app")
        program.ask("keep_client", client_id="an0id", client_secret="a0secret")
        before = desk.seen()
        assert before.snapshot.apps[0].holds == ("bearer", "client_id", "client_secret")
        program.ask("drop_bearer")
        program.ask("words", parts=["None kept: Bearer token"])
        assert desk.seen().snapshot.apps == before.snapshot.apps
        assert desk.seen().pending == before.pending
        if end == "kill":
            kill(program)
        else:
            if end == "undo":
                program.ask("press", name="Undo: Bearer token of Agency app removed")
                program.ask("press", name="Copy Bearer token")
            program.close()
            assert program.process.returncode == 0
    gone = end == "quit"
    after = desk.seen()
    assert [step for step in after.pending if step.kind != "rebuild"] == []
    assert ("bearer" in after.snapshot.apps[0].holds) is not gone
    with desk.start() as program:
        program.painted()
        program.ask("select_app", label="Agency app")
        if gone:
            program.ask("words", parts=["None kept: Bearer token"])
        else:
            program.ask("press", name="Copy Bearer token")  # it is in the keychain
            program.ask("words", parts=["copied"])
        program.close()


def test_stray_entries(desk: Desk, tmp_path: Path) -> None:
    desk.filled()
    Desk(tmp_path / "another", desk.server, desk.keyring).filled()
    for end in ("kill", "quit"):
        with desk.start() as program:
            program.painted()
            # What was deleted before the program was killed is there again.
            program.ask("delete_strays", count=2)
            assert not [step for step in desk.seen().pending if step.kind != "rebuild"]
            if end == "kill":
                kill(program)
            else:
                program.close()
                assert program.process.returncode == 0
    with desk.start() as program:
        program.painted()
        program.ask("press", name="Refresh")
        program.ask("words", parts=["Refreshed"])
        assert program.ask("strays") == 0
        program.close()
