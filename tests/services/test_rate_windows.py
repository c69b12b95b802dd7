from __future__ import annotations

import asyncio
from pathlib import Path

from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow
from adwarden.services.events import Event, LimitsChanged
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.rate_windows import RateWindows
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder

LATER = 4_000_000_000.0


def _index(folder: Path) -> Index:
    return Index(lambda distrust: Directory.open(DataFolder(folder), distrust=distrust))


def _window(remaining: int, scope: str = "a/1") -> KnownWindow:
    return KnownWindow(scope, "GET accounts", "", RateWindow(5, remaining, LATER))


async def test_what_is_noted_by_any_thread_is_told_and_survives(tmp_path: Path) -> None:
    heard: list[Event] = []
    hub = Hub()
    hub.subscribe(heard.append)
    index = _index(tmp_path)
    windows = RateWindows(index, hub)
    await windows.restore(lambda _: None)
    await asyncio.to_thread(windows.note, _window(4))
    await asyncio.to_thread(windows.note, _window(3))
    await windows.close()
    await asyncio.sleep(0)
    index.close()
    assert LimitsChanged(_window(3)) in heard

    again = _index(tmp_path)
    remembered: list[KnownWindow] = []
    restarted = RateWindows(again, Hub())
    await restarted.restore(remembered.append)
    assert remembered == [_window(3)]
    await restarted.close()
    again.close()


async def test_a_note_after_the_end_is_harmless(tmp_path: Path) -> None:
    index = _index(tmp_path)
    windows = RateWindows(index, Hub())
    await windows.restore(lambda _: None)
    await windows.close()
    windows.note(_window(1))
    await asyncio.sleep(0)
    index.close()
