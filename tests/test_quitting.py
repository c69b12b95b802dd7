"""What may stand in the way of the end: tokens that are nowhere else, once and in words."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adwarden.domain.errors import ErrorCode, StorageError
from adwarden.domain.model import MEMORY
from adwarden.quitting import Quitting, end_in_order
from adwarden.session import Session
from adwarden.ui.dialogs import Question
from adwarden.ui.memory_question import ask_about_memory, lost_words
from tests.fakes.services import make_app, make_connection
from tests.ui.conftest import hand, icons, settings, theme
from tests.ui.stagehand import Stagehand, press, until

__all__ = ["hand", "icons", "settings", "theme"]


def ended(quitting: Quitting) -> bool:
    return quitting._ending


def test_nothing_in_memory_is_no_question() -> None:
    asked: list[bool] = []
    quitting = Quitting(lambda: None, lambda: 0, lambda: asked.append(True))
    quitting.ask()
    assert (ended(quitting), asked) == (True, [])


def test_what_is_in_memory_only_is_asked_about_and_a_no_is_a_no() -> None:
    asked: list[bool] = []
    quitting = Quitting(lambda: None, lambda: 1, lambda: asked.append(True))
    quitting.ask()
    assert (ended(quitting), asked) == (False, [True])
    quitting.go_on()  # a dialog closes later: the wish was taken back
    assert (ended(quitting), asked) == (False, [True])
    quitting.ask()
    assert asked == [True, True]
    quitting.end()
    assert ended(quitting)


def test_a_signal_is_not_answered_with_a_question(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[bool] = []
    quitting = Quitting(lambda: None, lambda: 2, lambda: asked.append(True))
    with caplog.at_level(logging.WARNING):
        quitting.ask_by_signal()
    assert (ended(quitting), asked) == (True, [])
    assert "2 entries that were in memory only" in caplog.text


def test_it_is_said_in_words() -> None:
    token, app = make_connection("c1"), make_app("a1")
    assert lost_words([token]) == "1 token"
    assert lost_words([token, token, app]) == "2 tokens and the keys of 1 X app"
    assert lost_words([app]) == "The keys of 1 X app"


@pytest.mark.parametrize(
    ("answer", "happens"),
    [("Cancel", []), ("Quit and lose it", ["end"]), ("Move it …", ["move"])],
)
async def test_the_answers(hand: Stagehand, answer: str, happens: list[str]) -> None:
    await hand.open()
    did: list[str] = []
    work = ask_about_memory(
        hand.window,
        [make_connection("c1")],
        lambda: did.append("end"),
        lambda: did.append("move"),
    )
    hand.tasks.spawn(hand, "ask", work)
    await until(lambda: hand.window.findChildren(Question), "the question")
    dialog = hand.window.findChildren(Question)[0]
    assert "1 token is kept in memory only and ends with Adwarden" in dialog.accessibleDescription()
    await until(dialog.isVisible, "it")
    press(dialog, answer)
    await until(lambda: "ask" not in hand.tasks.running(), "the end")
    assert did == happens


async def test_the_session_asks_once_about_what_is_in_memory(hand: Stagehand) -> None:
    await hand.open()
    # The last one was in the memory of a session that is over.
    rows = [
        replace(make_connection("c1"), place=MEMORY),
        make_connection("c2"),
        replace(make_connection("c3"), place=MEMORY),
    ]
    session = Session.__new__(Session)
    session._window, session._tasks = hand.window, hand.tasks
    roster = SimpleNamespace(apps=[], connections=rows)
    places = SimpleNamespace(in_memory={rows[0].entry})
    accounts = SimpleNamespace(roster=roster)
    session._services = cast("Any", SimpleNamespace(accounts=accounts, places=places))
    session._quitting = Quitting(
        lambda: None, lambda: len(session._in_memory), session._ask_about_memory
    )
    session._quitting.ask()
    session._quitting.ask()
    await until(lambda: hand.window.findChildren(Question), "the question")
    (dialog,) = hand.window.findChildren(Question)
    assert dialog.accessibleDescription().startswith("1 token is kept in memory only")
    await until(dialog.isVisible, "it")
    press(dialog, "Quit and lose it")
    await until(lambda: ended(session._quitting), "the end")


async def test_each_step_of_the_end_has_its_own_time(caplog: pytest.LogCaptureFixture) -> None:
    told: list[BaseException] = []
    done: list[str] = []

    async def hang() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        raise StorageError(ErrorCode.STORAGE, "The disk is full", "Nothing can be written.")

    async def close() -> None:
        done.append("closed")

    with caplog.at_level(logging.WARNING):
        await end_in_order(
            (0.01, hang), (5, fail), (5, close),
            funnel=lambda error, _: told.append(error), running=lambda: ("a prompt",),
        )  # fmt: skip
    assert done == ["closed"]
    assert [str(one) for one in told] == ["The disk is full. Nothing can be written."]
    assert "'hang', 'a prompt'" in caplog.text
    assert "The disk is full" in caplog.text


async def test_a_step_that_nobody_expected_to_fail_keeps_none_from_being_taken() -> None:
    done: list[str] = []

    async def fail() -> None:
        raise ZeroDivisionError

    async def close() -> None:
        done.append("closed")

    with pytest.raises(ZeroDivisionError):
        await end_in_order((5, fail), (5, close), funnel=print, running=tuple)
    assert done == ["closed"]
