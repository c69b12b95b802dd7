"""The tree of connections, ad accounts and promotable users, kept up to date by events.

Whatever arrives is worked in piece by piece; selection, open rows and scroll position stay.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtWidgets import QWidget

from adwarden.domain.model import Snapshot
from adwarden.services.events import (
    AppRemoved,
    AppSaved,
    ConnectionRemoved,
    ConnectionSaved,
    EntriesRemoved,
    EntriesSaved,
    Event,
)
from adwarden.ui import phrases
from adwarden.ui.badge_paint import BadgePainter
from adwarden.ui.icons import Icons
from adwarden.ui.tree_delegate import RowDelegate
from adwarden.ui.tree_feed import Batch, Feed
from adwarden.ui.tree_nodes import Forest, Selection
from adwarden.ui.tree_open import OpenRows
from adwarden.ui.tree_search import TreeSearch
from adwarden.ui.tree_steady import SteadyTree
from adwarden.ui.tree_words import Words

_FIRST_TURN = 0.025
_MINUTE_MS = 60_000


class AccountTree(SteadyTree):
    """The window's tree. ``load`` once, then ``apply`` every event; reads nothing by itself."""

    searched = Signal(int)
    """How many ad accounts a search has found, or -1 when the search is over."""

    def __init__(
        self,
        icons: Icons,
        *,
        clock: Callable[[], float] = phrases.now,
        parent: QWidget | None = None,
    ) -> None:
        self._forest = Forest()
        words = Words(self._forest, clock)
        delegate = RowDelegate(icons.theme, BadgePainter(icons), words)
        super().__init__(icons, delegate, words, parent)
        self._open_rows = OpenRows(self)
        self._feed = Feed(self._work, self, around=self.changing, rows=self._forest.count)
        self._search = TreeSearch(self, self._forest, words, self._open_rows, self._feed)
        self._search.searched.connect(self.searched)
        self._ages = QTimer(self)
        self._ages.timeout.connect(self.refresh_ages)
        self._ages.start(_MINUTE_MS)
        self.setModel(self._search.full)
        self.prepare_header()
        self.expanded.connect(lambda index: self._noted(index, is_open=True))
        self.collapsed.connect(lambda index: self._noted(index, is_open=False))
        self.rows_changed()

    @property
    def settled(self) -> bool:
        """Whether everything that has come is shown."""
        return self._feed.idle and self._search.idle

    def load(self, snapshot: Snapshot) -> None:
        """Show the last known state; the first rows at once, the rest a little at a time."""
        with self.changing():
            for gone in list(self._forest.connections):
                self._drop_connection(gone)
            self._forest.apps = {app.id: app for app in snapshot.apps}
            for connection in snapshot.connections:
                self._put_connection(ConnectionSaved(connection))
        for connection_id, entries in snapshot.entries.items():
            self._feed.add(Batch(connection_id, entries=entries))
        if not self._feed.idle:
            self._feed.turn(_FIRST_TURN)

    def apply(self, event: Event) -> None:
        """Take in what has happened; what does not concern the tree is ignored."""
        if isinstance(event, EntriesSaved):
            self._feed.add(Batch(event.connection_id, entries=event.entries))
        elif isinstance(event, EntriesRemoved):
            self._feed.add(Batch(event.connection_id, gone=event.account_ids))
        elif isinstance(event, ConnectionSaved):
            with self.changing():
                self._put_connection(event)
        elif isinstance(event, ConnectionRemoved):
            with self.changing():
                self._drop_connection(event.connection_id)
        elif isinstance(event, AppSaved):
            self._forest.apps[event.app.id] = event.app
            self.viewport().update()
        elif isinstance(event, AppRemoved):
            self._forest.apps.pop(event.app_id, None)
            with self.changing():
                for node in list(self._forest.connections.values()):
                    if node.connection.app_id == event.app_id:
                        self._drop_connection(node.connection.id)

    def set_filter(self, text: str) -> None:
        """Show only what ``text`` finds; acts 120 ms after the last call, clearing at once."""
        self._search.set_text(text)

    def search_now(self) -> None:
        """Search without waiting for more typing."""
        self._search.run()

    def focus_connection(self, connection_id: str) -> None:
        """Select a connection's row and bring it into view; ends a search that hides it."""
        wanted = Selection("connection", connection_id)
        if self._search.active and not self.shown_model.find(wanted).isValid():
            self.set_filter("")
        self.select(wanted)

    def rows_changed(self) -> None:
        """Say why there are no rows, in case there are none."""
        self._search.say_empty()

    def _put_connection(self, event: ConnectionSaved) -> None:
        connection = event.connection
        before = self._forest.connections.get(connection.id)
        handle = before.connection.handle if before else connection.handle
        node = self._forest.put_connection(connection)
        for model in self._search.models:
            model.sync_connection(connection.id)
            if handle != connection.handle:
                # A name that begins or ceases to match changes what is shown under it.
                model.sync_accounts(connection.id, list(node.accounts))
        self._open_rows.show_connection(self.shown_model, connection.id)

    def _drop_connection(self, connection_id: str) -> None:
        self._feed.forget(connection_id)
        self._search.forget(connection_id)
        if self._forest.connections.pop(connection_id, None) is None:
            return
        self._open_rows.forget(connection_id)
        for model in self._search.models:
            model.sync_connection(connection_id)

    def _work(self, batches: list[Batch]) -> None:
        for batch in batches:
            node = self._forest.connections.get(batch.connection_id)
            if node is None:
                continue
            for entry in batch.entries:
                node.put(entry)
            for account_id in batch.gone:
                node.drop(account_id)
            ids = [entry.account.id for entry in batch.entries] + list(batch.gone)
            for model in self._search.models if ids else ():
                fresh = model.sync_accounts(batch.connection_id, ids)
                model.sync_connection(batch.connection_id)
                self._search.open_again(model, node, fresh)
            self._open_rows.restore(self._search.full, batch.connection_id, batch.again)
            self._open_rows.greet(self._search.full, node, batch.entries)

    def _noted(self, index: QModelIndex, *, is_open: bool) -> None:
        place = self.place_at(index)
        if not self._search.active and place is not None:
            self._open_rows.note(place.selection(), is_open=is_open)
