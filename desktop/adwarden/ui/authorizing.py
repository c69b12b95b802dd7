"""Opens ``Connect account`` dialogs, several at once if wanted, and sees them all out at the end.

The dialog and the browser engine behind it are imported when the first one is opened.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Connection
from adwarden.services.accounts import Accounts
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import BROWSER, Settings
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme

if TYPE_CHECKING:
    from adwarden.ui.authorize_dialog import AuthorizeDialog


RenewApp = Callable[[str, QWidget, Callable[[], None]], None]
"""Asks for an app's keys over a dialog, and calls what is to follow once they are kept."""

_ENGINE = (
    "PySide6.QtQuickWidgets",
    "PySide6.QtWebEngineCore",
    "PySide6.QtWebEngineWidgets",
    "adwarden.ui.guest_page",
    "adwarden.ui.guest_view",
)
"""The browser engine and what we make of it, in pieces that each take less than 50 ms to load."""


class Authorizing:
    """The dialogs that are open; ``parent`` is set once the main window is there.

    ``renew_app`` asks for keys again, and ``on_close`` is told that a dialog has closed.
    ``sandbox`` is whether the browser engine can shut its pages in.
    """

    def __init__(
        self,
        accounts: Accounts,
        tasks: Tasks,
        settings: Settings,
        theme: Theme,
        icons: Icons,
        *,
        sandbox: bool,
    ) -> None:
        self._accounts = accounts
        self._tasks = tasks
        self._settings = settings
        self._theme = theme
        self._icons = icons
        self._sandbox = sandbox
        self._open: dict[AuthorizeDialog, str] = {}
        """What is open, with the id of the connection that it renews, if any."""
        self._opening: set[str] = set()
        self.parent: QWidget | None = None
        self.renew_app: RenewApp = lambda app_id, over, then: None
        self.on_close: Callable[[], None] = lambda: None

    def authorize(self, app_id: str, reconnect: str) -> None:
        """Open a dialog for an app, or to renew the connection ``reconnect``.

        Of a connection there is one at a time: a second wish raises it. Several users may authorize
        the same app at once, and a wish that comes while its dialog is being opened is no other.
        """
        from adwarden.ui.authorize_phase import Phase

        wanted = reconnect or app_id
        if wanted in self._opening:
            return
        for dialog, renewed in self._open.items():
            if reconnect and renewed == reconnect and dialog.flow.phase is not Phase.DONE:
                dialog.raise_()
                dialog.activateWindow()
                return
        self._opening.add(wanted)
        self._tasks.spawn(self, "open Connect account", self._authorize(app_id, reconnect))

    async def _authorize(self, app_id: str, reconnect: str) -> None:
        try:
            await self._opened(app_id, reconnect)
        finally:
            self._opening.discard(reconnect or app_id)

    async def _opened(self, app_id: str, reconnect: str) -> None:
        import asyncio

        # The engine costs 200 MB and half the start, so it comes with the first dialog, and one
        # piece in each turn of the loop, so that the window goes on in between.
        embedded = self._sandbox and self._settings.get(BROWSER) != "system"
        for part in _ENGINE if embedded else ():
            with suppress(ImportError):  # the dialog says so then, and uses the system browser
                import_module(part)
            await asyncio.sleep(0)
        from PySide6.QtGui import QGuiApplication

        from adwarden.ui.authorize_dialog import AuthorizeDialog
        from adwarden.ui.authorize_page import EmbeddedMode

        mode = EmbeddedMode.EMBEDDED if self._sandbox else EmbeddedMode.NO_SANDBOX
        if self._settings.get(BROWSER) == "system":
            mode = EmbeddedMode.SYSTEM
        roster = self._accounts.roster
        place = await self._accounts.place_name(reconnect)
        dialog = AuthorizeDialog(
            self.parent,
            accounts=self._accounts,
            tasks=self._tasks,
            theme=self._theme,
            icons=self._icons,
            apps=roster.apps,
            app_id=app_id,
            reconnect=roster.connection(reconnect) if reconnect else None,
            embedded=mode,
            open_url=lambda url: self._browse(url, dialog),
            copy_text=lambda text: QGuiApplication.clipboard().setText(text),
            keychain_name=place,
        )
        self._open[dialog] = reconnect
        dialog.connected.connect(self._connected)
        dialog.keys_wanted.connect(lambda app_id: self._renew(app_id, dialog))
        dialog.finished.connect(lambda: self._closed(dialog))
        await asyncio.sleep(0)
        dialog.pane.prepare()
        await asyncio.sleep(0)
        dialog.open()

    @property
    def holding(self) -> AuthorizeDialog | None:
        """Return a dialog that holds a token which is not stored yet, if there is one."""
        return next((dialog for dialog in self._open if dialog.holds_token), None)

    def close(self) -> None:
        """Close what is still open."""
        for dialog in tuple(self._open):
            dialog.done(0)

    def _connected(self, connection: Connection) -> None:
        self._tasks.spawn(self, "first refresh", self._refresh(connection.id))

    async def _refresh(self, connection_id: str) -> None:
        # The same failure is told, with the name, by the event that ends the refresh.
        with suppress(AdwardenError):
            await self._accounts.refresh(connection_id)

    def _browse(self, url: str, dialog: AuthorizeDialog) -> bool:
        self._tasks.spawn(self, "open browser", self._browsed(url, dialog))
        return True

    async def _browsed(self, url: str, dialog: AuthorizeDialog) -> None:
        from adwarden.ui.browser import opens

        if not await opens(url) and dialog in self._open:
            dialog.say_no_browser()

    def _renew(self, app_id: str, dialog: AuthorizeDialog) -> None:
        def then() -> None:
            if dialog in self._open:
                dialog.go_on_with_keys()

        self.renew_app(app_id, dialog, then)

    def _closed(self, dialog: AuthorizeDialog) -> None:
        del self._open[dialog]
        dialog.deleteLater()
        self.on_close()
