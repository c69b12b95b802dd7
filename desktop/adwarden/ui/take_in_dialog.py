"""The dialog ``Bring in tokens``: what they are from, what was found, what came of it.

What comes in is secret: it is counted, never shown, and forgotten with the dialog.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from adwarden.services.tasks import Tasks
from adwarden.ui import take_in_words as words
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.dialogs import outcome
from adwarden.ui.icons import Icons
from adwarden.ui.parts import announce, make_button
from adwarden.ui.port import TokenIntake
from adwarden.ui.saving_dialog import Unlock
from adwarden.ui.search import visible
from adwarden.ui.take_in_files import Files, Source
from adwarden.ui.take_in_frame import STOPS, PagesDialog
from adwarden.ui.take_in_sets import SetsPage
from adwarden.ui.take_in_source import SourcePage, files_of, remove_question

TITLE = "Bring in tokens"
_BRINGING = "Bringing in"


class _Step(Enum):
    SOURCE = 0
    CHOICE = 1
    HALF = 2
    """Some of what was chosen is here, and something keeps the rest from coming."""
    END = 3


class TakeInDialog(PagesDialog):
    """Takes in from one source; emits ``kept`` with each outcome, and whether X was asked.

    ``unlock`` has a place unlocked; ``check`` checks every connection, which is what comes next
    where X was not asked.
    """

    kept = Signal(object, bool)

    def __init__(
        self,
        parent: QWidget | None,
        *,
        taking_in: TokenIntake,
        here: words.Here,
        check: Callable[[], object],
        unlock: Unlock,
        tasks: Tasks,
        icons: Icons,
        clipboard: Clipboard,
    ) -> None:
        super().__init__(
            parent, TITLE, unlock=unlock, tasks=tasks, icons=icons, clipboard=clipboard
        )
        self._taking_in, self._check = taking_in, check
        self._files = Files()
        self._source: Source | None = None
        self._chosen: tuple[int, ...] = ()
        self._step, self._stopping = _Step.SOURCE, False
        self.cut_short: tuple[int, int] | None = None
        """How many of how many sets were done where it was closed in the midst of it."""
        self.setAcceptDrops(True)
        self._from, self._sets = SourcePage(icons), SetsPage(icons, here)
        for page in (self._from, self._sets):
            self.pages.addWidget(page)
        self._back, self._cancel = make_button("Back"), make_button("Cancel")
        self._next = make_button("Check all", primary=True)
        self._go = make_button("Continue", primary=True)
        self.buttons.addWidget(self._back)
        self.buttons.addStretch(1)
        for button in (self._cancel, self._next, self._go):
            self.buttons.addWidget(button)
        self._go.setDefault(True)
        self._back.clicked.connect(self._begin_anew)
        self._cancel.clicked.connect(self._give_up)
        self._next.clicked.connect(self._check_all)
        self._go.clicked.connect(self._forward)
        self._from.chosen.connect(self.take_file)
        self._from.failed.connect(self.show_error)
        self._from.changed.connect(self.again)
        self._sets.chosen_changed.connect(self.again)
        self._sets.remove.connect(lambda: tasks.spawn(self, "remove the file", self._remove()))
        self._sets.clear.connect(self._clear)
        self.again()
        self._from.begin()
        tasks.spawn(self, "look for files of other tools", self._offer())

    # What they are from

    def take_file(self, path: Path) -> None:
        """Read a file and show what is in it."""

        async def work() -> None:
            self._source = await self._files.read(path)
            await self._look()

        if self._step is _Step.SOURCE:
            self.do("Reading the file", work)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and texts, as long as nothing was read."""
        mime, rests = event.mimeData(), self._step is _Step.SOURCE and not self.busy
        if rests and (files_of(mime) or mime.hasText()):
            _copy(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        _copy(event)
        self._from.take(event.mimeData())

    async def _offer(self) -> None:
        self._from.offer(await self._files.usual())

    async def _look(self) -> None:
        assert self._source is not None
        taken = await self._files.take(self._source)
        preview = await self._taking_in.compare(taken)
        self._sets.show_preview(preview)
        self.title.setText(words.found_in(self._source.name))
        self._turn(_Step.CHOICE)
        self._sets.list.setFocus()
        announce(self, words.summary(preview))

    async def _look_at_pasted(self) -> None:
        self._source = self._from.source
        await self._look()

    def _begin_anew(self) -> None:
        """Go back to where it is from; what was pasted is there still."""
        self.drop_error()
        self._source = None
        self._sets.forget()
        self.title.setText(TITLE)
        self._turn(_Step.SOURCE)
        self._from.begin()

    # What comes of it

    async def _adopt(self) -> None:
        """Bring in one after the other, so that each is told, and stopping leaves none half."""
        self.progress.setRange(0, len(self._chosen))
        for place, number in enumerate(self._chosen):
            self.progress.setValue(place)
            if number in self._sets.told or self._stopping:
                continue
            self._sets.begin(number)
            check = self._sets.check
            (result,) = await self._taking_in.adopt((self._sets.set_at(number),), check=check)
            if result.error is not None and result.error.code in STOPS:
                self._sets.pause(number, result)
                self._turn(_Step.HALF if self._sets.told else _Step.CHOICE)
                raise result.error
            self._sets.put(number, result)
            if result.done:
                self.kept.emit(result, check)
        self._end()

    def _end(self) -> None:
        """Tell what came of it, and that the secrets lie about still."""
        source, sets = self._source, self._sets
        assert source is not None
        pasted = source.path is None
        still = words.still_there(source.name, pasted=pasted, whole=sets.whole)
        sets.end(self._chosen, still, pasted=pasted)
        title = words.result_title(sets.outcomes, len(self._chosen))
        self.title.setText(title)
        self.drop_error()
        self._turn(_Step.END)
        first = self._next if self._next.isVisible() else self._cancel
        first.setDefault(True)
        first.setFocus()
        announce(self, f"{title}. {sets.said}")

    async def _remove(self) -> None:
        """Ask, with what it does not do, then remove the file."""
        source = self._source
        if source is None or source.path is None or self.busy:
            return
        name = visible(source.name)

        async def work() -> None:
            await self._files.remove(source)
            self._sets.say_still(f"{name} was removed. {words.STAYS_ELSEWHERE}")
            self._cancel.setFocus()  # the button that had it is gone
            announce(self, f"{name} was removed")

        if await outcome(remove_question(self, source, self._sets.remarks)):
            self.do("Removing the file", work)

    def _clear(self) -> None:
        system = QGuiApplication.clipboard()
        if self._from.box.holds(system.text()):
            system.clear()
            told = "The clipboard was cleared. A program that keeps its history may have the text."
        else:
            told = "Something else is on the clipboard by now. It was left as it is."
        self._sets.say_still(told)
        self._cancel.setFocus()
        announce(self, told)

    def _check_all(self) -> None:
        self.accept()
        self._check()

    # Steps and buttons

    def again(self) -> None:
        """Have the buttons say what they do now."""
        step, busy = self._step, bool(self.busy)
        bringing = self.busy == _BRINGING
        count = len(self._sets.list.chosen)
        self._from.setEnabled(not busy)
        self._sets.hold(busy or step is _Step.HALF)
        self._back.setVisible(step is _Step.CHOICE)
        self._back.setEnabled(not busy)
        go = {
            _Step.SOURCE: ("Continue", not self._from.box.is_empty),
            _Step.CHOICE: (f"Bring in {count:,}" if count else "Bring in", count > 0),
            _Step.HALF: ("Bring in the rest", True),
            _Step.END: ("", False),
        }
        text, can = go[step]
        self._go.setVisible(bool(text))
        self._go.setText(text)
        self._go.setAccessibleName(text)
        self._go.setEnabled(can and not busy)
        ends = {_Step.HALF: "Finish", _Step.END: "Close"}.get(step, "Cancel")
        stop = "Stopping …" if self._stopping else "Stop"
        self._cancel.setText(stop if bringing else ends)
        self._cancel.setAccessibleName(self._cancel.text())
        self._cancel.setEnabled(not (bringing and self._stopping))
        self._next.setVisible(step is _Step.END and self._sets.unasked)

    def _turn(self, step: _Step) -> None:
        self._step = step
        self.pages.setCurrentWidget(self._from if step is _Step.SOURCE else self._sets)
        self.again()

    def _forward(self) -> None:
        if self._step is _Step.SOURCE:
            self.do("Looking through what was pasted", self._look_at_pasted)
            return
        if self._step is _Step.CHOICE:
            self._chosen = self._sets.list.chosen
        self._stopping = False
        self.do(_BRINGING, self._adopt)
        self._cancel.setFocus()

    def _give_up(self) -> None:
        """Stop after the set that is being brought in, finish, or close."""
        if self.busy == _BRINGING:
            self._stopping = True
            self.again()
        elif self._step is _Step.HALF and not self.busy:
            self._end()
        else:
            self.reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Have Escape mean the button that it stands for."""
        if event.key() == Qt.Key.Key_Escape:
            self._give_up()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Count closing as giving up."""
        event.ignore()
        self._give_up()

    def done(self, result: int) -> None:
        """Stop what still runs, and forget what came in: on closing, and on locking."""
        if self.busy == _BRINGING or self._step is _Step.HALF:
            self.cut_short = (sum(one.done for one in self._sets.outcomes), len(self._chosen))
        super().done(result)
        self._tasks.cancel(self)
        self._files.close()
        self._source = None
        self._from.forget()
        self._sets.forget()


def _copy(event: QDropEvent) -> None:
    """Accept as a copy, never as a move: whoever lends the file would delete it then."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
