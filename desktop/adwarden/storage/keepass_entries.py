"""Our entries inside the tree of a KeePass file; everything else in it is left as it stands.

Changes are made as KeePass makes them: the old state goes into the entry's history, times are
set, what is deleted is listed as deleted, so that other programs can merge.
"""

from __future__ import annotations

import base64
import struct
import uuid
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from adwarden.storage import keepass_layout as layout
from adwarden.storage.keychain_codec import is_name
from adwarden.storage.keychain_status import EntryName

Node = Any
"""An element of lxml, which has no types."""

_YEAR_ONE = 62_135_596_800  # seconds from the year 1, where KDBX 4 begins to count, to 1970
_NO_GROUP = bytes(16)
_HISTORY_ITEMS = 10
_KEY_ICON, _FOLDER_ICON = "0", "48"
_HIDDEN = "BrowserHideEntry"
"""What keeps KeePassXC from offering a token to a web page that asks for a password."""


class Entries:
    """Our entries in one tree, by name; what lies in the recycle bin is gone.

    Somebody may have copied an entry: the one that was changed last counts.
    """

    def __init__(self, tree: Node) -> None:
        self._root = tree.getroot()
        self._found: dict[EntryName, list[Node]] = {}
        for entry in self._alive():
            values = _values(entry)
            name = _name(values)
            if name is not None:
                self._found.setdefault(name, []).append(entry)
        for copies in self._found.values():
            copies.sort(key=_modified, reverse=True)

    def names(self) -> tuple[EntryName, ...]:
        """Return the names of all our entries, without a self-test that was cut off."""
        return tuple(
            name
            for name, copies in self._found.items()
            if _values(copies[0]).get(layout.KIND) != layout.SELF_TEST
        )

    def text(self, name: EntryName) -> str | None:
        """Return an entry's text; ``None`` when there is no such entry.

        One that somebody changed beyond recognition gives an empty text, which is no entry.
        """
        copies = self._found.get(name)
        if not copies:
            return None
        text = layout.join(_values(copies[0]))
        return "" if text is None else text

    def put(self, name: EntryName, text: str, now: float) -> bool:
        """Write an entry; returns whether that changed anything. ``now`` in Unix seconds."""
        fields = layout.split(text)
        copies = self._found.get(name)
        if not copies:
            self._found[name] = [self._add(name, fields, int(now))]
            return True
        if layout.join(_values(copies[0])) == text:
            return False
        self._update(copies[0], name, fields, int(now))
        return True

    def delete(self, name: EntryName, now: float) -> bool:
        """Remove an entry with its copies and histories; returns whether there was one."""
        copies = self._found.pop(name, [])
        for entry in copies:
            test = _values(entry).get(layout.KIND) == layout.SELF_TEST
            entry.getparent().remove(entry)
            if not test:
                self._list_deleted(entry.findtext("UUID"), int(now))
        return bool(copies)

    def _alive(self) -> Iterator[Node]:
        """Yield every entry that is neither history nor in the recycle bin."""
        bin_id = _id(self._root.findtext("Meta/RecycleBinUUID"))
        waiting = self._root.findall("Root/Group")
        while waiting:
            group = waiting.pop()
            own_id = _id(group.findtext("UUID"))
            if own_id == bin_id and own_id != _NO_GROUP:
                continue
            yield from group.iterfind("Entry")
            waiting.extend(group.iterfind("Group"))

    def _add(self, name: EntryName, fields: tuple[layout.Field, ...], now: int) -> Node:
        kind = next((field.value for field in fields if field.key == layout.KIND), "")
        entry = _child(self._group(layout.groups(name, kind), now), "Entry")
        _child(entry, "UUID", _new_id())
        _child(entry, "IconID", _KEY_ICON)
        _times(entry, now)
        standard = (
            layout.Field("Title", layout.title(name)),
            layout.Field("UserName", name.username),
            layout.Field("URL", ""),  # browsers are offered entries by it
            layout.Field("Notes", layout.NOTES),
            layout.Field(layout.SERVICE, name.service),
            layout.Field(layout.USER, name.username),
        )
        for field in (*standard, *fields):
            _set(entry, field)
        auto_type = _child(entry, "AutoType")
        _child(auto_type, "Enabled", "False")
        _child(auto_type, "DataTransferObfuscation", "0")
        item = _child(_child(entry, "CustomData"), "Item")
        _child(item, "Key", _HIDDEN)
        _child(item, "Value", "true")
        return entry

    def _update(
        self, entry: Node, name: EntryName, fields: tuple[layout.Field, ...], now: int
    ) -> None:
        self._remember(entry)
        values = _values(entry)
        fresh = {field.key for field in fields} | {layout.SERVICE, layout.USER}
        for string in entry.findall("String"):
            if string.findtext("Key") in layout.owned(values) - fresh:
                entry.remove(string)
        for field in fields:
            _set(entry, field)
        if layout.PASSWORD not in fresh:
            _set(entry, layout.Field(layout.PASSWORD, "", protected=True))
        times = entry.find("Times")
        if times is None:
            times = _times(entry, now)
        # Merging goes by whole seconds: a second change within one must be the later one.
        _text(times, "LastModificationTime", _stamp(max(now, _modified(entry) + 1)))
        _text(times, "LastAccessTime", _stamp(now))

    def _remember(self, entry: Node) -> None:
        """Put a copy of the entry as it stands into its history, as much as the file allows."""
        most = _integer(self._root.findtext("Meta/HistoryMaxItems"), _HISTORY_ITEMS)
        copy = deepcopy(entry)
        for inner in copy.findall("History"):
            copy.remove(inner)
        history = entry.find("History")
        if history is None:
            history = _child(entry, "History")
        history.append(copy)
        for old in history.findall("Entry")[: -most or None] if most >= 0 else ():
            history.remove(old)

    def _group(self, path: tuple[str, ...], now: int) -> Node:
        group = self._root.find("Root/Group")
        for part in path:
            inside = next((one for one in group.iterfind("Group") if _called(one, part)), None)
            group = _new_group(group, part, now) if inside is None else inside
        return group

    def _list_deleted(self, entry_id: str | None, now: int) -> None:
        root = self._root.find("Root")
        listed = root.find("DeletedObjects")
        if listed is None:
            listed = _child(root, "DeletedObjects")
        one = _child(listed, "DeletedObject")
        _child(one, "UUID", entry_id or "")
        _child(one, "DeletionTime", _stamp(now))


