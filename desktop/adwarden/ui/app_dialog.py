"""The dialog ``Add X app``: takes an app's keys, says what looks wrong, has them kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from itertools import pairwise

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

from adwarden.domain.errors import AdwardenError, ErrorCode, InputError
from adwarden.domain.model import AppAccess, XApp
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Tasks
from adwarden.ui.app_form import AppForm
from adwarden.ui.app_help import app_help
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import Notice, Remedy, notice_of
from adwarden.ui.parts import announce, make_button
from adwarden.ui.port import Suggest

Add = Callable[[str, Secret, Secret, AppAccess], Awaitable[XApp]]
Unlock = Callable[[], Awaitable[object]]

SIZE = (720, 590)
FRAME = 40
"""Pixels of the screen's height that are for the frame."""

_LOCKED = (ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED, ErrorCode.KEYCHAIN_TIMEOUT)


class AddAppDialog(QDialog):
    """Has an X app's name, keys and access kept; emits ``added`` with the app once they are.

    ``taken`` and ``suggested`` are the form's. What was typed stays until saving succeeded.
    """

    added = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        *,
        add: Add,
        unlock: Unlock,
        taken: Callable[[], Collection[str]],
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        suggested: Suggest | None = None,
        title: str = "Add X app",
    ) -> None:
        super().__init__(parent)
        self._add, self._unlock = add, unlock
        self._tasks, self._icons, self._clipboard = tasks, icons, clipboard
        self._error: NoticeBar | None = None
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self._save = make_button("Save", primary=True)
        self._form = AppForm(title, icons, taken, suggested, self._save.setFocus)
        self._busy = QProgressBar()
        self._cancel = make_button("Cancel")
        self._build(practice=suggested is not None)
        self._save.clicked.connect(self._try)
        self._cancel.clicked.connect(self.reject)
        self._set_busy(False)

    def _build(self, *, practice: bool) -> None:
        parent = self.parentWidget()
        room = self.screen().availableSize().height() - FRAME
        if parent is not None:
            room = min(room, parent.height())
        self.resize(SIZE[0], min(SIZE[1], room))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        scroll = self._scroll = QScrollArea()
        scroll.setWidget(self._form)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(scroll, 1)
        left.addLayout(self._footer())
        row.addLayout(left, 1)
        row.addWidget(app_help(practice=practice))
        for first, second in pairwise((self._form.chain()[-1], self._save, self._cancel)):
            QWidget.setTabOrder(first, second)
        self._form.begin()

    def _footer(self) -> QVBoxLayout:
        footer = QVBoxLayout()
        footer.setContentsMargins(24, 8, 24, 16)
        footer.setSpacing(10)
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedHeight(4)
        self._busy.setAccessibleName("Saving to the system keychain")
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
        refused = self._form.check()
        if refused is not None:
            refused.setFocus()
            return
        self._drop_error()
        self._tasks.spawn(self, "add X app", self._keep())

    async def _keep(self) -> None:
        self._set_busy(True)
        try:
            app = await self._add(self._form.label, *self._form.keys, self._form.access)
        except InputError as error:
            if not self._form.refuse(error):
                self._show_error(error)
        except AdwardenError as error:
            self._show_error(error)
        else:
            self.added.emit(app)
            self.accept()
        finally:
            self._set_busy(False)

    async def _unlock_and_keep(self) -> None:
        try:
            await self._unlock()
        except AdwardenError as error:
            self._show_error(error)
        else:
            await self._keep()

    def _show_error(self, error: AdwardenError) -> None:
        self._drop_error()
        buttons: tuple[Remedy, ...] = ()
        if error.code in _LOCKED:
            buttons = (Remedy("Unlock and retry", self._retry_unlocked),)
        notice: Notice = notice_of(error, "add-app", *buttons)
        self._error = NoticeBar(notice, self._icons, self._clipboard)
        self._error.closed.connect(self._drop_error)
        self._form.column.insertWidget(1, self._error)
        self._scroll.ensureVisible(0, 0)
        announce(self, str(error))

    def _retry_unlocked(self) -> None:
        self._tasks.spawn(self, "unlock and add X app", self._unlock_and_keep())

    def _drop_error(self) -> None:
        if self._error is not None:
            self._error.hide()
            self._error.deleteLater()
            self._error = None

    def _set_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        for part in (self._form, self._save):
            part.setEnabled(not busy)
        if busy:
            announce(self, "Saving to the system keychain")

    def done(self, result: int) -> None:
        """Stop what still runs for the dialog and forget what was typed."""
        super().done(result)
        self._form.forget()
        if not result:
            self._tasks.cancel(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Count closing as cancelling."""
        event.ignore()
        self.reject()
