"""A dialog of a form with Save and Cancel: what was typed stays until it has been kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from adwarden.domain.errors import AdwardenError, ErrorCode, InputError
from adwarden.domain.model import KEYCHAIN
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fields import KeyField
from adwarden.ui.icons import Icons
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import Notice, Remedy, notice_of
from adwarden.ui.parts import announce, make_button
from adwarden.ui.phrases import PLACE_NAMES

if TYPE_CHECKING:
    import asyncio

FRAME = 40
"""Pixels of the screen's height that are for the frame."""

BUSY = "Saving"

Unlock = Callable[[str], Awaitable[object]]
"""Has a place of secrets unlocked."""

_LOCKED = (ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED, ErrorCode.KEYCHAIN_TIMEOUT)


def saving_to(place: str) -> str:
    """Return what is being done while something is kept in a place of secrets."""
    return f"Saving to {PLACE_NAMES.get(place, place)}"


class Form(Protocol):
    """What a form offers to its dialog."""

    @property
    def widget(self) -> QWidget:
        """The form itself."""

    @property
    def column(self) -> QVBoxLayout:
        """Where the dialog puts what it has to say: below the title."""

    def chain(self) -> tuple[QWidget, ...]:
        """Return the controls in the order of the Tab key."""

    def begin(self) -> None:
        """Put the focus where one begins."""

    def check(self) -> QWidget | None:
        """Say beside each field what keeps it from being saved; return the first such field."""

    def refuse(self, error: InputError) -> bool:
        """Say beside its field what is wrong; False where there is no such field."""

    def forget(self) -> None:
        """Forget the secrets that were typed."""


class SavingDialog(QDialog):
    """Has ``work`` done with what the form holds; emits ``saved`` with what it returned.

    ``unlock`` lets the system ask for its password, ``aside`` stands beside the form, ``busy`` is
    what is being done meanwhile, in words; ``action`` stands on the button.
    """

    saved = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        form: Form,
        *,
        work: Callable[[], Awaitable[object]],
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        size: tuple[int, int],
        aside: QWidget | None = None,
        busy: str = BUSY,
        action: str = "Save",
    ) -> None:
        super().__init__(parent)
        self._work, self._unlock = work, unlock
        self._tasks, self._icons, self._clipboard = tasks, icons, clipboard
        self._error: NoticeBar | None = None
        self._content = form
        self.saving: set[asyncio.Task[None]] = set()
        """What is just being done with what was typed; empty once that has come to its end."""
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self._save = make_button(action, primary=True)
        self._busy, self._busy_words = QProgressBar(), busy
        self._cancel = make_button("Cancel")
        self._build(size, aside)
        self._save.clicked.connect(self._try)
        self._cancel.clicked.connect(self.reject)
        self._set_busy(None)

    @property
    def holds_keys(self) -> bool:
        """Whether keys have been entered that are in no place yet."""
        return any(field.text() for field in self.findChildren(KeyField))

    def do(self, name: str, words: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do something else for a button of the form, with the form at rest meanwhile."""
        self._drop_error()
        self._spawn(name, self._run(work, words))

    def show_error(self, error: AdwardenError, *remedies: Remedy) -> None:
        """Show on top what went wrong."""
        self._drop_error()
        notice: Notice = notice_of(error, "dialog", *remedies)
        self._error = NoticeBar(notice, self._icons, self._clipboard)
        self._error.closed.connect(self._drop_error)
        self._content.column.insertWidget(1, self._error)
        self._scroll.ensureVisible(0, 0)
        announce(self, str(error))

    def _build(self, size: tuple[int, int], aside: QWidget | None) -> None:
        parent = self.parentWidget()
        room = self.screen().availableSize().height() - FRAME
        if parent is not None:
            room = min(room, parent.height())
        self.resize(size[0], min(size[1], room))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        scroll = self._scroll = QScrollArea()
        scroll.setWidget(self._content.widget)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(scroll, 1)
        left.addLayout(self._footer())
        row.addLayout(left, 1)
        if aside is not None:
            row.addWidget(aside)
        for first, second in pairwise((self._content.chain()[-1], self._save, self._cancel)):
            QWidget.setTabOrder(first, second)
        self._content.begin()

    def _footer(self) -> QVBoxLayout:
        footer = QVBoxLayout()
        footer.setContentsMargins(24, 8, 24, 16)
        footer.setSpacing(10)
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedHeight(4)
        footer.addWidget(self._busy)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._save)
        self._save.setDefault(True)
        footer.addLayout(buttons)
        return footer

    def _try(self) -> None:
        refused = self._content.check()
        if refused is not None:
            refused.setFocus()
            return
        self._drop_error()
        self._spawn(self.windowTitle(), self._run(self._kept, self._busy_words))

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks.spawn(self, name, work)
        self.saving.add(task)
        task.add_done_callback(self.saving.discard)

    async def _kept(self) -> None:
        found = await self._work()
        if found is None:
            return  # a person changed their mind
        self.saved.emit(found)
        self.accept()

    async def _run(self, work: Callable[[], Awaitable[object]], words: str) -> None:
        self._set_busy(words)
        try:
            await work()
        except InputError as error:
            if not self._content.refuse(error):
                self.show_error(error)
        except AdwardenError as error:
            self._refused(error, work, words)
        finally:
            # Cancelled by the end of the program, it finds the dialog gone.
            if isValid(self):
                self._set_busy(None)

    async def _unlock_and_run(
        self, work: Callable[[], Awaitable[object]], words: str, place: str
    ) -> None:
        try:
            await self._unlock(place)
        except AdwardenError as error:
            self._refused(error, work, words)
        else:
            await self._run(work, words)

    def _refused(
        self, error: AdwardenError, work: Callable[[], Awaitable[object]], words: str
    ) -> None:
        place = getattr(error, "place", "") or KEYCHAIN

        def again() -> None:
            self._drop_error()
            unlocked = self._unlock_and_run(work, words, place)
            self._spawn("unlock and try again", unlocked)

        locked = error.code in _LOCKED
        self.show_error(error, *((Remedy("Unlock and retry", again),) if locked else ()))

    def _drop_error(self) -> None:
        if self._error is not None:
            self._error.hide()
            self._error.deleteLater()
            self._error = None

    def _set_busy(self, words: str | None) -> None:
        self._busy.setVisible(words is not None)
        self._busy.setAccessibleName(words or self._busy_words)
        for part in (self._content.widget, self._save):
            part.setEnabled(words is None)
        if words is not None:
            announce(self, words)

    def done(self, result: int) -> None:
        """Stop what still runs for the dialog and forget what was typed."""
        super().done(result)
        self._content.forget()
        if not result:
            self._tasks.cancel(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Count closing as cancelling."""
        event.ignore()
        self.reject()
