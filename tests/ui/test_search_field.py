"""Search does not keep the keyboard: Tab completes what was begun, and then goes on."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from adwarden.domain.completion import offers
from adwarden.ui.search_field import SearchField
from tests.fakes.services import make_world
from tests.ui.stagehand import Stagehand, named


async def field_of(hand: Stagehand) -> SearchField:
    await hand.open(make_world())
    QTest.keyClick(hand.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = named(hand.window, "Search", QLineEdit)
    assert isinstance(field, SearchField)
    assert field.hasFocus()
    return field


def tab(field: SearchField) -> None:
    QTest.keyClick(field, Qt.Key.Key_Tab)


@pytest.mark.parametrize(
    "typed", ["", "fabrikam", "role:", "role:admin ", "zzz:", '"open', "@nobody", "state:?"]
)
async def test_tab_leaves_where_nothing_was_begun(hand: Stagehand, typed: str) -> None:
    field = await field_of(hand)
    QTest.keyClicks(field, typed)
    before = field.text()
    tab(field)
    assert not field.hasFocus()
    assert field.text() == before
    assert field.popup is None
    assert QApplication.focusWidget() is not None


async def test_backtab_always_leaves(hand: Stagehand) -> None:
    field = await field_of(hand)
    QTest.keyClicks(field, "ro")
    assert field.popup is not None
    QTest.keyClick(field, Qt.Key.Key_Backtab)
    assert not field.hasFocus()
    assert field.text() == "ro"
    assert field.popup is None


async def test_tab_completes_what_was_begun_and_leaves_at_the_next(hand: Stagehand) -> None:
    field = await field_of(hand)
    QTest.keyClicks(field, "ro")
    tab(field)
    assert field.text() == "role:"
    assert field.hasFocus()
    tab(field)
    assert not field.hasFocus()
    assert field.text() == "role:"


@pytest.mark.parametrize(
    "typed",
    ["r", "-", "role:a", "role:ad", "can:c", "is:s", "-st", "@n", "handle:c", "app:", "name:f"],
)
async def test_tab_is_never_a_trap(hand: Stagehand, typed: str) -> None:
    field = await field_of(hand)
    QTest.keyClicks(field, typed)
    for _ in range(3):
        if field.hasFocus():
            tab(field)
    assert not field.hasFocus(), field.text()


async def test_what_escape_has_closed_completes_nothing(hand: Stagehand) -> None:
    field = await field_of(hand)
    QTest.keyClicks(field, "ro")
    assert offers("ro", 2, field.values)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "ro"
    tab(field)
    assert not field.hasFocus()
    assert field.text() == "ro"


@pytest.mark.parametrize(
    ("typed", "key", "text"),
    [
        ("role:adm", Qt.Key.Key_Tab, "role:admin "),
        ("role:adm", Qt.Key.Key_Down, "role:admin "),
        ("-is:sta", Qt.Key.Key_Tab, "-is:stale "),
    ],
)
async def test_after_a_whole_term_the_list_stays_closed_until_somebody_goes_on(
    hand: Stagehand, typed: str, key: Qt.Key, text: str
) -> None:
    field = await field_of(hand)
    QTest.keyClicks(field, typed)
    QTest.keyClick(field, key)
    if key != Qt.Key.Key_Tab:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == text
    assert field.popup is None
    await hand.settle()
    assert field.popup is None
    QTest.keyClick(field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert field.popup is not None
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClicks(field, "c")
    assert field.popup is not None
    assert [offer.label for offer in field.popup.offers] == ["can:"]
