"""Faults in their true length, which the tests show with shortened times.

``python -m tests.slow_faults [NAME ...]`` shows each with the whole program, a real GNOME keyring
and true clocks, and prints what was measured; it ends with 1 if anything was wrong. About five
minutes for all.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from tests.flows.desk import NO_PAGE, Desk
from tests.flows.outside import Program
from tests.flows.set_clock import SetClock
from tests.stage import Stage
from tests.with_keyring import KeyringSession

MINUTE = 60.0
SILENCE = 30.0
"""Seconds for which the program waits for an answer, unless set otherwise."""

SLEEP = 80.0
"""Seconds: what comes later than a minute and a quarter comes after a sleep."""

FELT = 1.0
"""Seconds in which a window answers that is not blocked."""

MASTER = "four words are enough"


def keychain_stopped_for_a_minute(desk: Desk) -> str:
    """The keychain's process stands still for a minute, while an app is added."""
    keys = {"key": desk.app.key, "secret": desk.app.secret}
    with desk.start() as program:
        program.painted().ask("rested")
        began = time.monotonic()
        os.kill(desk.keyring.daemon.pid, signal.SIGSTOP)
        try:
            program.ask("begin_app", label="Agency app", **keys)
            pressed = time.monotonic()
            program.ask("words", parts=["The system keychain", "ry again"], on="Add X app")
            said = time.monotonic() - pressed
            longest = _felt(program, began + MINUTE)
            # Asked once more at the end of it, and told once more.
            program.ask("press", name="Save", on="Add X app")
            program.ask("words", parts=["The system keychain"], on="Add X app")
        finally:
            os.kill(desk.keyring.daemon.pid, signal.SIGCONT)
        stood = time.monotonic() - began
        assert desk.seen().snapshot.apps == (), "something was listed meanwhile"
        again = _again(program)
        program.close()
        _ended_well(program)
    assert [app.label for app in desk.seen().snapshot.apps] == ["Agency app"]
    return (
        f"stood still for {stood:.1f} s; said {said:.1f} s after “Save”; the window answered"
        f" within {longest * 1000:.0f} ms at worst; kept {again:.1f} s after it went on, by one"
        " more press, with all that was typed"
    )


def keychain_stopped_while_quitting(desk: Desk) -> str:
    """The keychain's process stands still, and the program is told to end."""
    with desk.start() as program:
        program.painted().ask("rested")
        os.kill(desk.keyring.daemon.pid, signal.SIGSTOP)
        try:
            keys = {"key": desk.app.key, "secret": desk.app.secret}
            program.ask("begin_app", label="Agency app", **keys)
            took = program.close()
        finally:
            os.kill(desk.keyring.daemon.pid, signal.SIGCONT)
        _ended_well(program)
    return f"ended after {took:.2f} s"


def network_silent_for_its_time(desk: Desk) -> str:
    """X takes requests and never answers; nothing is set, so that each is waited for 30 s."""
    desk.filled()
    before = desk.seen()
    desk.server.faults.add(Kind.LATENCY, "/12/accounts", times=0, seconds=400.0)
    with desk.start() as program:
        program.painted().ask("press", name="Refresh")
        began = time.monotonic()
        # A read is tried once more: a kept connection may have died without a word.
        longest = _felt(program, began + 2 * SILENCE - 5)
        assert desk.seen().state is before.state, "given up before its time"
        program.ask("words", parts=["No answer in time"])
        said = time.monotonic() - began
        program.ask("row", parts=["@contoso"])
        after = desk.seen()
        assert after.snapshot.entries == before.snapshot.entries, "what was known has gone"
        desk.server.faults.clear()
        program.ask("press", name="Refresh")
        program.ask("row", parts=["@contoso", "Working"])
        program.ask("rested")
        program.close()
        _ended_well(program)
    assert 2 * SILENCE - 1 < said < 2 * SILENCE + 10
    return (
        f"said after {said:.1f} s; the window answered within {longest * 1000:.0f} ms at worst;"
        " what was known stayed; the next refresh worked"
    )


def program_stopped_for_longer_than_an_undo(desk: Desk) -> str:
    """The program stands still for 15 s, with something that can be undone for 10."""
    desk.filled()
    with desk.start() as program:
        program.painted()
        _disconnect(program)
        began = time.monotonic()
        os.kill(program.process.pid, signal.SIGSTOP)
        _pause(15)
        assert len(desk.seen().snapshot.connections) == 1, "it ended while it stood still"
        os.kill(program.process.pid, signal.SIGCONT)
        woke = time.monotonic()
        while desk.seen().snapshot.connections:
            assert time.monotonic() - woke < 5, "what waited did not go on in five seconds"
            _pause(0.05)
        ended = time.monotonic() - woke
        program.close()
        _ended_well(program)
    return f"stood still for {woke - began:.1f} s; what could be undone ended {ended:.2f} s after"


