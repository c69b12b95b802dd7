"""One dialog ``Connect account`` for a connection, and one for one wish."""

from __future__ import annotations

from typing import cast

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from adwarden.services.accounts import Accounts
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import BROWSER, Settings
from adwarden.ui.authorize_dialog import AuthorizeDialog
from adwarden.ui.authorizing import Authorizing
from adwarden.ui.icons import Icons
from adwarden.ui.parts import make_button
from adwarden.ui.theme import Theme
from tests.ui.fake_accounts import FakeAccounts, make_app, make_connection
from tests.ui.stagehand import until


class Roster:
    apps = (make_app(), make_app("a2", "Test app"))

    def connection(self, connection_id: str) -> object:
        return make_connection()


class Known(FakeAccounts):
    roster = Roster()
    keychain_name = "GNOME Keyring"


async def dialogs(root: QWidget, tasks: Tasks) -> list[AuthorizeDialog]:
    await until(lambda: root.findChildren(AuthorizeDialog), "the dialog")
    found = root.findChildren(AuthorizeDialog)
    await until(lambda: all(one.isVisible() for one in found), "the picture")
    return [one for one in root.findChildren(AuthorizeDialog) if one.isVisible()]


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
