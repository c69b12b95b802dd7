"""A secret that is seen while a button is held, and is in the window for no longer than that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from adwarden.domain.errors import AdwardenError
from adwarden.domain.secret import MASK, Secret
from adwarden.services.tasks import Tasks
from adwarden.storage import settings as known
from adwarden.storage.settings import Setting, Settings
from adwarden.ui.icons import Icons
from adwarden.ui.parts import icon_button, plain_tip

FORBIDDEN = "Showing secrets is turned off in the settings."

_WRAP = Qt.TextFlag.TextWrapAnywhere
_ENDS = (QEvent.Type.FocusOut, QEvent.Type.Hide, QEvent.Type.WindowDeactivate)


class Reveal(QWidget):
    """A masked secret with a button that shows it while the mouse or the space bar holds it.

    ``fetch`` gets the secret at each press, as an awaitable that raises ``AdwardenError``, which
    goes to ``failed``; one that comes after the button was let go is dropped. It is gone from
    here on release, when the button loses the keyboard, when the window is left or hidden, when
    the settings forbid it, and on ``hide_now``. Set ``what`` in the words of a field: ``API key
    secret``.
    """

    shown = Signal(bool)

    def __init__(
        self,
        what: str,
        fetch: Callable[[], Awaitable[Secret]],
        tasks: Tasks,
        settings: Settings,
        icons: Icons,
        failed: Callable[[AdwardenError], None],
    ) -> None:
        super().__init__()
        self._what, self._fetch, self._failed = what, fetch, failed
        self._tasks, self._settings = tasks, settings
        self._held = False
        self._face = _Face(what)
        self.button = icon_button(f"Show {what} while pressed", icons, "eye")
        self.button.setFixedSize(32, 32)
        self.button.pressed.connect(self._press)
        self.button.released.connect(self.hide_now)
        self.button.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        # On top: the button stays under the pointer when the text needs more lines.
        row.addWidget(self._face, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        unsubscribe = settings.subscribe(self._setting_changed)
        self.destroyed.connect(lambda: unsubscribe())
        self._allow()

    @property
    def revealed(self) -> bool:
        """Whether the secret is on the screen."""
        return self._face.secret is not None

    @property
    def held(self) -> bool:
        """Whether the button is held, be the secret there yet or not."""
        return self._held

    def hide_now(self) -> None:
        """Take the secret off the screen, and whatever is on its way to it."""
        if self._held:
            self._held = False
            self._tasks.cancel(self)
        if self.revealed:
            self._face.put(None)
            self.shown.emit(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide it when the button is left in any way that lets nothing go."""
        if event.type() in _ENDS:
            self.hide_now()
        return super().eventFilter(watched, event)

    def _press(self) -> None:
        if self._allowed() and not self._held:
            self._held = True
            self._tasks.spawn(self, f"show {self._what}", self._show())

    async def _show(self) -> None:
        try:
            secret = await self._fetch()
        except AdwardenError as error:
            self._failed(error)
            return
        # The settings may have changed meanwhile, and a release may not have been seen.
        if self._held and self._allowed() and self.button.isDown():
            self._face.put(secret)
            self.shown.emit(True)

    def _allowed(self) -> bool:
        return self._settings.get(known.REVEAL) == "pressed"

    def _setting_changed(self, setting: Setting[Any]) -> None:
        if setting is known.REVEAL:
            self._allow()

    def _allow(self) -> None:
        allowed = self._allowed()
        self.button.setEnabled(allowed)
        self.button.setToolTip(plain_tip(self.button.accessibleName() if allowed else FORBIDDEN))
        self.button.setAccessibleDescription("" if allowed else FORBIDDEN)
        if not allowed:
            self.hide_now()


class _Face(QWidget):
    """Draws the text itself: a label would hand it to whoever asks for accessible texts."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.secret: Secret | None = None
        self._what = what
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        # Every letter of its own shape: l, I and 1 are told apart.
        self._fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.put(None)

    def put(self, secret: Secret | None) -> None:
        """Show a secret, or the mask."""
        self.secret = secret
        state = "hidden" if secret is None else "shown while the button is held"
        self.setAccessibleName(f"{self._what}, {state}")
        self.updateGeometry()
        # At once: what was shown is not to wait on the screen for the loop's next turn.
        self.repaint() if secret is None and self.isVisible() else self.update()

    def hasHeightForWidth(self) -> bool:
        """Say that a long text is broken into lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the pixels that the text needs, and never less than the button beside it."""
        return max(32, self._area(width).height() + 8)

    def sizeHint(self) -> QSize:
        """Ask for a line."""
        return QSize(160, 32)

    def minimumSizeHint(self) -> QSize:
        """Ask for a few letters a line."""
        return QSize(80, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text as it is, or the mask."""
        painter = QPainter(self)
        painter.setFont(self._font())
        area = self._area(self.width())
        area.moveTop(max(0, 32 - area.height()) // 2 if area.height() < 32 else 4)
        painter.drawText(area, int(_WRAP), self._text())
        painter.end()

    def _area(self, width: int) -> QRect:
        whole = QRect(0, 0, max(width, 1), 100_000)
        found = QFontMetrics(self._font()).boundingRect(whole, int(_WRAP), self._text())
        return QRect(0, 0, max(width, 1), found.height())

    def _font(self) -> QFont:
        if self.secret is None:
            return self.font()
        self._fixed.setPixelSize(max(self.font().pixelSize(), 13))
        return self._fixed

    def _text(self) -> str:
        return MASK * 3 if self.secret is None else self.secret.unwrap()
