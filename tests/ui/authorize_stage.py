"""A stage for the authorization dialog: theme, tasks, and everything that it told."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

import shiboken6
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from adwarden.domain.model import Connection
from adwarden.services.tasks import Tasks
from adwarden.ui.authorize_dialog import AuthorizeDialog
from adwarden.ui.authorize_flow import AccountsLike
from adwarden.ui.authorize_page import EmbeddedMode
from adwarden.ui.authorize_phase import Phase
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from tests.ui.fake_accounts import make_app

PATIENCE = 20.0


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until ``condition`` holds; fails after a while."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - anything may be waited for
            await asyncio.sleep(0.01)


@functools.cache
def _look(app: QApplication) -> tuple[Theme, Icons]:
    # As in the product, they live as long as the application.
    theme = Theme(app, "light")
    return theme, Icons(theme)


class Desk:
    """Opens dialogs and remembers what came out of them."""

    def __init__(self, app: QApplication) -> None:
        self.theme, self.icons = _look(app)
        self.funnel: list[tuple[str, str]] = []
        self.tasks = Tasks(lambda error, name: self.funnel.append((repr(error), name)))
        self.connected: list[Connection] = []
        self.opened: list[str] = []
        self.copied: list[str] = []
        self.browser_works = True
        self.dialogs: list[AuthorizeDialog] = []
        self.gone = 0

    def open(
        self,
        accounts: AccountsLike,
        *,
        embedded: EmbeddedMode = EmbeddedMode.SYSTEM,
        reconnect: Connection | None = None,
        keychain_name: str = "GNOME Keyring",
    ) -> AuthorizeDialog:
        dialog = AuthorizeDialog(
            None,
            accounts=accounts,
            tasks=self.tasks,
            theme=self.theme,
            icons=self.icons,
            apps=[make_app(), make_app("a2", "Conversions app")],
            app_id="a1",
            reconnect=reconnect,
            embedded=embedded,
            open_url=self._browse,
            copy_text=self.copied.append,
            keychain_name=keychain_name,
        )
        dialog.connected.connect(self.connected.append)
        dialog.destroyed.connect(self._count)
        self.dialogs.append(dialog)
        dialog.open()
        return dialog

    async def waiting(
        self,
        accounts: AccountsLike,
        *,
        embedded: EmbeddedMode = EmbeddedMode.SYSTEM,
        reconnect: Connection | None = None,
    ) -> AuthorizeDialog:
        """Open a dialog and wait until it waits for a PIN."""
        dialog = self.open(accounts, embedded=embedded, reconnect=reconnect)
        await self.reach(dialog, Phase.WAITING)
        return dialog

    async def reach(self, dialog: AuthorizeDialog, phase: Phase) -> None:
        await until(lambda: dialog.flow.phase is phase)

    async def clear(self) -> None:
        """Throw every dialog away and wait until all are gone."""
        await self.tasks.close()
        for dialog in filter(shiboken6.isValid, self.dialogs):
            dialog.flow.shut()
            dialog.pane.clear()
            dialog.hide()
            dialog.deleteLater()
        await until(lambda: self.gone == len(self.dialogs))

    def _browse(self, url: str) -> bool:
        self.opened.append(url)
        return self.browser_works

    def _count(self) -> None:
        self.gone += 1


def named(dialog: QWidget, name: str) -> QWidget:
    """Find the one visible control with this accessible name."""
    found = [
        widget
        for widget in dialog.findChildren(QWidget)
        if widget.accessibleName() == name and widget.isVisible()
    ]
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def press(dialog: QWidget, name: str) -> None:
    """Press a button, which must be there and enabled."""
    button = named(dialog, name)
    assert isinstance(button, QPushButton)
    assert button.isEnabled(), name
    button.click()


def said(dialog: AuthorizeDialog) -> str:
    """Return all that the message on the left says."""
    message = dialog.panel.message
    return "" if message is None else "\n".join((message.title, *message.lines))
