"""Which model the tree shows: one of the two full ones, or what a search has found.

A search looks through the rows a little at a time, and its model is shown once it has rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer, Signal

from adwarden.ui.search import Query
from adwarden.ui.tree_feed import Batch, Feed
from adwarden.ui.tree_model import AccountModel
from adwarden.ui.tree_nodes import ConnectionNode, Forest, Sieve
from adwarden.ui.tree_open import OpenRows
from adwarden.ui.tree_places import PlacesModel
from adwarden.ui.tree_steady import SteadyTree
from adwarden.ui.tree_words import Words

DEBOUNCE_MS = 120
_TURN = 0.008

ByAccount = Callable[[Sieve], PlacesModel]
"""Makes a model of ad accounts with the connections that reach them."""


class TreeSearch(QObject):
    """Owns the models: the full ones, and the one that a search fills a little at a time."""

    searched = Signal(int)
    """How many ad accounts a search has found; -1 when the search is over, -2 while what is
    typed does not mean anything yet."""

    hinted = Signal(str)
    """What there is to say about the text that was typed, empty for nothing."""

    def __init__(
        self,
        view: SteadyTree,
        forest: Forest,
        words: Words,
        open_rows: OpenRows,
        feed: Feed,
        by_account: ByAccount,
        sieve: Callable[[Query], Sieve],
    ) -> None:
        """``feed`` is what brings new rows into the full models and opens them again."""
        super().__init__(view)
        self._view, self._forest, self._words = view, forest, words
        self._open_rows, self._feed = open_rows, feed
        self._make_by_account, self._make_sieve = by_account, sieve
        self._text = ""
        self._scroll_before = 0
        self._early: set[str] = set()
        """What was found before its rows could be shown."""
        self._pending = False
        self.by_connection = AccountModel(forest, Sieve(Query("")), words, view)
        self._by_account: PlacesModel | None = None
        self.full: PlacesModel = self.by_connection
        self._found: PlacesModel | None = None
        self._fill = Feed(self._look, view, around=self._around, rows=self._rows)
        self._fill.settled.connect(self._looked)
        self._build = Feed(self._add, view, around=view.changing, rows=forest.count)
        self._debounce = QTimer(view)
        self._debounce.setSingleShot(True)
        self._debounce.timeout.connect(self.run)

    @property
    def active(self) -> bool:
        """Whether the tree shows what a search has found, or is about to."""
        return self._found is not None

    @property
    def query(self) -> Query:
        """What is searched for."""
        return self._found.sieve.query if self._found else self.full.sieve.query

    @property
    def models(self) -> tuple[PlacesModel, ...]:
        """Every model that must hear of changes, the full ones first."""
        return tuple(
            one for one in (self.by_connection, self._by_account, self._found) if one is not None
        )

    @property
    def idle(self) -> bool:
        """Whether everything that is to be found is shown."""
        return self._fill.idle and self._build.idle and not self._debounce.isActive()

    @property
    def building(self) -> bool:
        """Whether rows of the view by ad account are still to come."""
        return not self._build.idle

    @property
    def by_account(self) -> bool:
        """Whether the tree is of ad accounts rather than of connections."""
        return self.full is not self.by_connection

    # Two ways to look

    def look(self, *, by_account: bool) -> None:
        """Show the one tree or the other; the same ad account stays selected."""
        if by_account == self.by_account:
            return
        chosen = self._view.selection
        if by_account and self._by_account is None:
            self._by_account = self._make_by_account(Sieve(Query("")))
            if chosen is not None and chosen.account_id:  # first of all what is looked at
                for connection_id in self._forest.connections:
                    self._by_account.sync_accounts(connection_id, [chosen.account_id])
            for connection_id, node in self._forest.connections.items():
                self._build.add(Batch(connection_id, again=list(node.accounts)))
        self.full = self._by_account if by_account and self._by_account else self.by_connection
        if self._found is not None:
            self.run(anew=True)
            return
        self._show_full()
        if not self._build.idle:
            self._build.turn(_TURN)
        self._view.select_again()

    def drop(self, node: ConnectionNode) -> None:
        """Take the rows of a connection that is gone out of the trees of ad accounts."""
        connection_id = node.connection.id
        self._fill.forget(connection_id)
        # Rows of an earlier one of this id, gone and come again, may still wait to be taken out.
        waiting = self._build.forget(connection_id)
        if self._by_account is not None:
            gone = list(dict.fromkeys((*waiting, *node.accounts)))
            self._build.add(Batch(connection_id, again=gone))

    def look_again(self, node: ConnectionNode) -> None:
        """Search anew in a connection that has changed, if a search is on."""
        if self._found is not None:
            self._fill.add(Batch(node.connection.id, again=list(node.accounts)))

    def look_again_at(self, app_id: str) -> None:
        """Search anew in what an X app opens, as it has another name or access now."""
        for node in self._forest.connections.values():
            if node.connection.app_id == app_id:
                self.look_again(node)

    # Searching

    def set_text(self, text: str) -> None:
        """Search for ``text`` 120 ms after the last call; an empty one ends the search at once."""
        self._text = text
        if text.strip():
            self._debounce.start(DEBOUNCE_MS)
        else:
            self.run()

    def run(self, *, anew: bool = False) -> None:
        """Search without waiting for more typing; ``anew`` even for what was searched before."""
        self._debounce.stop()
        query = Query(self._text, self._known_values)
        self.hinted.emit(query.hint)
        if query == self.query and not anew:
            return
        if not query:
            if self._found is not None:
                self._end()
            return
        if self._found is None:
            self._scroll_before = self._view.verticalScrollBar().value()
        self._fill.clear()
        former, sieve = self._found, self._make_sieve(query)
        if self.by_account:
            self._found = self._make_by_account(sieve)
        else:
            self._found = AccountModel(self._forest, sieve, self._words, self._view)
        if former is not None and former is not self._view.model():
            former.deleteLater()  # its first row had not been found yet
        self._early, self._pending = set(), True
        for connection_id, node in self._forest.connections.items():
            if sieve.whole(node):
                self._found.sync_connection(connection_id)
            # What the feed still has to bring will come through all models.
            self._fill.add(Batch(connection_id, again=list(node.accounts)))
        self._fill.turn(_TURN)

    def _known_values(self, field: str) -> list[tuple[str, str]]:
        from adwarden.ui.search_values import known_values

        return known_values(self._forest, field)

    def open_again(self, model: PlacesModel, node: ConnectionNode | None, fresh: set[str]) -> None:
        """Open new rows as a person left them, or as the search wants them seen."""
        if node is None:
            return
        if model is not self._found:
            self._open_rows.restore(model, node.connection.id, fresh)
        else:
            if self._pending:
                self._early |= fresh
            self._open_rows.reveal(model, node, fresh)

    def say_empty(self) -> None:
        """Say what stands in the tree while it has no rows."""
        if self._found is not None:
            query = self._found.sieve.query
            short = query.text if len(query.text) <= 60 else f"{query.text[:59]}…"
            if not self._fill.idle:
                self._view.set_empty(f"Searching for “{short}” …", "")
                return
            hint = "Use fewer or other words, or clear the search to see all ad accounts again."
            self._view.set_empty(f"Nothing found for “{short}”", hint)
        else:
            self._view.set_empty(
                "No connections yet",
                "Choose Connect account to authorize an X app and see its ad accounts here.",
            )

    def _look(self, batches: list[Batch]) -> None:
        model = self._found
        assert model is not None
        for batch in batches:
            node = self._forest.connections.get(batch.connection_id)
            fresh = model.sync_accounts(batch.connection_id, batch.again)
            self.open_again(model, node, fresh)
        if self._pending and model.rowCount():
            self._show(model)

    def _looked(self) -> None:
        """End a search that has looked at every row."""
        if self._found is None:
            return
        if self._pending:
            self._show(self._found)
        with self._view.changing():
            pass  # what was found last may be the selected row
        self.searched.emit(self._found.count())

    def _rows(self) -> int:
        return self._found.rows() if self._found is not None else 0

    @contextmanager
    def _around(self) -> Iterator[None]:
        """Keep the view steady, unless it still shows another model than the one being filled."""
        if self._pending:
            yield
        else:
            with self._view.changing():
                yield

    def _add(self, batches: list[Batch]) -> None:
        """Bring rows into the trees of ad accounts, or take them away."""
        for model in self.models:
            if isinstance(model, AccountModel):
                continue
            for batch in batches:
                node = self._forest.connections.get(batch.connection_id)
                fresh = model.sync_accounts(batch.connection_id, batch.again)
                self.open_again(model, node, fresh)

    def _show(self, model: PlacesModel) -> None:
        self._pending = False
        old = self._view.model()
        self._view.show_model(model)
        if isinstance(old, PlacesModel) and old.sieve.query:
            old.deleteLater()
        # Rows came before the view could be told to open them.
        for node in self._forest.connections.values():
            if model is self._found:
                shown = [one for one in self._early if one in node.accounts]
                self._open_rows.reveal(model, node, shown)

    def _show_full(self) -> None:
        self._show(self.full)
        with self._view.changing():
            for connection_id in self._forest.connections:
                self._open_rows.show_connection(self.full, connection_id)
        for connection_id, ids in self._open_rows.opened().items():
            self._feed.add(Batch(connection_id, again=ids))
        if not self._feed.idle:
            self._feed.turn(_TURN)
        self._view.executeDelayedItemsLayout()

    def _end(self) -> None:
        self._fill.clear()
        if self._found is not self._view.model() and self._found is not None:
            self._found.deleteLater()
        self._found, self._pending = None, False
        self._show_full()
        self._view.verticalScrollBar().setValue(self._scroll_before)
        chosen = self._view.selection
        if chosen is not None:
            self._view.scrollTo(self.full.find(chosen))
        self.searched.emit(-1 if not self._text.strip() else -2)
