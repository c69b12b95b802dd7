"""What came back of a tried request: its line above the tabs, what it means, and its body."""

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
    """Status and timing."""

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self.setAccessibleName("What came of it")
        self._mark = Mark(icons, "info", "dim", 18)
        self._line = Text("", role="strong", wraps=True, selectable=True)
        self._took = Text("", role="dim")
        head = QHBoxLayout(self)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(10)
        head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._line, 1)
        head.addWidget(self._took, 0, Qt.AlignmentFlag.AlignTop)
        self.say(_NOTHING)

    def say(self, words: str) -> None:
        """Say why there is no outcome."""
        self._mark.show_icon("info", "dim")
        self._line.say(words, "dim")
        self._took.setText("")

    def tell(self, outcome: Outcome) -> None:
        """Say what came back."""
        icon, colour = ("circle-check", "ok") if outcome.worked else ("triangle-alert", "bad")
        self._mark.show_icon(icon, colour)
        line = f"{outcome.line} · {outcome.words}"
        self._line.say(breakable(visible(line)), "strong")
        self._took.setText(f"{took(outcome.milliseconds)} · {size_words(outcome.body.size)}")
        problem = outcome.problem
        announce(self, f"{line} {problem or ''}".strip(), urgent=problem is not None)


class Meaning(QWidget):
    """What a refusal means, with buttons for what to do; gone while there is none.

    It is in the pages, and not above them: where there is little room, it scrolls away.
    """

    def __init__(self, take: Take) -> None:
        super().__init__()
        self._take = take
        self.setAccessibleName("What it means")
        self._why = Text("", wraps=True, selectable=True)
        self._ways = QWidget()
        self._row = QHBoxLayout(self._ways)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._why)
        column.addWidget(self._ways)
        self.tell(None)

    def tell(self, outcome: Outcome | None) -> None:
        """Say what an outcome means; ``None`` takes back what was said."""
        problem = outcome.problem if outcome is not None else None
        told = str(problem or "")
        ways = outcome.ways if outcome is not None else ()
        self.hide()  # what is put into it is seen at once when all of it is shown
        self._why.setText(breakable(visible(told)))
        self._why.setVisible(bool(told))
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
        self.setVisible(bool(told or ways))

    def _taken(self, way: Way, _: bool = False) -> None:
        self._take(way)


class AnswerPage(QWidget):
    """What it means, rate limits and remarks in words, and the body with its search."""

    def __init__(self, tasks: Tasks, icons: Icons, take: Take) -> None:
        super().__init__()
        self._meaning = Meaning(take)
        self._words = Text("", role="dim", wraps=True, selectable=True)
        self._words.hide()
        self.body = SearchedText("Answer", tasks, icons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._meaning)
        column.addWidget(self._words)
        column.addWidget(self.body, 1)

    def clear(self, words: str = "") -> None:
        """Show no body, and say why."""
        self._meaning.tell(None)
        self._words.hide()
        self.body.show_text("")
        self.body.view.setPlaceholderText(words)

    def tell(self, outcome: Outcome) -> None:
        """Show what came back."""
        self._meaning.tell(outcome)
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
