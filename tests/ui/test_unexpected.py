"""The dialog for what is unexpected: as high as its words need, whatever they are."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog, QPlainTextEdit

from adwarden.ui.dialogs import MOST_REPORTS, UnexpectedDialog
from adwarden.ui.parts import Text
from tests.fakes.services import make_world
from tests.ui.stagehand import Stagehand, named, press, until

LONG = "The window could not do what it was asked for, and it says so at some length. " * 12
REPORT = "\n".join(f"  line {n}, which is not short" for n in range(200))


async def opened(hand: Stagehand, words: str, report: str = REPORT) -> UnexpectedDialog:
    await hand.open(make_world())
    hand.window.reports.show(words, report)
    found = [one for one in hand.window.findChildren(UnexpectedDialog) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def cut_off(dialog: QDialog) -> list[str]:
    """Return the words that are not wholly seen."""
    return [
        part.text()
        for part in dialog.findChildren(Text)
        if part.isVisible()
        and (
            part.height() < part.heightForWidth(part.width())
            or not dialog.rect().contains(part.geometry())
        )
    ]


@pytest.mark.parametrize("words", ["Short.", LONG, "word" * 200])
async def test_it_is_as_high_as_its_words_need(hand: Stagehand, words: str) -> None:
    dialog = await opened(hand, words)
    assert cut_off(dialog) == []
    column = dialog.layout()
    assert column is not None
    assert dialog.height() == column.totalHeightForWidth(dialog.width())
    assert dialog.width() < 700


async def test_longer_words_make_it_higher(hand: Stagehand) -> None:
    short = await opened(hand, "Short.")
    height = short.height()
    press(short, "Close")
    long = await opened(hand, LONG)
    assert long.height() > height + 60


async def test_it_grows_when_the_report_is_unfolded_and_more_happens(hand: Stagehand) -> None:
    dialog = await opened(hand, LONG)
    height = dialog.height()
    press(dialog, "Show report")
    await until(lambda: dialog.height() > height + 120, "growing")
    assert cut_off(dialog) == []
    for _ in range(MOST_REPORTS + 3):
        hand.window.reports.show("Again.", REPORT)
    await hand.settle()
    assert cut_off(dialog) == []
    report = named(dialog, "Report", QPlainTextEdit)
    assert report.height() >= 160
    press(dialog, "Show report")
    await until(lambda: dialog.height() < height + 60, "shrinking")
    assert cut_off(dialog) == []


async def test_it_never_outgrows_a_small_screen(hand: Stagehand) -> None:
    dialog = await opened(hand, LONG * 8)
    room = dialog.screen().availableGeometry().height()
    assert dialog.height() <= room
    close = named(dialog, "Close")
    assert dialog.rect().contains(close.geometry())