def program_stopped_like_in_a_sleep(desk: Desk) -> str:
    """The program stands still for 80 s, with a KeePass file open and something to go from it."""
    desk.filled()
    file = desk.folder.parent / "team.kdbx"
    with desk.start() as program:
        program.painted()
        program.ask("into_file", path=str(file), password=MASTER)
        _disconnect(program)
        os.kill(program.process.pid, signal.SIGSTOP)
        _pause(SLEEP)
        os.kill(program.process.pid, signal.SIGCONT)
        woke = time.monotonic()
        program.ask("words", parts=["team.kdbx", "locked"])
        locked = time.monotonic() - woke
        # Its entry is in the file that is locked now: it stays, and is seen.
        program.ask("row", parts=["@contoso"])
        assert len(desk.seen().snapshot.connections) == 1
        program.ask("unlock_file", name=file.name, password=MASTER)
        program.ask("row", parts=["@contoso", "Working"])
        program.close()
        _ended_well(program)
    assert locked < 20
    return (
        f"stood still for {SLEEP:.0f} s; the KeePass file was locked {locked:.1f} s after, and the"
        " connection that was to go from it listed again"
    )


def clock_set_for_the_program(desk: Desk) -> str:
    """The clock is set on and back by three hours while something can be undone."""
    desk.filled()
    clock = SetClock(desk.folder.parent / "clock")
    with desk.start(**clock.environment) as program:
        program.painted()
        _disconnect(program)
        clock.set(3 * 3600, program)
        # It is not over by that.
        program.ask("press", name="Undo: @contoso disconnected")
        program.ask("row", parts=["@contoso", "Working"])
        program.ask("press", name="Refresh")
        program.ask("words", parts=["The clock of this computer is 180 minutes fast"])
        clock.set(0, program)
        program.ask("press", name="Refresh")
        program.ask("row", parts=["@contoso", "Working"])
        program.ask("rested")
        _disconnect(program)
        clock.set(-3 * 3600, program)
        program.ask("words", parts=["@contoso was disconnected"])
        program.close()
        _ended_well(program)
    assert desk.seen().snapshot.connections == ()
    return "an undo neither ended by the clock set on nor lasted by one set back; X's no was named"


SHOWN: dict[str, Callable[[Desk], str]] = {
    show.__name__: show
    for show in (
        keychain_stopped_for_a_minute,
        keychain_stopped_while_quitting,
        network_silent_for_its_time,
        program_stopped_for_longer_than_an_undo,
        program_stopped_like_in_a_sleep,
        clock_set_for_the_program,
    )
}


def _disconnect(program: Program) -> None:
    program.ask("row", parts=["@contoso"])
    program.ask("select", handle="@contoso")
    program.ask("press", name="Disconnect")
    program.ask("answer", name="Disconnect here")
    program.ask("disconnected", handle="@contoso")


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _felt(program: Program, until: float) -> float:
    """Ask the window something all the time, and return the longest time it took to answer."""
    longest = 0.0
    while (now := time.monotonic()) < until:
        program.ask("shown")
        longest = max(longest, time.monotonic() - now)
        _pause(0.1)
    assert longest < FELT, f"the window did not answer for {longest:.1f} s"
    return longest


def _again(program: Program) -> float:
    """Press ``Save`` until the keychain has taken it; return the seconds."""
    began = time.monotonic()
    while True:
        program.ask("press", name="Save", on="Add X app")
        try:
            program.ask("words", parts=["Now connect an account"])
        except AssertionError:
            assert time.monotonic() - began < MINUTE, "it is not kept"
        else:
            return time.monotonic() - began


def _ended_well(program: Program) -> None:
    assert (program.process.returncode, program.stderr) == (0, ""), program.stderr


def _show(show: Callable[[Desk], str]) -> bool:
    server = PracticeServer(make_world(seed=3))
    server.faults.limits.be_generous()
    server.start()
    with tempfile.TemporaryDirectory(dir="/tmp") as root, KeyringSession() as keyring:
        keyring.start_daemon()
        folder = Path(root) / "data"
        folder.mkdir(mode=0o700)
        (folder / "settings.ini").write_text(NO_PAGE)
        desk = Desk(folder, server, keyring)
        try:
            words, good = show(desk), True
        except AssertionError as error:
            words, good = f"WRONG: {error}", False
        finally:
            desk.close()
            server.stop()
    print(f"{show.__name__}: {words}", flush=True)
    return good


def main() -> int:
    """Show all of them, or those named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SHOWN))
    names = parser.parse_args().names or list(SHOWN)
    with Stage() as stage:
        for name in stage.dropped:
            os.environ.pop(name, None)
        os.environ.update(stage.env)
        good = [_show(SHOWN[name]) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
