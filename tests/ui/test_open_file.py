"""Opening a KeePass file from the page of places, through Qt's own file dialog."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QWidget,
)

from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.vault_dialogs import UnlockDialog
from tests.services.conftest import OpenHouse, open_house
from tests.storage.keepass_parts import PASSWORD
from tests.ui.stagehand import press, until
from tests.ui.test_places import Room, room, type_in

__all__ = ["open_house"]


async def answer(here: Room, path: Path, *, click: bool) -> UnlockDialog:
    """Type the path into the file dialog as a person does, and wait for what comes of it."""
    await until(lambda: here.window.findChildren(QFileDialog), "the file dialog")
    (files,) = here.window.findChildren(QFileDialog)
    await until(lambda: QApplication.activeWindow() is files, "the file dialog in front")
    (field,) = files.findChildren(QLineEdit, "fileNameEdit")
    field.setText(str(path))
    if click:
        box = files.findChild(QDialogButtonBox)
        assert box is not None
        box.button(QDialogButtonBox.StandardButton.Open).click()
    else:
        QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: unlocks(here), "the question for the password")
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    await until(lambda: not here.window.findChildren(QFileDialog), "the end of the file dialog")
    (dialog,) = unlocks(here)
    return dialog


def unlocks(here: Room) -> list[UnlockDialog]:
    return [one for one in here.window.findChildren(UnlockDialog) if one.isVisible()]


@pytest.mark.parametrize("click", [True, False])
async def test_a_file_that_was_chosen_is_opened(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons, click: bool
) -> None:
    path = tmp_path / "team.kdbx"
    async with open_house() as house:
        await house.accounts.vault_file.create(path, PASSWORD)
        await house.accounts.vault_file.forget()
        async with room(house, theme, icons) as here:
            places = await here.open_places()
            await until(places.isActiveWindow, "the page in front")
            press(places, "Open KeePass file")
            dialog = await answer(here, path, click=click)
            assert dialog.parentWidget() is places
            type_in(dialog, "Master password", PASSWORD.unwrap())
            press(dialog, "Open")
            await until(lambda: here.window.state.file_open, "the open file")
            await until(lambda: not unlocks(here), "the end of the question")
            # Another one, the same way.
            task = here.window.on_demand.vault.lock()
            assert task is not None
            await task
            places.activateWindow()  # no window manager does it here
            await until(places.isActiveWindow, "the page in front")
            await until(lambda: here.window.on_demand.vault.settled, "the look at all places")
            press(places, "Open KeePass file")
            dialog = await answer(here, path, click=click)
            dialog.reject()
            await until(lambda: "open a KeePass file" not in here.tasks.running(), "the end")
            await here.settled()


@pytest.mark.parametrize("begun", [True, False])
async def test_a_question_that_goes_with_the_window_below_it_means_no(
    qapp: QApplication, theme: Theme, begun: bool
) -> None:
    import asyncio

    below = QDialog()
    below.show()
    dialog: QWidget = Question(below, "Forget it?")
    assert isinstance(dialog, QDialog)
    if not begun:
        below.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert await outcome(dialog) == 0
        return
    asked = asyncio.ensure_future(outcome(dialog))
    await until(dialog.isVisible, "the question")
    below.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert await asked == 0
