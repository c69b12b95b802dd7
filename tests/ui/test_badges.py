from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from adwarden.domain.model import Access, AccountEntry, AdAccount, ConnectionState
from adwarden.domain.permissions import PERMISSIONS
from adwarden.ui.badge_paint import BadgeLabel, BadgePainter, BadgeRow
from adwarden.ui.badges import (
    LOADING,
    Badge,
    access_badges,
    account_badges,
    approval_badge,
    permission_badge,
    permission_badges,
    state_badge,
    user_type_badge,
)
from adwarden.ui.icons import Icons
from adwarden.ui.rail_paint import fitting
from adwarden.ui.theme import Theme
from adwarden.ui.tokens import DARK, LIGHT, Palette, contrast


@pytest.fixture
def painter(qapp: QApplication) -> BadgePainter:
    return BadgePainter(Icons(Theme(qapp, "light")))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
@pytest.mark.parametrize("style", sorted(LIGHT.badges))
def test_badges_are_legible_wherever_they_stand(palette: Palette, style: str) -> None:
    colours = palette.badges[style]
    grounds = [palette.pane, palette.window, palette.selection, palette.hover]
    for ground in [colours.fill] if colours.fill else grounds:
        assert contrast(colours.text, ground) >= 4.5


def test_both_palettes_have_the_same_badges() -> None:
    assert set(LIGHT.badges) == set(DARK.badges)


@pytest.mark.parametrize("value", sorted(PERMISSIONS))
def test_each_permission_has_a_style_of_its_own_and_full_words(value: str) -> None:
    badge = permission_badge(value)
    assert badge.style in LIGHT.badges
    assert badge.text == PERMISSIONS[value].label
    assert badge.wording == PERMISSIONS[value].wording
    others = {permission_badge(other).style for other in PERMISSIONS if other != value}
    assert badge.style not in others


def test_permissions_come_strongest_first_and_once() -> None:
    found = permission_badges(["TWEET_COMPOSER", "NEW_ONE", "AD_MANAGER", "AD_MANAGER"])
    assert [badge.text for badge in found] == ["Ad manager", "Posts", "NEW_ONE"]
    assert found[-1].style == "unknown"
    assert LIGHT.badges["unknown"].dashed
    assert found[1].icon == "pencil"


def test_types_of_promotable_users() -> None:
    assert user_type_badge("FULL").style == "filled"
    assert user_type_badge("RETWEETS_ONLY").style == "outlined"
    assert user_type_badge("SOMETHING").text == "SOMETHING"


def test_approval_is_shown_when_there_is_something_to_tell() -> None:
    assert approval_badge("ACCEPTED") is None
    assert approval_badge("") is None
    review = approval_badge("UNDER_REVIEW")
    assert review is not None
    assert review.text == "Under review"
    odd = approval_badge("ODD")
    assert odd is not None
    assert odd.style == "unknown"


def test_states_differ_in_shape_and_word_not_in_colour_alone() -> None:
    marks = {state: state_badge(state) for state in ConnectionState}
    assert marks[ConnectionState.WORKING].mark == "dot"
    assert marks[ConnectionState.REVOKED].mark == "ring"
    assert marks[ConnectionState.ATTENTION].mark == "diamond"
    assert len({badge.text for badge in marks.values()}) == len(ConnectionState)


def test_an_account_that_is_not_fetched_waits_and_a_failed_one_does_not() -> None:
    account = AdAccount("18k", "Northwind", "REJECTED", deleted=True)
    assert access_badges(AccountEntry(account)) == (LOADING,)
    assert access_badges(AccountEntry(account, access_error="timed out")) == ()
    empty = AccountEntry(account, Access("1", ()))
    assert [badge.text for badge in account_badges(empty)] == [
        "No permission",
        "Rejected",
        "Deleted",
    ]


@given(st.text(max_size=80))
def test_any_value_becomes_one_quiet_line(value: str) -> None:
    for badge in (permission_badge(value), user_type_badge(value)):
        assert badge.text.splitlines() == [badge.text]
        assert len(badge.text) <= 40
        assert badge.wording


def drawn(painter: BadgePainter, badge: Badge, room: float = 300) -> tuple[float, QImage]:
    image = QImage(300, 32, QImage.Format.Format_ARGB32)
    image.fill(0)
    canvas = QPainter(image)
    end = painter.paint(canvas, badge, 0, 16, room)
    canvas.end()
    return end, image


def touched(image: QImage) -> int:
    return max(
        (x for x in range(image.width()) for y in range(32) if image.pixelColor(x, y).alpha()),
        default=-1,
    )


@pytest.mark.parametrize(
    "badge",
    [
        permission_badge("ACCOUNT_ADMIN"),
        permission_badge("TWEET_COMPOSER"),
        permission_badge("LOYALTY_MANAGER"),
        state_badge(ConnectionState.REVOKED),
        state_badge(ConnectionState.UNKNOWN),
        LOADING,
    ],
    ids=lambda badge: badge.text or "loading",
)
def test_a_badge_is_painted_inside_its_width(painter: BadgePainter, badge: Badge) -> None:
    end, image = drawn(painter, badge)
    assert 0 < touched(image) <= end + 1
    assert end == painter.width(badge)


def test_a_badge_without_room_is_cut_short(painter: BadgePainter) -> None:
    end, image = drawn(painter, permission_badge("PARTNER_AUDIENCE_MANAGER"), 60)
    assert end == 60
    assert touched(image) <= 60


def test_a_label_says_all_it_means(painter: BadgePainter, qtbot: QtBot) -> None:
    label = BadgeLabel(painter, permission_badge("AD_MANAGER"))
    qtbot.addWidget(label)
    assert label.accessibleName().startswith("Ad manager: may change campaigns")
    assert label.toolTip() == label.accessibleName()


def test_a_row_wraps_when_it_is_narrow(painter: BadgePainter, qtbot: QtBot) -> None:
    row = BadgeRow(painter, permission_badges(PERMISSIONS))
    qtbot.addWidget(row)
    row.resize(600, 100)
    assert row.heightForWidth(2000) < row.heightForWidth(150)
    assert "Organic analyst" in row.accessibleName()
    row.set_badges([permission_badge("X<b>")])
    assert [badge.text for badge in row.badges] == ["X<b>"]
    assert row.heightForWidth(150) == row.heightForWidth(2000)


def test_how_a_connection_stands_is_never_cut_in_its_middle(theme: Theme) -> None:
    metrics = QFontMetrics(theme.font("caption"))
    words, brief = "revoked, worked 12 min ago", "revoked"
    room = metrics.horizontalAdvance(words)
    assert fitting(metrics, words, brief, room + 4) == words
    assert fitting(metrics, words, brief, room - 4) == brief
    cut = fitting(metrics, "needs attention", "", metrics.horizontalAdvance("needs att"))
    assert cut.startswith("needs")
    assert cut.endswith("…")
