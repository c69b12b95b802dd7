"""What a backup holds against what is here: new, the same, different, or without its app.

Pure rules: they see secrets only to tell whether two are equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from enum import Enum

from adwarden.domain.backup_taking import Saved, difference, named_apart, same_key
from adwarden.domain.data import dataclass
from adwarden.domain.model import Connection, ConnectionState, XApp

DEAD = frozenset(
    {
        ConnectionState.REVOKED,
        ConnectionState.REVOKING,
        ConnectionState.NEEDS_AUTHORIZATION,
    }
)


class Standing(Enum):
    """How one entry of a backup stands to what is here."""

    NEW = "new"
    SAME = "same"
    DIFFERS = "differs"
    NO_APP = "no-app"


class Side(Enum):
    """Which of the two is newer; by the dates on which they were authorized."""

    HERE = "here"
    BACKUP = "backup"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a preview.

    ``id`` is the item's own, ``app`` that of its app's line, empty where there is none.
    ``differs`` names what would change, in words. ``suggested`` is whether to take it unless a
    person decides otherwise. The dates are Unix seconds.
    """

    id: str
    app: str
    name: str
    app_label: str
    is_app: bool
    standing: Standing
    differs: tuple[str, ...] = ()
    newer: Side = Side.UNKNOWN
    suggested: bool = False
    here_id: str = ""
    since: float = 0.0
    here_since: float | None = None
    here_state: ConnectionState | None = None
    here_lost: bool = False
    """Whether what is here has no secrets (any more)."""

    place: str = ""
    """Where it was kept when the backup was made."""

    leaving: bool = False
    """Whether what is here is on its way out: taking the line brings it back."""


def item_id(saved: Saved) -> str:
    """Return the id of an app's or connection's line, from its id in the backup."""
    return f"{'app' if saved.is_app else 'connection'}/{saved.row.id}"


def compare(
    backup: Iterable[Saved], here: Iterable[Saved], hidden: Collection[str] = ()
) -> tuple[Item, ...]:
    """Return a line for each entry of a backup, apps first, each with its connections behind it.

    ``hidden`` has the ids of what is on its way out here.
    """
    backup, here = tuple(backup), tuple(here)
    apps = [one for one in backup if one.is_app]
    found = match_apps(apps, [one for one in here if one.is_app])
    here_apps = {one.row.id: one for one in here if one.is_app}
    users = {
        (one.row.app_id, one.row.user_id): one for one in here if isinstance(one.row, Connection)
    }
    lines: list[Item] = []
    for app in apps:
        match = found.get(app.row.id)
        others = [one.row.label for one in here if one.is_app and one is not match]
        lines.append(_app_line(app, match, others))
        for one in backup:
            if isinstance(one.row, Connection) and one.row.app_id == app.row.id:
                key = (match.row.id if match else "", one.row.user_id)
                lines.append(_connection_line(one, app, users.get(key), item_id(app)))
    in_backup = {one.row.id for one in apps}
    for one in backup:
        if isinstance(one.row, Connection) and one.row.app_id not in in_backup:
            mine = here_apps.get(one.row.app_id)
            lines.append(
                _connection_line(one, mine, users.get((one.row.app_id, one.row.user_id)), "")
            )
    return tuple(_staying(one) if one.here_id in hidden else one for one in lines)


def _staying(line: Item) -> Item:
    """Say of what is on its way out here that taking it would keep it."""
    return replace(
        line,
        standing=Standing.DIFFERS,
        suggested=line.suggested or not line.differs,
        leaving=True,
    )


def match_apps(backup: Iterable[Saved], here: Iterable[Saved]) -> dict[str, Saved]:
    """Return which app of the backup is which one here: the same id, else the same API key."""
    mine = {one.row.id: one for one in here}
    backup = tuple(backup)
    found = {one.row.id: mine[one.row.id] for one in backup if one.row.id in mine}
    for one in backup:
        if one.row.id in found:
            continue
        taken = {other.row.id for other in found.values()}
        same = (other for id_, other in mine.items() if id_ not in taken and same_key(one, other))
        match = next(same, None)
        if match is not None:
            found[one.row.id] = match
    return found


def _app_line(saved: Saved, here: Saved | None, others: Iterable[str]) -> Item:
    app = saved.row
    assert isinstance(app, XApp)
    own = item_id(saved)
    if here is None:
        return Item(
            own, own, app.label, app.label, True, Standing.NEW,
            suggested=True, since=app.added_at, place=app.place,
        )  # fmt: skip
    differs, suggested = difference(named_apart(saved, others), here)
    assert isinstance(here.row, XApp)
    return Item(
        own, own, app.label, app.label, True,
        Standing.DIFFERS if differs else Standing.SAME,
        differs, suggested=suggested, here_id=here.row.id, since=app.added_at,
        here_since=here.row.added_at, here_lost=here.secrets is None, place=app.place,
    )  # fmt: skip


def _connection_line(saved: Saved, app: Saved | None, here: Saved | None, app_line: str) -> Item:
    one = saved.row
    assert isinstance(one, Connection)
    label = app.row.label if app is not None else ""
    own = item_id(saved)
    if app is None:
        return Item(
            own, "", one.handle, "", False, Standing.NO_APP,
            since=one.authorized_at, place=one.place,
        )  # fmt: skip
    if here is None:
        return Item(
            own, app_line, one.handle, label, False, Standing.NEW,
            suggested=True, since=one.authorized_at, place=one.place,
        )  # fmt: skip
    mine = here.row
    assert isinstance(mine, Connection)
    differs, suggested = difference(saved, here)
    newer = Side.UNKNOWN
    days = one.authorized_at, mine.authorized_at
    # A day that is not known says nothing of which is the later one.
    if all(days) and abs(days[0] - days[1]) >= 1:
        newer = Side.BACKUP if one.authorized_at > mine.authorized_at else Side.HERE
    if "token" in differs and here.secrets is not None:
        # A token that works is worth more than a date; of two unknown ones the later is alive.
        dead = mine.state in DEAD
        works = mine.state is ConnectionState.WORKING
        suggested = dead or (not works and newer is Side.BACKUP)
    return Item(
        own, app_line, one.handle, label, False,
        Standing.DIFFERS if differs else Standing.SAME,
        differs, newer, suggested, mine.id, one.authorized_at, mine.authorized_at, mine.state,
        here.secrets is None, one.place,
    )  # fmt: skip
