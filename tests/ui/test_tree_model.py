from __future__ import annotations

from collections.abc import Iterable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from adwarden.domain.model import AccountEntry, AdAccount, Connection, PromotableUser
from adwarden.ui.search import Query
from adwarden.ui.tree_model import AccountModel
from adwarden.ui.tree_nodes import Forest, Selection, Sieve, user_name
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


def connection(connection_id: str, name: str) -> Connection:
    return Connection(connection_id, "app", "11", name, "entry", 0.0)


class Rows(RuleBasedStateMachine):
    """Two models, one filtered, against dictionaries; Qt's own tester watches both."""

    query = ""

    @initialize(query=st.sampled_from(["", "north", "a", "partner", "nor 22", "zzz"]))
    def start(self, query: str) -> None:
        self.forest = Forest()
        words = Words(self.forest, lambda: 1000.0)
        self.models = [AccountModel(self.forest, Sieve(Query(text)), words) for text in ("", query)]
        mode = QAbstractItemModelTester.FailureReportingMode.Fatal
        self.testers = [QAbstractItemModelTester(model, mode) for model in self.models]
        self.connections: dict[str, Connection] = {}
        self.entries: dict[str, dict[str, AccountEntry]] = {}

    @rule(connection_id=CONNECTIONS, name=NAMES)
    def save_connection(self, connection_id: str, name: str) -> None:
        found = connection(connection_id, name)
        self.connections[connection_id] = found
        self.entries.setdefault(connection_id, {})
        self.forest.put_connection(found)
        for model in self.models:
            model.sync_connection(connection_id)
            # A name that begins or ceases to match changes what is shown under it.
            model.sync_accounts(connection_id, list(self.entries[connection_id]))

    @rule(connection_id=CONNECTIONS)
    def remove_connection(self, connection_id: str) -> None:
        self.connections.pop(connection_id, None)
        self.entries.pop(connection_id, None)
        self.forest.connections.pop(connection_id, None)
        for model in self.models:
            model.sync_connection(connection_id)

    @rule(
        connection_id=CONNECTIONS,
        found=st.lists(st.tuples(ACCOUNTS, NAMES, USERS), max_size=5),
    )
    def save_entries(
        self,
        connection_id: str,
        found: list[tuple[str, str, tuple[PromotableUser, ...] | None]],
    ) -> None:
        if connection_id not in self.connections:
            return
        for account_id, name, users in found:
            entry = AccountEntry(AdAccount(account_id, name), users=users)
            self.entries[connection_id][account_id] = entry
            self.forest.connections[connection_id].put(entry)
        self.sync(connection_id, [account_id for account_id, _, _ in found])

    @rule(connection_id=CONNECTIONS, gone=st.lists(ACCOUNTS, max_size=5))
    def remove_entries(self, connection_id: str, gone: list[str]) -> None:
        if connection_id not in self.connections:
            return
        for account_id in gone:
            self.entries[connection_id].pop(account_id, None)
            self.forest.connections[connection_id].drop(account_id)
        self.sync(connection_id, gone)

    def sync(self, connection_id: str, account_ids: Iterable[str]) -> None:
        for model in self.models:
            model.sync_accounts(connection_id, account_ids)
            model.sync_connection(connection_id)

    @invariant()
    def shows_what_the_dictionaries_say(self) -> None:
        for model in self.models:
            assert shown(model) == self.expected(model.sieve.query.words)

    def expected(self, words: tuple[str, ...]) -> Tree:
        tree: Tree = []
        by_name = sorted(self.connections.values(), key=lambda c: (c.handle.casefold(), c.id))
        for one in by_name:
            rest = [w for w in words if w not in f"{one.handle}\n{one.user_id}".casefold()]
            accounts: list[tuple[str, list[str]]] = []
            entries = self.entries[one.id].values()
            for entry in sorted(entries, key=lambda e: (e.account.name.casefold(), e.account.id)):
                own = f"{entry.account.name}\n{entry.account.id}".casefold()
                users = entry.users or ()
                hays = {
                    user.id: f"{user_name(one, user)}\n{user.user_id}\n{user.id}".casefold()
                    for user in users
                }
                left = [w for w in rest if w not in own]
                if not all(any(w in hay for hay in hays.values()) for w in left):
                    continue
                kept = [user.id for user in users if all(w in hays[user.id] for w in left)]
                accounts.append((entry.account.id, kept))
            if accounts or not rest:
                tree.append((one.id, accounts))
        return tree

    def teardown(self) -> None:
        self.testers.clear()


def shown(model: AccountModel) -> Tree:
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
            accounts.append((chosen(model, inner).account_id, users))
        tree.append((chosen(model, index).connection_id, accounts))
    return tree


def chosen(model: AccountModel, index: QModelIndex) -> Selection:
    place = model.place(index)
    assert place is not None
    found = place.selection()
    assert model.find(found) == index
    assert model.data(index, Qt.ItemDataRole.DisplayRole)
    return found


def test_any_sequence_of_changes_shows_what_dictionaries_say(qapp: QApplication) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Rows, settings=settings(max_examples=60, stateful_step_count=25))


def test_cells_are_not_announced_as_editable(qapp: QApplication) -> None:
    forest = Forest()
    model = AccountModel(forest, Sieve(Query("")), Words(forest, lambda: 0.0))
    forest.put_connection(connection("c1", "north"))
    model.sync_connection("c1")
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
