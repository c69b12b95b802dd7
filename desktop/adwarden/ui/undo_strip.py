"""The strips below the tree that say what is on its way out, with a countdown and ``Undo``."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from adwarden.services.events import Removal, RemovalKind
from adwarden.services.undoing import UNDO_SECONDS
from adwarden.ui.icons import Icons
from adwarden.ui.parts import ElidedText, Mark, announce, make_button
from adwarden.ui.phrases import counted
from adwarden.ui.search import visible

TICK_MS = 250

MOST, MOST_LOW = 3, 2
"""Strips seen at once, and in a low window; one scrolls to the others, the newest is on top."""

LOW = 640
"""Pixels of the window's height."""

_MARGIN = 12
_SPACING = 6


_DID = {
    RemovalKind.CONNECTION: "disconnected",
    RemovalKind.APP: "removed",
    RemovalKind.LEAVE: "removed",
    RemovalKind.ENTRY: "deleted",
    RemovalKind.SECRETS: "removed",
}


def name_of(removal: Removal) -> str:
    """Return what goes, as people call it."""
    name = visible(removal.name)
    if removal.kind is not RemovalKind.LEAVE:
        return name
    return f"{counted(removal.count, 'connection', 'connections')} of {name}"


def words_of(removal: Removal) -> str:
    """Return what has happened, as far as a person can see it."""
    return f"{name_of(removal)} {_DID[removal.kind]}"


def left_words(removal: Removal, seconds: int) -> str:
    """Return what comes when the time is over."""
    if removal.kind is RemovalKind.ENTRY:
        return f"for good in {seconds} s"
    return f"{'revoked at X' if removal.revoke else 'deleted here'} in {seconds} s"


def done_words(removal: Removal) -> str:
    """Return what has come of it."""
    if removal.revoke:
        did = "revoked at X and removed"
    elif removal.kind is RemovalKind.ENTRY:
        did = "deleted for good"
    else:
        did = _DID[removal.kind]
    return f"{name_of(removal)} {'was' if removal.count == 1 else 'were'} {did}"


def not_done_words(removal: Removal) -> str:
    """Return what has not come of it."""
    did = "revoked" if removal.revoke else _DID[removal.kind]
    return f"{'was' if removal.count == 1 else 'were'} not {did}"


