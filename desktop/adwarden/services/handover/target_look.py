"""Looks at a place before anything is written there, and tells what speaks against it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from adwarden.domain.data import dataclass
from adwarden.services.handover.target_tree import tree_warnings
from adwarden.services.handover.target_words import in_words, unusable

BACKUP_MARK = ".adwarden-backup-"
OTHERS = 0o077
"""The rights of others in a mode."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is known of a place before anything is written there.

    ``path`` is as given, ``real`` where its links lead to. ``size`` is in bytes, 0 where there is
    no file. ``warnings`` are sentences for a person; with any of ``is_folder``, ``is_other`` (a
    pipe, a device) and ``foreign_owner`` writing is refused.
    """

    path: Path
    real: Path
    exists: bool
    is_symlink: bool = False
    is_folder: bool = False
    is_other: bool = False
    foreign_owner: bool = False
    open_to_others: bool = False
    size: int = 0
    warnings: tuple[str, ...] = ()


def look(path: Path, *, secrets: bool = True) -> Target:
    """Say what is at a place, without changing it. Raises ``InputError`` for what is no path.

    ``secrets`` is whether what comes there has some: version control is warned of for these.
    """
    real = real_of(path)
    linked = is_link(path)
    try:
        found = real.stat()
    except (FileNotFoundError, NotADirectoryError):
        found = None
    except OSError as error:
        raise in_words(error, path, "This place cannot be looked at") from error
    warnings = []
    if linked:
        lost = "" if found else ", which is not there yet"
        warnings.append(f"{path.name} is a link to {real}{lost}. The file itself is written.")
    folder = found is not None and stat.S_ISDIR(found.st_mode)
    other = found is not None and not folder and not stat.S_ISREG(found.st_mode)
    foreign = found is not None and is_foreign(found)
    lax = found is not None and os.name != "nt" and bool(found.st_mode & OTHERS)
    if folder:
        warnings.append(f"{path} is a folder.")
    elif other:
        warnings.append(f"{path} is a pipe or a device, and no file.")
    elif foreign:
        warnings.append(f"{path} belongs to somebody else and is not written.")
    elif found is not None and lax:
        warnings.append("Others can read this file now. Written by Adwarden, only you can.")
    if found is not None and stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
        warnings.append("The file has a second name elsewhere, which keeps the old content.")
    if secrets and not folder and not other:
        copy = real.name + BACKUP_MARK if found is not None else ""
        warnings.extend(tree_warnings(real, copy))
    return Target(
        path,
        real,
        exists=found is not None,
        is_symlink=linked,
        is_folder=folder,
        is_other=other,
        foreign_owner=foreign,
        open_to_others=lax and not folder and not other,
        size=found.st_size if found is not None and not folder else 0,
        warnings=tuple(warnings),
    )


def real_of(path: Path) -> Path:
    """Return where links lead to, whether anything is there or not. Raises ``InputError``."""
    try:
        # A loop of links is told by the look at what is there, not by this.
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        pass
    raise unusable(path)


def is_link(path: Path) -> bool:
    """Tell whether a place is a link, wherever that leads."""
    try:
        return path.is_symlink()
    except (OSError, ValueError):
        return False


def is_foreign(found: os.stat_result) -> bool:
    """Tell whether somebody else owns what was found."""
    return os.name != "nt" and found.st_uid != os.geteuid()
