from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.services.tasks import Tasks
from adwarden.session import Session
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.main_window import MainWindow


def test_a_second_start_is_seen_from_another_workspace(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMinimized()
    alerted: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", alerted.append)
    session = Session.__new__(Session)
    session._window = cast("MainWindow", window)
    session._raise_window()
    assert alerted == [window]
    assert window.isVisible()
    assert not window.isMinimized()


async def test_the_end_notes_what_was_removed_before_anything_can_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adwarden.session.STOP_SECONDS", 0.05)
    done: list[str] = []

    async def does(what: str) -> None:
        done.append(what)

    async def hangs() -> None:
        done.append("stop")
        await asyncio.Event().wait()

    accounts = SimpleNamespace(
        note_removals=lambda: does("note"), close=lambda: does("close the services")
    )
    session = Session.__new__(Session)
    window = SimpleNamespace(hide=lambda: None, finish=hangs, deleteLater=lambda: None)
    session._window = cast("MainWindow", window)
    session._dialogs = cast("Any", SimpleNamespace(close=lambda: None))
    session._services = cast("Any", SimpleNamespace(accounts=accounts, practice=None))
    session._tasks = Tasks(lambda error, name: pytest.fail(f"{name}: {error}"))
    await session.close()
    assert done == ["note", "stop", "close the services"]


async def test_one_entry_that_fails_does_not_keep_refreshes_from_going_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trouble = KeychainError(ErrorCode.KEYCHAIN_FAILED, "Not deleted", "It is still there.")
    resumed, shown = asyncio.Event(), list[AdwardenError]()

    async def status() -> KeychainStatus:
        return KeychainStatus(KeychainState.READY, "Test keychain")

    async def recover(told: Callable[[AdwardenError], None]) -> None:
        told(trouble)

    async def resume() -> None:
        resumed.set()

    async def settle(told: Callable[[AdwardenError], None]) -> None:
        assert told is not None

    accounts = SimpleNamespace(
        keychain_status=status, recover=recover, resume_unfinished=resume,
        homing=SimpleNamespace(settle=settle),
    )  # fmt: skip
    session = Session.__new__(Session)
    session._services = cast("Any", SimpleNamespace(accounts=accounts))
    session._tasks = Tasks(lambda error, name: pytest.fail(f"{name}: {error}"))
    monkeypatch.setattr(session, "_show", shown.append)
    await session._recover()
    await asyncio.wait_for(resumed.wait(), 5)
    assert shown == [trouble]
