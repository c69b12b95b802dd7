"""A refresh of many ad accounts in the whole program: killed, closed, held up by X's limits."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from adwarden.practice.limits import ACCESS, PROMOTABLE
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.wiring import HTTP_WORKERS
from tests.flows.desk import Desk

pytestmark = [pytest.mark.flow, pytest.mark.keychain]

ACCOUNTS = 400
USER = "agency_ops"


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3, accounts=ACCOUNTS))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Return a desk at which the agency is connected and nothing is fetched yet."""
    desk.connected(USER, latency=0.02)
    return desk


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_refresh_that_was_cut_off_goes_on_by_itself(desk: Desk, number: signal.Signals) -> None:
    with desk.start() as program:
        program.painted().ask("press", name="Refresh")
        assert desk.server.journal.wait_for(300, "/12/", timeout=20)
        program.process.send_signal(number)
        program.process.wait(20)
    before = desk.seen().whole
    assert 50 < before < ACCOUNTS - 50
    with desk.start() as program:
        program.painted()
        assert desk.server.journal.wait_for(2 * ACCOUNTS - 1, "/12/", timeout=20)
        program.ask("rested")
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.seen().whole == ACCOUNTS - 1
    # What was on its way, and a tenth of a second that was not saved yet.
    assert desk.repeated() <= 2 * HTTP_WORKERS + 0.1 / 0.02 * HTTP_WORKERS
    lists = [one for one in desk.server.journal.entries("/12/accounts") if one.path[-3:] == "nts"]
    assert len(lists) == 1
    assert desk.server.journal.statuses().get(429, 0) == 0


def test_a_wait_is_visible_and_ends_with_cancel_or_close(desk: Desk) -> None:
    desk.server.faults.limits.be_strict()
    for endpoint in (ACCESS, PROMOTABLE):
        desk.server.faults.limits.set(endpoint, 40)
    with desk.start() as program:
        program.painted().ask("press", name="Refresh")
        said = program.ask("words", parts=[f"of {ACCOUNTS - 1} ad accounts, resumes at "])
        assert ":" in said.split("resumes at ")[1][:5]
        asked = desk.server.journal.total
        program.ask("press", name="Cancel refresh")
        program.ask("rested")
        assert desk.server.journal.total == asked
        program.ask("press", name="Refresh")
        program.ask("words", parts=["resumes at "])
        assert program.close() < 2.0
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.server.journal.statuses().get(429, 0) == 0
