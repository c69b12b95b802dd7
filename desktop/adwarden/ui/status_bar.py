"""The line at the bottom: counts, age, requests left and progress, and the keychain's state."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStatusBar, QWidget

from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.storage.keychain_status import KeychainState
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, announce, plain_tip
from adwarden.ui.phrases import PLACE_WORDS, ad_accounts, ago, counted, until
from adwarden.ui.refresh_words import progress_words, whose
from adwarden.ui.search import visible
from adwarden.ui.store import State

ACCOUNTS_CALL = "GET accounts"
TICK_MS = 15_000
SAID_MS = 6_000

LINE = 18
"""Pixels that the line has at least: enough for a strip, whatever the font."""

GAP = 12
"""Pixels that the line keeps free between and beside its two sides."""

PLACE = 150
"""Pixels that the name and the state of the place have at least."""

LEAST = 60
"""Pixels that the counts have at least."""

_KEYCHAIN_WORDS = {
    KeychainState.READY: "unlocked",
    KeychainState.LOCKED: "locked",
    KeychainState.MISSING: "missing",
    KeychainState.NO_COLLECTION: "not set up yet",
    KeychainState.UNKNOWN: "not checked yet",
    KeychainState.FAILED: "failed",
}
_WELL = (KeychainState.READY, KeychainState.UNKNOWN)


class StatusBar(QStatusBar):
    """Reads the state and tells it; ``say`` shows a passing remark such as ``Copied``.

    ``ticked`` is called now and then instead of ``tell``, since what is told of times gets old.
    """

    def __init__(
        self,
        state: State,
        icons: Icons,
        clock: Callable[[], float],
        ticked: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._state = state
        self._clock = clock
        self._passing = ""
        self._lent = False
        self._place_words = ""
        self.setSizeGripEnabled(False)
        self.setAccessibleName("Status")
        # No names of their own: a label's name is all that a screen reader gets of it.
        self._counts, self._limit = Text("", role="caption"), Text("", role="caption")
        self._counts.setObjectName("counts")
        self._progress_words = Text("", role="caption")
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Refresh progress bar")
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(120, 6)
        self._lock = Mark(icons, "lock", "dim", size=14)
        self._keychain = Text("", role="caption", name="System keychain")
        left = QWidget()
        # Gives way by itself: else the line would be wider than the window.
        left.setMinimumSize(1, LINE)
        self._row = row = QHBoxLayout(left)
        row.setContentsMargins(10, 0, 0, 0)
        row.setSpacing(16)
        for part in (self._counts, self._progress_words, self._bar, self._limit):
            row.addWidget(part)
        row.addStretch(1)
        self.addWidget(left, 1)
        right = QWidget()
        self._end = end = QHBoxLayout(right)
        end.setContentsMargins(0, 0, 12, 0)
        end.setSpacing(6)
        end.addWidget(self._lock)
        end.addWidget(self._keychain)
        self.addPermanentWidget(right)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(ticked or self.tell)
        self._timer.start()
        self._hush = QTimer(self)
        self._hush.setSingleShot(True)
        self._hush.setInterval(SAID_MS)
        self._hush.timeout.connect(self._forget_said)
        self.tell()

    def say(self, words: str) -> None:
        """Show a remark for some seconds in the place of the counts, and announce it."""
        self._passing = words
        self._hush.start()
        announce(self, words)
        self.tell()

    def unsay(self, words: str) -> None:
        """Take a remark back, if it is still there: it is not true any more."""
        if words and words == self._passing:
            self._hush.stop()
            self._forget_said()

    def lend(self, strip: QWidget, shown: bool) -> None:
        """Give a strip the place of counts and limit while it is to be seen."""
        if self._row.indexOf(strip) < 0:
            self._row.insertWidget(0, strip)
        self._lent = shown
        if shown:
            self._passing = ""  # older, and the strip needs the room
        strip.setVisible(shown)
        self.tell()

    def _forget_said(self) -> None:
        self._passing = ""
        self.tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have the line say as much as there is room for."""
        super().resizeEvent(event)
        if self.isVisible():
            self.tell()

    def showEvent(self, event: QShowEvent) -> None:
        """Have it say as much in the size that it is shown in."""
        super().showEvent(event)
        self.tell()

    def tell(self) -> None:
        """Write everything anew."""
        now = self._clock()
        counts = self._passing or self._counts_words(now)
        self._counts.setText(counts)
        self._counts.setAccessibleName("")
        self._counts.setToolTip("")
        self._counts.setVisible(bool(self._passing) or not self._lent)
        self._tell_progress()
        known = self._state.tightest_limit(ACCOUNTS_CALL, now)
        self._limit.setVisible(known is not None and not self._lent)
        if known is not None:
            window, handle = known.window, whose(self._state, known.scope)
            call = f"{ACCOUNTS_CALL} of {visible(handle)}" if handle else ACCOUNTS_CALL
            self._limit.setText(
                f"{call}: {window.remaining:,} of {window.limit:,} left, "
                f"resets {until(window.resets_at, now)}"
            )
        self._tell_keychain()
        self._fit(counts)

    def _fit(self, counts: str) -> None:
        """Give way where the line is too short for it all.

        The place's name is shortened, then what is said elsewhere as well goes: the limit, the
        bar, and beside a strip how far the refresh is; the counts are shortened last.
        """
        self._keychain.setText(self._place_words)
        if not self.isVisible():
            return  # what there is room for is known once it is shown
        self._shorten(self._keychain, self._place_words, PLACE)
        for part in (self._limit, self._bar, self._progress_words if self._lent else None):
            if self._missing() <= 0:
                return
            if part is not None:
                part.hide()
        self._shorten(self._counts, counts, LEAST, right=True)

    def _shorten(self, label: Text, words: str, least: int, *, right: bool = False) -> None:
        """Take from a text as many pixels as are missing, but leave it ``least``."""
        missing = self._missing()
        if missing <= 0 or label.isHidden():
            return
        modes = Qt.TextElideMode
        room = max(least, label.sizeHint().width() - missing - 2)
        mode = modes.ElideRight if right else modes.ElideMiddle
        label.setText(label.fontMetrics().elidedText(words, mode, room))
        if right:
            label.setAccessibleName(words)
            label.setToolTip(plain_tip(words))

    def _missing(self) -> int:
        """Return by how many pixels the parts are wider than the line."""
        needed = self._row.sizeHint().width() + self._end.sizeHint().width()
        return needed + GAP - self.width()

    def _counts_words(self, now: float) -> str:
        connections = len(self._state.connections)
        if not connections:
            return "No connections yet"
        words = (
            f"{ad_accounts(self._state.total)} · "
            f"{counted(connections, 'connection', 'connections')}"
        )
        # A refresh under way says more, and needs the room.
        refreshed = None if self._state.progress() else self._state.refreshed_at()
        return f"{words} · refreshed {ago(refreshed, now)}" if refreshed else words

    def _tell_progress(self) -> None:
        progress = self._state.progress()
        self._bar.setVisible(progress is not None)
        self._progress_words.setVisible(progress is not None)
        if progress is None:
            return
        self._progress_words.setText(progress_words(progress))
        self._progress_words.setToolTip(plain_tip(progress.reason))
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)

    def _told_place(self) -> str:
        """Return the place for what is new, or one that holds something and is worse off."""
        chosen, places = self._state.chosen, self._state.places
        for place in (chosen, *(one for one in (FILE, KEYCHAIN) if one != chosen)):
            status = places.get(place)
            if status is not None and status.state not in _WELL and self._state.needs(place):
                return place
        return chosen

    def _tell_keychain(self) -> None:
        place = self._told_place()
        status = self._state.places.get(place)
        self._lock.setVisible(status is not None)
        self._keychain.setVisible(status is not None)
        if status is None:
            return
        backend = status.backend or PLACE_WORDS[place].partition(",")[0]
        words = f"{backend}, {_KEYCHAIN_WORDS[status.state]}"
        well = status.state in _WELL or (
            place == FILE and status.state is KeychainState.LOCKED  # as it should be
        )
        self._place_words = words
        self._keychain.say(words, "caption" if well else "error")
        named = "System keychain" if place == KEYCHAIN else "Secrets"
        self._keychain.setAccessibleName(f"{named}: {words}")
        tip = " ".join(filter(None, (status.message, status.remedy)))
        for part in (self._lock, self._keychain):
            part.setToolTip(plain_tip(tip))
        self._lock.show_icon(
            "lock" if status.state is KeychainState.LOCKED else "lock-open",
            "dim" if well else "bad",
        )
