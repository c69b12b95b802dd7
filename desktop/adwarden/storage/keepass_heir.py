"""An entry that takes another's place in a KeePass file, with all that people gave that one.

Past states are kept as KeePass keeps them, but without the secrets that were replaced: those are
to be gone from the file, as a revoked token is.
"""

from __future__ import annotations

from copy import deepcopy

from adwarden.storage import keepass_layout as layout
from adwarden.storage.keepass_nodes import (
    Node,
    add_child,
    add_times,
    modified,
    new_id,
    set_field,
    set_text,
    stamp,
    values_of,
)
from adwarden.storage.keychain_status import EntryName

Fields = tuple[layout.Field, ...]


def rewrite(entry: Node, name: EntryName, fields: Fields, now: int, *, most: int) -> None:
    """Give an entry new fields, and a past state of what it was.

    ``now`` in Unix seconds; ``most`` states are kept, all where it is negative.
    """
    past = _state(entry)
    _write(entry, fields, now)
    _remember(entry, past, name, most)


def heir(
    old: Node, former: EntryName, name: EntryName, fields: Fields, now: int, *, most: int
) -> Node:
    """Return an entry beside ``old`` that has its place in its group, and all that is a person's.

    The title and the user name go with the new name where they are still ours. ``former`` is
    the name of ``old``, which is left as it is. The new entry has an id of its own: with the old
    one, whoever merges an older copy of the file would put that in its place.
    """
    new = deepcopy(old)
    values = values_of(old)
    ours = (
        ("Title", layout.title(former), layout.title(name)),
        ("UserName", former.username, name.username),
    )
    for key, before, after in ours:
        if values.get(key) == before:
            set_field(new, layout.Field(key, after))
    set_text(new, "UUID", new_id())
    set_field(new, layout.Field(layout.SERVICE, name.service))
    set_field(new, layout.Field(layout.USER, name.username))
    _write(new, fields, now)
    _remember(new, _state(old), name, most)
    _behind(old, (former.username, name.username)).addnext(new)
    return new


def _behind(old: Node, users: tuple[str, str]) -> Node:
    """Return what the new entry follows: whoever lists both takes the later for the newer one."""
    last = old
    for node in old.itersiblings("Entry"):
        if values_of(node).get(layout.USER) not in users:
            break
        last = node
    return last


def _state(entry: Node) -> Node:
    """Return a copy of an entry as it stands, without its own past."""
    state = deepcopy(entry)
    for inner in state.findall("History"):
        state.remove(inner)
    return state


def _write(entry: Node, fields: Fields, now: int) -> None:
    owned = layout.owned(values_of(entry))
    fresh = {field.key for field in fields} | {layout.SERVICE, layout.USER}
    for string in entry.findall("String"):
        if string.findtext("Key") in owned - fresh:
            entry.remove(string)
    for field in fields:
        set_field(entry, field)
    if layout.PASSWORD not in fresh:
        set_field(entry, layout.Field(layout.PASSWORD, "", protected=True))
    if entry.find("Times") is None:
        add_times(entry, now)
    times = entry.find("Times")
    # Merging goes by whole seconds: a second change within one must be the later one.
    set_text(times, "LastModificationTime", stamp(max(now, modified(entry) + 1)))
    set_text(times, "LastAccessTime", stamp(now))


def _remember(entry: Node, past: Node, name: EntryName, most: int) -> None:
    """Add a past state, and take out of all of them what is no secret of the entry any more."""
    history = entry.find("History")
    if history is None:
        history = add_child(entry, "History")
    history.append(past)
    for old in history.findall("Entry")[: -most or None] if most >= 0 else ():
        history.remove(old)
    states = history.findall("Entry")
    told = [values_of(state) for state in (entry, *states)]
    live, keys = told[0], frozenset[str]().union(*map(layout.secrets, told))
    dead = {values[key] for values in told[1:] for key in keys if key in values}
    dead -= {live[key] for key in layout.secrets(live) if key in live} | {""}
    for state in states:
        # Both must agree: KeePass takes a state of another id for damage.
        set_text(state, "UUID", entry.findtext("UUID") or "")
        # A state that somebody brings back is still the entry that we know.
        set_field(state, layout.Field(layout.SERVICE, name.service))
        set_field(state, layout.Field(layout.USER, name.username))
        if _clear(state, dead):
            set_field(state, layout.Field(layout.FIELDS, layout.REPLACED))


def _clear(state: Node, dead: set[str]) -> bool:
    """Take dead secrets out of a past state, wherever somebody copied them to."""
    found = [one for one in state.iterfind("String/Value") if one.text in dead]
    for value in found:
        value.text = None
    return bool(found)
