"""The dialogs about a KeePass file: make one, open one, unlock it, change its master password."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QFileDialog, QWidget

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fields import TextField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, breakable, make_button
from adwarden.ui.report_dialog import documents_folder
from adwarden.ui.search import visible
from adwarden.ui.vault_form import NewPassword, VaultDialog

FILTER = "KeePass files (*.kdbx);;All files (*)"
ENDING = ".kdbx"


class UnlockDialog(VaultDialog):
    """Asks for the master password as often as it takes; ``enter`` tries one."""

    def __init__(
        self,
        parent: QWidget | None,
        path: Path,
        enter: Callable[[Secret], Awaitable[object]],
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        given_up: Callable[[], None],
        *,
        title: str = "",
        go: str = "Unlock",
    ) -> None:
        title = title or f"Unlock {visible(path.name)}"
        super().__init__(parent, title, go, tasks, icons, clipboard, given_up)
        self._enter = enter
        self.column.addWidget(Text(breakable(visible(str(path.parent))), role="dim", wraps=True))
        self.password = self.field("Master password")
        self.finish_form()
        self.password.edit.setFocus()

    def ready(self) -> bool:
        """Ask for something to be typed."""
        if self.password.edit.text():
            return True
        self.refuse(self.password, "Type the file’s master password.")
        return False

    async def work(self) -> None:
        """Try the password."""
        await self._enter(self.password.secret)

    def fail(self, error: AdwardenError) -> None:
        """Say below the field that it was the wrong one; anything else on top."""
        if error.code is ErrorCode.WRONG_PASSWORD:
            self.refuse(self.password, f"{error.title}. {error.remedy}")
            return
        super().fail(error)
        self.password.edit.setFocus()


class CreateDialog(NewPassword):
    """Makes a new file; ``create`` gets path, password and whether what is new goes there."""

    def __init__(
        self,
        parent: QWidget | None,
        create: Callable[[Path, Secret, bool], Awaitable[object]],
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        given_up: Callable[[], None],
        *,
        folder: Path | None = None,
    ) -> None:
        super().__init__(
            parent, "Create a KeePass file", "Create", tasks, icons, clipboard, given_up
        )
        self._create = create
        words = (
            "An encrypted file that KeePassXC opens as well. It may lie on a stick or in a shared "
            "folder; whoever has it needs the master password."
        )
        self.column.addWidget(Text(words, wraps=True))
        self.file = TextField("File", limit=1000)
        self.file.edit.setText(str((folder or documents_folder()) / f"Adwarden{ENDING}"))
        choose = make_button("Choose …", name="Choose the file")
        choose.clicked.connect(self._choose)
        self.file.row.addWidget(choose)
        self.add(self.file)
        self.ask_twice()
        self.for_new = QCheckBox("Keep what is new in this file")
        self.for_new.setChecked(True)
        self.add(self.for_new)
        self.finish_form()
        self.new.edit.setFocus()

    @property
    def path(self) -> Path:
        """The file it is to be."""
        name = self.file.text()
        path = Path(name)
        return path if path.suffix else Path(f"{name}{ENDING}")

    def ready(self) -> bool:
        """Look at the path, then at the passwords."""
        name = self.file.text()
        if not name or "\0" in name or name.endswith(("/", "\\")) or not self.path.is_absolute():
            self.file.say("Name a file with its folder, from the root on.", "error")
            self.file.edit.setFocus()
            self.grow()
            return False
        self.file.say("")
        return super().ready()

    async def work(self) -> None:
        """Make the file."""
        await self._create(self.path, self.new.secret, self.for_new.isChecked())

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Create the KeePass file", str(self.path), FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ENDING.lstrip("."))
        # A file that is there is never replaced, so there is nothing to confirm.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.connect(self.file.edit.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class ChangePasswordDialog(NewPassword):
    """Asks for the old password and for a new one."""

    def __init__(
        self,
        parent: QWidget | None,
        name: str,
        change: Callable[[Secret, Secret], Awaitable[object]],
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        super().__init__(parent, "Change master password", "Change", tasks, icons, clipboard)
        self._change = change
        words = (
            f"Whoever else uses {visible(name)} needs the new one from then on. Older copies of "
            "the file, also those of backups and of synchronized folders, keep the old one."
        )
        self.column.addWidget(Text(words, wraps=True))
        self.old = self.field("Master password now")
        self.ask_twice()
        self.finish_form()
        self.old.edit.setFocus()

    def ready(self) -> bool:
        """Ask for the old one first."""
        if not self.old.edit.text():
            self.refuse(self.old, "Type the file’s master password.")
            return False
        return super().ready()

    async def work(self) -> None:
        """Change it."""
        await self._change(self.old.secret, self.new.secret)

    def fail(self, error: AdwardenError) -> None:
        """Say at the field that the old one was wrong."""
        if error.code is ErrorCode.WRONG_PASSWORD:
            self.refuse(self.old, f"{error.title}.")
            return
        super().fail(error)


def choose_file(parent: QWidget | None, folder: Path | None, chosen: Callable[[str], None]) -> None:
    """Ask for a file that is there; ``chosen`` gets its path once the question is closed."""
    dialog = QFileDialog(parent, "Open a KeePass file", str(folder or documents_folder()), FILTER)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    paths: list[str] = []

    def closed(_result: int) -> None:
        dialog.deleteLater()
        for path in paths[:1]:
            chosen(path)

    # Told while the dialog is still there; what opens next must not lie over it.
    dialog.fileSelected.connect(paths.append)
    dialog.finished.connect(closed)
    dialog.open()
