"""Notices on top of the centre: what happened, why, what to do; never a box in the way.

A notice has an id, so that the same trouble is told once and goes away when it is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.errors import AdwardenError
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, announce, icon_button, make_button

MAX_NOTICES = 4
"""Notices shown at once; the oldest mere information makes room first."""


class Level(Enum):
    """How much a notice matters."""

    INFO = "info"
    WARN = "warn"
    ERROR = "bad"


_MARKS = {
    Level.INFO: ("info", "accent"),
    Level.WARN: ("circle-alert", "warn"),
    Level.ERROR: ("triangle-alert", "bad"),
}
_WORDS = {Level.INFO: "Information", Level.WARN: "Warning", Level.ERROR: "Problem"}


@dataclass(frozen=True, slots=True)
class Remedy:
    """A button of a notice: its words and what it does."""

    text: str
    run: Callable[[], None]
    closes: bool = True


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing a person should know. All texts are shown as they are, never as rich text."""

    id: str
    level: Level
    title: str
    message: str = ""
    remedy: str = ""
    detail: str = ""
    buttons: tuple[Remedy, ...] = ()
    closable: bool = True


def notice_of(
    error: AdwardenError, notice_id: str, *buttons: Remedy, level: Level = Level.ERROR
) -> Notice:
    """Make a notice of an error; the technical part stays folded."""
    return Notice(notice_id, level, error.title, error.message, error.remedy, error.detail, buttons)


class NoticeBar(QFrame):
    """One notice on the screen."""

    closed = Signal()

    def __init__(self, notice: Notice, icons: Icons, clipboard: Clipboard) -> None:
        super().__init__()
        self.notice = notice
        self._clipboard = clipboard
        self.setProperty("banner", notice.level.value)
        self.setAccessibleName(f"{_WORDS[notice.level]}: {notice.title}")
        self.setAccessibleDescription(" ".join(filter(None, (notice.message, notice.remedy))))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 8, 8)
        outer.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Mark(icons, *_MARKS[notice.level], size=18), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(self._words(), 1)
        self._detail: QPlainTextEdit | None = None
        self._fold: QToolButton | None = None
        if notice.detail:
            self._fold = QToolButton()
            self._fold.setText("Details")
            self._fold.setAccessibleName("Show technical details")
            self._fold.setCheckable(True)
            self._fold.toggled.connect(self._unfold)
            row.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignVCenter)
        for remedy in notice.buttons:
            button = make_button(remedy.text)
            button.clicked.connect(lambda _=False, chosen=remedy: self._choose(chosen))
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        if notice.closable:
            close = icon_button("Close notice", icons, "x")
            close.clicked.connect(self.closed)
            row.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        outer.addLayout(row)

    def _words(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Text(self.notice.title, role="strong", wraps=True))
        rest = " ".join(part for part in (self.notice.message, self.notice.remedy) if part)
        if rest:
            words.addWidget(Text(rest, role="dim", wraps=True, selectable=True))
        return words

    def _choose(self, remedy: Remedy) -> None:
        if remedy.closes:
            self.closed.emit()
        remedy.run()

    def _unfold(self, shown: bool) -> None:
        if self._fold is not None:
            self._fold.setAccessibleName(f"{'Hide' if shown else 'Show'} technical details")
        if self._detail is None and shown:
            self._detail = QPlainTextEdit(self.notice.detail)
            self._detail.setReadOnly(True)
            self._detail.setTabChangesFocus(True)
            self._detail.setAccessibleName("Technical details")
            self._detail.setFixedHeight(96)
            copy = make_button("Copy details")
            copy.clicked.connect(lambda: self._clipboard.copy_text(self.notice.detail))
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(copy)
            self._fold_body = QWidget()
            body = QVBoxLayout(self._fold_body)
            body.setContentsMargins(0, 0, 4, 4)
            body.addWidget(self._detail)
            body.addLayout(row)
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self._fold_body)
        if self._detail is not None:
            self._fold_body.setVisible(shown)


class Notices(QWidget):
    """The stack of notices; shows each id once and is gone from sight while empty."""

    def __init__(self, icons: Icons, clipboard: Clipboard) -> None:
        super().__init__()
        self._icons = icons
        self._clipboard = clipboard
        self._bars: dict[str, NoticeBar] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 2)
        self._column.setSpacing(8)
        self.setAccessibleName("Notices")
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice, in the place of the one with the same id if there is one."""
        old = self._bars.get(notice.id)
        if old is not None and _same(old.notice, notice):
            return
        index = self._column.indexOf(old) if old is not None else 0
        self.dismiss(notice.id)
        bar = NoticeBar(notice, self._icons, self._clipboard)
        bar.closed.connect(lambda: self.dismiss(notice.id))
        self._bars[notice.id] = bar
        self._column.insertWidget(max(0, index), bar)
        self._make_room(notice.id)
        self.show()
        words = f"{notice.title}. {notice.message} {notice.remedy}"
        announce(
            self,
            words.strip(),
            QAccessible.AnnouncementPoliteness.Assertive
            if notice.level is Level.ERROR
            else QAccessible.AnnouncementPoliteness.Polite,
        )

    def dismiss(self, notice_id: str) -> None:
        """Take a notice away; one that is not there is no error."""
        bar = self._bars.pop(notice_id, None)
        if bar is None:
            return
        self._column.removeWidget(bar)
        bar.hide()
        bar.deleteLater()
        self.setVisible(bool(self._bars))

    def dismiss_all(self, prefix: str) -> None:
        """Take away every notice whose id begins with ``prefix``."""
        for notice_id in [known for known in self._bars if known.startswith(prefix)]:
            self.dismiss(notice_id)

    def shown(self) -> tuple[Notice, ...]:
        """Return what is shown, oldest first."""
        return tuple(bar.notice for bar in self._bars.values())

    def _make_room(self, newest: str) -> None:
        rank = {Level.INFO: 0, Level.WARN: 1, Level.ERROR: 2}
        while len(self._bars) > MAX_NOTICES:
            spare = [bar.notice for key, bar in self._bars.items() if key != newest]
            closable = [notice for notice in spare if notice.closable]
            if not closable:
                return
            self.dismiss(min(closable, key=lambda notice: rank[notice.level]).id)


def _same(one: Notice, other: Notice) -> bool:
    """Compare what is seen: two buttons of the same words do the same thing."""
    return replace(one, buttons=()) == replace(other, buttons=()) and [
        button.text for button in one.buttons
    ] == [button.text for button in other.buttons]
