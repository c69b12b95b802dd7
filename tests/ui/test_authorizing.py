"""One dialog ``Connect account`` for a connection, and one for one wish."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from adwarden.domain.errors import AuthorizationError, ErrorCode
from adwarden.services.accounts import Accounts
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import BROWSER, Settings
from adwarden.ui.authorize_dialog import AuthorizeDialog
from adwarden.ui.authorize_phase import Phase
from adwarden.ui.authorizing import Authorizing
from adwarden.ui.icons import Icons
from adwarden.ui.parts import make_button
from adwarden.ui.theme import Theme
from tests.ui.fake_accounts import FakeAccounts, make_app, make_connection
from tests.ui.stagehand import press, until


class Roster:
    apps = (make_app(), make_app("a2", "Test app"))

    def connection(self, connection_id: str) -> object:
        return make_connection()


class Known(FakeAccounts):
    roster = Roster()

    async def place_name(self, connection_id: str = "") -> str:
        return "memory" if connection_id else "GNOME Keyring"


async def dialogs(root: QWidget, tasks: Tasks) -> list[AuthorizeDialog]:
    await until(lambda: root.findChildren(AuthorizeDialog), "the dialog")
    found = root.findChildren(AuthorizeDialog)
    await until(lambda: all(one.isVisible() for one in found), "the picture")
    return [one for one in root.findChildren(AuthorizeDialog) if one.isVisible()]


class Opened:
    """One dialog on accounts of a script, and what the window was asked for."""

    def __init__(
        self, accounts: FakeAccounts, settings: Settings, theme: Theme, icons: Icons
    ) -> None:
        settings.set(BROWSER, "system")
        self.unexpected: list[BaseException] = []
        self.tasks = Tasks(lambda error, name: self.unexpected.append(error))
        self.authorizing = Authorizing(
            cast("Accounts", accounts), self.tasks, settings, theme, icons, sandbox=False
        )
        self.root = self.authorizing.parent = QWidget()
        self.root.show()

    async def dialog(self, reconnect: str = "") -> AuthorizeDialog:
        self.authorizing.authorize("a1", reconnect)
        (found,) = await dialogs(self.root, self.tasks)
        await until(lambda: not found.flow.phase.busy, "the page")
        return found

    async def close(self) -> None:
        self.authorizing.close()
        await self.tasks.close()
        self.root.hide()
        self.root.deleteLater()


@pytest.mark.parametrize(("reconnect", "place"), [("", "GNOME Keyring"), ("c1", "memory")])
async def test_the_dialog_names_the_place_that_the_token_goes_to(
    settings: Settings, theme: Theme, icons: Icons, reconnect: str, place: str
) -> None:
    opened = Opened(Known(), settings, theme, icons)
    dialog = await opened.dialog(reconnect)
    told = [label.text() for label in dialog.findChildren(QLabel)]
    assert f"The token goes to {place}." in told
    await opened.close()


class Refreshing(Known):
    """The first refresh fails, as it does for a suspended user."""

    asked = 0

    async def refresh(self, connection_id: str) -> None:
        self.asked += 1
        raise AuthorizationError(ErrorCode.USER_SUSPENDED, "X has suspended this user", "No.", "")


async def test_a_first_refresh_that_fails_is_told_by_its_event_alone(
    settings: Settings, theme: Theme, icons: Icons
) -> None:
    accounts = Refreshing()
    opened = Opened(accounts, settings, theme, icons)
    dialog = await opened.dialog()
    dialog.steps.pin.setText("1234567")
    dialog.go.click()
    await until(lambda: accounts.asked == 1, "the first refresh")
    await until(lambda: not opened.tasks.running(), "its end")
    assert opened.unexpected == []
    await opened.close()


@pytest.mark.parametrize("code", [0, 3])
async def test_a_page_that_no_browser_opens_is_said(
    settings: Settings, theme: Theme, icons: Icons, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, code: int,
) -> None:  # fmt: skip
    program = tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/asked"\nexit {code}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    opened = Opened(Known(), settings, theme, icons)
    dialog = await opened.dialog()
    dialog.browse.click()
    assert dialog.pane.instead.title.text() == "The page opens in your browser"
    await until(lambda: not opened.tasks.running(), "the answer")
    assert (tmp_path / "asked").read_text().startswith("https://api.x.com/oauth/authorize?")
    failed = dialog.pane.instead.title.text() == "No browser could be opened"
    assert failed is bool(code)
    await opened.close()


@pytest.mark.parametrize("step", ["begins", "finishes"])
async def test_after_the_keys_were_entered_again_it_goes_on_by_itself(
    settings: Settings, theme: Theme, icons: Icons, step: str
) -> None:
    accounts = Known()
    refused = AuthorizationError(ErrorCode.APP_KEYS, "The keys were not accepted", "No.", "Do.")
    getattr(accounts, step).append(refused)
    opened = Opened(accounts, settings, theme, icons)
    asked: list[tuple[str, QWidget]] = []

    def renew(app_id: str, over: QWidget, then: Callable[[], None]) -> None:
        asked.append((app_id, over))
        then()

    opened.authorizing.renew_app = renew
    dialog = await opened.dialog()
    if step == "finishes":
        dialog.steps.pin.setText("1234567")
        dialog.go.click()
        await until(lambda: dialog.flow.error is refused, "the refusal")
    press(dialog, "Enter the keys again")
    assert asked == [("a1", dialog)]
    await until(lambda: dialog.flow.phase is Phase.WAITING, "the next page")
    assert dialog.panel.message is None
    assert dialog.isActiveWindow()
    await opened.close()


@pytest.mark.parametrize(
    ("app_id", "reconnect", "other"),
    [("a1", "c1", ("a2", "")), ("a1", "", ("a1", "")), ("a2", "", ("a1", ""))],
)
async def test_a_double_click_opens_one_dialog(
    settings: Settings, theme: Theme, icons: Icons, app_id: str, reconnect: str,
    other: tuple[str, str],
) -> None:  # fmt: skip
    settings.set(BROWSER, "system")
    unexpected: list[BaseException] = []
    tasks = Tasks(lambda error, name: unexpected.append(error))
    authorizing = Authorizing(
        cast("Accounts", Known()), tasks, settings, theme, icons, sandbox=False
    )
    root = authorizing.parent = QWidget()
    root.show()
    authorizing.authorize(app_id, reconnect)
    authorizing.authorize(app_id, reconnect)
    (first,) = await dialogs(root, tasks)
    if reconnect:
        authorizing.authorize(app_id, reconnect)
        assert await dialogs(root, tasks) == [first]
    authorizing.authorize(*other)
    await until(lambda: len(root.findChildren(AuthorizeDialog)) == 2, "the other one")
    await until(
        lambda: all(one.isVisible() for one in root.findChildren(AuthorizeDialog)), "its picture"
    )
    authorizing.close()
    authorizing.authorize(app_id, reconnect)
    await until(
        lambda: any(one.isVisible() for one in root.findChildren(AuthorizeDialog)), "a new one"
    )
    authorizing.close()
    await tasks.close()
    root.hide()
    root.deleteLater()
    assert not unexpected, unexpected


def test_a_double_click_is_one_press(qtbot: QtBot) -> None:
    pressed: list[bool] = []
    one = make_button("Connect")
    qtbot.addWidget(one)
    one.clicked.connect(lambda: pressed.append(True))
    one.show()
    # As the system sends it: press and release, then double click and release.
    QTest.mouseClick(one, Qt.MouseButton.LeftButton)
    assert pressed == [True]
    at = QPointF(one.rect().center())
    left = Qt.MouseButton.LeftButton
    for kind in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
        QApplication.sendEvent(
            one, QMouseEvent(kind, at, at, left, left, Qt.KeyboardModifier.NoModifier)
        )
    assert pressed == [True]
