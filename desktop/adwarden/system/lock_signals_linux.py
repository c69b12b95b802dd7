"""What a Linux desktop says on its two buses: the screen was locked, the computer goes to sleep.

Heard with jeepney, as the keychain is, on a daemon thread for each bus. A bus that is not there,
or goes, is no trouble of anybody's: the log says so. Names and signatures: the desktops' screen
savers, and org.freedesktop.login1(5).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.fds import FileDescriptor
    from jeepney.io.blocking import DBusConnection

_log = logging.getLogger(__name__)

SCREEN_SAVERS = tuple(
    f"org.{desktop}.ScreenSaver" for desktop in ("freedesktop", "gnome", "xfce", "cinnamon", "mate")
)
LOGIN = "org.freedesktop.login1"

_MANAGER, _SESSION = f"{LOGIN}.Manager", f"{LOGIN}.Session"
_MANAGER_PATH = "/org/freedesktop/login1"


_GREETING_S = 1.0
"""How long a bus may take to say who it is."""


class DesktopSignals:
    """Calls ``heard("screen")`` and ``heard("sleep")``, from threads of its own.

    The computer waits with its sleep until what ``take_brake`` returned is called, or until it
    has waited long enough (InhibitDelayMaxSec, 5 seconds as a rule). ``start`` and ``close`` once
    each; neither waits.
    """

    def __init__(self, heard: Callable[[str], object]) -> None:
        self._ears = (_SessionBus(heard), _SystemBus(heard))

    def start(self) -> None:
        """Begin to listen."""
        for ear in self._ears:
            ear.start()

    def close(self) -> None:
        """Listen no longer, and hold nothing up."""
        for ear in self._ears:
            ear.close()

    def take_brake(self) -> Callable[[], None]:
        """Return what lets the computer sleep; until that is called, ``close`` does not."""
        brake = self._ears[1].take()
        return (lambda: None) if brake is None else brake.close


def _connect(bus: str, *, with_files: bool) -> DBusConnection:
    """Connect to a bus; unlike jeepney's own way it leaves no socket where the greeting fails."""
    from jeepney.bus import get_bus
    from jeepney.io.blocking import DBusConnection, prep_socket

    with ExitStack() as undo:
        sock = prep_socket(get_bus(bus), with_files, timeout=_GREETING_S)
        undo.callback(sock.close)
        connection = DBusConnection(sock, with_files)
        undo.pop_all()
    return connection


class _Ear(ABC):
    """One bus: a thread that reads until its socket is shut."""

    bus = ""

    def __init__(self, heard: Callable[[str], object]) -> None:
        self.heard = heard
        self._lock = threading.Lock()
        self._closed = False
        self._connection: DBusConnection | None = None
        self._answers: dict[int, Callable[[Message], None]] = {}

    def start(self) -> None:
        name = f"adwarden-lock-{self.bus.lower()}"
        threading.Thread(target=self._listen, name=name, daemon=True).start()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._connection is not None:
                try:
                    # Not closed from here, where the number could be another file's by then.
                    self._connection.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    return  # the bus has gone already

    def _listen(self) -> None:
        from jeepney.wrappers import DBusErrorResponse

        try:
            connection = _connect(self.bus, with_files=self.bus == "SYSTEM")
        except (OSError, KeyError, ValueError, RuntimeError, DBusErrorResponse) as error:
            _log.info("the %s bus cannot be heard: %s", self.bus.lower(), type(error).__name__)
            return
        with self._lock:
            self._connection = connection
        try:
            self._begin()
            while not self._closed:
                self._take(connection.receive())
        except (OSError, ValueError, RuntimeError) as error:
            if not self._closed:
                _log.info("the %s bus has gone: %s", self.bus.lower(), type(error).__name__)
        finally:
            with self._lock:
                self._connection = None
            self._end()
            connection.close()

    @abstractmethod
    def _begin(self) -> None:
        """Say what is to be heard."""

    @abstractmethod
    def _end(self) -> None:
        """Let go of what came over the bus."""

    @abstractmethod
    def _signal(self, what: tuple[Any, Any], path: str, body: tuple[Any, ...]) -> None:
        """Take in what came."""

    def _wish(self, interface: str, member: str, sender: str = "") -> None:
        from jeepney import MatchRule
        from jeepney.bus_messages import message_bus

        named = {"sender": sender} if sender else {}
        rule = MatchRule(type="signal", interface=interface, member=member, **named)
        self._send(message_bus.AddMatch(rule))

    def _send(self, message: Message, answer: Callable[[Message], None] | None = None) -> None:
        """Send without waiting: between a wish and its answer a signal could come."""
        connection = self._connection
        assert connection is not None
        serial = next(connection.outgoing_serial)
        if answer is not None:
            self._answers[serial] = answer
        connection.send(message, serial=serial)

    def _take(self, message: Message) -> None:
        from jeepney import HeaderFields, MessageType

        fields = message.header.fields
        if message.header.message_type is MessageType.signal:
            what = fields.get(HeaderFields.interface), fields.get(HeaderFields.member)
            self._signal(what, str(fields.get(HeaderFields.path, "")), message.body)
            return
        answer = self._answers.pop(fields.get(HeaderFields.reply_serial, -1), None)
        if answer is not None and message.header.message_type is MessageType.method_return:
            answer(message)


