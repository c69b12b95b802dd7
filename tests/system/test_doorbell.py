"""Both ways to reach the running program keep the same promises."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from adwarden.system.doorbell_qt import QtWire
from adwarden.system.instance import Instance
from adwarden.system.wire import LONGEST_LINE, MOST_CALLERS, Wire

pytestmark = pytest.mark.usefixtures("qapp")  # listening needs the application's dispatcher

SILENCE = 0.4
OPEN = QLocalSocket.LocalSocketState.ConnectedState
CLOSED = QLocalSocket.LocalSocketState.UnconnectedState
ANSWER = r"b'RING\n'"

COMMON = """
import sys, time
from pathlib import Path
from adwarden.system.instance import Instance
began = time.monotonic()
"""
ELSEWHERE = {
    "unix": "from adwarden.system.doorbell_unix import UnixWire as Wire" + COMMON,
    "qt": "from adwarden.system.doorbell_qt import QtWire as Wire" + COMMON,
}


def make(kind: str, silence: float = 3.0) -> Wire:
    if kind == "qt":
        return QtWire(silence=silence)
    if sys.platform == "win32":
        pytest.skip("Windows has Qt's way only")
    from adwarden.system.doorbell_unix import UnixWire

    return UnixWire(silence=silence)


class Line:
    """A wire that listens, and answers each line with the same in capitals."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self.wire = wire
        self.address = wire.address(folder, f"adwarden-test-{folder.name}"[:40])
        self.heard: list[bytes] = []
        self.listen()

    def listen(self) -> None:
        self.wire.listen(self.address, self._hear, replace=True)

    def client(self, line: bytes = b"") -> QLocalSocket:
        client = QLocalSocket()
        client.connectToServer(self.address)
        if line:
            client.write(line)
            client.flush()
        return client

    def _hear(self, line: bytes, answer: Callable[[bytes], None]) -> None:
        self.heard.append(line)
        answer(line.upper())


