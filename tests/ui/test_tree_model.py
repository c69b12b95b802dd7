from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from adwarden.domain.folded import fold, has_word
from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    Connection,
    ConnectionState,
    PromotableUser,
)
from adwarden.domain.query import Term
from adwarden.ui.reach_model import ReachModel
from adwarden.ui.reach_words import Chooser, ReachWords
from adwarden.ui.search import Query
from adwarden.ui.tree_model import AccountModel
from adwarden.ui.tree_nodes import Forest, Selection, Sieve, user_name
from adwarden.ui.tree_places import PlacesModel, runs_into, runs_of
from adwarden.ui.tree_sieve import SearchSieve
from adwarden.ui.tree_words import Words

Tree = list[tuple[str, list[tuple[str, list[str]]]]]

CONNECTIONS = st.sampled_from(["c1", "c2", "c3"])
ACCOUNTS = st.sampled_from(["a1", "a2", "a3", "a4", "a5"])
NAMES = st.sampled_from(["North", "north", "South", "Östen", "ab", ""])
USERS = st.none() | st.lists(
    st.builds(
        PromotableUser,
        id=st.sampled_from(["p1", "p2", "p3", "p4"]),
        user_id=st.sampled_from(["11", "22"]),
        type=st.sampled_from(["FULL", "RETWEETS_ONLY", "NEW"]),
        handle=st.sampled_from(["", "north", "partner"]),
    ),
    unique_by=lambda user: user.id,
).map(tuple)


ROLES = st.sampled_from([None, ("ACCOUNT_ADMIN",), ("ANALYST",), ("AD_MANAGER", "NEW")])
STATES = st.sampled_from([ConnectionState.WORKING, ConnectionState.REVOKED])
QUERIES = st.sampled_from(
    [
        "", "north", "a", "partner", "nor 22", "zzz", "-north", "role:admin", "-role:analyst",
        "state:revoked", "-state:revoked north", "handle:@partner", "id:a1,a2", "name:ost",
        "can:manage-campaigns", "method:advertiser", "@north role:new", "is:missing",
    ]
)  # fmt: skip


def connection(
    connection_id: str, name: str, state: ConnectionState = ConnectionState.UNKNOWN
) -> Connection:
    return Connection(connection_id, "app", "11", name, "entry", 0.0, state)


def sieve(text: str, forest: Forest) -> Sieve:
    query = Query(text)
    return SearchSieve(query, forest, lambda _: False) if query else Sieve(query)


