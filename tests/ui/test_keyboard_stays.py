"""The keyboard is where a person left it, or where what they asked for has come to."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from adwarden.domain.lookups import Features, Funding, Kind, KnownHandle
from adwarden.domain.model import Snapshot
from adwarden.services.events import ConnectionSaved, LookedUp, LookupEnded, LookupProgress
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.actions import TABLE, Id, Spec
from adwarden.ui.tree_nodes import Selection
from tests.fakes.services import NOW, make_connection, make_world
from tests.ui.stagehand import Stagehand, named, until
from tests.ui.test_details import ACCOUNT, OTHERS, open_account, world

HANDLES = (Kind.HANDLES.value, "c1", ACCOUNT)
FUNDING = (Kind.FUNDING.value, "c1", ACCOUNT)

EDITING = (
    QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Cut, QKeySequence.StandardKey.Paste,
    QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo,
    QKeySequence.StandardKey.SelectAll, QKeySequence.StandardKey.Delete,
    QKeySequence.StandardKey.Backspace, QKeySequence.StandardKey.MoveToNextWord,
    QKeySequence.StandardKey.MoveToPreviousWord, QKeySequence.StandardKey.SelectNextWord,
    QKeySequence.StandardKey.SelectPreviousWord, QKeySequence.StandardKey.DeleteStartOfWord,
    QKeySequence.StandardKey.DeleteEndOfWord,
)  # fmt: skip


def focused() -> QWidget:
    part = QApplication.focusWidget()
    assert part is not None
    return part


def keys_of(spec: Spec) -> list[str]:
    # A field that is typed into keeps the key of undoing for itself.
    return [key for key in spec.keys.split(";") if key and spec.id is not Id.UNDO]


# Shortcuts in the search field


@pytest.mark.parametrize(
    ("action_id", "key"), [(spec.id, key) for spec in TABLE for key in keys_of(spec)]
)
async def test_a_shortcut_works_while_somebody_searches(
    hand: Stagehand, action_id: Id, key: str
) -> None:
    await hand.open(make_world())
    field = named(hand.window, "Search", QLineEdit)
    field.setFocus()
    QTest.keyClicks(field, "nor")
    action = hand.window._actions[action_id]
    asked: list[bool] = []
    action.triggered.disconnect()
    action.triggered.connect(lambda: asked.append(True))
    action.setEnabled(True)
    QTest.keySequence(field, QKeySequence(key))
    assert asked == [True]


def test_no_shortcut_is_a_key_that_people_edit_with(hand: Stagehand) -> None:
    ours = {QKeySequence(key) for spec in TABLE for key in keys_of(spec)}
    theirs = {key for kind in EDITING for key in QKeySequence.keyBindings(kind)}
    assert not ours & theirs


async def test_the_keys_of_editing_still_edit(hand: Stagehand) -> None:
    await hand.open(make_world())
    field = named(hand.window, "Search", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setFocus()
    QTest.keyClicks(field, "north wind")
    for key, words in (("Ctrl+Backspace", "north "), ("Ctrl+Z", "north wind"), ("Ctrl+A", "")):
        QTest.keySequence(field, QKeySequence(key))
        assert field.text() == (words or "north wind")
    assert field.selectedText() == "north wind"


# The details


async def press_by_keyboard(hand: Stagehand, name: str, key: Qt.Key = Qt.Key.Key_Space) -> None:
    button = named(named(hand.window, "Details"), name)
    button.setFocus()
    QTest.keyClick(button, key)
    await hand.settle()


async def test_enter_presses_the_button_with_a_price(hand: Stagehand) -> None:
    await open_account(hand, world())
    await press_by_keyboard(hand, "Look up 14 handles (about $0.14)", Qt.Key.Key_Return)
    assert hand.services.lookups.asked[-1][0] == "handles"


async def test_what_is_left_to_look_up_gets_the_keyboard_back(hand: Stagehand) -> None:
    await open_account(hand, world())
    await press_by_keyboard(hand, "Look up 14 handles (about $0.14)")
    hand.services.emit(LookupProgress(*HANDLES, 5, 14))
    await hand.settle()
    assert named(hand.window, "Details").hasFocus()
    known = tuple(KnownHandle(user.user_id, "x", "", NOW) for user in OTHERS[:9])
    hand.services.emit(LookedUp(known))
    hand.services.emit(LookupEnded(*HANDLES, None))
    await hand.settle()
    assert focused().accessibleName() == "Look up 5 handles (about $0.05)"


@pytest.mark.parametrize(
    ("key", "name"),
    [(Qt.Key.Key_Tab, "Look up features"), (Qt.Key.Key_Backtab, "Copy Account ID")],
)
async def test_tab_goes_on_from_where_the_button_was(
    hand: Stagehand, key: Qt.Key, name: str
) -> None:
    await open_account(hand, world())
    pane = named(hand.window, "Details")
    await press_by_keyboard(hand, "Look up funding")
    hand.services.emit(LookupProgress(*FUNDING, 0, 0))
    await hand.settle()
    assert pane.hasFocus()
    QTest.keyClick(pane, key)
    assert focused().accessibleName() == name
    assert pane.isAncestorOf(focused())
    # Who has gone on is not called back.
    hand.services.emit(LookedUp((Funding(ACCOUNT, (), NOW), Features(ACCOUNT, (), NOW))))
    hand.services.emit(LookupEnded(*FUNDING, None))
    await hand.settle()
    assert focused().accessibleName().startswith(name)


async def test_the_pane_keeps_the_keyboard_where_nothing_is_left_to_ask(hand: Stagehand) -> None:
    await open_account(hand, world())
    await press_by_keyboard(hand, "Look up 14 handles (about $0.14)")
    hand.services.emit(LookupProgress(*HANDLES, 0, 14))
    await hand.settle()
    known = tuple(KnownHandle(user.user_id, "x", "", NOW) for user in OTHERS)
    hand.services.emit(LookedUp(known))
    hand.services.emit(LookupEnded(*HANDLES, None))
    await hand.settle()
    pane = named(hand.window, "Details")
    assert pane.hasFocus()
    QTest.keyClick(pane, Qt.Key.Key_Backtab)
    assert focused().accessibleName() == "Look up features"


# A new connection


async def test_a_new_connection_takes_the_keyboard_from_the_button_that_asked_for_it(
    hand: Stagehand,
) -> None:
    await hand.open(make_world())
    named(hand.window, "Connect account").setFocus()
    hand.services.emit(ConnectionSaved(make_connection("c9", "newcomer")))
    await hand.settle()
    tree = hand.window.findChild(AccountTree)
    assert tree is not None
    assert tree.hasFocus()
    assert tree.selection == Selection("connection", "c9")


async def test_so_it_does_while_the_dialog_is_still_open(hand: Stagehand) -> None:
    await hand.open(make_world())
    named(hand.window, "Search").setFocus()
    dialog = QDialog(hand.window)
    dialog.show()
    dialog.activateWindow()
    await until(dialog.isActiveWindow, "the dialog")
    hand.services.emit(ConnectionSaved(make_connection("c9", "newcomer")))
    dialog.close()
    hand.window.activateWindow()
    await until(hand.window.isActiveWindow, "the window")
    await hand.settle()
    assert focused() is hand.window.findChild(AccountTree)


async def test_nobody_who_types_loses_the_keyboard_to_a_connection(hand: Stagehand) -> None:
    await hand.open(Snapshot(make_world().apps, make_world().connections[:1]))
    field = named(hand.window, "Search", QLineEdit)
    field.setFocus()
    hand.services.emit(ConnectionSaved(make_connection("c9", "newcomer")))
    await hand.settle()
    assert field.hasFocus()
