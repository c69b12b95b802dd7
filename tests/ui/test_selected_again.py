"""A row that stays while another pane is looked at can be chosen again, and its menu is its own."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from adwarden.services.events import EntriesRemoved, EntriesSaved
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.details import Details
from adwarden.ui.details_place import Place
from adwarden.ui.rail import Rail
from adwarden.ui.tree_nodes import Selection
from tests.fakes.services import make_entry, make_world
from tests.ui.stagehand import Stagehand

ROW = Selection("account", "c1", "18ce54d4x5t")
AT_ROW, AT_APP = Place("", "c1", "18ce54d4x5t"), Place("a1")


def parts(hand: Stagehand) -> tuple[Rail, AccountTree, Details]:
    rail = hand.window.findChild(Rail)
    tree = hand.window.findChild(AccountTree)
    details = hand.window.findChild(Details)
    assert isinstance(rail, Rail)
    assert isinstance(tree, AccountTree)
    assert isinstance(details, Details)
    return rail, tree, details


def spot(view: Rail | AccountTree, name: str) -> QPoint:
    """Return where a row of this name is to be clicked."""
    index = view.indexAt(QPoint(60, 4))
    while index.isValid() and index.data() != name:
        index = view.indexBelow(index)
    assert index.isValid(), f"no row is called {name!r}"
    return view.visualRect(index).center() - QPoint(20, 0)


def click(
    view: Rail | AccountTree, name: str, button: Qt.MouseButton = Qt.MouseButton.LeftButton
) -> None:
    QTest.mouseClick(view.viewport(), button, pos=spot(view, name))


async def at_the_app(hand: Stagehand) -> tuple[Rail, AccountTree, Details]:
    await hand.open(make_world())
    rail, tree, details = parts(hand)
    tree.select(ROW)
    await hand.settle()
    click(tree, "Northwind Outdoor")
    assert details.place == AT_ROW
    click(rail, "Agency app")
    assert details.place == AT_APP
    return rail, tree, details


async def test_the_row_is_no_longer_highlighted_and_a_click_selects_it_again(
    hand: Stagehand,
) -> None:
    rail, tree, details = await at_the_app(hand)
    assert not tree.selectionModel().hasSelection()
    click(tree, "Northwind Outdoor")
    assert details.place == AT_ROW
    assert tree.selectionModel().hasSelection()
    current = rail.current()
    assert current is not None
    assert current.connection_id == "c1"


async def test_the_menu_of_the_row_is_about_the_row(hand: Stagehand) -> None:
    _, tree, details = await at_the_app(hand)
    where = spot(tree, "Northwind Outdoor")
    QTest.mousePress(tree.viewport(), Qt.MouseButton.RightButton, pos=where)
    asked = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, where, tree.viewport().mapToGlobal(where)
    )
    QApplication.sendEvent(tree.viewport(), asked)
    assert details.place == AT_ROW
    menu = next(one for one in hand.window.findChildren(QMenu) if one.isVisible())
    usable = {action.text() for action in menu.actions() if action.isEnabled()}
    assert {"Refresh connection", "Reconnect", "Disconnect", "Copy ID"} <= usable
    menu.close()


async def test_the_menu_key_and_space_select_the_row_again(hand: Stagehand) -> None:
    rail, tree, details = await at_the_app(hand)
    tree.setFocus()
    assert details.place == AT_APP, "Tab only passes through"
    QTest.keyClick(tree, Qt.Key.Key_Space)
    assert details.place == AT_ROW
    click(rail, "Agency app")
    where = tree.visualRect(tree.currentIndex()).center()
    asked = QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, where, tree.viewport().mapToGlobal(where)
    )
    QApplication.sendEvent(tree, asked)
    assert details.place == AT_ROW
    next(one for one in hand.window.findChildren(QMenu) if one.isVisible()).close()


async def test_rows_that_come_and_go_do_not_take_the_selection_from_the_app(
    hand: Stagehand,
) -> None:
    _, tree, details = await at_the_app(hand)
    hand.services.emit(EntriesSaved("c1", (make_entry("aaa", "A new one"),)))
    await hand.settle()
    assert details.place == AT_APP
    assert not tree.selectionModel().hasSelection()
    hand.services.emit(EntriesRemoved("c1", ("18ce54d4x5t",)))
    await hand.settle()
    assert details.place == AT_APP
    assert not tree.selectionModel().hasSelection()
    tree.look(by_account=True)
    await hand.settle()
    assert details.place == AT_APP


async def test_the_connection_in_the_rail_is_chosen_again_too(hand: Stagehand) -> None:
    await hand.open(make_world())
    rail, tree, details = parts(hand)
    tree.select(ROW)
    await hand.settle()
    click(rail, "@northwind_ads")
    assert details.place == Place("", "c1")
    assert tree.selection == Selection("connection", "c1")
    told: list[object] = []
    rail.chosen.connect(told.append)
    click(rail, "@northwind_ads")
    assert told == [], "nothing else was chosen since"
