"""The wish to end the program, and the one thing that may stand in its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from PySide6.QtWidgets import QDialog


class Quitting:
    """Ends a run, unless that would lose a token that X gave and no keychain has yet.

    ``holding`` returns the dialog that holds such a token, if one does. The wish is remembered:
    ``go_on`` once a dialog has closed.
    """

    def __init__(self, holding: Callable[[], QDialog | None]) -> None:
        self._holding = holding
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
            self.end()
            return
        holding.raise_()
        holding.activateWindow()
        holding.reject()

    def go_on(self) -> None:
        """Quit as was asked, once nothing is held any more."""
        if self._wanted and not self._ending:
            self.ask()

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
                asyncio.get_running_loop().add_signal_handler(number, self.ask)
            except NotImplementedError:
                # Windows has no such handlers; closing the window is the way there.
                return
