"""Fills the history's list: the first page, the following ones, and what is new meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QWidget

from adwarden.domain.changes import Wanted
from adwarden.domain.errors import AdwardenError
from adwarden.services.tasks import Tasks
from adwarden.ui.history_bar import HistoryBar
from adwarden.ui.history_list import HistoryList
from adwarden.ui.history_model import HistoryModel
from adwarden.ui.parts import ElidedText, announce
from adwarden.ui.phrases import counted

if TYPE_CHECKING:
    from adwarden.ui.port import HistoryReader

_GROWN_MS = 250


class HistoryReading:
    """Reads what the bar asks for; ``owner`` is the window, whose end is the end of reading.

    ``said`` tells how many there are, ``fresh`` offers what is new to who is further down, and
    ``days`` returns for how many days changes are kept.
    """

    def __init__(
        self,
        owner: QWidget,
        history: HistoryReader,
        tasks: Tasks,
        bar: HistoryBar,
        model: HistoryModel,
        shown: HistoryList,
        said: ElidedText,
        fresh: QPushButton,
        days: Callable[[], int],
    ) -> None:
        self._owner, self._history, self._tasks = owner, history, tasks
        self._bar, self._model, self._list = bar, model, shown
        self._said, self._fresh, self._days = said, fresh, days
        self._seen, self._loading = -1, False
        self._grown = QTimer(owner)
        self._grown.setSingleShot(True)
        self._grown.setInterval(_GROWN_MS)
        self._grown.timeout.connect(self._take_in)
        model.wanted.connect(self._more)
        bar.changed.connect(self.load)
        fresh.clicked.connect(self.load)

    @property
    def settled(self) -> bool:
        """Whether everything that was asked for is shown."""
        waiting = self._bar.typing or self._grown.isActive()
        return not waiting and not self._loading

    def load(self) -> None:
        """Read the first page anew; unless it is of one object, all there is counts as seen."""
        self._bar.stop()
        self._loading = True
        self._tasks.cancel(self._owner)
        self._tasks.spawn(self._owner, "read the history", self._load(self._bar.wanted()))

    def grow(self) -> None:
        """Take in that there are new changes: at once at the top, by a button further down."""
        if not self._grown.isActive():
            self._grown.start()

    async def _load(self, wanted: Wanted) -> None:
        try:
            page = await self._history.page(wanted)
            if not wanted.connection_id and not wanted.account_id:
                # One object's history is no visit: the news of the others is still news.
                await self._history.visit()
        except AdwardenError as error:
            self._failed(error)
        else:
            # What was new when this was opened stays marked for as long as it is open.
            self._seen = page.seen if self._seen < 0 else self._seen
            current = self._list.current()
            self._model.begin(page.changes, more=page.more, seen=self._seen)
            found = self._model.find(current.id) if current else self._model.index(1)
            if found.isValid():
                self._list.setCurrentIndex(found)
            if not current or not found.isValid():
                self._list.scrollToTop()
            self._fresh.hide()
            self._count(page.total, wanted)
        self._loading = False

    def _more(self) -> None:
        self._tasks.spawn(self._owner, "read on in the history", self._go_on(self._bar.wanted()))

    async def _go_on(self, wanted: Wanted) -> None:
        try:
            page = await self._history.page(wanted, before=self._model.oldest)
        except AdwardenError as error:
            self._model.not_now()
            self._said.say_whole(str(error))
            return
        self._model.append(page.changes, more=page.more)

    def _take_in(self) -> None:
        if self._list.at_top:
            self.load()
        else:
            self._fresh.show()
            announce(self._owner, "There are new changes")

    def _count(self, total: int, wanted: Wanted) -> None:
        days = counted(self._days(), "day", "days")
        count = counted(total, "change", "changes")
        self._said.say_whole(f"{count} · kept for {days}")
        filtered = wanted != Wanted()
        if total:
            self._list.say_empty("", "")
        elif filtered:
            everything = replace(wanted, kinds=(), tone="", text="") == wanted
            hint = (
                "Every refresh is compared with the one before."
                if everything
                else ("Choose another kind, or other words.")
            )
            self._list.say_empty("No such changes", hint)
        else:
            self._list.say_empty(
                "Nothing has changed yet",
                "Every refresh is compared with the one before. What is gained or lost is "
                "listed here.",
            )
        if filtered:
            announce(self._owner, count)

    def _failed(self, error: AdwardenError) -> None:
        self._model.begin((), more=False, seen=self._seen)
        self._list.say_empty(error.title, " ".join(filter(None, (error.message, error.remedy))))
        self._said.say_whole("")
        announce(self._owner, str(error), urgent=True)
