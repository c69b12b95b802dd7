from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.ui.history import HistoryDialog
from tests.fakes.person import authorize
from tests.flows.driver import Journey, click, control, journey, reads, until

pytestmark = [pytest.mark.flow, pytest.mark.keychain]

HANDLE = "northwind_ads"


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.start()
    yield server
    server.stop()


async def connect(here: Journey) -> str:
    """Connect as a person does, save for the page; return the connection's id."""
    accounts = here.services.accounts
    attempt = await accounts.begin(accounts.roster.apps[0].id)
    pin = authorize(attempt.request.url, HANDLE)
    connection = await accounts.keep(await accounts.finish(attempt, pin))
    await accounts.refresh(connection.id)
    await here.loaded()
    return connection.id


async def history(here: Journey, *parts: str) -> HistoryDialog:
    """Open the history, and wait until a line of it contains all these texts."""
    await click(here.window, "History")

    def seen() -> HistoryDialog | None:
        for dialog in here.window.findChildren(HistoryDialog):
            lines = [
                str(dialog.list.model().index(row, 0).data())
                for row in range(dialog.list.model().rowCount())
            ]
            if dialog.isVisible() and any(all(part in line for part in parts) for line in lines):
                return dialog
        return None

    return await until(seen, f"a line of the history with {parts}")


async def new(here: Journey) -> str:
    """Return the number at the button of the history."""
    return (await control(here.window, QAbstractButton, "History")).text()


async def test_what_x_takes_away_is_noticed_kept_and_still_there_after_a_restart(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    person = server.world.person_named(HANDLE)
    assert person is not None
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        connection_id = await connect(here)
        dialog = await history(here, f"@{HANDLE} is connected and reaches")
        dialog.reject()
        assert await new(here) == ""

        first, second, *_ = (await here.services.accounts.load()).entries[connection_id]
        assert first.access is not None
        lost = first.access.permissions[0]
        server.faults.set_permissions(person, first.account.id, *first.access.permissions[1:])
        server.faults.remove_access(person, second.account.id)
        await click(here.window, "Refresh")
        await reads(here.window, "Access was lost: 1 ad account and 1 permission.")
        assert await new(here) == "2"
        await click(here.window, "Show history")
        dialog = await history(here, f"@{HANDLE} lost {lost} on {first.account.name}")
        await history(here, f"@{HANDLE} no longer reaches {second.account.name}")
        # That somebody looked is written before the number goes.
        button = await control(here.window, QAbstractButton, "History")
        await until(lambda: button.text() == "", "that nothing is new any more")
        dialog.reject()

        server.faults.revoke(server.world.apps[0], person)
        await click(here.window, "Refresh")
        await reads(here.window, f"@{HANDLE} revoked access to ")
        await until(lambda: here.window.state.unseen[connection_id] == 1, "one more change")

    async with journey(qapp, tmp_path, server) as here:
        await until(lambda: here.window.state.unseen[connection_id] == 1, "what nobody has seen")
        dialog = await history(here, f"@{HANDLE} revoked access to ")
        dialog = await history(here, f"@{HANDLE} no longer reaches {second.account.name}")
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await here.services.accounts.endings.connection(connection_id, revoke=False)
        dialog = await history(here, f"@{HANDLE} was disconnected from ")
        await history(here, f"@{HANDLE} lost {lost} on {first.account.name}")
