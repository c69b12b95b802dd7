"""The tree's rows: Qt's own standard model holds the shape, plain lists hold what is in it.

The view lays out tens of thousands of rows without one call into Python; the text of a cell is
made only when somebody asks for it. One model shows everything, another what a search finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QModelIndex, QObject

from adwarden.ui.tree_branches import ROOT, BranchModel
from adwarden.ui.tree_nodes import AccountNode, ConnectionNode, Forest, Place, Selection, Sieve
from adwarden.ui.tree_places import Index
from adwarden.ui.tree_words import Words


class AccountModel(BranchModel):
    """Shows a forest through a sieve; told by ids what has changed, it moves single rows."""

    def __init__(
        self, forest: Forest, sieve: Sieve, words: Words, parent: QObject | None = None
    ) -> None:
        super().__init__(sieve, words, parent)
        self._forest = forest

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
        middle = self.index(branch.at(account.key), 0, top)
        if wanted.kind != "user":
            return middle
        for row, user in enumerate(branch.users.get(wanted.account_id, ())):
            if user.id == wanted.promotable_id:
                return self.index(row, 0, middle)
        return QModelIndex()

    def count(self) -> int:
        """Return how many ad accounts are shown, each counted once."""
        if len(self._branches) == 1:
            return len(self._branches[0].rows)
        return len({account_id for branch in self._branches for account_id in branch.shown})

    def rows(self) -> int:
        """Return about how many rows there are, promotable users left out."""
        return sum(len(branch.rows) for branch in self._branches)

    def row_of(self, connection_id: str, account_id: str) -> Selection:
        """Return the row of an ad account."""
        return Selection("account", connection_id, account_id)

    def reveals(self, node: ConnectionNode, account: AccountNode) -> bool:
        """Tell whether a search has found one of the promotable users."""
        return self.sieve.opens(node, account)

    def accounts_beside(self, index: Index) -> Sequence[AccountNode] | None:
        """Return the ad accounts of a row and those beside it, ``None`` for other rows."""
        above = index.parent()
        if not above.isValid() or above.parent().isValid():
            return None
        return self._branches[above.row()].rows

    # What has changed

    def sync_connection(self, connection_id: str) -> None:
        """Show, move, repaint or remove one connection's own row."""
        node = self._forest.connections.get(connection_id)
        branch = self._by_id.get(connection_id)
        if node is None or not (self.sieve.whole(node) or (branch and branch.rows)):
            if branch is not None:
                self.remove_branch(branch)
            return
        if branch is None:
            self.add_branch(node)
            return
        row = self._branches.index(branch)
        before = self._branches[row - 1].node.key if row else None
        after = self._branches[row + 1].node.key if row + 1 < len(self._branches) else None
        if (before is None or before < node.key) and (after is None or node.key < after):
            self.touched(ROOT, row, row)
        else:
            rows = [account.entry.account.id for account in branch.rows]
            self.remove_branch(branch)
            # By its new name it may be nothing that is searched for any more.
            if self.sieve.whole(node):
                self.add_branch(node)
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
            branch = self.add_branch(node)
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
        self.remove_accounts(branch, gone)
        self.refresh_accounts(branch, same)
        self.insert_accounts(branch, fresh)
        if gone and not branch.rows:
            self.sync_connection(connection_id)
        return {account.entry.account.id for account in fresh}
