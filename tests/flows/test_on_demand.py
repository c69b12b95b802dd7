from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.ui.tree_nodes import Selection
from tests.flows.driver import choose, click, journey, type_into, until, window_named

pytestmark = [pytest.mark.flow, pytest.mark.webengine, pytest.mark.keychain]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.start()
    yield server
    server.stop()


def said(root: QWidget) -> str:
    return "\n".join(label.text() for label in root.findChildren(QLabel) if label.isVisible())


async def test_look_ups_are_asked_for_paid_for_once_and_reported(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    app = server.world.apps[0]
    data, report = tmp_path / "data", tmp_path / "who can do what.json"
    async with journey(qapp, data, server) as here:
        await here.add_app("Agency app", app.key, app.secret)
        await here.connect("wingtip_toys")
        await here.loaded()
        window, state = here.window, here.window.state
        (connection,) = state.connections.values()
        entry = max(state.entries(connection.id), key=lambda one: len(one.users or ()))
        assert server.journal.count("/2/users") == 0  # nothing by itself
        here.tree.select(Selection("account", connection.id, entry.account.id))  # type: ignore[attr-defined]
        details = await until(lambda: _named(window, "Details"), "the details")
        offer = await until(lambda: _offer(details, "Look up 2"), "the offer")
        assert "(about $2." in offer.text().replace("\n", " ")
        offer.click()
        await until(lambda: "Handles of other users" not in said(details), "the handles")
        assert server.journal.count("/2/users", status=200) == 3
        await click(details, "Look up funding")
        await until(lambda: "Looked up just now" in said(details), "the funding")
        await click(window, "Report")
        dialog = await window_named("Access report")
        await choose(dialog, "Format", "JSON, for programs")
        await type_into(dialog, "File", str(report))
        await click(dialog, "Save report")
        await until(lambda: "The report was written" in said(window), "the report")
    told = json.loads(report.read_text("utf-8"))
    names = [row["ad_account"]["name"] for row in told["rows"] if row["ad_account"]]
    assert names == [entry.account.name]
    text = report.read_text("utf-8")
    assert app.key not in text
    assert app.secret not in text

    # A restart knows all of it, without asking anybody.
    server.journal.clear()
    async with journey(qapp, data, server) as here:
        state = here.window.state
        (connection,) = state.connections.values()
        again = state.entry(connection.id, entry.account.id)
        assert again is not None
        assert sum(bool(user.handle) for user in again.users or ()) > 200
    assert server.journal.count() == 0


def _named(root: QWidget, name: str) -> QWidget | None:
    return next((w for w in root.findChildren(QWidget) if w.accessibleName() == name), None)


def _offer(root: QWidget, begins: str) -> QPushButton | None:
    buttons = root.findChildren(QPushButton)
    return next((b for b in buttons if b.isVisible() and b.text().startswith(begins)), None)
