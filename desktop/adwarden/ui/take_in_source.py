"""The first step of taking in: a file, or what is pasted, which is counted and never shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDir, QMimeData, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.errors import InputError
from adwarden.domain.secret import Secret
from adwarden.ui.dialogs import Question
from adwarden.ui.fields import Labelled
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, announce, breakable, icon_button, make_button
from adwarden.ui.search import visible
from adwarden.ui.take_in_files import Source
from adwarden.ui.take_in_words import STAYS_ELSEWHERE, lines

_LIMIT = 1024 * 1024
"""Characters that are kept of what is pasted; no text with credentials is as long."""

_ABOUT = (
    "From the file of another tool (.twurlrc, xurl’s auth.yml, .env, a Postman environment, JSON), "
    "or from a message with the keys in any order. You see what is in it before anything is kept."
)
_HINT = "Several pieces add up: paste one key after the other, if that is how you have them."


def files_of(mime: QMimeData) -> tuple[Path, ...]:
    """Return the files of this computer that are dragged or on the clipboard."""
    urls = [url for url in mime.urls() if url.isLocalFile()]
    return tuple(Path(url.toLocalFile()) for url in urls)


def remove_question(parent: QWidget, source: Source, remarks: str) -> Question:
    """Ask whether the source is to be removed, with what that does not do; 1 is yes.

    ``remarks`` are about what of it was not taken in, which goes with it.
    """
    lost = [("What was not taken in", remarks)] if remarks else []
    name, what = visible(source.name), "The file is deleted"
    if source.leads_to is not None:
        what = f"{name} is a link to {breakable(visible(str(source.leads_to)))}. Both are deleted"
    question = Question(
        parent,
        f"Remove {name}?",
        f"{what}, with everything else that is in it. Programs that read it find no keys any more.",
        *lost,
        ("What stays", STAYS_ELSEWHERE),
    )
    cancel = question.answer("Cancel", 0)
    question.answer("Remove the file", 1).setProperty("danger", True)
    cancel.setDefault(True)
    cancel.setFocus()
    return question


class PastedText(QLineEdit):
    """Tells how much came in, in the place of what came in: that is a secret."""

    changed = Signal()
    wanted = Signal()
    """Somebody asks to paste."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[Secret] = []
        self.setReadOnly(True)
        self.setAcceptDrops(False)  # the whole dialog takes what is dropped
        self.setPlaceholderText("Nothing yet")

    def add(self, text: str) -> None:
        """Add what was pasted, on a line of its own; raises ``InputError`` for far too much."""
        if len(self._text()) + len(text) > _LIMIT:
            raise InputError(
                "This is too large",
                f"What was pasted has {len(text):,} characters; keys and tokens are short.",
                "Copy the part that has the keys.",
            )
        if text.strip():
            self._pieces.append(Secret(text))
            self._tell()

    def take(self) -> Secret:
        """Return all that came in."""
        return Secret(self._text())

    def forget(self) -> None:
        """Forget what came in."""
        self._pieces.clear()
        self._tell()

    @property
    def is_empty(self) -> bool:
        """Whether nothing came in."""
        return not self._pieces

    def holds(self, text: str) -> bool:
        """Tell whether a text is one of the pieces that came in."""
        return bool(text.strip()) and Secret(text) in self._pieces

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what makes sense here; Qt's own menu would offer to copy the count."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Paste", self.wanted.emit)
        menu.addAction("Empty", self.forget).setEnabled(not self.is_empty)
        menu.popup(event.globalPos())

    def _text(self) -> str:
        return "\n".join(piece.unwrap() for piece in self._pieces)

    def _tell(self) -> None:
        self.setText(lines(self._text()) if self._pieces else "")
        self.setCursorPosition(0)
        self.changed.emit()


