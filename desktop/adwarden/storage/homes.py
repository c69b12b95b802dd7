"""Which marks the entries of a data folder bear: of where it is now, and of where it has been.

An entry bears the mark of the path at which its data folder was. A small file in the folder
remembers those paths, so that a folder that was moved still knows what is its own.
"""

from __future__ import annotations

import json
import logging
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
        """Note where the folder is; return what is to be told where it turns out to be a copy.

        A copy has its own entries from then on: what both list still is the original's. A disk
        that refuses costs nothing but a folder that is moved after that.
        """
        here, noted = str(self._folder.root.resolve()), self._read()
        if noted is not None and noted.path == here:
            return None
        is_copy = noted is not None and self._is_anothers(noted.path)
        if noted is None or is_copy:
            now = _Noted(here)
        else:
            former = (one for one in (noted.path, *noted.before) if one != here)
            now = _Noted(here, tuple(dict.fromkeys(former))[:_MOST])
        try:
            told = {"v": 1, "path": now.path, "before": now.before}
            atomic_write(self._folder.home, json.dumps(told).encode())
        except StorageError as error:
            _log.warning("where the data folder is could not be noted: %s", error.detail)
        return _copied(noted.path) if noted is not None and is_copy else None

    def _read(self) -> _Noted | None:
        try:
            with self._folder.home.open("rb") as file:
                told: Any = json.loads(file.read(_LARGEST))
            path, before = told["path"], told["before"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        if not (isinstance(before, list) and all(isinstance(one, str) for one in (path, *before))):
            return None
        return _Noted(path, tuple(before)) if path else None

    def _is_anothers(self, path: str) -> bool:
        """Tell whether there is a data folder at a path that is not this very one."""
        there = DataFolder(Path(path))
        try:
            return (there.home.exists() or there.directory.exists()) and not there.root.samefile(
                self._folder.root
            )
        except (OSError, ValueError):
            return False


def _copied(path: str) -> StorageError:
    return StorageError(
        ErrorCode.STORAGE,
        "This data folder is a copy",
        f"The original is at {path}. Both list the same secrets, of which there is one each: what "
        "is changed, moved or disconnected in one of them is missing in the other.",
        "Go on with one of the two only. What is added here from now on belongs to this one alone.",
        detail=f"copy of {HOME_FILE}",
    )
