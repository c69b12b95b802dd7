"""What the dialogs about a KeePass file have in common: work that takes a while, new passwords.

The work is waited for with the fields shut, and never holds the window up.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fields import TextField
from adwarden.ui.fitted_dialog import FittedDialog
from adwarden.ui.icons import Icons
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import notice_of
from adwarden.ui.parts import announce, make_button
from adwarden.ui.password_field import PasswordField

WIDTH = 480
SHORT = 12
"""Characters below which a new master password is called short; none is refused."""


class VaultDialog(FittedDialog):
    """A form with one button that does something which takes a while.

    ``given_up`` is called when the dialog is closed while that still goes on.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        go: str,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        given_up: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(parent, title, width=WIDTH, spacing=12)
        self._tasks, self._icons, self._clipboard = tasks, icons, clipboard
        self._given_up = given_up
        self._error: NoticeBar | None = None
        self._running = False
        self.form: list[PasswordField | TextField | QCheckBox] = []
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedHeight(4)
        self._busy.setAccessibleName("Working on the KeePass file")
        self._go = make_button(go, primary=True)
        self._go.setDefault(True)
        self._go.clicked.connect(self.begin)

    def field(self, label: str, hint: str = "") -> PasswordField:
        """Add a field for a password."""
        field = PasswordField(label, self._icons, hint)
        field.edited.connect(self.grow)
        self.add(field)
        return field

    def finish_form(self) -> None:
        """Add progress and buttons below what is there."""
        self.column.addWidget(self._busy)
        self._busy.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        cancel = make_button("Cancel")
        cancel.clicked.connect(self.reject)
        row.addWidget(cancel)
        row.addWidget(self._go)
        self.column.addLayout(row)

    def ready(self) -> bool:
        """Look at what was typed; say what is missing."""
        return True

    async def work(self) -> None:
        """Do it; raises ``AdwardenError``."""

    def begin(self) -> None:
        """Begin, unless it has or something is missing."""
        if not self._running and self.ready():
            self._running = True  # at once: the task begins with the loop's next turn
            self._tasks.spawn(self, self.windowTitle(), self._work())

    def done(self, result: int) -> None:
        """Stop waiting, and forget what was typed."""
        super().done(result)
        running, self._running = self._running, False
        for part in self.form:
            if isinstance(part, PasswordField):
                part.clear()
        if not result:
            self._tasks.cancel(self)
            if running:
                self._given_up()

    async def _work(self) -> None:
        self._drop_error()
        for part in self.form:
            if not isinstance(part, QCheckBox):
                part.say("")
        self._set_running(True)
        try:
            await self.work()
        except AdwardenError as error:
            self._set_running(False)
            self.fail(error)
        else:
            self._running = False
            self.accept()

    def fail(self, error: AdwardenError) -> None:
        """Show what went wrong, on top."""
        self._drop_error()
        self._error = NoticeBar(notice_of(error, "vault"), self._icons, self._clipboard)
        self._error.closed.connect(self._drop_error)
        self._error.resized.connect(self.fit)
        self.column.insertWidget(1, self._error)
        self._error.show()  # Qt would at its next turn: hidden, it takes no room in the fit
        announce(self, str(error), urgent=True)
        self.fit()

    def refuse(self, field: PasswordField, words: str) -> None:
        """Say below a field what is wrong with it, and have it typed again."""
        field.say(words, "error")
        field.edit.selectAll()
        field.edit.setFocus()
        self.grow()

    def add(self, part: PasswordField | TextField | QCheckBox) -> None:
        """Add a part that is shut while the work goes on."""
        self.form.append(part)
        self.column.addWidget(part)

    def grow(self) -> None:
        """Take the height that the words need now."""
        if self.isVisible():
            self.fit()

    def _set_running(self, running: bool) -> None:
        self._running = running
        for part in (*self.form, self._go):
            part.setEnabled(not running)
        self._busy.setVisible(running)
        self.fit()

    def _drop_error(self) -> None:
        if self._error is not None:
            self._error.hide()
            self._error.deleteLater()
            self._error = None


class NewPassword(VaultDialog):
    """What making a file and changing its password have in common: a new one, typed twice."""

    new: PasswordField
    again: PasswordField

    def ask_twice(self) -> None:
        """Add the two fields."""
        hint = "Nobody can open the file without it, and nobody can recover it."
        self.new = self.field("New master password", hint)
        self.again = self.field("The same again")
        self.new.edit.textEdited.connect(self._weigh)

    def ready(self) -> bool:
        """Refuse an empty one and two that differ."""
        if not self.new.edit.text():
            self.refuse(self.new, "An empty password protects nothing.")
            return False
        if self.new.edit.text() != self.again.edit.text():
            self.refuse(self.again, "This is not the same. Type both again, or show them.")
            return False
        return True

    def _weigh(self, text: str) -> None:
        short = 0 < len(text) < SHORT
        words = "Short: who gets the file can try millions. Four or more random words are better."
        self.new.say(words if short else "", "warn")
        self.grow()
