"""The small pieces that a KeePass file's tree is made of: strings, times, ids."""

from __future__ import annotations

import base64
import struct
import uuid
from typing import Any

from adwarden.storage.keepass_layout import Field

Node = Any
"""An element of lxml, which has no types."""

NO_GROUP = bytes(16)
_YEAR_ONE = 62_135_596_800  # seconds from the year 1, where KDBX 4 begins to count, to 1970


def values_of(entry: Node) -> dict[str, str]:
    """Return all strings of an entry by key; names may hold what XPath does not bear."""
    return {
        string.findtext("Key") or "": string.findtext("Value") or ""
        for string in entry.iterfind("String")
    }


def set_field(entry: Node, field: Field) -> None:
    """Give an entry a string; one that is protected stays so."""
    for string in entry.iterfind("String"):
        if string.findtext("Key") == field.key:
            break
    else:
        string = add_child(entry, "String")
        add_child(string, "Key", field.key)
    value = string.find("Value")
    if value is None:
        value = add_child(string, "Value")
    value.text = field.value or None
    if field.protected:
        value.set("Protected", "True")


def add_times(parent: Node, now: int) -> Node:
    """Add the times of what is new; ``now`` in Unix seconds."""
    times = add_child(parent, "Times")
    when = stamp(now)
    for tag in ("CreationTime", "LastModificationTime", "LastAccessTime", "ExpiryTime"):
        add_child(times, tag, when)
    add_child(times, "Expires", "False")
    add_child(times, "UsageCount", "0")
    add_child(times, "LocationChanged", when)
    return times


def add_child(parent: Node, tag: str, text: str = "") -> Node:
    """Add an element at the end and return it."""
    child = parent.makeelement(tag)
    child.text = text or None
    parent.append(child)
    return child


def set_text(parent: Node, tag: str, text: str) -> None:
    """Set the text of the first child of that tag, which is made if need be."""
    child = parent.find(tag)
    if child is None:
        child = add_child(parent, tag)
    child.text = text


def stamp(seconds: int) -> str:
    """Return Unix seconds as KDBX 4 writes a time."""
    return base64.b64encode(struct.pack("<q", seconds + _YEAR_ONE)).decode()


def modified(entry: Node) -> int:
    """Return when an entry was changed, in Unix seconds; 0 where that cannot be read."""
    try:
        packed = base64.b64decode(entry.findtext("Times/LastModificationTime") or "")
        return int(struct.unpack("<q", packed)[0]) - _YEAR_ONE
    except (ValueError, struct.error):
        return 0


def id_of(text: str | None) -> bytes:
    """Return the 16 bytes of a UUID, ``NO_GROUP`` where it cannot be read."""
    try:
        return base64.b64decode(text or "") or NO_GROUP
    except ValueError:
        return NO_GROUP


def new_id() -> str:
    """Return a random UUID, which tells neither time nor machine."""
    return base64.b64encode(uuid.uuid4().bytes).decode()


def integer(text: str | None, otherwise: int) -> int:
    """Return a number of the file, or ``otherwise``."""
    try:
        return int(text or "")
    except ValueError:
        return otherwise
