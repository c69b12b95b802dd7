"""Where a hand-over goes, and where a take-in comes from: looked at first, then read or written.

A file of credentials is 0600 and whole at any moment; what others own, and what changed since it
was read, is left alone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError, StorageError
from adwarden.services.handover.target_look import (
    BACKUP_MARK,
    OTHERS,
    is_foreign,
    is_link,
    real_of,
)
from adwarden.services.handover.target_look import Target as Target
from adwarden.services.handover.target_look import look as look
from adwarden.services.handover.target_text import LIMIT, like, read_bytes, text_of
from adwarden.services.handover.target_words import (
    changed_meanwhile,
    in_words,
    is_a_folder,
    of_somebody_else,
    there_already,
    too_large,
    unusable,
)
from adwarden.storage.paths import atomic_write, drop_abandoned, make_private_folder

NOT_REMOVED_WITH_IT = (
    "Copies in backups, in snapshots and in the history of a version control system stay. "
    "Where others may have seen it, regenerate the secrets."
)
"""What removing a file does not do, for whoever offers it."""

_OURS_ALONE = 0o600


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a file: ``real`` is where it is, ``backup`` a copy of what it was before."""

    real: Path
    backup: Path | None = None
    changed: bool = True
    remarks: tuple[str, ...] = ()


def read_source(path: Path, *, pipes: bool = False) -> str:
    """Return the text of a file: UTF-8, or UTF-16 with its mark; line ends stay as they are.

    Raises ``InputError`` for a folder, a pipe (with ``pipes`` one without an end only), what is
    not there, more than a megabyte and what is no text, ``StorageError`` where reading fails.
    """
    return text_of(read_bytes(path, pipes=pipes), path)


def write(
    path: Path,
    text: str,
    *,
    replace: bool,
    merge_of: str | None,
    make_folder: bool = False,
) -> Written:
    """Write a file of credentials: 0600, at once, through a link to the file itself.

    ``merge_of`` is the text that ``text`` was made of, as ``read_source`` gave it: the file must
    still be that; ``""`` stands for a file that is not there. Without it a file that is there is
    only written over with ``replace``. Of what was there a copy stays beside it either way, under
    ``NAME.adwarden-backup-…``. ``make_folder`` makes a folder that is missing, 0700. Raises
    ``ExistsError``, ``InputError`` (folder, pipe, of somebody else) and ``StorageError``,
    FILE_CHANGED among them; then the file is as it was, and there is no copy.
    """
    real = _fit(path)
    if make_folder:
        _make_folder(real)
    found = _check(path, real)
    data = _encoded(text)
    remarks = []
    if found is not None and os.name != "nt" and found.st_mode & OTHERS:
        remarks.append("Others could read this file before; now only you can.")
    old = None
    if merge_of is not None:
        old = _unchanged(path, real, merge_of)
        if old is not None:
            data = like(data, old)
    elif found is not None:
        if not replace:
            raise there_already(path)
        old = read_bytes(real)
    if old == data:
        if remarks:
            _tighten(real)
        return Written(real, changed=False, remarks=("It said that already.", *remarks))

    def last() -> None:
        _check(path, real)
        if merge_of is not None:
            same = _unchanged(path, real, merge_of) == old
        elif not os.path.lexists(real):
            same = old is None
        elif replace:
            same = old is not None and read_bytes(real) == old
        else:
            raise there_already(path)
        if not same:
            raise changed_meanwhile(path)

    with contextlib.ExitStack() as undoing:
        backup = None
        if old:
            backup = _free_name(real)
            undoing.callback(_drop, backup, real, old)
            _put(backup, old)
        _put(real, data, last)
        undoing.pop_all()
    return Written(real, backup, remarks=tuple(remarks))


def check(path: Path, *, make_folder: bool = False) -> None:
    """Raise what ``write`` would refuse at this place, so that it is said before; changes nothing.

    With ``make_folder`` a folder that is missing is no reason. Raises ``InputError`` and
    ``StorageError``.
    """
    real = _fit(path)
    found = _check(path, real)
    if found is not None and found.st_size > LIMIT:
        raise too_large(path, LIMIT)  # of which there could be no copy
    folder = real.parent
    while make_folder and folder != folder.parent and not os.path.lexists(folder):
        folder = folder.parent
    failure: OSError | None = None
    try:
        if not folder.is_dir():
            code = errno.ENOTDIR if os.path.lexists(folder) else errno.ENOENT
            failure = OSError(code, os.strerror(code))
    except OSError as error:
        failure = error
    if failure is not None:
        raise in_words(failure, path, f"{path.name} cannot be written")


