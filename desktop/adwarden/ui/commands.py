"""What the window's actions do: each asks the services and tells the outcome by a notice.

Every command is a named task; nothing here blocks, and an expected failure never leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import FILE, KEYCHAIN, ConnectionState, XApp
from adwarden.services.events import RemovalChanged
from adwarden.services.tasks import Tasks
from adwarden.storage.keychain_status import KeychainState
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.notices import KEYCHAIN_NOTICE, Notices, Remedy, notice_of, unlock_notice
from adwarden.ui.port import Services, Suggest
from adwarden.ui.store import State

if TYPE_CHECKING:
    from adwarden.ui.app_dialog import AddAppDialog
    from adwarden.ui.unlocking import Heard, Then, Unlocking

Authorize = Callable[[str, str], None]
"""Opens the dialog ``Connect account`` for an app id and the id of a connection to renew."""


def app_keys_notice(app_id: str) -> str:
    """Return the id of the notice that an app's keys are gone or refused."""
    return f"app-keys:{app_id}"


class Commands:
    """The verbs of the window. ``owner`` is the parent of dialogs and the owner of tasks."""

    def __init__(
        self,
        owner: QWidget,
        services: Services,
        tasks: Tasks,
        state: State,
        notices: Notices,
        icons: Icons,
        clipboard: Clipboard,
        authorize: Authorize,
        say: Callable[[str], None],
        suggested: Suggest | None = None,
    ) -> None:
        self._owner, self._services, self._tasks = owner, services, tasks
        self._state, self._notices, self._icons = state, notices, icons
        self._clipboard, self._authorize, self._say = clipboard, authorize, say
        self._suggested = suggested
        self.recheck: Callable[[XApp, str], None] = lambda app, said: None
        """Looks what keys that were just kept are good for; ``said`` is what has been told."""
        self.leave: Callable[[str], None] = lambda _: None
        """Asks whether all connections of an app are to go."""
        self.removal: Callable[[RemovalChanged], None] = lambda _: None
        """Shows what has become of a removal."""
        self._adding: AddAppDialog | None = None
        self._asking: set[str] = set()

    def add_app(self) -> None:
        """Open ``Add X app``; a second wish raises the one that is open."""
        if self._adding is not None:
            self._adding.raise_()
            return
        from adwarden.ui.app_dialog import AddAppDialog

        dialog = AddAppDialog(
            self._owner,
            add=self._services.add_app,
            unlock=self._services.unlock,
            taken=lambda: [app.label for app in self._state.apps.values()],
            tasks=self._tasks,
            icons=self._icons,
            clipboard=self._clipboard,
            suggested=self._suggested,
            place=self._state.chosen,
        )
        dialog.added.connect(self._added)
        self._open(dialog)

    def renew_app(
        self, app_id: str, over: QWidget | None = None, then: Callable[[], None] | None = None
    ) -> None:
        """Ask for an app's keys again; once they are kept, its connections are checked.

        ``over`` is the dialog that wants them, and ``then`` how it goes on.
        """
        app = self._state.apps.get(app_id)
        if app is None or self._adding is not None:
            return
        from adwarden.ui.renew_dialog import RenewAppDialog

        dialog = RenewAppDialog(
            over or self._owner,
            app,
            renew=self._services.renew_app,
            weigh=self._services.apps.weigh_keys,
            unlock=self._services.unlock,
            tasks=self._tasks,
            icons=self._icons,
            clipboard=self._clipboard,
        )
        dialog.added.connect(lambda now: self._renewed(now, app.holds))
        if then is not None:
            dialog.accepted.connect(then)  # once it is closed, and its parent can be used
        self._open(dialog)

    def _added(self, app: XApp) -> None:
        said = f"{app.label} was added"
        self._say(said)
        self.recheck(app, said)

    def _renewed(self, app: XApp, had: Collection[str] = ()) -> None:
        said = f"The keys of {app.label} were kept"
        if "bearer" in set(had) - set(app.holds):
            said += ". Its bearer token belonged to the keys before: fetch a new one"
        self._say(said)
        self._notices.dismiss(app_keys_notice(app.id))
        self.recheck(app, said)

    def _open(self, dialog: AddAppDialog) -> None:
        self._adding = dialog
        self._spawn(f"dialog {dialog.windowTitle()}", self._until_closed(dialog))

    async def _until_closed(self, dialog: AddAppDialog) -> None:
        from adwarden.ui.dialogs import outcome

        try:
            await outcome(dialog)
        finally:
            self._adding = None

    def connect_account(self, app_id: str = "") -> None:
        """Open ``Connect account``, for the only app if there is but one."""
        if not self._state.apps:
            self.add_app()
            return
        if not app_id and len(self._state.apps) == 1:
            app_id = next(iter(self._state.apps))
        self._authorize(app_id, "")

    def reconnect(self, connection_id: str) -> None:
        """Have the same user authorize again."""
        connection = self._state.connections.get(connection_id)
        if connection is not None:
            self._authorize(connection.app_id, connection.id)

    def refresh_all(self) -> None:
        """Fetch everything; failures arrive as events, one for each connection."""
        self._spawn("refresh all", self._quietly(self._services.refresh_all()))

    def refresh(self, connection_id: str) -> None:
        """Fetch one connection; its failure arrives as an event."""
        self._spawn("refresh", self._quietly(self._services.refresh(connection_id)))

    def cancel_refresh(self) -> None:
        """Stop fetching."""
        self._services.cancel_refresh()

    def disconnect(self, connection_id: str) -> None:
        """Ask how, then disconnect."""
        connection = self._state.connections.get(connection_id)
        if connection is None or connection_id in self._asking:
            return
        self._asking.add(connection_id)
        self._spawn("disconnect", self._disconnect(connection_id))

    def remove_app(self, app_id: str) -> None:
        """Ask, then remove an app that has no connections."""
        if app_id in self._state.apps and app_id not in self._asking:
            self._asking.add(app_id)
            self._spawn("remove X app", self._remove_app(app_id))

    def check_keychain(self) -> None:
        """Look at the keychain without a prompt; what is found arrives as an event."""
        self._spawn("look at the keychain", self._tell(self._services.keychain_status()))

    def unlock_and_retry(self) -> None:
        """Let the system ask for its password, then do what could not be done."""
        if self._locked_place() == FILE:
            self._spawn("unlock the KeePass file", self._unlock_and_retry())
        else:
            self.unlocking.begin(Remedy("Unlock and retry", self.unlock_and_retry), self._retry)

    @cached_property
    def unlocking(self) -> Unlocking:
        """Has the system's keychain unlocked, whoever wishes for it."""
        from adwarden.ui.unlocking import Unlocking

        return Unlocking(
            self._owner, self._services, self._tasks, self._state, self._notices, self._say
        )

    async def _disconnect(self, connection_id: str) -> None:
        from adwarden.ui.dialogs import Disconnect, disconnect_question, outcome

        try:
            connection = self._state.connections[connection_id]
            app = self._state.apps.get(connection.app_id)
            how = await outcome(
                disconnect_question(
                    self._owner,
                    connection.handle,
                    app.label if app else "the X app",
                    connection.place,
                )
            )
            if how != Disconnect.CANCEL:
                revoke = how == Disconnect.REVOKE
                self._services.removing.disconnect(connection_id, revoke=revoke)
        except AdwardenError as error:
            self._notices.show_notice(notice_of(error, f"remove:{connection_id}"))
        finally:
            self._asking.discard(connection_id)

    async def _remove_app(self, app_id: str) -> None:
        from adwarden.ui.dialogs import outcome, remove_app_question

        try:
            app = self._state.apps[app_id]
            # With connections the service says so in words, before anybody is asked for nothing.
            used = self._state.connections_of(app_id)
            question = remove_app_question
            if used or await outcome(question(self._owner, app.label, app.place)):
                self._services.removing.remove_app(app_id)
        except AdwardenError as error:
            # Disconnecting a hundred one by one is no remedy: all of them can be left at once.
            leave = Remedy("Leave …", lambda: self.leave(app_id))
            still = (leave,) if self._state.connections_of(app_id) else ()
            self._notices.show_notice(notice_of(error, f"remove:{app_id}", *still))
        finally:
            self._asking.discard(app_id)

    def revoke_again(self) -> None:
        """Try again to revoke what is being revoked; what stops it is told by its notice."""
        for one in list(self._state.connections.values()):
            if one.state is ConnectionState.REVOKING:
                self._spawn("revoke", self._quietly(self._services.removing.retry(one.id), True))

    def unlock(self, place: str, then: Then | None = None, heard: Heard | None = None) -> None:
        """Have a place unlocked, then go on; ``heard`` is told how the system's question ended."""
        if place == FILE:
            self._spawn("unlock", self._unlock_file(then))
        else:
            self.unlocking.begin(Remedy("Unlock", lambda: self.unlock(place, then)), then, heard)

    async def _unlock_file(self, then: Then | None) -> None:
        try:
            await self._services.unlock(FILE)
        except AdwardenError as error:
            again = unlock_notice(error, FILE, lambda place: self.unlock(place, then))
            self._notices.show_notice(again)
            return
        if then is not None:
            then()

    def _locked_place(self) -> str:
        """Return which place is to be unlocked: the system keychain, unless only the file is."""
        state = self._state
        well = state.keychain is not None and state.keychain.state is KeychainState.READY
        of_file = state.needs(FILE) and not state.file_open
        return FILE if of_file and (well or not state.needs(KEYCHAIN)) else KEYCHAIN

    async def _unlock_and_retry(self) -> None:
        try:
            await self._services.unlock(FILE)
        except AdwardenError as error:
            again = Remedy("Unlock and retry", self.unlock_and_retry)
            self._notices.show_notice(notice_of(error, KEYCHAIN_NOTICE, again))
            return
        self._notices.dismiss(KEYCHAIN_NOTICE)
        self._retry()

    def _retry(self) -> None:
        if self._state.connections:
            self.refresh_all()

    async def _quietly(self, work: Coroutine[Any, Any, object], aloud: bool = False) -> None:
        try:
            await work
        except AdwardenError as error:
            # It is told by an event as well; a notice that says so already does not move.
            if aloud:
                self._say(error.title)

    async def _tell(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except AdwardenError as error:
            self._notices.show_notice(notice_of(error, KEYCHAIN_NOTICE))

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(self._owner, name, work)
