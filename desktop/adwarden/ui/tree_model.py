"""The tree's rows: Qt's own standard model holds the shape, plain lists hold what is in it.

The view lays out tens of thousands of rows without one call into Python; the text of a cell is
made only when somebody asks for it. One model shows everything, another what a search finds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from adwarden.domain.model import PromotableUser
from adwarden.ui.tree_nodes import AccountNode, ConnectionNode, Forest, Selection, Sieve
from adwarden.ui.tree_shape import ShapeModel
from adwarden.ui.tree_words import COLUMNS, Words

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_TYPED = Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchWrap


class _Branch:
    """A connection as this model shows it: its ad accounts, sorted, with their users."""

    __slots__ = ("node", "rows", "shown", "users")

    def __init__(self, node: ConnectionNode) -> None:
        self.node = node
        self.rows: list[AccountNode] = []
        self.shown: dict[str, AccountNode] = {}
        self.users: dict[str, list[PromotableUser]] = {}


@dataclass(frozen=True, slots=True)
class Place:
    """What a row is about; the parts below its level are ``None``."""

    node: ConnectionNode
    account: AccountNode | None = None
    user: PromotableUser | None = None

    def selection(self) -> Selection:
        """Return the place by ids."""
        connection = self.node.connection.id
        if self.account is None:
            return Selection("connection", connection)
        account = self.account.entry.account.id
        if self.user is None:
            return Selection("account", connection, account)
        return Selection("user", connection, account, self.user.id)


class AccountModel(ShapeModel):
    """Shows a forest through a sieve; told by ids what has changed, it moves single rows."""

    def __init__(
        self, forest: Forest, sieve: Sieve, words: Words, parent: QObject | None = None
    ) -> None:
        super().__init__(COLUMNS, parent)
        self.sieve = sieve
        self._forest = forest
        self._words = words
        self._branches: list[_Branch] = []
        self._by_id: dict[str, _Branch] = {}

    # What the view asks

    def place(self, index: Index) -> Place | None:
        """Return what a row is about, ``None`` for an index of another model."""
        if not index.isValid():
            return None
        above = index.parent()
        if not above.isValid():
            return Place(self._branches[index.row()].node)
        top = above.parent()
        if not top.isValid():
            branch = self._branches[above.row()]
            return Place(branch.node, branch.rows[index.row()])
        branch = self._branches[top.row()]
        account = branch.rows[above.row()]
        return Place(branch.node, account, branch.users[account.entry.account.id][index.row()])

    def find(self, wanted: Selection) -> QModelIndex:
        """Return the first cell of a row, an invalid index when it is not shown."""
        branch = self._by_id.get(wanted.connection_id)
        if branch is None:
            return QModelIndex()
        top = self.index(self._branches.index(branch), 0)
        if wanted.kind == "connection":
            return top
        account = branch.shown.get(wanted.account_id)
        if account is None:
            return QModelIndex()
        middle = self.index(_at(branch.rows, account.key), 0, top)
        if wanted.kind == "account":
            return middle
        for row, user in enumerate(branch.users.get(wanted.account_id, ())):
            if user.id == wanted.promotable_id:
                return self.index(row, 0, middle)
        return QModelIndex()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return the text of a cell, and for screen readers the whole row in words."""
        if role == Qt.ItemDataRole.DisplayRole:
            place = self.place(index)
            return self._words.text(place, index.column()) if place else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            place = self.place(index)
            self.cell(index)
            return self._words.spoken(place, index.column()) if place else None
        return None

    def match(
        self,
        start: Index,
        role: int,
        value: object,
        hits: int = 1,
        flags: Qt.MatchFlag = _TYPED,
    ) -> list[QModelIndex]:
        """Find the next ad account whose name begins with what is being typed."""
        above = start.parent()
        typed = role == Qt.ItemDataRole.DisplayRole and hits == 1 and flags == _TYPED
        if not (typed and isinstance(value, str) and above.isValid()) or above.parent().isValid():
            return super().match(start, role, value, hits, flags)
        # Qt would ask for the text of every row, one call into Python each.
        rows, wanted = self._branches[above.row()].rows, value.casefold()
        for step in range(len(rows)):
            row = (start.row() + step) % len(rows)
            if rows[row].key[0].startswith(wanted):
                return [self.index(row, 0, above)]
        return []

    def shown(self, connection_id: str) -> Sequence[AccountNode]:
        """Return the ad accounts shown under a connection, in their order."""
        branch = self._by_id.get(connection_id)
        return branch.rows if branch else ()

    # What has changed

    def sync_connection(self, connection_id: str) -> None:
        """Show, move, repaint or remove one connection's own row."""
        node = self._forest.connections.get(connection_id)
        branch = self._by_id.get(connection_id)
        if node is None or not (self.sieve.whole(node) or (branch and branch.rows)):
            if branch is not None:
                self._remove_branch(branch)
            return
        if branch is None:
            self._add_branch(node)
            return
        row = self._branches.index(branch)
        before = self._branches[row - 1].node.key if row else None
        after = self._branches[row + 1].node.key if row + 1 < len(self._branches) else None
        if (before is None or before < node.key) and (after is None or node.key < after):
            self.touched(_ROOT, row, row)
        else:
            rows = [account.entry.account.id for account in branch.rows]
            self._remove_branch(branch)
            self._add_branch(node)
            self.sync_accounts(connection_id, rows)

    def sync_accounts(self, connection_id: str, account_ids: Iterable[str]) -> set[str]:
        """Bring these ad accounts up to date; return those whose rows are new or moved."""
        node = self._forest.connections.get(connection_id)
        if node is None:
            return set()
        ids = list(dict.fromkeys(account_ids))
        wanted = {n.entry.account.id: n for n in self.sieve.accounts(node, ids)}
        branch = self._by_id.get(connection_id)
        if branch is None:
            if not wanted:
                return set()
            branch = self._add_branch(node)
        fresh, gone, same = [], [], []
        for account_id in ids:
            old, new = branch.shown.get(account_id), wanted.get(account_id)
            if old is not None and new is not None and old.key == new.key:
                same.append(new)
                continue
            if old is not None:
                gone.append(old)
            if new is not None:
                fresh.append(new)
        self._remove_accounts(branch, gone)
        self._refresh_accounts(branch, same)
        self._insert_accounts(branch, fresh)
        if gone and not branch.rows:
            self.sync_connection(connection_id)
        return {account.entry.account.id for account in fresh}

    def top(self, branch: _Branch) -> QModelIndex:
        """Return the row of a connection."""
        return self.index(self._branches.index(branch), 0)

    # How it is done

    def _add_branch(self, node: ConnectionNode) -> _Branch:
        branch = _Branch(node)
        row = bisect_left(self._branches, node.key, key=lambda other: other.node.key)

        def commit() -> None:
            self._branches.insert(row, branch)
            self._by_id[node.connection.id] = branch

        self.grow(_ROOT, row, 1, commit)
        self.widen(self.index(row, 0))
        return branch

    def _remove_branch(self, branch: _Branch) -> None:
        row = self._branches.index(branch)

        def commit() -> None:
            del self._branches[row]
            del self._by_id[branch.node.connection.id]

        self.shrink(_ROOT, row, 1, commit)

    def _insert_accounts(self, branch: _Branch, fresh: list[AccountNode]) -> None:
        fresh.sort(key=_key)
        top = self.top(branch)
        rows = branch.rows
        start = 0
        while start < len(fresh):
            at = _at(rows, fresh[start].key)
            end = start + 1
            limit = rows[at].key if at < len(rows) else None
            while end < len(fresh) and (limit is None or fresh[end].key < limit):
                end += 1
            self._insert_run(branch, top, at, fresh[start:end])
            start = end

    def _insert_run(
        self, branch: _Branch, top: QModelIndex, at: int, run: list[AccountNode]
    ) -> None:
        def commit() -> None:
            branch.rows[at:at] = run
            for account in run:
                branch.shown[account.entry.account.id] = account

        self.grow(top, at, len(run), commit)
        for row, account in enumerate(run, at):
            users = self.sieve.users(branch.node, account)
            if users:
                self._set_users(branch, account, self.index(row, 0, top), users)

    def _remove_accounts(self, branch: _Branch, gone: list[AccountNode]) -> None:
        top = self.top(branch)
        rows = sorted((_at(branch.rows, account.key) for account in gone), reverse=True)
        at = 0
        while at < len(rows):
            last = first = rows[at]
            while at + 1 < len(rows) and rows[at + 1] == first - 1:
                at, first = at + 1, first - 1
            self._remove_run(branch, top, first, last)
            at += 1

    def _remove_run(self, branch: _Branch, top: QModelIndex, first: int, last: int) -> None:
        def commit() -> None:
            for account in branch.rows[first : last + 1]:
                del branch.shown[account.entry.account.id]
                branch.users.pop(account.entry.account.id, None)
            del branch.rows[first : last + 1]

        self.shrink(top, first, last - first + 1, commit)

    def _refresh_accounts(self, branch: _Branch, same: list[AccountNode]) -> None:
        if not same:
            return
        top = self.top(branch)
        changed = []
        for account in same:
            row = _at(branch.rows, account.key)
            branch.rows[row] = branch.shown[account.entry.account.id] = account
            changed.append(row)
            users = self.sieve.users(branch.node, account)
            self._set_users(branch, account, self.index(row, 0, top), users)
        # One signal for all: the view looks its rows up from the top for each signal.
        self.touched(top, min(changed), max(changed))

    def _set_users(
        self,
        branch: _Branch,
        account: AccountNode,
        at: QModelIndex,
        users: tuple[PromotableUser, ...],
    ) -> None:
        account_id = account.entry.account.id
        shown = branch.users.setdefault(account_id, [])
        if [user.id for user in shown] == [user.id for user in users]:
            if users and tuple(shown) != users:
                shown[:] = users
                self.touched(at, 0, len(users) - 1)
            return
        if users:
            self.widen(at)
        keep = {user.id for user in users}
        for row in range(len(shown) - 1, -1, -1):
            if shown[row].id not in keep:
                self.shrink(at, row, 1, lambda row=row: shown.__delitem__(row))  # type: ignore[misc]
        if not shown:
            if users:
                self.grow(at, 0, len(users), lambda: shown.extend(users))
            return
        present = {user.id for user in shown}
        if [user.id for user in shown] != [user.id for user in users if user.id in present]:
            self.shrink(at, 0, len(shown), shown.clear)
        for row, user in enumerate(users):
            if row < len(shown) and shown[row].id == user.id:
                shown[row] = user
            else:
                self.grow(at, row, 1, lambda r=row, u=user: shown.insert(r, u))  # type: ignore[misc]


def _key(account: AccountNode) -> tuple[str, str]:
    return account.key


def _at(rows: list[AccountNode], key: tuple[str, str]) -> int:
    return bisect_left(rows, key, key=_key)
