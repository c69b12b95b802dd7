from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from adwarden.ui import collector
from adwarden.ui.collector import Collector


class Cycle:
    def __init__(self, died: list[str]) -> None:
        self.me = self
        weakref.finalize(self, lambda: died.append(threading.current_thread().name))


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setattr(collector, "LOOK_MS", 5)
    monkeypatch.setattr(collector, "YOUNG", 100)
    owner = QObject()
    found = Collector(owner)
    yield found
    found.stop()
    gc.unfreeze()
    owner.deleteLater()


def test_a_cycle_dies_on_the_gui_thread(running: Collector, qtbot: QtBot) -> None:
    died: list[str] = []

    def litter() -> None:
        for _ in range(1_000):
            Cycle(died)

    thread = threading.Thread(target=litter, name="a worker")
    thread.start()
    thread.join()
    assert died == []
    qtbot.waitUntil(lambda: len(died) == 1_000)
    assert set(died) == {threading.main_thread().name}


def test_stopping_leaves_the_collection_as_it_was_found() -> None:
    before = gc.isenabled()
    owner = QObject()
    found = Collector(owner)
    assert not gc.isenabled()
    found.stop()
    assert gc.isenabled() is before
    owner.deleteLater()


def test_what_is_too_much_is_set_aside_until_nobody_looks(
    running: Collector, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    looking = True
    monkeypatch.setattr(collector, "MANY", 1_000)
    monkeypatch.setattr(collector, "REST", 3)
    monkeypatch.setattr(collector, "OLD", -1)
    monkeypatch.setattr(collector, "QUIET", 1_000_000)
    monkeypatch.setattr(collector, "YOUNG", 1_000_000)
    monkeypatch.setattr(collector, "_watched", lambda: looking)
    aside = gc.get_freeze_count()
    died: list[str] = []
    for _ in range(2_000):
        Cycle(died)
    # Held while they grow old, then left to themselves.
    cycles = [found for found in gc.get_objects() if isinstance(found, Cycle)]
    gc.collect(0)
    gc.collect(1)
    assert len(gc.get_objects(generation=2)) > 1_000
    qtbot.waitUntil(lambda: gc.get_freeze_count() > aside + 2_000)
    cycles.clear()
    monkeypatch.setattr(collector, "OLD", 1_000_000)
    assert died == []
    looking = False
    qtbot.waitUntil(lambda: len(died) == 2_000)
    assert set(died) == {threading.main_thread().name}


def test_it_looks_more_often_while_much_is_made(running: Collector, qtbot: QtBot) -> None:
    timer = running.findChild(QTimer)
    assert timer is not None
    held: list[list[int]] = []

    def make() -> bool:
        held.extend([number] for number in range(1_000))
        return timer.interval() == collector.BUSY_MS

    qtbot.waitUntil(make)
    qtbot.waitUntil(lambda: timer.interval() == collector.LOOK_MS)


def test_what_comes_in_bulk_is_set_aside_at_once(
    running: Collector, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(collector, "BULK", 2_000)
    monkeypatch.setattr(collector, "_watched", lambda: True)
    aside = gc.get_freeze_count()
    held = [[number] for number in range(3_000)]
    qtbot.waitUntil(lambda: gc.get_freeze_count() >= aside + len(held))
    assert gc.get_count()[0] < 2_000


def test_what_is_not_in_bulk_is_looked_through(
    running: Collector, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(collector, "_watched", lambda: True)
    aside = gc.get_freeze_count()
    died: list[str] = []
    for _ in range(1_000):
        Cycle(died)
    qtbot.waitUntil(lambda: len(died) == 1_000)
    assert gc.get_freeze_count() == aside
