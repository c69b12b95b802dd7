"""The system's question about its keychain, asked from the page on where secrets are kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import KEYCHAIN
from adwarden.services.accounts import Accounts
from adwarden.services.keychain import Keychain
from adwarden.storage.keychain_status import KeychainStatus
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.unlocking import UNLOCKING_NOTICE
from tests.fakes.keychain import LOCKED, READY
from tests.services.conftest import OpenHouse, open_house
from tests.ui.stagehand import press, until
from tests.ui.test_places import room

__all__ = ["open_house"]


@dataclass
class Question:
    """A keychain that is locked, and its question, which nobody answers before ``answer``."""

    answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    refused: KeychainError | None = None
    status: KeychainStatus = LOCKED


@pytest.fixture
def question(monkeypatch: pytest.MonkeyPatch) -> Question:
    one = Question()
    real = Keychain.status

    async def status(keychain: Keychain) -> KeychainStatus:
        if keychain._place != KEYCHAIN:
            return await real(keychain)
        return keychain._tell(one.status)

    async def unlock(_: Accounts, place: str = KEYCHAIN) -> KeychainStatus:
        assert place == KEYCHAIN
        one.asked += 1
        await one.answer.wait()
        if one.refused is not None:
            raise one.refused
        one.status = READY
        return READY

    monkeypatch.setattr(Keychain, "status", status)
    monkeypatch.setattr(Accounts, "unlock", unlock)
    return one


def names(page: QDialog) -> list[str]:
    return [one.accessibleName() for one in page.findChildren(QPushButton) if one.isVisible()]


def told(page: QDialog, words: str) -> list[str]:
    """Return the roles in which these words are written."""
    labels = [one for one in page.findChildren(QLabel) if one.isVisible() and words in one.text()]
    return [str(one.property("role")) for one in labels]


UNLOCK, CANCEL = "Unlock System keychain", "Cancel unlocking"


async def test_it_waits_with_a_way_out_and_no_is_no_failure(
    open_house: OpenHouse, theme: Theme, icons: Icons, question: Question
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        page = await here.open_places()
        await until(lambda: UNLOCK in names(page), "the button")
        press(page, UNLOCK)
        await until(lambda: question.asked == 1, "the question")
        await until(lambda: CANCEL in names(page), "the way out")
        assert UNLOCK not in names(page)  # a second press would wait behind the first
        assert told(page, "Waiting for Test keychain to be unlocked.") == ["dim"]
        assert UNLOCKING_NOTICE in here.notices()
        press(page, CANCEL)
        await until(lambda: UNLOCK in names(page), "the button again")
        assert told(page, "was cancelled") == ["dim"]
        assert UNLOCKING_NOTICE not in here.notices()
        question.refused = KeychainError(ErrorCode.KEYCHAIN_DISMISSED, "It was dismissed", "By you")
        question.answer.set()
        press(page, UNLOCK)
        await until(lambda: bool(told(page, "It was dismissed")), "the answer")
        assert told(page, "It was dismissed") == ["dim"]
        question.refused = None
        press(page, UNLOCK)
        await until(lambda: UNLOCK not in names(page) and CANCEL not in names(page), "the end")
        assert told(page, "It was dismissed") == []


async def test_a_question_that_is_open_already_is_waited_for_here_too(
    open_house: OpenHouse, theme: Theme, icons: Icons, question: Question
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        here.window.commands.unlock(KEYCHAIN)
        await until(lambda: question.asked == 1, "the question")
        page = await here.open_places()
        await until(lambda: CANCEL in names(page), "the way out")
        question.refused = KeychainError(ErrorCode.KEYCHAIN_FAILED, "It failed", "It broke.")
        question.answer.set()
        await until(lambda: bool(told(page, "It failed")), "the failure")
        assert told(page, "It failed") == ["error"]
        assert question.asked == 1


async def test_closing_the_page_leaves_the_question_to_the_window(
    open_house: OpenHouse, theme: Theme, icons: Icons, question: Question
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        page = await here.open_places()
        await until(lambda: UNLOCK in names(page), "the button")
        press(page, UNLOCK)
        await until(lambda: question.asked == 1, "the question")
        page.close()
        assert UNLOCKING_NOTICE in here.notices()
        question.answer.set()
        await until(lambda: UNLOCKING_NOTICE not in here.notices(), "the answer")
        page = await here.open_places()
        assert told(page, "Waiting for") == []
