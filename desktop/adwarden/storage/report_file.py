"""Writes a file that a person asked for, where the person wants it: whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from adwarden.domain.errors import ErrorCode, InputError, StorageError

_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


class ExistsError(InputError):
    """There is a file of that name, and nobody said that it may be replaced."""


def write_report(path: Path, pieces: Iterable[bytes], *, replace: bool = False) -> None:
    """Write ``pieces`` into ``path``, which is 0600; a crash leaves the old file or the new one.

    Raises ``ExistsError`` for a file that is there unless ``replace``, and ``StorageError``.
    """
    if not replace and os.path.lexists(path):
        raise _exists(path)
    temp = path.parent / f".adwarden-{secrets.token_hex(8)}.part"
    try:
        try:
            _write(temp, pieces)
            _put(temp, path, replace=replace)
        finally:
            with contextlib.suppress(OSError):
                temp.unlink(missing_ok=True)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise _failure(error, path) from error


def _write(temp: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _put(temp: Path, path: Path, *, replace: bool) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a file", str(path))
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


def _failure(error: OSError, path: Path) -> StorageError:
    code = error.errno or 0
    name = errno.errorcode.get(code, type(error).__name__)
    if code in _FULL:
        why, remedy = "The disk is full, or your share of it is used up.", "Free some space."
    elif code in _REFUSED:
        why, remedy = f"Writing in {path.parent} is not allowed.", "Choose another folder."
    elif code in (errno.ENOENT, errno.ENOTDIR):
        why, remedy = f"The folder {path.parent} is not there.", "Choose another folder."
    elif code == errno.EISDIR:
        why, remedy = "A folder has this name.", "Choose another name."
    elif code == errno.ENAMETOOLONG:
        why, remedy = "The name is longer than this system allows.", "Choose a shorter name."
    else:
        why = f"The system says: {error.strerror or type(error).__name__}."
        remedy = "Choose another place."
    return StorageError(
        ErrorCode.STORAGE, "The report could not be written", why, remedy, detail=f"{name}: {path}"
    )
