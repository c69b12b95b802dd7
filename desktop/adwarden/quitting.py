"""The wish to end the program, and what may stand in its way: tokens that would be lost."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError

if TYPE_CHECKING:
    import asyncio

    from PySide6.QtWidgets import QDialog


_log = logging.getLogger(__name__)

NOTE_SECONDS = 1.0
"""How long noting what was removed may take, before anything else that could use up the time."""

STOP_SECONDS = 2.0
"""How long what the window has begun may take to stop."""

Funnel = Callable[[BaseException, str], None]
Step = Callable[[], Awaitable[None]]


async def end_in_order(
    *steps: tuple[float, Step],
    funnel: Funnel,
    running: Callable[[], Iterable[str]],
) -> None:
    """Take the steps of an orderly end, each with its own time in seconds, whatever others do.

    What is expected to fail at times is told to ``funnel`` and logged; ``running`` tells what
    was not waited for.
    """
    async with AsyncExitStack() as ending:
        for seconds, step in reversed(steps):
            ending.push_async_callback(_in_time, seconds, step, funnel, running)


async def _in_time(
    seconds: float,
    step: Step,
    funnel: Funnel,
    running: Callable[[], Iterable[str]],
) -> None:
    import asyncio

    try:
        async with asyncio.timeout(seconds):
            await step()
    except TimeoutError:
        names = (getattr(step, "__name__", ""), *running())
        _log.warning("the program ended without waiting for: %s", names)
    except AdwardenError as error:
        _log.warning("the program ended, but: %s", error.title)
        funnel(error, "quitting")


class Quitting:
    """Ends a run, unless that would lose a token that X gave and no keychain has yet.

    ``holding`` returns the dialog that holds such a token, if one does. The wish is remembered:
    ``go_on`` once a dialog has closed. ``in_memory`` returns how many entries end with the
    program, and ``question`` has a person asked about them, who may ``end`` it after all.
    """

    def __init__(
        self,
        holding: Callable[[], QDialog | None],
        in_memory: Callable[[], int] = lambda: 0,
        question: Callable[[], None] = lambda: None,
    ) -> None:
        self._holding, self._in_memory, self._question = holding, in_memory, question
        self._by_signal = False
        self._wanted = self._ending = False
        self._ended: asyncio.Event | None = None

    async def wait(self) -> None:
        """Return when the run is to end; what was asked for before there was a loop counts."""
        import asyncio

        self._ended = asyncio.Event()
        if not self._ending:
            await self._ended.wait()

    def ask(self) -> None:
        """Quit, or show the dialog that has to be answered first."""
        self._wanted = True
        holding = self._holding()
        if holding is None:
            self._end_or_ask()
            return
        holding.raise_()
        holding.activateWindow()
        holding.reject()

    def go_on(self) -> None:
        """Quit as was asked, once nothing is held any more."""
        if self._wanted and not self._ending:
            self.ask()

    def ask_by_signal(self) -> None:
        """Quit as the system wants it: nobody may be there to be asked."""
        self._by_signal = True
        self.ask()

    def _end_or_ask(self) -> None:
        count = self._in_memory()
        if not count or self._ending:
            self.end()
        elif self._by_signal:
            _log.warning("ended by a signal: %d entries that were in memory only are lost", count)
            self.end()
        else:
            self._wanted = False  # the answer is a wish of its own
            self._question()

    def end(self) -> None:
        """Quit in any case."""
        self._ending = True
        if self._ended is not None:
            self._ended.set()

    def listen_to_signals(self) -> None:
        """Take the system's signals for the same wish; needs the running loop."""
        import asyncio
        import signal

        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                asyncio.get_running_loop().add_signal_handler(number, self.ask_by_signal)
            except NotImplementedError:
                # Windows has no such handlers; closing the window is the way there.
                return
