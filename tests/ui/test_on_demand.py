"""What was looked up before is read once there is a loop, also when it was wanted sooner."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any, cast

from adwarden.ui.on_demand import OnDemand


class Spawned:
    """Stands for the tasks, before and after there is a loop."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def spawn(self, owner: object, name: str, work: Coroutine[Any, Any, None]) -> None:
        self.names.append(name)
        asyncio.run(work)


async def recall() -> None:
    """Stand for reading the index."""


def on_demand(tasks: Spawned) -> OnDemand:
    services = SimpleNamespace(lookups=SimpleNamespace(recall=recall))
    nothing = cast("Any", None)
    return OnDemand(
        nothing, cast("Any", services), cast("Any", tasks), nothing, nothing, nothing, nothing,
        lambda: 0.0,
    )  # fmt: skip


def test_a_window_that_is_focused_before_its_first_picture_reads_later() -> None:
    tasks = Spawned()
    asked = on_demand(tasks)
    asked.recall()
    assert tasks.names == []
    asked.start()
    assert tasks.names == ["recall look-ups"]


def test_a_window_that_runs_reads_at_once_and_only_when_asked() -> None:
    tasks = Spawned()
    asked = on_demand(tasks)
    asked.start()
    assert tasks.names == []
    asked.recall()
    assert tasks.names == ["recall look-ups"]
