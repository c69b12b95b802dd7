"""The tasks that end connections and apps, by what they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any


class EndingTasks(dict["asyncio.Task[None]", frozenset[str]]):
    """Holds tasks while they run, with the ids each is about, so that others can wait for them."""

    def of(self, ids: Collection[str]) -> list[asyncio.Task[None]]:
        """Return what runs about any of these ids."""
        return [task for task, about in self.items() if not about.isdisjoint(ids)]

    async def ended(self, ids: Collection[str]) -> None:
        """Wait for the end of what runs now about any of these ids, however it ends."""
        if running := self.of(ids):
            await asyncio.wait(running)

    def spawn(self, about: Collection[str], work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin something about some ids."""
        name = f"remove {' '.join(sorted(about))}"
        task = asyncio.get_running_loop().create_task(work, name=name)
        self[task] = frozenset(about)
        task.add_done_callback(self.pop)
        return task
