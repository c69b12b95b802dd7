"""What can be wrong with a KeePass file, in words; nothing of the file's content is in them."""

from __future__ import annotations

import errno

from adwarden.domain.errors import ErrorCode, KeychainError

_ENOUGH = "Nothing in the file was changed."
_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def missing(file: str) -> KeychainError:
    """Return the error for a file that is not where it should be."""
    return KeychainError(
        ErrorCode.KEYCHAIN_MISSING,
        "The KeePass file is not there",
        f"{file} was moved or removed, or is on a drive that is not connected.",
        "Connect the drive, put the file back, or choose where it is now. If it is lost, restore a "
        "backup, or enter the keys of its X apps and authorize its accounts again: they go to the "
        "place for what is new, which must be another one.",
    )


def no_folder(file: str) -> KeychainError:
    """Return the error for a file that is to be made where there is no folder."""
    return KeychainError(
        ErrorCode.KEYCHAIN_MISSING,
        "The folder of the KeePass file is not there",
        f"{file} was to be saved in a folder that does not exist, or not any more.",
        "Connect the drive that it is on, or choose another folder.",
    )


def locked(file: str, why: str = "") -> KeychainError:
    """Return the error for a file whose key is not in memory."""
    return KeychainError(
        ErrorCode.KEYCHAIN_LOCKED,
        "The KeePass file is locked",
        why or f"{file} gives nothing out before its master password is entered.",
        "Unlock it with its master password.",
    )


def wrong_password(file: str) -> KeychainError:
    """Return the error for a password that a file, which is whole, does not open with."""
    return KeychainError(
        ErrorCode.WRONG_PASSWORD,
        "That is not the file's master password",
        f"{file} is whole, and does not open with it. {_ENOUGH}",
        "Try again; look at caps lock and the keyboard's language. A file that also needs a key "
        "file or a hardware key cannot be used with Adwarden.",
    )


def no_password() -> KeychainError:
    """Return the error for an empty master password."""
    return KeychainError(
        ErrorCode.WRONG_PASSWORD,
        "A master password is needed",
        "An empty one protects nothing.",
        "Enter a password.",
    )


def damaged(file: str, detail: str = "") -> KeychainError:
    """Return the error for a file that is no KeePass file, or not a whole one."""
    return KeychainError(
        ErrorCode.FILE_DAMAGED,
        "The KeePass file is damaged",
        f"{file} is no KeePass file, or a part of it is missing or was changed on the way. "
        f"{_ENOUGH}",
        "If another program is just writing it, wait and try again. Otherwise restore it from a "
        "backup.",
        detail=detail,
    )


def unsupported(file: str, why: str, remedy: str) -> KeychainError:
    """Return the error for a whole file of a kind that is not used here."""
    return KeychainError(
        ErrorCode.FILE_UNSUPPORTED,
        "This kind of KeePass file cannot be used",
        f"{file} {why} {_ENOUGH}",
        remedy,
    )


def a_backup(file: str) -> KeychainError:
    """Return the error for a backup that was to be used as the place of secrets."""
    return KeychainError(
        ErrorCode.FILE_UNSUPPORTED,
        "This file is a backup",
        f"{file} was written by “Back up …”. Secrets that were kept in it would be gone with the "
        f"next backup of that name. {_ENOUGH}",
        "“Restore from backup …” brings in what it holds. To keep secrets, choose another file, or "
        "create one.",
    )


def not_keepable(file: str) -> KeychainError:
    """Return the error for a file with a value that would not survive being written by us."""
    return KeychainError(
        ErrorCode.FILE_UNSUPPORTED,
        "The KeePass file can be read, not written",
        f"{file} holds a value of another program that Adwarden could not write as it is. "
        f"{_ENOUGH}",
        "Open and save the file with KeePassXC, or use another file.",
    )


def exists(file: str) -> KeychainError:
    """Return the error for a new file in the place of an old one."""
    return KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        "There is already a file of this name",
        f"{file} is kept as it is.",
        "Open that file, or choose another name for the new one.",
    )


def keeps_changing(file: str) -> KeychainError:
    """Return the error for a file that somebody else writes faster than we can."""
    return KeychainError(
        ErrorCode.FILE_CHANGED,
        "The KeePass file keeps changing",
        f"Another program wrote {file} each time Adwarden was about to. What it wrote is kept; "
        "what Adwarden had to add is not in the file.",
        "Wait until the other program is done, then try again.",
    )


def no_memory(file: str, needed: int) -> KeychainError:
    """Return the error for a key derivation that did not get its memory (``needed`` bytes)."""
    return KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        "There is not enough memory to open the KeePass file",
        f"Deriving the key of {file} takes {needed >> 20:,} MB at once.",
        "Close other programs, then try again.",
    )


def busy(file: str) -> KeychainError:
    """Return the error for a file that another Adwarden is writing for too long."""
    return KeychainError(
        ErrorCode.KEYCHAIN_TIMEOUT,
        "The KeePass file is in use",
        f"Another Adwarden is writing {file} and does not finish. {_ENOUGH}",
        "Quit the other Adwarden, then try again.",
    )


def not_reproduced(file: str, detail: str = "ReadBackMismatch") -> KeychainError:
    """Return the error for content that did not come back the same before it was to be saved."""
    return KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        "The KeePass file was not saved",
        f"What would have been written to {file} did not read back the same. {_ENOUGH}",
        "Try again. If it stays so, open and save the file with KeePassXC.",
        detail=detail,
    )


def file_trouble(file: str, error: OSError, *, writing: bool) -> KeychainError:
    """Return the error for what the file system said."""
    code = error.errno or 0
    if isinstance(error, FileNotFoundError):
        return no_folder(file) if writing else missing(file)
    if code in _FULL:
        message = "The disk is full, or your share of it is used up."
        remedy = "Free some space, then try again."
    elif code in _REFUSED:
        message = f"{'Writing' if writing else 'Reading'} {file} is not allowed."
        remedy = "Ask for the rights to the file and its folder, or choose another file."
    elif code == errno.EISDIR:
        message = f"{file} is a folder."
        remedy = "Choose a file."
    else:
        message = f"The system says: {error.strerror or type(error).__name__}."
        remedy = "Check the disk or the connection to it, then try again."
    return KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        f"The KeePass file could not be {'saved' if writing else 'read'}",
        f"{message} {_ENOUGH}" if writing else message,
        remedy,
        detail=errno.errorcode.get(code, type(error).__name__),
    )
