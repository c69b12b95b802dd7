"""Which rows of the tree are open: as a person left them, and as a search wants them seen."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QTreeView

from adwarden.domain.model import AccountEntry
from adwarden.ui.tree_nodes import ConnectionNode, Selection
from adwarden.ui.tree_places import PlacesModel

_FEW = 3
"""Connections with at most this many ad accounts show their promotable users at once."""
_FOUND = 200
"""Ad accounts that a search opens by itself because a promotable user in them matches."""
_REOPENED = 500
"""Ad accounts that are opened again after a search; each one costs the view a layout."""


class OpenRows:
    """Connections are open until somebody closes them, ad accounts closed until opened."""

    def __init__(self, view: QTreeView) -> None:
        self._view = view
        self._working = False
        self._open: set[Selection] = set()
        self._closed: set[Selection] = set()
        self._greeted: set[Selection] = set()

    def note(self, one: Selection, *, is_open: bool) -> None:
        """Remember what a person has opened or closed."""
        if self._working:
            return
        if one.kind == "reach":
            # Whichever connection is its best one at the moment.
            one = Selection("reach", "", one.account_id)
        if one.kind == "connection":
            (self._closed.discard if is_open else self._closed.add)(one)
        else:
            (self._open.add if is_open else self._open.discard)(one)

    def forget(self, connection_id: str) -> None:
        """Forget a connection that is gone."""
        for kept in (self._open, self._closed, self._greeted):
            kept.difference_update([one for one in kept if one.connection_id == connection_id])

    def show_connection(self, model: PlacesModel, connection_id: str) -> None:
        """Open a connection's row, unless a person has closed it."""
        top = Selection("connection", connection_id)
        if top not in self._closed:
            self._expand(model.find(top))

    def restore(self, model: PlacesModel, connection_id: str, ids: Iterable[str]) -> None:
        """Open what was open of these ad accounts, whose rows are new or moved."""
        self.show_connection(model, connection_id)
        for account_id in ids:
            one = model.row_of(connection_id, account_id)
            if one in self._open:
                self._expand(model.find(one))

    def opened(self) -> dict[str, list[str]]:
        """Return the ids of open ad accounts by connection, not more than can be restored."""
        found: dict[str, list[str]] = {}
        for one in list(self._open)[:_REOPENED]:
            found.setdefault(one.connection_id, []).append(one.account_id)
        return found

    def reveal(self, model: PlacesModel, node: ConnectionNode, ids: Iterable[str]) -> None:
        """Open what a search has found below other rows."""
        connection_id = node.connection.id
        self._expand(model.find(Selection("connection", connection_id)))
        for account_id in list(ids)[:_FOUND]:
            account = node.accounts.get(account_id)
            if account is not None and model.reveals(node, account):
                self._expand(model.find(model.row_of(connection_id, account_id)))

    def greet(
        self, model: PlacesModel, node: ConnectionNode, entries: Iterable[AccountEntry]
    ) -> None:
        """Open the few ad accounts of a small connection when their users first arrive."""
        if len(node.accounts) > _FEW:
            return
        for entry in entries:
            one = Selection("account", node.connection.id, entry.account.id)
            if entry.users and one not in self._greeted:
                self._greeted.add(one)
                self._open.add(one)
                self._expand(model.find(one))

    def _expand(self, index: QModelIndex) -> None:
        if not index.isValid() or index.model() is not self._view.model():
            return
        if not self._view.isExpanded(index):
            self._working = True
            self._view.expand(index)
            self._working = False
