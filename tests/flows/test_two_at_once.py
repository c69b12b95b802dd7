"""Two processes of the program refresh one connection of one data folder at the same time."""

from __future__ import annotations

import select
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from adwarden.domain.model import ConnectionState
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from tests.flows.desk import Desk

pytestmark = [pytest.mark.flow, pytest.mark.keychain]

ACCOUNTS = 200
LATENCY = 0.1
CALLS = 1 + 2 * (ACCOUNTS - 1)
PATIENCE = 20.0
"""Seconds for a console to say something: fewer than a call is held."""
SAID = "(process {pid}) is refreshing this connection"


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3, accounts=ACCOUNTS))
    server.faults.limits.be_strict()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(desk: Desk) -> Desk:
    desk.connected("agency_ops", latency=LATENCY)
    return desk


def asked(desk: Desk, calls: int) -> None:
    assert desk.server.journal.wait_for(calls, "/12/", timeout=30)


def said(*consoles: subprocess.Popen[str], number: int = 1) -> None:
    """Wait until so many of the consoles have said something, which is left for ``ended``."""
    silent = {console.stderr for console in consoles if console.stderr is not None}
    while len(silent) > len(consoles) - number:
        told, _, _ = select.select(list(silent), [], [], PATIENCE)
        assert told, "nothing was said"
        silent.difference_update(told)


def ended(console: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = console.communicate(timeout=60)
    return console.returncode, out, err


def test_of_two_consoles_one_asks_and_the_other_takes_over_what_came(desk: Desk) -> None:
    first = desk.console("refresh")
    asked(desk, 20)
    with desk.held():
        second = desk.console("refresh", "--json")
        said(second)
    code, out, err = ended(first)
    assert (code, err) == (0, "")
    assert out.startswith("@agency_ops is connected and reaches ")
    code, out, err = ended(second)
    assert code == 0
    assert SAID.format(pid=first.pid) in err
    assert '"errors": []' in out
    assert desk.repeated() == 0
    assert desk.server.journal.count("/12/") == CALLS
    seen = desk.seen()
    assert (seen.whole, seen.jobs, seen.state) == (ACCOUNTS - 1, (), ConnectionState.WORKING)


def test_consoles_that_start_together_ask_for_nothing_twice(desk: Desk) -> None:
    with desk.held():
        consoles = [desk.console("refresh") for _ in range(3)]
        said(*consoles, number=2)
    told = [ended(one) for one in consoles]
    assert [code for code, _, _ in told] == [0, 0, 0]
    assert sum("is refreshing this connection" in err for _, _, err in told) == 2
    assert desk.server.journal.count("/12/") == CALLS
    assert desk.seen().jobs == ()


def test_who_waits_goes_on_where_a_killed_one_stopped(desk: Desk) -> None:
    first = desk.console("refresh")
    asked(desk, 20)
    with desk.held():
        second = desk.console("refresh")
        assert second.stderr is not None
        assert SAID.format(pid=first.pid) in second.stderr.readline()
    asked(desk, 100)
    first.kill()
    first.communicate(timeout=20)
    code, _, err = ended(second)
    assert (code, err) == (0, "")
    seen = desk.seen()
    assert (seen.whole, seen.jobs) == (ACCOUNTS - 1, ())
    # What was on its way, and a tenth of a second that was not saved yet.
    assert desk.repeated() <= 2 * 32
    assert desk.server.journal.count("/12/accounts", status=429) == 0


def test_who_is_cancelled_while_waiting_leaves_the_other_alone(desk: Desk) -> None:
    first = desk.console("refresh")
    asked(desk, 20)
    with desk.held(), desk.start() as program:
        program.painted().ask("press", name="Refresh")
        program.ask("words", parts=["Waiting for another Adwarden"])
        program.ask("press", name="Cancel refresh")
        began = time.monotonic()
        program.ask("rested")
        assert time.monotonic() - began < 1.0
        assert desk.seen().jobs, "the other one's note of how far it is"
        assert program.close() < 2.0
        assert (program.process.returncode, program.stderr) == (0, "")
    assert ended(first)[0] == 0
    assert desk.repeated() == 0
    assert desk.seen().whole == ACCOUNTS - 1


def test_a_window_shows_what_a_console_has_fetched_meanwhile(desk: Desk) -> None:
    first = desk.console("refresh")
    asked(desk, 20)
    with desk.start() as program:
        with desk.held():
            program.painted().ask("press", name="Refresh")
            program.ask("words", parts=["Waiting for another Adwarden"])
        assert ended(first)[0] == 0
        program.ask("rested")
        program.ask("words", parts=[f"{ACCOUNTS - 1} ad accounts", "refreshed just now"])
        program.ask("row", parts=["@agency_ops", "Working"])
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.repeated() == 0


def test_a_console_waits_for_the_window(desk: Desk) -> None:
    with desk.start() as program:
        program.painted().ask("press", name="Refresh")
        asked(desk, 20)
        with desk.held():
            console = desk.console("refresh")
            said(console)
        code, _, err = ended(console)
        assert code == 0
        assert SAID.format(pid=program.process.pid) in err
        program.ask("rested")
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.repeated() == 0


def test_an_interrupt_ends_the_wait_at_once(desk: Desk) -> None:
    first = desk.console("refresh")
    asked(desk, 20)
    with desk.held():
        second = desk.console("refresh")
        said(second)
        began = time.monotonic()
        second.send_signal(signal.SIGINT)
        code, _, err = ended(second)
        assert (code, err.count("\n")) == (130, 1), err
        assert SAID.format(pid=first.pid) in err
        assert time.monotonic() - began < 2.0
    assert ended(first)[0] == 0


def test_processes_that_take_turns_share_what_a_token_may(desk: Desk) -> None:
    """The list is allowed five times in 15 minutes, whoever asks for it."""
    with desk.start() as program:
        program.painted().ask("press", name="Refresh")
        asked(desk, CALLS)
        program.ask("rested")
        for _ in range(4):
            code, _, _ = ended(desk.console("refresh"))
            assert code == 0
        program.ask("press", name="Refresh")
        program.ask("words", parts=["resumes at "])
        program.ask("press", name="Cancel refresh")
        program.ask("rested")
        program.close()
        assert (program.process.returncode, program.stderr) == (0, "")
    assert desk.server.journal.statuses().get(429, 0) == 0
