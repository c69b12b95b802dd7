"""The second step of taking in: what was found, line by line, and the third: what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from adwarden.services.taking_in import Compared, Outcome, Preview, Standing
from adwarden.ui import take_in_words as words
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, breakable, make_button
from adwarden.ui.search import shortened, visible
from adwarden.ui.take_in_list import TakeInList

_CHECK = "Check each with X first"
_CHECKING = (
    "X is asked whose token it is and whether it works, a request or two each. What X refuses is "
    "not kept."
)


class SetsPage(QWidget):
    """Shows a preview to choose from, then the outcomes in the same lines."""

    chosen_changed = Signal()
    remove = Signal()
    """The source is to be removed."""

    clear = Signal()
    """The clipboard is to be cleared."""

    def __init__(self, icons: Icons, here: words.Here) -> None:
        super().__init__()
        self._here = here
        self._preview: Preview | None = None
        self._outcomes: dict[int, Outcome] = {}
        self._paused: dict[int, Outcome] = {}
        self._ended = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self._summary = Text("", wraps=True, selectable=True)
        self.list = TakeInList(icons)
        self.list.setMinimumHeight(92)
        self.list.chosen_changed.connect(self.chosen_changed)
        self.list.looked_at.connect(self._describe)
        self._remarks = QPlainTextEdit()
        self._remarks.setReadOnly(True)
        self._remarks.setTabChangesFocus(True)
        self._remarks.setAccessibleName("Remarks")
        self._check = QCheckBox(_CHECK)
        self._check.setAccessibleName(_CHECK)
        self._check.setAccessibleDescription(_CHECKING)
        self._check.setChecked(True)
        self._about_check = Text(_CHECKING, role="dim", wraps=True)
        column.addWidget(self._summary)
        column.addWidget(self.list, 1)
        column.addWidget(self._details())
        column.addWidget(self._remarks)
        option = QVBoxLayout()
        option.setSpacing(0)
        option.addWidget(self._check)
        option.addWidget(self._about_check)
        self._about_check.setContentsMargins(25, 0, 0, 0)  # below the words, not the box
        column.addLayout(option)
        column.addWidget(self._rest())

    # What was found

    def show_preview(self, preview: Preview) -> None:
        """Show what was found, to choose from."""
        self._preview, self._ended = preview, False
        self._outcomes.clear()
        self._paused.clear()
        self._summary.setText(words.summary(preview))
        self._summary.show()
        self.list.begin_choice()
        self.list.show_sets(preview.sets, lambda one: words.place_of(one, self._here))
        self._remarks.setPlainText("\n".join(visible(one) for one in preview.remarks))
        lines = min(3, len(preview.remarks))
        self._remarks.setFixedHeight(lines * self._remarks.fontMetrics().lineSpacing() + 20)
        self._remarks.setVisible(bool(preview.remarks))
        self._offer_check()
        self._still.hide()

    @property
    def check(self) -> bool:
        """Whether X is to be asked first."""
        return self._check.isChecked()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What has come of it so far."""
        return tuple(self._outcomes.values())

    @property
    def told(self) -> frozenset[int]:
        """The numbers of the sets whose outcome is known."""
        return frozenset(self._outcomes)

    @property
    def said(self) -> str:
        """What stands above the lines."""
        return self._summary.text()

    @property
    def remarks(self) -> str:
        """What a person should know of the rest of what was read."""
        return " ".join(visible(one) for one in (self._preview.remarks if self._preview else ()))

    @property
    def unasked(self) -> bool:
        """Whether there are connections now that X was not asked about."""
        return not self.check and any(one.connection_id for one in self.outcomes if one.done)

    @property
    def whole(self) -> bool:
        """Whether all that was found is kept here by now."""
        sets = self._preview.sets if self._preview else ()
        known = {at for at, one in enumerate(sets) if one.standing is Standing.KNOWN}
        done = {at for at, one in self._outcomes.items() if one.done}
        return bool(sets) and len(known | done) == len(sets)

    def set_at(self, number: int) -> Compared:
        """Return one of the sets."""
        assert self._preview is not None
        return self._preview.sets[number]

    def forget(self) -> None:
        """Forget what was found: it has secrets."""
        self._preview = None
        self._outcomes.clear()
        self._paused.clear()
        self.list.show_sets((), lambda _: "")

    # What comes of it

    def hold(self, held: bool) -> None:
        """Let nobody choose while it is brought in."""
        self.list.hold(held)
        self._check.setEnabled(not held)

    def begin(self, number: int) -> None:
        """Show which set is being brought in."""
        self.list.tell(number, words.WORKING)
        self.list.look_at(number)

    def put(self, number: int, outcome: Outcome) -> None:
        """Show what came of a set."""
        self._paused.pop(number, None)
        self._outcomes[number] = outcome
        kept = words.kept_in(words.place_after(outcome, self._here))
        self.list.tell(number, words.result_badge(outcome), kept)

    def pause(self, number: int, outcome: Outcome) -> None:
        """Show that a set is to be begun anew; what came of it counts if it is not."""
        self._paused[number] = outcome
        if self._outcomes:
            self._summary.setText(words.half(len(self._outcomes)))
        self.list.tell(number, words.badge(self.set_at(number)))

    def end(self, chosen: Sequence[int], still: str, *, pasted: bool) -> None:
        """Tell how it ended, and that the secrets lie about still: ``still`` says where."""
        self._ended = True
        for number, outcome in list(self._paused.items()):
            self.put(number, outcome)
        rest = [at for at in chosen if at not in self._outcomes]
        for number in rest:
            self.list.tell(number, words.NOT_BEGUN, "")
        sets = self._preview.sets if self._preview else ()
        unchosen = [
            at
            for at, one in enumerate(sets)
            if at not in chosen and one.standing in (Standing.NEW, Standing.CONTRADICTS)
        ]
        self.list.end_choice(unchosen, words.LEFT_OUT)
        told = words.result_words(self.outcomes, len(chosen), checked=self.check)
        self._summary.setText(told)
        self._summary.setVisible(bool(told))
        for part in (self._remarks, self._check, self._about_check):
            part.hide()
        self._still_words.setText(breakable(still))
        self._remove.setVisible(not pasted and self.whole)
        self._clear.setVisible(pasted)
        self._still.setVisible(any(one.done for one in self.outcomes) or self.whole)
        bad = (at for at, one in self._outcomes.items() if not one.done)
        self.list.look_at(next(bad, next(iter(chosen), 0)))

    def say_still(self, told: str) -> None:
        """Tell what became of the source; there is nothing to be done about it any more."""
        self._still_words.setText(breakable(told))
        self._remove.hide()
        self._clear.hide()

    # Parts

    def _offer_check(self) -> None:
        sets = self._preview.sets if self._preview else ()
        choosable = (Standing.NEW, Standing.CONTRADICTS)
        some = any(one.standing in choosable for one in sets)
        for part in (self._check, self._about_check):
            part.setVisible(some)

    def _details(self) -> QFrame:
        card = QFrame()
        card.setProperty("card", True)
        card.setAccessibleName("What it is")
        column = QVBoxLayout(card)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(2)
        self._head = Text("", role="strong", wraps=True)
        self._body = Text("", wraps=True, selectable=True)
        self._where = Text("", role="dim", wraps=True)
        for part in (self._head, self._body, self._where):
            column.addWidget(part)
        return card

    def _rest(self) -> QFrame:
        self._still = QFrame()
        self._still.setProperty("banner", "warn")
        row = QHBoxLayout(self._still)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(12)
        self._still_words = Text("", wraps=True, selectable=True)
        row.addWidget(self._still_words, 1)
        self._remove = make_button("Remove the file …")
        self._remove.clicked.connect(self.remove)
        self._clear = make_button("Clear the clipboard")
        self._clear.clicked.connect(self.clear)
        for button in (self._remove, self._clear):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._still.hide()
        return self._still

    def _describe(self) -> None:
        number = self.list.current
        if self._preview is None or number < 0:
            for part in (self._head, self._body, self._where):
                part.setText("")
            return
        one = self._preview.sets[number]
        outcome = self._outcomes.get(number)
        self._head.setText(breakable(shortened(visible(one.title))))
        self._body.setText(breakable(visible(self._told(one, outcome))))
        where = words.at(one)
        self._where.setText(breakable(f"Where: {where}" if where else ""))
        self._where.setVisible(bool(where))

    def _told(self, one: Compared, outcome: Outcome | None) -> str:
        if outcome is not None:
            return outcome.words
        if self._ended:
            return one.why
        return f"{one.why} {words.what_then(one, words.place_of(one, self._here))}"
