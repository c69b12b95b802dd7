"""Drives the real window as a person does: finds controls by their accessible names, types, clicks.

It never waits a fixed time: every wait is for something to be seen, with a limit.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QTreeView,
    QWidget,
)
from shiboken6 import isValid

from adwarden.arguments import Options
from adwarden.practice.server import PracticeServer
from adwarden.session import Session, Start
from adwarden.storage.directory import Directory
from adwarden.system.hardening import SandboxState
from adwarden.system.instance import Doorbell, Instance
from adwarden.ui.main_window import MainWindow
from adwarden.wiring import Services, make_base, make_services

if TYPE_CHECKING:
    from PySide6.QtWebEngineWidgets import QWebEngineView

W = TypeVar("W", bound=QWidget)
T = TypeVar("T")

LIMIT = 20.0
"""Seconds that anything may take to be seen; a loaded machine needs some of them."""

TICK = 0.01


async def until(seen: Callable[[], T | None], what: str, *, limit: float = LIMIT) -> T:
    """Wait until ``seen`` returns something true and return it; fails with ``what`` otherwise."""
    deadline = time.monotonic() + limit
    while not (found := seen()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen within {limit:.0f} s: {what}; there is {_there()}")
        await asyncio.sleep(TICK)
    return found


def _there() -> str:
    """Return what the open windows say and which of their fields hold something, for a failure."""
    shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    told = []
    for window in shown:
        words = [one.text() for one in window.findChildren(QLabel) if one.isVisible()]
        fields = [
            f"{one.accessibleName()}: {len(one.text())} characters"
            for one in window.findChildren(QLineEdit)
            if one.isVisible()
        ]
        told.append(f"{window.accessibleName()} ({' / '.join(words)[-_MOST:]}; {fields})")
    return "; ".join(told)


_MOST = 800
"""Characters of each window's words that a failure tells."""


def find(root: QWidget, kind: type[W], name: str) -> W | None:
    """Return the visible control of this kind with this accessible name or text."""
    for widget in root.findChildren(kind):
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        names = (widget.accessibleName(), text.replace("&", ""))
        if name in names and widget.isVisible():
            return widget
    return None


async def control(root: QWidget, kind: type[W], name: str) -> W:
    """Wait for a control and return it once it can be used."""

    def usable() -> W | None:
        widget = find(root, kind, name)
        return widget if widget is not None and widget.isEnabled() else None

    return await until(usable, f"{kind.__name__} “{name}”")


async def click(root: QWidget, name: str) -> None:
    """Press a button."""
    button = await control(root, QAbstractButton, name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


async def type_into(root: QWidget, name: str, text: str) -> None:
    """Replace what a field holds by typing."""
    field = await control(root, QLineEdit, name)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


async def paste_into(root: QWidget, name: str, text: str) -> None:
    """Replace what a field holds by pasting."""
    field = await control(root, QLineEdit, name)
    board = QApplication.clipboard()

    def on_board() -> bool:
        if board.text() != text:
            # X may leave the clipboard to another program that asked with a later time.
            board.setText(text)
        return board.text() == text

    await until(on_board, "the text on the clipboard")
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


async def choose(root: QWidget, name: str, text: str) -> None:
    """Choose an entry of a combo box."""
    combo = await control(root, QComboBox, name)
    place = combo.findText(text, Qt.MatchFlag.MatchStartsWith)
    assert place >= 0, f"{text} is not offered by {name}"
    combo.setCurrentIndex(place)


async def window_named(name: str) -> QWidget:
    """Wait for a top-level window or dialog with this accessible name."""

    def seen() -> QWidget | None:
        return next(
            (
                widget
                for widget in QApplication.topLevelWidgets()
                if widget.isVisible() and widget.accessibleName() == name
            ),
            None,
        )

    return await until(seen, f"window “{name}”")


def closed(widget: QWidget) -> bool:
    """Tell whether a dialog has been closed, deleted or not."""
    return not isValid(widget) or not widget.isVisible()


def tree_rows(tree: QTreeView) -> list[str]:
    """Return the accessible text of every row of the tree, children after their parents."""
    rows: list[str] = []

    def walk(parent: QModelIndex) -> None:
        model = tree.model()
        while model.canFetchMore(parent):
            model.fetchMore(parent)
        for row in range(model.rowCount(parent)):
            cells = [
                model.index(row, column, parent).data(Qt.ItemDataRole.AccessibleTextRole)
                for column in range(model.columnCount(parent))
            ]
            rows.append(" | ".join(str(cell or "") for cell in cells))
            walk(model.index(row, 0, parent))

    walk(QModelIndex())
    return rows


def _dialogs(name: str) -> list[QWidget]:
    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if widget.isVisible() and widget.accessibleName() == name
    ]


