"""Locking while dialogs are open: by its key, and without losing a token that X has granted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit

from adwarden.domain.model import FILE, Connection, XApp
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_status import EntryName, KeychainState
from adwarden.ui.authorize_dialog import AuthorizeDialog
from adwarden.ui.authorize_page import EmbeddedMode
from adwarden.ui.authorize_phase import Phase
from adwarden.ui.icons import Icons
from adwarden.ui.lock_dialogs import CLOSED_NOTICE, HELD_NOTICE
from adwarden.ui.theme import Theme
from tests.fakes.person import authorize
from tests.services.conftest import OpenHouse, open_house
from tests.storage.keepass_parts import PASSWORD
from tests.ui.stagehand import press, until
from tests.ui.test_places import Room, filled, room, type_in

__all__ = ["open_house"]


async def in_front(dialog: QDialog) -> None:
    dialog.activateWindow()
    await until(dialog.isActiveWindow, "the dialog in front")


def press_ctrl_l(dialog: QDialog) -> None:
    target = dialog.focusWidget() or dialog
    QTest.keyClick(target, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)


async def locked(here: Room) -> None:
    await until(lambda: not here.window.state.file_open, "the lock")
    await until(lambda: "lock the KeePass file" not in here.tasks.running(), "its end")
    assert (await here.house.places.status(FILE)).state is KeychainState.LOCKED


def connect(here: Room, theme: Theme, icons: Icons, again: Connection | None) -> AuthorizeDialog:
    app = here.house.accounts.roster.apps[0]
    dialog = AuthorizeDialog(
        here.window, accounts=here.house.accounts, tasks=here.tasks, theme=theme, icons=icons,
        apps=[app], app_id=app.id, reconnect=again, embedded=EmbeddedMode.SYSTEM,
        open_url=lambda _: True, copy_text=lambda _: None, keychain_name="KeePass file",
    )  # fmt: skip
    dialog.open()
    return dialog


async def test_the_key_locks_from_a_dialog_that_keeps_the_window_s_keys_out(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        here.window.commands.add_app()
        await until(lambda: bool(here.dialogs()), "the dialog")
        dialog = here.dialogs()[0]
        assert dialog.isModal()
        await in_front(dialog)
        fields = dialog.findChildren(QLineEdit)
        for field in fields:
            field.setText("a typed secret")
        press_ctrl_l(dialog)
        # At once, but for the name of the app.
        assert [field.text() for field in fields[1:]] == [""] * len(fields[1:])
        await locked(here)
        assert here.dialogs() == []
        # Locked, the key does nothing, also in a dialog that had it.
        dialog = await here.open_places()
        await in_front(dialog)
        press_ctrl_l(dialog)
        assert "lock the KeePass file" not in here.tasks.running()


async def test_the_key_locks_from_dialogs_over_dialogs_and_works_again_once_unlocked(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        places = await here.open_places()
        for _ in range(2):
            await in_front(places)
            here.window.on_demand.vault.asks.change_password()
            await until(lambda: len(here.dialogs()) == 2, "the second dialog")
            over = next(one for one in here.dialogs() if one is not places)
            await in_front(over)
            press_ctrl_l(over)
            await locked(here)
            assert here.dialogs() == [places]
            await house.accounts.vault_file.enter(PASSWORD)
            await until(lambda: here.window.state.file_open, "the open file")
            await until(lambda: here.window.on_demand.vault.settled, "the look")


async def test_an_authorization_that_has_granted_nothing_yet_is_closed_with_its_pin(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        dialog = connect(here, theme, icons, None)
        await until(lambda: dialog.flow.phase is Phase.WAITING, "the page")
        dialog.steps.pin.setText("1234567")
        await in_front(dialog)
        press_ctrl_l(dialog)
        await locked(here)
        assert not dialog.isVisible()
        assert dialog.steps.pin.text() == ""
        assert HELD_NOTICE not in here.notices()
        dialog.deleteLater()


@pytest.mark.parametrize("at", [Phase.EXCHANGING, Phase.KEEPING])
async def test_a_lock_in_the_middle_of_an_authorization_loses_no_granted_token(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons, at: Phase
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        _, connection = await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        dialog = connect(here, theme, icons, connection)
        await until(lambda: dialog.flow.phase is Phase.WAITING, "the page")
        attempt = dialog.flow.attempt
        assert attempt is not None
        pin = authorize(attempt.request.url, "contoso")
        tasks: list[asyncio.Task[None] | None] = []

        def lock(phase: Phase) -> None:
            if phase is at and not tasks:
                tasks.append(here.window.on_demand.vault.lock())

        dialog.flow.changed.connect(lock)
        dialog.flow.submit(pin)
        await until(
            lambda: dialog.flow.phase in (Phase.UNSTORED, Phase.WAITING, Phase.DONE), "an end"
        )
        await locked(here)
        if dialog.flow.phase is Phase.WAITING:
            # X has not been asked yet: the keys were gone before. The PIN is as good as ever.
            dialog.flow.submit(pin)
        else:
            assert dialog.flow.phase is Phase.UNSTORED
            assert dialog.flow.granted is not None
            assert dialog.isVisible()
            assert HELD_NOTICE in here.notices()
            press(dialog, "Try again")
        await until(lambda: len(here.dialogs()) == 2, "the question for the password")
        question = next(one for one in here.dialogs() if one is not dialog)
        type_in(question, "Master password", PASSWORD.unwrap())
        press(question, "Unlock")
        await until(lambda: dialog.flow.phase is Phase.DONE, "the token in its place")
        assert HELD_NOTICE not in here.notices()
        (row,) = house.accounts.roster.connections
        assert row.place == FILE
        assert row.entry != connection.entry
        assert len((await house.places.get(row.entry, row.handle, FILE)).secrets) == 2
        dialog.deleteLater()


class Slow:
    """Holds the file's thread before it writes, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at, self.go = threading.Event(), threading.Event()
        real = KeepassPlace.put_texts

        def held(place: KeepassPlace, texts: Mapping[EntryName, str]) -> None:
            self.at.set()
            assert self.go.wait(20)
            real(place, texts)

        monkeypatch.setattr(KeepassPlace, "put_texts", held)


