"""The file that a hand-over goes to: its name, a way to choose it, what writing it will do."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.services.handing_over import Draft
from adwarden.services.handover.formats import Format
from adwarden.ui import hand_over_words as words
from adwarden.ui.fields import TextField
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, breakable, make_button
from adwarden.ui.search import visible

_ENDS = tuple(sep + dot for sep in (os.sep, os.altsep) if sep for dot in ("", "."))
"""What ends the name of a folder; a path would drop it in silence."""


class HandOverTarget(QWidget):
    """A line for the path; ``changed`` is emitted when it is another. ``folder`` is for new files.

    What was typed for one format is there again when somebody comes back to it.
    """

    changed = Signal()

    def __init__(self, folder: Path, icons: Icons) -> None:
        super().__init__()
        self.folder = folder
        self._format: Format | None = None
        self._typed: dict[str, str] = {}
        self.field = TextField("File", limit=4000)
        choose = self._choose_button = make_button("Choose …", name="Choose the file")
        choose.clicked.connect(self._choose)
        self.field.row.addWidget(choose)
        self._warning = Text("", role="warn", wraps=True, selectable=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.field)
        column.addWidget(self._warning)
        self._warning.hide()
        self.field.edit.textEdited.connect(self._edited)

    @property
    def path(self) -> Path | None:
        """The file, ``None`` where the line does not name one; then it says why."""
        name = self.field.text()
        path = Path(name)
        if path.parts[:1] == ("~",):
            # Only one's own home: that of somebody else may have to be asked for in a network.
            path = path.expanduser()
        if not name or "\0" in name:
            self._refuse("Choose the file that it goes to.")
        elif name.endswith(_ENDS):
            self._refuse("This is a folder: add the name of the file.")
        elif not path.is_absolute():
            self._refuse("Name the folder, too: the path must begin at the root.")
        else:
            return path
        return None

    def show_format(self, one: Format) -> None:
        """Name the file that a format is usually in, or what was typed for it."""
        self._format = one
        # What begins with the home folder is where its tool looks for it.
        usual = self.folder / Path(one.file_name).expanduser()
        self.field.edit.setText(self._typed.get(one.id) or str(usual))
        self.clear_words()

    def tell(self, draft: Draft) -> None:
        """Say what writing it will do, and what speaks against it."""
        loses = draft.exists and draft.old is None
        self.field.say(breakable(words.plan(draft)), "warn" if loses else "dim")
        self._warn(*draft.warnings)

    def saved(self, path: Path) -> None:
        """Say that it is there; new files go to the same folder from now on."""
        self.folder = path.parent
        self.field.say(breakable(visible(f"{path.name} holds this now.")))
        self._warn()

    def refuse(self, error: AdwardenError) -> None:
        """Say why it cannot be this file."""
        self._refuse(str(error))

    def clear_words(self) -> None:
        """Say nothing, until it has been looked at."""
        self.field.say("")
        self._warn()

    def _refuse(self, why: str) -> None:
        self.field.say(breakable(visible(why)), "error")
        self._warn()

    def _warn(self, *why: str) -> None:
        lines = [visible(one) for one in why]
        self._warning.setText("\n".join(map(breakable, lines)))
        self._warning.setAccessibleName(f"Warning: {' '.join(lines)}" if lines else "")
        self._warning.setVisible(bool(lines))

    def _edited(self, text: str) -> None:
        if self._format is not None:
            self._typed[self._format.id] = text
        self.changed.emit()

    def _choose(self) -> None:
        title = self._format.title if self._format else "file"
        dialog = QFileDialog(self, f"Save {title} as", self.field.text())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # What is there may be merged with, which Qt's question knows nothing of.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.connect(self._chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _chosen(self, name: str) -> None:
        self.field.edit.setText(name)
        self._edited(name)
