"""What came back of a tried request: the words above the tabs, and the page of its body."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from adwarden.domain.answer_words import Body, Kind
from adwarden.domain.checks import Way
from adwarden.services.tasks import Tasks
from adwarden.services.trying import Outcome
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, announce, breakable, make_button
from adwarden.ui.request_view import SearchedText
from adwarden.ui.search import visible

_NOTHING = "Nothing was sent yet."
_CUT = "The answer goes on"

Take = Callable[[Way], None]


class RequestStatus(QWidget):
    """Status, timing, and for a refusal what it means, with buttons for what to do."""

    def __init__(self, icons: Icons, take: Take) -> None:
        super().__init__()
        self._take = take
        self.setAccessibleName("What came of it")
        self._mark = Mark(icons, "info", "dim", 18)
        self._line = Text("", role="strong", wraps=True, selectable=True)
        self._took = Text("", role="dim")
        self._why = Text("", wraps=True, selectable=True)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._line, 1)
        head.addWidget(self._took, 0, Qt.AlignmentFlag.AlignTop)
        self._ways = QWidget()
        self._row = QHBoxLayout(self._ways)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        below = QVBoxLayout()
        below.setContentsMargins(28, 0, 0, 0)
        below.setSpacing(6)
        below.addWidget(self._why)
        below.addWidget(self._ways)
        column.addLayout(below)
        self.say(_NOTHING)

    def say(self, words: str) -> None:
        """Say why there is no outcome."""
        self._mark.show_icon("info", "dim")
        self._line.say(words, "dim")
        self._took.setText("")
        self._explain("", ())

    def tell(self, outcome: Outcome) -> None:
        """Say what came back."""
        icon, colour = ("circle-check", "ok") if outcome.worked else ("triangle-alert", "bad")
        self._mark.show_icon(icon, colour)
        line = f"{outcome.line} · {outcome.words}"
        self._line.say(breakable(visible(line)), "strong")
        self._took.setText(f"{took(outcome.milliseconds)} · {size_words(outcome.body.size)}")
        problem = outcome.problem
        told = ""
        if problem is not None:
            told = " ".join(filter(None, (f"{problem.title}.", problem.message, problem.remedy)))
        self._explain(told, outcome.ways)
        announce(self, f"{line} {told}".strip(), urgent=problem is not None)

    def _explain(self, told: str, ways: tuple[Way, ...]) -> None:
        self._why.setText(breakable(visible(told)))
        self._why.setVisible(bool(told))
        self._ways.hide()
        while self._row.count():
            item = self._row.takeAt(0)
            if item is not None and (part := item.widget()) is not None:
                part.hide()
                part.deleteLater()
        for way in ways:
            button = make_button(way.value)
            button.setAccessibleDescription(told)
            button.clicked.connect(partial(self._taken, way))
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._ways.setVisible(bool(ways))

    def _taken(self, way: Way, _: bool = False) -> None:
        self._take(way)


class AnswerPage(QWidget):
    """Rate limits and remarks in words, and the body with its search."""

    def __init__(self, tasks: Tasks, icons: Icons) -> None:
        super().__init__()
        self._words = Text("", role="dim", wraps=True, selectable=True)
        self._words.hide()
        self.body = SearchedText("Answer", tasks, icons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._words)
        column.addWidget(self.body, 1)

    def clear(self, words: str = "") -> None:
        """Show no body, and say why."""
        self._words.hide()
        self.body.show_text("")
        self.body.view.setPlaceholderText(words)

    def tell(self, outcome: Outcome) -> None:
        """Show what came back."""
        told = " ".join((*outcome.limits, *outcome.remarks))
        if outcome.body.cut and not any(_CUT in one for one in outcome.remarks):
            told += f" {_CUT}: only its beginning is shown."
        self._words.setText(breakable(visible(told)))
        self._words.setVisible(bool(told))
        self.body.view.setPlaceholderText(body_words(outcome.body))
        self.body.show_text(outcome.body.text)


def body_words(body: Body) -> str:
    """Return what there is to say of a body that cannot be shown."""
    if body.kind is Kind.EMPTY:
        return "The answer has no body."
    if body.kind is Kind.BINARY:
        return f"The answer is binary data, {size_words(body.size)}; it is not shown."
    return ""


def took(milliseconds: int) -> str:
    """Return how long it took."""
    return f"{milliseconds:,} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.1f} s"


def size_words(size: int) -> str:
    """Return a size in bytes as a person says it."""
    if size < 1024:
        return f"{size} byte{'' if size == 1 else 's'}"
    if size < 1024 * 1024:
        return f"{size / 1024:.1f} KB"
    return f"{size / 1024 / 1024:.1f} MB"
