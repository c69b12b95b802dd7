"""What Adwarden keeps its own things in: no report, backup or hand-over is written over it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError
from adwarden.storage.paths import (
    DIRECTORY_FILE,
    LOCK_FILE,
    LOCKS_FOLDER,
    LOG_FOLDER,
    OURS,
    PRACTICE_FOLDER,
    SETTINGS_FILE,
)
from adwarden.storage.settings import VAULT_FILE
from adwarden.storage.settings_file import read_file, unquoted

if TYPE_CHECKING:
    from adwarden.storage.directory import Directory

_FILES = (DIRECTORY_FILE, SETTINGS_FILE, LOCK_FILE, ".adwarden-")
"""What the names of Adwarden's own files begin with; the index has others beside it."""


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The files of a data folder and the KeePass files in use, be they open, locked or gone."""

    data: Path | None = None
    vaults: tuple[Path, ...] = ()

    def refuse(self, path: Path) -> None:
        """Raise ``InputError`` where a path leads to one of them, by whatever spelling or link."""
        found = _stat(path)
        if self.data is not None and _is_ours(path, found, _root(self.data)):
            raise InputError(
                "This file is Adwarden’s own",
                f"{path} belongs to what Adwarden keeps for itself.",
                "Choose another name.",
                field="file",
                detail=str(path),
            )
        for vault in self.vaults:
            if _is_vault(path, found, vault):
                raise InputError(
                    "This is the KeePass file in use",
                    f"Secrets are kept in {path}: what is written there would take their place.",
                    "Choose another name.",
                    field="file",
                    detail=str(path),
                )


def own_files(data: Path, in_use: str = "") -> OwnFiles:
    """Return what is Adwarden's own around a data folder, practice and the other way round.

    ``in_use`` is the path of the KeePass file that the settings in memory name. Reads settings.
    """
    root = _root(data)
    named = [in_use, *(_named_in(folder / SETTINGS_FILE) for folder in (root, _practice(root)))]
    return OwnFiles(data, tuple(dict.fromkeys(Path(one) for one in named if one)))


def known_files(directory: Directory) -> OwnFiles:
    """Return what is Adwarden's own by what an open index knows."""
    return own_files(directory.folder, directory.stamp.file() if directory.stamp else "")


def _root(data: Path) -> Path:
    # Practice has its folder inside; neither may touch the files of the other.
    return data.parent if data.name == PRACTICE_FOLDER else data


def _practice(root: Path) -> Path:
    return root / PRACTICE_FOLDER


def _named_in(settings: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        text = read_file(settings).get(VAULT_FILE.group, {}).get(VAULT_FILE.key, "")
        return unquoted(text)
    return ""


def _is_vault(path: Path, found: os.stat_result | None, vault: Path) -> bool:
    there = _stat(vault)
    if found is not None and there is not None:
        return os.path.samestat(found, there)
    # One is not there: what is written would be taken for the file when its drive comes back.
    return bool(_spellings(path) & _spellings(vault))


def _spellings(path: Path) -> set[str]:
    """Return what a place is called, itself and where its links lead, as lax drives compare."""
    with contextlib.suppress(OSError, ValueError):
        itself = Path(os.path.realpath(path.parent)) / path.name
        return {str(itself).casefold(), os.path.realpath(path).casefold()}
    return set()


def _is_ours(path: Path, found: os.stat_result | None, root: Path) -> bool:
    """Tell whether a path names a file of the data folder."""
    itself = Path(os.path.realpath(path.parent)) / path.name
    if any(_named_ours(place, root) for place in (itself, Path(os.path.realpath(path)))):
        return True
    return found is not None and any(_same(one, found) for one in _files_of(root))


def _named_ours(place: Path, root: Path) -> bool:
    """Tell whether a place is in the folder, under a name of ours; it need not be there yet."""
    there = _stat(root)
    if there is None:
        return False
    for folder, name in zip(place.parents, (place, *place.parents), strict=False):
        # Compared as the system does: drives may take no notice of case, or be mounted twice.
        if _same(folder, there):
            head = name.name.casefold()
            return head in OURS or head.startswith(_FILES)
    return False


def _files_of(root: Path) -> Iterator[Path]:
    for folder in (root, _practice(root)):
        for name in _FILES:
            yield from folder.glob(f"{name}*")
        for inner in (LOG_FOLDER, LOCKS_FOLDER):
            yield from (folder / inner).glob("*")


def _same(path: Path, other: os.stat_result) -> bool:
    found = _stat(path)
    return found is not None and os.path.samestat(found, other)


def _stat(path: Path) -> os.stat_result | None:
    with contextlib.suppress(OSError, ValueError):
        return path.stat()
    return None
