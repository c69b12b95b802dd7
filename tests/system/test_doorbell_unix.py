"""Where the socket is, who may use it, and that nobody else's is ever taken."""

from __future__ import annotations

import errno
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from adwarden.system import doorbell_unix
from adwarden.system.doorbell_unix import IN_FOLDER, UnixWire
from adwarden.system.instance import Instance

if sys.platform == "win32":
    pytest.skip("Windows has another way", allow_module_level=True)

pytestmark = pytest.mark.usefixtures("qapp")

NAME = "adwarden-0123456789abcdef"

NO_DESCRIPTORS = """
import errno, os, resource, socket, sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from adwarden.system import doorbell_unix
app = QCoreApplication([])
heard = []
def hear(line, answer):
    heard.append(line)
    answer(line)
    app.quit()
warned = []
doorbell_unix._log.warning = lambda *words: warned.append(words)
doorbell_unix._REST_MS = 300
wire = doorbell_unix.UnixWire()
wire.listen(sys.argv[1], hear, replace=True)
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
client.sendall(b"ring\\n")
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (client.fileno() + 1, hard))
QTimer.singleShot(1000, lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)))
QTimer.singleShot(10_000, app.quit)
app.exec()
print(heard, len(warned), flush=True)
wire.close()
"""

STRANGER = """
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(10)
connection.connect(sys.argv[1])
try:
    connection.sendall(b'{"v":1,"do":"raise"}\\n')
    print(connection.recv(100))
except ConnectionError:
    print(b"")
"""


