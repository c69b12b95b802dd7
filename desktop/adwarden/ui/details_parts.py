"""What the details are made of: facts with copy buttons, marked answers, meters, boxes, buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.data import dataclass
from adwarden.domain.permissions import Basis, Capability, Verdict
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import (
    ElidedText,
    Mark,
    Text,
    breakable,
    compact,
    icon_button,
    line,
    make_button,
)
from adwarden.ui.phrases import freshness
from adwarden.ui.search import shortened, visible

LONG_WORD = 26
"""Characters that fit a line of the pane; a word beyond that cannot be wrapped."""

_LABEL_WIDTH = 92
MARKS = {
    Verdict.YES: ("check", "ok", "Yes"),
    Verdict.NO: ("x", "bad", "No"),
    Verdict.UNKNOWN: ("circle-help", "warn", "Not known"),
}
BASES = {
    Basis.DOCUMENTED: "book-open",
    Basis.DERIVED: "link",
    Basis.UNDOCUMENTED: "circle-help",
    Basis.UNREAD: "clock",
}
_LEVELS = {
    "bad": ("triangle-alert", "bad"),
    "warn": ("circle-alert", "warn"),
    "info": ("info", "accent"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is, what it says, an explanation, whether to copy, whether it is stale."""

    label: str
    value: str
    note: str = ""
    copies: bool = False
    stale: bool = False


def fetched_fact(label: str, moment: float | None, now: float, stale_after: float) -> Fact:
    """Return the fact of when something was fetched; an old one says so."""
    words, stale = freshness(moment, now, stale_after)
    hours = round(stale_after / 3600)
    what = "By a clock that was wrong" if (moment or 0.0) > now else f"Older than {hours} h"
    note = f"{what}: it may have changed since. Refresh to be sure." if stale else ""
    return Fact(label, words, note, stale=stale)


def title(text: str) -> QWidget:
    """Return the heading of the pane: wrapped, or shortened when it cannot be wrapped."""
    words = shortened(visible(text))
    if max((len(word) for word in words.split()), default=0) > LONG_WORD:
        return ElidedText(words, role="title", selectable=True)
    return Text(words, role="title", wraps=True, selectable=True)


def sub(words: str) -> Text:
    """Return the dim line below the heading of the pane."""
    return Text(breakable(visible(words)), role="dim", wraps=True)


def heading(words: str) -> QWidget:
    """Return the heading of a section."""
    return Text(words, role="heading")


def caption(words: str) -> Text:
    """Return a small explanation."""
    return Text(breakable(visible(words)), role="caption", wraps=True, selectable=True)


def own_note(words: str) -> Text:
    """Return what a person noted, in the lines that they wrote."""
    told = "\n".join(breakable(visible(part)) for part in words.splitlines())
    return Text(told, role="caption", wraps=True, selectable=True)


class Facts(QWidget):
    """Lines of facts in two columns; an id has a button that copies it."""

    def __init__(self, facts: Iterable[Fact], icons: Icons, clipboard: Clipboard) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        grid.setColumnStretch(1, 1)
        row = 0
        for fact in facts:
            top = Qt.AlignmentFlag.AlignTop
            grid.addWidget(Text(fact.label, role="dim"), row, 0, top)
            value = _stale_value(fact, icons) if fact.stale else _value(fact)
            grid.addWidget(value, row, 1, 1, 1 if fact.copies else 2, top)
            if fact.copies:
                copy = icon_button(f"Copy {fact.label}", icons, "copy")
                compact(copy)
                copy.clicked.connect(lambda _=False, text=fact.value: clipboard.copy_id(text))
                grid.addWidget(copy, row, 2, top)
            row += 1
            if fact.note:
                grid.addWidget(caption(fact.note), row, 1, 1, 2)
                row += 1


def _value(fact: Fact) -> QWidget:
    shown = visible(fact.value)
    words = max((len(word) for word in shown.split()), default=0)
    value: QWidget
    if fact.copies or words > LONG_WORD - 6:
        value = ElidedText(shown, selectable=True)
    else:
        value = Text(shown, wraps=True, selectable=True)
    value.setAccessibleName(f"{fact.label}: {shown}")
    return value


def _stale_value(fact: Fact, icons: Icons) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(Mark(icons, "clock", "warn", 14, height=19), 0, Qt.AlignmentFlag.AlignTop)
    words = Text(fact.value, role="warn", wraps=True, selectable=True)
    words.setAccessibleName(f"{fact.label}: {fact.value}")
    row.addWidget(words, 1)
    return holder


