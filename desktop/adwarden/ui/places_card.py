"""One place of secrets on the screen: its state, what is in it, and the buttons for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QRadioButton, QVBoxLayout, QWidget

from adwarden.domain.data import dataclass
from adwarden.domain.model import FILE, MEMORY
from adwarden.services.events import Removal
from adwarden.services.survey import Orphan, PlaceReport
from adwarden.services.taking_over import takeable
from adwarden.storage.keychain_status import SelfTest
from adwarden.ui.icons import Icons
from adwarden.ui.parts import ElidedText, Mark, Text, breakable, line, make_button
from adwarden.ui.search import visible
from adwarden.ui.vault_words import (
    ABOUT,
    TITLES,
    count_words,
    memory_words,
    state_words,
    tested_words,
    trouble_words,
)

MOST = 20
"""Entries that nothing lists, shown at once."""


@dataclass(frozen=True, slots=True)
class Does:
    """A button: its words, its name for screen readers, what it does."""

    words: str
    name: str
    run: Callable[[], None]
    danger: bool = False


def _run(does: Does, _checked: bool = False) -> None:
    does.run()


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that one card says."""

    report: PlaceReport
    apps: int
    connections: int
    chosen: bool
    path: str = ""
    test: SelfTest | None = None
    testing: bool = False
    moving: tuple[int, int, str] | None = None
    taking: tuple[int, int, str] | None = None
    outcome: str = ""
    outcome_role: str = "dim"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a card can ask for."""

    choose: Callable[[], None]
    buttons: Sequence[Does]
    stop: Callable[[], None]
    take_over: Callable[[Orphan], None]
    take_over_all: Callable[[], None]
    stop_taking: Callable[[], None]
    delete: Callable[[Orphan], None]
    undo: Callable[[Removal], None]


class PlaceCard(QFrame):
    """Shows one place; it is made anew whenever something about it has changed."""

    def __init__(self, shown: Shown, answers: Answers, icons: Icons) -> None:
        super().__init__()
        self._icons, self._answers = icons, answers
        place, status = shown.report.place, shown.report.status
        self.setProperty("card", True)
        self.setAccessibleName(TITLES[place])
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        column.addLayout(self._head(shown))
        column.addWidget(Text(ABOUT[place], role="dim", wraps=True))
        if shown.path:
            path = ElidedText(visible(shown.path), selectable=True)
            column.addWidget(path)
        trouble, remedy = trouble_words(place, status)
        if trouble or remedy:
            column.addWidget(self._box("warn", status.title, trouble, remedy))
        if place != FILE or shown.path or shown.report.rows:
            words = count_words(shown.report, shown.apps, shown.connections)
            column.addWidget(Text(words, wraps=True))
        if place == MEMORY and (words := memory_words(shown.report)):
            column.addWidget(self._box("warn", "", words, ""))
        if shown.moving is not None:
            self._write_progress(*shown.moving, "Moved", "Stop moving", answers.stop)
        if shown.taking is not None:
            stop = answers.stop_taking
            self._write_progress(*shown.taking, "Taken over", "Stop taking over", stop)
        if shown.outcome:
            column.addWidget(Text(breakable(shown.outcome), role=shown.outcome_role, wraps=True))
        if shown.testing:
            column.addWidget(Text("Testing: writing, reading and deleting an entry …", role="dim"))
        elif shown.test is not None:
            words, role = tested_words(shown.test)
            column.addWidget(Text(breakable(words), role=role, wraps=True, selectable=True))
        column.addLayout(self._buttons(answers.buttons))
        if shown.report.orphans:
            self._write_orphans(shown.report.orphans)

    def _head(self, shown: Shown) -> QHBoxLayout:
        place, status = shown.report.place, shown.report.status
        words, colour, icon = state_words(place, status)
        row = QHBoxLayout()
        row.setSpacing(6)
        title = Text(TITLES[place], role="strong")
        row.addWidget(title)
        row.addSpacing(6)
        row.addWidget(Mark(self._icons, icon, colour, 14), 0, Qt.AlignmentFlag.AlignVCenter)
        named = status.backend not in ("", "KeePass file", "memory, for this session")
        told = f"{words} · {status.backend}" if named and not shown.path else words
        row.addWidget(Text(told, role="caption"), 1)
        choice = QRadioButton("Keep what is new here")
        choice.setAccessibleName(f"Keep what is new here: {TITLES[place]}")
        choice.setAutoExclusive(False)
        choice.setChecked(shown.chosen)
        choice.clicked.connect(self._answers.choose)
        row.addWidget(choice)
        return row

    def _buttons(self, buttons: Sequence[Does]) -> QVBoxLayout:
        rows = QVBoxLayout()
        rows.setSpacing(8)
        for start in range(0, len(buttons), 4):
            row = QHBoxLayout()
            row.setSpacing(8)
            for does in buttons[start : start + 4]:
                button = make_button(does.words, name=does.name)
                button.setProperty("danger", does.danger)
                # Not handed over itself: Qt would give it its "checked" as an argument.
                button.clicked.connect(partial(_run, does))
                row.addWidget(button)
            row.addStretch(1)
            rows.addLayout(row)
        return rows

    def _write_progress(
        self, done: int, total: int, name: str, what: str, ends: str, end: Callable[[], None]
    ) -> None:
        row = QHBoxLayout()
        row.setSpacing(10)
        bar = QProgressBar()
        bar.setRange(0, max(1, total))
        bar.setValue(done)
        bar.setTextVisible(False)
        bar.setFixedSize(160, 6)
        bar.setAccessibleName(f"{what} so far")
        row.addWidget(bar, 0, Qt.AlignmentFlag.AlignVCenter)
        told = " · ".join(filter(None, (f"{done:,} of {total:,} {what.lower()}", name)))
        row.addWidget(ElidedText(visible(told)), 1)
        stop = make_button("Stop", name=ends)
        # Asked for as itself: Qt would give it its "checked" as an argument.
        stop.clicked.connect(lambda: end())
        row.addWidget(stop)
        self._column.addLayout(row)

    def _write_orphans(self, orphans: Sequence[Orphan]) -> None:
        self._column.addWidget(line())
        count = len(orphans)
        words = (
            "1 entry that nothing lists" if count == 1 else f"{count} entries that nothing lists"
        )
        head = QHBoxLayout()
        head.addWidget(Text(words, role="heading"), 1)
        if takes := len(takeable(orphans)) > 1:
            every = make_button("Take over all …", name="Take over all entries that nothing lists")
            # Asked for as itself: Qt would give it its "checked" as an argument.
            every.clicked.connect(lambda: self._answers.take_over_all())
            head.addWidget(every)
        self._column.addLayout(head)
        if takes:
            told = (
                "They come from another data folder, from one that was lost, or from another "
                "state of this one."
            )
            self._column.addWidget(Text(told, role="caption", wraps=True))
        for orphan in orphans[:MOST]:
            self._column.addWidget(self._orphan(orphan))
        if count > MOST:
            self._column.addWidget(Text(f"And {count - MOST} more.", role="caption"))

    def _orphan(self, orphan: Orphan) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(ElidedText(visible(orphan.name)))
        going = orphan.going
        told = orphan.why if going is None else "Deleted for good within ten seconds."
        words.addWidget(Text(told, role="caption", wraps=True))
        row.addLayout(words, 1)
        name = orphan.kept.service.rpartition(" ")[2]
        if going is not None:
            undo = make_button("Undo", name=f"Undo: {orphan.name} {name} deleted")
            undo.clicked.connect(lambda: self._answers.undo(going))
            row.addWidget(undo)
            return holder
        if orphan.can_be_taken:
            take = make_button("Take over", name=f"Take over {orphan.name} {name}")
            take.clicked.connect(lambda: self._answers.take_over(orphan))
            row.addWidget(take)
        delete = make_button("Delete …", name=f"Delete {orphan.name} {name}")
        delete.setProperty("danger", True)
        delete.clicked.connect(lambda: self._answers.delete(orphan))
        row.addWidget(delete)
        return holder

    def _box(self, level: str, title: str, message: str, remedy: str) -> QWidget:
        frame = QFrame()
        frame.setProperty("banner", level)
        row = QHBoxLayout(frame)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(8)
        mark = Mark(self._icons, "circle-alert", "warn", 16, height=18)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        if title:
            words.addWidget(Text(title, role="strong", wraps=True))
        rest = " ".join(part for part in (message, remedy) if part)
        words.addWidget(Text(breakable(visible(rest)), wraps=True, selectable=True))
        row.addLayout(words, 1)
        return frame
