from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adwarden.services import sync_ease
from adwarden.services.sync_ease import CALM, LATE, LEAST, QUICK, SMOOTH, Ease
from adwarden.services.sync_turns import Turns

IN_TIME, TOO_LATE = 0.0, LATE * 2
IDLE, BUSY = 0.2, 1.0


@contextmanager
def watched(most: int, grown: list[int]) -> Iterator[Ease]:
    """Yield one that is told what to see; its own looks are too far away to come."""
    ease = Ease(most, lambda: grown.append(ease.places))
    ease.watch()
    yield ease
    ease.rest()


@pytest.fixture(autouse=True)
def _no_looks_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_ease, "LOOK", 3600.0)


def looks(ease: Ease, late: float, times: int = 1, *, load: float = BUSY) -> None:
    for _ in range(times):
        ease.see(late, load)


def loaded(ease: Ease) -> None:
    """Have it know of a load, whatever its places are then."""
    ease._load = BUSY
    ease.see(TOO_LATE, BUSY)


async def test_it_begins_with_few_and_adds_to_them_quickly_where_there_is_no_load() -> None:
    grown: list[int] = []
    with watched(10, grown) as ease:
        assert ease.places == LEAST
        looks(ease, IN_TIME, QUICK - 1, load=IDLE)
        assert grown == []
        looks(ease, IN_TIME, load=IDLE)
        assert grown == [LEAST + 1]
        looks(ease, IN_TIME, 100 * QUICK, load=IDLE)
        assert grown == list(range(LEAST + 1, 11))
        assert ease.places == 10


async def test_a_far_server_gets_all_of_them_however_late_the_loop_is_for_other_reasons() -> None:
    with watched(10, []) as ease:
        looks(ease, TOO_LATE, 10 * QUICK, load=IDLE)
        assert ease.places == 10


async def test_under_load_a_late_loop_halves_them_and_never_below_the_least() -> None:
    with watched(10, []) as ease:
        looks(ease, IN_TIME, 10 * QUICK, load=IDLE)
        looks(ease, IN_TIME, 2 * SMOOTH)
        assert ease.places == 10
        looks(ease, TOO_LATE)
        assert ease.places == 5
        looks(ease, TOO_LATE, 10)
        assert ease.places == LEAST


async def test_under_load_one_more_is_tried_only_after_many_looks_that_were_in_time() -> None:
    grown: list[int] = []
    with watched(10, grown) as ease:
        loaded(ease)
        before = ease.places
        grown.clear()
        for _ in range(5):
            looks(ease, IN_TIME, CALM - 1)
            looks(ease, TOO_LATE)
        assert grown == []
        looks(ease, IN_TIME, CALM)
        assert grown == [max(LEAST, before // 2) + 1]


async def test_a_single_turn_of_the_window_is_no_load() -> None:
    with watched(10, []) as ease:
        looks(ease, IN_TIME, 10 * QUICK, load=IDLE)
        looks(ease, TOO_LATE)
        assert ease.places == 10


async def test_the_places_stay_for_the_next_time_and_nobody_looks_meanwhile() -> None:
    with watched(10, []) as ease:
        looks(ease, IN_TIME, 3 * QUICK, load=IDLE)
        ease.rest()
        ease.rest()
        assert ease.places == LEAST + 3
        ease.watch()
        assert ease.places == LEAST + 3


async def test_true_clocks_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_ease, "LOOK", 0.001)
    grown = asyncio.Event()
    ease = Ease(LEAST + 1, grown.set)
    seen: list[tuple[float, float]] = []
    judge = ease.see

    def see(late: float, load: float) -> None:
        seen.append((late, load))
        judge(late, load)

    monkeypatch.setattr(ease, "see", see)
    ease.watch()
    async with asyncio.timeout(30):
        await grown.wait()
    ease.rest()
    assert ease.places == LEAST + 1
    assert all(late >= 0 and load >= 0 for late, load in seen)


async def test_who_waits_for_a_turn_gets_it_when_there_is_one_more() -> None:
    turns, began = Turns(10), list[int]()

    async def take(number: int) -> None:
        await turns.take(lambda: False)
        began.append(number)

    waiting = [asyncio.ensure_future(take(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert began == list(range(LEAST))
    looks(turns._ease, IN_TIME, QUICK, load=IDLE)
    await asyncio.sleep(0)
    assert began == list(range(LEAST + 1))
    # Fewer are begun now: what is given back is not taken again before there is room.
    loaded(turns._ease)
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
