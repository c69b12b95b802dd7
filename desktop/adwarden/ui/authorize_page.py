"""The right side of the authorization dialog: whose page it is, the page, or words instead.

The browser engine is imported only when a page is shown here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from adwarden.providers.base import GuestRules
from adwarden.ui.authorize_bars import RefusedBar, shown_host
from adwarden.ui.authorize_parts import Picture, Words, button
from adwarden.ui.guest_rules import authority
from adwarden.ui.icons import Icons
from adwarden.ui.parts import ElidedText
from adwarden.ui.theme import Theme

if TYPE_CHECKING:
    from adwarden.ui.guest_view import GuestView

_PRIVATE = "private page, forgotten when this closes"
_THIS_COMPUTER = "practice on this computer, not encrypted"
_OUTSIDE = "opens in your own browser"


class EmbeddedMode(Enum):
    """Where the authorization page is shown, and why."""

    EMBEDDED = "embedded"
    SYSTEM = "system"
    """The person prefers the browser of the system."""
    NO_SANDBOX = "no-sandbox"
    """The browser engine cannot shut its pages in, as when running as root."""


class HostBar(QFrame):
    """Says whose page is shown, and how it got here; always there above the page."""

    def __init__(self, icons: Icons, theme: Theme) -> None:
        super().__init__()
        self.setProperty("pane", True)
        self.setFixedHeight(40)
        self._lock = Picture(icons, theme, "lock", "dim")
        self.host = Words("", "strong", wraps=False)
        self.words = ElidedText("", role="dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self._lock)
        row.addWidget(self.host)
        row.addWidget(self.words, 1)

    def show_host(self, url: QUrl, *, outside: bool = False) -> None:
        """Show the host of ``url``; an empty one clears the bar."""
        encrypted = url.scheme() == "https"
        if encrypted or not url.host():
            self._lock.set_picture("lock", "ok" if encrypted else "dim")
        else:
            self._lock.set_picture("monitor", "warn")
        words = _OUTSIDE if outside else _PRIVATE if encrypted else _THIS_COMPUTER
        self.host.say(shown_host(url))
        self.host.setToolTip(authority(url))
        self.words.say_whole(words if url.host() else "")
        lock = "Encrypted" if encrypted else "Not encrypted"
        name = f"{lock} page of {authority(url)}: {words}"
        self.setAccessibleName(name if url.host() else "No page")


class Instead(QWidget):
    """Words in the place of the page, with at most one button."""

    def __init__(self, icons: Icons, theme: Theme) -> None:
        super().__init__()
        self._picture = Picture(icons, theme, "globe", "dim", 32)
        self.title = Words("", "title")
        self.words = Words("", "dim")
        self.back = button("Show the page here")
        for label in (self.title, self.words):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 24, 48, 24)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addSpacing(8)
        column.addWidget(self.back, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def say(self, picture: str, colour: str, title: str, words: str, *, back: bool) -> None:
        """Show these words, and the button that brings the page back if there is one."""
        self._picture.set_picture(picture, colour)
        self.title.say(title)
        self.words.say(words)
        self.back.setVisible(back)


class PagePane(QFrame):
    """Holds at most one embedded page; what the page gives comes out as signals."""

    picked = Signal(str)
    denied = Signal()
    expired = Signal()
    embedded = Signal()

    def __init__(
        self, icons: Icons, theme: Theme, mode: EmbeddedMode, open_url: Callable[[str], bool]
    ) -> None:
        super().__init__()
        self.setProperty("pane", True)
        self._mode = mode
        self._open_url = open_url
        self._guest: GuestView | None = None
        self.bar = HostBar(icons, theme)
        self.refused = RefusedBar(icons, theme)
        self.refused.wanted.connect(self._open_elsewhere)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(3)
        self._progress.setAccessibleName("Loading the page")
        keep = self._progress.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(keep)
        self._progress.hide()
        self.instead = Instead(icons, theme)
        self.instead.back.clicked.connect(self._come_back)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.instead)
        rule = QFrame()
        rule.setProperty("separator", True)
        rule.setFixedHeight(1)
        around = QVBoxLayout()
        around.setContentsMargins(8, 0, 8, 0)
        around.addWidget(self.refused)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(rule)
        column.addWidget(self._progress)
        column.addLayout(around)
        column.addWidget(self._stack, 1)
        self.bar.show_host(QUrl())
        self._prepared = False

    @property
    def guest(self) -> GuestView | None:
        """The embedded page, while there is one."""
        return self._guest

    def open(self, rules: GuestRules, url: str) -> None:
        """Show the authorization page at ``url``, or say how to open it."""
        self.clear()
        self.bar.show_host(QUrl(url), outside=self._mode is not EmbeddedMode.EMBEDDED)
        if self._mode is EmbeddedMode.SYSTEM:
            self._say_open("Authorize in your browser", "Settings say to use your own browser.")
        elif self._mode is EmbeddedMode.NO_SANDBOX:
            words = (
                "Adwarden runs as root, where the browser’s sandbox cannot work. No page is "
                "shown in this window then."
            )
            self._say_open("Authorize in your browser", words)
        else:
            self._embed(rules, url)

    def step_aside(self, title: str, words: str) -> None:
        """Put words over the page: it goes on somewhere else."""
        self.refused.hide()
        self.instead.say("external-link", "accent", title, words, back=self._guest is not None)
        self._stack.setCurrentWidget(self.instead)

    def say(self, picture: str, colour: str, title: str, words: str) -> None:
        """Throw the page away and show words instead."""
        self.clear()
        self.instead.say(picture, colour, title, words, back=False)

    def clear(self) -> None:
        """Throw the page away, with its profile and its process."""
        self.refused.hide()
        self._progress.hide()
        self._stack.setCurrentWidget(self.instead)
        if self._guest is not None:
            self._stack.removeWidget(self._guest)
            self._guest.shut()
            self._guest = None

    def prepare(self) -> None:
        """Ready the window for a page, before it is seen; once is enough."""
        if self._mode is not EmbeddedMode.EMBEDDED or self._prepared:
            return
        self._prepared = True
        with suppress(ImportError):
            import adwarden.ui.guest_view  # noqa: F401 - loaded ahead of its use
            from adwarden.ui.guest_surface import prepare_window

            prepare_window(self)

    def _embed(self, rules: GuestRules, url: str) -> None:
        try:
            # The engine takes time and memory, so that it is loaded for those who need it.
            from adwarden.ui.guest_view import GuestView
        except ImportError:
            self._say_open("Authorize in your browser", "There is no browser engine here.")
            return
        guest = GuestView(self._stack, rules, url)
        guest.located.connect(self.bar.show_host)
        guest.progress.connect(self._progressed)
        guest.noticed.connect(self.refused.say)
        guest.stopped.connect(self._stopped)
        guest.picked.connect(self.picked)
        guest.denied.connect(self.denied)
        guest.expired.connect(self.expired)
        self._guest = guest
        self._stack.addWidget(guest)
        self._stack.setCurrentWidget(guest)
        guest.open()
        self.embedded.emit()

    def _progressed(self, percent: int) -> None:
        self._progress.setValue(percent)
        self._progress.setVisible(percent < 100)

    def _stopped(self, title: str, words: str) -> None:
        advice = "Start over, or open the page in your own browser."
        self.say("triangle-alert", "bad", title, f"{words} {advice}")

    def _say_open(self, title: str, why: str) -> None:
        words = f"{why} Press “Open in my browser”, authorize there, and type the PIN here."
        self.instead.say("external-link", "accent", title, words, back=False)

    def _come_back(self) -> None:
        if self._guest is not None:
            self._stack.setCurrentWidget(self._guest)
            self._guest.setFocus()

    def _open_elsewhere(self, url: QUrl) -> None:
        if not self._open_url(url.toString(QUrl.ComponentFormattingOption.FullyEncoded)):
            self.refused.say("No browser could be opened.", QUrl())