class _SessionBus(_Ear):
    """The desktop's own bus, with the screen saver. Whoever is on it may lock us; only that."""

    bus = "SESSION"

    def _begin(self) -> None:
        for interface in SCREEN_SAVERS:
            self._wish(interface, "ActiveChanged")

    def _signal(self, what: tuple[Any, Any], path: str, body: tuple[Any, ...]) -> None:
        interface, member = what
        if interface in SCREEN_SAVERS and member == "ActiveChanged" and body[:1] == (True,):
            self.heard("screen")

    def _end(self) -> None:
        """Do nothing: only words came."""


class _SystemBus(_Ear):
    """The computer's bus, with the login manager."""

    bus = "SYSTEM"

    def __init__(self, heard: Callable[[str], object]) -> None:
        super().__init__(heard)
        self._brake: FileDescriptor | None = None
        self._session = ""

    def take(self) -> FileDescriptor | None:
        """Return what holds the sleep up, which is the caller's from here on."""
        with self._lock:
            brake, self._brake = self._brake, None
        return brake

    def _begin(self) -> None:
        # With the sender's name the bus itself lets nobody else through.
        self._wish(_MANAGER, "PrepareForSleep", LOGIN)
        self._wish(_SESSION, "Lock", LOGIN)
        self._call("GetSessionByPID", "u", (os.getpid(),), self._know_session)
        if name := os.environ.get("XDG_SESSION_ID", ""):
            self._call("GetSession", "s", (name,), self._know_session)
        self._inhibit()

    def _end(self) -> None:
        self._hold_no_more()

    def _signal(self, what: tuple[Any, Any], path: str, body: tuple[Any, ...]) -> None:
        if what == (_MANAGER, "PrepareForSleep"):
            if body[:1] == (True,):
                self.heard("sleep")
            else:
                self._inhibit()  # awake again: the next sleep has to wait as well
        # Where nobody knows the own session, the lock of any counts.
        elif what == (_SESSION, "Lock") and path == (self._session or path):
            self.heard("screen")

    def _inhibit(self) -> None:
        why = ("sleep", "Adwarden", "Locks what is open first", "delay")
        self._call("Inhibit", "ssss", why, self._hold)

    def _hold_no_more(self) -> None:
        if (brake := self.take()) is not None:
            brake.close()

    def _hold(self, message: Message) -> None:
        self._hold_no_more()
        with self._lock:
            self._brake = message.body[0]

    def _know_session(self, message: Message) -> None:
        self._session = str(message.body[0])

    def _call(
        self, name: str, kind: str, body: tuple[Any, ...], answer: Callable[[Message], None]
    ) -> None:
        from jeepney import DBusAddress, new_method_call

        manager = DBusAddress(_MANAGER_PATH, LOGIN, _MANAGER)
        self._send(new_method_call(manager, name, kind, body), answer)
