"""The two forms about backups: where one goes and its password, and which one to bring in."""

from __future__ import annotations

import os
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from adwarden.domain.errors import InputError
from adwarden.domain.password_words import strength
from adwarden.ui.fields import TextField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, make_button
from adwarden.ui.password_field import PasswordField

SUFFIX = ".kdbx"
_FILTER = "KeePass files (*.kdbx);;All files (*)"
_ENDS = tuple(sep + dot for sep in (os.sep, os.altsep) if sep for dot in ("", "."))
NO_WAY_BACK = (
    "Nobody can open the backup without it, and there is no way to get it back. Only its length "
    "is judged here."
)


class BackupForm:
    """Where the backup goes and its password, twice."""

    def __init__(self, icons: Icons, folder: Path, now: float, *, places: str) -> None:
        self.widget, self.column = _page(
            "Back up",
            f"Writes all X apps and connections with their secrets and notes, from {places}, and "
            "your settings into one encrypted file (KDBX 4, Argon2id), which KeePassXC opens, too. "
            "The list of ad accounts is not in it: it is fetched again.",
        )
        day = datetime.fromtimestamp(now).date().isoformat()
        self.file = TextField("File", "Keep it on another disk than this computer’s.", limit=1000)
        self.file.edit.setText(str(folder / f"adwarden-backup-{day}{SUFFIX}"))
        self._choose = make_button("Choose …", name="Choose the file")
        self._choose.clicked.connect(self._ask)
        self.file.row.addWidget(self._choose)
        self.password = PasswordField("Password", icons, NO_WAY_BACK)
        self.repeat = PasswordField("Password again", icons)
        self.password.edited.connect(self._judge)
        self.repeat.edited.connect(lambda: self.repeat.say(""))
        for part in (self.file, self.password, self.repeat):
            self.column.addWidget(part)
        self.column.addStretch(1)
        for first, second in pairwise(self.chain()):
            QWidget.setTabOrder(first, second)

    @property
    def path(self) -> Path:
        """The file it goes to."""
        path = _path(self.file.text())
        return path if path.suffix else path.with_suffix(SUFFIX)

    def chain(self) -> tuple[QWidget, ...]:
        """Return the controls in the order of the Tab key."""
        return (
            self.file.edit, self._choose, self.password.edit, self.password.reveal,
            self.repeat.edit, self.repeat.reveal,
        )  # fmt: skip

    def begin(self) -> None:
        """Begin with the password: the file is proposed."""
        self.password.edit.setFocus()

    def check(self) -> QWidget | None:
        """Say beside each field what keeps it from being written."""
        if not _names_file(self.file):
            return self.file.edit
        if not self.password.edit.text():
            self.password.say("Enter a password: an empty one protects nothing.", "error")
            return self.password.edit
        if self.password.secret != self.repeat.secret:
            self.repeat.say("The two are not the same.", "error")
            return self.repeat.edit
        self.repeat.say("")
        return None

    def refuse(self, error: InputError) -> bool:
        """Say beside its field what is wrong."""
        return _refused({"file": self.file, "password": self.password}, error)

    def forget(self) -> None:
        """Forget the passwords that were typed."""
        self.password.clear()
        self.repeat.clear()

    def _judge(self) -> None:
        found = strength(self.password.edit.text())
        self.password.say(f"{found.words} {NO_WAY_BACK}".strip() if found.words else "", found.role)
        self.repeat.say("")

    def _ask(self) -> None:
        dialog = QFileDialog(self.widget, "Save the backup as", str(self.path), _FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.lstrip("."))
        # Asked once, when it is about to be written: it may come into being until then.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.connect(self.file.edit.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class RestoreForm:
    """Which backup is to be looked into, and its password."""

    def __init__(self, icons: Icons, folder: Path) -> None:
        self.widget, self.column = _page(
            "Restore from backup",
            "Opens a backup and compares it with what is here. Nothing changes before you have "
            "seen what is in it and have chosen.",
        )
        self._folder = folder
        self.file = TextField("File", "A file that “Back up …” has written.", limit=1000)
        self._choose = make_button("Choose …", name="Choose the file")
        self._choose.clicked.connect(self._ask)
        self.file.row.addWidget(self._choose)
        self.password = PasswordField("Password", icons)
        self.password.edited.connect(lambda: self.password.say(""))
        for part in (self.file, self.password):
            self.column.addWidget(part)
        self.column.addStretch(1)
        for first, second in pairwise(self.chain()):
            QWidget.setTabOrder(first, second)

    @property
    def path(self) -> Path:
        """The file to look into."""
        return _path(self.file.text())

    def chain(self) -> tuple[QWidget, ...]:
        """Return the controls in the order of the Tab key."""
        return (self.file.edit, self._choose, self.password.edit, self.password.reveal)

    def begin(self) -> None:
        """Begin with the file."""
        self.file.edit.setFocus()

    def check(self) -> QWidget | None:
        """Say beside each field what is missing."""
        if not _names_file(self.file):
            return self.file.edit
        if not self.password.edit.text():
            self.password.say("Enter the backup’s password.", "error")
            return self.password.edit
        return None

    def refuse(self, error: InputError) -> bool:
        """Say beside its field what is wrong."""
        return _refused({"file": self.file, "password": self.password}, error)

    def forget(self) -> None:
        """Forget the password that was typed."""
        self.password.clear()

    def _ask(self) -> None:
        at = self.path.parent if self.file.text() else self._folder
        dialog = QFileDialog(self.widget, "Choose the backup", str(at), _FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.file.edit.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _page(title: str, words: str) -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(24, 20, 24, 8)
    column.setSpacing(12)
    column.addWidget(Text(title, role="title", wraps=True))
    column.addWidget(Text(words, wraps=True))
    return page, column


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)  # the home folder of somebody who is not known here


def _names_file(field: TextField) -> bool:
    """Say what is wrong with the name of a file; returns whether nothing is."""
    name = field.text()
    if not name or "\0" in name:
        field.say("Choose the file.", "error")
    elif name.endswith(_ENDS):
        field.say("This is a folder: add the name of the file.", "error")
    elif not _path(name).is_absolute():
        field.say("Name the folder, too: the path must begin at the root.", "error")
    else:
        field.say("")
        return True
    return False


def _refused(fields: dict[str, TextField | PasswordField], error: InputError) -> bool:
    field = fields.get(error.field)
    if field is None:
        return False
    field.say(str(error), "error")
    # Later: the form is still at rest, and what is disabled takes no focus.
    QTimer.singleShot(0, field.edit, field.edit.setFocus)
    QTimer.singleShot(0, field.edit, field.edit.selectAll)
    return True
