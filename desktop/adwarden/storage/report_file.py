"""Writes a file that a person asked for, where the person wants it: whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from adwarden.domain.errors import ErrorCode, InputError, StorageError
from adwarden.storage.own_files import OwnFiles

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)

_NOTHING = OwnFiles()


class ExistsError(InputError):
    """There is a file of that name, and nobody said that it may be replaced."""


def write_report(
    path: Path,
    pieces: Iterable[bytes],
    *,
    replace: bool = False,
    own: OwnFiles = _NOTHING,
    what: str = "report",
    last: Callable[[], None] = lambda: None,
) -> None:
    """Write ``pieces`` into ``path``, which is 0600; a crash leaves the old file or the new one.

    ``own`` is what is never written over, not even with ``replace``; ``what`` is what people call
    what is written. ``last`` is called when only its name is left to be given, and may still
    raise: nothing is there then. A link is replaced, not followed. Raises ``ExistsError`` for a
    file that is there unless ``replace``, ``InputError`` for what can be no report (a folder, a
    device, a pipe, a file of Adwarden's own), and ``StorageError``.
    """
    try:
        _refuse(path, own, what)
        if not replace and os.path.lexists(path):
            raise _exists(path)
        temp = path.parent / f".adwarden-{secrets.token_hex(8)}.part"
        try:
            _write(temp, pieces)
            last()
            _put(temp, path, replace=replace)
        finally:
            with contextlib.suppress(OSError):
                temp.unlink(missing_ok=True)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise _failure(error, path, what) from error


def _refuse(path: Path, own: OwnFiles, what: str) -> None:
    """Raise ``InputError`` for what is no file, and for what is Adwarden's own."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        found = None
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise _unfit(path, "A folder has this name", f"{path} is a folder.")
    # The system's names for a stream of this process lead to a file only by chance.
    stream = path.is_symlink() and str(path.readlink()).startswith(("/proc/", "/dev/"))
    if stream or (found is not None and not stat.S_ISREG(found.st_mode)):
        raise _unfit(path, f"A {what} goes into a file", f"{path} is a device or a pipe.")
    own.refuse(path)


def _unfit(path: Path, title: str, why: str) -> InputError:
    return InputError(title, why, "Choose another name.", field="file", detail=str(path))


def _write(temp: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _put(temp: Path, path: Path, *, replace: bool) -> None:
    if not replace:
        try:
            # Unlike a rename, a link never takes the place of a file that came meanwhile.
            os.link(temp, path)
            return
        except FileExistsError:
            raise
        except OSError:
            # Some drives know no links; the look before is all there is then.
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, "exists", str(path)) from None
    temp.replace(path)


def _exists(path: Path) -> ExistsError:
    return ExistsError(
        "There is a file of this name",
        f"{path.name} exists in that folder and was left as it is.",
        "Choose another name, or replace it.",
        field="file",
    )


def _failure(error: OSError, path: Path, what: str) -> StorageError:
    code = error.errno or 0
    name = errno.errorcode.get(code, type(error).__name__)
    if code in _FULL:
        why, remedy = "The disk is full, or your share of it is used up.", "Free some space."
    elif code in _REFUSED:
        why, remedy = f"Writing in {path.parent} is not allowed.", "Choose another folder."
    elif code in (errno.ENOENT, errno.ENOTDIR):
        why, remedy = f"The folder {path.parent} is not there.", "Choose another folder."
    elif code == errno.ENAMETOOLONG:
        why, remedy = "The name is longer than this system allows.", "Choose a shorter name."
    else:
        why = f"The system says: {error.strerror or type(error).__name__}."
        remedy = "Choose another place."
    return StorageError(
        ErrorCode.STORAGE,
        f"The {what} could not be written",
        why,
        remedy,
        detail=f"{name}: {path}",
    )
