"""The pane on the right: everything known of what is selected, in words, ids with copy buttons.

It reads the state and passes on what a person asks for; it calls no service itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from adwarden.ui.details_pages import Pages, Place

SETTLE_MS = 80
"""Events of a refresh come in bursts; the pane is written once after each burst."""


class Details(QScrollArea):
    """Shows one place and keeps it up to date; emits ``turned`` when that is another one."""

    turned = Signal()

    def __init__(self, pages: Pages) -> None:
        super().__init__()
        self._pages = pages
        self._place = Place()
        self._shown: object = None
        self._wanted = ""
        """The name of what had the focus and is not there at the moment."""
        self._spot = 0
        """How many controls came before it: from there Tab goes on."""
        self.setAccessibleName("Details")
        self.setProperty("side", True)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(232)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.write)
        self.write()

    @property
    def place(self) -> Place:
        """What is shown."""
        return self._place

    def show_place(self, place: Place) -> None:
        """Show another place at once, from its top."""
        if place == self._place:
            return
        self._place = place
        self._wanted = ""
        self.write()
        self.verticalScrollBar().setValue(0)
        self.turned.emit()

    @property
    def settled(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._settle.isActive()

    def again(self) -> None:
        """Write anew soon, because something known has changed."""
        if not self._settle.isActive():
            self._settle.start()

    def write(self) -> None:
        """Write what is known now."""
        self._settle.stop()
        facts = self._pages.known(self._place)
        if facts == self._shown:
            return
        if self._pages.eye_held(self._place):
            self._settle.start()
            return
        self._shown = facts
        focused, name = self.focusWidget(), ""
        if focused is not None and focused is not self and focused.hasFocus():
            name = focused.objectName() or focused.accessibleName()
            controls = list(self._controls())
            self._spot = controls.index(focused) if focused in controls else 0
        scrolled = self.verticalScrollBar().value()
        page = QWidget()
        page.setProperty("side", True)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 18, 16, 18)
        column.setSpacing(8)
        self._pages.fill(column, self._place)
        column.addStretch(1)
        self.setWidget(page)
        self.verticalScrollBar().setValue(scrolled)
        if not name and self._wanted and not self._may_focus():
            self._wanted = ""
        name = name or self._wanted
        if name:
            # A button that has gone while its work is done gets the focus back with its words.
            self._wanted = "" if self._focus_again(name) else name
            if self._wanted:
                self.setFocus()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Go on from where the control was that has gone while it had the keyboard."""
        if not (self._wanted and self.hasFocus()):
            return super().focusNextPrevChild(forward)
        self._wanted = ""
        controls = [part for part in self._controls() if part.isVisible() and part.isEnabled()]
        at = min(self._spot, len(controls)) - (0 if forward else 1)
        if 0 <= at < len(controls):
            reason = Qt.FocusReason
            controls[at].setFocus(reason.TabFocusReason if forward else reason.BacktabFocusReason)
            self.ensureWidgetVisible(controls[at])
            return True
        if forward and controls:
            controls[-1].setFocus()  # beyond it the pane ends
        return super().focusNextPrevChild(forward)

    def _may_focus(self) -> bool:
        """Tell whether nobody has gone elsewhere since."""
        now = self.window().focusWidget()
        return now is None or now is self or self.isAncestorOf(now)

    def _controls(self) -> Iterator[QWidget]:
        """Yield what Tab comes to in this pane, in its order."""
        part = self.nextInFocusChain()
        while part is not None and part is not self:
            if part.focusPolicy() & Qt.FocusPolicy.TabFocus and self.isAncestorOf(part):
                yield part
            part = part.nextInFocusChain()

    def _focus_again(self, name: str) -> bool:
        controls = list(self._controls())
        for fits in (str.__eq__, str.startswith):
            for part in controls:
                if fits(part.objectName() or part.accessibleName(), name):
                    part.setFocus()
                    return True
        return False
