"""The apps and connections there are, in memory on the loop's thread; the index is their home."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TypeVar

from adwarden.domain.errors import ErrorCode, KeychainError, NotFoundError
from adwarden.domain.model import (
    FILE,
    KEYCHAIN,
    MEMORY,
    Connection,
    Credential,
    Snapshot,
    XApp,
)
from adwarden.services.places import Places
from adwarden.storage.keychain_codec import entry_username
from adwarden.storage.keychain_status import EntryName

LOST = frozenset({ErrorCode.ENTRY_MISSING, ErrorCode.ENTRY_DAMAGED})
"""What reading an entry tells that is gone for good: only another entry or a new secret helps."""

_SAFE = "The tokens of its connections are not affected."
_GONE = {
    KEYCHAIN: (
        "the keychain",
        "Another data folder of Adwarden has taken them over, perhaps with the tokens of its "
        "connections; or the entry was removed or changed outside Adwarden.",
    ),
    FILE: (
        "the KeePass file",
        "Somebody who shares the file has taken them over into their own Adwarden, perhaps with "
        "the tokens of its connections; or the entry was removed or changed outside Adwarden.",
    ),
    MEMORY: (
        "memory any more",
        f"They were kept for one session only, which is over. {_SAFE}",
    ),
}
"""Where an app's keys are not, and why, by the place that kept them."""

Row = TypeVar("Row", XApp, Connection, XApp | Connection)


class Kept(NamedTuple):
    """Where a secret is: what its entry is filed under, and in which place."""

    service: str
    username: str
    place: str


class Roster:
    """Looks up apps and connections by id; raises ``NotFoundError`` for what is gone."""

    def __init__(self) -> None:
        self._apps: dict[str, XApp] = {}
        self._connections: dict[str, Connection] = {}
        self._hidden: set[str] = set()
        """Ids of what is on its way out, while that can still be undone."""
        self.reached: dict[str, frozenset[str]] = {}
        """The ad accounts of each connection that were told last, by this process."""

        self.looked_up: dict[str, str] | None = None
        """Handles of other users by user id, once they have been read from the index."""

        self.renamed: dict[str, str] = {}
        """Entries that were replaced by others with the same token, and by which."""

        self.withheld: dict[str, frozenset[str]] = {}
        """Names of an app's secrets that are on their way out, while that can still be undone."""

    def load(self, snapshot: Snapshot) -> None:
        """Take over everything the index knew."""
        self._apps = {app.id: app for app in snapshot.apps}
        self._connections = {one.id: one for one in snapshot.connections}
        self.reached = {
            id_: frozenset(one.account.id for one in entries)
            for id_, entries in snapshot.entries.items()
        }

    @property
    def apps(self) -> tuple[XApp, ...]:
        """All apps, in the order they were added."""
        return tuple(app for app in self._apps.values() if app.id not in self._hidden)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All connections, in the order they were made."""
        return tuple(one for one in self._connections.values() if one.id not in self._hidden)

    @property
    def everything(self) -> tuple[XApp | Connection, ...]:
        """All apps, then all connections, also those that are hidden: their secrets are there."""
        return (*self._apps.values(), *self._connections.values())

    @property
    def leaving(self) -> tuple[XApp, ...]:
        """The apps that are hidden."""
        return tuple(app for app in self._apps.values() if app.id in self._hidden)

    def names(self, place: str) -> tuple[EntryName, ...]:
        """Return the entries that rows name in a place."""
        found = (entry_of(one) for one in self.everything if one.place == place)
        return tuple(EntryName(one.service, one.username) for one in found)

    def app(self, app_id: str, *, even_hidden: bool = False) -> XApp:
        """Return one app."""
        if app_id not in self._apps or (app_id in self._hidden and not even_hidden):
            raise gone("X app")
        return self._apps[app_id]

    def connection(self, connection_id: str, *, even_hidden: bool = False) -> Connection:
        """Return one connection."""
        is_hidden = connection_id in self._hidden and not even_hidden
        if connection_id not in self._connections or is_hidden:
            raise gone("connection")
        return self._connections[connection_id]

    def now(self, row: Row) -> Row:
        """Return an app or a connection as it is now, also one that is hidden."""
        if isinstance(row, XApp):
            return self.app(row.id, even_hidden=True)
        return self.connection(row.id, even_hidden=True)

    def of_app(self, app_id: str) -> tuple[Connection, ...]:
        """Return the connections of one app."""
        return tuple(one for one in self.connections if one.app_id == app_id)

    def same_user(self, app_id: str, user_id: str) -> Connection | None:
        """Return the connection that this user already has through this app, hidden or not."""
        mine = (one for one in self.all_of_app(app_id) if one.user_id == user_id)
        return next(mine, None)

    def all_of_app(self, app_id: str) -> tuple[Connection, ...]:
        """Return the connections of one app, also those that are hidden."""
        return tuple(one for one in self._connections.values() if one.app_id == app_id)

    def hidden(self, item_id: str) -> XApp | Connection | None:
        """Return an app or a connection that is hidden."""
        if item_id not in self._hidden:
            return None
        return self._apps.get(item_id) or self._connections.get(item_id)

    def hide(self, item_id: str) -> None:
        """Have an app or a connection be there for nobody who does not ask for what is hidden."""
        self._hidden.add(item_id)

    def show(self, item_id: str) -> None:
        """Have it be there again."""
        self._hidden.discard(item_id)

    def same_secrets(self, entry: str, now: str) -> bool:
        """Tell whether an entry holds what the entry ``now`` does: a token, or an app's keys."""
        while entry != now and entry in self.renamed:
            entry = self.renamed[entry]
        return entry == now

    def seen(self, app: XApp) -> XApp:
        """Return an app as people see it: without the secrets that are on their way out."""
        withheld = self.withheld.get(app.id)
        if not withheld:
            return app
        return replace(app, holds=tuple(name for name in app.holds if name not in withheld))

    def put_app(self, app: XApp) -> None:
        """Add or replace an app."""
        self._apps[app.id] = app

    def put_connection(self, connection: Connection) -> None:
        """Add or replace a connection; one that has got a new token is hidden no more."""
        old = self._connections.get(connection.id)
        if old is not None and not self.same_secrets(old.entry, connection.entry):
            self._hidden.discard(connection.id)
        self._connections[connection.id] = connection

    def drop_app(self, app_id: str) -> None:
        """Forget an app."""
        self._apps.pop(app_id, None)
        self._hidden.discard(app_id)

    def drop_connection(self, connection_id: str) -> None:
        """Forget a connection."""
        self._connections.pop(connection_id, None)
        self._hidden.discard(connection_id)
        self.reached.pop(connection_id, None)


