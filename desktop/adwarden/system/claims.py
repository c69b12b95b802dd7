"""Which of several processes works on what, in one data folder.

The kernel holds the locks, so that a crash frees them at once; the id of the process stands in
the file, for people.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from zlib import crc32

from adwarden.domain.data import dataclass
from adwarden.system.instance import lock_file

_log = logging.getLogger(__name__)

_LONGEST_NOTE = 64  # bytes


@dataclass(frozen=True, slots=True)
class _Held:
    descriptor: int
    followed: bool


class Claims:
    """The claims of this process, a file for each; used by one thread.

    ``began`` is when this process did, in Unix seconds. Where folders have no locks, or the disk
    is full, nobody is kept off.
    """

    def __init__(self, folder: Path, began: float) -> None:
        self._folder, self._began = folder, began
        self._held: dict[str, _Held] = {}

    def take(self, name: str) -> bool:
        """Return whether it is this process's now, or was before."""
        if name in self._held:
            return True
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(self._path(name), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            _log.warning("no file for a lock: %s", error)
            return True
        try:
            locked = lock_file(descriptor)
        except OSError as error:  # some network folders have no locks
            _log.warning("the data folder cannot be locked: %s", error)
            locked = True
        if not locked:
            os.close(descriptor)
            return False
        self._held[name] = _Held(descriptor, self._was_anothers(descriptor))
        _sign(descriptor)
        return True

    def followed(self, name: str) -> bool:
        """Tell whether another process had it after this one began, and before it was taken."""
        return name in self._held and self._held[name].followed

    def holder(self, name: str) -> int:
        """Return the id of the process that has it, or had it last; 0 where that is not known."""
        try:
            with self._path(name).open("rb", buffering=0) as file:
                file.seek(1)  # Windows refuses to read the locked byte
                return _number(file.read(_LONGEST_NOTE))
        except OSError:
            return 0

    def give_back(self, name: str) -> None:
        """Let others have it; the file stays, as somebody may be waiting for it."""
        held = self._held.pop(name, None)
        if held is not None:
            _sign(held.descriptor)  # for the time of the file
            os.close(held.descriptor)  # the kernel frees the lock with it

    def _was_anothers(self, descriptor: int) -> bool:
        try:
            os.lseek(descriptor, 1, os.SEEK_SET)
            last = _number(os.read(descriptor, _LONGEST_NOTE))
            # A second of grace: file systems keep time their own way.
            since = os.fstat(descriptor).st_mtime > self._began - 1
        except OSError:
            return True
        return since and last not in (0, os.getpid())

    def _path(self, name: str) -> Path:
        told = name.encode("utf-8", "surrogatepass")
        return self._folder / f"{crc32(told):08x}{crc32(told[::-1]):08x}.lock"


def _sign(descriptor: int) -> None:
    note = b"%d\n" % os.getpid()
    with contextlib.suppress(OSError):  # a full disk: others will not know who it is
        os.lseek(descriptor, 1, os.SEEK_SET)  # behind the byte that Windows locks
        os.write(descriptor, note)
        os.ftruncate(descriptor, 1 + len(note))


def _number(note: bytes) -> int:
    line = note.partition(b"\n")[0]
    return int(line) if line.isdigit() and len(line) < 20 else 0
