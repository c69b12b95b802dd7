from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from adwarden.domain.errors import StorageError
from adwarden.system.instance import Instance

pytestmark = pytest.mark.usefixtures("qapp")  # listening needs the application's dispatcher

STARTER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from adwarden.system.instance import Instance
folder, listens = Path(sys.argv[1]), sys.argv[2] == "listens"
app = QCoreApplication([])
instance = Instance(folder, lambda: print("raised", flush=True))
sys.stdin.readline()  # so that several start at once
if not instance.claim():
    print("second", instance.problem.title if instance.problem else "", flush=True)
    sys.exit(0)
if listens:
    instance.listen()
print("first", flush=True)
if not listens:
    sys.stdin.readline()  # holds the claim, deaf
sys.exit(app.exec())
"""


class Other:
    """Another start of the program."""

    def __init__(self, folder: Path, manner: str = "listens") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTER, str(folder), manner],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def go(self) -> None:
        self._pipe(self.process.stdin).write("\n")
        self._pipe(self.process.stdin).flush()

    def line(self) -> str:
        return self._pipe(self.process.stdout).readline().strip()

    def start(self) -> str:
        self.go()
        return self.line()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@pytest.fixture
def others() -> Iterator[list[Other]]:
    made: list[Other] = []
    yield made
    for other in made:
        other.end()


def silent() -> None:
    """Nobody asks for the window in this test."""


def test_the_second_start_shows_the_first_window(
    tmp_path: Path, qtbot: QtBot, others: list[Other]
) -> None:
    raised: list[bool] = []
    instance = Instance(tmp_path, lambda: raised.append(True))
    assert instance.claim()
    instance.listen()
    other = Other(tmp_path)
    others.append(other)
    other.go()
    qtbot.waitUntil(lambda: raised == [True])
    assert other.line() == "second"
    instance.close()


def test_folders_do_not_disturb_each_other(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two", "数"):
        (tmp_path / name).mkdir()
        instance = Instance(tmp_path / name, silent)
        assert instance.claim()
        made.append(instance)
    assert len({instance.name for instance in made}) == 3
    for instance in made:
        instance.close()


def test_of_several_starts_at_once_exactly_one_is_first(
    tmp_path: Path, others: list[Other]
) -> None:
    for round_ in range(3):
        folder = tmp_path / str(round_)
        folder.mkdir()
        starts = [Other(folder) for _ in range(4)]
        others.extend(starts)
        for start in starts:
            start.go()
        said = sorted(start.line() for start in starts)
        assert said == ["first", "second", "second", "second"]
        for start in starts:
            start.end()


def test_a_killed_first_is_followed_at_once(tmp_path: Path, others: list[Other]) -> None:
    other = Other(tmp_path)
    others.append(other)
    assert other.start() == "first"
    other.end()
    instance = Instance(tmp_path, silent)
    began = time.monotonic()
    assert instance.claim()
    assert time.monotonic() - began < 0.4
    instance.listen()  # over the socket that was left behind
    last = Other(tmp_path)
    others.append(last)
    instance.close()
    assert last.start() == "first"


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_a_frozen_first_is_said_within_the_time(tmp_path: Path, others: list[Other]) -> None:
    other = Other(tmp_path)
    others.append(other)
    assert other.start() == "first"
    other.process.send_signal(signal.SIGSTOP)
    instance = Instance(tmp_path, silent)
    began = time.monotonic()
    assert not instance.claim()
    assert time.monotonic() - began < 1.5
    assert instance.problem is not None
    assert "does not answer" in instance.problem.title


def test_a_first_that_is_only_starting_is_no_trouble(tmp_path: Path, others: list[Other]) -> None:
    other = Other(tmp_path, "deaf")
    others.append(other)
    assert other.start() == "first"
    instance = Instance(tmp_path, silent, patience=0.1)
    assert not instance.claim()
    assert instance.problem is None
    os.utime(tmp_path / "instance.lock", (time.time() - 60,) * 2)
    assert not instance.claim()
    assert instance.problem is not None


def test_nonsense_on_the_socket_raises_nothing(tmp_path: Path, qtbot: QtBot) -> None:
    raised: list[bool] = []
    instance = Instance(tmp_path, lambda: raised.append(True))
    assert instance.claim()
    instance.listen()
    for line in (b"\n", b"raise\n", b"[]\n", b'{"v":2,"do":"raise"}\n', b'{"v":1,"do":"quit"}\n',
                 b"\xff\n", b"[" * 3000 + b"\n"):  # fmt: skip
        client = QLocalSocket()
        client.connectToServer(instance.name)
        client.write(line)
        qtbot.waitUntil(client.canReadLine)
        assert json.loads(bytes(client.readLine().data())) == {"v": 1, "ok": False}
    endless = QLocalSocket()
    endless.connectToServer(instance.name)
    endless.write(b"x" * 50_000)
    qtbot.waitUntil(lambda: endless.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert raised == []
    good = QLocalSocket()
    good.connectToServer(instance.name)
    good.write(b'{"v":1,')
    good.flush()
    good.write(b'"do":"raise"}\n')
    qtbot.waitUntil(lambda: raised == [True])
    instance.close()


def test_a_start_from_another_environment_finds_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """Where it listens follows from its environment; the lock file says where that is."""
    raised: list[bool] = []
    data = tmp_path / "data"
    data.mkdir()
    instance = Instance(data, lambda: raised.append(True))
    assert instance.claim()
    instance.listen()
    here = instance.name
    noted = (data / "instance.lock").read_bytes()
    assert noted[1:] == b"listening\n" + os.fsencode(here) + b"\n"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(elsewhere))
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    second = Instance(data, silent, patience=5.0)
    assert second.name != here
    answers: list[bool] = []
    asking = threading.Thread(target=lambda: answers.append(second.claim()))
    asking.start()
    qtbot.waitUntil(lambda: answers == [False])
    asking.join()
    assert raised == [True]
    assert second.problem is None
    instance.close()


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\0",
        b"\0starting\n",
        b"\0listening\n",
        b"\0listening\n/cut/in/the/midd",
        b"\0\xff\xfe",
    ],
)
def test_a_note_that_is_none_leaves_the_usual_address(tmp_path: Path, note: bytes) -> None:
    (tmp_path / "instance.lock").write_bytes(note)
    assert Instance(tmp_path, silent)._told_address() == ""


def test_the_name_fits_a_socket_whatever_the_folder(tmp_path: Path) -> None:
    folder = tmp_path
    while len(os.fsencode(folder)) < 900:
        folder = folder / ("ü" * 100)
    folder.mkdir(parents=True)
    instance = Instance(folder, silent)
    assert instance.claim()
    instance.listen()
    assert len(os.fsencode(instance.name)) < 90
    instance.close()


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        Instance(tmp_path / "gone", silent).claim()


def test_the_first_start_loads_no_network_part() -> None:
    script = """
import sys, tempfile
from pathlib import Path
from adwarden.system.instance import Instance
assert Instance(Path(tempfile.mkdtemp()), lambda: None).claim()
print("PySide6" in sys.modules or "socket" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=60,
    )
    assert done.stdout.strip() == "False"
