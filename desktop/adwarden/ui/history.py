"""The window ``History``: what has changed, by day, with filters; it stays open beside the tree.

It reads page by page and changes nothing but the mark of what has been seen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from adwarden.domain.changes import Recorded
from adwarden.services.tasks import Tasks
from adwarden.ui.history_bar import EDGE, EVERYTHING, About, HistoryBar
from adwarden.ui.history_list import HistoryList
from adwarden.ui.history_model import HistoryModel
from adwarden.ui.history_reading import HistoryReading
from adwarden.ui.icons import Icons
from adwarden.ui.parts import ElidedText, announce, line, make_button, menu_text
from adwarden.ui.search import shortened, visible

if TYPE_CHECKING:
    from adwarden.ui.port import HistoryReader

_SIZE = (760, 620)


class HistoryDialog(QDialog):
    """Shows changes newest first. ``go`` shows an object in the window, and says if it can.

    ``days`` returns for how many days changes are kept.
    """

    def __init__(
        self,
        parent: QWidget | None,
        history: HistoryReader,
        tasks: Tasks,
        icons: Icons,
        go: Callable[[str, str], bool],
        days: Callable[[], int],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(parent)
        self._go = go
        self.setWindowTitle("History")
        self.setAccessibleName("History")
        self.setMinimumSize(460, 360)
        self.resize(*_SIZE)
        self._model = HistoryModel(clock)
        self._model.setParent(self)
        self._list = HistoryList(self._model, icons)
        self._bar = HistoryBar(icons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(line())
        column.addWidget(self._list, 1)
        column.addWidget(line())
        column.addLayout(self._foot())
        self._reading = HistoryReading(
            self, history, tasks, self._bar, self._model, self._list, self._said, self._fresh, days
        )
        self._list.asked.connect(self._show_object)
        self._list.customContextMenuRequested.connect(self._menu)
        self._bar.of_everything.connect(lambda: self.show_of(EVERYTHING, self._bar.choice))
        QShortcut(QKeySequence.StandardKey.Find, self, self._bar.search.setFocus)
        self.finished.connect(lambda: tasks.cancel(self))
        self._list.setFocus()

    @property
    def settled(self) -> bool:
        """Whether everything that was asked for is shown."""
        return self._reading.settled

    @property
    def list(self) -> HistoryList:
        """The list of changes."""
        return self._list

    def show_of(self, about: About, choice: int = 0) -> None:
        """Show the history of this, from the top; ``choice`` is a place in the choices."""
        self._bar.show_of(about, choice)
        title = f"History of {shortened(visible(about.label))}" if about.label else "History"
        self.setWindowTitle(title)
        self.load()

    def load(self) -> None:
        """Read the first page anew; unless it is of one object, all there is counts as seen."""
        self._reading.load()

    def grow(self) -> None:
        """Take in that there are new changes."""
        self._reading.grow()

    # Building

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(EDGE, 10, EDGE, 12)
        foot.setSpacing(8)
        self._said = ElidedText("", role="dim")
        foot.addWidget(self._said, 1)
        self._fresh = make_button("Show new", primary=True, name="Show new changes")
        self._fresh.hide()
        self._show = make_button("Show in tree")
        self._show.setAccessibleDescription("Goes to what the selected change is about")
        self._show.clicked.connect(lambda: self._show_object(self._list.current()))
        close = make_button("Close")
        close.clicked.connect(self.reject)
        for button in (self._fresh, self._show, close):
            foot.addWidget(button)
        self._list.selectionModel().currentChanged.connect(lambda _: self._enable())
        self._model.modelReset.connect(self._enable)
        self._enable()
        return foot

    # Going on from a change

    def _enable(self) -> None:
        self._show.setEnabled(self._list.current() is not None)

    def _show_object(self, kept: Recorded | None) -> None:
        if kept is None:
            return
        change = kept.change
        if not self._go(change.connection_id, change.account_id):
            words = f"{change.handle} is not connected any more"
            self._said.say_whole(visible(words))
            announce(self, words)

    def _menu(self, point: QPoint) -> None:
        kept = self._list.at(self._list.indexAt(point)) or self._list.current()
        if kept is None:
            return
        change = kept.change
        menu = QMenu(self)
        menu.setAccessibleName("Actions of the change")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show in tree", lambda: self._show_object(kept))
        menu.addSeparator()
        for name, connection_id, account_id in (
            (change.account, "", change.account_id),
            (change.handle, change.connection_id, ""),
        ):
            if connection_id or account_id:
                about = About(connection_id, account_id, name)
                words = menu_text(f"History of {visible(name)[:40]}")
                menu.addAction(words, partial(self.show_of, about))
        menu.popup(self._list.viewport().mapToGlobal(point))
