"""What a hand inside the program does away with, beside connections: see ``inside``."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget

from tests.flows.driver import click, closed, reads, type_into, until, window_named
from tests.flows.inside_secrets import menu


async def leave(window: QWidget, count: int) -> None:
    """Leave with all connections of the app of what is selected."""
    await menu(window, "Leave …")
    dialog = await window_named("Leave")
    what = dialog.findChildren(QComboBox)[0]
    what.setCurrentIndex(what.count() - 1)
    if count > 1:
        await type_into(dialog, "Confirm", str(count))
    await click(dialog, f"Revoke and remove {count} connection{'s' if count > 1 else ''}")
    await until(lambda: closed(dialog), "the dialog is closed")


async def strays(window: QWidget) -> int:
    """Return how many entries are in the keychain that nothing lists."""
    await menu(window, "Where secrets are kept …")
    dialog = await window_named("Where secrets are kept")
    await reads(dialog, "are kept here; the place holds")
    labels = (one.text() for one in dialog.findChildren(QLabel) if one.isVisible())
    return sum("that nothing lists" in text for text in labels)


async def drop_bearer(window: QWidget) -> None:
    """Remove the bearer token of the selected app."""
    await menu(window, "Edit X app …")
    dialog = await window_named("Edit X app")
    await click(dialog, "Remove Bearer token")
    await click(dialog, "Save")
    await until(lambda: closed(dialog), "the app was changed")


async def delete_strays(window: QWidget, count: int) -> None:
    """Delete so many entries that nothing lists, and close the page about them."""
    await menu(window, "Where secrets are kept …")
    dialog = await window_named("Where secrets are kept")

    def named(start: str) -> list[QAbstractButton]:
        buttons = dialog.findChildren(QAbstractButton)
        return [b for b in buttons if b.isVisible() and b.accessibleName().startswith(start)]

    for done in range(count):
        await until(lambda: named("Delete "), "an entry that nothing lists")
        name = named("Delete ")[0].accessibleName()
        await click(dialog, name)
        question = await window_named(f"{name.rpartition(' ')[0]}?")
        await click(question, "Delete")
        await until(lambda: len(named("Undo")) == done + 1, "its way back")  # noqa: B023
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: closed(dialog), "the page is closed")


ALL = (leave, strays, drop_bearer, delete_strays)
