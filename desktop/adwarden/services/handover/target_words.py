"""What can be wrong with a place for a file, in words; nothing of a file's content is in them."""

from __future__ import annotations

import errno
from pathlib import Path

from adwarden.domain.errors import ErrorCode, InputError, StorageError
from adwarden.storage.report_file import ExistsError

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def in_words(error: OSError, path: Path, title: str) -> StorageError:
    """Say why the system did not do it, and what helps against that."""
    code = error.errno or 0
    if code in _FULL:
        why = "The disk is full, or your share of it is used up. What was there before is whole."
        remedy = "Free some space, then try again."
    elif code in _REFUSED:
        why, remedy = f"{path} or its folder is not open to you.", "Choose another place."
    elif code == errno.ENOENT:
        why = f"The folder of {path} is not there, or no longer."
        remedy = "Make the folder first, or choose another place."
    elif code in (errno.ENOTDIR, errno.EEXIST):
        why = f"On the way to {path} stands a file where a folder is needed."
        remedy = "Move that file away, or choose another place."
    elif code == errno.ENAMETOOLONG:
        why, remedy = "The name is longer than this system allows.", "Choose a shorter name."
    elif code == errno.ELOOP:
        why, remedy = f"{path} is a link that leads back to itself.", "Remove the link."
    else:
        why = f"The system says: {error.strerror or type(error).__name__}."
        remedy = "Check the disk, or choose another place."
    name = errno.errorcode.get(code, type(error).__name__)
    return StorageError(ErrorCode.STORAGE, title, why, remedy, detail=f"{name}: {path}")


def is_a_folder(path: Path) -> InputError:
    """Say that a file is needed, and this is a folder."""
    return _unfit("This is a folder", f"{path} is a folder.", "Name a file in it.")


def unusable(path: Path) -> InputError:
    """Say that this is a pipe, a device, a link into nowhere, or no name at all."""
    shown = str(path).replace("\0", "�")
    words = f"{shown} is a pipe, a device, or nothing that can be a file."
    return _unfit("This is no file", words, "Choose a file.")


def of_somebody_else(path: Path) -> InputError:
    """Say that another user could read what is written, or lead it elsewhere."""
    words = f"{path} belongs to another user of this computer, and was left as it is."
    return _unfit("The file belongs to somebody else", words, "Choose another place.")


def missing(path: Path) -> InputError:
    """Say that there is nothing to read."""
    words = f"There is no file {path}."
    return _unfit("The file is not there", words, "Check its name and folder.")


def too_large(path: Path, limit: int) -> InputError:
    """Say that it is no file of credentials: those are small."""
    words = f"{path} is larger than {limit // 1024:,} kB, which no file of credentials is."
    return _unfit("The file is too large", words, "Is it the right file?")


def no_end(path: Path, patience: float) -> InputError:
    """Say that a pipe gave nothing, or not all, within so many seconds."""
    words = f"{path} is a pipe, and had not come to its end after {patience:,.0f} seconds."
    remedy = "Is the command that writes into it still waiting for something?"
    return _unfit("The pipe does not end", words, remedy)


def no_text(path: Path) -> InputError:
    """Say that the bytes are no characters."""
    words = f"{path} is neither UTF-8 nor UTF-16 text."
    return _unfit("This is no text file", words, "Is it the right file? If so, save it as UTF-8.")


def there_already(path: Path) -> ExistsError:
    """Say that nobody allowed to write over what is there."""
    return ExistsError(
        "There is a file of this name",
        f"{path.name} exists in that folder and was left as it is.",
        "Choose another name, or replace it.",
        field="file",
    )


def changed_meanwhile(path: Path) -> StorageError:
    """Say that somebody else wrote it since it was read: their change must not get lost."""
    return StorageError(
        ErrorCode.FILE_CHANGED,
        "The file changed meanwhile",
        f"{path} is no longer what it was when Adwarden read it, and was left as it is.",
        "Try again: Adwarden then reads it anew.",
    )


def _unfit(title: str, why: str, remedy: str) -> InputError:
    return InputError(title, why, remedy, field="file")
