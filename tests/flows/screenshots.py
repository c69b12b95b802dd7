"""Takes the pictures of the window's states, light and dark, from the program as it runs.

``python3 make.py screenshots`` saves them in ``resources/screenshots``; what is behind the window
is the practice server.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import qasync
from PySide6.QtCore import QCoreApplication, QModelIndex, Qt
from PySide6.QtGui import QAction, QCursor, QImage, QImageWriter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QTreeView,
    QWidget,
)

from adwarden.arguments import Options
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.storage.settings import THEME
from tests.fakes.person import authorize
from tests.flows import keychain
from tests.flows.driver import (
    Journey,
    Page,
    click,
    closed,
    control,
    find,
    journey,
    paste_into,
    reads,
    type_into,
    until,
    window_named,
)
from tests.flows.pictures import in_front, page_painted, settled, with_frame
from tests.flows.tool_shots import tools

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "screenshots"
SIZE = (1280, 800)
THEMES = ("light", "dark")


class Camera:
    """Takes each state in both themes, switching while the window is open, as a person may."""

    def __init__(self, here: Journey, folder: Path) -> None:
        self._here = here
        self._folder = folder
        here.window.move(0, 0)
        here.window.resize(*SIZE)
        # Away from the window, where it would point at something.
        QCursor.setPos(here.window.screen().geometry().bottomRight())

    async def take(self, name: str, themes: Sequence[str] = THEMES) -> None:
        """Save the window with whatever dialog is in front of it, as ``name-theme.png``."""
        for theme in themes:
            self._here.services.settings.set(THEME, theme)
            front = in_front() or self._here.window
            if front is not self._here.window:
                front.move(self._here.window.rect().center() - front.rect().center())
            await settled(self._here.window)
            page = find(front, QWidget, "Authorization page")
            if page is not None:
                await page_painted(page)
            save(with_frame(self._here.window, front), self._folder / f"{name}-{theme}.png")
        self._here.services.settings.set(THEME, THEMES[0])


def save(image: QImage, path: Path) -> None:
    """Write a PNG, with a palette where that loses nothing."""
    exact = image.convertToFormat(QImage.Format.Format_Indexed8, _NO_DITHER)
    if exact.convertToFormat(image.format()) == image:
        image = exact
    writer = QImageWriter(str(path), b"png")
    writer.setCompression(100)
    if not writer.write(image):
        raise RuntimeError(f"{path} could not be written: {writer.errorString()}")
    print(f"{path.name:32} {path.stat().st_size // 1024:>4} KB", flush=True)


_NO_DITHER = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither


async def first_steps(here: Journey, server: PracticeServer, camera: Camera) -> None:
    """From the empty window to the first connection."""
    await camera.take("welcome")
    await click(here.window, "Add X app")
    dialog = await window_named("Add X app")
    app = server.world.apps[0]
    await type_into(dialog, "App name", "Agency app")
    await paste_into(dialog, "API key", app.secret)
    await paste_into(dialog, "API key secret", app.key)
    await camera.take("add-app-swapped")
    await click(dialog, "Exchange the two")
    await camera.take("add-app")
    await click(dialog, "Save")
    await until(lambda: closed(dialog), "the app was saved")
    await camera.take("first-connection")


async def authorizing(here: Journey, server: PracticeServer, camera: Camera) -> None:
    """The dialog, when it goes well and when it does not."""
    dialog = await here.open_connect()
    page = Page(dialog)
    await page.wait_for("form")
    await camera.take("connect")
    await paste_into(dialog, "PIN", "0011222")
    await click(dialog, "Continue")
    await reads(dialog, "X did not accept this PIN")
    await page.wait_for("form")
    await camera.take("connect-wrong-pin")
    await page.click('button[value="agency_ops"]')
    await page.wait_for("#allow")
    await camera.take("connect-consent")
    await click(dialog, "Start over")
    await page.wait_for("form")
    await click(dialog, "Copy link")
    link = await until(lambda: QApplication.clipboard().text(), "the link")
    await type_into(dialog, "PIN", authorize(link, "agency_ops"))
    # The app's keys are read for the exchange; the keychain locks before the token is stored.
    server.faults.add(Kind.LATENCY, "/oauth/access_token", seconds=1.5)
    await click(dialog, "Continue")
    await until(lambda: server.faults.hits("/oauth/access_token"), "the exchange")
    keychain.lock()
    try:
        await reads(dialog, "locked")
        await camera.take("connect-keychain-locked")
    finally:
        keychain.unlock()
    await click(dialog, "Try again")
    await until(lambda: closed(dialog), "stored")


async def everyday(here: Journey, server: PracticeServer, camera: Camera) -> None:
    """The full window, and what happens in it."""
    await here.add_app("Conversions app", server.world.apps[1].key, server.world.apps[1].secret)
    for handle in ("northwind_ads", "contoso", "fabrikam_eu"):
        dialog = await here.open_connect()
        page = Page(dialog)
        await page.wait_for("form")
        await page.click(f'button[value="{handle}"]')
        await page.click("#allow")
        await until(partial(closed, dialog), f"@{handle} was connected")
    await here.loaded()
    await _quiet(here)
    # The longest of them is folded, so that the others can be seen as well.
    here.tree.collapse(here.tree.model().index(0, 0))
    _select(here.tree, "@northwind_ads", "Northwind Outdoor", open_it=True)
    await camera.take("window")
    await tools(here, server, camera)

    await type_into(here.window, "Search", "contoso")
    await until(lambda: "found" in _words(here.window), "what was found")
    await camera.take("search")
    field = await control(here.window, QLineEdit, "Search")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await two_ways(here, camera, field)
    await changes(here, server, camera)

    person = server.world.person_named("contoso")
    assert person is not None
    server.faults.revoke(server.world.apps[0], person)
    await click(here.window, "Refresh")
    await reads(here.window, "@contoso revoked access")
    await _quiet(here)
    _select(here.tree, "@contoso")
    await camera.take("revoked")

    await click(here.window, "Disconnect")
    question = await until(lambda: _with_button("Disconnect here"), "the question")
    await camera.take("disconnect")
    await click(question, "Cancel")
    await until(lambda: closed(question), "the question is gone")
    for theme in THEMES:
        here.services.settings.set(THEME, theme)
        await click(here.window, "Settings")
        dialog = await window_named("Settings")
        await camera.take("settings", [theme])
        dialog.close()
        await until(partial(closed, dialog), "the settings are closed")
    await secrets(here, camera)


async def secrets(here: Journey, camera: Camera) -> None:
    """What looks after the secrets: checks, the places, an app's own, backups, undoing."""
    for action, title, name in (
        ("Check all", "Check connections", "checks"),
        ("Where secrets are kept", "Where secrets are kept", "places"),
        ("Edit connection", "Edit connection", "edit-connection"),
        ("Back up", "Back up", "back-up"),
    ):
        _action(here.window, action).trigger()
        dialog = await window_named(title)
        if name == "checks":
            await reads(dialog, "revoked")
        elif name == "places":
            await reads(dialog, "entries of Adwarden")
        elif name == "back-up":
            await type_into(dialog, "File", "/media/stick/adwarden-backup.kdbx")
        await camera.take(name)
        dialog.close()
        await until(partial(closed, dialog), f"{title} is closed")
    _select(here.tree, "@contoso")
    await click(here.window, "Disconnect")
    question = await until(lambda: _with_button("Disconnect here"), "the question")
    await click(question, "Disconnect here")
    await until(lambda: find(here.window, QAbstractButton, "Undo"), "the ten seconds to undo")
    await camera.take("undo")
    _action(here.window, "Undo").trigger()
    await until(lambda: find(here.window, QAbstractButton, "Undo") is None, "it is undone")


