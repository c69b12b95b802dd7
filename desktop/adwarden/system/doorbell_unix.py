"""The doorbell on POSIX: a Unix socket of the user's own, watched without ever waiting for it.

Qt's network part could do the same, for two megabytes more in every idle window.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from adwarden.system.wire import LONGEST_LINE, MOST_CALLERS, SILENCE, Hear, left

if TYPE_CHECKING:  # a second start asks without Qt
    from PySide6.QtCore import QObject, QSocketNotifier

_log = logging.getLogger(__name__)

IN_FOLDER = ".adwarden-socket"
_LONGEST_PATH = 100  # bytes; systems have room for 103 or 107
_SHARED = Path("/tmp")  # noqa: S108 - only for a folder in it that is checked to be ours
_CREDENTIALS = "iII"  # process, user, group
_REST_MS = 1000  # before connections are taken again after that has failed


class UnixWire:
    """Reaches the running program, or is reached, over a socket file with mode 0600."""

    def __init__(self, *, silence: float = SILENCE, shared: Path = _SHARED) -> None:
        self._silence_ms = int(silence * 1000)
        self._shared = shared
        self._server: socket.socket | None = None
        self._path = Path()
        self._mark: tuple[int, int] | None = None
        self._hear: Hear | None = None
        self._root: QObject | None = None
        self._door: QSocketNotifier | None = None
        self._callers: list[_Caller] = []

    def address(self, folder: Path, name: str) -> str:
        """Return the first of three places that is private and has a path short enough."""
        runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
        real = Path(os.path.realpath(folder))
        for place, file in ((runtime, name), (real, IN_FOLDER)):
            path = place / file
            if len(os.fsencode(path)) <= _LONGEST_PATH and place.is_absolute() and _ours(place):
                return str(path)
        return str(self._shared / f"adwarden-{os.geteuid()}" / name)

    def ask(self, address: str, request: bytes, deadline: float) -> bytes:
        """Send a line and return the answer, or nothing if none came by ``deadline``."""
        heard = b""
        if not _ours(Path(address).parent):
            return heard
        with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
            connection.settimeout(left(deadline))
            connection.connect(address)
            if not _same_user(connection):
                return heard
            connection.settimeout(left(deadline))
            connection.sendall(request)
            while b"\n" not in heard and len(heard) < LONGEST_LINE:
                connection.settimeout(left(deadline))
                got = connection.recv(LONGEST_LINE - len(heard))
                if not got:
                    break
                heard += got
        line, end, _ = heard.partition(b"\n")
        return line + end if end else b""

    def listen(self, address: str, hear: Hear, *, replace: bool) -> None:
        """Have ``hear`` called for each line; see ``Wire.listen``."""
        from PySide6.QtCore import QObject, QSocketNotifier

        self._path = Path(address)
        if self._path.parent.parent == self._shared:
            with contextlib.suppress(FileExistsError):
                self._path.parent.mkdir(mode=0o700)
        if not _ours(self._path.parent):
            raise PermissionError(f"{self._path.parent} is not private")
        self._hear = hear
        self._server = self._bound(replace=replace)
        # They belong to this one: what a notifier calls may be what ends the notifier.
        self._root = QObject()
        self._door = QSocketNotifier(
            self._server.fileno(), QSocketNotifier.Type.Read, parent=self._root
        )
        self._door.activated.connect(self._accept)

    def close(self) -> None:
        """Remove the socket, unless another one has taken its place since."""
        for caller in tuple(self._callers):
            caller.end()
        if self._door is not None:
            self._door.setEnabled(False)
            self._door.deleteLater()
            self._door = None
        if self._server is None:
            return
        self._remove()
        self._server.close()
        self._server = None

    def _bound(self, *, replace: bool) -> socket.socket:
        if replace:
            self._path.unlink(missing_ok=True)
        self._mark = None
        server = socket.socket(socket.AF_UNIX)
        try:
            server.setblocking(False)
            before = os.umask(0o077)
            try:
                server.bind(str(self._path))
            finally:
                os.umask(before)
            self._mark = _mark(self._path)
            self._path.chmod(0o600)
            # Until here nobody could connect.
            server.listen(MOST_CALLERS)
        except OSError:
            server.close()
            self._remove()
            raise
        return server

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            if self._mark is not None and _mark(self._path) == self._mark:
                self._path.unlink()

    def _accept(self) -> None:
        if self._server is None or self._door is None:
            return
        try:
            connection, _ = self._server.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:
            # Out of descriptors, perhaps: the caller stays, and would be announced without end.
            _log.warning("another start cannot be heard now: %s", error)
            self._door.setEnabled(False)
            self._rest()
            return
        if not _same_user(connection):
            connection.close()
            return
        if len(self._callers) >= MOST_CALLERS:
            self._callers[0].end()
        self._callers.append(_Caller(connection, self, self._silence_ms))

    def _rest(self) -> None:
        from PySide6.QtCore import QTimer

        timer = QTimer(self._door)
        timer.setSingleShot(True)
        timer.timeout.connect(self._open_door)
        timer.timeout.connect(timer.deleteLater)
        timer.start(_REST_MS)

    def _open_door(self) -> None:
        if self._door is not None:
            self._door.setEnabled(True)

    # For the callers

    @property
    def root(self) -> QObject | None:
        """What a caller's Qt objects belong to."""
        return self._root

    def heard(self, line: bytes, answer: Callable[[bytes], None]) -> None:
        """Pass on what a caller has said."""
        if self._hear is not None:
            self._hear(line, answer)

    def gone(self, caller: _Caller) -> None:
        """Forget a caller."""
        with contextlib.suppress(ValueError):
            self._callers.remove(caller)


