"""How long a read is tried again, with every kind of end."""

from __future__ import annotations

import asyncio

import pytest

from adwarden.domain.errors import ErrorCode, NetworkError
from adwarden.services.sync_pace import MAX_TRIES, PATIENCE, Pace


class Slow:
    """A server whose every answer takes ``seconds`` and is a failure, on a clock of its own."""

    def __init__(self, seconds: float, code: ErrorCode = ErrorCode.NO_NETWORK) -> None:
        self.now, self.asked = 1000.0, 0
        self._seconds, self._code = seconds, code

    async def call(self) -> None:
        self.asked += 1
        self.now += self._seconds
        raise NetworkError(self._code, "No answer in time", "It did not answer.")

    async def wait(self, woken: asyncio.Event, seconds: float) -> None:
        self.now += seconds

    async def tried(self) -> float:
        """Read until it is given up; return the seconds that took."""
        pace = Pace(steady=lambda: self.now, wait=self.wait, chance=lambda: 1.0)
        with pytest.raises(NetworkError):
            await pace.read(self.call)
        return self.now - 1000.0


@pytest.mark.parametrize(
    ("seconds", "tries"), [(0.0, MAX_TRIES), (1.0, MAX_TRIES), (30.0, 2), (PATIENCE + 1, 1)]
)
async def test_a_silent_server_is_told_of_before_long(seconds: float, tries: int) -> None:
    server = Slow(seconds)
    took = await server.tried()
    assert server.asked == tries
    assert took < PATIENCE + 30


async def test_what_does_not_pass_is_not_tried_again() -> None:
    server = Slow(0.0, ErrorCode.TLS)
    await server.tried()
    assert server.asked == 1