class SourcePage(QWidget):
    """Where it comes from. ``chosen`` gets a file, ``failed`` what cannot be taken."""

    chosen = Signal(object)
    changed = Signal()
    failed = Signal(object)

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self._pasted: QMimeData | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Text(_ABOUT, wraps=True))
        column.addWidget(self._card(icons))
        self.box = PastedText()
        self.box.changed.connect(self._changed)
        self.box.wanted.connect(self.paste)
        self._field = Labelled("What was pasted", self.box, _HINT)
        self._empty = icon_button("Empty what was pasted", icons, "x")
        self._empty.setFixedSize(32, 32)
        self._empty.clicked.connect(self._forget)
        self._field.row.addWidget(self._empty)
        column.addWidget(self._field)
        self._found = QWidget()
        self._found_row = QHBoxLayout(self._found)
        self._found_row.setContentsMargins(0, 0, 0, 0)
        self._found_row.setSpacing(8)
        self._found_row.addWidget(Text("On this computer:", role="dim"))
        self._found.hide()
        column.addWidget(self._found)
        column.addStretch(1)
        self._key = QShortcut(QKeySequence.StandardKey.Paste, self)
        self._key.activated.connect(self.paste)
        self._changed()

    @property
    def source(self) -> Source | None:
        """What was pasted, if anything was."""
        return None if self.box.is_empty else Source(self.box.take())

    def begin(self) -> None:
        """Put the focus where one begins."""
        self._choose.setFocus()

    def offer(self, paths: Sequence[Path]) -> None:
        """Offer files that are where tools have them."""
        for path in paths:
            shown = f"~/{path.relative_to(Path.home()).as_posix()}"
            button = make_button(shown, name=f"Bring in {shown}")
            button.clicked.connect(lambda _=False, path=path: self.chosen.emit(path))
            self._found_row.addWidget(button)
        self._found_row.addStretch(1)
        self._found.setVisible(bool(paths))

    def paste(self) -> None:
        """Take what is on the clipboard: a file that was copied, or a text."""
        self.take(QGuiApplication.clipboard().mimeData())

    def take(self, mime: QMimeData) -> None:
        """Take what was pasted or dropped."""
        paths = files_of(mime)
        if len(paths) > 1:
            words = f"There are {len(paths):,} files."
            self.failed.emit(
                InputError("One file at a time", words, "Bring in one, then the next.")
            )
        elif paths:
            self.chosen.emit(paths[0])
        elif mime.hasText() and mime.text().strip():
            self._add(mime.text())
        else:
            words = "There is neither a text nor a file on the clipboard."
            failure = InputError("There is nothing to paste", words, "Copy the keys, then paste.")
            self.failed.emit(failure)

    def forget(self) -> None:
        """Forget what was pasted."""
        self.box.forget()

    def _add(self, text: str) -> None:
        try:
            self.box.add(text)
        except InputError as error:
            self.failed.emit(error)
        else:
            announce(self.box, f"Pasted: {self.box.text()}")

    def _forget(self) -> None:
        self.box.forget()
        self.begin()

    def _changed(self) -> None:
        self._empty.setEnabled(not self.box.is_empty)
        self.changed.emit()

    def _card(self, icons: Icons) -> QFrame:
        card = QFrame()
        card.setProperty("card", True)
        row = QHBoxLayout(card)
        row.setContentsMargins(18, 18, 18, 18)
        row.setSpacing(14)
        row.addWidget(Mark(icons, "clipboard-paste", "accent", 24), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        keys = QKeySequence(QKeySequence.StandardKey.Paste)
        native = keys.toString(QKeySequence.SequenceFormat.NativeText)
        words.addWidget(Text(f"Drop a file here, choose one, or paste ({native})", role="strong",
                             wraps=True))  # fmt: skip
        words.addWidget(
            Text("What comes in is not shown, and the file is not changed.", role="dim", wraps=True)
        )
        words.addSpacing(8)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self._choose = make_button("Choose a file …")
        self._choose.clicked.connect(self._ask)
        paste = make_button("Paste")
        paste.clicked.connect(self.paste)
        buttons.addWidget(self._choose)
        buttons.addWidget(paste)
        buttons.addStretch(1)
        words.addLayout(buttons)
        row.addLayout(words, 1)
        return card

    def _ask(self) -> None:
        dialog = QFileDialog(self, "Choose the file", str(Path.home()), "All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        # The files of most tools begin with a dot.
        dialog.setFilter(QDir.Filter.AllDirs | QDir.Filter.Files | QDir.Filter.Hidden)
        dialog.fileSelected.connect(lambda path: self.chosen.emit(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
