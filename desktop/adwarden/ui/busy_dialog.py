"""A dialog that works with secrets: one thing at a time, and what came of it told on top."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QProgressBar, QVBoxLayout, QWidget
from shiboken6 import isValid

from adwarden.domain.errors import LOCKED, AdwardenError
from adwarden.domain.model import KEYCHAIN
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import Notice, Remedy, notice_of
from adwarden.ui.parts import announce
from adwarden.ui.saving_dialog import FRAME, Unlock

_WAIT = 300
"""Milliseconds before a wait is shown."""

T = TypeVar("T")
Work = Callable[[], Awaitable[None]]


class BusyDialog(QDialog):
    """Modal; what is said in it goes into ``column``, whose first part is the progress.

    ``unlock`` has a place of secrets unlocked. ``size`` is what it is where there is room.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        *,
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        size: tuple[int, int],
    ) -> None:
        super().__init__(parent)
        self._unlock, self._tasks = unlock, tasks
        self._icons, self._clipboard = icons, clipboard
        self._notice: NoticeBar | None = None
        self._busy = False
        self._under_way: Notice | None = None
        self.cut_short: Notice | None = None
        """What was under way when it was closed, and cannot be taken back; to be told elsewhere."""
        self.setWindowTitle(title)
        self.setModal(True)
        room = parent.size() if parent else self.screen().availableSize()
        self.resize(min(size[0], room.width()), min(size[1], room.height() - FRAME))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 16)
        self.column.setSpacing(10)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._bar.hide()
        self.column.addWidget(self._bar)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_WAIT)
        self._waiting.timeout.connect(self._bar.show)

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self._busy

    def do(self, name: str, work: Work) -> None:
        """Do something, unless something else is being done; ``name`` is said meanwhile."""
        if not self._busy:
            self._busy = True  # at once: the task begins with the loop's next turn
            self._tasks.spawn(self, name, self._run(name, work))

    async def all_of(self, work: Awaitable[T], cut_short: Notice) -> T:
        """Do what goes on even if nobody waits for it; ``cut_short`` says so to who closes."""
        self._under_way = cut_short
        try:
            return await work
        finally:
            self._under_way = None

    def rest(self) -> None:
        """Show no progress: a person is asked."""
        self._waiting.stop()
        self._bar.hide()

    def refuse(self, error: AdwardenError) -> bool:
        """Say beside a field what is wrong; False where it belongs to none."""
        return False

    @property
    def can_go_on(self) -> bool:
        """Whether there is something to be done with the dialog after a failure."""
        return True

    def tell(self, notice: Notice) -> None:
        """Show on top what came of it."""
        self.drop_notice()
        self._notice = NoticeBar(notice, self._icons, self._clipboard)
        self._notice.closed.connect(self.drop_notice)
        self.column.insertWidget(self.column.indexOf(self._bar) + 1, self._notice)
        announce(self, f"{notice.title}. {notice.message} {notice.remedy}".strip())

    def drop_notice(self) -> None:
        """Take away what was shown on top."""
        if self._notice is not None:
            self._notice.hide()
            self._notice.deleteLater()
            self._notice = None

    async def _run(self, name: str, work: Work) -> None:
        self.drop_notice()
        self._bar.setAccessibleName(f"{name[:1].upper()}{name[1:]}")
        self._waiting.start()
        try:
            await work()
        except AdwardenError as error:
            if not self.refuse(error):
                self._failed(error, name, work)
        finally:
            self._busy = False
            # Cancelled by the end of the program, it finds the dialog gone.
            if isValid(self):
                self.rest()

    def _failed(self, error: AdwardenError, name: str, work: Work) -> None:
        buttons: tuple[Remedy, ...] = ()
        if error.code in LOCKED:
            place = getattr(error, "place", "") or KEYCHAIN

            async def unlocked() -> None:
                await self._unlock(place)
                await work()

            buttons = (Remedy("Unlock and retry", lambda: self.do(name, unlocked)),)
        elif not self.can_go_on:
            buttons = (Remedy("Try again", lambda: self.do(name, work)),)
        self.tell(notice_of(error, name, *buttons))

    def done(self, result: int) -> None:
        """Stop what still runs for the dialog."""
        self.cut_short = self._under_way
        super().done(result)
        self._waiting.stop()
        self._tasks.cancel(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave nothing behind by the key of ``Lock``, also where there is no file to be locked."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if control and event.key() == Qt.Key.Key_L:
            self._clipboard.clear_now()
            self.reject()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Count closing as cancelling."""
        event.ignore()
        self.reject()
