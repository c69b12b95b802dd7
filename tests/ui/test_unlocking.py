"""Waiting for the system's question, and not waiting any more."""

from __future__ import annotations

import asyncio

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import KEYCHAIN
from adwarden.services.events import KeychainChanged
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.notices import KEYCHAIN_NOTICE
from adwarden.ui.unlocking import CANCELLED, UNLOCKING_NOTICE, keychain_notice
from tests.fakes.services import LOCKED, READY, make_world
from tests.ui.stagehand import Stagehand, press, until
from tests.ui.test_main_window import words


def shown(hand: Stagehand) -> dict[str, str]:
    return {one.id: one.title for one in hand.window.notices.shown() if "keychain" in one.id}


async def waiting(hand: Stagehand) -> None:
    """Have a window whose keychain asks a question that nobody answers."""
    await hand.open(make_world())
    hand.services.keychain = LOCKED
    hand.services.emit(KeychainChanged(LOCKED))
    hand.services.gates["unlock"] = asyncio.Event()
    press(hand.window, "Unlock and retry")
    await until(lambda: ("unlock",) in hand.services.asked, "the question")


async def test_a_question_that_hangs_can_be_cancelled_and_is_offered_again(hand: Stagehand) -> None:
    await waiting(hand)
    assert shown(hand) == {UNLOCKING_NOTICE: "Waiting for GNOME Keyring to be unlocked."}
    hand.window.commands.unlock_and_retry()
    hand.window.commands.unlock(KEYCHAIN)
    await hand.settle_window()
    assert hand.services.asked.count(("unlock",)) == 1  # one question at a time
    before = len(hand.services.asked)
    press(hand.window, "Cancel")
    # At once: nothing is waited for.
    assert shown(hand) == {KEYCHAIN_NOTICE: "GNOME Keyring is locked."}
    assert CANCELLED in words(hand.window)
    await until(lambda: ("keychain_status",) in hand.services.asked[before:], "the look")
    await hand.settle()
    assert shown(hand) == {KEYCHAIN_NOTICE: "GNOME Keyring is locked."}
    assert ("refresh_all",) not in hand.services.asked[before:]
    # And again, this time with an answer.
    hand.services.gates["unlock"].set()
    press(hand.window, "Unlock and retry")
    await until(lambda: ("refresh_all",) in hand.services.asked[before:], "the refresh")
    assert shown(hand) == {}


async def test_what_is_dismissed_is_a_warning_and_offered_again(hand: Stagehand) -> None:
    await waiting(hand)
    no = KeychainError(ErrorCode.KEYCHAIN_DISMISSED, "The keychain’s prompt was dismissed", "")
    hand.services.failures["unlock"] = [no]
    hand.services.gates["unlock"].set()
    await until(lambda: UNLOCKING_NOTICE not in shown(hand), "the answer")
    (notice,) = [one for one in hand.window.notices.shown() if one.id == KEYCHAIN_NOTICE]
    assert notice.level.value == "warn"
    assert [one.text for one in notice.buttons] == ["Unlock and retry"]


async def test_a_question_that_cannot_be_closed_is_said_to_be_open(hand: Stagehand) -> None:
    await waiting(hand)
    stuck = KeychainError(ErrorCode.KEYCHAIN_TIMEOUT, "The system keychain is busy", "")
    hand.services.failures["keychain_status"] = [stuck]
    press(hand.window, "Cancel")
    await until(lambda: "still open" in shown(hand).get(KEYCHAIN_NOTICE, ""), "the words")
    (notice,) = [one for one in hand.window.notices.shown() if one.id == KEYCHAIN_NOTICE]
    assert [one.text for one in notice.buttons] == ["Unlock and retry"]


async def test_no_question_is_promised_where_there_is_no_keychain(hand: Stagehand) -> None:
    await hand.open(make_world())
    missing = KeychainStatus(KeychainState.MISSING, "Secret Service", "No program.", "Start one.")
    hand.services.emit(KeychainChanged(missing))
    hand.services.gates["unlock"] = asyncio.Event()
    press(hand.window, "Try again")
    await until(lambda: ("unlock",) in hand.services.asked, "the look")
    assert shown(hand) == {UNLOCKING_NOTICE: "Waiting for the system keychain."}
    hand.services.gates["unlock"].set()
    await hand.settle()
    assert shown(hand) == {}


async def test_an_unlock_from_elsewhere_can_be_cancelled_too(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.gates["unlock"] = asyncio.Event()
    hand.window.commands.unlock(KEYCHAIN)
    await until(lambda: ("unlock",) in hand.services.asked, "the question")
    assert UNLOCKING_NOTICE in shown(hand)
    hand.services.keychain = READY
    press(hand.window, "Cancel")
    await hand.settle()
    assert shown(hand) == {}


async def test_the_end_of_the_program_waits_for_no_answer(hand: Stagehand) -> None:
    await waiting(hand)
    async with asyncio.timeout(2):
        await hand.tasks.close()
    assert hand.tasks.running() == ()
    assert UNLOCKING_NOTICE not in shown(hand)


def test_each_state_of_the_keychain_has_its_words() -> None:
    for state in KeychainState:
        notice = keychain_notice(KeychainStatus(state, "", "Why.", "Do."))
        fine = state in (KeychainState.READY, KeychainState.UNKNOWN)
        assert (notice is None) == fine
        assert notice is None or notice.title.endswith(".")
    assert keychain_notice(None) is not None


async def test_every_wish_for_it_waits_for_the_same_answer(hand: Stagehand) -> None:
    await waiting(hand)
    done: list[str] = []
    hand.window.commands.unlock(KEYCHAIN, lambda: done.append("first"))
    hand.window.commands.unlock(KEYCHAIN, lambda: done.append("second"))
    hand.window.commands.unlock_and_retry()
    await hand.settle_window()
    before = len(hand.services.asked)
    assert (done, hand.services.asked.count(("unlock",))) == ([], 1)
    hand.services.keychain = READY
    hand.services.gates["unlock"].set()
    await until(lambda: ("refresh_all",) in hand.services.asked[before:], "the refresh")
    assert done == ["first", "second"]
    assert hand.services.asked[before:].count(("refresh_all",)) == 1
    assert shown(hand) == {}


async def test_whoever_waited_is_told_that_it_was_cancelled_and_does_nothing(
    hand: Stagehand,
) -> None:
    await waiting(hand)
    done: list[str] = []
    heard: list[AdwardenError | None] = []
    hand.window.commands.unlock(KEYCHAIN, lambda: done.append("then"), heard.append)
    press(hand.window, "Cancel")
    await hand.settle()
    assert [one.code for one in heard if one] == [ErrorCode.KEYCHAIN_DISMISSED]
    # Nor is it done when somebody unlocks it later for another reason.
    hand.services.gates["unlock"].set()
    press(hand.window, "Unlock and retry")
    await hand.settle()
    assert (done, len(heard)) == ([], 1)
