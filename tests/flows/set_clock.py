"""A clock that is set for one program alone, by the library ``faketime``."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from tests.flows.driver import TICK
from tests.flows.outside import LIMIT, Program


class SetClock:
    """Its environment has a program's clock stand off the true time.

    The library crashed in one of some twenty runs beside others, so the tests do without.

    The clocks that nobody can set go on as they do, as when a person sets the computer's.
    """

    def __init__(self, file: Path) -> None:
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            raise AssertionError("no clock can be set for one program (Debian: libfaketime)")
        self._file = file
        self.set(0)
        self.environment = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, seconds: int, program: Program | None = None) -> None:
        """Set it to so many seconds off the true time, in one go; wait until ``program`` sees it.

        The library looks once a second: at every look of the program's would make that slow.
        """
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}s\n")
        new.replace(self._file)
        began, pause = time.monotonic(), threading.Event()
        while program is not None and abs(program.ask("now") - time.time() - seconds) > 60:
            assert time.monotonic() - began < LIMIT, "the program’s clock was not set"
            pause.wait(TICK)
