"""Wishes about secrets that the hand inside the program does; see ``inside``."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QTreeView, QWidget

from adwarden.ui.reveal import Reveal
from tests.flows.driver import (
    choose,
    click,
    closed,
    control,
    find,
    paste_into,
    reads,
    type_into,
    until,
    window_named,
)


async def menu(window: QWidget, name: str) -> None:
    """Choose something from the window's menu."""
    found = [one for one in window.findChildren(QAction) if one.text().replace("&", "") == name]
    assert found, f"no action {name}"
    assert found[0].isEnabled(), f"{name} cannot be chosen now"
    found[0].trigger()


async def copy_secret(window: QWidget, what: str) -> int:
    """Copy a secret from the details; return how long what is on the clipboard then is."""
    QApplication.clipboard().clear()
    await click(window, f"Copy {what}")
    return len(await until(lambda: QApplication.clipboard().text(), f"{what} on the clipboard"))


async def clear_secret(window: QWidget) -> None:
    """Clear the clipboard before its time."""
    await click(window, "Clear the clipboard now")
    await until(lambda: not QApplication.clipboard().text(), "an empty clipboard")


async def hold(window: QWidget, what: str) -> bool:
    """Press the button that shows a secret, and keep it pressed; return whether it is shown."""
    button = await control(window, QAbstractButton, f"Show {what} while pressed")
    window.activateWindow()
    await until(window.isActiveWindow, "the window is in front")
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    return await until(lambda: _seen(button), f"{what} on the screen")


async def let_go(window: QWidget, what: str) -> None:
    """Let that button go again."""
    button = await control(window, QAbstractButton, f"Show {what} while pressed")
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    await until(lambda: not _seen(button), f"{what} off the screen")


def _seen(button: QWidget) -> bool:
    around = button.parent()
    assert isinstance(around, Reveal)
    return around.revealed


async def paste_token(window: QWidget, token: str, secret: str) -> None:
    """Add a token as X's console shows it, from the clipboard, and wait until it is kept."""
    await menu(window, "Add token …")
    dialog = await window_named("Add token")
    await paste_into(dialog, "Access token", f"Access Token\n{token}\nToken Secret\n{secret}")
    QApplication.clipboard().clear()
    await click(dialog, "Save")
    await until(lambda: closed(dialog), "the token was kept")


async def export_report(window: QWidget, path: str, kind: str) -> None:
    """Write an access report about everything into a file."""
    await menu(window, "Report …")
    dialog = await window_named("Access report")
    await choose(dialog, "Covers", "Everything")
    await choose(dialog, "Format", kind)
    await type_into(dialog, "File", path)
    await click(dialog, "Save report")
    await until(lambda: closed(dialog), "the report is asked for")
    await until(Path(path).exists, "the report")
    await reads(window, "The report was written")


async def restore(window: QWidget, path: str, password: str) -> None:
    """Bring in what a backup has and is not here."""
    await menu(window, "Restore from backup …")
    form = await window_named("Restore from backup")
    await type_into(form, "File", path)
    await type_into(form, "Password", password)
    await click(form, "Open")
    await until(lambda: closed(form), "the backup was opened")
    dialog = await window_named("Restore from backup")
    await until(lambda: "What is in" in " ".join(_told(dialog)), "what is in the backup")
    await _press_one_that_begins(dialog, "Restore")
    await reads(dialog, "The backup was restored")
    await click(dialog, "Close")
    await until(lambda: closed(dialog), "the restored backup is closed")


def _told(dialog: QWidget) -> list[str]:
    return [one.text() for one in dialog.findChildren(QLabel) if one.isVisible()]


async def _press_one_that_begins(dialog: QWidget, name: str) -> None:
    def there() -> QAbstractButton | None:
        buttons = dialog.findChildren(QAbstractButton)
        able = (one for one in buttons if one.isVisible() and one.isEnabled())
        return next((one for one in able if one.text().startswith(name)), None)

    QTest.mouseClick(await until(there, name), Qt.MouseButton.LeftButton)


