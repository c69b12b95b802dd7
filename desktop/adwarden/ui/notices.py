"""Notices on top of the centre: what happened, why, what to do; never a box in the way.

A notice has an id, so that the same trouble is told once and goes away when it is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from adwarden.domain.data import dataclass
from adwarden.domain.errors import LOCKED, AdwardenError, StorageError
from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import announce

if TYPE_CHECKING:
    from adwarden.ui.notice_bar import NoticeBar

KEYCHAIN_NOTICE, FILE_NOTICE = "keychain", "keepass-file"
"""The ids of the notices about the places of secrets: there is one of each at a time."""

STORAGE_NOTICE = "storage:"
"""What the ids of the notices begin with that say what the data folder cannot do for now."""

SHARE, MOST = 0.45, 0.6
"""Of the centre's height, what notices may take; more than the first only to show one whole."""

MAX_NOTICES = 4
"""Notices shown at once; the oldest mere information makes room first."""


class Level(Enum):
    """How much a notice matters."""

    INFO = "info"
    WARN = "warn"
    ERROR = "bad"


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


def trouble_id(error: AdwardenError) -> str:
    """Return the id for an error that may come from several parts at once; it is told once."""
    kind = STORAGE_NOTICE if isinstance(error, StorageError) else "session:"
    return f"{kind}{error.title}"


def row_notice(item_id: str) -> str:
    """Return the id of the notice of what failed with an app or a connection.

    It goes with the first success of the same.
    """
    return f"row:{item_id}"


def place_notices(place: str) -> str:
    """Return what the ids of the notices about a place begin with; they go once it works."""
    return f"place:{place}:"


def failed_id(error: AdwardenError, otherwise: str) -> str:
    """Return the id of the notice of a failure: about its place, where it is that which failed."""
    from adwarden.services.of_place import OF_PLACE

    place = getattr(error, "place", "")
    return f"{place_notices(place)}{error.title}" if place and error.code in OF_PLACE else otherwise


def about(handle: str, notice: Notice) -> Notice:
    """Name the connection, unless the title does already."""
    if handle in notice.title:
        return notice
    return Notice(
        notice.id,
        notice.level,
        f"{handle}: {notice.title}",
        notice.message,
        notice.remedy,
        notice.detail,
        notice.buttons,
    )


def locked_notice(error: AdwardenError, unlock: Callable[[str], None]) -> Notice | None:
    """Make the notice of a place that is locked, with the way to unlock it; ``None`` of others.

    It stands in the place of the one that says the same, and goes with it once it is unlocked.
    """
    if error.code not in LOCKED:
        return None
    of_file = getattr(error, "place", "") == FILE
    notice_id, words = (FILE_NOTICE, "Unlock …") if of_file else (KEYCHAIN_NOTICE, "Unlock")
    button = Remedy(words, lambda: unlock(FILE if of_file else KEYCHAIN), closes=False)
    return notice_of(error, notice_id, button, level=Level.WARN)


def unlock_notice(error: AdwardenError, place: str, unlock: Callable[[str], None]) -> Notice:
    """Make the notice of a place that could not be unlocked, with the way to try it again."""
    locked = locked_notice(error, unlock)
    if locked is not None:
        return locked
    again = Remedy("Try again", lambda: unlock(place), closes=False)
    return notice_of(error, FILE_NOTICE if place == FILE else KEYCHAIN_NOTICE, again)


def hidden_notice(what: str) -> Notice:
    """Say that something names what is hidden while the KeePass file is locked."""
    return Notice(
        "hidden",
        Level.INFO,
        f"The {what} waits for the KeePass file.",
        "It names ad accounts of connections whose file is locked.",
        "Unlock the file, then try again.",
    )


class Notices(QScrollArea):
    """The stack of notices; shows each id once and is gone from sight while empty.

    The newest is on top, save for what stays; the stack leaves room for the tree.
    """

    def __init__(self, icons: Icons, clipboard: Clipboard) -> None:
        super().__init__()
        self._icons = icons
        self._clipboard = clipboard
        self._bars: dict[str, NoticeBar] = {}
        self._before: QWidget | None = None
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

    def come_after(self, before: QWidget) -> None:
        """Have Tab come to the notices from ``before``, which must be a part of the window."""
        self._before = before

    def show_notice(self, notice: Notice) -> None:
        """Show a notice, in the place of the one with the same id if there is one."""
        old = self._bars.get(notice.id)
        if old is not None and _same(old.notice, notice):
            return
        index = self._column.indexOf(old) if old is not None else self._pinned()
        self.dismiss(notice.id)
        from adwarden.ui.notice_bar import NoticeBar

        bar = NoticeBar(notice, self._icons, self._clipboard)
        bar.closed.connect(lambda: self.dismiss(notice.id))
        bar.resized.connect(self._order)
        self._bars[notice.id] = bar
        if self.widget() is None:
            from adwarden.ui.unfolding import Unfolding

            self.setWidget(self._page)
            Unfolding(self._page).felt.connect(self._soon.start)
        self._column.insertWidget(max(0, index), bar)
        self._make_room(notice.id)
        self._order()
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

    def dismiss_all(self, kind: str) -> None:
        """Take away every notice whose id begins so."""
        for notice_id in [one for one in self._bars if one.startswith(kind)]:
            self.dismiss(notice_id)

    def shown(self) -> tuple[Notice, ...]:
        """Return what is shown, oldest first."""
        return tuple(bar.notice for bar in self._bars.values())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the words need at the new width."""
        super().resizeEvent(event)
        self.again()

    def again(self) -> None:
        """Share the height out anew, because there is more or less of it."""
        if self._bars:
            self._soon.start()

    def _fit(self) -> None:
        wanted = self._column.heightForWidth(self.width())
        parent, policy = self.parentWidget(), Qt.ScrollBarPolicy
        room = parent.height() if parent is not None else wanted
        # Not as needed: a bar that is there has words wrap that would fit without it, and stays.
        scrolls = wanted > room * MOST
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if scrolls else policy.ScrollBarAlwaysOff
        )
        if scrolls:
            wanted = self._end(round(room * SHARE), round(room * MOST))
        self.setFixedHeight(max(60, wanted))

    def _end(self, low: int, high: int) -> int:
        """Return a height between the two at which no notice is cut, or all there is."""
        margins, width = self._column.contentsMargins(), self.viewport().width()
        width -= margins.left() + margins.right()
        end, ends = margins.top(), []
        for bar in self._stack():
            end += bar.heightForWidth(width)
            ends.append(end + margins.bottom())
            end += self._column.spacing()
        return next((one for one in ends if low <= one <= high), high)

    def _stack(self) -> list[NoticeBar]:
        """Return the notices from top to bottom."""
        return sorted(self._bars.values(), key=self._column.indexOf)

    def _order(self) -> None:
        """Have Tab go through the notices, and then on to what came after ``before``."""
        last = self._before
        for part in (part for bar in self._stack() for part in bar.chain):
            if last is not None:
                QWidget.setTabOrder(last, part)
            last = part

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
