"""Somebody at a terminal who is asked for something and types it."""

from __future__ import annotations

import os
import pty
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def typist(
    answer: str, prompt: str, asked: Callable[[], object] = lambda: None
) -> Iterator[tuple[int, bytearray]]:
    """Yield a terminal's end for a program, and what is to be seen on that terminal.

    ``answer`` and a new line are typed after whatever ends with ``prompt``; ``asked`` is called
    right before, on a thread.
    """
    ours, theirs = pty.openpty()
    seen = bytearray()

    def person() -> None:
        with suppress(OSError):  # the program has gone
            while part := os.read(ours, 1000):
                seen.extend(part)
                if seen.endswith(prompt.encode()):
                    asked()
                    os.write(ours, f"{answer}\n".encode())

    reader = threading.Thread(target=person, daemon=True)
    reader.start()
    try:
        yield theirs, seen
    finally:
        os.close(theirs)
        reader.join(5)
        os.close(ours)
