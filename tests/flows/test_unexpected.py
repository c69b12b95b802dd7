"""What nobody expected is shown by the window's own thread, whichever thread it happened on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from adwarden.domain.errors import ErrorCode, StorageError
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.session import Session
from tests.flows.driver import click, closed, journey, reads, until, window_named

pytestmark = [pytest.mark.flow, pytest.mark.webengine, pytest.mark.keychain]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.start()
    yield server
    server.stop()


def from_a_thread(session: Session, *errors: BaseException) -> None:
    """Let these out as a thread of the program would."""

    def work() -> None:
        for error in errors:
            session._funnel(error, "worker")

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()


async def test_an_error_of_a_thread_is_shown_once(
    qapp: QApplication,
    server: PracticeServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        shown_by: list[threading.Thread] = []
        show = here.window.reports.show

        def noted(words: str, report: str) -> None:
            shown_by.append(threading.current_thread())
            show(words, report)

        monkeypatch.setattr(here.window.reports, "show", noted)
        from_a_thread(here.session, RuntimeError("first"), RuntimeError("second"))
        assert shown_by == [], "nothing is made on the other thread"
        dialog = await window_named("Something unexpected happened")
        await until(lambda: len(shown_by) == 2, "both")
        assert set(shown_by) == {threading.main_thread()}
        await reads(dialog, "It happened once more since")
        await click(dialog, "Close")
        await until(lambda: closed(dialog), "the end of the dialog")


async def test_an_expected_failure_of_a_thread_is_a_notice(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        full = StorageError(ErrorCode.STORAGE, "The disk is full", "Nothing fits.", "Free some.")
        from_a_thread(here.session, full)
        await reads(here.window, "The disk is full")
