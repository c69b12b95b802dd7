"""Small widgets that the authorization dialog is put together from."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from adwarden.ui.icons import Icons
from adwarden.ui.parts import Button
from adwarden.ui.theme import Theme, restyle

MARK = 22
"""Side of a step's number, in device-independent pixels."""


class Words(QLabel):
    """Plain text that wraps; ``role`` is a style of the theme: title, strong, caption, dim."""

    def __init__(self, text: str = "", role: str = "", *, wraps: bool = True) -> None:
        super().__init__()
        # What comes from outside must never act as rich text.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setWordWrap(wraps)
        self.setProperty("role", role)
        if wraps:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def say(self, text: str, role: str = "") -> None:
        """Change the text, and the style too if one is given."""
        self.setText(text)
        if role and self.property("role") != role:
            self.setProperty("role", role)
            restyle(self)


class Picture(QWidget):
    """An icon of the set that follows the theme; decoration, never the only sign of a state."""

    def __init__(self, icons: Icons, theme: Theme, name: str, colour: str, side: int = 16) -> None:
        super().__init__()
        self._icons = icons
        self._name = name
        self._colour = colour
        self.setFixedSize(QSize(side, side))
        theme.changed.connect(self.update)

    def set_picture(self, name: str, colour: str) -> None:
        """Show another icon; ``colour`` is the name of a colour of the theme."""
        self._name, self._colour = name, colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon in today's colours."""
        painter = QPainter(self)
        self._icons.icon(self._name, colour=self._colour).paint(painter, self.rect())
        painter.end()


class StepMark(QWidget):
    """The round number of a step: grey before its turn, filled during it, a tick afterwards."""

    def __init__(self, icons: Icons, theme: Theme, number: int) -> None:
        super().__init__()
        self._icons = icons
        self._theme = theme
        self._number = number
        self._state = "later"
        self.setFixedSize(MARK, MARK)
        theme.changed.connect(self.update)

    def set_state(self, state: str) -> None:
        """Set ``later``, ``now`` or ``done``."""
        self._state = state
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the disc with its number or tick."""
        palette = self._theme.palette
        now = self._state == "now"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        fills = {"now": palette.accent_fill, "done": palette.ok_tint}
        painter.setBrush(QColor(fills.get(self._state, palette.placeholder)))
        painter.drawEllipse(QRectF(self.rect()))
        if self._state == "done":
            side = 14
            edge = (MARK - side) / 2
            self._icons.draw(painter, QRectF(edge, edge, side, side), "check", "ok")
        else:
            painter.setPen(QColor(palette.on_accent if now else palette.dim))
            painter.setFont(self._theme.font("heading"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.end()


def button(text: str, *, style: str = "", name: str = "") -> QPushButton:
    """Make a push button; ``style`` is ``primary``, ``flat``, ``danger`` or empty."""
    made = Button(text.replace("&", "&&"))
    made.setAccessibleName(name or text)
    # Elsewhere than on a button Enter belongs to Continue alone.
    made.setAutoDefault(False)
    if style:
        made.setProperty(style, True)
    return made


def announce(widget: QWidget, words: str) -> None:
    """Have a screen reader say ``words`` at once; nothing happens when none listens."""
    event = QAccessibleAnnouncementEvent(widget, words)
    event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)
