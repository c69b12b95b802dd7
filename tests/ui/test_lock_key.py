"""Locking while dialogs are open: by its key, and without losing a token that X has granted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit

from adwarden.domain.model import FILE, Connection
from adwarden.storage.keychain_status import KeychainState
from adwarden.ui.authorize_dialog import AuthorizeDialog
from adwarden.ui.authorize_page import EmbeddedMode
from adwarden.ui.authorize_phase import Phase
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.vault_watch import HELD_NOTICE
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
