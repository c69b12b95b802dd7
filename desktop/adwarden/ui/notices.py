"""Notices on top of the centre: what happened, why, what to do; never a box in the way.

A notice has an id, so that the same trouble is told once and goes away when it is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, announce, breakable, icon_button, make_button
from adwarden.ui.search import visible

NARROW = 460
"""Pixels below which a notice has its buttons under its words."""

SHARE = 0.45
"""Of the centre's height, what notices may take before they scroll."""

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
    resized = Signal()

    def __init__(self, notice: Notice, icons: Icons, clipboard: Clipboard) -> None:
        super().__init__()
        self.notice = notice
        self._clipboard = clipboard
        self.setProperty("banner", notice.level.value)
        self.setAccessibleName(f"{_WORDS[notice.level]}: {notice.title}")
        self.setAccessibleDescription(" ".join(filter(None, (notice.message, notice.remedy))))
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(12, 8, 8, 8)
        self._outer.setSpacing(8)
        self._row = QHBoxLayout()
        self._row.setSpacing(12)
        mark = Mark(icons, *_MARKS[notice.level], size=18)
        self._row.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addLayout(self._words(), 1)
        self._tools = self._buttons()
        self._tools.setVisible(bool(notice.detail or notice.buttons))
        self._narrow = False
        self._row.addWidget(self._tools)
        if notice.closable:
            close = icon_button("Close notice", icons, "x")
            close.clicked.connect(self.closed)
            self._row.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        self._outer.addLayout(self._row)
        self._folded: QWidget | None = None

    def _buttons(self) -> QWidget:
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addStretch(1)
        if self.notice.detail:
            self._fold = QToolButton()
            self._fold.setProperty("flat", True)
            self._fold.setText("Details")
            self._fold.setAccessibleName("Show technical details")
            self._fold.setCheckable(True)
            self._fold.toggled.connect(self._unfold)
            row.addWidget(self._fold)
        for remedy in self.notice.buttons:
            button = make_button(remedy.text)
            button.setAccessibleDescription(self.notice.title)
            button.clicked.connect(lambda _=False, chosen=remedy: self._choose(chosen))
            row.addWidget(button)
        return tools

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the words where they would squeeze them."""
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW
        if narrow == self._narrow:
            return
        self._narrow = narrow
        if narrow:
            self._row.removeWidget(self._tools)
            self._outer.insertWidget(1, self._tools)
        else:
            self._outer.removeWidget(self._tools)
            self._row.insertWidget(2, self._tools)
        self.resized.emit()

    def _words(self) -> QVBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Text(breakable(visible(self.notice.title)), role="strong", wraps=True))
        rest = " ".join(part for part in (self.notice.message, self.notice.remedy) if part)
        if rest:
            shown = breakable(visible(rest))
            words.addWidget(Text(shown, role="dim", wraps=True, selectable=True))
        return words

    def _choose(self, remedy: Remedy) -> None:
        if remedy.closes:
            self.closed.emit()
        remedy.run()

    def _unfold(self, shown: bool) -> None:
        self._fold.setAccessibleName(f"{'Hide' if shown else 'Show'} technical details")
        if self._folded is None:
            self._folded = self._detail_pane()
            self._outer.addWidget(self._folded)
        self._folded.setVisible(shown)
        self.resized.emit()

    def _detail_pane(self) -> QWidget:
        detail = QPlainTextEdit(self.notice.detail)
        detail.setReadOnly(True)
        detail.setTabChangesFocus(True)
        detail.setAccessibleName("Technical details")
        detail.setFixedHeight(84)
        copy = make_button("Copy details")
        copy.clicked.connect(lambda: self._clipboard.copy_text(self.notice.detail))
        pane = QWidget()
        body = QVBoxLayout(pane)
        body.setContentsMargins(0, 0, 4, 4)
        body.addWidget(detail)
        body.addWidget(copy, 0, Qt.AlignmentFlag.AlignRight)
        return pane


class Notices(QScrollArea):
    """The stack of notices; shows each id once and is gone from sight while empty.

    The newest is on top, save for what stays; the stack leaves room for the tree.
    """

    def __init__(self, icons: Icons, clipboard: Clipboard) -> None:
        super().__init__()
        self._icons = icons
        self._clipboard = clipboard
        self._bars: dict[str, NoticeBar] = {}
        self._page = QWidget(self)
        self._page.setProperty("pane", True)
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(12, 10, 12, 2)
        self._column.setSpacing(8)
        # Asked once the layout has settled: before that, heights are those of another width.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._fit)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Notices")
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice, in the place of the one with the same id if there is one."""
        old = self._bars.get(notice.id)
        if old is not None and _same(old.notice, notice):
            return
        index = self._column.indexOf(old) if old is not None else self._pinned()
        self.dismiss(notice.id)
        bar = NoticeBar(notice, self._icons, self._clipboard)
        bar.closed.connect(lambda: self.dismiss(notice.id))
        self._bars[notice.id] = bar
        if self.widget() is None:
            from adwarden.ui.unfolding import Unfolding

            self.setWidget(self._page)
            Unfolding(self._page).felt.connect(self._soon.start)
        self._column.insertWidget(max(0, index), bar)
        self._make_room(notice.id)
        bar.show()
        self.show()
        self._soon.start()
        words = f"{notice.title}. {notice.message} {notice.remedy}"
        announce(self, words.strip(), urgent=notice.level is Level.ERROR)

    def dismiss(self, notice_id: str) -> None:
        """Take a notice away; one that is not there is no error."""
        bar = self._bars.pop(notice_id, None)
        if bar is None:
            return
        self._column.removeWidget(bar)
        bar.hide()
        bar.deleteLater()
        self.setVisible(bool(self._bars))
        self._soon.start()

    def dismiss_all(self, prefix: str) -> None:
        """Take away every notice whose id begins with ``prefix``."""
        for notice_id in [known for known in self._bars if known.startswith(prefix)]:
            self.dismiss(notice_id)

    def shown(self) -> tuple[Notice, ...]:
        """Return what is shown, oldest first."""
        return tuple(bar.notice for bar in self._bars.values())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the words need at the new width."""
        super().resizeEvent(event)
        if self._bars:
            self._soon.start()

    def _fit(self) -> None:
        wanted = self._column.heightForWidth(self.viewport().width())
        parent = self.parentWidget()
        most = round(parent.height() * SHARE) if parent is not None else wanted
        self.setFixedHeight(max(60, min(wanted, most)))

    def _pinned(self) -> int:
        return sum(not bar.notice.closable for bar in self._bars.values())

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