async def keep_client(window: QWidget, client_id: str, client_secret: str) -> None:
    """Give the selected app a client id with its secret, and fetch its bearer token."""
    await menu(window, "Edit X app …")
    dialog = await window_named("Edit X app")
    await click(dialog, "Fetch bearer token")
    await reads(dialog, "Fetched from X, and kept.")
    await type_into(dialog, "Client ID", client_id)
    await type_into(dialog, "Client secret", client_secret)
    await click(dialog, "Save")
    await until(lambda: closed(dialog), "the app was changed")


async def back_up(window: QWidget, path: str, password: str) -> None:
    """Write everything into an encrypted file."""
    await menu(window, "Back up …")
    dialog = await window_named("Back up")
    await type_into(dialog, "File", path)
    await type_into(dialog, "Password", password)
    await type_into(dialog, "Password again", password)
    await click(dialog, "Back up")
    await until(lambda: closed(dialog), "the backup was written")
    await reads(window, "The backup was written")


async def check_all(window: QWidget, parts: list[str]) -> None:
    """Check all connections and wait for words in the dialog, then close it."""
    await menu(window, "Check all")
    dialog = await window_named("Check connections")
    await reads(dialog, *parts)
    await click(dialog, "Close")


async def crash(window: QWidget) -> None:
    """Die as by a fault in native code."""
    os.kill(os.getpid(), signal.SIGSEGV)


async def now(window: QWidget) -> float:
    """Return what this process takes for the time, in Unix seconds."""
    return time.time()


async def select_app(window: QWidget, label: str) -> None:
    """Select an X app on the left."""

    def chosen() -> bool:
        rail = find(window, QTreeView, "X apps and connections")
        model = rail.model() if rail is not None else None
        for row in range(model.rowCount() if model is not None else 0):
            index = model.index(row, 0) if model is not None else QModelIndex()
            if label in str(index.data(Qt.ItemDataRole.AccessibleTextRole)) and rail is not None:
                rail.setCurrentIndex(index)
                return True
        return False

    await until(chosen, f"the app {label}")


async def into_file(window: QWidget, path: str, password: str) -> None:
    """Make a KeePass file and move everything into it."""
    await menu(window, "Where secrets are kept …")
    dialog = await window_named("Where secrets are kept")
    await click(dialog, "Create KeePass file")
    create = await window_named("Create a KeePass file")
    await type_into(create, "File", path)
    await type_into(create, "New master password", password)
    await type_into(create, "The same again", password)
    await click(create, "Create")
    await until(lambda: closed(create), "the file was made")
    await click(dialog, "Move everything to KeePass file")
    await _answer("Move")
    await reads(dialog, "secrets were moved")
    await click(dialog, "Close")
    await until(lambda: closed(dialog), "the places are closed")


async def lock_file(window: QWidget) -> None:
    """Lock the KeePass file."""
    await menu(window, "Lock")
    await reads(window, "locked")


async def unlock_file(window: QWidget, name: str, password: str) -> None:
    """Unlock it by its notice."""
    await click(window, "Unlock …")
    dialog = await window_named(f"Unlock {name}")
    await type_into(dialog, "Master password", password)
    await click(dialog, "Unlock")
    await until(lambda: closed(dialog), "unlocked")


async def _answer(name: str) -> None:
    """Press a button of whatever window has it."""

    def asked() -> QWidget | None:
        tops = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        return next((one for one in tops if find(one, QAbstractButton, name)), None)

    top = await until(asked, name)
    assert top is not None
    await click(top, name)


ALL = (
    menu, copy_secret, clear_secret, keep_client, back_up, check_all, crash, select_app, into_file,
    lock_file, unlock_file, hold, let_go, paste_token, export_report, restore, now,
)  # fmt: skip
