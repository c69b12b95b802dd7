from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adwarden.services import sync_ease
from adwarden.services.sync_ease import CALM, LATE, LEAST, Ease
from adwarden.services.sync_turns import Turns

IN_TIME, TOO_LATE = 0.0, LATE * 2


@contextmanager
def watched(most: int, grown: list[int]) -> Iterator[Ease]:
    """Yield one that looks when it is told to; its own looks are too far away to come."""
    ease = Ease(most, lambda: grown.append(ease.places))
    ease.watch()
    yield ease
    ease.rest()


@pytest.fixture(autouse=True)
def _no_looks_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_ease, "LOOK", 3600.0)


def looks(ease: Ease, late: float, times: int = 1) -> None:
    for _ in range(times):
        ease._look(late)


async def test_it_begins_with_few_and_adds_one_after_looks_that_were_in_time() -> None:
    grown: list[int] = []
    with watched(10, grown) as ease:
        assert ease.places == LEAST
        looks(ease, IN_TIME, CALM - 1)
        assert grown == []
        looks(ease, IN_TIME)
        assert grown == [LEAST + 1]
        looks(ease, IN_TIME, 100 * CALM)
        assert grown == list(range(LEAST + 1, 11))
        assert ease.places == 10


async def test_a_late_loop_halves_them_and_never_below_the_least() -> None:
    with watched(10, []) as ease:
        looks(ease, IN_TIME, 100 * CALM)
        looks(ease, TOO_LATE)
        assert ease.places == 5
        looks(ease, TOO_LATE, 10)
        assert ease.places == LEAST


async def test_one_late_look_among_others_begins_the_count_anew() -> None:
    with watched(10, []) as ease:
        for _ in range(5):
            looks(ease, IN_TIME, CALM - 1)
            looks(ease, TOO_LATE)
        assert ease.places == LEAST


async def test_the_places_stay_for_the_next_time_and_nobody_looks_meanwhile() -> None:
    with watched(10, []) as ease:
        looks(ease, IN_TIME, 3 * CALM)
        ease.rest()
        ease.rest()
        assert ease.places == LEAST + 3
        ease.watch()
        assert ease.places == LEAST + 3


async def test_it_is_a_true_clock_that_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_ease, "LOOK", 0.001)
    grown = asyncio.Event()
    ease = Ease(LEAST + 1, grown.set)
    ease.watch()
    async with asyncio.timeout(30):
        await grown.wait()
    assert ease.places == LEAST + 1
    ease.rest()


async def test_who_waits_for_a_turn_gets_it_when_there_is_one_more() -> None:
    turns, began = Turns(10), list[int]()

    async def take(number: int) -> None:
        await turns.take(lambda: False)
        began.append(number)

    waiting = [asyncio.ensure_future(take(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert began == list(range(LEAST))
    looks(turns._ease, IN_TIME, CALM)
    await asyncio.sleep(0)
    assert began == list(range(LEAST + 1))
    # Fewer are begun now: what is given back is not taken again before there is room.
    looks(turns._ease, TOO_LATE)
    turns.give()
    await asyncio.sleep(0)
    assert began == list(range(LEAST + 1))
    for _ in range(4):
        turns.give()
        await asyncio.sleep(0)
    assert began == list(range(5))
    await asyncio.gather(*waiting)


async def test_nothing_looks_at_the_loop_once_all_turns_are_given_back() -> None:
    turns = Turns(10)
    await turns.take(lambda: False)
    assert turns._ease._timer is not None
    turns.give()
    assert turns._ease._timer is None
