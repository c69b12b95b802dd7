"""Small widgets and habits that every part of the window shares: plain text, names, icons.

Whatever comes from the API is shown through these, so that it can never act as rich text.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from adwarden.ui.icons import Icons
from adwarden.ui.theme import restyle
from adwarden.ui.tokens import ICON

_MARK = "\u200b"
"""Takes no room; a line may be broken at it."""

_BREAK = 18
"""Characters of a word that always fit a line of the narrowest pane."""


class Text(QLabel):
    """A label of plain text. ``role`` is how it is set: title, strong, dim, caption, error."""

    def __init__(
        self,
        text: str,
        *,
        role: str = "",
        wraps: bool = False,
        selectable: bool = False,
        name: str = "",
    ) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setWordWrap(wraps)
        if role:
            self.setProperty("role", role)
        if name:
            self.setAccessibleName(name)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.setCursor(Qt.CursorShape.IBeamCursor)
        if wraps:
            policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is written, without the marks that let it be broken."""
        if self._broken and event.matches(QKeySequence.StandardKey.Copy):
            self._copy(QClipboard.Mode.Clipboard)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Have the same in what X11 pastes by the middle button."""
        super().mouseReleaseEvent(event)
        if self._broken and QGuiApplication.clipboard().supportsSelection():
            self._copy(QClipboard.Mode.Selection)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copy the same from the menu; Qt's own would copy the marks."""
        if not self._broken:
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy", lambda: self._copy(QClipboard.Mode.Clipboard))
        copy.setEnabled(self.hasSelectedText())
        menu.addAction("Select All", lambda: self.setSelection(0, len(self.text())))
        menu.popup(event.globalPos())

    @property
    def _broken(self) -> bool:
        can_select = Qt.TextInteractionFlag.TextSelectableByMouse
        return bool(self.textInteractionFlags() & can_select) and _MARK in self.text()

    def _copy(self, mode: QClipboard.Mode) -> None:
        words = self.selectedText().replace(_MARK, "")
        if words:
            QGuiApplication.clipboard().setText(words, mode)

    def minimumSizeHint(self) -> QSize:
        """Ask for one line at least: what wraps tells its height by its width, not before."""
        hint = super().minimumSizeHint()
        return QSize(0, self.fontMetrics().height()) if self.wordWrap() else hint

    def say(self, text: str, role: str = "") -> None:
        """Change text and role at once."""
        self.setText(text)
        if self.property("role") != role:
            self.setProperty("role", role)
            restyle(self)


class ElidedText(Text):
    """One line that shortens its middle when there is no room; the whole text is the tooltip."""

    def __init__(self, text: str, *, role: str = "", selectable: bool = False) -> None:
        self._whole = text
        super().__init__(text, role=role, selectable=selectable)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(40)
        self.say_whole(text)

    def say_whole(self, text: str) -> None:
        """Show another text."""
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def sizeHint(self) -> QSize:
        """Ask for the room of the whole text."""
        hint = super().sizeHint()
        width = QFontMetrics(self.font()).horizontalAdvance(self._whole) + 2
        return QSize(width, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.ensurePolished()
        metrics = QFontMetrics(self.font())
        line = self._whole.replace("\n", " ")
        fitted = metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, max(0, self.width()))
        if fitted != self.text():
            self.setText(fitted)
        self.setToolTip(plain_tip(self._whole) if fitted != line else "")


def plain_tip(text: str) -> str:
    """Return a tooltip that shows ``text`` as it is, whatever Qt would take it for."""
    if not any(mark in text for mark in "<&"):
        return text
    import html

    return f"<span style='white-space:pre-wrap'>{html.escape(text)}</span>"


def menu_text(text: str) -> str:
    """Return a menu's or button's text in which ``&`` is an ampersand and not a shortcut."""
    return text.replace("&", "&&")


def _entered(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press a button by Enter, once however long it is held; return whether that was the key."""
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return False
    if not event.isAutoRepeat():
        button.click()
    return True


class Button(QPushButton):
    """A push button that Enter presses as well, while it has the keyboard.

    Qt hands that key to the dialog's default button: on ``Cancel`` it would save.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter for this button."""
        if not _entered(self, event):
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let a double click be one press: what it opens would be open twice."""
        event.accept()


class _IconButton(QToolButton):
    """The same for a button that is only an icon."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter for this button."""
        if not _entered(self, event):
            super().keyPressEvent(event)


def make_button(text: str, *, primary: bool = False, name: str = "") -> QPushButton:
    """Make a push button with an accessible name; ``primary`` is the one filled with accent."""
    button = Button(menu_text(text))
    button.setAccessibleName(name or text)
    button.setAutoDefault(False)
    if primary:
        button.setProperty("primary", True)
    return button


def icon_button(name: str, icons: Icons, icon: str) -> QToolButton:
    """Make a flat button that is only an icon; ``name`` is its tooltip and accessible name."""
    button = _IconButton()
    button.setProperty("flat", True)
    button.setAccessibleName(name)
    button.setToolTip(plain_tip(name))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setIconSize(QSize(ICON, ICON))
    button.setIcon(icons.icon(icon, colour="dim"))
    return button


class Mark(QWidget):
    """An icon that stands beside words which say the same, so it has no name of its own."""

    def __init__(
        self, icons: Icons, icon: str, colour: str, size: int = ICON, *, height: int = 0
    ) -> None:
        super().__init__()
        self._icons = icons
        self._icon = icon
        self._colour = colour
        self.setFixedSize(size, height or size)

    def show_icon(self, icon: str, colour: str) -> None:
        """Show another icon."""
        self._icon, self._colour = icon, colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw in the colours of now, whichever theme that is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.width()
        box = QRectF(0, (self.height() - side) / 2, side, side)
        self._icons.draw(painter, box, self._icon, self._colour)
        painter.end()


def compact(button: QToolButton) -> QToolButton:
    """Make an icon button as high as a line of text."""
    button.setStyleSheet(
        "QToolButton { min-height: 20px; max-height: 20px; min-width: 20px; max-width: 20px;"
        " padding: 0; border-width: 1px; }"
    )
    return button


def breakable(text: str) -> str:
    """Return a sentence in which overlong words may be broken, for labels that wrap."""
    return " ".join(
        _MARK.join(word[at : at + _BREAK] for at in range(0, len(word), _BREAK))
        if len(word) > _BREAK
        else word
        for word in text.split(" ")
    )


def line() -> QFrame:
    """Make a thin horizontal line."""
    rule = QFrame()
    rule.setProperty("separator", True)
    rule.setFixedHeight(1)
    return rule


def announce(widget: QWidget, words: str, *, urgent: bool = False) -> None:
    """Have a screen reader say ``words``; nothing happens when none listens."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

    politeness = QAccessible.AnnouncementPoliteness
    event = QAccessibleAnnouncementEvent(widget, words)
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)
