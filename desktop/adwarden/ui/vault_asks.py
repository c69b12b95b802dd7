"""Asks a person about the KeePass file: where it is, its password, whether to forget it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import FILE, KEYCHAIN, Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.services.moving import Left, name_of
from adwarden.services.tasks import Tasks
from adwarden.storage import settings as known
from adwarden.storage.settings import Settings
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.dialogs import Question, outcome
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Level, Notice, Remedy, notice_of
from adwarden.ui.phrases import PLACE_NAMES, counted
from adwarden.ui.search import visible
from adwarden.ui.vault_words import TITLES

if TYPE_CHECKING:
    from adwarden.ui.port import Services
    from adwarden.ui.vault_watch import VaultWatch


class VaultAsks:
    """Opens the dialogs, over whatever is in front; each is a task of its own."""

    def __init__(
        self,
        watch: VaultWatch,
        services: Services,
        tasks: Tasks,
        settings: Settings,
        icons: Icons,
        clipboard: Clipboard,
        say: Callable[[str], None],
    ) -> None:
        self._watch, self._services, self._tasks = watch, services, tasks
        self._settings, self._icons, self._clipboard = settings, icons, clipboard
        self._say = say
        self._folder: Path | None = None

    def create(self) -> None:
        """Ask for path and password, and make a file."""
        from adwarden.ui.vault_dialogs import CreateDialog

        async def create(path: Path, password: Secret, for_new: bool) -> None:
            await self._services.vault_file.create(path, password)
            self._folder = path.parent
            if for_new:
                self._settings.set(known.VAULT_PLACE, FILE)
            self._say(f"{path.name} was created")

        dialog = CreateDialog(
            self._watch.over(), create, self._tasks, self._icons, self._clipboard,
            self._watch.lock_again, folder=self._folder,
        )  # fmt: skip
        self._spawn("create a KeePass file", self._shown_dialog(dialog))

    def open_file(self) -> None:
        """Ask for a file and its password, and use it."""
        from shiboken6 import isValid

        from adwarden.ui.vault_dialogs import UnlockDialog, choose_file

        over = self._watch.over()

        def chosen(text: str) -> None:
            path = Path(text)

            async def enter(password: Secret) -> None:
                await self._services.vault_file.use(path, password)
                self._folder = path.parent
                self._say(f"{path.name} is open")

            # Who asked for it may be behind the main window for a moment.
            stays = isValid(over) and over.isVisible()
            dialog = UnlockDialog(
                over if stays else self._watch.over(), path, enter, self._tasks, self._icons,
                self._clipboard, self._watch.lock_again, title=f"Open {path.name}", go="Open",
            )  # fmt: skip
            self._spawn("open a KeePass file", self._shown_dialog(dialog))

        choose_file(over, self._folder, chosen)

    def change_password(self) -> None:
        """Ask for old and new password, and change it."""
        from adwarden.ui.vault_dialogs import ChangePasswordDialog

        path = self._services.vault_file.path
        if path is None:
            return

        async def change(old: Secret, new: Secret) -> None:
            await self._services.vault_file.change_password(old, new)
            self._say("The master password was changed")

        dialog = ChangePasswordDialog(
            self._watch.over(), path.name, change, self._tasks, self._icons, self._clipboard
        )
        self._spawn("change the master password", self._shown_dialog(dialog))

    def forget(self) -> None:
        """Ask, then use the file no longer."""
        path = self._services.vault_file.path
        if path is not None:
            self._spawn("forget the KeePass file", self._forget(path))

    def move(self, id_: str) -> None:
        """Ask where an app or a connection is to be kept, and move it there."""
        one = self._services.moving.item(id_)
        if one is not None:
            self._spawn("keep elsewhere", self._move(one))

    async def _move(self, one: XApp | Connection) -> None:
        name = visible(name_of(one))
        dialog = Question(
            self._watch.over(),
            f"Where is {name} to be kept?",
            f"It is in {PLACE_NAMES.get(one.place, one.place)} now.",
            "It is written in the new place, read back and compared before it is deleted here. "
            "In memory it is lost when Adwarden quits.",
        )
        cancel = dialog.answer("Cancel", 0)
        found = [place for place in TITLES if place != one.place and self._usable(place)]
        for number, place in enumerate(found, start=1):
            dialog.answer(TITLES[place].partition(",")[0], number)
        cancel.setDefault(True)
        cancel.setFocus()
        chosen = await outcome(dialog)
        if not chosen:
            return
        moved = await self._services.moving.move(found[chosen - 1], (one,))
        for left in moved.left:
            raise left.error
        if moved.stays:
            self._tell_copies(one.place, moved.stays)
        self._say(f"{name} is kept in: {TITLES[found[chosen - 1]]}")

    def _tell_copies(self, place: str, stays: Sequence[Left]) -> None:
        """Say that old copies are still in a place, and offer to try again to delete them."""
        from adwarden.ui.vault_words import stays_words

        notice_id = f"copies:{place}"
        again = Remedy("Try again", lambda: self._spawn("delete copies", delete()))

        async def delete() -> None:
            try:
                await self._services.moving.delete_copies(place)
            except AdwardenError as error:
                self._watch.show(notice_of(error, notice_id, again))
            else:
                self._say("The old copies were deleted")

        title, words = "Moved, but not deleted where it was.", " ".join(stays_words(stays))
        self._watch.show(Notice(notice_id, Level.WARN, title, words, buttons=(again,)))

    def _usable(self, place: str) -> bool:
        return place != FILE or self._services.vault_file.path is not None

    async def _forget(self, path: Path) -> None:
        rows = len(self._services.vault_file.rows)
        kept = (
            f"The secrets of {counted(rows, 'app or connection', 'apps and connections')} stay in "
            "it. They cannot be used until it is opened again."
            if rows
            else "Nothing is kept in it."
        )
        new = self._settings.get(known.VAULT_PLACE) == FILE
        more = ("What is new is kept in the system keychain from then on.",) if new else ()
        dialog = Question(
            self._watch.over(), f"Forget {path.name}?", f"{kept} The file stays.", *more
        )
        cancel = dialog.answer("Cancel", 0)
        dialog.answer("Forget", 1).setProperty("danger", True)
        cancel.setDefault(True)
        cancel.setFocus()
        if await outcome(dialog):
            if new:
                self._settings.set(known.VAULT_PLACE, KEYCHAIN)
            await self._services.vault_file.forget()
            self._say(f"{path.name} was forgotten")

    async def _shown_dialog(self, dialog: QDialog) -> None:
        await outcome(dialog)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(self, name, self._told(work))

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except AdwardenError as error:
            self._watch.tell(error)
