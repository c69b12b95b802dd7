from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
    Snapshot,
    XApp,
)
from adwarden.services.events import (
    AppRemoved,
    ConnectionRemoved,
    ConnectionSaved,
    EntriesRemoved,
    EntriesSaved,
)
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.tree_nodes import Selection

NOW = 1_800_000_000.0
NORTH = Connection("c1", "x1", "77", "northwind_ads", "e1", NOW, ConnectionState.WORKING, NOW - 120)
SOUTH = Connection("c2", "x1", "88", "southridge", "e2", NOW, ConnectionState.REVOKED, NOW - 9e4)
OWN = PromotableUser("p1", "77", "FULL")
PARTNER = PromotableUser("p2", "4417", "RETWEETS_ONLY", handle="trailpartners")


def entry(
    account_id: str, name: str, *permissions: str, users: tuple[PromotableUser, ...] = (OWN,)
) -> AccountEntry:
    account = AdAccount(account_id, name, "ACCEPTED")
    return AccountEntry(account, Access("77", permissions), users=users, fetched_at=NOW - 120)


OUTDOOR = entry("18kout", "Northwind Outdoor", "ACCOUNT_ADMIN", users=(OWN, PARTNER))
EUROPE = entry("18keur", "Northwind Europe", "AD_MANAGER", "TWEET_COMPOSER")
RETAIL = AccountEntry(AdAccount("18kret", "Northwind Retail"), access_error="server error 503")
LOYAL = entry("18kloy", "ノースウィンド", "LOYALTY_MANAGER")
SNAPSHOT = Snapshot(
    (XApp("x1", "x", "Agency app", AppAccess.STANDARD, "e0", NOW),),
    (NORTH, SOUTH),
    {"c1": (EUROPE, OUTDOOR, RETAIL, LOYAL), "c2": (entry("18ksou", "South One"),)},
)


def many(count: int, connection_id: str = "c1") -> tuple[AccountEntry, ...]:
    return tuple(
        entry(f"{connection_id}n{number:05}", f"Account {number:05}", "AD_MANAGER")
        for number in range(count)
    )


