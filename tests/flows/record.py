"""Tells a journey through the window step by step: a line and a picture for each.

Knows nothing of what the steps do; ``tour`` and ``screenshots`` fill them.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from PySide6.QtGui import QImage

BUILD = Path(__file__).resolve().parents[2] / "build"


class Record:
    """Numbers the steps, prints each with its result, and keeps its picture in ``folder``.

    ``shown`` takes the picture of that moment: the window, or the dialog in front of it; ``None``
    while there is neither.
    """

    def __init__(
        self, folder: Path, shown: Callable[[], QImage | None], out: TextIO | None = None
    ) -> None:
        self._folder = folder
        self._shown = shown
        self._out = out or sys.stdout
        self.steps = 0
        self.failed = 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """Carry out one step; what is put into the list that this yields is printed as its result.

        The picture is taken at the end, also of a step that fails, which ends the journey.
        """
        self.steps += 1
        said: list[str] = []
        begun = time.monotonic()
        print(f"{self.steps:>3}  {title} … ", end="", file=self._out, flush=True)
        try:
            yield said
        except BaseException as error:
            self.failed += 1
            reason = str(error) or type(error).__name__
            print(f"FAILED: {reason}{self._picture(title)}", file=self._out, flush=True)
            raise
        took = time.monotonic() - begun
        result = "; ".join(said) or "ok"
        print(f"{result} ({took:.1f} s){self._picture(title)}", file=self._out, flush=True)

    def summary(self) -> str:
        """Return the last line: how many steps there were and how many of them failed."""
        return f"{self.steps - self.failed} of {self.steps} steps done, pictures in {self._folder}"

    def _picture(self, title: str) -> str:
        image = self._shown()
        if image is None:
            return ""
        name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        path = self._folder / f"{self.steps:02}-{name}.png"
        if not image.save(str(path)):
            return f"\n     picture {path} could not be written"
        return f"\n     {path.relative_to(BUILD.parent)}"
