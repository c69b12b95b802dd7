"""One Adwarden for each data folder: a second start asks the first to show its window.

The kernel holds the lock, so that a crash frees it at once and no process id can be mistaken
for ours; the window is asked for over a local socket that only the same user can open.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from adwarden.domain.errors import AdwardenError, ErrorCode, StorageError

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

_log = logging.getLogger(__name__)

PROTOCOL = 1
LOCK_NAME = "instance.lock"
_PATIENCE = 0.5  # seconds for the other one to answer
_PAUSE = 0.02  # seconds between two attempts
_LONGEST_LINE = 4096  # bytes
_LISTENING, _STARTING = b"listening\n", b"starting\n"


class Doorbell:
    """Rings when the program is started again; ``answer`` is set once there is a window."""

    def __init__(self) -> None:
        self.answer: Callable[[], None] | None = None

    def ring(self) -> None:
        """Have the window shown, if there is one yet."""
        if self.answer is not None:
            self.answer()


class Instance:
    """The claim of this process to be the one; keep it for as long as the program runs."""

    def __init__(
        self, folder: Path, on_raise: Callable[[], None], *, patience: float = _PATIENCE
    ) -> None:
        self._path = folder / LOCK_NAME
        self._on_raise = on_raise
        self._patience = patience
        self._lock: int | None = None
        self._server: QLocalServer | None = None
        self.problem: AdwardenError | None = None
        """Why the other one did not show its window, after ``claim`` returned False."""

    @property
    def name(self) -> str:
        """The socket's name: one for each user and data folder."""
        user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
        folder = os.path.normcase(os.path.realpath(self._path.parent))
        told = f"{user}\0{folder}".encode("utf-8", "surrogateescape")
        # A checksum tells folders apart as well, and does not load OpenSSL (4 MB) for it.
        name = f"adwarden-{crc32(told):08x}{crc32(told[::-1]):08x}"
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        # A folder of the user's own keeps others from taking the name first.
        usable = os.name == "posix" and Path(runtime).is_absolute() and Path(runtime).is_dir()
        return str(Path(runtime) / name) if usable and len(runtime) < 60 else name

    def claim(self) -> bool:
        """Return True if this is the only one, else ask the other to show its window.

        Takes at most about half a second, also when the other one hangs: ``problem`` says so
        then. Raises ``StorageError`` if the folder cannot be used.
        """
        deadline = time.monotonic() + self._patience
        pause = threading.Event()
        while not self._try_lock():
            if self._ask(deadline):
                return False
            if time.monotonic() >= deadline:
                self.problem = None if self._other_is_starting() else _silent()
                return False
            pause.wait(_PAUSE)
        return True

    def listen(self) -> None:
        """Answer further starts; call it after the first paint, it loads Qt's network part.

        A start that comes before waits for this, or sees from the lock that it will come.
        """
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer()
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.setMaxPendingConnections(16)
        QLocalServer.removeServer(self.name)  # we hold the lock: what is there is left over
        if not server.listen(self.name):
            _log.warning("other starts cannot reach this one: %s", server.errorString())
            return
        server.newConnection.connect(self._accept)
        self._server = server
        self._note(_LISTENING)

    def close(self) -> None:
        """Let the next start be the one."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None
        if self._lock is not None:
            os.close(self._lock)  # the kernel frees the lock with it
            self._lock = None

    # The lock

    def _try_lock(self) -> bool:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError(
                ErrorCode.STORAGE,
                "The data folder cannot be used",
                f"{self._path.parent}: {error.strerror}",
                "Make the folder writable for you, or choose another one with --data-dir.",
                detail=str(error),
            ) from error
        if not _lock_file(descriptor):
            os.close(descriptor)
            return False
        self._lock = descriptor
        self._note(_STARTING)
        return True

    def _note(self, state: bytes) -> None:
        """Leave word for other starts, behind the byte that Windows locks."""
        if self._lock is None:
            return
        with contextlib.suppress(OSError):  # a full disk: they will just wait a little longer
            os.lseek(self._lock, 1, os.SEEK_SET)
            os.write(self._lock, state)
            os.ftruncate(self._lock, 1 + len(state))

    def _other_is_starting(self) -> bool:
        """Say whether the other one is not ready yet, and will show its window by itself."""
        try:
            with self._path.open("rb", buffering=0) as file:
                file.seek(1)  # Windows refuses to read the locked byte
                written = file.read(64)
            age = time.time() - self._path.stat().st_mtime
        except OSError:
            return False
        return written == _STARTING and 0 <= age < 30

    # The conversation

    def _ask(self, deadline: float) -> bool:
        """Ask the other one to show its window; return whether it said that it will."""
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        socket.connectToServer(self.name)
        if not socket.waitForConnected(_left(deadline)):
            return False
        socket.write(json.dumps({"v": PROTOCOL, "do": "raise"}).encode() + b"\n")
        socket.waitForBytesWritten(_left(deadline))
        while not socket.canReadLine():
            if not socket.waitForReadyRead(_left(deadline)):
                return False
        answer = _parsed(bytes(socket.readLine(_LONGEST_LINE).data()))
        return answer.get("v") == PROTOCOL and answer.get("ok") is True

    def _accept(self) -> None:
        while self._server is not None and self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.setReadBufferSize(_LONGEST_LINE)
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._answer(socket))
            self._answer(socket)

    def _answer(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= _LONGEST_LINE:
                socket.abort()
            return
        request = _parsed(bytes(socket.readLine(_LONGEST_LINE).data()))
        understood = request.get("v") == PROTOCOL and request.get("do") == "raise"
        socket.write(json.dumps({"v": PROTOCOL, "ok": understood}).encode() + b"\n")
        socket.flush()
        socket.disconnectFromServer()
        if understood:
            self._on_raise()


def _lock_file(descriptor: int) -> bool:
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # some network folders have no locks
        _log.warning("the data folder cannot be locked: %s", error)
    return True


def _left(deadline: float) -> int:
    """Return the milliseconds that are left, at least one."""
    return max(1, int((deadline - time.monotonic()) * 1000))


def _parsed(line: bytes) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _silent() -> AdwardenError:
    return AdwardenError(
        ErrorCode.UNEXPECTED,
        "Adwarden is running already, but does not answer",
        "Its window may be hanging, or waiting for the disk.",
        "Wait a moment and start again. If that does not help, end the running program.",
    )
