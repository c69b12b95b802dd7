"""Changes out of sight cost no painting; those in sight are seen, by a screen reader too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QAccessible, QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTreeView
from pytestqt.qtbot import QtBot

from adwarden.domain.model import AccountEntry, Connection, Snapshot
from adwarden.services.events import EntriesRemoved, EntriesSaved
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.tree_nodes import Selection
from tests.bench.seed import entry
from tests.fakes.services import NOW, make_world

ROWS = 300


class Seen(AccountTree):
    """Notes what is painted."""

    painted: QRegion | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted = (self.painted or QRegion()) | event.region()
        super().paintEvent(event)


@pytest.fixture
def one() -> Connection:
    return make_world().connections[0]


@pytest.fixture
def tree(qapp: QApplication, qtbot: QtBot, one: Connection) -> Iterator[Seen]:
    made = Seen(Icons(Theme(qapp, "light")), clock=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    qtbot.waitExposed(made)
    made.load(Snapshot((), (one,), {one.id: tuple(map(without_users, range(ROWS)))}))
    qtbot.waitUntil(lambda: made.settled)
    calm(made, qtbot)
    yield made
    QAccessible.setActive(False)


def calm(tree: Seen, qtbot: QtBot) -> None:
    """Wait until nothing is painted any more between two looks."""

    def rests() -> bool:
        painted, tree.painted = tree.painted, None
        return painted is None

    tree.executeDelayedItemsLayout()
    tree.viewport().update()
    qtbot.waitUntil(lambda: tree.painted is not None)
    qtbot.waitUntil(rests)


def without_users(number: int) -> AccountEntry:
    return replace(entry(number), users=(), access_at=NOW, users_at=NOW)


def account(tree: AccountTree, one: Connection, number: int) -> QModelIndex:
    found = tree.shown_model.find(Selection("account", one.id, entry(number).account.id))
    assert found.isValid()
    return found


def turn(tree: Seen, qtbot: QtBot, event: EntriesSaved | EntriesRemoved) -> QRegion:
    """Let the tree take something in, and return what it painted for it."""
    tree.apply(event)
    qtbot.waitUntil(lambda: tree.settled)
    QApplication.sendPostedEvents()
    painted, tree.painted = tree.painted, None
    return painted or QRegion()


def ground(tree: AccountTree, index: QModelIndex) -> QRect:
    row = tree.visualRect(index)
    return QRect(0, row.top(), tree.viewport().width(), row.height())


def head(tree: AccountTree) -> QRect:
    return ground(tree, tree.shown_model.index(0, 0))


@pytest.mark.parametrize("by_account", [False, True])
def test_what_changes_out_of_sight_is_not_painted(
    tree: Seen, one: Connection, qtbot: QtBot, by_account: bool
) -> None:
    if by_account:
        tree.look(by_account=True)
        qtbot.waitUntil(lambda: tree.settled)
        calm(tree, qtbot)
    far = tuple(replace(without_users(n), access_at=NOW - 9) for n in range(200, 217))
    painted = turn(tree, qtbot, EntriesSaved(one.id, far))
    rest = painted if by_account else painted - QRegion(head(tree))
    assert rest.isEmpty()


def test_what_changes_in_sight_is_painted_and_nothing_beside_it(
    tree: Seen, one: Connection, qtbot: QtBot
) -> None:
    rows = [1, 2, 4]
    changed = tuple(replace(without_users(n), access_at=NOW - 9) for n in [*rows, 250])
    painted = turn(tree, qtbot, EntriesSaved(one.id, changed))
    wanted = QRegion(head(tree))
    for number in rows:
        assert painted.contains(ground(tree, account(tree, one, number)))
        wanted |= QRegion(ground(tree, account(tree, one, number)))
    assert (painted - wanted).isEmpty()


def test_scrolled_down_the_same_holds(tree: Seen, one: Connection, qtbot: QtBot) -> None:
    tree.scrollTo(account(tree, one, 150), QTreeView.ScrollHint.PositionAtTop)
    calm(tree, qtbot)
    far = tuple(replace(without_users(n), access_at=NOW - 9) for n in (3, 290))
    assert turn(tree, qtbot, EntriesSaved(one.id, far)).isEmpty()
    near = (replace(without_users(152), access_at=NOW - 9),)
    painted = turn(tree, qtbot, EntriesSaved(one.id, near))
    assert painted == QRegion(ground(tree, account(tree, one, 152)))


def test_users_that_come_far_away_bring_an_arrow_and_no_painting(
    tree: Seen, one: Connection, qtbot: QtBot
) -> None:
    came = tuple(replace(entry(n), access_at=NOW, users_at=NOW) for n in (2, 200, 201))
    painted = turn(tree, qtbot, EntriesSaved(one.id, came))
    assert painted.contains(ground(tree, account(tree, one, 2)))
    assert (painted - QRegion(head(tree)) - QRegion(ground(tree, account(tree, one, 2)))).isEmpty()
    for number in (2, 201):
        index = account(tree, one, number)
        tree.setCurrentIndex(index)
        QTest.keyClick(tree, Qt.Key.Key_Plus)
        assert tree.isExpanded(index)
        below = tree.indexBelow(index)
        assert below.parent() == index
        assert tree.visualRect(below).isValid()


def test_users_that_come_below_what_is_closed_leave_later_changes_to_be_seen(
    tree: Seen, one: Connection, qtbot: QtBot
) -> None:
    """An ad account that was opened once stays so inside a connection that is closed again."""
    users = replace(entry(2), access_at=NOW, users_at=NOW)
    turn(tree, qtbot, EntriesSaved(one.id, (replace(users, users=(users.users or ())[:1]),)))
    tree.expand(account(tree, one, 2))
    tree.collapse(tree.shown_model.index(0, 0))
    calm(tree, qtbot)
    turn(tree, qtbot, EntriesSaved(one.id, (users,)))
    calm(tree, qtbot)
    # Not a layout, which would paint everything: a change of this row alone.
    tree.dataChanged(tree.shown_model.index(0, 0), tree.shown_model.index(0, 2))
    QApplication.sendPostedEvents()
    assert tree.painted is not None
    assert tree.painted.contains(head(tree))


def test_users_that_come_while_nothing_is_shown_leave_later_changes_to_be_seen(
    tree: Seen, one: Connection, qtbot: QtBot
) -> None:
    tree.hide()
    turn(tree, qtbot, EntriesSaved(one.id, (replace(entry(2), access_at=NOW, users_at=NOW),)))
    tree.show()
    qtbot.waitExposed(tree)
    tree.painted = None
    changed = (replace(without_users(4), access_at=NOW - 9),)
    painted = turn(tree, qtbot, EntriesSaved(one.id, changed))
    assert painted.contains(ground(tree, account(tree, one, 4)))


def test_rows_that_come_and_go_above_leave_what_is_in_sight(
    tree: Seen, one: Connection, qtbot: QtBot
) -> None:
    tree.scrollTo(account(tree, one, 150), QTreeView.ScrollHint.PositionAtTop)
    top = tree.indexAt(tree.viewport().rect().topLeft())
    name = top.data()
    gone = tuple(entry(n).account.id for n in range(20, 40))
    turn(tree, qtbot, EntriesRemoved(one.id, gone))
    assert tree.indexAt(tree.viewport().rect().topLeft()).data() == name
    again = tuple(map(without_users, range(20, 40)))
    turn(tree, qtbot, EntriesSaved(one.id, again))
    assert tree.indexAt(tree.viewport().rect().topLeft()).data() == name


def test_a_screen_reader_hears_of_everything(
    tree: Seen, one: Connection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    original = QTreeView.dataChanged

    def heard(view: QTreeView, first: QModelIndex, last: QModelIndex, roles: list[int]) -> None:
        told.append((first.row(), last.row()))
        original(view, first, last, roles)

    monkeypatch.setattr(QTreeView, "dataChanged", heard)
    far = (replace(without_users(250), access_at=NOW - 9),)
    turn(tree, qtbot, EntriesSaved(one.id, far))
    assert told == []
    QAccessible.setActive(True)
    turn(tree, qtbot, EntriesSaved(one.id, far))
    row = account(tree, one, 250).row()
    assert (row, row) in told