@pytest.fixture(params=["unix", "qt"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def line(kind: str, tmp_path: Path) -> Iterator[Line]:
    line = Line(make(kind), tmp_path)
    yield line
    line.wire.close()


@pytest.fixture
def hasty(kind: str, tmp_path: Path) -> Iterator[Line]:
    """Yield a line that has little patience with silence."""
    line = Line(make(kind, SILENCE), tmp_path)
    yield line
    line.wire.close()


def elsewhere(qtbot: QtBot, kind: str, act: str, *arguments: object) -> str:
    """Let another program say what ``act`` is, while this one's loop goes on."""
    other = subprocess.Popen(
        [sys.executable, "-c", f"{ELSEWHERE[kind]}\nprint({act})", *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    qtbot.waitUntil(lambda: other.poll() is not None, timeout=20_000)
    return other.communicate()[0].strip()


def asked(qtbot: QtBot, kind: str, address: str, patience: float = 5.0) -> str:
    act = "Wire().ask(sys.argv[1], b'ring\\n', time.monotonic() + float(sys.argv[2]))"
    return elsewhere(qtbot, kind, act, address, patience)


def test_a_line_is_answered(qtbot: QtBot, kind: str, line: Line) -> None:
    assert asked(qtbot, kind, line.address) == ANSWER
    assert line.heard == [b"ring\n"]


def test_a_line_in_parts_is_one_line_and_the_rest_is_ignored(qtbot: QtBot, line: Line) -> None:
    client = line.client(b"ri")
    qtbot.waitUntil(lambda: client.bytesToWrite() == 0)
    client.write(b"ng\nagain\n")
    qtbot.waitUntil(lambda: client.state() == CLOSED)
    assert bytes(client.readAll().data()) == b"RING\n"
    assert line.heard == [b"ring\n"]


def test_where_nobody_listens_there_is_no_answer(qtbot: QtBot, kind: str, line: Line) -> None:
    line.wire.close()
    act = (
        "(Wire().ask(sys.argv[1], b'ring\\n', time.monotonic() + 9), time.monotonic() - began < 5)"
    )
    assert elsewhere(qtbot, kind, act, line.address) == "(b'', True)"


@pytest.mark.parametrize("said", [b"", b"never an end"])
def test_who_never_says_a_line_is_dropped(qtbot: QtBot, hasty: Line, said: bytes) -> None:
    began = time.monotonic()
    client = hasty.client(said)
    qtbot.waitUntil(lambda: client.state() == CLOSED)
    assert time.monotonic() - began > SILENCE * 0.8
    assert hasty.heard == []


def test_dripping_gives_no_more_time(qtbot: QtBot, hasty: Line) -> None:
    client = hasty.client()

    def dropped() -> bool:
        if client.state() != CLOSED:
            client.write(b"x")
        return client.state() == CLOSED

    qtbot.waitUntil(dropped, timeout=4_000)
    assert hasty.heard == []


def test_the_longest_line_is_heard_and_a_longer_one_is_not(qtbot: QtBot, line: Line) -> None:
    longest = b"x" * (LONGEST_LINE - 1) + b"\n"
    client = line.client(longest)
    qtbot.waitUntil(lambda: client.state() == CLOSED)
    assert line.heard == [longest]
    client = line.client(b"x" + longest)
    qtbot.waitUntil(lambda: client.state() == CLOSED)
    assert line.heard == [longest]


def test_many_that_keep_silent_keep_nobody_out(qtbot: QtBot, kind: str, line: Line) -> None:
    idle = []
    for _ in range(2 * MOST_CALLERS):
        idle.append(line.client())
        qtbot.waitUntil(lambda: bool(idle[-1].state() == OPEN))
    assert asked(qtbot, kind, line.address, patience=1.0) == ANSWER
    qtbot.waitUntil(lambda: sum(one.state() != CLOSED for one in idle) < MOST_CALLERS)
    assert idle[0].state() == CLOSED
    for client in idle:
        client.abort()


def test_who_hangs_up_is_forgotten(qtbot: QtBot, line: Line) -> None:
    for said in (b"", b"half", b"ring\n"):
        client = line.client(said)
        qtbot.waitUntil(lambda: client.bytesToWrite() == 0)  # noqa: B023 - called in this round
        client.abort()
    held: list[object] = line.wire._callers  # type: ignore[attr-defined]
    last = line.client(b"last\n")
    qtbot.waitUntil(lambda: last.state() == CLOSED and not held)


def test_it_listens_again_after_a_close(qtbot: QtBot, kind: str, line: Line) -> None:
    waiting = line.client()
    qtbot.waitUntil(lambda: waiting.state() == OPEN)
    line.wire.close()
    line.wire.close()
    qtbot.waitUntil(lambda: waiting.state() == CLOSED)
    line.listen()
    assert asked(qtbot, kind, line.address) == ANSWER


def test_the_second_claim_raises_the_first(qtbot: QtBot, kind: str, tmp_path: Path) -> None:
    raised: list[bool] = []
    first = Instance(tmp_path, lambda: raised.append(True), wire=make(kind))
    assert first.claim()
    first.listen()
    act = "[Instance(Path(sys.argv[1]), print, wire=Wire(), patience=9.0).claim()]"
    assert elsewhere(qtbot, kind, act, tmp_path) == "[False]"
    assert raised == [True]
    first.close()
    assert elsewhere(qtbot, kind, act, tmp_path) == "[True]"


def test_it_may_be_closed_by_what_it_hears(qtbot: QtBot, kind: str, tmp_path: Path) -> None:
    wire = make(kind)

    def hear(line: bytes, answer: Callable[[bytes], None]) -> None:
        answer(line)
        wire.close()

    address = wire.address(tmp_path, f"adwarden-closing-{tmp_path.name}"[:40])
    wire.listen(address, hear, replace=True)
    assert asked(qtbot, kind, address) == "b'ring\\n'"
    assert asked(qtbot, kind, address, patience=0.2) == "b''"
