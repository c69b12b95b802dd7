"""How a narrow tree shares its width among names, the best connection and permissions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from adwarden.ui.account_tree import AccountTree
from adwarden.ui.badge_paint import BadgePainter
from adwarden.ui.badges import Badge, permission_badges
from adwarden.ui.icons import Icons
from adwarden.ui.row_shares import LEAST_NAME, READABLE, SPACE
from adwarden.ui.theme import Theme
from adwarden.ui.tree_delegate import gathered, readable
from tests.fakes.services import NOW, make_world

SMALLEST = 400
"""Pixels of the tree in the smallest window."""

BEST = Badge("@northwind_ads +1", "Best: @northwind_ads", "outlined", "check")
REVIEW = Badge("Under review", "Approval of the ad account: under review", "warn")


@pytest.fixture
def tree(qapp: QApplication, qtbot: QtBot) -> AccountTree:
    made = AccountTree(Icons(Theme(qapp, "light")), clock=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(SMALLEST, 400)
    made.show()
    qtbot.waitExposed(made)
    made.load(make_world())
    qtbot.waitUntil(lambda: made.settled)
    return made


@pytest.fixture
def painter(qapp: QApplication) -> BadgePainter:
    return BadgePainter(Icons(Theme(qapp, "light")))


def test_by_ad_account_the_permissions_give_way(tree: AccountTree, qtbot: QtBot) -> None:
    qtbot.waitUntil(tree.verticalScrollBar().isVisible)
    before = tree.columnWidth(0)
    tree.look(by_account=True)
    # The arrow, the paddings, then a name and a best connection that can be read.
    assert tree.columnWidth(0) >= 20 + 4 + 6 + LEAST_NAME + SPACE + READABLE
    assert 56 <= tree.columnWidth(1) < 90
    tree.look(by_account=False)
    qtbot.waitUntil(lambda: tree.columnWidth(0) == before)
    assert tree.columnWidth(1) >= 96


def test_where_there_is_room_both_ways_look_the_same(tree: AccountTree) -> None:
    tree.resize(900, 400)
    widths = [tree.columnWidth(at) for at in range(3)]
    tree.look(by_account=True)
    assert [tree.columnWidth(at) for at in range(3)] == widths


def test_widths_that_a_person_has_set_stay(tree: AccountTree) -> None:
    tree.resize(900, 400)
    tree.header().resizeSection(1, 150)
    tree.look(by_account=True)
    assert tree.columnWidth(1) == 150


def test_permissions_without_room_become_one_badge_of_the_strongest(painter: BadgePainter) -> None:
    badges = permission_badges(("TWEET_COMPOSER", "AD_MANAGER"))
    assert gathered(badges, 400, painter) is badges
    assert gathered(badges, 110, painter) is badges  # cut short, beside a number
    for cut in ("Ad m… +1", "Ad… +1"):
        room = painter.width(replace(badges[0], text=cut))
        (some,) = gathered(badges, room, painter)
        assert (some.text, some.style) == (cut, "ad_manager")
    (few,) = gathered(badges, room - 1, painter)
    assert (few.text, few.style) == ("2", "ad_manager")
    assert gathered(badges[:1], 42, painter) == badges[:1]
    for room in range(30, 300):
        shown = gathered(badges, room, painter)
        assert len(shown) == 2 or painter.width(shown[0]) <= room


def test_the_best_connection_is_read_before_a_status_is(painter: BadgePainter) -> None:
    both = (BEST, REVIEW)
    assert readable(both, 400, painter) is both
    assert readable(both, 130, painter) == both
    assert readable(both, READABLE, painter) == (BEST,)


def test_a_tick_makes_room_for_letters(painter: BadgePainter) -> None:
    assert readable((BEST,), 400, painter) == (BEST,)
    (cut,) = readable((BEST,), READABLE, painter)
    assert (cut.text, cut.icon, cut.wording) == (BEST.text, "", BEST.wording)
    doubt = Badge("@northwind_ads", "May", "unknown", "circle-help")
    assert readable((doubt,), READABLE, painter) == (doubt,)
