"""Any sequence of events, searches and views ends in the rows that a tree made afresh has."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from adwarden.domain.model import ConnectionState, PromotableUser, Snapshot
from adwarden.services.events import (
    ConnectionRemoved,
    ConnectionSaved,
    EntriesRemoved,
    EntriesSaved,
)
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.tree_nodes import Selection
from adwarden.ui.tree_places import PlacesModel
from tests.fakes.services import NOW, make_connection, make_entry

Step = Callable[[AccountTree], object]

IDS = [f"18k{number:03}" for number in range(120)]
CONNECTIONS = st.sampled_from(["c1", "c2"])
STATES = st.sampled_from([ConnectionState.WORKING, ConnectionState.REVOKED])
NAMES = st.sampled_from(["north", "zeta"])
ROLES = st.sampled_from([("ACCOUNT_ADMIN",), ("ANALYST",), None])
USERS = st.sampled_from([(), (PromotableUser("p1", "77", "FULL", handle="uwe"),), None])
PARTS = st.tuples(st.integers(0, 100), st.integers(1, 70)).map(lambda p: IDS[p[0] : p[0] + p[1]])
QUERIES = st.sampled_from(
    [
        "",
        "account 1",
        "role:admin state:revoked",
        "state:revoked",
        "-role:admin zeta",
        "role:",
        "@uwe",
    ]
)


def saved(
    connection_id: str,
    ids: list[str],
    roles: tuple[str, ...] | None,
    name: str,
    users: tuple[PromotableUser, ...] | None = (),
) -> EntriesSaved:
    entries = (make_entry(one, f"{name} {one[3:]}", roles, users=users) for one in ids)
    return EntriesSaved(connection_id, tuple(entries))


def one_helping(tree: AccountTree) -> None:
    """Have each queue of the tree worked off by one helping, as between two events."""
    for feed in (tree._feed, tree._search._fill, tree._search._build):
        if not feed.idle:
            feed.turn(0.0)


EVENTS = st.one_of(
    st.builds(ConnectionSaved, st.builds(make_connection, CONNECTIONS, NAMES, STATES)),
    st.builds(ConnectionRemoved, CONNECTIONS),
    st.builds(saved, CONNECTIONS, PARTS, ROLES, st.sampled_from(["Account", "Other"]), USERS),
    st.builds(EntriesRemoved, CONNECTIONS, PARTS.map(tuple)),
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    EVENTS.map(lambda event: lambda tree: tree.apply(event)),
    EVENTS.map(lambda event: lambda tree: tree.apply(event)),
    QUERIES.map(lambda text: lambda tree: (tree.set_filter(text), tree.search_now())),
    st.booleans().map(lambda on: lambda tree: tree.look(by_account=on)),
    st.tuples(CONNECTIONS, st.sampled_from(IDS)).map(
        lambda one: lambda tree: tree.select(Selection("account", *one))
    ),
    CONNECTIONS.map(lambda one: lambda tree: tree.focus_connection(one)),
    st.just(one_helping),
    st.just(one_helping),
    st.just(lambda tree: tree.executeDelayedItemsLayout()),
)


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(STEPS, min_size=8, max_size=30))
def test_any_sequence_ends_where_a_tree_made_afresh_begins(
    qapp: QApplication, qtbot: QtBot, steps: list[Step]
) -> None:
    icons = Icons(Theme(qapp, "light"))
    tree = AccountTree(icons, clock=lambda: NOW)
    tree.resize(700, 300)
    tree.show()
    tree.load(Snapshot((), (make_connection("c1", "north"),), {"c1": (make_entry(IDS[5]),)}))
    for step in steps:
        step(tree)
    qtbot.waitUntil(lambda: tree.settled, timeout=20_000)
    model = tree.shown_model
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    QAbstractItemModelTester(model, mode)
    assert rows(model) == rows(afresh(tree))
    if tree.selection is not None and tree.currentIndex().isValid():
        place = tree.place_at(tree.currentIndex())
        assert place is not None
        assert place.selection() == tree.selection
    assert not tree.grab().isNull()
    tree.hide()
    tree.deleteLater()


def afresh(tree: AccountTree) -> PlacesModel:
    """Return a model of the same kind and query, filled in one go."""
    forest, query = tree._forest, tree.shown_model.sieve.query
    sieve = tree._sieve(query) if query else tree._search.by_connection.sieve
    made: PlacesModel
    if tree.by_account:
        made = tree._by_account(sieve)
    else:
        made = type(tree._search.by_connection)(forest, sieve, tree._own_words, tree)
    for connection_id, node in forest.connections.items():
        made.sync_connection(connection_id)
        made.sync_accounts(connection_id, list(node.accounts))
    return made


def rows(model: PlacesModel) -> list[object]:
    def under(index: QModelIndex) -> list[object]:
        found: list[object] = []
        for row in range(model.rowCount(index)):
            child = model.index(row, 0, index)
            place = model.place(child)
            assert place is not None
            assert model.find(place.selection()) == child
            texts = [model.index(row, column, index).data() for column in range(3)]
            found.append((place.selection(), texts, under(child)))
        return found

    return under(QModelIndex())


def test_a_connection_that_goes_comes_and_goes_leaves_no_row(
    qapp: QApplication, qtbot: QtBot
) -> None:
    tree = AccountTree(Icons(Theme(qapp, "light")), clock=lambda: NOW)
    connection = make_connection("c1", "north")
    tree.load(Snapshot((), (connection,), {"c1": (make_entry(IDS[5]),)}))
    qtbot.waitUntil(lambda: tree.settled)
    tree.look(by_account=True)
    qtbot.waitUntil(lambda: tree.settled)
    tree.apply(ConnectionRemoved("c1"))
    tree.apply(ConnectionSaved(connection))
    tree.apply(ConnectionRemoved("c1"))
    qtbot.waitUntil(lambda: tree.settled)
    assert rows(tree.shown_model) == rows(afresh(tree)) == []
