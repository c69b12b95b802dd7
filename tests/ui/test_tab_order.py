"""The order of the Tab key follows what is seen, in both ways to look."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from adwarden.storage.settings import VIEW, Settings
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Level, Notice, Remedy
from adwarden.ui.theme import Theme
from adwarden.ui.tree_ways import BY_ACCOUNT, BY_CONNECTION
from adwarden.ui.view_bar import ViewBar
from tests.fakes.services import make_world
from tests.ui.stagehand import Stagehand, make_stagehand, named, press

RAIL, TREE, DETAILS = "X apps and connections", "Accounts", "Details"
LOST = ["Reconnect", "Close notice"]
"""The buttons of the notice that this world begins with."""


def chain(window: QWidget) -> list[str]:
    """Return the names of what Tab comes to, from the window on; there and back are alike."""
    found, part = [], after(window)
    while part is not window:
        assert after(part).previousInFocusChain() is part
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            found.append(part.accessibleName())
        part = after(part)
    return found


def after(part: QWidget) -> QWidget:
    following = part.nextInFocusChain()
    assert following is not None
    return following


def focused() -> QWidget:
    part = QApplication.focusWidget()
    assert part is not None
    return part


def middle(window: QWidget) -> list[str]:
    """Return what Tab comes to from the rail to the details."""
    names = chain(window)
    return names[names.index(RAIL) : names.index(DETAILS) + 1]


def chooser(window: QWidget) -> str:
    bar = window.findChild(ViewBar)
    assert isinstance(bar, ViewBar)
    return bar.chooser.accessibleName()


async def test_the_choice_of_the_best_comes_before_the_tree(hand: Stagehand) -> None:
    window = hand.window
    assert middle(window) == [RAIL, TREE, DETAILS]
    window._ways.look(BY_ACCOUNT)
    wanted = [RAIL, chooser(window), TREE, DETAILS]
    assert middle(window) == wanted
    window._ways.look(BY_CONNECTION)
    window._ways.look(BY_ACCOUNT)
    assert middle(window) == wanted


async def test_so_it_does_where_the_window_starts_by_ad_account(
    settings: Settings, theme: Theme, icons: Icons
) -> None:
    settings.set(VIEW, BY_ACCOUNT)
    hand = make_stagehand(settings, theme, icons)
    assert middle(hand.window) == [RAIL, chooser(hand.window), TREE, DETAILS]
    await hand.close()


async def test_so_it_does_where_a_search_has_made_the_strip(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.window._bar.search.setText("colour:red")
    await hand.settle()
    assert middle(hand.window) == [RAIL, *LOST, chooser(hand.window), TREE, DETAILS]


@pytest.mark.parametrize("start", [False, True])
async def test_tab_and_backtab_go_through_it(
    settings: Settings, theme: Theme, icons: Icons, start: bool
) -> None:
    if start:
        settings.set(VIEW, BY_ACCOUNT)
    hand = make_stagehand(settings, theme, icons)
    await hand.open(make_world())
    window = hand.window
    if not start:
        press(window, "By ad account")
        await hand.settle()
    named(window, RAIL).setFocus()
    seen = []
    for key in [Qt.Key.Key_Tab] * 5 + [Qt.Key.Key_Backtab] * 5:
        QTest.keyClick(focused(), key)
        seen.append(focused().accessibleName())
    best = chooser(window)
    assert seen == [*LOST, best, TREE, DETAILS, TREE, best, *reversed(LOST), RAIL]
    await hand.close()


def told(notice_id: str, *buttons: str, detail: str = "", level: Level = Level.ERROR) -> Notice:
    remedies = tuple(Remedy(words, lambda: None) for words in buttons)
    return Notice(notice_id, level, notice_id, detail=detail, buttons=remedies)


@pytest.mark.parametrize("way", [BY_CONNECTION, BY_ACCOUNT])
async def test_the_buttons_of_notices_come_before_the_tree(hand: Stagehand, way: str) -> None:
    window = hand.window
    window.notices.show_notice(told("first", "Try again", detail="Trace"))
    window._ways.look(way)
    last = [chooser(window)] if way == BY_ACCOUNT else []
    shown = ["Show technical details", "Try again", "Close notice"]
    assert middle(window) == [RAIL, *shown, *last, TREE, DETAILS]
    window.notices.show_notice(told("second", "Unlock"))
    newest = ["Unlock", "Close notice"]
    assert middle(window) == [RAIL, *newest, *shown, *last, TREE, DETAILS]
    window._ways.look(BY_ACCOUNT)
    window._ways.look(way)
    press_fold(window)
    shown += ["Technical details", "Copy details"]
    found = [name for name in middle(window) if name != chooser(window)]
    shown[0] = "Hide technical details"
    assert found == [RAIL, *newest, *shown, TREE, DETAILS]
    window.notices.dismiss("second")
    window.notices.dismiss("first")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [name for name in middle(window) if name != chooser(window)] == [RAIL, TREE, DETAILS]
    await hand.settle()


def press_fold(window: QWidget) -> None:
    (fold,) = (
        part
        for part in window.findChildren(QToolButton)
        if part.accessibleName() == "Show technical details"
    )
    fold.click()


async def test_the_details_stay_behind_the_tree_when_they_are_written_anew(
    hand: Stagehand,
) -> None:
    await hand.open(make_world())
    window = hand.window
    window._selecting.focus_connection("c1")
    await hand.settle()
    window.notices.show_notice(told("late", "Try again"))
    names = chain(window)
    assert names.index("Search") < names.index("Try again") < names.index(TREE)
    assert names.index(TREE) < names.index(DETAILS) < names.index("Disconnect")