def _action(window: QWidget, words: str) -> QAction:
    return next(one for one in window.findChildren(QAction) if one.text().startswith(words))


async def changes(here: Journey, server: PracticeServer, camera: Camera) -> None:
    """What X takes away, and where it is told."""
    person = server.world.person_named("fabrikam_eu")
    assert person is not None
    connection = next(
        one for one in here.services.accounts.roster.connections if one.user_id == person.user_id
    )
    first, second, third, *_ = (await here.services.accounts.load()).entries[connection.id]
    server.faults.set_permissions(person, first.account.id, "CAMPAIGN_ANALYST")
    server.faults.set_permissions(person, second.account.id, "AD_MANAGER", "TWEET_COMPOSER")
    server.faults.remove_access(person, third.account.id)
    await click(here.window, "Refresh")
    await reads(here.window, "Access was lost")
    await _quiet(here)
    await camera.take("access-lost")
    await click(here.window, "History")
    dialog = await window_named("History")
    await camera.take("history")
    dialog.close()
    await until(partial(closed, dialog), "the history is closed")


async def two_ways(here: Journey, camera: Camera, field: QLineEdit) -> None:
    """The tree by ad account, and the search with fields."""
    await click(here.window, "By ad account")
    _select(here.tree, "Northwind Outdoor", open_it=True)
    await camera.take("by-account")
    here.window.activateWindow()
    field.setFocus()
    await until(field.hasFocus, "the search has the keyboard")
    QTest.keyClicks(field, "role:")
    await camera.take("search-completion")
    QTest.keyClicks(field, "admin can:conversions north")
    await camera.take("search-fields")
    QTest.keyClicks(field, " colour:red")
    await camera.take("search-nothing")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await click(here.window, "By connection")


