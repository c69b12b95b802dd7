"""The tree of connections, ad accounts and promotable users, kept up to date by events.

Whatever arrives is worked in piece by piece; selection, open rows and scroll position stay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtWidgets import QWidget

from adwarden.domain.model import Connection, Snapshot
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
from adwarden.ui.search import Query
from adwarden.ui.tree_delegate import RowDelegate
from adwarden.ui.tree_feed import Batch, Feed
from adwarden.ui.tree_nodes import Forest, Selection, Sieve
from adwarden.ui.tree_open import OpenRows
from adwarden.ui.tree_places import PlacesModel
from adwarden.ui.tree_search import TreeSearch
from adwarden.ui.tree_steady import SteadyTree
from adwarden.ui.tree_words import Words

if TYPE_CHECKING:
    from adwarden.ui.reach_words import Chooser

_FIRST_TURN = 0.025
_MINUTE_MS = 60_000


class AccountTree(SteadyTree):
    """The window's tree. ``load`` once, then ``apply`` every event; reads nothing by itself."""

    searched = Signal(int)
    """How many ad accounts a search has found; -1 when the search is over, -2 while what is
    typed does not mean anything yet."""

    hinted = Signal(str)
    """What there is to say about the text that was typed, empty for nothing."""

    def __init__(
        self,
        icons: Icons,
        *,
        clock: Callable[[], float] = phrases.now,
        hidden: Callable[[str], str] = lambda connection_id: "",
        parent: QWidget | None = None,
    ) -> None:
        self._forest = Forest(hidden)
        self._own_words = words = Words(self._forest, clock)
        self._clock = clock
        self._chooser: Chooser | None = None
        self._best_for = ""
        self._partial = False
        delegate = RowDelegate(icons.theme, BadgePainter(icons))
        super().__init__(icons, delegate, parent)
        self._open_rows = OpenRows(self)
        self._feed = Feed(self._work, self, around=self.changing, rows=self._forest.count)
        self._search = TreeSearch(
            self, self._forest, words, self._open_rows, self._feed, self._by_account, self._sieve
        )
        self._search.searched.connect(self.searched)
        self._search.hinted.connect(self.hinted)
        self._feed.settled.connect(self._all_come)
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

    def set_stale_after(self, seconds: float) -> None:
        """Show rows that were fetched longer ago as stale."""
        # Nothing to repaint at the start, where the usual time is set.
        if seconds != self._own_words.stale_after:
            self._own_words.stale_after = seconds
            for model in self._search.models:
                model.words.stale_after = seconds
            self.refresh_ages()

    def load(self, snapshot: Snapshot, *, rest: bool = False) -> None:
        """Show the last known state; the first rows at once, the rest a little at a time.

        ``rest`` adds what is missing of the state that is shown.
        """
        if rest:
            self._take_over(snapshot)
            return
        with self.changing():
            for gone in list(self._forest.connections):
                self._drop_connection(gone)
        self._take_over(snapshot)
        if not self._feed.idle:
            self._feed.turn(_FIRST_TURN)

    def _take_over(self, snapshot: Snapshot) -> None:
        self._forget_best()
        self._partial = bool(snapshot.counts)
        with self.changing():
            self._forest.apps = {app.id: app for app in snapshot.apps}
            for connection in snapshot.connections:
                self._put_connection(ConnectionSaved(connection))
                count = snapshot.counts.get(connection.id)
                known = len(snapshot.entries.get(connection.id, ()))
                # How many there will be is said before they have all come.
                self._forest.connections[connection.id].expected = count or known
        for connection_id, entries in snapshot.entries.items():
            self._feed.add(Batch(connection_id, entries=entries))

    def apply(self, event: Event) -> None:
        """Take in what has happened; what does not concern the tree is ignored."""
        self._forget_best()
        if isinstance(event, EntriesSaved):
            self._feed.add(Batch(event.connection_id, entries=event.entries))
        elif isinstance(event, EntriesRemoved):
            self._feed.add(Batch(event.connection_id, gone=event.account_ids))
        elif isinstance(event, ConnectionSaved):
            with self.changing():
                self._put_connection(event)
            if self._search.by_account:
                self.viewport().update()
        elif isinstance(event, ConnectionRemoved):
            with self.changing():
                self._drop_connection(event.connection_id)
        elif isinstance(event, AppSaved):
            self._forest.apps[event.app.id] = event.app
            self._search.look_again_at(event.app.id)
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
        if self._search.by_account:
            wanted = self._first_of(connection_id) or wanted
        if self._search.active and not self.shown_model.find(wanted).isValid():
            self.set_filter("")
        self.select(wanted)

    # Two ways to look

    @property
    def by_account(self) -> bool:
        """Whether the rows are ad accounts, with the connections that reach them below."""
        return self._search.by_account

    def look(self, *, by_account: bool) -> None:
        """Show ad accounts below connections, or connections below ad accounts."""
        self._search.look(by_account=by_account)

    def set_best_for(self, capability: str) -> None:
        """Name the best connection for this capability; for an empty one, for most of them."""
        self._best_for = capability
        if self._chooser is not None and self._chooser.capability != capability:
            self._chooser.capability = capability
            with self.changing():
                pass  # the selected row may stand for another connection now
            self.viewport().update()

    @property
    def filling(self) -> bool:
        """Whether rows are still to come, so that one that is missing need not be gone."""
        return self._search.building

    def known_values(self, field: str) -> list[tuple[str, str]]:
        """Return the values that a field of the search can have now, each with words."""
        from adwarden.ui.search_values import known_values

        return known_values(self._forest, field)

    def _by_account(self, sieve: Sieve) -> PlacesModel:
        # Not part of a start, unless the tree is looked at that way.
        from adwarden.ui.reach_model import ReachModel
        from adwarden.ui.reach_words import Chooser, ReachWords

        if self._chooser is None:
            self._chooser = Chooser(self._forest)
            self._chooser.capability = self._best_for
        words = ReachWords(self._forest, self._clock, self._chooser, sieve)
        words.stale_after = self._own_words.stale_after
        return ReachModel(self._forest, sieve, words, self)

    def _sieve(self, query: Query) -> Sieve:
        from adwarden.ui.tree_sieve import SearchSieve

        stale_after, now = self._own_words.stale_after, self._clock()
        return SearchSieve(query, self._forest, lambda at: phrases.is_stale(at, now, stale_after))

    def _forget_best(self) -> None:
        if self._chooser is not None:
            self._chooser.forget()

    def _first_of(self, connection_id: str) -> Selection | None:
        """Return the first ad account that a connection reaches, as far as it is shown."""
        node = self._forest.connections.get(connection_id)
        if node is None or not node.accounts:
            return None
        first = min(node.accounts.values(), key=lambda one: one.key)
        return Selection("account", connection_id, first.entry.account.id)

    def rows_changed(self) -> None:
        """Say why there are no rows, in case there are none."""
        self._search.say_empty()

    def _put_connection(self, event: ConnectionSaved) -> None:
        connection = event.connection
        before = self._forest.connections.get(connection.id)
        called = _called(before.connection if before else connection)
        node = self._forest.put_connection(connection)
        if before:
            self._search.look_again(node)
        for model in self._search.models:
            model.sync_connection(connection.id)
            if called != _called(connection):
                # A name that begins or ceases to match changes what is shown under it.
                model.sync_accounts(connection.id, list(node.accounts))
        self._open_rows.show_connection(self.shown_model, connection.id)

    def _drop_connection(self, connection_id: str) -> None:
        self._feed.forget(connection_id)
        node = self._forest.connections.pop(connection_id, None)
        if node is None:
            return
        self._search.drop(node)
        self._open_rows.forget(connection_id)
        for model in self._search.models:
            model.sync_connection(connection_id)

    def _work(self, batches: list[Batch]) -> None:
        self._forget_best()
        for batch in batches:
            node = self._forest.connections.get(batch.connection_id)
            if node is None:
                self._open_rows.restore(self._search.full, batch.connection_id, batch.again)
                continue
            for entry in batch.entries:
                node.put(entry)
                if entry.access is not None:
                    self._forest.held.add(entry.access.permissions)
            for account_id in batch.gone:
                node.drop(account_id)
            ids = [entry.account.id for entry in batch.entries] + list(batch.gone)
            for model in self._search.models if ids else ():
                fresh = model.sync_accounts(batch.connection_id, ids)
                model.sync_connection(batch.connection_id)
                self._search.open_again(model, node, fresh)
            self._open_rows.restore(self._search.full, batch.connection_id, batch.again)
            self._open_rows.greet(self._search.by_connection, node, batch.entries)

    def _all_come(self) -> None:
        for node in () if self._partial else self._forest.connections.values():
            node.expected = 0

    def _noted(self, index: QModelIndex, *, is_open: bool) -> None:
        place = self.place_at(index)
        if not self._search.active and place is not None:
            self._open_rows.note(place.selection(), is_open=is_open)


def _called(connection: Connection) -> tuple[str, str, str]:
    return connection.handle, connection.label, connection.note
