"""A copied secret goes when nobody is there: real signals on buses of their own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtGui import QClipboard, QGuiApplication
from pytestqt.qtbot import QtBot

from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.domain.secret import Secret
from adwarden.locking import Locking
from adwarden.services.events import KeychainChanged
from adwarden.session import Session
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.storage.settings import Settings
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.secret_clipboard import SecretClipboard
from tests.system.test_lock_signals import Desk, Login, Speaker, desk, login, rules

__all__ = ["desk", "login"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs D-Bus")

SAVER = "org.freedesktop.ScreenSaver"


class Watched:
    """A clipboard and what locks; ``whys`` says why the file was to be locked."""

    def __init__(self, folder: Path) -> None:
        self.system = QGuiApplication.clipboard()
        self.settings = Settings(folder / "settings.ini")
        self.whys: list[str] = []
        self.seconds = 0
        self.clipboard = Clipboard(
            self.system, lambda _: None, lambda: SecretClipboard(self.system, lambda: self.seconds)
        )
        self.locking = Locking(self.settings, self._lock, self.clipboard.clear_now)
        self.clipboard.copied = self.locking.copied

    def _lock(self, why: str) -> None:
        self.whys.append(why)

    def copy(self) -> None:
        self.clipboard.copy_secret(Secret("a copied secret"), "API key secret")
        assert self.text == "a copied secret"

    @property
    def text(self) -> str:
        return self.system.text(QClipboard.Mode.Clipboard)

    def file(self, state: KeychainState, place: str = FILE) -> None:
        self.locking.see(KeychainChanged(KeychainStatus(state, ""), place))


@pytest.fixture
def watched(qtbot: QtBot, tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    yield watched
    watched.clipboard.clear_now()
    watched.locking.close()


def listening(desk: Desk) -> bool:
    return rules(desk.session) >= 5 and rules(desk.system) >= 2


def quiet(desk: Desk) -> bool:
    return rules(desk.session) == 0 and rules(desk.system) == 0


@pytest.mark.parametrize("away", ["on", "off"])
def test_a_locked_screen_clears_a_copied_secret_without_any_file(
    desk: Desk, qtbot: QtBot, watched: Watched, away: str
) -> None:
    watched.settings.set(known.LOCK_AWAY, away)
    watched.file(KeychainState.READY, KEYCHAIN)
    assert watched.locking._signals is None  # nothing to lock, nothing to clear
    watched.copy()
    qtbot.waitUntil(lambda: listening(desk))
    saver = Speaker(desk.session, SAVER)
    saver.say("/ScreenSaver", SAVER, "ActiveChanged", True)
    qtbot.waitUntil(lambda: not watched.text)
    assert watched.whys == []
    qtbot.waitUntil(lambda: quiet(desk))  # nothing is there any more
    watched.copy()
    qtbot.waitUntil(lambda: listening(desk))
    saver.connection.close()


def test_before_the_computer_sleeps_it_is_cleared_and_the_sleep_goes_on(
    desk: Desk, login: Login, qtbot: QtBot, watched: Watched
) -> None:
    watched.copy()
    qtbot.waitUntil(lambda: len(login.brakes) == 1)
    login.prepare_for_sleep(True)
    qtbot.waitUntil(lambda: not watched.text)
    qtbot.waitUntil(lambda: not login.held_up())
    assert watched.whys == []  # there was no file to be locked


def test_listening_ends_when_the_secret_goes_by_itself_or_by_hand(
    desk: Desk, qtbot: QtBot, watched: Watched
) -> None:
    watched.seconds = 1
    watched.copy()
    qtbot.waitUntil(lambda: listening(desk))
    qtbot.waitUntil(lambda: not watched.text)
    qtbot.waitUntil(lambda: quiet(desk))
    watched.seconds = 0
    watched.copy()
    watched.copy()
    qtbot.waitUntil(lambda: listening(desk))
    watched.system.setText("something else")
    qtbot.waitUntil(lambda: quiet(desk))
    assert (watched.text, watched.whys) == ("something else", [])


def test_with_a_file_open_both_go_and_what_is_left_is_listened_for(
    desk: Desk, login: Login, qtbot: QtBot, watched: Watched
) -> None:
    watched.file(KeychainState.READY)
    watched.copy()
    qtbot.waitUntil(lambda: len(login.brakes) == 1)
    watched.file(KeychainState.LOCKED)
    assert listening(desk)  # the secret is still there
    watched.file(KeychainState.READY)
    watched.clipboard.clear_now()
    watched.file(KeychainState.MISSING)  # its key is in memory still
    assert listening(desk)
    watched.copy()
    login.lock()
    qtbot.waitUntil(lambda: watched.whys == ["It was locked because the screen was locked."])
    assert not watched.text


def test_a_file_stays_open_where_that_is_wished_and_the_copied_secret_goes_all_the_same(
    desk: Desk, login: Login, qtbot: QtBot, watched: Watched
) -> None:
    watched.settings.set(known.LOCK_AWAY, "off")
    watched.file(KeychainState.READY)
    watched.copy()
    qtbot.waitUntil(lambda: len(login.brakes) == 1)
    login.lock()
    qtbot.waitUntil(lambda: not watched.text)
    login.prepare_for_sleep(True)
    qtbot.waitUntil(lambda: not login.held_up())
    assert watched.whys == []


def test_minutes_without_use_lock_a_file_and_leave_alone_what_is_to_stay_until_it_is_cleared(
    desk: Desk, qtbot: QtBot, watched: Watched
) -> None:
    watched.copy()
    assert watched.locking._signals is not None
    watched.locking._signals._lock("idle")
    assert watched.text
    watched.file(KeychainState.READY)
    watched.locking._signals._lock("idle")
    assert watched.whys == ["It was locked because nobody used Adwarden for a while."]


def test_a_run_of_the_program_puts_them_together(
    desk: Desk, qtbot: QtBot, watched: Watched
) -> None:
    session = Session.__new__(Session)
    vault = SimpleNamespace(lock=watched._lock)
    window: Any = SimpleNamespace(
        clipboard=watched.clipboard, on_demand=SimpleNamespace(vault=vault)
    )
    session._window, session._settings = cast("Any", window), watched.settings
    watched.clipboard.copied = lambda there: session._locking.copied(there)
    watched.copy()
    qtbot.waitUntil(lambda: listening(desk))
    session._see(KeychainChanged(KeychainStatus(KeychainState.READY, ""), FILE))
    saver = Speaker(desk.session, SAVER)
    saver.say("/ScreenSaver", SAVER, "ActiveChanged", True)
    qtbot.waitUntil(lambda: bool(watched.whys))
    assert not watched.text
    session._locking.close()
    saver.connection.close()