async def practice(here: Journey, camera: Camera) -> None:
    """What somebody without keys sees first."""
    await camera.take("practice")
    await click(here.window, "Add X app")
    dialog = await window_named("Add X app")
    await click(dialog, "Fill in the practice app's keys")
    await camera.take("practice-add-app")
    await click(dialog, "Cancel")
    await until(lambda: closed(dialog), "the dialog is gone")


async def take_all(app: QApplication, folder: Path) -> None:
    """Go through all states."""
    server = PracticeServer(make_world(seed=1))
    server.start()
    try:
        with tempfile.TemporaryDirectory() as data:
            async with journey(app, Path(data), server) as here:
                camera = Camera(here, folder)
                await first_steps(here, server, camera)
                await authorizing(here, server, camera)
                await everyday(here, server, camera)
    finally:
        server.stop()
    with tempfile.TemporaryDirectory() as data:
        options = Options(data_dir=data, practice=True)
        async with journey(app, Path(data), None, options=options) as here:
            await practice(here, Camera(here, folder))


def main() -> int:
    """Take all pictures into ``resources/screenshots``, or the folder that is given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    # A blinking cursor would make every second picture another one.
    app.setCursorFlashTime(0)
    loop = qasync.QEventLoop(app)
    with loop:
        loop.run_until_complete(take_all(app, folder))
    return 0


async def _quiet(here: Journey) -> None:
    """Wait until nothing is being fetched and the passing words below are gone."""
    await until(lambda: here.window.state.progress() is None, "the end of the refresh")
    await until(lambda: "refreshed just now" in _words(here.window), "the counts below")


def _words(window: QWidget) -> str:
    return " ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def _with_button(words: str) -> QWidget | None:
    shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    dialogs = (one for one in shown if isinstance(one, QDialog))
    return next((one for one in dialogs if find(one, QAbstractButton, words)), None)


def _select(tree: QTreeView, *names: str, open_it: bool = False) -> None:
    """Select the row under these names, one for each level."""
    at = QModelIndex()
    for name in names:
        at = _child(tree, at, name)
    tree.setExpanded(at, open_it or tree.isExpanded(at))
    tree.setCurrentIndex(at)
    tree.scrollTo(at)
    tree.setFocus()


def _child(tree: QTreeView, parent: QModelIndex, name: str) -> QModelIndex:
    model = tree.model()
    rows = (model.index(row, 0, parent) for row in range(model.rowCount(parent)))
    return next(row for row in rows if row.data(Qt.ItemDataRole.DisplayRole) == name)


if __name__ == "__main__":
    sys.exit(main())
