"""Secrets on the system's clipboard: marked as such, counted down, and cleared while still ours.

Only the clipboard proper, never X11's selection, which a click of the middle button pastes. What
systems heed the marks: Klipper ``x-kde-passwordManagerHint``; Windows its documented "Cloud
Clipboard and Clipboard History Formats"; macOS the convention of nspasteboard.org.
"""

from __future__ import annotations

import hashlib
import secrets
import sys
from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QMimeData, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QClipboard, QGuiApplication

from adwarden.domain.data import dataclass
from adwarden.domain.secret import Secret
from adwarden.domain.uptime import uptime

TICK_MS = 500

_WINDOWS = 'application/x-qt-windows-mime;value="{}"'


class End(Enum):
    """How a secret's time on the clipboard ended."""

    CLEARED = "cleared"
    TAKEN = "taken"  # something else is there, or another program owns it now
    UNSURE = "unsure"  # asked for, but nobody tells whether it was done


@dataclass(frozen=True, slots=True)
class Copied:
    """A secret that is on the clipboard; nothing here can be turned back into it."""

    what: str
    key: bytes
    digest: bytes
    until: float | None  # by the clock of the object; None: it stays until it is cleared


class SecretClipboard(QObject):
    """Puts one secret at a time on the clipboard and takes it away again.

    ``seconds`` says for how long, asked at each copy; 0 is until ``clear_now``. ``changed`` is
    emitted when there is something new to show, ``started`` at every copy, ``ended(End, what)``
    once for every copy that was not followed by another; after UNSURE comes CLEARED, or nothing.
    ``notes`` holds what could not be marked, in words.
    """

    started = Signal()
    changed = Signal()
    ended = Signal(End, str)

    def __init__(
        self,
        system: QClipboard,
        seconds: Callable[[], int],
        *,
        clock: Callable[[], float] = uptime,
        platform: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._system, self._seconds = system, seconds
        self._clock = clock
        self._platform = platform or platform_name()
        self._copied: Copied | None = None
        self._doubtful: Copied | None = None
        self.notes = ""
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        system.dataChanged.connect(self._look)

    @property
    def what(self) -> str:
        """What is on the clipboard, in words; empty when no secret is."""
        return self._copied.what if self._copied else ""

    @property
    def doubtful(self) -> str:
        """What may still be on the clipboard although it was cleared; empty when nothing may."""
        return self._doubtful.what if self._doubtful else ""

    @property
    def left(self) -> int | None:
        """Whole seconds until it is cleared; ``None`` when it is not cleared by itself."""
        if self._copied is None or self._copied.until is None:
            return None
        return max(0, -int(-(self._copied.until - self._clock()) // 1))

    def copy(self, secret: Secret, what: str) -> None:
        """Put a secret on the clipboard in place of whatever is there, and begin to count."""
        seconds = self._seconds()
        key = secrets.token_bytes(32)
        text = secret.unwrap()
        data = QMimeData()
        data.setText(text)
        for name, value in marks(self._platform).items():
            data.setData(name, value)
        self._copied = self._doubtful = None  # what comes of the next line is no end of the last
        self._system.setMimeData(data, QClipboard.Mode.Clipboard)
        until = self._clock() + seconds if seconds else None
        self._copied = Copied(what, key, _digest(text, key), until)
        del text
        self.notes = self._conceal()
        if until is not None:
            self._timer.start()
        self.changed.emit()
        self.started.emit()

    def clear_now(self) -> End | None:
        """Clear the secret if it is still ours; returns how it ended, ``None`` without one.

        Needs no turn of the loop: on X11 the server has given the clipboard up when this
        returns, on Windows and macOS it is empty. On Wayland a window in the background may
        ask, but is not told whether it was heard.
        """
        copied = self._copied
        if copied is None:
            return None
        self._copied = None
        self._timer.stop()
        end = self._clear(copied)
        self.changed.emit()
        self.ended.emit(end, copied.what)
        return end

    def tick(self) -> None:
        """Show the time that is left, and clear when there is none."""
        if self.left == 0:
            self.clear_now()
        else:
            self.changed.emit()

    def _clear(self, copied: Copied) -> End:
        if not self._is_ours(copied):
            return End.TAKEN
        self._system.clear(QClipboard.Mode.Clipboard)
        if self._platform != "wayland" or _in_front():
            return End.CLEARED
        # Asked for in the background; looked at again as soon as a window is in front.
        self._doubtful = copied
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(
            self._look_again, Qt.ConnectionType(Qt.ConnectionType.UniqueConnection)
        )
        return End.UNSURE

    def _look_again(self, state: Qt.ApplicationState) -> None:
        doubtful = self._doubtful
        if doubtful is None or state is not Qt.ApplicationState.ApplicationActive:
            return
        self._doubtful = None
        still = secrets.compare_digest(_digest(self._system.text(), doubtful.key), doubtful.digest)
        if still:
            self._system.clear(QClipboard.Mode.Clipboard)
        self.changed.emit()
        if still:
            self.ended.emit(End.CLEARED, doubtful.what)

    def _is_ours(self, copied: Copied) -> bool:
        # Another program's clipboard is not read: on X11 that waits for the other program. On
        # macOS the system keeps it, and our own mark may count as a change by somebody else.
        if not self._system.ownsClipboard() and self._platform != "darwin":
            return False
        text = self._system.text(QClipboard.Mode.Clipboard)
        return secrets.compare_digest(_digest(text, copied.key), copied.digest)

    def _look(self) -> None:
        """Stop counting when somebody else, or another copy of ours, is on the clipboard."""
        copied = self._copied
        if copied is None or self._is_ours(copied):
            return
        self._copied = None
        self._timer.stop()
        self.changed.emit()
        self.ended.emit(End.TAKEN, copied.what)

    def _conceal(self) -> str:
        if self._platform != "darwin":
            return ""
        from adwarden.ui.mac_pasteboard import conceal

        return conceal()


def marks(platform: str) -> dict[str, bytes]:
    """Return the formats that ask clipboard histories to look away, with their values."""
    if platform == "win32":
        return {
            # Any value counts; the next two are a DWORD of 0, "no".
            _WINDOWS.format("ExcludeClipboardContentFromMonitorProcessing"): b"\1\0\0\0",
            _WINDOWS.format("CanIncludeInClipboardHistory"): bytes(4),
            _WINDOWS.format("CanUploadToCloudClipboard"): bytes(4),
            # An older custom, which Ditto and others heed.
            _WINDOWS.format("Clipboard Viewer Ignore"): b"\1\0\0\0",
        }
    if platform == "darwin":
        return {}  # Qt has no way to this format; it is added beside Qt
    return {"x-kde-passwordManagerHint": b"secret"}


def platform_name() -> str:
    """Return ``win32``, ``darwin``, or how windows are drawn, such as ``xcb`` or ``wayland``."""
    if sys.platform in ("win32", "darwin"):
        return sys.platform
    return QGuiApplication.platformName().partition("-")[0]


def _in_front() -> bool:
    return QGuiApplication.applicationState() is Qt.ApplicationState.ApplicationActive


def _digest(text: str, key: bytes) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=key).digest()