@pytest.fixture
def tree(qapp: QApplication, qtbot: QtBot) -> AccountTree:
    made = AccountTree(Icons(Theme(qapp, "light")), clock=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(760, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def loaded(tree: AccountTree, settle: Callable[[], None]) -> AccountTree:
    tree.load(SNAPSHOT)
    settle()
    return tree


@pytest.fixture
def settle(tree: AccountTree, qtbot: QtBot) -> Callable[[], None]:
    return lambda: qtbot.waitUntil(lambda: tree.settled, timeout=20_000)


def rows(tree: AccountTree) -> list[str]:
    """What is on screen, row by row."""
    tree.executeDelayedItemsLayout()
    found = []
    index = tree.model().index(0, 0)
    while index.isValid():
        found.append(str(index.data()))
        index = tree.indexBelow(index)
    return found


def row(tree: AccountTree, *path: str) -> QModelIndex:
    index = QModelIndex()
    for name in path:
        model = tree.model()
        cells = (model.index(at, 0, index) for at in range(model.rowCount(index)))
        index = next(cell for cell in cells if cell.data() == name)
    return index


def test_the_last_known_state_is_there_at_once(tree: AccountTree) -> None:
    tree.load(SNAPSHOT)
    assert rows(tree) == [
        "@northwind_ads",
        "Northwind Europe",
        "Northwind Outdoor",
        "Northwind Retail",
        "ノースウィンド",
        "@southridge",
        "South One",
        "77",
    ]


def test_cells_say_everything_in_words(loaded: AccountTree) -> None:
    role = Qt.ItemDataRole.AccessibleTextRole
    assert loaded.accessibleName() == "Accounts"
    account = row(loaded, "@northwind_ads", "Northwind Outdoor").data(role)
    for words in (
        "Northwind Outdoor",
        "18kout",
        "@northwind_ads",
        "Account administrator: may do everything",
        "2 promotable users",
        "@trailpartners Retweets only",
        "refreshed 2 min ago",
    ):
        assert words in account
    assert "server error 503" in row(loaded, "@northwind_ads", "Northwind Retail").data(role)
    revoked = row(loaded, "@southridge").data(role)
    assert "Revoked" in revoked
    assert "Agency app" in revoked
    user = row(loaded, "@northwind_ads", "Northwind Outdoor", "@trailpartners").data(role)
    assert "promotable user" in user
    assert "4417" in user


def test_a_screen_reader_finds_rows_and_columns(loaded: AccountTree) -> None:
    seen = QAccessible.queryAccessibleInterface(loaded)
    assert seen.text(QAccessible.Text.Name) == "Accounts"
    names = [seen.child(at).text(QAccessible.Text.Name) for at in range(seen.childCount())]
    assert any("LOYALTY_MANAGER" in name for name in names)
    assert "Permissions" in names


def test_an_incoming_row_keeps_selection_open_rows_and_place(
    loaded: AccountTree, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    loaded.resize(760, 150)
    wanted = Selection("account", "c1", "18kout")
    assert loaded.select(wanted)
    loaded.expand(loaded.currentIndex())
    loaded.scrollTo(loaded.currentIndex(), loaded.ScrollHint.PositionAtTop)
    before = loaded.visualRect(loaded.currentIndex()).top()
    assert loaded.verticalScrollBar().value() > 0
    with qtbot.assertNotEmitted(loaded.selected):
        loaded.apply(EntriesSaved("c1", (entry("18kaaa", "Aaa", "ANALYST"),)))
        settle()
    assert loaded.selection == wanted
    assert loaded.currentIndex().data() == "Northwind Outdoor"
    assert loaded.isExpanded(loaded.currentIndex())
    assert loaded.visualRect(loaded.currentIndex()).top() == before


def test_a_renamed_account_moves_and_stays_selected_and_open(
    loaded: AccountTree, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    wanted = Selection("account", "c1", "18kout")
    loaded.select(wanted)
    loaded.expand(loaded.currentIndex())
    renamed = replace(OUTDOOR, account=AdAccount("18kout", "Aardvark Outdoor"))
    with qtbot.assertNotEmitted(loaded.selected):
        loaded.apply(EntriesSaved("c1", (renamed,)))
        settle()
    assert rows(loaded)[1] == "Aardvark Outdoor"
    assert loaded.selection == wanted
    assert loaded.isExpanded(row(loaded, "@northwind_ads", "Aardvark Outdoor"))


def test_a_removed_selection_passes_to_what_is_left(
    loaded: AccountTree, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    loaded.select(Selection("account", "c1", "18kout"))
    with qtbot.waitSignal(loaded.selected):
        loaded.apply(EntriesRemoved("c1", ("18kout",)))
    settle()
    assert loaded.selection is not None
    assert loaded.selection.account_id != "18kout"
    with qtbot.waitSignal(loaded.selected):
        loaded.apply(AppRemoved("x1"))
    assert loaded.selection is None
    assert rows(loaded) == []


def test_what_a_person_closed_stays_closed(loaded: AccountTree, settle: Callable[[], None]) -> None:
    loaded.collapse(row(loaded, "@northwind_ads"))
    loaded.apply(EntriesSaved("c1", (EUROPE, entry("18knew", "New one"))))
    loaded.apply(ConnectionSaved(replace(NORTH, state=ConnectionState.ATTENTION)))
    settle()
    assert not loaded.isExpanded(row(loaded, "@northwind_ads"))


def test_events_of_an_unknown_or_removed_connection_are_ignored(
    loaded: AccountTree, settle: Callable[[], None]
) -> None:
    loaded.apply(EntriesSaved("nobody", many(3)))
    loaded.apply(EntriesSaved("c2", many(500, "c2")))
    loaded.apply(ConnectionRemoved("c2"))
    settle()
    assert "@southridge" not in rows(loaded)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("outdoor", ["@northwind_ads", "Northwind Outdoor"]),
        ("18KEUR", ["@northwind_ads", "Northwind Europe"]),
        ("@trail", ["@northwind_ads", "Northwind Outdoor", "@trailpartners"]),
        ("south", ["@southridge", "South One"]),
        ("northwind_ads ret", ["@northwind_ads", "Northwind Retail"]),
        ("ノース", ["@northwind_ads", "ノースウィンド"]),
        ("nothing like it", []),
    ],
)
def test_search_keeps_the_shape_of_the_tree(
    loaded: AccountTree, settle: Callable[[], None], text: str, expected: list[str]
) -> None:
    full = rows(loaded)
    loaded.set_filter(text)
    loaded.search_now()
    settle()
    found = rows(loaded)
    assert [name for name in found if name in expected] == expected
    assert len([name for name in found if name not in ("77", "@trailpartners")]) <= len(expected)
    loaded.set_filter("")
    assert rows(loaded) == full


def test_typing_fast_searches_once(loaded: AccountTree, qtbot: QtBot) -> None:
    found: list[int] = []
    loaded.searched.connect(found.append)
    for text in ("o", "ou", "out", "outd"):
        loaded.set_filter(text)
    with qtbot.waitSignal(loaded.searched, timeout=2000):
        pass
    assert found == [1]


def test_a_search_keeps_the_selection_and_what_arrives_is_searched_too(
    loaded: AccountTree, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    wanted = Selection("account", "c1", "18keur")
    loaded.select(wanted)
    with qtbot.assertNotEmitted(loaded.selected):
        loaded.set_filter("outdoor")
        loaded.search_now()
        loaded.apply(
            EntriesSaved("c1", (entry("18kzz", "Outdoor Two"), entry("18kyy", "Something else")))
        )
        settle()
        assert rows(loaded)[1:] == ["Northwind Outdoor", "Outdoor Two"]
        loaded.set_filter("")
    assert loaded.selection == wanted
    assert loaded.currentIndex().data() == "Northwind Europe"
    assert "Something else" in rows(loaded)


def test_an_empty_search_says_so(loaded: AccountTree) -> None:
    loaded.set_filter("zzz")
    loaded.search_now()
    assert loaded.accessibleDescription().startswith("Nothing found for “zzz”")
    assert loaded.grab().toImage() is not None
    loaded.set_filter("")
    assert loaded.accessibleDescription() == ""


@pytest.mark.parametrize("width", [300, 372, 420])
def test_a_badge_leaves_the_name_of_a_narrow_row_alone(
    tree: AccountTree, settle: Callable[[], None], width: int
) -> None:
    under_review = replace(
        OUTDOOR, account=AdAccount("18krev", "Northwind Outdoor", "UNDER_REVIEW")
    )
    tree.resize(width, 600)
    tree.load(replace(SNAPSHOT, entries={"c1": (OUTDOOR, under_review)}))
    tree.select(Selection("connection", "c1"))
    tree.expand(tree.currentIndex())
    settle()
    connection = row(tree, "@northwind_ads")
    names = []
    for at in range(2):
        area = tree.visualRect(tree.model().index(at, 0, connection)).adjusted(0, 2, 0, -2)
        area.setWidth(60)
        names.append(tree.viewport().grab(area).toImage())
    assert names[0] == names[1]


def test_focusing_a_connection_ends_a_search_that_hides_it(loaded: AccountTree) -> None:
    loaded.set_filter("outdoor")
    loaded.search_now()
    loaded.focus_connection("c2")
    assert loaded.selection == Selection("connection", "c2")
    assert "@northwind_ads" in rows(loaded)


def test_keys(loaded: AccountTree, qtbot: QtBot) -> None:
    loaded.setFocus()
    loaded.select(Selection("connection", "c1"))
    QTest.keyClick(loaded, Qt.Key.Key_Return)
    assert not loaded.isExpanded(loaded.currentIndex())
    QTest.keyClick(loaded, Qt.Key.Key_Enter)
    assert loaded.isExpanded(loaded.currentIndex())
    QTest.keyClick(loaded, Qt.Key.Key_Down)
    assert loaded.selection == Selection("account", "c1", "18keur")
    QTest.keyClick(loaded, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "18keur"
    QTest.keyClick(loaded, Qt.Key.Key_Right)
    QTest.keyClick(loaded, Qt.Key.Key_Right)
    assert loaded.selection == Selection("user", "c1", "18keur", "p1")
    QTest.keyClick(loaded, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "77"


def test_typing_goes_to_the_next_name_that_begins_so(loaded: AccountTree) -> None:
    loaded.setFocus()
    loaded.select(Selection("account", "c1", "18keur"))
    QTest.keyClicks(loaded, "northwind r")
    assert loaded.selection == Selection("account", "c1", "18kret")


def test_a_menu_is_asked_for_by_mouse_and_by_key(loaded: AccountTree, qtbot: QtBot) -> None:
    asked: list[object] = []
    loaded.context_requested.connect(lambda chosen, where: asked.append(chosen))
    spot = loaded.visualRect(row(loaded, "@northwind_ads", "Northwind Europe")).center()
    where = loaded.viewport().mapToGlobal(spot)
    click = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, where)
    QApplication.sendEvent(loaded.viewport(), click)
    assert asked == [Selection("account", "c1", "18keur")]
    loaded.select(Selection("connection", "c2"))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(loaded.viewport(), event)
    assert asked[-1] == Selection("connection", "c2")


NASTY = [
    "<b>bold</b> & <script>alert(1)</script>",
    "متجر الشمال",
    "a\u202egnp.exe",
    "line\nbreak\ttab\x00nul\x07bell",
    "👩‍👩‍👧‍👦🏔️",
    "x" * 2000,
    "   ",
    "\ud800",
]


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_any_name_is_shown_and_never_interpreted(
    tree: AccountTree, settle: Callable[[], None], qtbot: QtBot, name: str
) -> None:
    tree.load(Snapshot((), (NORTH,), {"c1": (entry("18k", name, "<i>X</i>"),)}))
    settle()
    tree.set_filter(name[:5])
    tree.search_now()
    settle()
    assert not tree.grab().isNull()
    index = tree.model().index(0, 0, tree.model().index(0, 0))
    assert index.isValid()
    shown = str(index.data())
    assert not any(ord(char) < 32 or "\u202a" <= char <= "\u202e" for char in shown)
    spot = tree.visualRect(index).center()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, spot, tree.viewport().mapToGlobal(spot))
    QApplication.sendEvent(tree.viewport(), event)
    qtbot.waitUntil(lambda: bool(QToolTip.text()))
    assert "<b>" not in QToolTip.text()
    QToolTip.hideText()


def test_a_big_load_comes_in_pieces_and_in_order(
    tree: AccountTree, settle: Callable[[], None]
) -> None:
    tree.load(Snapshot((), (NORTH,), {"c1": many(5000)}))
    first = len(rows(tree))
    assert 1 < first < 5001
    settle()
    found = [name for name in rows(tree)[1:] if name.startswith("Account")]
    assert found == [f"Account {number:05}" for number in range(5000)]


def test_loading_again_replaces_everything(loaded: AccountTree, settle: Callable[[], None]) -> None:
    loaded.load(Snapshot((), (SOUTH,), {"c2": (entry("18ksou", "South One"),)}))
    settle()
    assert rows(loaded)[:2] == ["@southridge", "South One"]
    assert len(rows(loaded)) == 3


def test_rows_are_32_pixels_and_26_when_compact(loaded: AccountTree) -> None:
    assert loaded.visualRect(row(loaded, "@northwind_ads")).height() == 32
    loaded.set_compact(True)
    loaded.executeDelayedItemsLayout()
    assert loaded.visualRect(row(loaded, "@northwind_ads")).height() == 26
