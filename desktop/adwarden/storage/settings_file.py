"""The form of the settings' file: named sections of keys, their values as plain text or JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from adwarden.domain.errors import ErrorCode, StorageError

if TYPE_CHECKING:
    import configparser

_LARGEST_FILE = 1_000_000  # bytes; ours is a few hundred


def _parser() -> configparser.RawConfigParser:
    import configparser  # not before there is a file to read or write

    parser = configparser.RawConfigParser(
        delimiters=("=",),
        strict=False,
        empty_lines_in_values=False,
        default_section="\0",  # no section of that name can be in a file: none is special
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    return parser


def read_file(path: Path) -> dict[str, dict[str, str]]:
    """Return the sections of the file, none when there is no file.

    Raises ``ValueError`` or ``OSError`` for what is not a settings file.
    """
    if not path.exists():
        return {}
    if not path.is_file():
        raise ValueError("not a file")
    with path.open("rb") as file:
        data = file.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE or b"\0" in data:
        raise ValueError("not a settings file")
    from configparser import Error

    parser = _parser()
    try:
        parser.read_string(data.decode("utf-8-sig"))
    except Error as error:
        raise ValueError(str(error)) from error
    return {section: dict(parser.items(section)) for section in parser.sections()}


def written(sections: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return the sections as the file has them."""
    parser = _parser()
    parser.read_dict(sections)
    text = io.StringIO()
    parser.write(text, space_around_delimiters=False)
    return text.getvalue().encode()


def quoted(text: str) -> str:
    """Write a text so that the file gives it back: JSON where the plain form would not."""
    plain = text.isascii() and text.isprintable() and text == text.strip()
    return text if plain and not text.startswith('"') else json.dumps(text)


def unquoted(text: str) -> str:
    """Return a text that ``quoted`` has written; what it would not have written stays."""
    if not text.startswith('"'):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str) else text


def moved(aside: Path, error: Exception) -> StorageError:
    """Say that a file could not be read, and where it is kept now."""
    kind = type(error).__name__
    return StorageError(
        ErrorCode.STORAGE,
        "The settings could not be read",
        f"The file was damaged and is kept as {aside.name}. All settings are at their defaults.",
        "Set again what you had changed.",
        detail=f"{kind}: {aside}",
    )
