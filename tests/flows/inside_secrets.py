"""Wishes about secrets that the hand inside the program does; see ``inside``."""

from __future__ import annotations

import os
import signal

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QTreeView, QWidget

from tests.flows.driver import click, closed, find, reads, type_into, until, window_named


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
    lock_file, unlock_file,
)  # fmt: skip
