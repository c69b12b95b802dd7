"""Opens the dialogs that edit apps and connections, and fetches one secret at a time for a copy.

Made by the first of them; the first picture needs none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from PySide6.QtWidgets import QWidget

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_secrets import Secrets
from adwarden.ui.icons import Icons
from adwarden.ui.notices import (
    Notices,
    about,
    failed_id,
    locked_notice,
    notice_of,
    row_notice,
)
from adwarden.ui.port import Services
from adwarden.ui.saving_dialog import SavingDialog
from adwarden.ui.store import State


@dataclass(frozen=True, slots=True)
class Around:
    """What the dialogs are opened with; ``owner`` is their parent and the owner of tasks.

    ``unlock`` has a place of secrets unlocked; ``open_file`` has the KeePass file opened, and goes
    on then.
    """

    owner: QWidget
    services: Services
    tasks: Tasks
    state: State
    notices: Notices
    icons: Icons
    clipboard: Clipboard
    say: Callable[[str], None]
    unlock: Callable[[str], None]
    open_file: Callable[[Callable[[], None]], None]


class Editing:
    """The verbs; of each kind of dialog there is one at a time."""

    def __init__(self, around: Around) -> None:
        self._around = self.around = around
        self._open: SavingDialog | None = None
        self.secrets = Secrets(
            around.owner, around.tasks, around.clipboard, around.icons, self._fetch, self._failed
        )

    def edit_app(self, app_id: str) -> None:
        """Change an app's name, access, note and further secrets."""
        self._once_shown(app_id, lambda: self._edit_app(app_id))

    def _edit_app(self, app_id: str) -> None:
        app = self._around.state.apps.get(app_id)
        if app is None or self._raised():
            return
        from adwarden.ui.app_editor import EditAppDialog

        around = self._around
        others = around.state.apps
        dialog = EditAppDialog(
            around.owner, app, apps=around.services.apps,
            taken=lambda: [one.label for one in others.values() if one.id != app_id],
            **self._usual(),
        )  # fmt: skip
        self._show(dialog, lambda one: f"{one.label} was changed")

    def edit_connection(self, connection_id: str) -> None:
        """Give a connection a name and a note of its own."""
        self._once_shown(connection_id, lambda: self._edit_connection(connection_id))

    def _edit_connection(self, connection_id: str) -> None:
        state, services = self._around.state, self._around.services
        connection = state.connections.get(connection_id)
        if connection is None or self._raised():
            return
        from adwarden.ui.connection_editor import EditConnectionDialog

        def name(label: str, note: str) -> Awaitable[Connection]:
            return services.apps.name_connection(connection_id, label=label, note=note)

        app = state.apps.get(connection.app_id)
        dialog = EditConnectionDialog(
            self._around.owner, connection, app.label if app else "its X app", name=name,
            **self._usual(),
        )  # fmt: skip
        self._show(dialog, lambda one: f"{one.handle} was changed")

    def add_token(self, app_id: str = "", connection_id: str = "") -> None:
        """Take the token of an app's owner, for a connection or as a new one."""
        state, services = self._around.state, self._around.services
        connection = state.connections.get(connection_id)
        if not state.apps or self._raised():
            return
        from adwarden.ui.connection_editor import AddTokenDialog

        def paste(app_id: str, token: Secret, secret: Secret, of: str) -> Awaitable[Connection]:
            return services.pasting.add(app_id, token, secret, connection_id=of)

        app_id = connection.app_id if connection else app_id
        dialog = AddTokenDialog(
            self._around.owner, tuple(state.apps.values()), app_id, connection, paste=paste,
            **self._usual(),
        )  # fmt: skip
        dialog.saved.connect(self._refresh)
        self._show(dialog, lambda one: f"{one.handle} was connected")

    def _once_shown(self, item_id: str, step: Callable[[], None]) -> None:
        """Do it once everything about an app or a connection may be shown: a dialog shows notes."""
        hidden = self._around.state.hidden
        if hidden(item_id):
            self._around.open_file(lambda: None if hidden(item_id) else step())
        else:
            step()

    def _usual(self) -> dict[str, Any]:
        around = self._around
        return {
            "unlock": around.services.unlock,
            "tasks": around.tasks,
            "icons": around.icons,
            "clipboard": around.clipboard,
        }

    def _raised(self) -> bool:
        """Raise the dialog that is open, if one is."""
        if self._open is not None:
            self._open.raise_()
        return self._open is not None

    def _show(self, dialog: SavingDialog, words: Callable[[Any], str]) -> None:
        self._open = dialog
        dialog.saved.connect(lambda one: self._around.say(words(one)))
        self._spawn(f"dialog {dialog.windowTitle()}", self._until_closed(dialog))

    async def _until_closed(self, dialog: SavingDialog) -> None:
        from adwarden.ui.dialogs import outcome

        try:
            await outcome(dialog)
        finally:
            self._open = None

    def _refresh(self, connection: Connection) -> None:
        self._spawn("first refresh", self._refreshed(connection.id))

    async def _refreshed(self, connection_id: str) -> None:
        try:
            await self._around.services.refresh(connection_id)
        except AdwardenError:
            # The same failure is told by the event that ends the refresh.
            return

    async def _fetch(self, item: XApp | Connection, name: str) -> Secret:
        apps = self._around.services.apps
        fetch = apps.secret if isinstance(item, XApp) else apps.token
        secret = await fetch(item.id, name)
        self._around.notices.dismiss(row_notice(item.id))
        return secret

    def _failed(self, item: XApp | Connection, error: AdwardenError) -> None:
        locked = locked_notice(error, self._around.unlock)
        told = notice_of(error, failed_id(error, row_notice(item.id)))
        name = item.label if isinstance(item, XApp) else item.handle
        of_row = told.id == row_notice(item.id)
        self._around.notices.show_notice(locked or (about(name, told) if of_row else told))

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._around.tasks.spawn(self._around.owner, name, work)
