"""The tree by ad account: one row an ad account, below it every connection that reaches it.

The same places as in the tree by connection, the other way round; told by ids what has changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QModelIndex, QObject

from adwarden.ui.reach_words import ReachWords
from adwarden.ui.tree_branches import ROOT
from adwarden.ui.tree_nodes import AccountNode, ConnectionNode, Forest, Place, Selection, Sieve
from adwarden.ui.tree_places import Index, PlacesModel, runs_into, runs_of

Way = tuple[ConnectionNode, AccountNode]


class Group:
    """An ad account as this model shows it: the connections that reach it, by handle."""

    __slots__ = ("id", "key", "ways")

    def __init__(self, account_id: str, ways: list[Way]) -> None:
        self.id = account_id
        self.ways = ways
        self.key = _key(ways)

    def row(self, connection_id: str) -> int:
        """Return the row of a connection, -1 where it is not shown."""
        # Not by halves: a connection may have got another name since it was put there.
        for row, (node, _) in enumerate(self.ways):
            if node.connection.id == connection_id:
                return row
        return -1


class ReachModel(PlacesModel):
    """Shows a forest through a sieve, ad accounts on top."""

    # The best connection is named beside the name: the permissions give way to both.
    least_names, least_badges = 240, 60

    def __init__(
        self, forest: Forest, sieve: Sieve, words: ReachWords, parent: QObject | None = None
    ) -> None:
        super().__init__(sieve, words, parent)
        self._forest = forest
        self._chooser = words.chooser
        self._rows: list[Group] = []
        self._by_id: dict[str, Group] = {}

    # What the view asks

    def place(self, index: Index) -> Place | None:
        """Return what a row is about, ``None`` for an index of another model."""
        if not index.isValid():
            return None
        above = index.parent()
        if above.isValid():
            node, account = self._rows[above.row()].ways[index.row()]
            return Place(node, account, reach="connection")
        group = self._rows[index.row()]
        node, account = self._best(group)
        return Place(node, account, reach="account")

    def find(self, wanted: Selection) -> QModelIndex:
        """Return the first cell of a row, an invalid index when it is not shown."""
        group = self._by_id.get(wanted.account_id)
        if group is None or wanted.kind == "connection":
            return QModelIndex()
        top = self.index(self._at(group.key), 0)
        if wanted.kind == "reach":
            return top
        row = group.row(wanted.connection_id)
        return self.index(row, 0, top) if row >= 0 else QModelIndex()

    def shows(self, wanted: Selection) -> bool:
        """Tell whether there are rows of this kind; connections have none of their own."""
        return wanted.kind != "connection"

    def counterpart(self, wanted: Selection) -> Selection:
        """Return the row for what was selected in the other tree."""
        group = self._by_id.get(wanted.account_id)
        if group is None:
            return wanted
        best, _ = self._best(group)
        kind = "reach" if best.connection.id == wanted.connection_id else "account"
        return Selection(kind, wanted.connection_id, wanted.account_id)

    def count(self) -> int:
        """Return how many ad accounts are shown."""
        return len(self._rows)

    def rows(self) -> int:
        """Return about how many rows there are, connections left out."""
        return len(self._rows)

    def row_of(self, connection_id: str, account_id: str) -> Selection:
        """Return the row of an ad account, whichever connection is asked for."""
        return Selection("reach", "", account_id)

    def reveals(self, node: ConnectionNode, account: AccountNode) -> bool:
        """Tell whether a search has found something about how the ad account is reached."""
        return self.sieve.through(node, account)

    def accounts_beside(self, index: Index) -> Sequence[Group] | None:
        """Return all ad accounts for the row of one, ``None`` for that of a connection."""
        return None if index.parent().isValid() else self._rows

    # What has changed

    def sync_connection(self, connection_id: str) -> None:
        """Do nothing: a connection has no row here, and the view repaints those it is part of."""

    def sync_accounts(self, connection_id: str, account_ids: Iterable[str]) -> set[str]:
        """Bring these ad accounts up to date; return those whose rows are new or moved."""
        node = self._forest.connections.get(connection_id)
        ids = list(dict.fromkeys(account_ids))
        found = self.sieve.accounts(node, ids) if node is not None else ()
        wanted = {one.entry.account.id: one for one in found}
        fresh: list[Group] = []
        gone: list[Group] = []
        changed: list[Group] = []
        for account_id in ids:
            group = self._by_id.get(account_id)
            new = wanted.get(account_id)
            if group is None:
                if new is not None and node is not None:
                    fresh.append(Group(account_id, [(node, new)]))
                continue
            ways = _with(group, connection_id, node, new)
            if not ways:
                gone.append(group)
            elif _key(ways) != group.key:
                gone.append(group)
                fresh.append(Group(account_id, ways))
            else:
                self._set_ways(group, ways)
                changed.append(group)
        for first, last in runs_of([self._at(group.key) for group in gone]):
            self._remove_run(first, last)
        for first, last in runs_of([self._at(group.key) for group in changed]):
            self.touched(ROOT, first, last)
        for at, run in runs_into(self._rows, fresh):
            self._insert_run(at, run)
        return {group.id for group in fresh}

    # Inside

    def _at(self, key: tuple[str, str]) -> int:
        return bisect_left(self._rows, key, key=lambda group: group.key)

    def _best(self, group: Group) -> Way:
        best = self._chooser.best(group.id)
        if best is not None:
            node = self._forest.connections[best.connection_id]
            return node, node.accounts[group.id]
        return group.ways[0]  # its connections are just being removed

    def _insert_run(self, at: int, run: list[Group]) -> None:
        shown = [(group, group.ways) for group in run]

        def commit() -> None:
            self._rows[at:at] = run
            for group in run:
                self._by_id[group.id] = group
                group.ways = []  # its rows come next

        self.grow(ROOT, at, len(run), commit)
        for row, (group, ways) in enumerate(shown, at):
            top = self.index(row, 0)
            self.widen(top)
            self.grow(top, 0, len(ways), lambda g=group, w=ways: setattr(g, "ways", w))  # type: ignore[misc]

    def _remove_run(self, first: int, last: int) -> None:
        def commit() -> None:
            for group in self._rows[first : last + 1]:
                del self._by_id[group.id]
            del self._rows[first : last + 1]

        self.shrink(ROOT, first, last - first + 1, commit)

    def _set_ways(self, group: Group, ways: list[Way]) -> None:
        """Show these connections below an ad account that stays where it is."""
        top = self.index(self._at(group.key), 0)
        before = [node.connection.id for node, _ in group.ways]
        after = [node.connection.id for node, _ in ways]
        if before == after:
            group.ways = ways
            self.touched(top, 0, len(ways) - 1)
            return
        kept = set(after)
        for row in range(len(before) - 1, -1, -1):
            if before[row] not in kept:
                self.shrink(top, row, 1, lambda row=row: group.ways.__delitem__(row))  # type: ignore[misc]
        present = [node.connection.id for node, _ in group.ways]
        if present != [one for one in after if one in present]:
            self.shrink(top, 0, len(present), group.ways.clear)
        for row, way in enumerate(ways):
            if row < len(group.ways) and group.ways[row][0].connection.id == after[row]:
                group.ways[row] = way
            else:
                self.grow(top, row, 1, lambda r=row, w=way: group.ways.insert(r, w))  # type: ignore[misc]


def _with(
    group: Group, connection_id: str, node: ConnectionNode | None, new: AccountNode | None
) -> list[Way]:
    """Return the connections of a group with this one added, replaced or taken away."""
    ways = [way for way in group.ways if way[0].connection.id != connection_id]
    if node is not None and new is not None:
        ways.append((node, new))
    ways.sort(key=lambda way: way[0].key)
    return ways


def _key(ways: list[Way]) -> tuple[str, str]:
    """Return the key of the account as it was seen last: connections may know old names."""
    if len(ways) == 1:
        return ways[0][1].key
    return max(ways, key=lambda way: (_seen(way[1]), way[0].connection.id))[1].key


def _seen(account: AccountNode) -> float:
    entry = account.entry
    return entry.listed_at or entry.fetched_at or 0.0