def new_id() -> str:
    """Return a short random id: eight characters, as it stands in keychain entries' names."""
    import secrets

    return secrets.token_hex(4)


def entry_of(item: XApp | Connection) -> Kept:
    """Return the full name of an app's or a connection's entry, and its place."""
    username = item.label if isinstance(item, XApp) else item.handle
    return Kept(item.entry, entry_username(username), item.place)


def held(keys: Credential) -> tuple[str, ...]:
    """Return the names of the secrets that an app's entry has beside key and secret."""
    return tuple(sorted(set(keys.secrets) - {"key", "secret"}))


async def read_row(roster: Roster, places: Places, row: Row) -> tuple[Row, Credential]:
    """Return an app or a connection as it is listed now, hidden or not, with its secrets.

    Every change of it gives its entry another name, or another place: what is not under the name
    of before is looked for under the one since. Raises ``KeychainError``, which is true of the
    entry that is listed then, and ``NotFoundError``.
    """
    while True:
        now = roster.now(row)
        try:
            return now, await places.get(*entry_of(now))
        except KeychainError:
            if entry_of(roster.now(row)) == entry_of(now):
                raise


async def secrets_of(roster: Roster, places: Places, row: XApp | Connection) -> Credential:
    """Return the secrets of an app or a connection, as ``read_row`` does."""
    return (await read_row(roster, places, row))[1]


async def app_keys(roster: Roster, places: Places, app: XApp) -> Credential:
    """Return an app's keys; raises ``KeychainError`` with APP_KEYS where they are gone."""
    try:
        return await secrets_of(roster, places, app)
    except KeychainError as error:
        if error.code not in LOST:
            raise
        where, why = _GONE.get(error.place, _GONE[KEYCHAIN])
        lost = KeychainError(
            ErrorCode.APP_KEYS,
            f"The keys of {app.label} are not in {where}",
            why,
            "Select the X app on the left and enter its keys again."
            if error.place == MEMORY
            else "If “Where secrets are kept” lists them, take them over there. Otherwise select "
            "the X app on the left and enter its keys again.",
        )
        lost.place, lost.entry = error.place, error.entry
        raise lost from None


def gone(what: str) -> NotFoundError:
    """Return the error for something that was removed meanwhile."""
    return NotFoundError(
        ErrorCode.NOT_FOUND,
        f"This {what} is no longer there",
        "It was removed in the meantime.",
        "Choose another one.",
    )
