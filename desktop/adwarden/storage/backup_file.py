"""A backup on the disk: a KeePass file of its own, which KeePassXC opens as well.

Its entries are those of the keychain, with what the index knows added; one more entry, the head,
says what the file is.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from adwarden.domain.data import dataclass
from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.secret import Secret
from adwarden.storage.keepass_header import MAGIC, STRONG, Kdf
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_codec import NAMESPACE, SEPARATOR, from_json, to_json
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.own_files import OwnFiles
from adwarden.storage.paths import TEMP_PREFIX, TEMP_SUFFIX, storage_error
from adwarden.storage.report_file import write_report

FORMAT = 1
KIND = "backup"
SUFFIX = ".kdbx"

_NOT_WRITTEN = "The backup could not be written"
_UNTOUCHED = "Nothing was changed."
_NOTHING = OwnFiles()


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup says of itself: when (Unix seconds) and by which version it was made.

    ``settings`` are values by the settings' keys.
    """

    made_at: float
    program: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Backup:
    """What was read from a file; ``texts`` are its entries, without the head."""

    head: Head
    texts: Mapping[EntryName, str]


def write_backup(
    path: Path,
    password: Secret,
    backup: Backup,
    *,
    namespace: str = NAMESPACE,
    replace: bool = False,
    own: OwnFiles = _NOTHING,
    kdf: Kdf = STRONG,
    clock: Callable[[], float] = time.time,
    wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Write a backup, whole or not at all; it has been opened again and compared before.

    ``own`` is what is never written over. ``wanted`` tells whether
    somebody still waits for it: else there is none, CANCELLED. Raises ``ExistsError`` for a
    file that is there unless ``replace``, ``InputError`` for what can be no backup,
    ``StorageError``, and ``KeychainError`` when the content did not come back the same.
    """
    texts = {_head_name(namespace): _head_text(backup), **backup.texts}

    def last() -> None:
        if not wanted():
            raise _given_up()

    try:
        # What a crash leaves of it in the data folder is removed at a later start.
        with tempfile.TemporaryDirectory(
            prefix=TEMP_PREFIX, suffix=TEMP_SUFFIX, dir=own.data, ignore_cleanup_errors=True
        ) as folder:
            content = _built(Path(folder), password, texts, kdf, clock)
    except KeychainError as error:
        failure = KeychainError(
            error.code, _NOT_WRITTEN, error.message, error.remedy, detail=error.detail
        )
    except OSError as error:
        raise storage_error(error, own.data or Path(), _NOT_WRITTEN) from error
    else:
        last()
        write_report(path, (content,), replace=replace, own=own, what="backup", last=last)
        with suppress(OSError):
            if path.read_bytes() == content:
                if wanted() or replace:  # what was replaced would not come back
                    return
                path.unlink()
                raise _given_up()
        failure = _not_kept()
    raise failure


def _built(
    folder: Path,
    password: Secret,
    texts: Mapping[EntryName, str],
    kdf: Kdf,
    clock: Callable[[], float],
) -> bytes:
    """Return the bytes of a file with these entries, which was opened again and compared."""
    built = KeepassPlace(folder / f"backup{SUFFIX}", kdf=kdf, locks=folder, clock=clock)
    # The key is derived from the password once more: it is what must open the file one day.
    again = KeepassPlace(built.path, locks=folder)
    try:
        built.create(password)
        built.put_texts(texts)
        again.open(password)
        if again.all_texts() == texts:
            return built.path.read_bytes()
    finally:
        built.lock()
        again.lock()
    raise _not_kept()


def read_backup(path: Path, password: Secret, *, namespace: str = NAMESPACE) -> Backup:
    """Open a backup and return what is in it; changes nothing.

    Raises ``KeychainError``: WRONG_PASSWORD, FILE_DAMAGED, FILE_UNSUPPORTED (another format,
    no backup, a newer version's), KEYCHAIN_MISSING for a file that is not there.
    """
    place = KeepassPlace(path)
    try:
        place.open(password)
        texts = place.all_texts()
    except KeychainError as error:
        failure = _foreign(path, error) or _in_words(error, path.name)
    else:
        head = texts.pop(_head_name(namespace), None)
        if head is None:
            raise _no_backup(path.name, texts, namespace)
        return Backup(_read_head(head, path.name), texts)
    finally:
        place.lock()
    raise failure


def is_head(name: EntryName) -> bool:
    """Tell whether an entry is what makes a file a backup, of one's own or of practice."""
    return name.username == KIND and name.service.endswith(f"{SEPARATOR}{KIND}")


def _head_name(namespace: str) -> EntryName:
    return EntryName(f"{namespace}{SEPARATOR}{KIND}", KIND)


def _head_text(backup: Backup) -> str:
    head = backup.head
    return to_json(
        {
            "v": 1,
            "kind": KIND,
            "format": str(FORMAT),
            "made_at": repr(head.made_at),
            "program": head.program,
            "entries": str(len(backup.texts)),
            "settings": json.dumps(dict(head.settings), ensure_ascii=False, sort_keys=True),
        }
    )


def _read_head(text: str, file: str) -> Head:
    document = from_json(text)
    told = {} if document is None else {k: v for k, v in document.items() if isinstance(v, str)}
    try:
        number = int(told.get("format", ""))
        made_at = float(told.get("made_at", ""))
        settings = json.loads(told.get("settings", "{}"))
    except (ValueError, RecursionError):
        number, made_at, settings = 0, 0.0, {}
    if number > FORMAT:
        raise _error(
            ErrorCode.FILE_UNSUPPORTED,
            "A newer Adwarden made this backup",
            f"{file} has format {number}, and this version knows format {FORMAT}.",
            "Update Adwarden, then restore.",
        )
    if number < 1 or not isinstance(settings, dict):
        raise _error(
            ErrorCode.FILE_DAMAGED,
            "The backup is damaged",
            f"The entry in {file} that says what the file is cannot be read.",
            "Take another backup; somebody may have edited this one.",
        )
    kept = {key: value for key, value in settings.items() if isinstance(value, str)}
    return Head(made_at, told.get("program", ""), kept)


def _no_backup(file: str, texts: Mapping[EntryName, str], namespace: str) -> KeychainError:
    if any(map(is_head, texts)):
        here = "practice" if namespace != NAMESPACE else "your own X apps"
        there = "your own X apps" if namespace != NAMESPACE else "practice"
        return _error(
            ErrorCode.FILE_UNSUPPORTED,
            "This backup belongs elsewhere",
            f"{file} was made of {there}, and this window is for {here}.",
            "Restore it where it was made.",
        )
    return _error(
        ErrorCode.FILE_UNSUPPORTED,
        "This is not a backup of Adwarden",
        f"{file} is a KeePass file, but Adwarden did not write it as a backup.",
        "Choose a file that “Back up …” has written.",
    )


def _foreign(path: Path, error: KeychainError) -> KeychainError | None:
    """Tell what never was a KeePass file from one that has suffered."""
    if error.code is not ErrorCode.FILE_DAMAGED:
        return None
    try:
        with path.open("rb") as file:
            begins = file.read(len(MAGIC))
    except OSError:
        return None
    if MAGIC.startswith(begins):  # cut short, if not even this is whole
        return None
    return _error(
        ErrorCode.FILE_UNSUPPORTED,
        "This is not a KeePass file",
        f"{path.name} does not begin as KeePass files do.",
        "Choose a file that “Back up …” has written.",
    )


def _in_words(error: KeychainError, file: str) -> KeychainError:
    """Say of a backup what the place says of a KeePass file."""
    if error.code is ErrorCode.WRONG_PASSWORD:
        return _error(
            error.code,
            "That is not the backup’s password",
            f"{file} is whole, and does not open with it.",
            "Try again; look at caps lock and the keyboard’s language.",
        )
    if error.code is ErrorCode.FILE_DAMAGED:
        return _error(
            error.code,
            "The backup is damaged",
            f"A part of {file} is missing, or was changed on the way.",
            "Copy it again from where it was kept, or take another backup.",
            error.detail,
        )
    if error.code is ErrorCode.KEYCHAIN_MISSING:
        return _error(
            error.code,
            "The backup is not there",
            f"{file} was moved or removed, or is on a drive that is not connected.",
            "Choose where it is now.",
        )
    return error


def _given_up() -> KeychainError:
    return KeychainError(
        ErrorCode.CANCELLED,
        "There is no backup",
        "It was given up before it was written.",
    )


def _not_kept() -> KeychainError:
    return KeychainError(
        ErrorCode.KEYCHAIN_FAILED,
        "The backup was not kept",
        "Opening it again after writing gave something else.",
        "Try again on another disk. Until then there is no backup.",
        detail="ReadBackMismatch",
    )


def _error(
    code: ErrorCode, title: str, message: str, remedy: str, detail: str = ""
) -> KeychainError:
    return KeychainError(code, title, f"{message} {_UNTOUCHED}", remedy, detail=detail)
