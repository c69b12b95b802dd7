from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
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