class Rows(RuleBasedStateMachine):
    """Both trees, whole and searched, against dictionaries; Qt's own tester watches all four."""

    @initialize(query=QUERIES)
    def start(self, query: str) -> None:
        self.forest = Forest()
        words = Words(self.forest, lambda: 1000.0)
        self.chooser = Chooser(self.forest)
        reach = ReachWords(self.forest, lambda: 1000.0, self.chooser, Sieve(Query("")))
        self.models: list[PlacesModel] = []
        for text in ("", query):
            self.models.append(AccountModel(self.forest, sieve(text, self.forest), words))
            self.models.append(ReachModel(self.forest, sieve(text, self.forest), reach))
        mode = QAbstractItemModelTester.FailureReportingMode.Fatal
        self.testers = [QAbstractItemModelTester(model, mode) for model in self.models]
        self.connections: dict[str, Connection] = {}
        self.entries: dict[str, dict[str, AccountEntry]] = {}

    @rule(connection_id=CONNECTIONS, name=NAMES, state=STATES)
    def replace_connection(self, connection_id: str, name: str, state: ConnectionState) -> None:
        found = connection(connection_id, name, state)
        self.connections[connection_id] = found
        self.entries.setdefault(connection_id, {})
        self.chooser.forget()
        self.forest.put_connection(found)
        for model in self.models:
            model.sync_connection(connection_id)
            # A name that begins or ceases to match changes what is shown under it.
            model.sync_accounts(connection_id, list(self.entries[connection_id]))

    @rule(connection_id=CONNECTIONS)
    def remove_connection(self, connection_id: str) -> None:
        self.connections.pop(connection_id, None)
        gone = self.entries.pop(connection_id, {})
        self.chooser.forget()
        self.forest.connections.pop(connection_id, None)
        for model in self.models:
            model.sync_connection(connection_id)
            model.sync_accounts(connection_id, list(gone))

    @rule(
        connection_id=CONNECTIONS,
        found=st.lists(st.tuples(ACCOUNTS, NAMES, USERS, ROLES), max_size=5),
    )
    def save_entries(
        self,
        connection_id: str,
        found: list[tuple[str, str, tuple[PromotableUser, ...] | None, tuple[str, ...] | None]],
    ) -> None:
        if connection_id not in self.connections:
            return
        for account_id, name, users, held in found:
            access = None if held is None else Access("11", held)
            entry = AccountEntry(AdAccount(account_id, name), access, users=users)
            self.entries[connection_id][account_id] = entry
            self.forest.connections[connection_id].put(entry)
        self.sync(connection_id, [account_id for account_id, *_ in found])

    @rule(connection_id=CONNECTIONS, gone=st.lists(ACCOUNTS, max_size=5))
    def remove_entries(self, connection_id: str, gone: list[str]) -> None:
        if connection_id not in self.connections:
            return
        for account_id in gone:
            self.entries[connection_id].pop(account_id, None)
            self.forest.connections[connection_id].drop(account_id)
        self.sync(connection_id, gone)

    def sync(self, connection_id: str, account_ids: Iterable[str]) -> None:
        self.chooser.forget()
        for model in self.models:
            model.sync_accounts(connection_id, account_ids)
            model.sync_connection(connection_id)

    @invariant()
    def shows_what_the_dictionaries_say(self) -> None:
        for model in self.models:
            terms = model.sieve.query.terms
            rows = shown(model)
            if isinstance(model, ReachModel):
                assert rows == self.reached(terms)
                assert model.count() == len(rows)
            else:
                assert rows == self.expected(terms)
                ids = {account_id for _, accounts in rows for account_id, _ in accounts}
                assert model.count() == len(ids)

    def expected(self, terms: tuple[Term, ...]) -> Tree:
        tree: Tree = []
        for one in self.by_handle():
            accounts: list[tuple[str, list[str]]] = []
            entries = self.entries[one.id].values()
            for entry in sorted(entries, key=lambda e: (e.account.name.casefold(), e.account.id)):
                if not passes(terms, one, entry):
                    continue
                users = entry.users or ()
                left = [
                    t
                    for t in terms
                    if not t.negated and not in_connection(t, one) and not in_account(t, one, entry)
                ]
                kept = [user.id for user in users if all(in_user(t, one, user) for t in left)]
                accounts.append((entry.account.id, kept))
            whole = all(
                not (t.negated and t.field in BELOW) and in_connection(t, one) is not t.negated
                for t in terms
            )
            if accounts or whole:
                tree.append((one.id, accounts))
        return tree

    def reached(self, terms: tuple[Term, ...]) -> Tree:
        ways: dict[str, list[tuple[Connection, AccountEntry]]] = {}
        for one in self.by_handle():
            for entry in self.entries[one.id].values():
                if passes(terms, one, entry):
                    ways.setdefault(entry.account.id, []).append((one, entry))

        def name(account_id: str) -> tuple[str, str]:
            # Nothing was ever fetched: the last id's name counts, as between equals.
            _, entry = max(ways[account_id], key=lambda way: way[0].id)
            return (entry.account.name.casefold(), account_id)

        return [
            (account_id, [(one.id, []) for one, _ in ways[account_id]])
            for account_id in sorted(ways, key=name)
        ]

    def by_handle(self) -> list[Connection]:
        return sorted(self.connections.values(), key=lambda c: (c.handle.casefold(), c.id))

    def teardown(self) -> None:
        self.testers.clear()