class UndoStrip(QFrame):
    """One removal; ``undo`` is what its button does."""

    def __init__(self, removal: Removal, icons: Icons, undo: Callable[[], None]) -> None:
        super().__init__()
        self.removal = removal
        self.setProperty("banner", "info")
        self.setAccessibleName(words_of(removal))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        cut = removal.kind in (RemovalKind.CONNECTION, RemovalKind.LEAVE)
        row.addWidget(Mark(icons, "unplug" if cut else "trash-2", "accent", 16))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedText(name_of(removal), role="strong"))
        self._left = ElidedText("", role="dim")
        words.addWidget(self._left)
        row.addLayout(words, 1)
        self.button = make_button("Undo", name=f"Undo: {words_of(removal)}")
        self.button.clicked.connect(lambda: undo())
        row.addWidget(self.button)
        column.addLayout(row)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, int(UNDO_SECONDS * 1000))
        self._bar.setAccessibleName("Time left to undo")
        self._bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self._bar)

    def tell(self, left: float) -> None:
        """Show how many seconds are left."""
        words = left_words(self.removal, max(0, -int(-left // 1)))
        if words != self.button.accessibleDescription():
            self._left.say_whole(f"{_DID[self.removal.kind].capitalize()}, {words}")
            self.button.setAccessibleDescription(words)
        self._bar.setValue(int(left * 1000))


class LeavingStrip(UndoStrip):
    """Connections that are being left, of which some have been; its button stops that."""

    def __init__(self, removal: Removal, icons: Icons, stop: Callable[[], None]) -> None:
        super().__init__(removal, icons, self._stop)
        self._stops, self._done, self._stopping = stop, 0, False
        self.button.setText("Stop")
        self.button.setAccessibleName(f"Stop revoking {name_of(removal)}")
        self._bar.setRange(0, removal.count)
        self._bar.setAccessibleName("Revoked so far")
        self.progress(0)

    def progress(self, done: int) -> None:
        """Show how many are done."""
        self._done = done
        words = "Stopping after this one …" if self._stopping else "Revoking at X …"
        self._left.say_whole(f"{words} {done} of {self.removal.count}")
        self._bar.setValue(done)

    def tell(self, left: float) -> None:
        """Show nothing of the time: it is over."""

    def _stop(self) -> None:
        self._stopping = True
        self.button.setEnabled(False)
        self.progress(self._done)
        self._stops()


class UndoStrips(QScrollArea):
    """All of them, the newest on top; gone from sight while there are none.

    ``left`` returns the seconds left of a removal; ``undo`` and ``stop`` are called with its id.
    ``home`` gets the keyboard when the strip goes that had it.
    """

    def __init__(
        self,
        icons: Icons,
        left: Callable[[Removal], float],
        undo: Callable[[str], None],
        stop: Callable[[str], None],
        home: QWidget,
    ) -> None:
        super().__init__()
        self._icons, self._left, self._undo, self._home = icons, left, undo, home
        self._stop = stop
        self._strips: dict[str, UndoStrip] = {}
        page = QWidget()
        page.setProperty("pane", True)
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(_MARGIN, _SPACING, _MARGIN, 8)
        self._column.setSpacing(_SPACING)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What can be undone")
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        self.hide()

    @property
    def newest(self) -> str:
        """The id of what went last, empty while nothing waits."""
        waiting = (id_ for id_ in reversed(self._strips) if not self._is_over(id_))
        return next(waiting, "")

    def add(self, removal: Removal) -> None:
        """Show a removal."""
        self._show(removal, UndoStrip(removal, self._icons, lambda: self._undo(removal.id)))
        # Once: a voice that counts down would be no help.
        announce(
            self,
            f"{words_of(removal)}, {left_words(removal, int(UNDO_SECONDS))}. "
            "Undo with the button, or with Control Z.",
        )

    def progress(self, removal: Removal, done: int) -> None:
        """Show how many of the connections that are being left are done."""
        if not self._is_over(removal.id):
            stop = lambda: self._stop(removal.id)  # noqa: E731 - as short as undo's
            self._show(removal, LeavingStrip(removal, self._icons, stop))
            announce(self, f"Revoking {name_of(removal)} at X")
        strip = self._strips[removal.id]
        assert isinstance(strip, LeavingStrip)
        strip.progress(done)

    def _show(self, removal: Removal, strip: UndoStrip) -> None:
        self.drop(removal.id)
        self._strips[removal.id] = strip
        self._column.insertWidget(0, strip)
        strip.show()  # now, as its height counts: Qt would show it at the next turn
        self._order()
        self.tick()
        self.setVisible(True)
        self._fit()
        self._timer.start()

    def _is_over(self, removal_id: str) -> bool:
        return isinstance(self._strips.get(removal_id), LeavingStrip)

    def drop(self, removal_id: str) -> None:
        """Take a strip away; one that is not there is no error."""
        strip = self._strips.pop(removal_id, None)
        if strip is None:
            return
        focused = strip.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        if focused:
            following = next(reversed(self._strips.values()), None)
            (following.button if following else self._home).setFocus()
        self._column.removeWidget(strip)
        strip.hide()
        strip.deleteLater()
        self.setVisible(bool(self._strips))
        self._fit()
        if not self._strips:
            self._timer.stop()

    def tick(self) -> None:
        """Show the time that is left."""
        for strip in self._strips.values():
            strip.tell(self._left(strip.removal))

    def _fit(self) -> None:
        most = MOST_LOW if self.window().height() < LOW else MOST
        shown = list(self._strips.values())[-most:]
        heights = [strip.sizeHint().height() for strip in shown]
        margins = self._column.contentsMargins()
        wanted = sum(heights) + _SPACING * max(0, len(heights) - 1)
        self.setFixedHeight(wanted + margins.top() + margins.bottom())
        more = len(self._strips) > most
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if more else policy.ScrollBarAlwaysOff
        )

    def _order(self) -> None:
        """Have Tab come from the tree to the newest, and from there to the older ones."""
        last = self._home
        for strip in reversed(self._strips.values()):
            QWidget.setTabOrder(last, strip.button)
            last = strip.button