class Marked(Text):
    """Words with an icon before their first line, in one widget: a page has dozens of them."""

    def __init__(
        self,
        text: str,
        icons: Icons,
        icon: str,
        colour: str,
        *,
        size: int,
        gap: int,
        role: str = "",
    ) -> None:
        super().__init__(breakable(text), role=role, wraps=True)
        self._icons, self._icon, self._colour = icons, icon, colour
        self._size, self._gap, self._left = size, gap, 0
        self.inset(0, 0)

    def inset(self, left: int, below: int) -> None:
        """Keep so many pixels free on the left and below."""
        self._left = left
        self.setContentsMargins(left + self._size + self._gap, 0, 0, below)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words, then the icon in the colours of now."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.fontMetrics().height() - self._size) / 2
        at = QRectF(self._left, top, self._size, self._size)
        self._icons.draw(painter, at, self._icon, self._colour)
        painter.end()


class Answers(QWidget):
    """The list under "Can I …": each with its mark, its words, what it rests on and the reason."""

    def __init__(self, capabilities: Iterable[Capability], icons: Icons) -> None:
        super().__init__()
        self.setAccessibleName("Can I …")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for place, capability in enumerate(capabilities):
            if place:
                column.addSpacing(8)
            icon, colour, spoken = MARKS[capability.verdict]
            basis, reason = capability.basis, visible(capability.reason)
            line = Marked(capability.words, icons, icon, colour, size=14, gap=8)
            line.setAccessibleName(f"{spoken}: {capability.words}. {reason} ({basis.words})")
            line.setToolTip(spoken)
            column.addWidget(line)
            again = reason.startswith(basis.words)
            told = reason if again else f"{basis.words}: {reason}"
            why = Marked(
                f"{told[:1].upper()}{told[1:]}", icons, BASES[basis], "dim",
                size=11, gap=5, role="caption",
            )  # fmt: skip
            why.setToolTip(f"{basis.words.capitalize()}: {basis.meaning}")
            why.inset(22, 0)
            column.addWidget(why)


class Meter(QWidget):
    """A count of what is left, in words and as a bar."""

    def __init__(self, words: str, left: int, of: int) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(Text(words, wraps=True))
        bar = QProgressBar()
        bar.setRange(0, max(1, of))
        bar.setValue(left)
        bar.setTextVisible(False)
        bar.setAccessibleName(words)
        column.addWidget(bar)


def box(icons: Icons, level: str, *words: str) -> QFrame:
    """Return a framed remark: ``bad``, ``warn`` or ``info``; the first of several texts leads."""
    frame = QFrame()
    frame.setProperty("banner", level)
    row = QHBoxLayout(frame)
    row.setContentsMargins(10, 8, 10, 8)
    row.setSpacing(8)
    icon, colour = _LEVELS[level]
    row.addWidget(Mark(icons, icon, colour, 14, height=19), 0, Qt.AlignmentFlag.AlignTop)
    column = QVBoxLayout()
    column.setSpacing(3)
    told = [breakable(visible(part)) for part in words if part]
    for place, part in enumerate(told):
        role = "strong" if place == 0 and len(told) > 1 else ""
        column.addWidget(Text(part, role=role, wraps=True, selectable=True))
    row.addLayout(column, 1)
    return frame


Asked = tuple[str, str, Callable[[str], None], str]
"""A button: its words, its accessible name, what to ask, and for whom."""


def buttons(column: QVBoxLayout, *wanted: Asked) -> None:
    """Add buttons in two columns.

    They are below each other where the words are too wide for two in the narrowest pane.
    """
    column.addWidget(line())
    grid = QGridLayout()
    grid.setSpacing(8)
    made = []
    for words, name, ask, target in wanted:
        button = make_button(words, name=name)
        button.clicked.connect(lambda _=False, run=ask, who=target: run(who))
        button.ensurePolished()
        made.append(button)
    odd = len(made) % 2
    places = [index + odd if index else 0 for index in range(len(made))]
    paired = list(zip(made, places, strict=True))[odd:]
    sides = [[one.sizeHint().width() for one, at in paired if at % 2 == side] for side in (0, 1)]
    two = sum(max(side, default=0) for side in sides) + grid.spacing() <= _NARROWEST
    for index, (button, place) in enumerate(zip(made, places, strict=True)):
        if two:
            grid.addWidget(button, place // 2, place % 2, 1, 2 if odd and not index else 1)
        else:
            grid.addWidget(button, index, 0)
    column.addLayout(grid)


_NARROWEST = 190
"""Pixels that the narrowest pane has for buttons, beside its margins and its scroll bar."""
