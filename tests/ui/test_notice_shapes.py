"""A notice gives its words room whatever its buttons are called, and at any width."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from adwarden.domain.model import AppState, Snapshot
from adwarden.services.events import AppSaved
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import Level, Notice, Remedy
from tests.fakes.services import make_app
from tests.ui.stagehand import Stagehand, until


def bar_of(hand: Stagehand) -> NoticeBar:
    (bar,) = [one for one in hand.window.notices.findChildren(NoticeBar) if one.isVisible()]
    return bar


def inside(bar: QWidget, part: QWidget) -> bool:
    at = part.mapTo(bar, QPoint())
    return at.x() >= 0 and at.x() + part.width() <= bar.width()


async def rests(hand: Stagehand) -> None:
    last: list[tuple[int, int]] = []

    def seen() -> bool:
        bar = bar_of(hand)
        last.append((bar.width(), bar.height()))
        return len(last) > 8 and len(set(last[-8:])) == 1

    await until(seen, "the shape of the notice")


@pytest.mark.parametrize("width", [800, 900, 1024, 1400])
async def test_two_long_buttons_leave_the_words_room(hand: Stagehand, width: int) -> None:
    app = make_app()
    await hand.open(Snapshot((app,)))
    hand.window.resize(width, 560)
    hand.services.emit(AppSaved(replace(app, state=AppState.WRONG_KEYS)))
    await hand.settle()
    await rests(hand)
    bar = bar_of(hand)
    view = hand.window.notices.viewport()
    assert bar.width() <= view.width()
    labels = [one for one in bar.findChildren(QLabel) if one.isVisible() and one.text()]
    assert len(labels) == 2
    for label in labels:
        assert label.width() >= 200
        assert label.height() <= 6 * label.fontMetrics().lineSpacing()
    assert all(inside(bar, part) for part in bar.chain)
    assert bar.height() <= 180


def notice(*buttons: str) -> Notice:
    remedies = tuple(Remedy(one, lambda: None) for one in buttons)
    return Notice("one", Level.WARN, "It is locked.", "These are words.", buttons=remedies)


@pytest.mark.parametrize(
    "buttons",
    [
        (),
        ("Yes",),
        ("A button with very many words on it", "Another one with no fewer words on it"),
    ],
)
async def test_what_is_not_wide_enough_goes_below_and_comes_back(
    hand: Stagehand, buttons: tuple[str, ...]
) -> None:
    bar = NoticeBar(notice(*buttons), hand.icons, hand.window.clipboard)
    bar.show()
    for width in (1200, 300, 480, 700, 1200):
        bar.resize(max(width, bar.minimumSizeHint().width()), 200)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        labels = [one for one in bar.findChildren(QLabel) if one.text()]
        assert min(one.width() for one in labels) >= 150
        assert all(inside(bar, part) for part in bar.chain)
    beside = [part.mapTo(bar, QPoint()).y() < labels[1].geometry().bottom() for part in bar.chain]
    assert all(beside)
    bar.deleteLater()
