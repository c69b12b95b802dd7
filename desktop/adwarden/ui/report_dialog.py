"""The dialog ``Access report``: what it covers, its format, and the file it goes to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QWidget,
)

from adwarden.domain.data import dataclass
from adwarden.domain.report import FORMATS, Scope
from adwarden.ui.fields import Labelled, TextField
from adwarden.ui.fitted_dialog import FittedDialog
from adwarden.ui.parts import Text, make_button
from adwarden.ui.search import shortened, visible

_WIDTH = 500
_LONGEST = 60
_ENDS = tuple(sep + dot for sep in (os.sep, os.altsep) if sep for dot in ("", "."))
"""What ends the name of a folder; a path would drop it in silence."""

_FORMATS = {
    "csv": (
        "CSV, for spreadsheets",
        "One row for each ad account and connection. An apostrophe stands before what a "
        "spreadsheet might take for a formula.",
    ),
    "json": ("JSON, for programs", "The same with the reason of every answer; stable keys."),
    "html": ("HTML page, to read and print", "Needs nothing else: no network, no other file."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that a report can cover: its words, and what it leaves in."""

    words: str
    scope: Scope


class ReportDialog(FittedDialog):
    """Asks; once it is accepted, ``kind``, ``scope`` and ``path`` tell what was chosen."""

    def __init__(
        self,
        parent: QWidget | None,
        choices: Sequence[Choice],
        *,
        now: float,
        chosen: int = 0,
        folder: Path | None = None,
    ) -> None:
        super().__init__(parent, "Access report", width=_WIDTH, spacing=12)
        self._choices = choices
        column = self.column
        words = (
            "Who can do what on which ad account, through which connection, and since when that "
            "is known. It is made of the last known state and holds no keys and no tokens."
        )
        column.addWidget(Text(words, wraps=True))
        self._what = QComboBox()
        for choice in choices:
            self._what.addItem(shortened(visible(choice.words))[:_LONGEST])
        self._what.setCurrentIndex(chosen)
        column.addWidget(Labelled("Covers", self._what))
        self._format = QComboBox()
        for kind in FORMATS:
            self._format.addItem(_FORMATS[kind][0], kind)
        self._format_field = Labelled("Format", self._format)
        column.addWidget(self._format_field)
        self._file = TextField("File", limit=1000)
        choose = make_button("Choose …", name="Choose the file")
        choose.clicked.connect(self._choose)
        self._file.row.addWidget(choose)
        column.addWidget(self._file)
        column.addLayout(self._answers())
        day = datetime.fromtimestamp(now).date().isoformat()
        place = folder if folder is not None and folder.is_dir() else documents_folder()
        self._file.edit.setText(str(place / f"adwarden-access-{day}.csv"))
        self._format.currentIndexChanged.connect(self._format_changed)
        self._format_changed()

    @property
    def kind(self) -> str:
        """The format: one of ``FORMATS``."""
        return str(self._format.currentData())

    @property
    def scope(self) -> Scope:
        """What it is to cover."""
        return self._choices[max(0, self._what.currentIndex())].scope

    @property
    def path(self) -> Path:
        """The file it goes to."""
        path = Path(self._file.text())
        try:
            return path.expanduser()
        except RuntimeError:
            return path  # the home folder of somebody who is not known here

    def _answers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        cancel, save = make_button("Cancel"), make_button("Save report", primary=True)
        cancel.clicked.connect(self.reject)
        save.clicked.connect(self._save)
        save.setDefault(True)
        row.addWidget(cancel)
        row.addWidget(save)
        return row

    def _format_changed(self) -> None:
        self._format_field.say(_FORMATS[self.kind][1])
        path = self.path
        if path.suffix.lstrip(".").lower() in FORMATS:
            self._file.edit.setText(str(path.with_suffix(f".{self.kind}")))
        if self.isVisible():
            self.fit()

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Save the report as", str(self.path))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(self.kind)
        # Asked once, when it is about to be written: it may come into being until then.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.connect(self._file.edit.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save(self) -> None:
        name = self._file.text()
        if not name or "\0" in name:
            self._file.say("Choose the file that the report goes to.", "error")
        elif name.endswith(_ENDS):
            self._file.say("This is a folder: add the name of the file.", "error")
        elif not self.path.is_absolute():
            self._file.say("Name the folder, too: the path must begin at the root.", "error")
        else:
            self.accept()
            return
        self.fit()


def documents_folder() -> Path:
    """Return a folder that is there: a server's user has no folder for documents."""
    kind = QStandardPaths.StandardLocation.DocumentsLocation
    named = QStandardPaths.writableLocation(kind)
    return Path(named) if named and Path(named).is_dir() else Path.home()
