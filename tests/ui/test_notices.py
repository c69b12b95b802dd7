"""Notices can be read whole in the smallest window, and leave room for the tree."""

from __future__ import annotations

import pytest

from adwarden.storage.settings import Settings
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.icons import Icons
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import MOST, Level, Notice, Remedy
from adwarden.ui.theme import Theme
from adwarden.ui.tree_nodes import Selection
from tests.fakes.services import make_world
from tests.ui.stagehand import Stagehand, make_stagehand, until

LONG = "These are words that say what it is about, and wrap again and again in a narrow pane. "


def told(notice_id: str, times: int) -> Notice:
    button = Remedy("Unlock and retry", lambda: None)
    return Notice(notice_id, Level.WARN, "It is locked.", LONG * times, buttons=(button,))


def bars(hand: Stagehand) -> list[NoticeBar]:
    found = hand.window.notices.findChildren(NoticeBar)
    return sorted((bar for bar in found if bar.isVisible()), key=lambda bar: bar.y())


def cut(hand: Stagehand) -> list[str]:
    """Return the titles of the notices of which a part is seen, but not all."""
    view = hand.window.notices.viewport()
    found = []
    for bar in bars(hand):
        top = bar.mapTo(view, bar.rect().topLeft()).y()
        if top < view.height() < top + bar.height() or bar.height() < bar.heightForWidth(
            bar.width()
        ):
            found.append(bar.notice.title)
    return found


def whole(hand: Stagehand) -> int:
    """Return the height at which nothing need be scrolled."""
    notices = hand.window.notices
    return notices.verticalScrollBar().maximum() + notices.viewport().height()


async def settled(hand: Stagehand) -> None:
    """Wait until the height is that which the words need."""
    last: list[int] = []

    def rests() -> bool:
        last.append(hand.window.notices.height())
        return len(last) > 8 and len(set(last[-8:])) == 1

    await until(rests, "the height of the notices")


async def opened(hand: Stagehand, width: int = 800, height: int = 560) -> None:
    await hand.open(make_world())
    hand.window.resize(width, height)
    tree = hand.window.findChild(AccountTree)
    assert tree is not None
    tree.select(Selection("account", "c1", "18ce54d4x5t"))
    await hand.settle()
    await settled(hand)


async def test_in_practice_the_second_notice_is_not_cut(
    settings: Settings, theme: Theme, icons: Icons
) -> None:
    hand = make_stagehand(settings, theme, icons, suggested=lambda: ())
    await opened(hand)
    assert len(bars(hand)) == 2
    assert cut(hand) == []
    assert hand.window.notices.verticalScrollBar().maximum() == 0
    await hand.close()


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_notice_grows_with_its_words(hand: Stagehand, times: int) -> None:
    await opened(hand)
    hand.window.notices.dismiss("lost")
    hand.window.notices.show_notice(told("new", times))
    await settled(hand)
    assert cut(hand) == []


async def test_the_newest_of_many_are_whole_and_the_rest_is_scrolled_to(hand: Stagehand) -> None:
    await opened(hand)
    for name in ("one", "two", "three"):
        hand.window.notices.show_notice(told(name, 1))
    await settled(hand)
    notices = hand.window.notices
    parent = notices.parentWidget()
    assert parent is not None
    assert notices.height() <= round(parent.height() * MOST)
    assert notices.verticalScrollBar().maximum() > 0
    assert cut(hand) == []
    tree = hand.window.findChild(AccountTree)
    assert tree is not None
    assert tree.height() >= 150


async def test_a_notice_beyond_all_bounds_takes_what_there_is(hand: Stagehand) -> None:
    await opened(hand)
    hand.window.notices.dismiss("lost")
    hand.window.notices.show_notice(told("new", 20))
    await settled(hand)
    notices = hand.window.notices
    parent = notices.parentWidget()
    assert parent is not None
    assert notices.height() == round(parent.height() * MOST)


async def test_a_window_that_becomes_higher_shows_more(hand: Stagehand) -> None:
    await opened(hand)
    for name in ("one", "two", "three"):
        hand.window.notices.show_notice(told(name, 1))
    await settled(hand)
    assert hand.window.notices.verticalScrollBar().maximum() > 0
    hand.window.resize(800, hand.window.height() + round(whole(hand) / MOST))
    await settled(hand)
    assert hand.window.notices.verticalScrollBar().maximum() == 0
    assert cut(hand) == []
