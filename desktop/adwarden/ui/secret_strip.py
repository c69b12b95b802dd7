"""The countdown of a copied secret, in the line at the bottom: ``cleared in 27 s``."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from adwarden.storage import settings as known
from adwarden.storage.settings import Settings
from adwarden.ui.icons import Icons
from adwarden.ui.parts import ElidedText, Mark, Text, announce, make_button
from adwarden.ui.secret_clipboard import End, SecretClipboard

DOUBTFUL = "{what} may still be on the clipboard: Wayland lets only the window in front clear it"


_FLUSH = (
    "QPushButton, QPushButton:focus"
    " { min-height: 14px; max-height: 14px; padding: 0 8px; border-width: 1px; }"
)

Lend = Callable[[QWidget, bool], None]
"""Gives a widget a place, and shows or hides it there."""


def make_secret_clipboard(
    system: QClipboard,
    settings: Settings,
    icons: Icons,
    said: Callable[[str], None],
    lend: Lend,
) -> SecretClipboard:
    """Make the clipboard for secrets, with its strip; ``said`` gets passing remarks."""
    secrets = SecretClipboard(system, lambda: settings.get(known.CLIPBOARD_SECONDS))
    strip = SecretStrip(secrets, icons, said, lend)
    lend(strip, False)
    secrets.setParent(strip)
    return secrets


class SecretStrip(QFrame):
    """Says what is on the clipboard and for how long, with ``Clear now``; hidden otherwise.

    ``said`` gets a remark once it is over, and announces it.
    """

    def __init__(
        self, secrets: SecretClipboard, icons: Icons, said: Callable[[str], None], lend: Lend
    ) -> None:
        super().__init__()
        self._secrets, self._said, self._lend = secrets, said, lend
        self._shown = ("", "")
        self.setProperty("banner", "info")
        # As high as the line is: that must not grow while the strip is there.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.setAccessibleName("Clipboard")
        self._what = ElidedText("", role="caption")
        self._what.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._left = Text("", role="caption")
        self._clear = make_button("Clear now", name="Clear the clipboard now")
        # About as high as the words beside it.
        self._clear.setStyleSheet(_FLUSH)
        self._clear.clicked.connect(lambda: secrets.clear_now())
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 1, 0)
        row.setSpacing(6)
        row.addWidget(Mark(icons, "copy", "accent", size=14))
        row.addWidget(self._what)
        row.addWidget(self._left)
        row.addWidget(self._clear)
        secrets.changed.connect(self.tell)
        secrets.started.connect(self._begin)
        secrets.ended.connect(self._over)

    def tell(self) -> None:
        """Write what is left of the time, or go."""
        what, doubtful = self._secrets.what, self._secrets.doubtful
        self._left.setVisible(bool(what))
        self._clear.setVisible(bool(what))
        if what:
            self._what.say_whole(f"{what} copied")
            self._left.setText(f"· {self._words()}")
            self._left.setAccessibleName(self._words())
            self._clear.setAccessibleDescription(f"{what} copied, {self._words()}")
        elif doubtful:
            self._what.say_whole(DOUBTFUL.format(what=doubtful))
        self._what.updateGeometry()
        shown = (what, doubtful)
        # Each second only the figure is another; other words need other room.
        if shown != self._shown:
            self._shown = shown
            self._lend(self, any(shown))

    def _words(self) -> str:
        left = self._secrets.left
        return "stays until you clear it" if left is None else f"cleared in {left} s"

    def _begin(self) -> None:
        # Once: a voice that counts down would be no help.
        announce(self, f"{self._secrets.what} copied, {self._words()}")
        if self._secrets.notes:
            self._said(self._secrets.notes)

    def _over(self, end: End, what: str) -> None:
        if end is End.CLEARED:
            self._said("Cleared from the clipboard")
        elif end is End.UNSURE:
            announce(self, DOUBTFUL.format(what=what))
        else:
            self._said("Something else is on the clipboard now")
