"""What a person asks for now and then: look-ups, reports, the day an app was approved."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import Settings
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_pages import Pages
from adwarden.ui.details_place import Asks, Place
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Notices, notice_of
from adwarden.ui.port import Services
from adwarden.ui.store import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from adwarden.ui.approval_dialog import ApprovalDialog
    from adwarden.ui.commands import Commands
    from adwarden.ui.reporting import Reporting


class OnDemand:
    """The verbs; ``owner`` is the parent of dialogs and the owner of tasks."""

    def __init__(
        self,
        owner: QWidget,
        services: Services,
        tasks: Tasks,
        settings: Settings,
        state: State,
        notices: Notices,
        say: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._owner, self._services, self._tasks = owner, services, tasks
        self._settings, self._state = settings, state
        self._notices, self._say, self._clock = notices, say, clock
        self._reporting: Reporting | None = None
        self._running = self._asked = False

    def start(self) -> None:
        """Begin, on the running loop; what was asked for before the first picture comes now."""
        self._running = True
        if self._asked:
            self.recall()

    def pages(
        self,
        commands: Commands,
        icons: Icons,
        clipboard: Clipboard,
        history: Callable[[str, str], None],
    ) -> Pages:
        """Return the pages of the details, which ask for what is here and in the commands."""
        asks = Asks(
            refresh=commands.refresh,
            reconnect=commands.reconnect,
            disconnect=commands.disconnect,
            connect=commands.connect_account,
            remove_app=commands.remove_app,
            renew_app=commands.renew_app,
            note_approval=self.note_approval,
            look_up=self.look_up,
            recall=self.recall,
            history=history,
        )
        return Pages(self._state, icons, clipboard, self._clock, asks, self._settings)

    def recall(self) -> None:
        """Read what was looked up before; it arrives as an event."""
        if not self._running:
            # A window that has the focus at once shows details before there is a loop.
            self._asked = True
            return
        self._spawn("recall look-ups", self._services.lookups.recall())

    def look_up(self, kind: str, connection_id: str, account_id: str) -> None:
        """Look up what a button has named; the outcome arrives as events."""
        from adwarden.domain.lookups import Kind

        lookups, state = self._services.lookups, self._state
        if kind == Kind.FUNDING.value:
            work = lookups.funding(connection_id, account_id)
        elif kind == Kind.FEATURES.value:
            work = lookups.features(connection_id, account_id)
        else:
            one = state.entry(connection_id, account_id)
            entries = (one,) if one is not None else state.entries(connection_id)
            # Exactly those that the button has counted.
            wanted, _ = state.lookups.missing(entries)
            work = lookups.handles(connection_id, wanted, account_id)
        self._spawn(f"look up {kind}", _quietly(work))

    def report(self, place: Place) -> None:
        """Make an access report of everything, or of what is selected."""
        from adwarden.ui.reporting import Reporting

        if self._reporting is None:
            self._reporting = Reporting(
                self._owner, self._services, self._settings, self._state, self._notices, self._clock
            )
        self._spawn("report", self._reporting.make(place))

    def note_approval(self, app_id: str) -> None:
        """Ask for the day on which X approved an app."""
        app = self._state.apps.get(app_id)
        if app is None:
            return
        from adwarden.ui.approval_dialog import ApprovalDialog

        dialog = ApprovalDialog(self._owner, app)
        self._spawn("note the approval", self._note(dialog, app_id))

    async def _note(self, dialog: ApprovalDialog, app_id: str) -> None:
        from adwarden.ui.dialogs import outcome

        if await outcome(dialog):
            app = await self._services.note_approval(app_id, dialog.approved_at)
            self._say(f"Noted for {app.label}")

    def _spawn(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        self._tasks.spawn(self._owner, name, self._tell(work))

    async def _tell(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except AdwardenError as error:
            self._notices.show_notice(notice_of(error, "on-demand"))


async def _quietly(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except AdwardenError:
        # The details show the same failure, from the event that ends the look-up.
        return