async def test_a_lock_lets_what_is_being_saved_come_to_its_end(
    open_house: OpenHouse,
    tmp_path: Path,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        _, connection = await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        slow = Slow(monkeypatch)
        here.window.on_demand.editing.edit_connection(connection.id)
        await until(lambda: bool(here.dialogs()), "the dialog")
        dialog = here.dialogs()[0]
        await in_front(dialog)
        type_in(dialog, "Name", "Named while it was locked")
        press(dialog, "Save")
        press_ctrl_l(dialog)  # also before the saving itself has begun
        assert not here.window.state.file_open  # hidden at once
        await until(slow.at.is_set, "the writing")
        task = here.window.on_demand.vault.lock()
        assert task is here.window.on_demand.vault.lock()  # one lock, whoever asks for it
        slow.go.set()
        await locked(here)
        (row,) = house.accounts.roster.connections
        assert row.label == "Named while it was locked"
        assert here.dialogs() == []
        steps = await house.index.run(lambda d: d.pending())
        assert [one for one in steps if one.kind != "rebuild"] == []


async def test_what_cannot_be_saved_in_time_stays_in_its_dialog(
    open_house: OpenHouse,
    tmp_path: Path,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adwarden.ui.lock_dialogs.SAVE_SECONDS", 0.05)
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        there = asyncio.Event()
        real = house.accounts.add_app

        async def late(*given: Any) -> XApp:  # noqa: ANN401
            await there.wait()
            return await real(*given)

        monkeypatch.setattr(here.window.commands._services, "add_app", late)
        here.window.commands.add_app()
        await until(lambda: bool(here.dialogs()), "the dialog")
        dialog = here.dialogs()[0]
        key, secret = house.server.world.apps[1].key, house.server.world.apps[1].secret
        for name, text in (("App name", "Second"), ("API key", key), ("API key secret", secret)):
            type_in(dialog, name, text)
        await in_front(dialog)
        press(dialog, "Save")
        press_ctrl_l(dialog)
        await locked(here)
        there.set()
        await until(lambda: "is locked" in here.words(dialog), "why it was not saved")
        assert dialog.isVisible()
        press(dialog, "Unlock and retry")
        await until(lambda: len(here.dialogs()) == 2, "the question for the password")
        question = next(one for one in here.dialogs() if one is not dialog)
        type_in(question, "Master password", PASSWORD.unwrap())
        press(question, "Unlock")
        await until(lambda: len(house.accounts.roster.apps) == 2, "the app")
        assert {one.place for one in house.accounts.roster.apps} == {FILE}
        await until(lambda: here.dialogs() == [], "the end of the dialogs")


async def test_keys_that_a_lock_takes_away_are_said_to_be_gone(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        for text in ("", "abcdef"):
            here.window.commands.add_app()
            await until(lambda: bool(here.dialogs()), "the dialog")
            dialog = here.dialogs()[0]
            type_in(dialog, "API key", text)
            await in_front(dialog)
            press_ctrl_l(dialog)
            await locked(here)
            assert here.dialogs() == []
            assert (CLOSED_NOTICE in here.notices()) is bool(text)
            await house.accounts.vault_file.enter(PASSWORD)
            await until(lambda: here.window.state.file_open, "the open file")
