"""Keeps two Adwardens of one user from writing the same file at the same time.

The kernel holds the lock, so that a crash frees it. It is a help and no guarantee: across
machines there is none, and whoever writes looks at the file itself right before.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_PATIENCE = 10.0  # seconds; one write takes a twentieth of one
_TURN = 0.02


class LockTimeoutError(Exception):
    """Somebody else has held the lock for too long."""


def lock_folder() -> Path:
    """Return where the locks are, the same for all data folders of a user."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        return Path(runtime, "adwarden")
    from platformdirs import user_cache_path

    return user_cache_path("adwarden", appauthor=False) / "locks"


@contextlib.contextmanager
def only_writer(path: Path, folder: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """Be the only one of this user who writes ``path`` (resolved).

    Where there can be no locks it goes on without one. Raises ``LockTimeoutError``.
    """
    import hashlib  # brings OpenSSL along

    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
    descriptor = _opened(folder, f"{name}.lock")
    try:
        if descriptor is not None:
            _wait(descriptor, patience)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _opened(folder: Path, name: str) -> int | None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Not removed afterwards: somebody may be waiting for it.
        return os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None


def _wait(descriptor: int, patience: float) -> None:
    """Take the lock, looking again every 20 ms: no system can wait for it and give up."""
    until = time.monotonic() + patience
    turn = threading.Event()
    while not _taken(descriptor):
        if time.monotonic() > until:
            raise LockTimeoutError
        turn.wait(_TURN)


if os.name == "nt":
    import msvcrt

    def _taken(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # this file system has no locks
        return True
