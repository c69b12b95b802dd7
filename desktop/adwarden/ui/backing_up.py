"""Backs up and restores: asks, has it done, tells where the backup is or what came in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from adwarden.domain.errors import ErrorCode, InputError, KeychainError
from adwarden.domain.model import KEYCHAIN, MEMORY
from adwarden.services.tasks import Tasks
from adwarden.storage.keychain_errors import refusal
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.report_file import ExistsError
from adwarden.storage.settings import Settings
from adwarden.storage.settings_moving import adopt, differing, portable
from adwarden.ui.backup_forms import BackupForm, RestoreForm
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Level, Notice, Notices, Remedy
from adwarden.ui.phrases import counted
from adwarden.ui.report_dialog import documents_folder
from adwarden.ui.reporting import replace_question, show_folder
from adwarden.ui.restore_dialog import RestoreDialog
from adwarden.ui.saving_dialog import SavingDialog

if TYPE_CHECKING:
    from adwarden.services.backup import Written
    from adwarden.services.restoring import Choices, Preview, Restored, Told
    from adwarden.ui.commands import Commands
    from adwarden.ui.port import Services

NOTICE = "backup"
_LOCKED = (KeychainState.LOCKED, KeychainState.NO_COLLECTION)
_OUT_OF_REACH = (KeychainState.MISSING, KeychainState.FAILED)
_SIZE = (540, 520)
_SIZE_RESTORE = (540, 400)


class BackingUp:
    """One dialog after the other; remembers the folder for as long as the window lives."""

    def __init__(
        self,
        owner: QWidget,
        services: Services,
        tasks: Tasks,
        settings: Settings,
        notices: Notices,
        icons: Icons,
        clipboard: Clipboard,
        clock: Callable[[], float],
        commands: Commands,
    ) -> None:
        self._owner, self._services, self._tasks = owner, services, tasks
        self._commands = commands
        self._settings, self._notices = settings, notices
        self._icons, self._clipboard, self._clock = icons, clipboard, clock
        self._folder: Path | None = None
        self._asking = False
        self.check: Callable[[], object] | None = None
        """Checks every connection, once a backup was restored."""
        self.restoring = False
        """Whether apps and connections come in that nobody wants to look at one by one."""

    async def back_up(self) -> None:
        """Ask, write and tell; a second wish while one is asked about does nothing."""
        if self._asking:
            return
        self._asking = True
        try:
            await self._back_up()
        finally:
            self._asking = False

    async def restore(self) -> None:
        """Ask for a backup, show what is in it, bring in what is chosen."""
        if self._asking:
            return
        self._asking = True
        try:
            await self._restore()
        finally:
            self._asking = False

    async def _back_up(self) -> None:
        if not await self._opened():
            return
        titles = [
            # As part of a list: its own name has a comma.
            "memory" if place == MEMORY else title
            for place, title, _ in await self._services.backup.sources()
        ]
        places = " and ".join([", ".join(titles[:-1]), titles[-1]] if titles[1:] else titles)
        form = BackupForm(
            self._icons, self._start_folder(), self._clock(), places=places or "all places"
        )

        async def write() -> Written | None:
            path, password = form.path, form.password.secret
            told = portable(self._settings)
            try:
                return await self._services.backup.write(path, password, settings=told)
            except ExistsError:
                if not await outcome(replace_question(dialog, path)):
                    return None
            return await self._services.backup.write(path, password, settings=told, replace=True)

        dialog = SavingDialog(
            self._owner, "Back up", form, work=write, unlock=self._services.unlock,
            tasks=self._tasks, icons=self._icons, clipboard=self._clipboard,
            size=_SIZE, busy="Encrypting, writing and checking the backup", action="Back up",
        )  # fmt: skip
        found: list[Written] = []
        dialog.saved.connect(found.append)
        if not await outcome(dialog) or not found:
            return
        written = found[0]
        self._folder = written.path.parent
        self._tell(written)

    async def _opened(self) -> bool:
        """Have the places unlocked that the backup is made of, before a password is thought up.

        Returns whether it can go on; raises ``KeychainError`` for a place that is out of reach.
        """
        found = await self._services.backup.sources()
        locked = [(place, title) for place, title, status in found if status.state in _LOCKED]
        for _, _, status in found:
            if status.state in _OUT_OF_REACH:
                raise refusal(status)
        if not locked:
            return True
        names = " and ".join(title for _, title in locked)
        names = names[:1].upper() + names[1:]
        dialog = Question(
            self._owner,
            "Unlock what is to be backed up?",
            f"{names} {'is' if len(locked) == 1 else 'are'} locked. A backup "
            "holds everything, so that what is locked has to be opened first.",
        )
        dialog.answer("Cancel", 0)
        unlock = dialog.answer("Unlock …", 1, primary=True)
        unlock.setDefault(True)
        unlock.setFocus()
        if not await outcome(dialog):
            return False
        offer = Remedy("Unlock", lambda: self._commands.unlock(KEYCHAIN))
        for place, _ in locked:
            if place == KEYCHAIN:
                if not await self._commands.unlocking.wait(offer):
                    return False
                continue
            try:
                await self._services.unlock(place)
            except KeychainError as error:
                if error.code is ErrorCode.KEYCHAIN_DISMISSED:
                    return False
                raise
        return True

    def _tell(self, written: Written) -> None:
        said = (
            f"{counted(written.apps, 'X app', 'X apps')} and "
            f"{counted(written.connections, 'connection', 'connections')} are in {written.path}. "
            "It was opened again and compared."
        )
        if written.left_out:
            names = ", ".join(written.left_out[:6])
            more = len(written.left_out) - 6
            said += (
                f" Not in it, as they have no secrets here that can be read, or are being revoked: "
                f"{names}"
                f"{f' and {more:,} more' if more > 0 else ''}."
            )
        level = Level.WARN if written.left_out else Level.INFO
        show = Remedy("Show in folder", lambda: show_folder(written.path.parent))
        self._notices.show_notice(
            Notice(NOTICE, level, "The backup was written", said, buttons=(show,))
        )

    async def _restore(self) -> None:
        form = RestoreForm(self._icons, self._start_folder())
        found: list[Preview] = []

        async def look() -> Preview:
            try:
                return await self._services.backup.preview(form.path, form.password.secret)
            except KeychainError as error:
                if error.code is not ErrorCode.WRONG_PASSWORD:
                    raise
                failure = InputError(error.title, error.message, error.remedy, field="password")
            raise failure

        dialog = SavingDialog(
            self._owner, "Restore from backup", form, work=look,
            unlock=self._services.unlock, tasks=self._tasks, icons=self._icons,
            clipboard=self._clipboard, size=_SIZE_RESTORE, busy="Opening the backup",
            action="Open",
        )  # fmt: skip
        dialog.saved.connect(found.append)
        if not await outcome(dialog) or not found:
            return
        preview = found.pop()
        self._folder = preview.path.parent

        async def bring_in(preview: Preview, choices: Choices, told: Told) -> Restored:
            self.restoring = True
            try:
                return await self._services.backup.restore(preview, choices, told)
            finally:
                self.restoring = False

        changes = [setting.label for setting in differing(self._settings, preview.settings)]
        await outcome(
            RestoreDialog(
                self._owner, preview, restore=bring_in,
                places=await self._services.backup.places(), settings=changes,
                adopt=lambda: adopt(self._settings, preview.settings),
                unlock=self._services.unlock, tasks=self._tasks,
                icons=self._icons, clipboard=self._clipboard, now=self._clock(),
                check=self.check,
            )
        )  # fmt: skip

    def _start_folder(self) -> Path:
        folder = self._folder
        return folder if folder is not None and folder.is_dir() else documents_folder()
