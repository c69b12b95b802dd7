"""What the details are made of: facts with copy buttons, marked answers, a meter."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from adwarden.domain.data import dataclass
from adwarden.domain.permissions import Capability, Verdict
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import ElidedText, Mark, Text, breakable, compact, icon_button
from adwarden.ui.search import visible

LONG_WORD = 26
"""Characters that fit a line of the pane; a word beyond that cannot be wrapped."""

_LABEL_WIDTH = 92
_MARKS = {
    Verdict.YES: ("check", "ok", "Yes"),
    Verdict.NO: ("x", "bad", "No"),
    Verdict.UNKNOWN: ("circle-help", "warn", "Not known"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is, what it says, an explanation, and whether it can be copied."""

    label: str
    value: str
    note: str = ""
    copies: bool = False


def title(text: str) -> QWidget:
    """Return the heading of the pane: wrapped, or shortened when it cannot be wrapped."""
    words = visible(text)
    if max((len(word) for word in words.split()), default=0) > LONG_WORD:
        return ElidedText(words, role="title", selectable=True)
    return Text(words, role="title", wraps=True, selectable=True)


def heading(words: str) -> QWidget:
    """Return the heading of a section."""
    return Text(words, role="heading")


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
            grid.addWidget(_value(fact), row, 1, 1, 1 if fact.copies else 2, top)
            if fact.copies:
                copy = icon_button(f"Copy {fact.label}", icons, "copy")
                compact(copy)
                copy.clicked.connect(lambda _=False, text=fact.value: clipboard.copy_id(text))
                grid.addWidget(copy, row, 2, top)
            row += 1
            if fact.note:
                note = Text(breakable(fact.note), role="caption", wraps=True, selectable=True)
                grid.addWidget(note, row, 1, 1, 2)
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


class Answers(QWidget):
    """The list under "Can I …": each with its mark, its words and the reason."""

    def __init__(self, capabilities: Iterable[Capability], icons: Icons) -> None:
        super().__init__()
        self.setAccessibleName("Can I …")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(9)
        for capability in capabilities:
            icon, colour, spoken = _MARKS[capability.verdict]
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(Mark(icons, icon, colour, 14, height=19), 0, Qt.AlignmentFlag.AlignTop)
            words = QVBoxLayout()
            words.setSpacing(1)
            line = Text(capability.words, wraps=True)
            line.setAccessibleName(f"{spoken}: {capability.words}. {capability.reason}")
            line.setToolTip(spoken)
            words.addWidget(line)
            words.addWidget(
                Text(breakable(capability.reason), role="caption", wraps=True, selectable=True)
            )
            row.addLayout(words, 1)
            column.addLayout(row)


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
