"""What the window does about the health of connections: check, leave, undo, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from adwarden.domain.checks import CheckResult, Way
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import KEYCHAIN, ConnectionState, XApp
from adwarden.services.events import Removal, RemovalChanged, Stage
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_place import Place
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Notice, Notices, Remedy, locked_notice, notice_of
from adwarden.ui.panes import Panes
from adwarden.ui.phrases import counted
from adwarden.ui.store import State
from adwarden.ui.undo_strip import UndoStrips

if TYPE_CHECKING:
    from adwarden.ui.check_dialog import CheckDialog
    from adwarden.ui.commands import Commands
    from adwarden.ui.leave_dialog import LeaveDialog
    from adwarden.ui.port import Services


class Upkeep:
    """The verbs; ``owner`` is the window: parent of dialogs, owner of tasks, place of strips."""

    def __init__(
        self,
        owner: QWidget,
        services: Services,
        tasks: Tasks,
        state: State,
        notices: Notices,
        icons: Icons,
        clipboard: Clipboard,
        commands: Commands,
        say: Callable[[str], None],
    ) -> None:
        self._owner, self._services, self._tasks = owner, services, tasks
        self._state, self._notices, self._icons = state, notices, icons
        self._clipboard, self._commands, self._say = clipboard, commands, say
        self._dialog: CheckDialog | None = None
        self._leaving: LeaveDialog | None = None

    @cached_property
    def _strips(self) -> UndoStrips:
        # Found here: the panes are made after the verbs.
        panes = self._owner.findChild(Panes)
        assert panes is not None
        strips = UndoStrips(self._icons, self._services.removing.left, self.undo, panes.tree)
        panes.put_below(strips)
        return strips

    # Undo

    def undo(self, item_id: str = "") -> None:
        """Bring back what was removed, or the last of it."""
        item_id = item_id or self._strips.newest
        if not item_id:
            self._say("There is nothing to undo")
            return
        self._spawn("undo", self._undo(item_id))

    async def _undo(self, item_id: str) -> None:
        if not await self._services.removing.undo(item_id):
            self._say("It is too late to undo this")

    def see(self, change: RemovalChanged) -> None:
        """Show what has become of a removal."""
        removal = change.removal
        if change.stage is Stage.WAITING:
            self._notices.dismiss(f"remove:{removal.id}")
            self._strips.add(removal)
            return
        self._strips.drop(removal.id)
        if change.stage is Stage.UNDONE:
            self._say(f"{removal.name} is here again")
        elif change.stage is Stage.ENDING and removal.revoke:
            self._say(f"Revoking {removal.name} at X …")
        elif change.stage is Stage.DONE:
            how = "was revoked at X and removed" if removal.revoke else "was disconnected"
            self._say(f"{removal.name} {'was removed' if removal.is_app else how}")
        elif change.stage is Stage.FAILED and change.error is not None:
            self._failed(removal, change.error)

    def _failed(self, removal: Removal, error: AdwardenError) -> None:
        connection = self._state.connections.get(removal.id)
        if connection is not None and connection.state is ConnectionState.REVOKING:
            return  # told by the notice that stays as long as it is being revoked
        removing = self._services.removing
        buttons: list[Remedy] = []
        if removal.is_app:
            what, words = "was not removed", "Try again"
            again = self._guarded(lambda: removing.remove_app(removal.id))
        else:
            what = "was not revoked" if removal.revoke else "was not disconnected"
            words = "Try to revoke again" if removal.revoke else "Try again"
            again = self._guarded(lambda: removing.disconnect(removal.id, revoke=removal.revoke))
        if error.code in (ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED):
            item = connection or self._state.apps.get(removal.id)
            place = item.place if item is not None else KEYCHAIN
            buttons.append(Remedy("Unlock and retry", lambda: self._unlock(place, again)))
        elif removal.is_app and self._state.connections_of(removal.id):
            buttons.append(Remedy("Leave …", lambda: self.leave(Place(removal.id))))
        elif error.code is not ErrorCode.INPUT:
            buttons.append(Remedy(words, again))
        if removal.revoke:
            here = self._guarded(lambda: removing.disconnect(removal.id, revoke=False))
            buttons.append(Remedy("Disconnect here", here))
        told = notice_of(error, f"remove:{removal.id}", *buttons)
        self._notices.show_notice(
            Notice(
                told.id,
                told.level,
                f"{removal.name} {what}: {_lower(told.title)}",
                told.message,
                told.remedy,
                told.detail,
                told.buttons,
            )
        )

    def _unlock(self, place: str, then: Callable[[], None]) -> None:
        """Have a place unlocked, then go on; whoever says no is told and nothing is done."""

        async def unlock() -> None:
            await self._services.unlock(place)
            then()

        self._spawn("unlock", unlock())

    def close(self) -> None:
        """Close the list of results; part of quitting."""
        if self._dialog is not None:
            self._dialog.close()

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        """Have a button's work tell what it raises: its connection may be gone by then."""

        def run() -> None:
            try:
                work()
            except AdwardenError as error:
                self._notices.show_notice(notice_of(error, "upkeep"))

        return run

    # Check

    def check(self, place: Place) -> None:
        """Check the selected connection, or all of the selected app."""
        if place.connection_id in self._state.connections:
            self._check([place.connection_id])
        elif place.app_id in self._state.apps:
            self.check_app(place.app_id)

    def check_all(self) -> None:
        """Check every connection."""
        self._check(list(self._state.connections))

    def check_app(self, app_id: str) -> None:
        """Check the connections of an app."""
        connections = self._state.connections_of(app_id)
        if connections:
            self._check([one.id for one in connections])
        elif app_id in self._state.apps:
            self._say(f"{self._state.apps[app_id].label} has no connections to check")

    def recheck(self, app: XApp) -> None:
        """Check what new keys have done to the connections of their app; list the dead ones."""
        ids = [one.id for one in self._state.connections_of(app.id)]
        self._spawn("check after new keys", self._recheck(app, ids))

    async def _recheck(self, app: XApp, ids: list[str]) -> None:
        if not ids:
            return
        self._say(f"Checking {counted(len(ids), 'connection', 'connections')} of {app.label} …")
        results = await self._services.checking.check(ids)
        trouble = [one for one in results if one.trouble and not one.works]
        if trouble:
            dialog = self._open_check(ids)
            dialog.explain(
                f"The keys of {app.label} were kept. X ends the tokens of an app when its API "
                "keys are regenerated: the users of these have to authorize again."
                if any(one.way is Way.RECONNECT for one in trouble)
                else f"The keys of {app.label} were kept, but not everything works with them."
            )
            dialog.show_results(results, only_trouble=True)
        else:
            works = counted(len(results), "connection works", "connections work")
            self._say(f"The keys of {app.label} were kept; {works}")
        for one in results:
            if one.works:
                self._commands.refresh(one.connection_id)

    def _check(self, ids: list[str]) -> None:
        if ids:
            dialog = self._open_check(ids)
            dialog.begin()

    def _open_check(self, ids: Iterable[str]) -> CheckDialog:
        from adwarden.ui.check_dialog import CheckDialog

        if self._dialog is not None:
            self._dialog.close()
        dialog = CheckDialog(
            self._owner,
            tuple(ids),
            check=self._services.checking.check,
            go=self._go,
            tasks=self._tasks,
            icons=self._icons,
            clipboard=self._clipboard,
        )
        dialog.finished.connect(lambda: self._closed(dialog))
        self._dialog = dialog
        dialog.show()
        return dialog

    def _closed(self, dialog: CheckDialog) -> None:
        if self._dialog is dialog:
            self._dialog = None

    def _go(self, result: CheckResult) -> None:
        """Take the way out of what a check has found."""
        if result.way is Way.RECONNECT:
            self._commands.reconnect(result.connection_id)
        elif result.way is Way.KEYS:
            self._commands.renew_app(result.app_id)
        elif result.way is Way.UNLOCK and self._dialog is not None:
            connection = self._state.connections.get(result.connection_id)
            place = connection.place if connection is not None else KEYCHAIN
            self._unlock(place, self._dialog.begin)

    # Leave

    def leave(self, place: Place) -> None:
        """Ask what is to be left, and revoke all of it."""
        from adwarden.ui.leave_dialog import LeaveDialog, groups_of

        groups = groups_of(self._state, place)
        if not groups:
            self._say("There are no connections to leave")
            return
        if self._leaving is not None:
            self._leaving.raise_()
            return
        dialog = LeaveDialog(
            self._owner,
            groups,
            revoke=self._services.leaving.revoke_all,
            tasks=self._tasks,
            icons=self._icons,
            clipboard=self._clipboard,
        )
        dialog.finished.connect(self._left)
        self._leaving = dialog
        dialog.open()

    def _left(self) -> None:
        if self._leaving is not None:
            self._leaving.deleteLater()
            self._leaving = None

    def _spawn(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        self._tasks.spawn(self._owner, name, self._tell(work))

    async def _tell(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except AdwardenError as error:
            locked = locked_notice(error, self._commands.unlock)
            self._notices.show_notice(locked or notice_of(error, "upkeep"))


def _lower(title: str) -> str:
    """Put a title behind a colon, unless it begins with a name."""
    first = title.split(" ", 1)[0]
    return title if len(first) == 1 or first.isupper() else title[:1].lower() + title[1:]
