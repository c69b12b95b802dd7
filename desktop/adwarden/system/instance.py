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
    from adwarden.system.wire import Wire

_log = logging.getLogger(__name__)

PROTOCOL = 1
LOCK_NAME = "instance.lock"
_PATIENCE = 0.5  # seconds for the other one to answer
_PAUSE = 0.02  # seconds between two attempts
_LISTENING, _STARTING = b"listening\n", b"starting\n"
_LONGEST_NOTE = 4096  # bytes


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
        self,
        folder: Path,
        on_raise: Callable[[], None],
        *,
        patience: float = _PATIENCE,
        wire: Wire | None = None,
    ) -> None:
        self._path = folder / LOCK_NAME
        self._on_raise = on_raise
        self._patience = patience
        self._lock: int | None = None
        self._locked = False
        self._made = wire
        self.problem: AdwardenError | None = None
        """Why the other one did not show its window, after ``claim`` returned False."""

    @property
    def name(self) -> str:
        """Where it is reached: one place for each user and data folder."""
        user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
        folder = os.path.normcase(os.path.realpath(self._path.parent))
        told = f"{user}\0{folder}".encode("utf-8", "surrogateescape")
        # A checksum tells folders apart as well, and does not load OpenSSL (4 MB) for it.
        name = f"adwarden-{crc32(told):08x}{crc32(told[::-1]):08x}"
        return self._wire.address(self._path.parent, name)

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
        """Answer further starts; call it after the first paint, and with an application.

        A start that comes before waits for this, or sees from the lock that it will come.
        """
        try:
            # Where folders have no locks, what is there may belong to one that is alive.
            self._wire.listen(self.name, self._answer, replace=self._locked)
        except OSError as error:
            _log.warning("other starts cannot reach this one: %s", error)
            return
        self._note(_LISTENING + os.fsencode(self.name) + b"\n")

    def close(self) -> None:
        """Let the next start be the one."""
        if self._made is not None:
            self._made.close()  # while the lock is ours: the next one listens at the same place
        if self._lock is not None:
            os.close(self._lock)  # the kernel frees the lock with it
            self._lock, self._locked = None, False

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
        try:
            self._locked = lock_file(descriptor)
        except OSError as error:  # some network folders have no locks
            _log.warning("the data folder cannot be locked: %s", error)
        else:
            if not self._locked:
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
            age = time.time() - self._path.stat().st_mtime
        except OSError:
            return False
        return self._noted() == _STARTING and 0 <= age < 30

    def _noted(self) -> bytes:
        """Return what the other one has left word of."""
        try:
            with self._path.open("rb", buffering=0) as file:
                file.seek(1)  # Windows refuses to read the locked byte
                return file.read(_LONGEST_NOTE)
        except OSError:
            return b""

    def _told_address(self) -> str:
        """Return where the other one listens, as it says; the folder is private to the user."""
        noted = self._noted()
        if not noted.startswith(_LISTENING):
            return ""
        address, end, _ = noted[len(_LISTENING) :].partition(b"\n")
        return os.fsdecode(address) if end else ""

    # The conversation

    @property
    def _wire(self) -> Wire:
        if self._made is None:
            self._made = _usual_wire()
        return self._made

    def _ask(self, deadline: float) -> bool:
        """Ask the other one to show its window; return whether it said that it will."""
        request = json.dumps({"v": PROTOCOL, "do": "raise"}).encode() + b"\n"
        # Where it listens follows from its environment, which may be another than ours.
        address = self._told_address() or self.name
        answer = _parsed(self._wire.ask(address, request, deadline))
        return answer.get("v") == PROTOCOL and answer.get("ok") is True

    def _answer(self, line: bytes, reply: Callable[[bytes], None]) -> None:
        request = _parsed(line)
        understood = request.get("v") == PROTOCOL and request.get("do") == "raise"
        reply(json.dumps({"v": PROTOCOL, "ok": understood}).encode() + b"\n")
        if understood:
            self._on_raise()


def _usual_wire() -> Wire:
    # Only now: most starts are the only one, and listen after the first paint.
    if os.name == "nt":
        from adwarden.system.doorbell_qt import QtWire

        return QtWire()
    from adwarden.system.doorbell_unix import UnixWire

    return UnixWire()


def lock_file(descriptor: int) -> bool:
    """Return whether it is ours now. Raises ``OSError`` where there are no locks."""
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
    return True


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
