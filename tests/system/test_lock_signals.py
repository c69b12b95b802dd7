from __future__ import annotations

import asyncio
import gc
import logging
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from adwarden.system.lock_signals import REASONS, LockSignals
from adwarden.system.lock_signals_idle import LOOK_MS, IdleWatch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs D-Bus")

LOGIN = "org.freedesktop.login1"
LOGIN_PATH = "/org/freedesktop/login1"
OWN_SESSION = f"{LOGIN_PATH}/session/_31"


class Bus:
    """A message bus of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["dbus-daemon", "--nofork", "--print-address=1", "--session"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Speaker:
    """A program on a bus, under a name, that sends signals."""

    def __init__(self, bus: Bus, name: str) -> None:
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import Proxy, open_dbus_connection

        self.connection = open_dbus_connection(bus.address, enable_fds=True)
        Proxy(message_bus, self.connection).RequestName(name)
        self._name = name

    def say(self, path: str, interface: str, member: str, *body: bool) -> None:
        from jeepney import DBusAddress, new_signal

        kind = "b" * len(body)
        address = DBusAddress(path, self._name, interface)
        self.connection.send(new_signal(address, member, kind or None, body))


class Login(Speaker):
    """A login manager: knows one session and holds a sleep up while somebody wishes it."""

    def __init__(self, bus: Bus, *, sessions: bool = True) -> None:
        super().__init__(bus, LOGIN)
        self._sessions = sessions
        self.inhibited: list[tuple[str, ...]] = []
        self.brakes: list[int] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        from jeepney import HeaderFields, MessageType, new_error, new_method_return

        while True:
            try:
                message = self.connection.receive()
            except (OSError, ValueError):
                return
            if message.header.message_type is not MessageType.method_call:
                continue
            member = message.header.fields[HeaderFields.member]
            if member == "Inhibit":
                read, write = os.pipe()
                self.connection.send(new_method_return(message, "h", (write,)))
                os.close(write)
                self.brakes.append(read)
                self.inhibited.append(message.body)
            elif self._sessions:
                self.connection.send(new_method_return(message, "o", (OWN_SESSION,)))
            else:
                self.connection.send(new_error(message, f"{LOGIN}.NoSessionForPID"))

    def held_up(self) -> bool:
        """Return whether somebody holds the newest brake."""
        return not select.select([self.brakes[-1]], [], [], 0)[0]

    def prepare_for_sleep(self, begins: bool) -> None:
        self.say(LOGIN_PATH, f"{LOGIN}.Manager", "PrepareForSleep", begins)

    def lock(self, session: str = OWN_SESSION) -> None:
        self.say(session, f"{LOGIN}.Session", "Lock")

    def end(self) -> None:
        self.connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.connection.close()
        for brake in self.brakes:
            os.close(brake)


@dataclass
class Desk:
    session: Bus
    system: Bus
    reasons: list[str] = field(default_factory=list)
    threads: list[bool] = field(default_factory=list)
    held_up: list[bool] = field(default_factory=list)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    desk = Desk(Bus(), Bus())
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", desk.session.address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", desk.system.address)
    monkeypatch.delenv("XDG_SESSION_ID", raising=False)
    yield desk
    desk.session.end()
    desk.system.end()


@pytest.fixture
def login(desk: Desk) -> Iterator[Login]:
    login = Login(desk.system)
    yield login
    login.end()


@contextmanager
def listening(
    desk: Desk,
    qtbot: QtBot,
    on_lock: Callable[[str], asyncio.Future[Any] | None] | None = None,
) -> Iterator[LockSignals]:
    """Listen until both buses know it."""

    def lock(reason: str) -> asyncio.Future[Any] | None:
        desk.threads.append(threading.current_thread() is threading.main_thread())
        result = on_lock(reason) if on_lock is not None else None
        desk.reasons.append(reason)
        return result

    signals = LockSignals(lock, minutes=lambda: 0)
    signals.start()
    signals.start()
    qtbot.waitUntil(lambda: rules(desk.session) >= 5 and rules(desk.system) >= 2)
    yield signals
    signals.close()
    signals.close()


def rules(bus: Bus, about: str = "") -> int:
    """Return how many wishes for signals the bus knows: all, or those that name something."""
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    address = DBusAddress(
        "/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus.Debug.Stats"
    )
    with open_dbus_connection(bus.address) as connection:
        reply = connection.send_and_get_reply(new_method_call(address, "GetAllMatchRules"))
    assert isinstance(reply.body[0], dict), reply.body
    return sum(about in rule for rules in reply.body[0].values() for rule in rules)


@pytest.mark.parametrize("desktop", ["freedesktop", "gnome", "xfce", "cinnamon", "mate"])
def test_the_screen_s_lock_of_each_desktop_is_heard(desk: Desk, qtbot: QtBot, desktop: str) -> None:
    name = f"org.{desktop}.ScreenSaver"
    with listening(desk, qtbot):
        saver = Speaker(desk.session, name)
        saver.say("/" + name.replace(".", "/"), name, "ActiveChanged", False)
        saver.say("/" + name.replace(".", "/"), name, "ActiveChanged", True)
        qtbot.waitUntil(lambda: bool(desk.reasons))
        saver.connection.close()
    assert desk.reasons == ["screen"]
    assert desk.threads == [True]
    assert REASONS["screen"]


def test_the_sleep_waits_until_it_is_locked_and_the_next_one_too(
    desk: Desk, login: Login, qtbot: QtBot
) -> None:
    def lock(_: str) -> None:
        desk.held_up.append(login.held_up())

    with listening(desk, qtbot, lock):
        qtbot.waitUntil(lambda: len(login.brakes) == 1)
        assert login.inhibited[0][::3] == ("sleep", "delay")
        login.prepare_for_sleep(True)
        qtbot.waitUntil(lambda: desk.reasons == ["sleep"])
        assert desk.held_up == [True]
        assert not login.held_up()
        login.prepare_for_sleep(False)
        qtbot.waitUntil(lambda: len(login.brakes) == 2)
        assert login.held_up()
    qtbot.waitUntil(lambda: not login.held_up())


@pytest.mark.parametrize("closes", [False, True])
async def test_a_lock_that_takes_time_holds_the_sleep_up_so_long(
    desk: Desk, login: Login, qtbot: QtBot, closes: bool
) -> None:
    locked: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def lock(_: str) -> asyncio.Future[None]:
        if closes:
            signals.close()
        return locked

    with listening(desk, qtbot, lock) as signals:
        qtbot.waitUntil(lambda: len(login.brakes) == 1)
        login.prepare_for_sleep(True)
        qtbot.waitUntil(lambda: desk.reasons == ["sleep"])
        if closes:
            qtbot.waitUntil(lambda: rules(desk.system) == 0)
        assert login.held_up()
        locked.set_result(None)
        await asyncio.sleep(0)
        assert not login.held_up()


def test_the_lock_of_the_own_session_counts_and_no_other(
    desk: Desk, login: Login, qtbot: QtBot
) -> None:
    with listening(desk, qtbot):
        qtbot.waitUntil(lambda: len(login.brakes) == 1)  # asked last, so the session is known
        login.lock(f"{LOGIN_PATH}/session/_32")
        login.lock()
        qtbot.waitUntil(lambda: bool(desk.reasons))
        assert desk.reasons == ["screen"]


def test_without_a_known_session_the_lock_of_any_counts(desk: Desk, qtbot: QtBot) -> None:
    login = Login(desk.system, sessions=False)
    with listening(desk, qtbot):
        login.lock(f"{LOGIN_PATH}/session/_32")
        qtbot.waitUntil(lambda: bool(desk.reasons))
    login.end()
    assert desk.reasons == ["screen"]


def test_nobody_else_is_taken_for_the_login_manager(desk: Desk, login: Login, qtbot: QtBot) -> None:
    other = Speaker(desk.system, "org.example.Other")
    with listening(desk, qtbot):
        other.say(OWN_SESSION, f"{LOGIN}.Session", "Lock")
        other.say(LOGIN_PATH, f"{LOGIN}.Manager", "PrepareForSleep", True)
        other.connection.close()
        qtbot.waitUntil(lambda: len(login.brakes) == 1)
        login.lock()
        qtbot.waitUntil(lambda: bool(desk.reasons))
    assert desk.reasons == ["screen"]


def test_after_closing_nothing_is_heard_and_it_can_begin_again(
    desk: Desk, login: Login, qtbot: QtBot
) -> None:
    with listening(desk, qtbot) as signals:
        qtbot.waitUntil(lambda: len(login.brakes) == 1)
        signals._heard.emit(signals._round, "screen")  # on its way when it is closed
        signals.close()
        login.prepare_for_sleep(True)
        qtbot.waitUntil(lambda: rules(desk.system) == 0 and rules(desk.session) == 0)
        assert desk.reasons == []
        signals.start()
        qtbot.waitUntil(lambda: len(login.brakes) == 2)
        login.lock()
        qtbot.waitUntil(lambda: desk.reasons == ["screen"])


def test_a_bus_that_goes_or_is_not_there_is_said_in_the_log_only(
    desk: Desk,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with listening(desk, qtbot):
        gone = Bus()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", gone.address)
        gone.end()
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        lonely = LockSignals(lambda _: None, minutes=lambda: 0)
        lonely.start()
        qtbot.waitUntil(lambda: caplog.text.count("cannot be heard") == 2)
        lonely.close()
        desk.session.end()
        qtbot.waitUntil(lambda: "the session bus has gone" in caplog.text)
        desk.session = Bus()
    assert desk.reasons == []


def test_a_start_loads_nothing_of_it() -> None:
    script = """
