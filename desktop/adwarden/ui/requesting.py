"""Opens the dialog ``Try a request``, and takes the ways out that it offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.checks import Way
from adwarden.ui.details_place import Place
from adwarden.ui.editing import Around
from adwarden.ui.request_dialog import RequestDialog

if TYPE_CHECKING:
    from adwarden.ui.commands import Commands


_USUAL = "accounts/:account_id/authenticated_user_access"
"""What is asked first of an ad account: any token may, and it tells what this one can do there."""


class Requesting:
    """Remembers the path that was tried last; ``places`` opens where secrets are kept.

    ``addresses`` are those that the settings have for the Ads API and X's other one.
    ``closing`` is told before another dialog of the window takes the place of this one.
    """

    def __init__(
        self,
        around: Around,
        commands: Commands,
        places: Callable[[], None],
        closing: Callable[[], None],
        addresses: tuple[str, str],
    ) -> None:
        self._around, self._commands, self._addresses = around, commands, addresses
        self._places, self._closing = places, closing
        self._path = ""

    def dialog(self, place: Place) -> RequestDialog:
        """Make the dialog, for what is selected."""
        around, state = self._around, self._around.state
        apps = {key: app.label for key, app in state.apps.items()}
        shown = [one for one in state.connections.values() if not state.hidden(one.id)]
        accounts = {
            one.id: {entry.account.id: entry.account.name for entry in state.entries(one.id)}
            for one in shown
        }
        usual = _USUAL if place.account_id else "accounts"
        dialog = RequestDialog(
            around.owner,
            {
                one.id: f"{one.handle} · {apps.get(one.app_id, 'its X app')}"
                for one in state.connections.values()
            },
            accounts,
            around.services.trying,
            addresses=self._addresses,
            go=lambda way, connection_id: self._go(dialog, way, connection_id),
            unlock=around.services.unlock, tasks=around.tasks, icons=around.icons,
            clipboard=around.clipboard,
            begin=(place.connection_id, place.account_id, self._path or usual),
        )  # fmt: skip
        dialog.finished.connect(lambda _: self._remember(dialog.path))
        return dialog

    def _remember(self, path: str) -> None:
        self._path = path

    def _go(self, dialog: RequestDialog, way: Way, connection_id: str) -> None:
        connection = self._around.state.connections.get(connection_id)
        if connection is None:
            return
        if way is Way.KEYS:
            self._commands.renew_app(connection.app_id, dialog)
            return
        # What comes next may be a dialog, and belongs to the window.
        dialog.accept()
        self._closing()
        if way is Way.RECONNECT:
            self._commands.reconnect(connection_id)
        elif way is Way.PLACES:
            self._places()
