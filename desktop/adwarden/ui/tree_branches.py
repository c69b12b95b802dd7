"""The connections that one model of the tree shows, with their ad accounts and users as rows.

Here rows are added, taken away and repainted one by one; which ones is decided elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QModelIndex, QObject

from adwarden.domain.model import PromotableUser
from adwarden.ui.tree_nodes import AccountNode, ConnectionNode, Sieve
from adwarden.ui.tree_places import PlacesModel, runs_into, runs_of
from adwarden.ui.tree_words import Words

ROOT = QModelIndex()


class Branch:
    """A connection as this model shows it: its ad accounts, sorted, with their users."""

    __slots__ = ("node", "rows", "shown", "users")

    def __init__(self, node: ConnectionNode) -> None:
        self.node = node
        self.rows: list[AccountNode] = []
        self.shown: dict[str, AccountNode] = {}
        self.users: dict[str, list[PromotableUser]] = {}

    def at(self, key: tuple[str, str]) -> int:
        """Return the row of the ad account with this key, or where it would be."""
        return bisect_left(self.rows, key, key=_key)


class BranchModel(PlacesModel):
    """Keeps branches and their rows in step; a sieve says which promotable users are shown."""

    def __init__(self, sieve: Sieve, words: Words, parent: QObject | None = None) -> None:
        super().__init__(sieve, words, parent)
        self._branches: list[Branch] = []
        self._by_id: dict[str, Branch] = {}

    def top(self, branch: Branch) -> QModelIndex:
        """Return the row of a connection."""
        return self.index(self._branches.index(branch), 0)

    def add_branch(self, node: ConnectionNode) -> Branch:
        """Add a connection's row, without any ad accounts yet."""
        branch = Branch(node)
        row = bisect_left(self._branches, node.key, key=lambda other: other.node.key)

        def commit() -> None:
            self._branches.insert(row, branch)
            self._by_id[node.connection.id] = branch

        self.grow(ROOT, row, 1, commit)
        self.widen(self.index(row, 0))
        return branch

    def remove_branch(self, branch: Branch) -> None:
        """Take a connection's row away with all below it."""
        row = self._branches.index(branch)

        def commit() -> None:
            del self._branches[row]
            del self._by_id[branch.node.connection.id]

        self.shrink(ROOT, row, 1, commit)

    def insert_accounts(self, branch: Branch, fresh: list[AccountNode]) -> None:
        """Add ad accounts that are not shown, neighbours together."""
        top = self.top(branch)
        for at, run in runs_into(branch.rows, fresh):
            self._insert_run(branch, top, at, run)

    def _insert_run(
        self, branch: Branch, top: QModelIndex, at: int, run: list[AccountNode]
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

    def remove_accounts(self, branch: Branch, gone: list[AccountNode]) -> None:
        """Take ad accounts away that are shown, neighbours together."""
        top = self.top(branch)
        for first, last in runs_of([branch.at(account.key) for account in gone]):
            self._remove_run(branch, top, first, last)

    def _remove_run(self, branch: Branch, top: QModelIndex, first: int, last: int) -> None:
        def commit() -> None:
            for account in branch.rows[first : last + 1]:
                del branch.shown[account.entry.account.id]
                branch.users.pop(account.entry.account.id, None)
            del branch.rows[first : last + 1]

        self.shrink(top, first, last - first + 1, commit)

    def refresh_accounts(self, branch: Branch, same: list[AccountNode]) -> None:
        """Show what is new of ad accounts that stay where they are."""
        if not same:
            return
        top = self.top(branch)
        changed = []
        for account in same:
            row = branch.at(account.key)
            branch.rows[row] = branch.shown[account.entry.account.id] = account
            changed.append(row)
            users = self.sieve.users(branch.node, account)
            self._set_users(branch, account, self.index(row, 0, top), users)
        for first, last in runs_of(changed):
            self.touched(top, first, last)

    def _set_users(
        self,
        branch: Branch,
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