def led_to(path: Path) -> Path | None:
    """Return the file that a link leads to, which is what is written or removed.

    ``None`` for what is no link. Raises ``InputError`` for what is no path.
    """
    return real_of(path) if is_link(path) else None


def remove(path: Path, *, was: str | None = None) -> tuple[str, ...]:
    """Remove a file whose secrets were taken in, and the link that led to it.

    ``was`` is the text that was taken in: a file that says something else by now is left alone.
    Returns sentences about what stays elsewhere. Raises ``InputError`` and ``StorageError``.
    """
    _refuse_keys(path)
    real = real_of(path)
    _refuse_keys(real)
    if _check(path, real) is None:
        raise InputError("It is no longer there", f"{path} is gone already.", field="file")
    if was is not None and read_source(real) != was:
        raise changed_meanwhile(path)
    try:
        real.unlink()
        if is_link(path):
            path.unlink()
    except OSError as error:
        raise in_words(error, path, f"{path.name} could not be removed") from error
    return (NOT_REMOVED_WITH_IT,)


def _fit(path: Path) -> Path:
    """Return where a path leads to, if that is no place where nothing may be written."""
    _refuse_keys(path)
    real = real_of(path)
    _refuse_keys(real)
    _refuse_foreign_link(path)
    return real


def _check(path: Path, real: Path) -> os.stat_result | None:
    """Return what is at the place, ``None`` for nothing; raises for what is not to be written."""
    try:
        found = real.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise in_words(error, path, f"{path.name} could not be written") from error
    if stat.S_ISDIR(found.st_mode):
        raise is_a_folder(path)
    if not stat.S_ISREG(found.st_mode):
        raise unusable(path)
    if is_foreign(found):
        raise of_somebody_else(path)
    return found


def _refuse_foreign_link(path: Path) -> None:
    """Refuse a link that somebody else laid: it may lead what is written to where they like."""
    try:
        found = path.lstat()
    except OSError:
        return
    if stat.S_ISLNK(found.st_mode) and is_foreign(found) and found.st_uid != 0:
        raise of_somebody_else(path)


def _refuse_keys(path: Path) -> None:
    if path.name.casefold() == "keys.yml" and path.parent.name.casefold() == ".xurl":
        words = "keys.yml holds the keys of xurl’s encrypted chats. Adwarden never touches it."
        raise InputError(
            "This file is not for credentials", words, "Choose auth.yml.", field="file"
        )


def _make_folder(real: Path) -> None:
    try:
        make_private_folder(real.parent)
    except OSError as error:
        raise in_words(error, real, f"The folder {real.parent} could not be made") from error


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass
    raise InputError(
        "This cannot be written",
        "A name or a value has a character that no file can hold.",
        "Look at names and handles that were pasted.",
    )


def _unchanged(path: Path, real: Path, merge_of: str) -> bytes | None:
    """Return what the file holds, ``None`` where there is none, if it is what it was made of."""
    if not os.path.lexists(real):
        if merge_of:
            raise changed_meanwhile(path)
        return None
    data = read_bytes(real)
    if text_of(data, real) != merge_of:
        raise changed_meanwhile(path)
    return data


def _free_name(real: Path) -> Path:
    name = f"{real.name}{BACKUP_MARK}{time.strftime('%Y%m%d-%H%M%S')}"
    backup = real.with_name(name)
    number = 1
    while os.path.lexists(backup):
        number += 1
        backup = real.with_name(f"{name}-{number}")
    return backup


def _put(path: Path, data: bytes, before: Callable[[], None] | None = None) -> None:
    failure: StorageError | None = None
    drop_abandoned(path.parent)  # what a crash left there has secrets in it
    try:
        atomic_write(path, data, before=before)
        return
    except StorageError as error:
        # Its words are about the data folder, which this is not.
        cause = error.__cause__
        failure = error
        if isinstance(cause, OSError):
            failure = in_words(cause, path, f"{path.name} could not be written")
    raise failure


def _tighten(real: Path) -> None:
    try:
        real.chmod(_OURS_ALONE)
    except OSError as error:
        raise in_words(error, real, f"{real.name} stays open to others") from error


def _drop(backup: Path, real: Path, old: bytes) -> None:
    """Remove a copy that is not needed, as the file is what it was."""
    with contextlib.suppress(OSError):
        if real.read_bytes() == old:
            backup.unlink()
