"""Reads a file that a person named, whatever it turns out to be, into a text of bounded length."""

from __future__ import annotations

import codecs
import os
import select
import stat
import time
from pathlib import Path

from adwarden.services.handover.target_words import (
    in_words,
    is_a_folder,
    missing,
    no_end,
    no_text,
    too_large,
    unusable,
)

LIMIT = 1024 * 1024
"""Bytes of a file that is read."""

PATIENCE = 60.0
"""Seconds in which a pipe has to end: whoever writes into it may ask for a password first."""

_WIDE = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read_bytes(path: Path, *, pipes: bool = False, patience: float = PATIENCE) -> bytes:
    """Return what a file holds, at most ``LIMIT`` bytes; with ``pipes`` also what one gives.

    Raises ``InputError`` for what is no file, is not there or is larger, and for a pipe that does
    not end within ``patience`` seconds, ``StorageError`` where reading fails.
    """
    nothing = False
    try:
        # Looked at before: to open some devices is to use them.
        _refuse_unfit(path, path.stat(), pipes)
        # A pipe that takes the place of the file meanwhile must not keep us waiting for its end.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            found = os.fstat(file.fileno())
            _refuse_unfit(path, found, pipes)
            if stat.S_ISFIFO(found.st_mode):
                data = _of_pipe(file.fileno(), path, patience)
            else:
                data = file.read(LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        nothing = True
    except OSError as error:
        raise in_words(error, path, f"{path.name} could not be read") from error
    except ValueError:  # a NUL in the name
        pass
    else:
        if len(data) > LIMIT:
            raise too_large(path, LIMIT)
        return data
    raise missing(path) if nothing else unusable(path)


def _of_pipe(descriptor: int, path: Path, patience: float) -> bytes:
    """Return what comes out of a pipe up to its end, or a byte more than ``LIMIT``."""
    data = b""
    until = time.monotonic() + patience
    while len(data) <= LIMIT:
        left = max(0.0, until - time.monotonic())
        if not select.select([descriptor], [], [], left)[0]:
            raise no_end(path, patience)
        piece = os.read(descriptor, LIMIT + 1 - len(data))
        if not piece:
            break
        data += piece
    return data


def _refuse_unfit(path: Path, found: os.stat_result, pipes: bool) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise is_a_folder(path)
    if pipes and stat.S_ISFIFO(found.st_mode):
        return
    if not stat.S_ISREG(found.st_mode):
        raise unusable(path)
    if found.st_size > LIMIT:
        raise too_large(path, LIMIT)


def text_of(data: bytes, path: Path) -> str:
    """Return the text that bytes are, without the mark of the encoding; line ends stay.

    UTF-8, or UTF-16 that says so. Raises ``InputError`` for anything else.
    """
    encoding = "utf-8-sig"
    if data.startswith(tuple(mark for mark, _ in _WIDE)):
        encoding = "utf-16"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # Raised below: what this error carries is the content, and must not hang on ours.
        text = "\0"
    if "\0" in text:
        raise no_text(path)
    return text


def like(data: bytes, old: bytes) -> bytes:
    """Return UTF-8 in the encoding of what a file has now, with its mark: its tool reads that."""
    if old.startswith(codecs.BOM_UTF8):
        return codecs.BOM_UTF8 + data
    for mark, encoding in _WIDE:
        if old.startswith(mark):
            return mark + data.decode().encode(encoding)
    return data
