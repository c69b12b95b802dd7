"""What the tree knows of connections and ad accounts: plain objects, shared by its models.

An ad account's node is replaced, never changed, so that a model can tell old from new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, AppAccess, Connection, PromotableUser, XApp
from adwarden.domain.permissions import Method, method
from adwarden.ui.search import Query, haystack


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected; ``kind`` is ``connection``, ``account``, ``user`` or ``reach``.

    ``reach`` is an ad account with all connections that reach it; its connection is the best one.
    """

    kind: str
    connection_id: str
    account_id: str = ""
    promotable_id: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What a row is about; the parts below its level are ``None``.

    ``reach`` is ``account`` for an ad account with all connections that reach it (``node`` and
    ``account`` are those of the best one then), ``connection`` for one of these connections.
    """

    node: ConnectionNode
    account: AccountNode | None = None
    user: PromotableUser | None = None
    reach: str = ""

    @property
    def is_connection(self) -> bool:
        """Whether the row is called by a connection's handle."""
        return self.account is None or self.reach == "connection"

    def selection(self) -> Selection:
        """Return the place by ids."""
        connection = self.node.connection.id
        if self.account is None:
            return Selection("connection", connection)
        account = self.account.entry.account.id
        if self.reach == "account":
            return Selection("reach", connection, account)
        if self.user is None:
            return Selection("account", connection, account)
        return Selection("user", connection, account, self.user.id)


class AccountNode:
    """One ad account through one connection, with what search and sorting need."""

    __slots__ = ("entry", "hay", "key", "method", "users_hay")

    def __init__(self, connection: Connection, entry: AccountEntry) -> None:
        account = entry.account
        self.entry = entry
        self.key = (account.name.casefold(), account.id)
        self.method = method(connection, entry)
        self.hay = haystack((account.name, account.id))
        self.users_hay = (
            haystack(part for user in entry.users for part in user_parts(connection, user))
            if entry.users
            else ""
        )


class ConnectionNode:
    """One connection and its ad accounts by id."""

    __slots__ = ("accounts", "connection", "expected", "hay", "key", "methods", "own_hay")

    def __init__(self, connection: Connection) -> None:
        self.accounts: dict[str, AccountNode] = {}
        self.methods: Counter[Method] = Counter()
        self.expected = 0
        self.renew(connection)

    @property
    def size(self) -> int:
        """How many ad accounts there are, those that are still to come included."""
        return max(len(self.accounts), self.expected)

    def renew(self, connection: Connection) -> None:
        """Take over what is newly known of the connection."""
        self.connection = connection
        self.key = (connection.handle.casefold(), connection.id)
        self.hay = haystack((connection.handle, connection.user_id))
        label, note = connection.label, connection.note
        self.own_hay = haystack((label, note)) if label or note else ""

    def put(self, entry: AccountEntry) -> None:
        """Add or replace an ad account."""
        self.drop(entry.account.id)
        node = AccountNode(self.connection, entry)
        self.accounts[entry.account.id] = node
        self.methods[node.method] += 1

    def drop(self, account_id: str) -> None:
        """Forget an ad account, if it is there."""
        old = self.accounts.pop(account_id, None)
        if old is not None:
            self.methods[old.method] -= 1


class Forest:
    """Everything the tree can show."""

    def __init__(self, hidden: Callable[[str], str] = lambda connection_id: "") -> None:
        self.apps: dict[str, XApp] = {}
        self.connections: dict[str, ConnectionNode] = {}
        self.held: set[tuple[str, ...]] = set()
        """Every combination of permissions that has been seen."""
        self.hidden = hidden
        """Says of a connection or an app why only its name may be shown, empty where all may."""

    def put_connection(self, connection: Connection) -> ConnectionNode:
        """Add a connection or take over what is new of it."""
        node = self.connections.get(connection.id)
        if node is None:
            node = self.connections[connection.id] = ConnectionNode(connection)
        else:
            # Its ad accounts are found by its handle too, and what method it is hangs on its user.
            renamed = _who(node.connection) != _who(connection)
            node.renew(connection)
            if renamed:
                for known in list(node.accounts.values()):
                    node.put(known.entry)
        return node

    def app_label(self, connection: Connection) -> str:
        """Return the name of the X app of a connection, empty when it is not known."""
        app = self.apps.get(connection.app_id)
        return app.label if app else ""

    def own_hay(self, node: ConnectionNode) -> str:
        """Return a person's own words about a connection to search in, as far as they are shown."""
        if node.own_hay and self.hidden(node.connection.id):
            return haystack((node.connection.label,))  # a note is no name
        return node.own_hay

    def app_note(self, connection: Connection) -> str:
        """Return what a person noted of the X app of a connection, as far as it may be shown."""
        app = self.apps.get(connection.app_id)
        return app.note if app and not self.hidden(app.id) else ""

    def app_access(self, connection: Connection) -> AppAccess:
        """Return the access of a connection's X app, as far as it is known."""
        app = self.apps.get(connection.app_id)
        return app.access if app else AppAccess.UNKNOWN

    def count(self) -> int:
        """Return how many ad accounts there are through all connections."""
        return sum(node.size for node in self.connections.values())


def _who(connection: Connection) -> tuple[str, str]:
    return (connection.user_id, connection.screen_name)


class Sieve:
    """Which rows a model shows: all of them; see ``tree_sieve`` for those a search finds."""

    def __init__(self, query: Query) -> None:
        self.query = query

    def accounts(self, node: ConnectionNode, ids: Iterable[str]) -> Iterator[AccountNode]:
        """Yield those of the named ad accounts that are to be shown."""
        for account_id in ids:
            found = node.accounts.get(account_id)
            if found is not None:
                yield found

    def whole(self, node: ConnectionNode) -> bool:
        """Tell whether the connection itself is to be shown, even without accounts."""
        return True

    def users(self, node: ConnectionNode, found: AccountNode) -> tuple[PromotableUser, ...]:
        """Return the promotable users to show."""
        return found.entry.users or ()

    def matched(self, node: ConnectionNode, found: AccountNode) -> tuple[PromotableUser, ...]:
        """Return the promotable users in whom a match is, none where it is elsewhere."""
        return ()

    def opens(self, node: ConnectionNode, found: AccountNode) -> bool:
        """Tell whether an ad account is to be opened, because of what is below it."""
        return False

    def through(self, node: ConnectionNode, found: AccountNode) -> bool:
        """Tell whether the connections below an ad account are to be seen."""
        return False


def user_name(connection: Connection, user: PromotableUser) -> str:
    """Return a promotable user's ``@handle`` as far as it is known, or an id that there is."""
    if user.handle:
        return f"@{user.handle}"
    if user.user_id == connection.user_id and connection.screen_name:
        return connection.handle
    return user.user_id or user.id


def user_parts(connection: Connection, user: PromotableUser) -> tuple[str, str, str]:
    """Return what a promotable user is found by."""
    return (user_name(connection, user), user.user_id, user.id)
