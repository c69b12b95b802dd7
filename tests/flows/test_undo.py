"""What is disconnected can be undone for ten seconds: in the real window, to its every end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from adwarden.domain.model import ConnectionState
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services.removing import UNDO_SECONDS
from adwarden.session import CLOSE_SECONDS
from tests.flows.desk import Desk
from tests.flows.outside import Program

pytestmark = [pytest.mark.flow, pytest.mark.keychain]

INVALIDATE = "/1.1/oauth/invalidate_token.json"
WAYS = {"here": "Disconnect here", "revoke": "Revoke at X and remove"}


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3, accounts=8))
    server.start()
    yield server
    server.stop()


def disconnect(program: Program, how: str) -> None:
    """Disconnect @contoso, and wait until it is out of sight."""
    program.ask("row", parts=["@contoso"])
    program.ask("select", handle="@contoso")
    program.ask("press", name="Disconnect")
    program.ask("answer", name=WAYS[how])
    program.ask("disconnected", handle="@contoso")


@pytest.mark.parametrize("how", ["here", "revoke"])
def test_undone_it_is_all_there_again(desk: Desk, how: str) -> None:
    desk.filled()
    before = desk.seen()
    with desk.start() as program:
        program.painted()
        disconnect(program, how)
        assert desk.seen().snapshot == before.snapshot  # nothing has happened yet
        program.ask("press", name="Undo: @contoso disconnected")
        program.ask("row", parts=["@contoso", "Working"])
        program.close()
        assert program.process.returncode == 0
    assert desk.seen().snapshot.connections == before.snapshot.connections
    assert desk.seen().snapshot.entries == before.snapshot.entries
    assert desk.server.journal.count(INVALIDATE) == 0


@pytest.mark.parametrize("how", ["here", "revoke"])
def test_after_ten_seconds_it_is_gone_for_good(desk: Desk, how: str) -> None:
    desk.filled()
    with desk.start() as program:
        program.painted()
        disconnect(program, how)
        began = time.monotonic()
        done = "revoked at X and removed" if how == "revoke" else "@contoso was disconnected"
        program.ask("words", parts=[done])
        assert time.monotonic() - began > UNDO_SECONDS - 3
        assert desk.seen().snapshot.connections == ()
        assert desk.server.journal.count(INVALIDATE) == (how == "revoke")
        program.close()


@pytest.mark.parametrize("how", ["here", "revoke"])
def test_quitting_carries_it_out_at_once(desk: Desk, how: str) -> None:
    desk.filled()
    with desk.start() as program:
        program.painted()
        disconnect(program, how)
        assert desk.server.journal.count(INVALIDATE) == 0
        assert program.close() < CLOSE_SECONDS
        assert program.process.returncode == 0
    seen = desk.seen()
    assert seen.snapshot.connections == ()
    assert [step for step in seen.pending if step.kind != "rebuild"] == []
    assert desk.server.journal.count(INVALIDATE) == (how == "revoke")


def test_a_silent_x_does_not_hold_up_quitting_and_hears_of_it_at_the_next_start(
    desk: Desk,
) -> None:
    desk.filled()
    with desk.start() as program:
        program.painted()
        disconnect(program, "revoke")
        desk.server.faults.add(Kind.LATENCY, INVALIDATE, seconds=20)
        assert program.close() < CLOSE_SECONDS + 2
    seen = desk.seen()
    assert seen.state is ConnectionState.REVOKING
    assert "revoke" in [step.kind for step in seen.pending]
    desk.server.faults.clear()
    with desk.start() as program:
        program.painted()
        program.ask("words", parts=["@contoso was revoked at X and removed"])
        program.ask("disconnected", handle="@contoso")
        program.close()
    seen = desk.seen()
    assert seen.snapshot.connections == ()
    assert [step for step in seen.pending if step.kind != "rebuild"] == []


def test_without_a_network_it_is_shown_as_being_revoked_with_a_way_to_retry(desk: Desk) -> None:
    desk.filled()
    with desk.start() as program:
        program.painted()
        disconnect(program, "revoke")
        desk.server.faults.add(Kind.DROP, INVALIDATE, times=0)
        program.close()
    with desk.start() as program:
        program.painted()
        program.ask("row", parts=["@contoso", "Being revoked"])
        program.ask("words", parts=["@contoso is still to be revoked at X"])
        desk.server.faults.clear()
        program.ask("press", name="Revoke again")
        program.ask("disconnected", handle="@contoso")
        program.close()
    assert desk.seen().snapshot.connections == ()
    assert desk.server.journal.count(INVALIDATE, status=200) == 1


@pytest.mark.parametrize("how", ["here", "revoke"])
def test_ended_by_force_within_the_ten_seconds_it_is_simply_there(desk: Desk, how: str) -> None:
    desk.filled()
    before = desk.seen()
    with desk.start() as program:
        program.painted()
        disconnect(program, how)
        os.kill(program.process.pid, signal.SIGKILL)
        program.process.wait()
    after = desk.seen()
    assert after.snapshot.connections == before.snapshot.connections
    assert after.pending == before.pending
    assert desk.server.journal.count(INVALIDATE) == 0
    with desk.start() as program:
        program.painted()
        program.ask("row", parts=["@contoso", "Working"])
        program.ask("press", name="Refresh")
        program.ask("words", parts=["Refreshed"])
        program.close()