async def reads(root: QWidget, *parts: str) -> None:
    """Wait until the visible labels of a window say all of this."""

    def said() -> bool:
        shown = " ".join(label.text() for label in root.findChildren(QLabel) if label.isVisible())
        return all(part in shown for part in parts)

    await until(said, f"the words {parts}")


class Page:
    """The embedded page of a ``Connect account`` dialog, used by mouse and keyboard."""

    def __init__(self, dialog: QWidget) -> None:
        self._dialog = dialog

    async def view(self) -> QWebEngineView:
        """Wait for the page's view."""
        # Imported here, as the engine must come with the dialog and not before it.
        from PySide6.QtWebEngineWidgets import QWebEngineView

        return await control(self._dialog, QWebEngineView, "Authorization page")

    @staticmethod
    def _target(view: QWebEngineView) -> QWidget:
        """Return the widget that takes the page's mouse and keys."""
        target = view.focusProxy()
        assert target is not None
        return target

    async def ask(self, script: str) -> Any:  # noqa: ANN401 - whatever the page has
        """Return what an expression is in the page, as JSON."""
        view = await self.view()
        answers: list[str] = []
        view.page().runJavaScript(f"JSON.stringify({script})", 1, answers.append)
        answer = await until(lambda: answers, "an answer of the page")
        return json.loads(answer[0]) if answer[0] else None

    async def wait_for(self, selector: str) -> None:
        """Wait for an element of the page."""
        deadline = time.monotonic() + LIMIT
        while not await self.ask(f"!!document.querySelector({json.dumps(selector)})"):
            assert time.monotonic() < deadline, f"not on the page: {selector}"
            await asyncio.sleep(TICK)

    async def click(self, selector: str) -> None:
        """Click in the middle of an element."""
        await self.wait_for(selector)
        middle = (
            "(e=>{e.scrollIntoView({block:'center'});const r=e.getBoundingClientRect();"
            "return [r.x+r.width/2,r.y+r.height/2]})"
        )
        place = await self.ask(f"{middle}(document.querySelector({json.dumps(selector)}))")
        view = await self.view()
        point = QPoint(round(place[0]), round(place[1]))
        QTest.mouseClick(self._target(view), Qt.MouseButton.LeftButton, pos=point)

    async def authorize(self, handle: str) -> None:
        """Sign in as ``handle`` and allow the app."""
        name = 'input[name="session[username_or_email]"]'
        await self.click(name)
        view = await self.view()
        # Reconnecting fills in the name; a person who is somebody else replaces it.
        QTest.keyClick(self._target(view), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(self._target(view), handle)
        value = f"document.querySelector({json.dumps(name)}).value"
        deadline = time.monotonic() + LIMIT
        while await self.ask(value) != handle:
            assert time.monotonic() < deadline, "the page did not take the handle"
            await asyncio.sleep(TICK)
        QTest.keyClick(self._target(view), Qt.Key.Key_Return)
        await self.click("#allow")


@dataclass
class Journey:
    """A running window with everything behind it."""

    session: Session
    window: MainWindow
    services: Services

    async def add_practice_app(self, server: PracticeServer, label: str = "Agency app") -> None:
        """Add the first of the practice server's apps."""
        app = server.world.apps[0]
        await self.add_app(label, app.key, app.secret)

    async def open_connect(self) -> QWidget:
        """Press ``Connect account`` and return the new dialog."""
        before = set(_dialogs("Connect account"))
        await click(self.window, "Connect account")
        return (
            await until(
                lambda: next(
                    (one for one in _dialogs("Connect account") if one not in before), None
                ),
                "the dialog Connect account",
            )
            or self.window
        )

    async def add_app(self, label: str, key: str, secret: str) -> None:
        """Go through ``Add X app``."""
        await click(self.window, "Add X app")
        dialog = await window_named("Add X app")
        await type_into(dialog, "App name", label)
        await type_into(dialog, "API key", key)
        await type_into(dialog, "API key secret", secret)
        await choose(dialog, "App access", "Standard")
        await click(dialog, "Save")
        await until(lambda: closed(dialog), "the app was saved")

    async def connect(self, handle: str) -> None:
        """Go through ``Connect account`` in the embedded page."""
        await click(self.window, "Connect account")
        dialog = await window_named("Connect account")
        await Page(dialog).authorize(handle)
        await until(lambda: closed(dialog), f"@{handle} was connected")

    @property
    def tree(self) -> QTreeView:
        """The tree ``Accounts``."""
        tree = find(self.window, QTreeView, "Accounts")
        assert tree is not None
        return tree

    async def loaded(self) -> int:
        """Wait until everything of the connections is there; return the number of rows."""

        deadline = time.monotonic() + LIMIT
        while not await self._all_there():
            assert time.monotonic() < deadline, "not everything arrived"
            await asyncio.sleep(TICK)
        await until(
            lambda: not any("Not fetched yet" in row for row in tree_rows(self.tree)),
            "everything in the tree",
        )
        await until(lambda: self.window.state.progress() is None, "the refresh is over")
        return len(tree_rows(self.tree))

    async def _all_there(self) -> bool:
        entries = [
            entry
            for connection in self.services.accounts.roster.connections
            for entry in await self.services.index.run(
                partial(Directory.entries, connection_id=connection.id)
            )
        ]
        return bool(entries) and all(
            entry.access is not None and entry.users is not None for entry in entries
        )

    async def row(self, *parts: str) -> str:
        """Wait for a row of the tree that contains all these texts."""

        def seen() -> str | None:
            tree = find(self.window, QTreeView, "Accounts")
            rows = tree_rows(tree) if tree is not None else []
            return next((row for row in rows if all(part in row for part in parts)), None)

        return await until(seen, f"a row with {parts}") or ""


@asynccontextmanager
async def journey(
    app: QApplication,
    folder: Path,
    server: PracticeServer | tuple[str, str] | None,
    *,
    options: Options | None = None,
) -> AsyncIterator[Journey]:
    """Open the window on ``folder``, against ``server``, and close it in good order.

    ``server`` may also be the addresses of an API and an Ads host.
    """
    addresses = (server.url, server.url) if isinstance(server, PracticeServer) else server
    wanted: Mapping[str, str] = dict(
        zip(("ADWARDEN_X_API_URL", "ADWARDEN_X_ADS_URL"), addresses or (), strict=False)
    )
    os.environ.update(wanted)
    try:
        options = options or Options(data_dir=str(folder))
        base = make_base(options)
    finally:
        for name in wanted:
            os.environ.pop(name)
    services = make_services(base, options)
    services.index.prefetch()
    doorbell = Doorbell()
    instance = Instance(base.folder.root, doorbell.ring)
    assert instance.claim()
    start = Start(base, options, services, SandboxState.OFF_BY_ENVIRONMENT, (), None, None)
    session = Session(start, instance, doorbell)
    try:
        window = session.show(app)
        await session.begin()
        await until(window.isVisible, "the window")
        yield Journey(session, window, services)
    finally:
        await session.close()
        instance.close()