BELOW = ("name", "method", "role", "can", "is")
"""Fields that only an ad account can answer."""


def passes(terms: tuple[Term, ...], one: Connection, entry: AccountEntry) -> bool:
    users = entry.users or ()
    return all(
        (
            in_connection(term, one)
            or in_account(term, one, entry)
            or any(in_user(term, one, user) for user in users)
        )
        is not term.negated
        for term in terms
    )


def in_connection(term: Term, one: Connection) -> bool:
    if term.field == "":
        return has(term, one.handle, one.user_id)
    if term.field == "state":
        return one.state.value in term.values
    if term.field == "handle":
        return begins(term, one.handle if one.screen_name else "")
    return term.field == "id" and begins(term, one.user_id)


def in_account(term: Term, one: Connection, entry: AccountEntry) -> bool:
    held = entry.access.permissions if entry.access else ()
    match term.field:
        case "":
            return has(term, entry.account.name, entry.account.id)
        case "name":
            return has(term, entry.account.name)
        case "id":
            return begins(term, entry.account.id)
        case "role":
            words = {"ACCOUNT_ADMIN": "admin", "ANALYST": "analyst", "NEW": "new"}
            return any(words.get(value) in term.values for value in held)
        case "can":
            return bool({"ACCOUNT_ADMIN", "AD_MANAGER"} & set(held))
        case "method":
            users = entry.users or ()
            return any(user.type == "FULL" and user.user_id == one.user_id for user in users)
        case "is":
            return entry.access is None or entry.users is None
    return False


def in_user(term: Term, one: Connection, user: PromotableUser) -> bool:
    name = user_name(one, user)
    if term.field == "":
        return has(term, name, user.user_id, user.id)
    if term.field == "handle":
        return begins(term, name if name.startswith("@") else "")
    return term.field == "id" and (begins(term, user.user_id) or begins(term, user.id))


def has(term: Term, *parts: str) -> bool:
    return any(has_word(fold(part), fold(value)) for part in parts for value in term.values)


def begins(term: Term, text: str) -> bool:
    return any(fold(text).startswith(fold(value)) for value in term.values)


def shown(model: PlacesModel) -> Tree:
    """Read the model the way a view does, and check that every row can be found again."""
    tree: Tree = []
    for top in range(model.rowCount()):
        index = model.index(top, 0)
        accounts = []
        for middle in range(model.rowCount(index)):
            inner = model.index(middle, 0, index)
            users = [
                chosen(model, model.index(row, 0, inner)).promotable_id
                for row in range(model.rowCount(inner))
            ]
            below = chosen(model, inner)
            by_account = isinstance(model, ReachModel)
            accounts.append((below.connection_id if by_account else below.account_id, users))
        top_row = chosen(model, index)
        tree.append((top_row.account_id or top_row.connection_id, accounts))
    return tree


def chosen(model: PlacesModel, index: QModelIndex) -> Selection:
    place = model.place(index)
    assert place is not None
    found = place.selection()
    assert model.find(found) == index
    assert model.data(index, Qt.ItemDataRole.DisplayRole)
    assert model.words.spoken(place, 0)
    return found


def test_any_sequence_of_changes_shows_what_dictionaries_say(qapp: QApplication) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Rows, settings=settings(max_examples=60, stateful_step_count=25))


@pytest.mark.parametrize("by_account", [False, True])
def test_cells_are_not_announced_as_editable(
    qapp: QApplication,
    by_account: bool,
) -> None:
    forest = Forest()
    model: PlacesModel = AccountModel(forest, Sieve(Query("")), Words(forest, lambda: 0.0))
    if by_account:
        words = ReachWords(forest, lambda: 0.0, Chooser(forest), Sieve(Query("")))
        model = ReachModel(forest, Sieve(Query("")), words)
    forest.put_connection(connection("c1", "north")).put(AccountEntry(AdAccount("a1", "One")))
    model.sync_connection("c1")
    model.sync_accounts("c1", ["a1"])
    for column in range(3):
        cell = model.index(0, column)
        assert model.data(cell, Qt.ItemDataRole.AccessibleTextRole)
        assert not cell.flags() & (Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled)