@pytest.fixture
def short() -> Iterator[Path]:
    """Yield a folder whose path leaves room for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="adw-", dir="/tmp") as folder:
        yield Path(folder).resolve()


@pytest.fixture
def wire(short: Path) -> Iterator[UnixWire]:
    wire = UnixWire(shared=short)
    yield wire
    wire.close()


def echo(line: bytes, answer: Callable[[bytes], None]) -> None:
    answer(line)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def private(folder: Path) -> None:
    folder.mkdir(mode=0o700)


# Where


def test_it_is_in_the_runtime_folder(
    wire: UnixWire, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private(short / "run")
    private(short / "data")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short / "run"))
    assert wire.address(short / "data", NAME) == str(short / "run" / NAME)


@pytest.mark.parametrize(
    "runtime",
    ["", "relative", "{}/gone", "{}/open", "{}/" + "ü" * 40],
    ids=["empty", "relative", "gone", "open", "long"],
)
def test_without_a_usable_runtime_folder_it_is_in_the_data_folder(
    wire: UnixWire, short: Path, monkeypatch: pytest.MonkeyPatch, runtime: str
) -> None:
    private(short / "data")
    private(short / ("ü" * 40))
    private(short / "open")
    (short / "open").chmod(0o770)
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime.format(short))
    monkeypatch.chdir(short)
    (short / "link").symlink_to(short / "data")
    for spelling in (short / "data", short / "link"):
        assert wire.address(spelling, NAME) == str(short / "data" / IN_FOLDER)


def test_otherwise_it_is_in_a_private_folder_among_the_temporary_ones(
    wire: UnixWire, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    long, shared = short / ("d" * 100), short / "shared"
    private(long)
    private(shared)
    shared.chmod(0o1777)
    for folder in (long, shared):
        place = short / f"adwarden-{os.geteuid()}" / NAME
        assert wire.address(folder, NAME) == str(place)
        wire.listen(str(place), echo, replace=True)
        assert mode(place.parent) == 0o700
        wire.close()
    assert list(place.parent.iterdir()) == []


def test_a_folder_that_another_one_could_write_is_not_used(
    wire: UnixWire, short: Path, qtbot: QtBot
) -> None:
    place = short / f"adwarden-{os.geteuid()}"
    place.mkdir()
    place.chmod(0o777)
    with pytest.raises(PermissionError):
        wire.listen(str(place / NAME), echo, replace=True)
    with socket.socket(socket.AF_UNIX) as squatter:
        squatter.bind(str(place / NAME))
        squatter.listen()
        assert UnixWire().ask(str(place / NAME), b"ring\n", time.monotonic() + 5) == b""
        squatter.setblocking(False)
        with pytest.raises(BlockingIOError):
            squatter.accept()  # it was not even connected to


def test_without_a_place_the_program_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Nowhere(UnixWire):
        def address(self, folder: Path, name: str) -> str:
            return str(tmp_path / "gone" / name)

    instance = Instance(tmp_path, lambda: None, wire=Nowhere())
    assert instance.claim()
    instance.listen()
    assert "other starts cannot reach this one" in caplog.text
    instance.close()


# Who


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_socket_is_the_users_alone(wire: UnixWire, short: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        wire.listen(str(short / NAME), echo, replace=True)
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert mode(short / NAME) == 0o600


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="needs Linux, and to start as another user"
)
def test_another_user_is_not_heard(short: Path, qtbot: QtBot) -> None:
    raised: list[bool] = []
    wire = UnixWire()
    (short / "data").mkdir()
    instance = Instance(short / "data", lambda: raised.append(True), wire=wire)
    assert instance.claim()
    instance.listen()
    short.chmod(0o711)
    place = Path(instance.name)
    inside = short / "socket"
    place.rename(inside)
    inside.chmod(0o666)  # modes as wrong as they can be
    try:
        stranger = subprocess.Popen(
            ["/usr/bin/env", "python3", "-I", "-c", STRANGER, str(inside)],
            user=65534, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        qtbot.waitUntil(lambda: stranger.poll() is not None, timeout=15_000)
        assert stranger.communicate()[0].strip() == "b''"
        assert raised == []
    except PermissionError:
        pytest.skip("another user may not start anything here")
    finally:
        inside.rename(place)
        instance.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the modes say whose it is")
def test_a_server_of_another_user_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = socket.socketpair()
    with one, other:
        assert doorbell_unix._same_user(one)
        ours = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: ours + 1)
        assert not doorbell_unix._same_user(one)


# Nobody else's is taken


def test_what_is_left_over_is_replaced_only_if_told_so(wire: UnixWire, short: Path) -> None:
    place = short / NAME
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(place))
    mark = place.lstat().st_ino
    with pytest.raises(OSError, match="in use"):
        wire.listen(str(place), echo, replace=False)
    assert place.lstat().st_ino == mark
    wire.listen(str(place), echo, replace=True)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(place))


def test_closing_leaves_the_socket_of_another_one(wire: UnixWire, short: Path) -> None:
    place = short / NAME
    wire.listen(str(place), echo, replace=True)
    place.rename(short / "old")  # keeps the inode in use
    successor = UnixWire()
    successor.listen(str(place), echo, replace=True)
    wire.close()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(place))
    successor.close()
    assert not place.exists()


def test_where_folders_have_no_locks_the_first_keeps_its_socket(
    tmp_path: Path,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import fcntl

    def no_locks(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    raised: list[int] = []
    first, second = (
        Instance(tmp_path, lambda number=number: raised.append(number))  # type: ignore[misc]
        for number in (1, 2)
    )
    for instance in (first, second):
        assert instance.claim()
        instance.listen()
    assert "other starts cannot reach this one" in caplog.text
    second.close()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(first.name)
        client.sendall(b'{"v":1,"do":"raise"}\n')
        qtbot.waitUntil(lambda: raised == [1])
    first.close()


# Nothing waits


def test_who_does_not_read_its_answer_is_let_go(wire: UnixWire, short: Path, qtbot: QtBot) -> None:
    began: list[float] = []
    took: list[float] = []

    def hear(line: bytes, answer: Callable[[bytes], None]) -> None:
        began.append(time.monotonic())
        answer(b"x" * (1 << 22))  # far more than there is room for
        took.append(time.monotonic() - began[-1])

    wire.listen(str(short / NAME), hear, replace=True)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(short / NAME))
        client.sendall(b"ring\n")
        qtbot.waitUntil(lambda: bool(took))
        assert took[0] < 0.5
        assert wire._callers == []


def test_a_frozen_one_costs_the_asking_no_more_than_its_time(short: Path) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(short / NAME))
        deaf.listen(0)
        for _ in range(3):  # the second finds the line full, and does not wait for its turn
            began = time.monotonic()
            assert UnixWire().ask(str(short / NAME), b"ring\n", began + 0.2) == b""
            assert time.monotonic() - began < 0.6


def test_an_endless_answer_ends(short: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(short / NAME))
        server.listen()

        def talk() -> None:
            connection, _ = server.accept()
            with connection, pytest.raises(ConnectionError):
                connection.sendall(b"x" * (1 << 24))

        talking = threading.Thread(target=talk)
        talking.start()
        assert UnixWire().ask(str(short / NAME), b"ring\n", time.monotonic() + 20) == b""
        talking.join()


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_without_descriptors_it_rests_and_then_hears(short: Path) -> None:
    done = run(NO_DESCRIPTORS, str(short / NAME))
    said, _ = done.communicate(timeout=30)
    heard, _, warned = said.strip().rpartition(" ")
    assert heard == "[b'ring\\n']"
    assert 1 <= int(warned) <= 6  # a rest after each, instead of a full turn of the processor
    assert done.returncode == 0


def test_a_second_start_asks_without_qt(tmp_path: Path, qtbot: QtBot) -> None:
    raised: list[bool] = []
    instance = Instance(tmp_path, lambda: raised.append(True))
    assert instance.claim()
    instance.listen()
    second = run(
        "import sys\nfrom pathlib import Path\n"
        "from adwarden.system.instance import Instance\n"
        "first = Instance(Path(sys.argv[1]), lambda: None, patience=10.0).claim()\n"
        "print(first, 'PySide6' in sys.modules)",
        str(tmp_path),
    )
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=15_000)
    assert second.communicate()[0].strip() == "False False"
    assert raised == [True]
    instance.close()


def test_a_killed_one_leaves_a_socket_that_its_follower_replaces(
    tmp_path: Path, qtbot: QtBot
) -> None:
    first = run(
        "import sys\nfrom pathlib import Path\n"
        "from PySide6.QtCore import QCoreApplication\n"
        "from adwarden.system.instance import Instance\n"
        "app = QCoreApplication([])\n"
        "instance = Instance(Path(sys.argv[1]), lambda: None)\n"
        "assert instance.claim()\ninstance.listen()\n"
        "print(instance.name, flush=True)\napp.exec()",
        str(tmp_path),
    )
    assert first.stdout is not None
    place = Path(first.stdout.readline().strip())
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert stat.S_ISSOCK(place.lstat().st_mode)
    raised: list[bool] = []
    instance = Instance(tmp_path, lambda: raised.append(True))
    assert instance.claim()
    assert Path(instance.name) == place
    assert UnixWire().ask(str(place), b"\n", time.monotonic() + 1) == b""
    instance.listen()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(place))
        client.sendall(b'{"v":1,"do":"raise"}\n')
        qtbot.waitUntil(lambda: raised == [True])
    instance.close()
    assert not place.exists()
