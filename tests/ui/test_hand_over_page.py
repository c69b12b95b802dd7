"""The page of a hand-over: what the preview says while it is empty, and what there is room for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QScrollArea

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.ui.details_place import Place
from adwarden.ui.hand_over_dialog import HandOverDialog
from tests.ui.stagehand import Stagehand, named, press, until
from tests.ui.test_hand_over import FOREIGN, ONE, choose, home, looked, opened, over, preview, shown

__all__ = ["home"]


def pane(dialog: HandOverDialog) -> QPlainTextEdit:
    found = named(dialog, "Preview", QPlainTextEdit)
    assert isinstance(found, QPlainTextEdit)
    return found


def buttons(dialog: HandOverDialog) -> list[str]:
    return [one.text() for one in dialog.findChildren(QPushButton) if one.isVisible()]


async def test_the_preview_says_that_the_secrets_are_read(hand: Stagehand) -> None:
    await hand.open(ONE)
    hand.services.gates["set_of"] = asyncio.Event()
    hand.window.on_demand.handing.hand_over(Place("", "c1"))
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    await until(lambda: pane(dialog).placeholderText() == "Reading the secrets …", "the words")
    dialog._body.list.choose("json")
    assert pane(dialog).placeholderText() == "Reading the secrets …"
    hand.services.gates["set_of"].set()
    await looked(dialog)
    assert preview(dialog)
    assert not pane(dialog).placeholderText()
    await over(hand, dialog)


async def test_the_preview_says_that_they_could_not_be_read(hand: Stagehand) -> None:
    await hand.open(ONE)
    error = KeychainError(ErrorCode.KEYCHAIN_FAILED, "The keychain did not answer", "", "Wait.")
    hand.services.failures["set_of"] = [error]
    dialog = await opened(hand)
    assert pane(dialog).placeholderText() == "The secrets could not be read."
    await until(lambda: "Try again" in buttons(dialog), "the way out")
    press(dialog, "Try again")
    await looked(dialog)
    assert preview(dialog)
    assert not pane(dialog).placeholderText()
    await over(hand, dialog)


async def test_in_a_small_window_more_than_a_few_lines_are_seen(
    hand: Stagehand, home: Path
) -> None:
    (home / ".git").mkdir()  # which there is much to say about
    (home / ".twurlrc").write_text(FOREIGN)
    (home / ".twurlrc").chmod(0o644)
    await hand.open(ONE)
    hand.window.resize(800, 560)
    dialog = await opened(hand)
    await choose(dialog, "twurlrc")
    page = dialog._page
    bar = page.verticalScrollBar()
    await until(lambda: bar.value() == bar.maximum(), "the warning in sight")
    text = pane(dialog)
    lines = text.viewport().height() / text.fontMetrics().lineSpacing()
    assert lines >= 7
    assert bar.maximum() > 0
    top = text.mapTo(page.viewport(), text.rect().topLeft()).y()
    assert top >= -text.height() / 4
    # Another format is seen from its beginning.
    await choose(dialog, "tweepy")
    assert bar.value() == 0
    told = [one.text() for one in dialog._body.findChildren(QLabel) if one.isVisible()]
    assert told.count("Python, tweepy") == 1
    await over(hand, dialog)


async def test_the_page_itself_is_no_stop_of_the_keyboard(hand: Stagehand) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    pages = [one for one in dialog.findChildren(QScrollArea) if one.isVisible()]
    assert pages
    for page in pages:
        assert page.accessibleName()
        assert not page.focusPolicy() & Qt.FocusPolicy.TabFocus
    await over(hand, dialog)