def test_one_changed_row_is_one_signal_and_never_a_reset(qapp: QApplication) -> None:
    forest = Forest()
    model = AccountModel(forest, Sieve(Query("")), Words(forest, lambda: 0.0))
    node = forest.put_connection(connection("c1", "north"))
    model.sync_connection("c1")
    for number in range(50):
        node.put(AccountEntry(AdAccount(f"a{number:02}", f"Account {number:02}")))
    model.sync_accounts("c1", list(node.accounts))
    heard: list[str] = []
    model.modelReset.connect(lambda: heard.append("reset"))
    model.rowsInserted.connect(lambda: heard.append("inserted"))
    model.rowsRemoved.connect(lambda: heard.append("removed"))
    model.dataChanged.connect(lambda: heard.append("changed"))
    node.put(AccountEntry(AdAccount("a07", "Account 07"), fetched_at=5.0))
    assert model.sync_accounts("c1", ["a07"]) == set()
    assert heard == ["changed"]


def test_a_changed_way_is_one_signal_and_never_a_reset(qapp: QApplication) -> None:
    forest = Forest()
    model = ReachModel(
        forest, Sieve(Query("")), ReachWords(forest, lambda: 0.0, Chooser(forest), Sieve(Query("")))
    )
    for name in ("c1", "c2"):
        node = forest.put_connection(connection(name, name))
        for number in range(20):
            node.put(AccountEntry(AdAccount(f"a{number:02}", f"Account {number:02}")))
        model.sync_accounts(name, list(node.accounts))
    assert [model.rowCount(model.index(row, 0)) for row in range(model.rowCount())] == [2] * 20
    heard: list[str] = []
    model.modelReset.connect(lambda: heard.append("reset"))
    model.rowsInserted.connect(lambda: heard.append("inserted"))
    model.rowsRemoved.connect(lambda: heard.append("removed"))
    node.put(AccountEntry(AdAccount("a07", "Account 07"), fetched_at=5.0))
    assert model.sync_accounts("c2", ["a07"]) == set()
    assert heard == []
    node.drop("a07")
    model.sync_accounts("c2", ["a07"])
    assert heard == ["removed"]
    assert model.rowCount(model.index(7, 0)) == 1


def test_a_connection_that_moves_and_matches_no_more_is_gone(qapp: QApplication) -> None:
    forest = Forest()
    words = Words(forest, lambda: 0.0)
    model = AccountModel(forest, sieve("-north", forest), words)
    for connection_id in ("c2", "c3"):
        node = forest.put_connection(connection(connection_id, "ab"))
        node.put(AccountEntry(AdAccount("a1", "South")))
        model.sync_connection(connection_id)
        model.sync_accounts(connection_id, ["a1"])
    assert model.rowCount() == 2
    forest.put_connection(connection("c2", "North"))  # it would stand behind the other one
    model.sync_connection("c2")
    places = [model.place(model.index(row, 0)) for row in range(model.rowCount())]
    assert [place and place.node for place in places] == [node]


class Row:
    """Something with a key."""

    def __init__(self, name: str) -> None:
        self.key = (name, "")


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_runs_go_in_and_come_out_in_order(there: set[int], new: set[int]) -> None:
    rows = [Row(f"{n:02}") for n in sorted(there - new)]
    for at, run in runs_into(rows, [Row(f"{n:02}") for n in new]):
        rows[at:at] = run
    assert [row.key[0] for row in rows] == [f"{n:02}" for n in sorted(there | new)]
    for first, last in runs_of([at for at, row in enumerate(rows) if int(row.key[0]) in new]):
        del rows[first : last + 1]
    assert [row.key[0] for row in rows] == [f"{n:02}" for n in sorted(there - new)]
