"""Keeps the window in step with the KeePass file: names only while it is locked, else all of it.

It hides and shows, locks and unlocks; what is asked about places has windows of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import FILE
from adwarden.services.events import AppSaved, ConnectionSaved, EntriesRemoved, EntriesSaved, Event
from adwarden.services.tasks import Tasks
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.settings import Settings
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.dialogs import outcome
from adwarden.ui.icons import Icons
from adwarden.ui.lock_dialogs import LockDialogs
from adwarden.ui.notices import Notice, Notices, failed_id, notice_of, unlock_notice
from adwarden.ui.store import State

if TYPE_CHECKING:
    import asyncio

    from adwarden.ui.commands import Commands
    from adwarden.ui.lock_key import LockKey
    from adwarden.ui.places_dialog import PlacesDialog
    from adwarden.ui.port import Services
    from adwarden.ui.vault_asks import VaultAsks
    from adwarden.ui.vault_dialogs import UnlockDialog

BY_HAND = "It was locked by hand."


class VaultWatch:
    """Listens for one window; ``show`` takes an event into all its panes.

    Nothing about a connection but its name is in the window while its file is not open; what
    the index has of it is read again once it is.
    """

    def __init__(
        self,
        window: QWidget,
        services: Services,
        tasks: Tasks,
        settings: Settings,
        state: State,
        notices: Notices,
        icons: Icons,
        clipboard: Clipboard,
        say: Callable[[str], None],
        show: Callable[[Event], None],
        commands: Commands,
    ) -> None:
        self._window, self._services, self._tasks = window, services, tasks
        self._settings, self._state, self._notices = settings, state, notices
        self._icons, self._clipboard, self._say, self._show = icons, clipboard, say, show
        self.commands = commands
        self._shown = False
        self._key: LockKey | None = None
        self._show_key(state.file_open and not state.hiding)
        self._asking: UnlockDialog | None = None
        self._dialog: PlacesDialog | None = None
        self._dialogs = LockDialogs(window, notices, lambda one: one is self._dialog)
        self._locking: asyncio.Task[None] | None = None
        """The lock that has begun, and may wait for what is being saved."""
        services.vault_file.ask = self.ask

    @property
    def settled(self) -> bool:
        """Whether everything is shown."""
        return self._dialog is None or self._dialog.settled

    def see(self, event: Event) -> None:
        """Take in an event about a place or about what is kept in one, after the state has."""
        if self._locking is not None:
            self._state.file_open = False  # hidden already, whatever its place says until then
        if self._state.file_open != self._shown:
            self._show_key(self._state.file_open)
            if self._shown:
                self._spawn("show what the file holds", self._uncover())
            else:
                self._cover()
        if self._dialog is not None:
            self._dialog.again()

    def open(self) -> None:
        """Show where secrets are kept."""
        if self._dialog is None:
            from adwarden.ui.places_dialog import PlacesDialog

            self._dialog = PlacesDialog(
                self._window, self._services, self._tasks, self._settings, self._state,
                self._icons, self, self.asks,
            )  # fmt: skip
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    @cached_property
    def asks(self) -> VaultAsks:
        """What can be asked about the file."""
        from adwarden.ui.vault_asks import VaultAsks

        return VaultAsks(
            self, self._services, self._tasks, self._settings, self._icons, self._clipboard,
            self._say,
        )  # fmt: skip

    def close(self) -> None:
        """Close what is open; part of quitting."""
        if self._key is not None:
            self._key.stop()
        if self._dialog is not None:
            self._dialog.close()

    # Locked and unlocked

    def unlock(self, then: Callable[[], None] | None = None) -> None:
        """Ask for the master password; ``then`` is done once the file is open."""
        self._spawn("unlock the KeePass file", self._unlock(then))

    async def ask(self) -> None:
        """Ask until the file is open; raises KEYCHAIN_DISMISSED when the person said no."""
        from adwarden.ui.vault_dialogs import UnlockDialog

        path = self._services.vault_file.path
        if self._asking is not None or path is None:
            if self._asking is not None:
                self._asking.raise_()
            raise _dismissed()
        self._asking = UnlockDialog(
            self.over(), path, self._services.vault_file.enter, self._tasks, self._icons,
            self._clipboard, self.lock_again,
        )  # fmt: skip
        try:
            if not await outcome(self._asking):
                raise _dismissed()
        finally:
            self._asking = None

    def lock(self, why: str = BY_HAND) -> asyncio.Task[None] | None:
        """Lock the file: hide at once what depends on it, then have the key dropped.

        Returns the task that drops it, which lets what is being saved come to its end first. A
        token that was granted and is in no place yet stays in its dialog until it is stored or
        discarded, and is pointed out.
        """
        if not self._services.vault_file.unlocked:
            return None
        self._clipboard.clear_now()
        self._dialogs.close()
        self._state.file_open = False
        self._show_key(False)
        self._cover()
        if self._locking is None:
            self._locking = self._spawn("lock the KeePass file", self._lock(why))
        return self._locking

    def tell(self, error: AdwardenError) -> None:
        """Say what could not be done."""
        self._notices.show_notice(notice_of(error, failed_id(error, f"vault:{error.title}")))

    def show(self, notice: Notice) -> None:
        """Show a notice in the window."""
        self._notices.show_notice(notice)

    def say(self, words: str) -> None:
        """Make a passing remark."""
        self._say(words)

    def lock_by_hand(self) -> None:
        """Lock the file because somebody asked for it."""
        self.lock()

    async def _unlock(self, then: Callable[[], None] | None) -> None:
        try:
            status = await self._services.unlock(FILE)
        except AdwardenError as error:
            if error.code is not ErrorCode.KEYCHAIN_DISMISSED:
                again = unlock_notice(error, FILE, lambda _: self.unlock(then))
                self._notices.show_notice(again)
            return
        if status.state is KeychainState.READY and then is not None:
            then()

    async def _lock(self, why: str) -> None:
        try:
            await self._dialogs.saved()
            await self._services.vault_file.lock(why)
        finally:
            self._locking = None
        self._say("The KeePass file is locked")

    def lock_again(self) -> None:
        """Lock, because somebody gave up waiting for the file to open."""
        # The password may have been right: what had begun goes on without the dialog.
        self._spawn("lock the KeePass file", self._relock())

    async def _relock(self) -> None:
        await self._services.vault_file.lock("Unlocking it was given up.")

    def _show_key(self, shown: bool) -> None:
        """Note whether what depends on the file is shown; while it is, dialogs have the key too."""
        self._shown = shown
        if shown and self._key is None:
            from adwarden.ui.lock_key import LockKey

            self._key = LockKey(self._window, self.lock_by_hand)
        if self._key is not None:
            self._key.start() if shown else self._key.stop()

    def _cover(self) -> None:
        state = self._state
        for one in [one for one in state.connections.values() if one.place == FILE]:
            ids = tuple(entry.account.id for entry in state.entries(one.id))
            self._show(EntriesRemoved(one.id, ids))
            self._show(ConnectionSaved(one))
        for app in [app for app in state.apps.values() if app.place == FILE]:
            self._show(AppSaved(app))

    async def _uncover(self) -> None:
        for connection_id, entries in (await self._services.vault_file.known()).items():
            if not self._state.file_open:
                return
            one = self._state.connections.get(connection_id)
            if one is not None:
                self._show(ConnectionSaved(one))
                self._show(EntriesSaved(connection_id, entries))

    def over(self) -> QWidget:
        """Return what dialogs lie over: what is in front of this window and stays there."""
        found: QWidget | None = None
        one: QObject | None = QApplication.activeWindow()
        while one is not None and one is not self._window:
            # What is in front may be a dialog that needs the file for its own work.
            if found is None and isinstance(one, QDialog) and _stays(one):
                found = one
            one = one.parent()
        return found if found is not None and one is not None else self._window

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._tasks.spawn(self._window, name, work)


def _stays(one: QDialog) -> bool:
    """Tell whether a dialog can have others over it: those go with it when it is closed."""
    from PySide6.QtWidgets import QFileDialog

    return one.isVisible() and not isinstance(one, QFileDialog)


def _dismissed() -> KeychainError:
    error = KeychainError(
        ErrorCode.KEYCHAIN_DISMISSED,
        "The KeePass file stays locked",
        "Its master password was not entered.",
        "Unlock it, then try again.",
    )
    error.place = FILE
    return error
