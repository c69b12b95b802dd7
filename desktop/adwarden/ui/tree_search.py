"""Searching in the tree: a second model holds what is found, and is shown until the search ends."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from adwarden.ui.phrases import ad_accounts
from adwarden.ui.search import Query
from adwarden.ui.tree_feed import Batch, Feed
from adwarden.ui.tree_model import AccountModel
from adwarden.ui.tree_nodes import ConnectionNode, Forest, Sieve
from adwarden.ui.tree_open import OpenRows
from adwarden.ui.tree_steady import SteadyTree
from adwarden.ui.tree_words import Words

DEBOUNCE_MS = 120
_TURN = 0.008


class TreeSearch(QObject):
    """Owns both models: the full one, and the one that a search fills a little at a time."""

    searched = Signal(int)
    """How many ad accounts a search has found, or -1 when the search is over."""

    def __init__(
        self, view: SteadyTree, forest: Forest, words: Words, open_rows: OpenRows, feed: Feed
    ) -> None:
        """``feed`` is what brings new rows into the full model and opens them again."""
        super().__init__(view)
        self._view = view
        self._forest = forest
        self._words = words
        self._open_rows = open_rows
        self._feed = feed
        self._text = ""
        self._scroll_before = 0
        self.full = AccountModel(forest, Sieve(Query("")), words, view)
        self._found: AccountModel | None = None
        self._fill = Feed(self._work, view, around=view.changing, rows=forest.count)
        self._debounce = QTimer(view)
        self._debounce.setSingleShot(True)
        self._debounce.timeout.connect(self.run)

    @property
    def active(self) -> bool:
        """Whether the tree shows what a search has found."""
        return self._found is not None

    @property
    def models(self) -> tuple[AccountModel, ...]:
        """Every model that must hear of changes, the full one first."""
        return (self.full,) if self._found is None else (self.full, self._found)

    @property
    def idle(self) -> bool:
        """Whether everything that was found is shown."""
        return self._fill.idle

    def forget(self, connection_id: str) -> None:
        """Drop what waits for a connection that is gone."""
        self._fill.forget(connection_id)

    def set_text(self, text: str) -> None:
        """Search for ``text`` 120 ms after the last call; an empty one ends the search at once."""
        self._text = text
        if text.strip():
            self._debounce.start(DEBOUNCE_MS)
        else:
            self.run()

    def run(self) -> None:
        """Search without waiting for more typing."""
        self._debounce.stop()
        query = Query(self._text)
        if query == (self._found or self.full).sieve.query:
            return
        if not query:
            self._end()
            return
        if self._found is None:
            self._scroll_before = self._view.verticalScrollBar().value()
        self._fill.clear()
        found = AccountModel(self._forest, Sieve(query), self._words, self._view)
        total = 0
        batches = []
        for connection_id, node in self._forest.connections.items():
            if found.sieve.whole(node):
                found.sync_connection(connection_id)
            # What the full tree still has to take in will come through both models.
            ids = [one.entry.account.id for one in self.full.shown(connection_id)]
            ids = [one.entry.account.id for one in found.sieve.accounts(node, ids)]
            total += len(ids)
            batches.append(Batch(connection_id, again=ids))
        self._show(found)
        for batch in batches:
            self._fill.add(batch)
        self._fill.turn(_TURN)
        self.say_empty()
        self.searched.emit(total)

    def open_again(self, model: AccountModel, node: ConnectionNode, fresh: set[str]) -> None:
        """Open new rows as a person left them, or as the search wants them seen."""
        if model is self.full:
            self._open_rows.restore(model, node.connection.id, fresh)
        else:
            self._open_rows.reveal(model, node, fresh)

    def say_empty(self) -> None:
        """Say what stands in the tree while it has no rows."""
        if self._found is not None:
            text = self._found.sieve.query.text
            short = text if len(text) <= 60 else f"{text[:59]}…"
            hint = f"Clear the search to see all {ad_accounts(self._forest.count())} again."
            self._view.set_empty(f"Nothing found for “{short}”", hint)
        else:
            self._view.set_empty(
                "No connections yet",
                "Choose Connect account to authorize an X app and see its ad accounts here.",
            )

    def _work(self, batches: list[Batch]) -> None:
        model = self._view.shown_model
        for batch in batches:
            node = self._forest.connections[batch.connection_id]
            fresh = model.sync_accounts(batch.connection_id, batch.again)
            self.open_again(model, node, fresh)

    def _show(self, model: AccountModel) -> None:
        old, self._found = self._found, model if model is not self.full else None
        self._view.show_model(model)
        if old is not None:
            old.deleteLater()

    def _end(self) -> None:
        self._fill.clear()
        self._show(self.full)
        with self._view.changing():
            for connection_id in self._forest.connections:
                self._open_rows.show_connection(self.full, connection_id)
        for connection_id, ids in self._open_rows.opened().items():
            self._feed.add(Batch(connection_id, again=ids))
        if not self._feed.idle:
            self._feed.turn(_TURN)
        self._view.executeDelayedItemsLayout()
        self._view.verticalScrollBar().setValue(self._scroll_before)
        chosen = self._view.selection
        if chosen is not None:
            self._view.scrollTo(self.full.find(chosen))
        self.searched.emit(-1)
