"""The tree's rows: Qt's own standard model holds the shape, plain lists hold what is in it.

The view lays out tens of thousands of rows without one call into Python; the text of a cell is
made only when somebody asks for it. One model shows everything, another what a search finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from adwarden.domain.data import dataclass
from adwarden.domain.model import PromotableUser
from adwarden.ui.tree_branches import ROOT, BranchModel
from adwarden.ui.tree_nodes import AccountNode, ConnectionNode, Forest, Selection, Sieve
from adwarden.ui.tree_words import Words

Index = QModelIndex | QPersistentModelIndex
_TYPED = Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchWrap


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


class AccountModel(BranchModel):
    """Shows a forest through a sieve; told by ids what has changed, it moves single rows."""

    def __init__(
        self, forest: Forest, sieve: Sieve, words: Words, parent: QObject | None = None
    ) -> None:
        super().__init__(sieve, parent)
        self._forest = forest
        self._words = words

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
