"""The dialog after a backup was opened: what is in it, what to take, and what came of that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.backup import Standing
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import KEYCHAIN
from adwarden.services.restoring import Choices, Preview, Restored, Told
from adwarden.services.tasks import Tasks
from adwarden.ui import backup_words as words
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.fields import Labelled
from adwarden.ui.icons import Icons
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import Remedy, notice_of
from adwarden.ui.parts import Text, announce, make_button
from adwarden.ui.restore_list import RestoreList
from adwarden.ui.saving_dialog import Unlock

_SIZE = (860, 640)
_FRAME = 40
"""Pixels of the screen's height that are for the frame."""

Restore = Callable[[Preview, Choices, Told], Awaitable[Restored]]


class RestoreDialog(QDialog):
    """Shows a preview, has the choice restored, tells the outcome.

    ``places`` are ids and titles of where what is new can be kept; ``settings`` names those that
    the backup would change, and ``adopt`` changes them. ``unlock`` has a place unlocked; ``check``
    checks every connection, which is what comes next.
    """

    def __init__(
        self,
        parent: QWidget | None,
        preview: Preview,
        *,
        restore: Restore,
        places: Sequence[tuple[str, str]],
        settings: Sequence[str],
        adopt: Callable[[], object],
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
        now: float,
        check: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(parent)
        self._preview, self._restore, self._adopt = preview, restore, adopt
        self._tasks, self._icons, self._clipboard = tasks, icons, clipboard
        self._unlock, self._check = unlock, check
        self._error: NoticeBar | None = None
        self._next: QPushButton | None = None
        self.setWindowTitle("Restore from backup")
        self.setAccessibleName("Restore from backup")
        self.setModal(True)
        room = (parent or self).size() if parent else self.screen().availableSize()
        self.resize(min(_SIZE[0], room.width()), min(_SIZE[1], room.height() - _FRAME))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 20, 24, 16)
        self._column.setSpacing(10)
        self._title = Text(f"What is in {preview.path.name}", role="title", wraps=True)
        self._column.addWidget(self._title)
        self._words = Text(words.summary(preview, now), wraps=True, selectable=True)
        self._column.addWidget(self._words)
        self._list = RestoreList(preview.items, icons)
        self._list.chosen_changed.connect(self._count)
        self._column.addWidget(self._list, 1)
        self._below = QWidget()
        self._fill_below(places, settings)
        self._column.addWidget(self._below)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._progress.setAccessibleName("Restoring")
        self._progress.hide()
        self._column.addWidget(self._progress)
        self._column.addLayout(self._answers())
        self._count()
        self._list.setFocus()

    def _fill_below(self, places: Sequence[tuple[str, str]], settings: Sequence[str]) -> None:
        column = QVBoxLayout(self._below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        same = sum(item.standing is Standing.SAME for item in self._preview.items)
        self._same = QCheckBox(f"Show what is the same ({same:,})")
        self._same.setAccessibleName("Show what is the same")
        self._same.toggled.connect(self._list.show_same)
        self._same.setVisible(same > 0)
        column.addWidget(self._same)
        self._list.show_same(False)
        self._settings = QCheckBox("Take over its settings: " + ", ".join(settings).lower())
        self._settings.setAccessibleName("Take over its settings")
        self._settings.setAccessibleDescription(", ".join(settings))
        self._settings.setVisible(bool(settings))
        column.addWidget(self._settings)
        self._place = QComboBox()
        self._place.addItem("Where each was before, if that is open here", "")
        for place, title in places:
            self._place.addItem(title[:1].upper() + title[1:], place)
        self._place.setCurrentIndex(0)
        kept = Labelled("Keep what is new in", self._place)
        kept.setVisible(len(places) > 1)
        column.addWidget(kept)

    def _answers(self) -> QHBoxLayout:
        row = self._row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        self._cancel, self._go = make_button("Cancel"), make_button("Restore", primary=True)
        self._cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self._begin)
        self._go.setDefault(True)
        row.addWidget(self._cancel)
        row.addWidget(self._go)
        self._settings.toggled.connect(self._count)
        return row

    def _count(self) -> None:
        count = len(self._list.chosen)
        self._go.setText(f"Restore {count:,}" if count else "Restore")
        self._go.setEnabled(count > 0 or self._settings.isChecked())

    def _begin(self) -> None:
        self._drop_error()
        chosen = Choices(self._list.chosen, str(self._place.currentData()))
        for part in (self._list, self._below, self._go):
            part.setEnabled(False)
        self._progress.setRange(0, max(1, len(chosen.take)))
        self._progress.show()
        self._cancel.setText("Stop")
        self._cancel.setAccessibleName("Stop")
        self._cancel.setFocus()
        announce(self, "Restoring")
        self._tasks.spawn(self, "restore", self._run(chosen))

    async def _run(self, chosen: Choices) -> None:
        try:
            done = await self._restore(self._preview, chosen, self._tell)
        except AdwardenError as error:
            self._failed(error)
            return
        if done.stopped is not None and not done.came:
            self._failed(done.stopped)
            return
        if self._settings.isChecked():
            self._adopt()
        self._show(done)

    def _tell(self, done: int, total: int) -> None:
        self._progress.setValue(done)
        self._progress.setAccessibleDescription(f"{done:,} of {total:,}")

    def _failed(self, error: AdwardenError) -> None:
        """Nothing was done: say why on top of the choice, which stands as it was."""
        locked = error.code in (ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED)
        place = getattr(error, "place", "") or KEYCHAIN

        def again() -> None:
            self._tasks.spawn(self, "unlock and restore", self._unlock_and_begin(place))

        remedies = (Remedy("Unlock and retry", again),) if locked else ()
        self._drop_error()
        self._error = NoticeBar(
            notice_of(error, "restore", *remedies), self._icons, self._clipboard
        )
        self._error.closed.connect(self._drop_error)
        self._column.insertWidget(1, self._error)
        self._progress.hide()
        for part in (self._list, self._below, self._go):
            part.setEnabled(True)
        self._cancel.setText("Cancel")
        self._cancel.setAccessibleName("Cancel")
        announce(self, str(error))

    async def _unlock_and_begin(self, place: str) -> None:
        try:
            await self._unlock(place)
        except AdwardenError as error:
            self._failed(error)
        else:
            self._begin()

    def _drop_error(self) -> None:
        if self._error is not None:
            self._error.hide()
            self._error.deleteLater()
            self._error = None

    def _show(self, done: Restored) -> None:
        """Tell what came of it, in place of the choice."""
        told = words.result(done)
        for part in (self._list, self._below, self._progress, self._go):
            part.hide()
        came = done.came
        if (done.added or done.replaced) and self._check is not None:
            self._offer(self._check)
        self._title.setText("The backup was restored" if came else "Nothing was restored")
        if came and done.stopped is not None:
            self._title.setText("A part of the backup was restored")
        self._words.say(told[0])
        at = self._column.indexOf(self._words) + 1
        for number, paragraph in enumerate(told[1:]):
            self._column.insertWidget(at + number, Text(paragraph, wraps=True, selectable=True))
        self._column.insertStretch(at + len(told) - 1, 1)
        self.resize(self.width(), self._column.heightForWidth(self.width()) + 8)
        self._cancel.setText("Close")
        self._cancel.setAccessibleName("Close")
        first = self._next if self._next is not None else self._cancel
        first.setDefault(True)
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, " ".join(told))

    def _offer(self, check: Callable[[], object]) -> None:
        """Offer what comes next: whether the tokens still work is known to X alone."""

        def go() -> None:
            self.accept()
            check()

        self._next = make_button("Check all", primary=True)
        self._next.clicked.connect(go)
        self._row.addWidget(self._next)

    def done(self, result: int) -> None:
        """Stop what still runs for the dialog; what was brought in by then is whole."""
        super().done(result)
        self._tasks.cancel(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Count closing as cancelling."""
        event.ignore()
        self.reject()
