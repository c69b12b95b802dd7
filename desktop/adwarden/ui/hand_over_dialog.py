"""The dialog ``Hand over``: a connection in the format of another tool, copied or saved.

The secrets are read when it opens, are in no widget, and go with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from adwarden.domain.errors import AdwardenError, InputError
from adwarden.domain.secret import Secret
from adwarden.services.handing_over import Draft, HandingOver
from adwarden.services.handover.formats import Format, Options
from adwarden.services.tasks import Tasks
from adwarden.storage.report_file import ExistsError
from adwarden.ui import hand_over_words as words
from adwarden.ui.busy_dialog import BusyDialog
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.clipboard_line import ClipboardLine
from adwarden.ui.dialogs import outcome
from adwarden.ui.hand_over_body import HandOverBody
from adwarden.ui.hand_over_source import Source, Subject
from adwarden.ui.icons import Icons
from adwarden.ui.notices import Remedy
from adwarden.ui.parts import ElidedText, Text, announce, make_button
from adwarden.ui.reporting import replace_question, show_folder
from adwarden.ui.saving_dialog import Unlock
from adwarden.ui.search import visible
from adwarden.ui.theme import restyle

_SIZE = (940, 660)
_PAUSE = 200
"""Milliseconds without a key before what was typed is looked at."""


class HandOverDialog(BusyDialog):
    """Shows what a tool would get, with every secret masked; ``begin`` has the secrets read.

    ``folder`` is for new files, and ``chosen`` the format to begin with; both tell afterwards what
    was used last. ``clock`` gives Unix seconds, ``nonce`` what makes signatures differ.
    """

    def __init__(
        self,
        parent: QWidget | None,
        subject: Subject,
        handing_over: HandingOver,
        *,
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        clock: Callable[[], float],
        nonce: Callable[[], str],
        folder: Path,
        chosen: str = "",
    ) -> None:
        super().__init__(
            parent, f"Hand over {subject.handle}", unlock=unlock, tasks=tasks, icons=icons,
            clipboard=clipboard, size=_SIZE,
        )  # fmt: skip
        self.setAccessibleName("Hand over")
        self._source = Source(subject.connection_id, handing_over)
        self._clock, self._nonce = clock, nonce
        self._draft: Draft | None = None
        self._looking = QTimer(self)
        self._looking.setSingleShot(True)
        self._looking.timeout.connect(self._look_now)
        self._body = HandOverBody(subject, folder, icons, self._copy_field)
        self._page, self._fields = self._body.page, self._body.fields
        self._build(subject)
        self._body.chosen.connect(self._show)
        self._page.changed.connect(lambda: self._looking.start(_PAUSE))
        self._body.list.choose(chosen)
        self._body.list.setFocus()

    @property
    def chosen(self) -> str:
        """The format that is chosen, or ``FIELDS``."""
        return self._body.list.key

    @property
    def folder(self) -> Path:
        """The folder that new files go to."""
        return self._page.target.folder

    @property
    def settled(self) -> bool:
        """Whether everything that was asked for is shown."""
        return not self._looking.isActive() and not self.busy

    def begin(self) -> None:
        """Read the secrets, then show what would be handed over."""
        self.do("read the secrets", self._read)

    # Building

    def _build(self, subject: Subject) -> None:
        head = QVBoxLayout()
        head.setSpacing(2)
        for text, role in (
            (f"Hand over {subject.handle}", "title"),
            (f"Its token through {subject.app}", "dim"),
        ):
            head.addWidget(ElidedText(visible(text), role=role))
        if subject.lost:
            head.addWidget(Text(visible(subject.lost), role="warn", wraps=True))
        self.column.insertLayout(0, head)
        self.column.addWidget(self._body, 1)
        self.column.addLayout(self._answers())

    def _answers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._line = ClipboardLine(self._clipboard)
        row.addWidget(self._line, 1)
        close = make_button("Close")
        close.clicked.connect(self.reject)
        self._copy = make_button("Copy")
        self._copy.clicked.connect(self._copy_pressed)
        self._save = make_button("Save", primary=True)
        self._save.setToolTip("Ctrl+S")
        self._save.clicked.connect(self._save_pressed)
        self._save.setDefault(True)
        for button in (close, self._copy, self._save):
            row.addWidget(button)
        for keys, button in (("Ctrl+Shift+C", self._copy), ("Ctrl+S", self._save)):
            QShortcut(QKeySequence(keys), self).activated.connect(button.click)
        return row

    # What is shown

    @property
    def _format(self) -> Format | None:
        return self._body.format

    def _show(self) -> None:
        one = self._format
        self._save.setVisible(one is not None)
        self._copy.setText(words.copy_words(one))
        self._copy.setAccessibleName(self._copy.text())
        self._copy.setToolTip("Ctrl+Shift+C")
        self._copy.setProperty("primary", one is None)
        restyle(self._copy)
        (self._copy if one is None else self._save).setDefault(True)
        self._allow()
        if self._source.held:
            self.drop_notice()  # what it tells is of the format before
        if one is not None:
            self._looking.start(0)

    def _allow(self) -> None:
        """Let be copied and saved what there is."""
        for part in (self._copy, self._save, self._fields):
            part.setEnabled(self._source.held)

    def _look_now(self) -> None:
        self._tasks.cancel(self._page)
        if self._source.held and self._format is not None:
            self._tasks.spawn(self._page, "look at the hand-over", self._look(self._format))

    async def _look(self, one: Format) -> None:
        choices = self._choices()
        self._draft = None
        self._page.clear_words()
        path = self._page.target.path
        if path is not None:
            try:
                draft = await self._source.draft(one, path, *choices)
            except AdwardenError as error:  # which keeps nobody from copying
                self._page.target.refuse(error)
            else:
                self._show_draft(draft)
                return
        try:
            self._page.show_text(await self._source.preview(one, *choices))
        except AdwardenError as error:
            self._page.target.clear_words()
            self._page.refuse(error)

    def _show_draft(self, draft: Draft) -> None:
        self._draft = draft
        self._page.show_draft(draft)

    def _choices(self) -> tuple[Options, str]:
        options = self._page.options
        return options.options(self._clock(), self._nonce()), options.account_id

    # What is done

    async def _read(self) -> None:
        self._page.say_why_empty("Reading the secrets …")
        try:
            await self._source.read()
        except AdwardenError:
            self._page.say_why_empty("The secrets could not be read.")
            raise
        self._page.say_why_empty("")
        self._page.options.fill()
        self._allow()
        self._look_now()

    def _copy_pressed(self) -> None:
        if self._format is None:
            self._copy_field(self._fields.next)
        elif self._source.held:
            self.do("copy the hand-over", partial(self._copied, self._format))

    async def _copied(self, one: Format) -> None:
        text = await self._source.render(one, *self._choices())
        if one.secret or one.request:
            self._clipboard.copy_secret(Secret(text), one.title)
        else:
            self._clipboard.copy_text(text)
            self._say(f"{one.title} copied")

    def _copy_field(self, place: int) -> None:
        if not self._source.held:
            return
        row = words.ROWS[place]
        if not row.name:
            self._clipboard.copy_text(self._body.name)
        elif value := self._source.value(row.name):
            self._clipboard.copy_secret(value, row.title)
        else:
            self._say(f"There is no {row.title.lower()}")
            return
        self._fields.copied(place)
        self._say(f"{row.title} copied. Next: {words.ROWS[self._fields.next].title}")

    def _save_pressed(self) -> None:
        path = self._page.target.path
        if path is None:
            self._page.target.field.edit.setFocus()
        elif self._source.held and self._format is not None:
            self.do("save the file", partial(self._saved, self._format, path))

    async def _saved(self, one: Format, path: Path) -> None:
        seen = self._draft
        draft = await self._source.draft(one, path, *self._choices())
        if words.weighed(draft) != words.weighed(seen):
            self._show_draft(draft)
            if draft.warnings or draft.exists:  # to be read before it is done
                self._say("Look at what is said of the file, then save again")
                return
        loses = draft.exists and draft.old is None
        if loses and not await self._may_replace(path):
            return
        told = words.being_written(path)
        try:
            written = await self.all_of(self._source.write(draft, replace=loses), told)
        except ExistsError:  # it came into being this very moment
            if not await self._may_replace(path):
                return
            written = await self.all_of(self._source.write(draft, replace=True), told)
        show = Remedy("Show in folder", partial(show_folder, written.real.parent), closes=False)
        self.tell(words.saved(written, show))
        if one.merge is None:
            self._draft = replace(draft, exists=True)
            self._page.target.saved(path)
        else:
            self._look_now()

    async def _may_replace(self, path: Path) -> bool:
        self.rest()
        return bool(await outcome(replace_question(self, path, words.replacing(path))))

    # Around it

    @property
    def can_go_on(self) -> bool:
        """Whether the secrets are there."""
        return self._source.held

    def refuse(self, error: AdwardenError) -> bool:
        """Say beside a field what is wrong."""
        return isinstance(error, InputError) and self._page.refuse_field(error)

    def _say(self, said: str) -> None:
        self._line.say(said)
        announce(self, said)

    def done(self, result: int) -> None:
        """Forget the secrets, and stop what still runs for the dialog."""
        super().done(result)
        self._looking.stop()
        self._draft = None
        self._tasks.cancel(self._page)
        self._source.forget()
