"""Restores and is killed at a step, at each in turn; prints how many steps there are.

``python -m tests.services.restore_killed TEMPLATE BACKUP TARGET`` leaves ``TARGET/0``,
``TARGET/1`` … as the kill before each step left them; the last one got through.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

from adwarden.domain.model import FILE
from adwarden.services.backup import Choices
from tests.services.backup_house import OPEN_SESAME, House, open_house

HOME = "the-home"


async def restore(folder: Path, backup: Path, last: int) -> None:
    """Restore all that is suggested; the step number ``last`` is not begun."""
    async with open_house(folder, home=HOME, file=True) as house:
        house.chosen[0] = FILE
        preview = await house.backup.preview(backup, OPEN_SESAME)
        _kill_at(house, last)
        chosen = frozenset(item.id for item in preview.items if item.suggested)
        done = await house.backup.restore(preview, Choices(chosen, FILE))
        assert done.stopped is None, done.stopped


def _kill_at(house: House, last: int) -> None:
    steps = count()

    def counted(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def step(*arguments: object, **named: object) -> Any:  # noqa: ANN401
            if next(steps) == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return await call(*arguments, **named)

        return step

    for part, names in ((house.index, ("run",)), (house.places, ("put", "delete"))):
        for name in names:
            setattr(part, name, counted(getattr(part, name)))


def main(template: Path, backup: Path, target: Path) -> int:
    """Kill at every step; each child starts from a copy of the template."""
    for number in count():
        folder = target / str(number)
        shutil.copytree(template, folder)
        child = os.fork()
        if child == 0:
            asyncio.run(restore(folder, backup, number))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if os.WIFEXITED(status):
            print(number)
            return os.WEXITSTATUS(status)
        assert os.WTERMSIG(status) == signal.SIGKILL
    return 1


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