import sys
import adwarden.session
late = ("adwarden.system.lock_signals", "adwarden.ui.secret_clipboard", "adwarden.ui.secret_strip",
        "adwarden.ui.reveal", "jeepney", "hashlib", "secrets")
print([name for name in sys.modules if name.startswith(late)])
"""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environ, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stderr


# Nobody is there


@contextmanager
def hangs_up(folder: Path) -> Iterator[str]:
    """Yield the address of a bus that lets everybody in and goes before it has said hello."""
    path = folder / "bus"

    def serve(listener: socket.socket) -> None:
        there, _ = listener.accept()
        with there:
            said = b""
            while not said.endswith(b"BEGIN\r\n"):
                said += there.recv(1)
                if said.endswith(b"\r\n"):
                    wish = said.splitlines()[-1]
                    unix = wish.startswith(b"NEGOTIATE_UNIX_FD")
                    there.sendall(b"AGREE_UNIX_FD\r\n" if unix else b"OK 00ff\r\n")

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"unix:path={path}"
        thread.join()


@pytest.mark.parametrize("bus", ["SESSION", "SYSTEM"])
def test_a_bus_that_goes_at_the_greeting_leaves_no_socket(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, bus: str
) -> None:
    before = set(open_sockets())
    # A short path: that of a socket may have a hundred bytes.
    with tempfile.TemporaryDirectory() as folder, hangs_up(Path(folder)) as address:
        monkeypatch.setenv(f"DBUS_{bus}_BUS_ADDRESS", address)
        signals = LockSignals(lambda _: None, minutes=lambda: 0)
        signals.start()
        heard = desk.system if bus == "SESSION" else desk.session
        qtbot.waitUntil(lambda: rules(heard) >= 2)
        signals.close()
    qtbot.waitUntil(lambda: rules(heard) == 0)
    gc.collect()
    assert set(open_sockets()) <= before


def open_sockets() -> list[str]:
    """Return the sockets that this process has open, as the system names them."""
    found = []
    for number in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists them
            found.append(str(number.readlink()))
    return [one for one in found if one.startswith("socket:")]


@dataclass
class Time:
    steady: float = 5000.0
    wall: float = 1.8e9

    def passes(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds


@dataclass
class Watched:
    watch: IdleWatch
    time: Time
    window: QWidget
    edit: QLineEdit
    minutes: list[int]
    heard: list[str]

    def looks(self, seconds: float) -> None:
        """Let time pass as the timer would, look by look."""
        for _ in range(round(seconds / (LOOK_MS / 1000))):
            self.time.passes(LOOK_MS / 1000)
            self.watch.look()


@pytest.fixture
def watched(qapp: QApplication, qtbot: QtBot) -> Iterator[Watched]:
    window = QWidget()
    edit = QLineEdit()
    QVBoxLayout(window).addWidget(edit)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    time, minutes, heard = Time(), [10], list[str]()
    watch = IdleWatch(
        lambda: minutes[0],
        lambda: heard.append("idle"),
        lambda: heard.append("slept"),
        steady=lambda: time.steady,
        wall=lambda: time.wall,
    )
    watch.start()
    yield Watched(watch, time, window, edit, minutes, heard)
    watch.stop()
    watch.stop()


def test_it_locks_after_the_minutes_and_not_before(watched: Watched) -> None:
    watched.looks(585)
    assert watched.heard == []
    watched.looks(15)
    assert watched.heard == ["idle"]


def a_key(window: QWidget) -> None:
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)


def a_click(window: QWidget) -> None:
    QTest.mouseClick(
        window.windowHandle(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QPoint(5, 5),
    )


@pytest.mark.parametrize("use", [a_key, a_click])
def test_a_use_puts_it_off_by_the_whole_time(
    watched: Watched, use: Callable[[QWidget], None]
) -> None:
    watched.looks(570)
    use(watched.window)
    watched.looks(585)
    assert watched.heard == []
    watched.looks(15)
    assert watched.heard == ["idle"]


def test_what_the_program_does_by_itself_is_no_use(watched: Watched, qtbot: QtBot) -> None:
    watched.looks(300)
    watched.edit.setText("fetched")
    watched.window.resize(500, 300)
    qtbot.waitUntil(lambda: watched.edit.width() > 400)
    watched.looks(300)
    assert watched.heard == ["idle"]


def test_a_dialog_that_opens_is_a_window_like_the_others(watched: Watched, qtbot: QtBot) -> None:
    dialog = QWidget()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    watched.looks(570)
    a_key(dialog)
    dialog.close()
    dialog.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    watched.looks(300)
    assert watched.heard == []


def test_between_two_looks_one_event_is_looked_at(watched: Watched) -> None:
    handle = watched.window.windowHandle()
    assert watched.watch._window is handle
    a_key(watched.window)
    assert watched.watch._window is None
    watched.looks(15)
    assert watched.watch._window is handle


def test_no_minutes_are_never_and_a_change_counts_at_once(watched: Watched) -> None:
    watched.minutes[0] = 0
    watched.looks(3600)
    assert watched.heard == []
    watched.minutes[0] = 5
    watched.looks(15)
    assert watched.heard == ["idle"]


def test_a_look_that_comes_much_too_late_comes_after_a_sleep(watched: Watched) -> None:
    watched.looks(60)
    watched.time.wall += 3600
    watched.looks(15)
    assert watched.heard == ["slept"]
    watched.looks(15)
    assert watched.heard == ["slept"]
    watched.time.wall -= 3600
    watched.looks(15)
    assert watched.heard == ["slept"]
