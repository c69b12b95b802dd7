"""Opens the dialogs about the right token and what it is handed over to.

Made by the first of them; the first picture needs none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from adwarden.storage import settings as known
from adwarden.storage.settings import Settings
from adwarden.ui.details_place import Place
from adwarden.ui.dialogs import outcome
from adwarden.ui.editing import Around
from adwarden.ui.notices import hidden_notice
from adwarden.ui.report_dialog import documents_folder
from adwarden.ui.search import visible

if TYPE_CHECKING:
    from adwarden.domain.model import Connection
    from adwarden.ui.commands import Commands
    from adwarden.ui.finder_dialog import FinderDialog
    from adwarden.ui.hand_over_dialog import HandOverDialog
    from adwarden.ui.request_dialog import RequestDialog
    from adwarden.ui.requesting import Requesting


class Handing:
    """The verbs; one dialog at a time. Remembers what was chosen for as long as the window lives.

    ``go`` shows an ad account of a connection in the tree, ``places`` where secrets are kept;
    ``clock`` gives Unix seconds.
    """

    def __init__(
        self,
        around: Around,
        settings: Settings,
        clock: Callable[[], float],
        commands: Commands,
        go: Callable[[str, str], object],
        places: Callable[[], None],
    ) -> None:
        self._around, self._settings, self._clock = around, settings, clock
        self._commands, self._go, self._places = commands, go, places
        self._folder: Path | None = None
        self._format = self._capability = ""
        self._requests: Requesting | None = None
        self._open: HandOverDialog | FinderDialog | RequestDialog | None = None

    def hand_over(self, place: Place) -> None:
        """Hand the selected connection over to another tool."""
        around, state = self._around, self._around.state
        connection = state.connections.get(place.connection_id)
        if connection is None or self._raised():
            return
        from adwarden.ui.hand_over_dialog import HandOverDialog
        from adwarden.ui.hand_over_source import Subject

        app = state.apps.get(connection.app_id)
        entries = () if state.hidden(connection.id) else state.entries(connection.id)
        accounts = sorted(
            ((one.account.id, visible(one.account.name)) for one in entries),
            key=lambda pair: (pair[1].casefold(), pair[0]),
        )
        ads, version = self._settings.get(known.ADS_URL), self._settings.get(known.API_VERSION)
        subject = Subject(
            connection.id, connection.handle, app.label if app else "its X app", accounts,
            place.account_id, f"{ads.rstrip('/')}/{version}", _lost(connection),
        )  # fmt: skip
        dialog = HandOverDialog(
            around.owner, subject, around.services.handing_over,
            unlock=around.services.unlock, tasks=around.tasks, icons=around.icons,
            clipboard=around.clipboard, clock=self._clock, nonce=_nonce,
            folder=self._folder or documents_folder(),
            chosen=self._format,
        )  # fmt: skip
        self._keep(dialog)
        around.tasks.spawn(around.owner, "hand over", self._handed_over(dialog))

    def find(self, place: Place) -> None:
        """Tell which connection can do something, on the selected ad account or another."""
        around = self._around
        if self._raised():
            return
        if around.state.hiding == len(around.state.connections):
            around.notices.show_notice(hidden_notice("answer"))
            return
        from adwarden.ui.finder_dialog import FinderDialog

        dialog = FinderDialog(
            around.owner, around.state, place.account_id, go=self._go,
            hand_over=lambda connection_id, account_id: self._next(
                lambda: self.hand_over(Place("", connection_id, account_id))
            ),
            reconnect=lambda connection_id: self._next(
                lambda: self._commands.reconnect(connection_id)
            ),
            icons=around.icons, capability=self._capability,
        )  # fmt: skip
        self._keep(dialog)
        around.tasks.spawn(around.owner, "which token", self._found(dialog))

    def try_request(self, place: Place) -> None:
        """Send a request by hand with the selected connection."""
        around = self._around
        if place.connection_id not in around.state.connections or self._raised():
            return
        if self._requests is None:
            from adwarden.ui.requesting import Requesting

            again = lambda: self._next(lambda: None)  # noqa: E731
            get = self._settings.get
            self._requests = Requesting(
                around, self._commands, self._places, again,
                (get(known.ADS_URL), get(known.API_URL)),
            )  # fmt: skip
        dialog = self._requests.dialog(place)
        self._keep(dialog)
        around.tasks.spawn(around.owner, "try a request", self._tried(dialog))

    async def _tried(self, dialog: RequestDialog) -> None:
        await self._until_closed(dialog)

    def _next(self, step: Callable[[], None]) -> None:
        """Go on to another dialog once this one is closed."""
        self._open = None
        step()

    async def _handed_over(self, dialog: HandOverDialog) -> None:
        def remember(_: int) -> None:
            self._format, self._folder = dialog.chosen, dialog.folder

        dialog.finished.connect(remember)
        dialog.begin()
        await self._until_closed(dialog)

    async def _found(self, dialog: FinderDialog) -> None:
        def remember(_: int) -> None:
            self._capability = dialog.capability

        dialog.finished.connect(remember)
        try:
            await outcome(dialog)
        finally:
            self._closed(dialog)

    async def _until_closed(self, dialog: HandOverDialog | RequestDialog) -> None:
        """Wait for the end, and tell of what it came too early for."""
        try:
            await outcome(dialog)
        finally:
            self._closed(dialog)
        if dialog.cut_short is not None:
            self._around.notices.show_notice(dialog.cut_short)

    def _keep(self, dialog: HandOverDialog | FinderDialog | RequestDialog) -> None:
        """Know it as the one that is open, until it closes; its task goes on a little longer."""
        self._open = dialog
        dialog.finished.connect(lambda _: self._closed(dialog))

    def _closed(self, dialog: HandOverDialog | FinderDialog | RequestDialog) -> None:
        if self._open is dialog:
            self._open = None

    def _raised(self) -> bool:
        """Raise the dialog that is open, if one is."""
        if self._open is not None:
            self._open.raise_()
        return self._open is not None


def _lost(connection: Connection) -> str:
    """Say that a token does nothing now; whoever wants to hand it over all the same may."""
    from adwarden.domain.token_state import stopped

    why = stopped(connection)
    return f"{why[:1].upper()}{why[1:]}." if why else ""


def _nonce() -> str:
    import secrets

    return secrets.token_hex(16)
