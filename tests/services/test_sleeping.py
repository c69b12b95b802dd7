"""A computer that sleeps, and a clock that is set, in the middle of a wait."""

from __future__ import annotations

import asyncio

import pytest

from adwarden.domain.errors import RateLimitedError
from adwarden.services.sync_pace import STEP, Pace

HOUR = 3600.0


class Computer:
    """Has a clock that people set and one that they cannot; sleeps and is set at the n-th wait."""

    def __init__(self, *, sleeps: float = 0.0, is_set_by: float = 0.0) -> None:
        self.steady, self.wall = 5_000.0, 1_790_000_000.0
        self.waits: list[float] = []
        self._sleeps, self._is_set_by = sleeps, is_set_by

    async def wait(self, woken: asyncio.Event, seconds: float) -> None:
        self.waits.append(seconds)
        asleep = self._sleeps if len(self.waits) == 2 else 0.0
        self.steady += seconds + asleep
        self.wall += seconds + asleep + (self._is_set_by if len(self.waits) == 2 else 0.0)

    def pace(self) -> Pace:
        return Pace(clock=lambda: self.wall, steady=lambda: self.steady, wait=self.wait)


async def test_a_wait_that_was_slept_through_ends_with_the_first_look() -> None:
    computer = Computer(sleeps=HOUR)
    await computer.pace().until(computer.steady + 900)
    # Two looks instead of the 180 of a quarter of an hour that is lived through.
    assert computer.waits == [STEP, STEP]


async def test_a_wait_longer_than_the_sleep_goes_on_with_what_is_left() -> None:
    computer = Computer(sleeps=100.0)
    moment = computer.steady + 120
    await computer.pace().until(moment)
    assert computer.steady == pytest.approx(moment)
    assert sum(computer.waits) == pytest.approx(20)


@pytest.mark.parametrize("by", [HOUR, -HOUR])
async def test_setting_the_clock_shortens_and_lengthens_no_wait(by: float) -> None:
    computer = Computer(is_set_by=by)
    pace = computer.pace()
    limit = RateLimitedError("Limit", "Used up", "Wait", resets_at=computer.wall + 60)
    await pace.until(pace.resumes(limit))
    assert sum(computer.waits) == pytest.approx(60)
