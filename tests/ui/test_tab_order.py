"""The order of the Tab key follows what is seen, in both ways to look."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from adwarden.storage.settings import VIEW, Settings
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.tree_ways import BY_ACCOUNT, BY_CONNECTION
from adwarden.ui.view_bar import ViewBar
from tests.fakes.services import make_world
from tests.ui.stagehand import Stagehand, make_stagehand, named, press

RAIL, TREE, DETAILS = "X apps and connections", "Accounts", "Details"


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
    assert middle(hand.window) == [RAIL, chooser(hand.window), TREE, DETAILS]


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
    for key in [Qt.Key.Key_Tab] * 3 + [Qt.Key.Key_Backtab] * 3:
        QTest.keyClick(focused(), key)
        seen.append(focused().accessibleName())
    best = chooser(window)
    assert seen == [best, TREE, DETAILS, TREE, best, RAIL]
    await hand.close()
