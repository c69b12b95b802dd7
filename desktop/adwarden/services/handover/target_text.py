"""Reads a file that a person named, whatever it turns out to be, into a text of bounded length."""

from __future__ import annotations

import codecs
import os
import stat
from pathlib import Path

from adwarden.services.handover.target_words import (
    in_words,
    is_a_folder,
    missing,
    no_text,
    too_large,
    unusable,
)

LIMIT = 1024 * 1024
"""Bytes of a file that is read."""


def read_bytes(path: Path) -> bytes:
    """Return what a file holds, at most ``LIMIT`` bytes.

    Raises ``InputError`` for what is no file, is not there or is larger, ``StorageError`` where
    reading fails.
    """
    nothing = False
    try:
        # Looked at before: to open some devices is to use them.
        _refuse_unfit(path, path.stat())
        # A pipe that takes the place of the file meanwhile must not keep us waiting for its end.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            _refuse_unfit(path, os.fstat(file.fileno()))
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


def _refuse_unfit(path: Path, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise is_a_folder(path)
    if not stat.S_ISREG(found.st_mode):
        raise unusable(path)
    if found.st_size > LIMIT:
        raise too_large(path, LIMIT)


def text_of(data: bytes, path: Path) -> str:
    """Return the text that bytes are, without the mark of the encoding; line ends stay.

    UTF-8, or UTF-16 that says so. Raises ``InputError`` for anything else.
    """
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        # Raised below: what this error carries is the content, and must not hang on ours.
        text = "\0"
    if "\0" in text:
        raise no_text(path)
    return text