class _Caller:
    """One connection, until it is answered, has ended, or has taken too long."""

    def __init__(self, connection: socket.socket, wire: UnixWire, silence_ms: int) -> None:
        from PySide6.QtCore import QSocketNotifier, QTimer

        connection.setblocking(False)
        self._connection = connection
        self._wire = wire
        self._said = b""
        self._notifier = QSocketNotifier(
            connection.fileno(), QSocketNotifier.Type.Read, parent=wire.root
        )
        self._notifier.activated.connect(self._read)
        self._timer = QTimer(self._notifier)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.end)
        self._timer.start(silence_ms)

    def end(self) -> None:
        """Hang up; once more does nothing."""
        if self._connection.fileno() < 0:
            return
        self._timer.stop()
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        self._connection.close()
        self._wire.gone(self)

    def _read(self) -> None:
        try:
            got = self._connection.recv(LONGEST_LINE - len(self._said))
        except BlockingIOError:
            return
        except OSError:
            got = b""
        self._said += got
        line, end, _ = self._said.partition(b"\n")
        if end:
            try:
                self._wire.heard(line + end, self._answer)
            finally:
                self.end()
        elif not got or len(self._said) >= LONGEST_LINE:
            self.end()

    def _answer(self, line: bytes) -> None:
        # There is room for a line; who has made that untrue, by not reading, goes without.
        with contextlib.suppress(OSError):
            self._connection.send(line)
        self.end()


def _ours(folder: Path) -> bool:
    """Say whether this is a folder of our own in which nobody else can put anything."""
    try:
        found = folder.lstat()
    except (OSError, ValueError):
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.geteuid()
        and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _same_user(connection: socket.socket) -> bool:
    """Say whether the other end is this user; where that cannot be asked, the modes say so."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    try:
        found = connection.getsockopt(socket.SOL_SOCKET, option, struct.calcsize(_CREDENTIALS))
        _, user, _ = struct.unpack(_CREDENTIALS, found)
    except (OSError, struct.error):
        return False
    return bool(user == os.geteuid())


def _mark(path: Path) -> tuple[int, int]:
    """Return what tells this file from another one at the same place. Raises ``OSError``."""
    found = path.lstat()
    return found.st_dev, found.st_ino
