"""What a person asks for now and then: look-ups, reports, the day an app was approved."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import FILE
from adwarden.services.events import KeychainChanged
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import Settings
from adwarden.ui.actions import Id
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_pages import Pages
from adwarden.ui.details_place import Asks, Place
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Notices, failed_id, hidden_notice, locked_notice, notice_of
from adwarden.ui.port import Services
from adwarden.ui.store import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from adwarden.services.events import Event
    from adwarden.ui.approval_dialog import ApprovalDialog
    from adwarden.ui.backing_up import BackingUp
    from adwarden.ui.commands import Commands
    from adwarden.ui.editing import Editing
    from adwarden.ui.handing import Handing
    from adwarden.ui.other_tools import OtherTools
    from adwarden.ui.reporting import Reporting
    from adwarden.ui.upkeep import Upkeep
    from adwarden.ui.vault_watch import VaultWatch


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
        self._looks: tuple[Icons, Clipboard] | None = None
        self._running = self._asked = False
        self.show: Callable[[Event], None] = lambda event: None
        """Takes an event into all panes; set by the window."""
        self.go: Callable[[str, str], object] = lambda *at: None
        """Goes to an ad account of a connection; set by the window."""

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
        self._looks = icons, clipboard
        commands.recheck = lambda *kept: self.upkeep.recheck(*kept)
        commands.removal = lambda change: self.upkeep.see(change)
        commands.leave = lambda app: self.upkeep.leave(Place(app))
        self._commands = commands
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
            unlock_file=lambda: self.vault.unlock(),
            places=lambda: self.vault.open(),
            history=history,
            check=lambda *of: self.upkeep.check(Place(*of)),
            leave=lambda *of: self.upkeep.leave(Place(*of)),
            edit_app=lambda app_id: self.editing.edit_app(app_id),
            edit_connection=lambda connection_id: self.editing.edit_connection(connection_id),
            add_token=lambda *of: self.editing.add_token(*of),
            hand_over=lambda *at: self.handing.hand_over(Place("", *at)),
            find=lambda *at: self.handing.find(Place("", *at)),
            try_request=lambda *at: self.handing.try_request(Place("", *at)),
            secrets=lambda: self.editing.secrets if self._running else None,
            running=lambda: self._running,
        )
        return Pages(self._state, icons, clipboard, self._clock, asks, self._settings)

    @cached_property
    def upkeep(self) -> Upkeep:
        """What looks after the health of connections; there once the pages are."""
        from adwarden.ui.upkeep import Upkeep

        assert self._looks is not None
        return Upkeep(
            self._owner, self._services, self._tasks, self._state, self._notices, *self._looks,
            self._commands, self._say, lambda: self.vault.open(),
        )  # fmt: skip

    @cached_property
    def editing(self) -> Editing:
        """What edits apps and connections, and copies their secrets; there once the pages are."""
        from adwarden.ui.editing import Around, Editing

        assert self._looks is not None
        return Editing(Around(
            self._owner, self._services, self._tasks, self._state, self._notices, *self._looks,
            self._say, self._commands.unlock, lambda then: self.vault.unlock(then),
        ))  # fmt: skip

    @cached_property
    def tools(self) -> OtherTools:
        """What takes tokens in from other tools."""
        from adwarden.ui.other_tools import OtherTools

        return OtherTools(self.editing.around, lambda: self.upkeep.check_all())

    @cached_property
    def handing(self) -> Handing:
        """What hands connections over to other tools, and finds the right one."""
        from adwarden.ui.handing import Handing

        return Handing(
            self.editing.around, self._settings, self._clock, self._commands,
            lambda *at: self.go(*at), lambda: self.vault.open(),
        )  # fmt: skip

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

        if self._state.hiding:
            self._notices.show_notice(hidden_notice("report"))
            return
        if self._reporting is None:
            self._reporting = Reporting(
                self._owner, self._services, self._settings, self._state, self._notices, self._clock
            )
        self._spawn("report", self._reporting.make(place))

    @cached_property
    def vault(self) -> VaultWatch:
        """What keeps the window in step with the places of secrets."""
        from adwarden.ui.vault_watch import VaultWatch

        assert self._looks is not None
        return VaultWatch(
            self._owner, self._services, self._tasks, self._settings, self._state, self._notices,
            *self._looks, self._say, lambda event: self.show(event), self._commands,
        )  # fmt: skip

    def see(self, event: Event) -> None:
        """Take in an event, after the state has."""
        of_file = isinstance(event, KeychainChanged) and event.place == FILE
        if of_file or "vault" in vars(self):
            self.vault.see(event)

    def close(self) -> None:
        """Close what is open; part of quitting."""
        if "upkeep" in vars(self):
            self.upkeep.close()
        if "vault" in vars(self):
            self.vault.close()

    def back_up(self) -> None:
        """Write everything into one encrypted file."""
        self._spawn("back up", self._backing_up.back_up())

    def restore(self) -> None:
        """Bring in what a backup holds."""
        self._spawn("restore", self._backing_up.restore())

    @property
    def restoring(self) -> bool:
        """Whether a backup is being brought in."""
        return "_backing_up" in vars(self) and self._backing_up.restoring

    @cached_property
    def _backing_up(self) -> BackingUp:
        from adwarden.ui.backing_up import BackingUp

        assert self._looks is not None
        backing_up = BackingUp(
            self._owner, self._services, self._tasks, self._settings, self._notices, *self._looks,
            self._clock, self._commands,
        )  # fmt: skip
        backing_up.check = lambda: self.upkeep.check_all()
        return backing_up

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
            locked = locked_notice(error, self._commands.unlock)
            self._notices.show_notice(locked or notice_of(error, failed_id(error, "on-demand")))


def asked_actions(
    commands: Commands, ask: Callable[[], OnDemand], place: Callable[[], Place]
) -> dict[Id, Callable[[], None]]:
    """Return what all the actions do that are asked for now and then."""
    return {
        Id.REMOVE_APP: lambda: commands.remove_app(place().app_id),
        Id.DISCONNECT: lambda: commands.disconnect(place().connection_id),
        Id.CHECK: lambda: ask().upkeep.check(place()),
        Id.CHECK_ALL: lambda: ask().upkeep.check_all(),
        Id.LEAVE: lambda: ask().upkeep.leave(place()),
        Id.UNDO: lambda: ask().upkeep.undo(),
        Id.REPORT: lambda: ask().report(place()),
        Id.EDIT_APP: lambda: ask().editing.edit_app(place().app_id),
        Id.EDIT_CONNECTION: lambda: ask().editing.edit_connection(place().connection_id),
        # Of whichever user: what is for one connection only begins on that connection's page.
        Id.ADD_TOKEN: lambda: ask().editing.add_token(place().app_id),
        Id.HAND_OVER: lambda: ask().handing.hand_over(place()),
        Id.FIND: lambda: ask().handing.find(place()),
        Id.TRY: lambda: ask().handing.try_request(place()),
        Id.BACK_UP: lambda: ask().back_up(),
        Id.RESTORE: lambda: ask().restore(),
        Id.TAKE_IN: lambda: ask().tools.bring_in(),
        Id.MOVE: lambda: ask().vault.asks.move(place().connection_id or place().app_id),
        Id.PLACES: lambda: ask().vault.open(),
        Id.LOCK: lambda: ask().vault.lock_by_hand(),
    }


async def _quietly(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except AdwardenError:
        # The details show the same failure, from the event that ends the look-up.
        return
