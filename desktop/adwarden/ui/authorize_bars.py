"""The bar above the page that says what it was not allowed to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout

from adwarden.ui.authorize_parts import Picture, Words, button
from adwarden.ui.guest_rules import authority
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme

_LONGEST_HOST = 28
_BUTTON_WIDTH = 340
"""Pixels for the words of a button, so that the dialog fits a screen of 800."""


def shown_host(url: QUrl) -> str:
    """Return the host as there is room for it; the end of a name says whose it is."""
    host = authority(url)
    # A long one must not widen the dialog.
    return host if len(host) <= _LONGEST_HOST else f"…{host[1 - _LONGEST_HOST :]}"


class RefusedBar(QFrame):
    """Says what the page was not allowed to do, and offers to do it elsewhere."""

    wanted = Signal(QUrl)

    def __init__(self, icons: Icons, theme: Theme) -> None:
        super().__init__()
        self.setProperty("banner", "warn")
        self.setAccessibleName("Refused")
        self._url = QUrl()
        self.words = Words()
        self.elsewhere = button("")
        self.elsewhere.clicked.connect(lambda: self.wanted.emit(self._url))
        close = QToolButton()
        close.setProperty("flat", True)
        close.setIcon(icons.icon("x"))
        close.setAccessibleName("Close notice")
        close.clicked.connect(self.hide)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self.words)
        column.addWidget(self.elsewhere, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(Picture(icons, theme, "ban", "warn"))
        row.addLayout(column, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, words: str, url: QUrl) -> None:
        """Show ``words``, with a button if ``url`` may be opened elsewhere."""
        self._url = url
        self.words.say(words)
        self.elsewhere.setVisible(not url.isEmpty())
        text = f"Open {shown_host(url)} in my browser"
        # In pixels, as no number of characters is as wide in every font.
        shown = self.elsewhere.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideMiddle, _BUTTON_WIDTH
        )
        self.elsewhere.setText(shown.replace("&", "&&"))
        self.elsewhere.setAccessibleName(text)
        self.show()
