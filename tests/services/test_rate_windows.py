from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow
from adwarden.services.events import Event, LimitsChanged
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.rate_windows import TOLD_AT_ONCE, RateWindows, seconds_left
from adwarden.storage.directory import Directory, StoredWindow
from adwarden.storage.paths import DataFolder


def window(endpoint: str) -> KnownWindow:
    return KnownWindow("user", endpoint, "", RateWindow(5, 4, 4e9))


async def until_stored(index: Index) -> None:
    async with asyncio.timeout(5):
        while not await index.run(lambda d: d.windows()):
            pass


@pytest.fixture
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    index = Index(lambda distrust: Directory.open(folder, distrust=distrust))
    yield index
    index.close()


async def test_an_answer_that_comes_while_closing_starts_nothing_anew(index: Index) -> None:
    windows = RateWindows(index, Hub())
    await windows.restore(lambda _: None)
    windows.note(window("GET accounts"))
    await until_stored(index)
    # In the turn between the cancelling of what passes on and its end.
    asyncio.get_running_loop().call_soon(windows.note, window("GET promotable_users"))
    await windows.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    stored = {known.endpoint for known in await index.run(lambda d: d.windows())}
    assert stored == {"GET accounts", "GET promotable_users"}


async def test_what_is_being_stored_while_closing_is_not_lost(index: Index) -> None:
    windows = RateWindows(index, Hub())
    await windows.restore(lambda _: None)
    held = threading.Event()
    busy = asyncio.ensure_future(index.run(lambda _: held.wait()))
    windows.note(window("GET accounts"))
    # Two turns of the loop: the note arrives on it, and the task begins.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert "pass on rate limits" in {task.get_name() for task in asyncio.all_tasks()}
    # It waits behind the busy index, and is cancelled there.
    closing = asyncio.ensure_future(windows.close())
    await asyncio.sleep(0)
    held.set()
    await closing
    await busy
    assert [known.endpoint for known in await index.run(lambda d: d.windows())] == ["GET accounts"]


async def test_what_is_stored_for_thousands_of_ad_accounts_is_told_in_portions(
    index: Index,
) -> None:
    stored = [
        StoredWindow("user", "GET promotable_users", f"18k{number}", 50, 40, 4e9)
        for number in range(2 * TOLD_AT_ONCE + 1)
    ]
    await index.run(lambda d: d.save_windows(stored))
    hub, told, remembered = Hub(), list[Event](), list[KnownWindow]()
    complete = asyncio.Event()

    def listen(event: Event) -> None:
        told.append(event)
        if len(told) == 3:
            complete.set()

    hub.subscribe(listen)
    await RateWindows(index, hub).restore(remembered.append)
    await asyncio.wait_for(complete.wait(), 5)
    portions = [event.windows for event in told if isinstance(event, LimitsChanged)]
    assert [len(portion) for portion in portions] == [TOLD_AT_ONCE, TOLD_AT_ONCE, 1]
    assert [known for portion in portions for known in portion] == remembered
    assert {known.account_id for known in remembered} == {known.account_id for known in stored}


@pytest.mark.parametrize(
    ("now", "up", "left"),
    [
        (1_100.0, 600.0, 800.0),  # a hundred seconds later, and the clock agrees
        (90_000.0, 600.0, 800.0),  # it was set forward
        (-90_000.0, 600.0, 800.0),  # it was set back
        (1_100.0, 30.0, 800.0),  # the computer was started anew, and the clock is all there is
        (90_000.0, 30.0, -88_100.0),
        (-90_000.0, 30.0, 870.0),  # which may have been set back: for no longer than a window
    ],
)
def test_how_long_a_window_lasts_does_not_hang_on_the_clock(
    now: float, up: float, left: float
) -> None:
    stored = StoredWindow("user", "GET accounts", "", 5, 0, 1_900.0, noted_at=1_000.0, noted_up=500)
    assert seconds_left(stored, now, up) == left


async def test_what_is_noted_ahead_is_on_the_disk_at_once_and_stays(index: Index) -> None:
    windows = RateWindows(index, Hub())
    await windows.restore(lambda _: None)
    windows.note(window("GET accounts"))
    ahead = replace(window("GET accounts"), window=RateWindow(5, 1, 4e9))
    await asyncio.to_thread(windows.note_ahead, ahead)
    await windows.close()
    assert [one.remaining for one in await index.run(lambda d: d.windows())] == [1]


async def test_noting_ahead_does_not_stop_what_is_ending(index: Index) -> None:
    windows = RateWindows(index, Hub())
    index.close()
    windows.note_ahead(window("GET accounts"))
