"""The tree of connections, ad accounts and promotable users, kept up to date by events.

Whatever arrives is worked in piece by piece; selection, open rows and scroll position stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QTimer, Signal
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
from adwarden.ui.phrases import ad_accounts
from adwarden.ui.search import Query
from adwarden.ui.tree_delegate import RowDelegate
from adwarden.ui.tree_feed import Batch, Feed
from adwarden.ui.tree_model import AccountModel
from adwarden.ui.tree_nodes import ConnectionNode, Forest, Selection, Sieve
from adwarden.ui.tree_open import OpenRows
from adwarden.ui.tree_view import TreeView
from adwarden.ui.tree_words import Words

DEBOUNCE_MS = 120
_FIRST_TURN = 0.025
_SEARCH_TURN = 0.008
_MINUTE_MS = 60_000


class AccountTree(TreeView):
    """The window's tree. ``load`` once, then ``apply`` every event; reads nothing by itself."""

    selected = Signal(object)
    """The ``Selection`` a person made or that is left after a removal, or ``None``."""
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
        self._quiet = 0
        self._chosen: Selection | None = None
        self._open_rows = OpenRows(self)
        self._before_search = 0
        self._search_text = ""
        self._full = AccountModel(self._forest, Sieve(Query("")), words, self)
        self._found: AccountModel | None = None
        self._feed = Feed(self._work, self, around=self._changing, rows=self._rows_shown)
        self._fill = Feed(self._work_found, self, around=self._changing, rows=self._rows_shown)
        self._debounce = QTimer(self)
        self._debounce.setSingleShot(True)
        self._debounce.timeout.connect(self.search_now)
        self._ages = QTimer(self)
        self._ages.timeout.connect(self.refresh_ages)
        self._ages.start(_MINUTE_MS)
        self.setModel(self._full)
        self.prepare_header()
        self.expanded.connect(lambda index: self._noted(index, is_open=True))
        self.collapsed.connect(lambda index: self._noted(index, is_open=False))
        self._say_empty()

    @property
    def selection(self) -> Selection | None:
        """What is selected."""
        return self._chosen

    @property
    def settled(self) -> bool:
        """Whether everything that has come is shown."""
        return self._feed.idle and self._fill.idle

    def load(self, snapshot: Snapshot) -> None:
        """Show the last known state; the first rows at once, the rest a little at a time."""
        with self._changing():
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
            with self._changing():
                self._put_connection(event)
        elif isinstance(event, ConnectionRemoved):
            with self._changing():
                self._drop_connection(event.connection_id)
        elif isinstance(event, AppSaved):
            self._forest.apps[event.app.id] = event.app
            self.viewport().update()
        elif isinstance(event, AppRemoved):
            self._forest.apps.pop(event.app_id, None)
            with self._changing():
                for node in list(self._forest.connections.values()):
                    if node.connection.app_id == event.app_id:
                        self._drop_connection(node.connection.id)

    def set_filter(self, text: str) -> None:
        """Show only what ``text`` finds; acts 120 ms after the last call, clearing at once."""
        self._search_text = text
        if text.strip():
            self._debounce.start(DEBOUNCE_MS)
        else:
            self.search_now()

    def search_now(self) -> None:
        """Search without waiting for more typing."""
        self._debounce.stop()
        query = Query(self._search_text)
        if query == (self._found or self._full).sieve.query:
            return
        if not query:
            self._end_search()
            return
        if self._found is None:
            self._before_search = self.verticalScrollBar().value()
        self._fill.clear()
        found = AccountModel(self._forest, Sieve(query), self._words, self)
        total = 0
        batches = []
        for connection_id, node in self._forest.connections.items():
            if found.sieve.whole(node):
                found.sync_connection(connection_id)
            # What the full tree still has to take in will come through both models.
            ids = [one.entry.account.id for one in self._full.shown(connection_id)]
            ids = [one.entry.account.id for one in found.sieve.accounts(node, ids)]
            total += len(ids)
            batches.append(Batch(connection_id, again=ids))
        self._show_model(found)
        for batch in batches:
            self._fill.add(batch)
        self._fill.turn(_SEARCH_TURN)
        self._say_empty()
        self.searched.emit(total)

    def focus_connection(self, connection_id: str) -> None:
        """Select a connection's row and bring it into view; ends a search that hides it."""
        wanted = Selection("connection", connection_id)
        if self._found is not None and not self._found.find(wanted).isValid():
            self.set_filter("")
        self.select(wanted)

    def select(self, wanted: Selection) -> bool:
        """Select a row and bring it into view; return whether it is there."""
        index = self._model().find(wanted)
        if not index.isValid():
            return False
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # type: ignore[override]
        """Tell what is selected now, unless rows are only being moved about."""
        super().currentChanged(current, previous)
        if not self._quiet:
            self._choose(current)

    def _model(self) -> AccountModel:
        return self._found or self._full

    def _rows_shown(self) -> int:
        return self._forest.count()

    def _choose(self, current: QModelIndex) -> None:
        place = self.place_at(current)
        chosen = place.selection() if place else None
        if chosen != self._chosen:
            self._chosen = chosen
            self.selected.emit(chosen)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Surround changes of rows: afterwards selection and scroll position are as before."""
        if self._quiet:
            yield
            return
        bar = self.verticalScrollBar()
        anchor = QPersistentModelIndex()
        offset = 0
        if bar.value() > 0:
            top = self.indexAt(self.viewport().rect().topLeft())
            anchor, offset = QPersistentModelIndex(top), self.visualRect(top).top()
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1
        self._settle_selection()
        if anchor.isValid():
            self.executeDelayedItemsLayout()
            index = self.model().index(anchor.row(), anchor.column(), anchor.parent())
            bar.setValue(bar.value() + self.visualRect(index).top() - offset)
        self._say_empty()

    def _settle_selection(self) -> None:
        if self._chosen is None:
            if self.currentIndex().isValid():
                self._choose(self.currentIndex())
            return
        index = self._model().find(self._chosen)
        if index.isValid():
            if self.currentIndex().siblingAtColumn(0) != index:
                scroll = self.verticalScrollBar().value()
                self._quiet += 1
                self.setCurrentIndex(index)
                self._quiet -= 1
                self.verticalScrollBar().setValue(scroll)
        elif self._found is None:
            # Gone for good: what Qt has moved to is the selection now.
            self._choose(self.currentIndex())

    def _put_connection(self, event: ConnectionSaved) -> None:
        connection = event.connection
        self._forest.put_connection(connection)
        for model in self._models():
            model.sync_connection(connection.id)
        self._open_rows.show_connection(self._model(), connection.id)

    def _drop_connection(self, connection_id: str) -> None:
        self._feed.forget(connection_id)
        self._fill.forget(connection_id)
        if self._forest.connections.pop(connection_id, None) is None:
            return
        self._open_rows.forget(connection_id)
        for model in self._models():
            model.sync_connection(connection_id)

    def _models(self) -> tuple[AccountModel, ...]:
        return (self._full,) if self._found is None else (self._full, self._found)

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
            for model in self._models() if ids else ():
                fresh = model.sync_accounts(batch.connection_id, ids)
                model.sync_connection(batch.connection_id)
                self._open_again(model, node, fresh)
            self._open_rows.restore(self._full, batch.connection_id, batch.again)
            self._open_rows.greet(self._full, node, batch.entries)

    def _work_found(self, batches: list[Batch]) -> None:
        model = self._model()
        for batch in batches:
            node = self._forest.connections[batch.connection_id]
            fresh = model.sync_accounts(batch.connection_id, batch.again)
            self._open_again(model, node, fresh)

    def _open_again(self, model: AccountModel, node: ConnectionNode, fresh: set[str]) -> None:
        if model is self._full:
            self._open_rows.restore(model, node.connection.id, fresh)
        else:
            self._open_rows.reveal(model, node, fresh)

    def _noted(self, index: QModelIndex, *, is_open: bool) -> None:
        place = self.place_at(index)
        if self._found is None and place is not None:
            self._open_rows.note(place.selection(), is_open=is_open)

    def _show_model(self, model: AccountModel) -> None:
        old_selection, old = self.selectionModel(), self._found
        self._quiet += 1
        self._found = model if model is not self._full else None
        self._hover(QModelIndex())
        self.setModel(model)
        self._quiet -= 1
        old_selection.deleteLater()
        if old is not None:
            old.deleteLater()

    def _end_search(self) -> None:
        self._fill.clear()
        self._show_model(self._full)
        with self._changing():
            for connection_id in self._forest.connections:
                self._open_rows.show_connection(self._full, connection_id)
        for connection_id, ids in self._open_rows.opened().items():
            self._feed.add(Batch(connection_id, again=ids))
        if not self._feed.idle:
            self._feed.turn(_SEARCH_TURN)
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(self._before_search)
        if self._chosen is not None:
            self.scrollTo(self._full.find(self._chosen))
        self.searched.emit(-1)

    def _say_empty(self) -> None:
        if self._found is not None:
            text = self._found.sieve.query.text
            short = text if len(text) <= 60 else f"{text[:59]}…"
            hint = f"Clear the search to see all {ad_accounts(self._forest.count())} again."
            self.set_empty(f"Nothing found for “{short}”", hint)
        else:
            self.set_empty(
                "No connections yet",
                "Choose Connect account to authorize an X app and see its ad accounts here.",
            )
