"""A dialog of several pages that works between them: progress, errors with their way on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from adwarden.domain.errors import OF_ALL, AdwardenError, ErrorCode
from adwarden.domain.model import KEYCHAIN
from adwarden.services.tasks import Tasks
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import Remedy, notice_of
from adwarden.ui.parts import Text, announce
from adwarden.ui.saving_dialog import Unlock

_SIZE = (860, 640)
_FRAME = 40
"""Pixels of the screen's height that are for the frame."""

_LOCKED = (ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED, ErrorCode.KEYCHAIN_TIMEOUT)
STOPS = (*_LOCKED, *OF_ALL, ErrorCode.RATE_LIMITED)
"""What the next try fails with as well, unless something is done or time goes by."""

Work = Callable[[], Awaitable[None]]


class PagesDialog(QDialog):
    """Modal; ``pages`` are between the title and the ``buttons``. One piece of work at a time."""

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        *,
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        super().__init__(parent)
        self._unlock, self._tasks = unlock, tasks
        self._icons, self._clipboard = icons, clipboard
        self._error: NoticeBar | None = None
        self.busy = ""
        """What is being done, in words; empty at rest."""
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        room = parent.size() if parent else self.screen().availableSize()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height() - _FRAME))
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        self.title = Text(title, role="title", wraps=True)
        self.pages = QStackedWidget()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.pages, 1)
        column.addWidget(self.progress)
        column.addLayout(self.buttons)
        self.progress.hide()

    def again(self) -> None:
        """Have buttons and pages say what is so now."""

    def do(self, words: str, work: Work) -> None:
        """Begin something, unless something is being done; ``words`` say what."""
        if not self.busy:
            self.drop_error()
            self._set_busy(words)
            self._tasks.spawn(self, words.lower(), self._run(words, work))

    def show_error(self, error: AdwardenError, *remedies: Remedy) -> None:
        """Say on top what went wrong."""
        self.drop_error()
        notice = notice_of(error, "dialog", *remedies)
        self._error = NoticeBar(notice, self._icons, self._clipboard)
        self._error.closed.connect(self.drop_error)
        self._column.insertWidget(1, self._error)
        announce(self, str(error))

    def drop_error(self) -> None:
        """Take away what went wrong before."""
        if self._error is not None:
            self._error.hide()
            self._error.deleteLater()
            self._error = None

    async def _run(self, words: str, work: Work) -> None:
        try:
            await work()
        except AdwardenError as error:
            self._refused(error, words, work)
        finally:
            # Cancelled by the end of the program, it finds the dialog gone.
            if isValid(self):
                self._set_busy("")

    def _refused(self, error: AdwardenError, words: str, work: Work) -> None:
        place = getattr(error, "place", "") or KEYCHAIN

        async def unlocked() -> None:
            await self._unlock(place)
            await work()

        way: tuple[Remedy, ...] = ()
        if error.code in _LOCKED:
            way = (Remedy("Unlock and retry", lambda: self.do(words, unlocked)),)
        elif error.code in STOPS:
            way = (Remedy("Try again", lambda: self.do(words, work)),)
        self.show_error(error, *way)

    def _set_busy(self, words: str) -> None:
        self.busy = words
        self.progress.setRange(0, 0)
        self.progress.setAccessibleName(words or "Progress")
        self.progress.setVisible(bool(words))
        if words:
            announce(self, words)
        self.again()
