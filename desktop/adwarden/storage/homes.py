"""Which marks the entries of a data folder bear: of where it is now, and of where it has been.

An entry bears the mark of the path at which its data folder was. A small file in the folder
remembers those paths, so that a folder that was moved still knows what is its own, and an id,
by which a copy knows its original.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

from adwarden.domain.data import dataclass
from adwarden.domain.errors import ErrorCode, StorageError
from adwarden.storage.paths import HOME_FILE, DataFolder, atomic_write, mark_of

_log = logging.getLogger(__name__)

_MOST = 20
"""Former paths that are remembered: a stick may come under another letter every day."""

_LARGEST = 100_000  # bytes; a path has some hundred


@dataclass(frozen=True, slots=True)
class _Noted:
    path: str
    before: tuple[str, ...] = ()
    id: str = ""
    """The same in a copy, until that finds out; empty in what an older version wrote."""


class Homes:
    """Reads and writes the file; for the index's thread, as the disk is touched."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    def marks(self) -> frozenset[str]:
        """Return the marks by which this folder's entries are known.

        Not that of a former place where another data folder is now: its entries bear it as well.
        """
        noted = self._read() or _Noted("")
        former = (noted.path, *noted.before)
        ours = (path for path in former if path and not self._is_anothers(path))
        return frozenset((self._folder.mark, *map(mark_of, ours)))

    def settle(self) -> StorageError | None:
        """Note where the folder is; return what is to be told where others know it as theirs.

        A copy goes by an id of its own from then on. What both list is the original's as long as
        that is there, and the copy's after that. A disk that refuses costs nothing but a folder
        that is moved, or copied, after that.
        """
        here, noted = str(self._folder.root.resolve()), self._read() or _Noted("")
        former = dict.fromkeys((noted.path, *noted.before))
        before = [path for path in former if path not in ("", here)][:_MOST]
        # Where it was last: a look at all would wait at each start for drives that are not there.
        last = before[0] if before and self._is_anothers(before[0]) else ""
        is_copy = bool(last) and self._is_original(last, noted)
        if noted.path == here and noted.id and not is_copy:
            return None
        id_ = noted.id if noted.id and not is_copy else _new_id()
        told = {"v": 1, "path": here, "before": before, "id": id_}
        try:
            atomic_write(self._folder.home, json.dumps(told).encode())
        except StorageError as error:
            _log.warning("where the data folder is could not be noted: %s", error.detail)
        if is_copy:
            return _copied(last)
        return _replaced(last) if last and last == noted.path else None

    def _read(self, folder: DataFolder | None = None) -> _Noted | None:
        try:
            with (folder or self._folder).home.open("rb") as file:
                told: Any = json.loads(file.read(_LARGEST))
            path, before, id_ = told["path"], told["before"], told.get("id", "")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        words = (path, id_, *before) if isinstance(before, list) else (before,)
        if not path or not all(isinstance(one, str) for one in words):
            return None
        return _Noted(path, tuple(before), id_)

    def _is_original(self, path: str, noted: _Noted) -> bool:
        """Tell whether the folder that is at a former path is what this one is a copy of.

        Where an older version gave one of them no id, what stands where this one was noted is.
        """
        there = self._read(DataFolder(Path(path)))
        if there is None or not (there.id and noted.id):
            return path == noted.path
        return there.id == noted.id

    def _is_anothers(self, path: str) -> bool:
        """Tell whether there is a data folder at a path that is not this very one."""
        there = DataFolder(Path(path))
        try:
            return (there.home.exists() or there.directory.exists()) and not there.root.samefile(
                self._folder.root
            )
        except (OSError, ValueError):
            return False


def _new_id() -> str:
    # As secrets.token_hex, without the three megabytes of OpenSSL that it brings along.
    return os.urandom(8).hex()


def _copied(path: str) -> StorageError:
    return StorageError(
        ErrorCode.STORAGE,
        "This data folder is a copy",
        f"The original is at {path}. Both list the same secrets, of which there is one each: what "
        "is changed, moved or disconnected in one of them is missing in the other.",
        "Go on with one of the two only. What is added here from now on belongs to this one alone.",
        detail=f"copy of {HOME_FILE}",
    )


def _replaced(path: str) -> StorageError:
    return StorageError(
        ErrorCode.STORAGE,
        "Another data folder has the place of this one",
        f"This one was at {path}, where another one is now. What was kept at that place belongs "
        "to both, and both may list the same secrets, of which there is one each: what is "
        "changed, moved or disconnected in one of them is missing in the other.",
        "Go on with one of the two only. What is added here from now on belongs to this one alone.",
        detail=f"another {HOME_FILE}",
    )