def add_root(tree: Node, title: str, now: float) -> None:
    """Give a new database its outermost group."""
    root = tree.getroot().find("Root")
    _new_group(root, title, int(now), auto_type="null")
    _child(root, "DeletedObjects")


def _values(entry: Node) -> dict[str, str]:
    """Return all strings of an entry by key; names may hold what XPath does not bear."""
    return {
        string.findtext("Key") or "": string.findtext("Value") or ""
        for string in entry.iterfind("String")
    }


def _name(values: dict[str, str]) -> EntryName | None:
    service, username = values.get(layout.SERVICE), values.get(layout.USER)
    if service is None or username is None or layout.FIELDS not in values:
        return None
    return EntryName(service, username) if is_name(service) and is_name(username) else None


def _set(entry: Node, field: layout.Field) -> None:
    for string in entry.iterfind("String"):
        if string.findtext("Key") == field.key:
            break
    else:
        string = _child(entry, "String")
        _child(string, "Key", field.key)
    value = string.find("Value")
    if value is None:
        value = _child(string, "Value")
    value.text = field.value or None
    if field.protected:
        value.set("Protected", "True")


def _new_group(parent: Node, name: str, now: int, *, auto_type: str = "false") -> Node:
    group = _child(parent, "Group")
    _child(group, "UUID", _new_id())
    _child(group, "Name", name)
    _child(group, "IconID", _FOLDER_ICON)
    _times(group, now)
    _child(group, "IsExpanded", "True")
    _child(group, "EnableAutoType", auto_type)
    _child(group, "EnableSearching", "null")
    return group


def _called(group: Node, name: str) -> bool:
    return bool(group.findtext("Name") == name)


def _times(parent: Node, now: int) -> Node:
    times = _child(parent, "Times")
    stamp = _stamp(now)
    for tag in ("CreationTime", "LastModificationTime", "LastAccessTime", "ExpiryTime"):
        _child(times, tag, stamp)
    _child(times, "Expires", "False")
    _child(times, "UsageCount", "0")
    _child(times, "LocationChanged", stamp)
    return times


def _child(parent: Node, tag: str, text: str = "") -> Node:
    child = parent.makeelement(tag)
    child.text = text or None
    parent.append(child)
    return child


def _text(parent: Node, tag: str, text: str) -> None:
    child = parent.find(tag)
    if child is None:
        child = _child(parent, tag)
    child.text = text


def _stamp(seconds: int) -> str:
    return base64.b64encode(struct.pack("<q", seconds + _YEAR_ONE)).decode()


def _modified(entry: Node) -> int:
    """Return when an entry was changed, in Unix seconds; 0 where that cannot be read."""
    try:
        packed = base64.b64decode(entry.findtext("Times/LastModificationTime") or "")
        return int(struct.unpack("<q", packed)[0]) - _YEAR_ONE
    except (ValueError, struct.error):
        return 0


def _id(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "") or _NO_GROUP
    except ValueError:
        return _NO_GROUP


def _new_id() -> str:
    return base64.b64encode(uuid.uuid4().bytes).decode()


def _integer(text: str | None, otherwise: int) -> int:
    try:
        return int(text or "")
    except ValueError:
        return otherwise
