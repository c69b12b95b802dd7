"""What the window does about the health of connections: check, leave, undo, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from adwarden.domain.checks import Way, finding_of, ways_of
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import ConnectionState, XApp
from adwarden.services.events import Left, Removal, RemovalChanged, RemovalKind, Stage
from adwarden.services.tasks import Tasks
from adwarden.ui.check_work import CheckWork
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_place import Place
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Notice, Notices, Remedy, failed_id, locked_notice, notice_of
from adwarden.ui.panes import Panes
from adwarden.ui.store import State
from adwarden.ui.undo_strip import UndoStrips, done_words, name_of, not_done_words

if TYPE_CHECKING:
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
        places: Callable[[], None],
    ) -> None:
        self._owner, self._services, self._tasks = owner, services, tasks
        self._state, self._notices, self._icons = state, notices, icons
        self._clipboard, self._commands, self._say = clipboard, commands, say
        self._checks = CheckWork(
            owner, services, tasks, state, notices, icons, clipboard, commands, say,
            unlock=commands.unlock, places=places, spawn=self._spawn,
        )  # fmt: skip
        self._leaving: LeaveDialog | None = None

    @cached_property
    def _strips(self) -> UndoStrips:
        # Found here: the panes are made after the verbs.
        panes = self._owner.findChild(Panes)
        assert panes is not None
        removing = self._services.removing
        strips = UndoStrips(self._icons, removing.left, self.undo, removing.stop, panes.tree)
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
        if change.stage is Stage.ENDING and removal.kind is RemovalKind.LEAVE:
            self._strips.progress(removal, len(change.left))
            return
        self._strips.drop(removal.id)
        if change.stage is Stage.UNDONE:
            self._say(f"{name_of(removal)} {'is' if removal.count == 1 else 'are'} here again")
        elif change.stage is Stage.ENDING and removal.revoke:
            self._say(f"Revoking {removal.name} at X …")
        elif change.stage is Stage.DONE and removal.kind is RemovalKind.LEAVE:
            self._left_behind(removal, change.left)
        elif change.stage is Stage.DONE:
            self._say(done_words(removal))
        elif change.stage is Stage.FAILED and change.error is not None:
            self._failed(removal, change.error)

    def _failed(self, removal: Removal, error: AdwardenError) -> None:
        connection = self._state.connections.get(removal.id)
        waits = connection is not None and connection.state is ConnectionState.REVOKING
        if removal.revoke and removal.kind is RemovalKind.CONNECTION:
            # In the place of "Revoking …".
            what = f"waits to be revoked: {_lower(error.title)}" if waits else "is still connected"
            self._say(f"{name_of(removal)} {what}")
        if waits:
            return  # told by the notice that stays as long as it is being revoked
        removing = self._services.removing
        buttons: list[Remedy] = []
        words = "Try to revoke again" if removal.revoke else "Try again"

        def again() -> None:
            self._spawn("remove again", removing.again(removal.id))

        if Way.UNLOCK in ways_of(finding_of(error)):
            item = connection or self._state.apps.get(removal.id)
            place = item.place if item is not None else removal.place
            buttons.append(Remedy(Way.UNLOCK.value, lambda: self._commands.unlock(place, again)))
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
                f"{name_of(removal)} {not_done_words(removal)}: {_lower(told.title)}",
                told.message,
                told.remedy,
                told.detail,
                told.buttons,
            )
        )

    def close(self) -> None:
        """Close the list of results; part of quitting."""
        self._checks.close()

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
        self._checks.check(place)

    def check_all(self) -> None:
        """Check everything."""
        self._checks.check_all()

    def recheck(self, app: XApp, said: str) -> None:
        """Check what keys that were just kept are good for; ``said`` has been said of them."""
        self._checks.recheck(app, said)

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
        dialog = LeaveDialog(self._owner, groups, leave=self._services.leaving.leave)
        dialog.finished.connect(self._asked)
        self._leaving = dialog
        dialog.open()

    def _asked(self) -> None:
        if self._leaving is not None:
            self._leaving.deleteLater()
            self._leaving = None

    def _left_behind(self, removal: Removal, left: tuple[Left, ...]) -> None:
        """Tell how leaving ended: in passing, or by a notice where something stays."""
        from adwarden.ui.left_dialog import LeftDialog, left_notice

        def show() -> None:
            LeftDialog(self._owner, removal, left, self._clipboard).open()

        notice = left_notice(removal, left, Remedy("Show the list …", show, closes=False))
        if notice is None:
            self._say(done_words(removal))
        else:
            self._notices.show_notice(notice)

    def _spawn(self, name: str, work: Coroutine[Any, Any, object]) -> None:
        self._tasks.spawn(self._owner, name, self._tell(work))

    async def _tell(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except AdwardenError as error:
            locked = locked_notice(error, self._commands.unlock)
            self._notices.show_notice(locked or notice_of(error, failed_id(error, "upkeep")))


def _lower(title: str) -> str:
    """Put a title behind a colon, unless it begins with a name."""
    first = title.split(" ", 1)[0]
    return title if len(first) == 1 or first.isupper() else title[:1].lower() + title[1:]
