"""Every kind of credential through the real window: bearer token, pasted token, names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTreeView, QWidget

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from tests.flows.driver import (
    click,
    closed,
    control,
    journey,
    paste_into,
    reads,
    type_into,
    until,
    window_named,
)

pytestmark = [pytest.mark.flow, pytest.mark.keychain]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.start()
    yield server
    server.stop()


async def in_front(window: QWidget) -> None:
    """Give the window the keyboard back, as a window manager does when a dialog closes."""
    window.activateWindow()
    await until(window.isActiveWindow, "the window is in front")


async def test_an_owner_without_a_pin_gets_everywhere(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    app = server.world.apps[0]
    person = server.world.person_named("contoso")
    assert person is not None
    owned = server.faults.console_token(app, person)
    async with journey(qapp, tmp_path, server) as here:
        await here.add_app("Agency app", app.key, app.secret)
        rail = await control(here.window, QTreeView, "X apps and connections")
        await in_front(here.window)
        rail.setFocus()
        await until(lambda: here.window.settled, "everything in the window")
        rail.setCurrentIndex(rail.model().index(0, 0))
        QTest.keyClick(here.window, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
        dialog = await window_named("Edit X app")
        await type_into(dialog, "App name", "Our app")
        await paste_into(dialog, "Client ID", "a client id".replace(" ", "0"))
        await click(dialog, "Fetch bearer token")
        await reads(dialog, "Fetched from X, and kept")
        await click(dialog, "Save")
        await until(partial(closed, dialog), "the app was changed")
        await in_front(here.window)
        QTest.keyClick(here.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
        dialog = await window_named("Add token")
        await paste_into(
            dialog, "Access token", f"Access Token\n{owned.token}\nToken Secret\n{owned.secret}"
        )
        await click(dialog, "Save")
        await until(partial(closed, dialog), "the token was kept")
        assert await here.loaded()
        await here.row("@contoso")
        (connection,) = here.window.state.connections.values()
        assert connection.pasted
        rail.setCurrentIndex(rail.model().index(0, 0))
        await reads(here.window, "Our app", "None kept: Client secret")
        await click(here.window, "Copy Bearer token")
        await until(lambda: QApplication.clipboard().text().startswith("A" * 20), "the token")
        rail.selectionModel().setCurrentIndex(
            rail.model().index(0, 0, rail.model().index(0, 0)),
            QItemSelectionModel.SelectionFlag.ClearAndSelect,
        )
        await click(here.window, "Edit connection")
        dialog = await window_named("Edit connection")
        await type_into(dialog, "Name", "Our own one")
        await click(dialog, "Save")
        await until(partial(closed, dialog), "the connection has a name")
        await reads(here.window, "Our own one")
    async with journey(qapp, tmp_path, server) as here:
        state = here.window.state
        (one,), (again,) = state.apps.values(), state.connections.values()
        assert (one.label, one.holds) == ("Our app", ("bearer", "client_id"))
        assert (again.label, again.handle, again.pasted) == ("Our own one", "@contoso", True)
        await here.services.accounts.refresh(again.id)
