"""Our entries inside the tree of a KeePass file; everything else in it is left as it stands.

Changes are made as KeePass makes them: the old state goes into the entry's history, times are
set, what is deleted is listed as deleted, so that other programs can merge.
"""

from __future__ import annotations

from collections.abc import Iterator

from adwarden.storage import keepass_layout as layout
from adwarden.storage.keepass_heir import heir, rewrite
from adwarden.storage.keepass_nodes import (
    NO_GROUP,
    Node,
    add_child,
    add_times,
    id_of,
    integer,
    modified,
    new_id,
    set_field,
    set_text,
    stamp,
    values_of,
)
from adwarden.storage.keychain_codec import is_name
from adwarden.storage.keychain_status import EntryName

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
        self._binned: dict[EntryName, list[Node]] = {}
        self.loosened: set[str] = set()
        """The numbers of attachments that deleted entries had."""
        for entry, binned in self._all():
            name = _name(values_of(entry))
            if name is not None:
                (self._binned if binned else self._found).setdefault(name, []).append(entry)
        for copies in self._found.values():
            copies.sort(key=modified, reverse=True)

    def names(self) -> tuple[EntryName, ...]:
        """Return the names of all our entries, without a self-test that was cut off."""
        return tuple(
            name
            for name, copies in self._found.items()
            if values_of(copies[0]).get(layout.KIND) != layout.SELF_TEST
        )

    def text(self, name: EntryName) -> str | None:
        """Return an entry's text; ``None`` when there is no such entry.

        One that somebody changed beyond recognition gives an empty text, which is no entry.
        """
        copies = self._found.get(name)
        if not copies:
            return None
        text = layout.join(values_of(copies[0]))
        return "" if text is None else text

    def put(
        self,
        name: EntryName,
        text: str,
        now: float,
        *,
        former: EntryName | None = None,
        entry_id: str = "",
    ) -> bool:
        """Write an entry; returns whether that changed anything. ``now`` in Unix seconds.

        A new one gets what people gave to ``former``, whose place it takes, and ``entry_id``.
        """
        fields = layout.split(text)
        copies = self._found.get(name)
        if copies:
            if layout.join(values_of(copies[0])) == text:
                return False
            rewrite(copies[0], name, fields, int(now), most=self._most)
            return True
        old = self._found.get(former) if former is not None else None
        if old and former is not None:
            entry = heir(old[0], former, name, fields, int(now), most=self._most)
        else:
            entry = self._add(name, fields, int(now))
        if entry_id:
            for node in (entry, *entry.iterfind("History/Entry")):
                set_text(node, "UUID", entry_id)
        self._found[name] = [entry]
        return True

    def delete(self, name: EntryName, now: float) -> bool:
        """Remove an entry with its copies and histories; returns whether there was one.

        Also out of the recycle bin: what Adwarden deletes is to be gone.
        """
        copies = self._found.pop(name, []) + self._binned.pop(name, [])
        for entry in copies:
            test = values_of(entry).get(layout.KIND) == layout.SELF_TEST
            self.loosened.update(one.get("Ref", "") for one in entry.iterfind(".//Binary/Value"))
            entry.getparent().remove(entry)
            if not test:
                self._list_deleted(entry.findtext("UUID"), int(now))
        return bool(copies)

    def holds(self, name: EntryName) -> bool:
        """Tell whether there is such an entry, were it in the recycle bin."""
        return name in self._found or name in self._binned

    def entry_id(self, name: EntryName) -> str:
        """Return the UUID of an entry, empty where there is none."""
        copies = self._found.get(name)
        return str(copies[0].findtext("UUID") or "") if copies else ""

    def is_test(self, name: EntryName) -> bool:
        """Tell whether this is the entry of a self-test."""
        copies = self._found.get(name)
        return bool(copies and values_of(copies[0]).get(layout.KIND) == layout.SELF_TEST)

    def knows(self, entry_id: str) -> bool:
        """Tell whether there is an entry of that UUID, or it is listed as deleted on purpose."""
        there = {entry.findtext("UUID") for entry, _ in self._all()}
        listed = self._root.iterfind("Root/DeletedObjects/DeletedObject")
        return entry_id in there or any(one.findtext("UUID") == entry_id for one in listed)

    def note_new_password(self, now: float) -> bool:
        """Note when the file got another master password; returns that this is a change."""
        set_text(self._root.find("Meta"), "MasterKeyChanged", stamp(int(now)))
        return True

    @property
    def _most(self) -> int:
        """How many past states of an entry the file allows, negative for all."""
        return integer(self._root.findtext("Meta/HistoryMaxItems"), _HISTORY_ITEMS)

    def _all(self) -> Iterator[tuple[Node, bool]]:
        """Yield every entry that is not history, and whether it lies in the recycle bin."""
        bin_id = id_of(self._root.findtext("Meta/RecycleBinUUID"))
        waiting = [(group, False) for group in self._root.findall("Root/Group")]
        while waiting:
            group, binned = waiting.pop()
            own_id = id_of(group.findtext("UUID"))
            binned = binned or (own_id == bin_id and own_id != NO_GROUP)
            for entry in group.iterfind("Entry"):
                yield entry, binned
            waiting.extend((inner, binned) for inner in group.iterfind("Group"))

    def _add(self, name: EntryName, fields: tuple[layout.Field, ...], now: int) -> Node:
        kind = next((field.value for field in fields if field.key == layout.KIND), "")
        entry = add_child(self._group(layout.groups(name, kind), now), "Entry")
        add_child(entry, "UUID", new_id())
        add_child(entry, "IconID", _KEY_ICON)
        add_times(entry, now)
        standard = (
            layout.Field("Title", layout.title(name)),
            layout.Field("UserName", name.username),
            layout.Field("URL", ""),  # browsers are offered entries by it
            layout.Field("Notes", layout.NOTES),
            layout.Field(layout.SERVICE, name.service),
            layout.Field(layout.USER, name.username),
        )
        for field in (*standard, *fields):
            set_field(entry, field)
        auto_type = add_child(entry, "AutoType")
        add_child(auto_type, "Enabled", "False")
        add_child(auto_type, "DataTransferObfuscation", "0")
        item = add_child(add_child(entry, "CustomData"), "Item")
        add_child(item, "Key", _HIDDEN)
        add_child(item, "Value", "true")
        return entry

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
            listed = add_child(root, "DeletedObjects")
        one = add_child(listed, "DeletedObject")
        add_child(one, "UUID", entry_id or "")
        add_child(one, "DeletionTime", stamp(now))


def add_root(tree: Node, title: str, now: float) -> None:
    """Give a new database its outermost group, and the time at which it was made."""
    for one in tree.getroot().find("Meta"):
        if one.tag.endswith("Changed"):
            one.text = stamp(int(now))
    root = tree.getroot().find("Root")
    _new_group(root, title, int(now), auto_type="null")
    add_child(root, "DeletedObjects")


def _name(values: dict[str, str]) -> EntryName | None:
    service, username = values.get(layout.SERVICE), values.get(layout.USER)
    if service is None or username is None or layout.FIELDS not in values:
        return None
    return EntryName(service, username) if is_name(service) and is_name(username) else None


def _new_group(parent: Node, name: str, now: int, *, auto_type: str = "false") -> Node:
    group = add_child(parent, "Group")
    add_child(group, "UUID", new_id())
    add_child(group, "Name", name)
    add_child(group, "IconID", _FOLDER_ICON)
    add_times(group, now)
    add_child(group, "IsExpanded", "True")
    add_child(group, "EnableAutoType", auto_type)
    add_child(group, "EnableSearching", "null")
    return group


def _called(group: Node, name: str) -> bool:
    return bool(group.findtext("Name") == name)
