"""A line of a dialog: which secret is on the clipboard, for how long, and the way to clear it.

The window says the same in its own line at the bottom, which a dialog may cover.
"""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from adwarden.ui.clipboard import Clipboard
from adwarden.ui.parts import ElidedText, Text, make_button


class ClipboardLine(QWidget):
    """Empty while there is nothing to say."""

    def __init__(self, clipboard: Clipboard) -> None:
        super().__init__()
        self._clipboard = clipboard
        self._secrets = clipboard.secrets
        self.setAccessibleName("Clipboard")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._what = ElidedText("", role="dim")
        self._what.setMinimumWidth(0)
        self._left = Text("", role="dim")
        self._clear = make_button("Clear now", name="Clear the clipboard now")
        self._clear.clicked.connect(clipboard.clear_now)
        self._what.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(self._what)
        row.addWidget(self._left)
        row.addWidget(self._clear)
        row.addStretch(1)
        self._secrets.changed.connect(self._tell)
        self._tell()

    def say(self, words: str) -> None:
        """Make a remark, which stays until there is something else to say."""
        if not self._secrets.what:
            self._what.say_whole(words)
            self._what.updateGeometry()
            self._what.show()

    def _tell(self) -> None:
        what, left = self._secrets.what, self._secrets.left
        for part in (self._what, self._left, self._clear):
            part.setVisible(bool(what))
        if not what:
            return
        words = "stays until you clear it" if left is None else f"cleared in {left} s"
        self._what.say_whole(f"{what} copied")
        self._what.updateGeometry()
        self._left.setText(f"· {words}")
        self._clear.setAccessibleDescription(f"{what} copied, {words}")
