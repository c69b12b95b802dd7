from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest
from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from adwarden.domain.model import Snapshot
from adwarden.domain.secret import Secret
from adwarden.storage import settings as known
from adwarden.storage.settings import Settings
from adwarden.ui import mac_pasteboard, secret_clipboard
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.secret_clipboard import End, SecretClipboard, marks
from adwarden.ui.secret_strip import SecretStrip, make_secret_clipboard
from adwarden.ui.status_bar import StatusBar
from adwarden.ui.store import State
from tests.fakes.services import NOW
from tests.ui.stagehand import Stagehand

SECRET = "planted/Secret value, 漢字 42"

Pasted = tuple[str, dict[str, str]]

READ = """
import json, sys
from PySide6.QtGui import QClipboard, QGuiApplication
app = QGuiApplication(sys.argv)
data = app.clipboard().mimeData(QClipboard.Mode(int(sys.argv[1])))
found = {name: bytes(data.data(name)).decode("latin-1") for name in data.formats()}
print(json.dumps([data.text(), found]))
"""

WRITE = """
import sys
from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QGuiApplication
app = QGuiApplication(sys.argv)
app.clipboard().setText("of another program")
print("written", flush=True)
told = QSocketNotifier(0, QSocketNotifier.Type.Read)
told.activated.connect(app.quit)
app.exec()
"""


def words(root: QWidget) -> str:
    return " ".join(label.text() for label in root.findChildren(QLabel) if label.isVisible())


@dataclass
class Time:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Held:
    """A clipboard for secrets with a clock that is set by hand, and what it told."""

    secrets: SecretClipboard
    time: Time
    seconds: list[int]
    ends: list[tuple[End, str]] = field(default_factory=list)


@pytest.fixture
def system(qapp: QApplication) -> Iterator[QClipboard]:
    clipboard = QApplication.clipboard()
    clipboard.setText("before")
    yield clipboard
    clipboard.clear()


@pytest.fixture
def held(system: QClipboard) -> Iterator[Held]:
    time, seconds = Time(), [30]
    made = SecretClipboard(system, lambda: seconds[0], clock=time)
    held = Held(made, time, seconds)
    made.ended.connect(lambda end, what: held.ends.append((end, what)))
    yield held
    made.clear_now()
    made.deleteLater()


def elsewhere(qtbot: QtBot, mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> Pasted:
    """Return text and formats as another program finds them; ours has to answer meanwhile."""
    child = subprocess.Popen(
        [sys.executable, "-c", READ, str(mode.value)], stdout=subprocess.PIPE, text=True
    )
    qtbot.waitUntil(lambda: child.poll() is not None, timeout=20_000)
    assert child.stdout is not None
    with child.stdout:
        text, formats = json.loads(child.stdout.read())
    return text, formats


def test_another_program_can_paste_it_and_is_told_that_it_is_a_secret(
    held: Held, system: QClipboard, qtbot: QtBot
) -> None:
    system.clear(QClipboard.Mode.Selection)
    held.secrets.copy(Secret(SECRET), "API key secret")
    text, formats = elsewhere(qtbot)
    assert text == SECRET
    assert formats["x-kde-passwordManagerHint"] == "secret"
    assert elsewhere(qtbot, QClipboard.Mode.Selection)[0] == ""


def test_it_is_cleared_when_its_time_is_over_and_not_before(
    held: Held, system: QClipboard, qtbot: QtBot
) -> None:
    held.secrets.copy(Secret(SECRET), "API key secret")
    assert held.secrets.left == 30
    held.time.now += 29.5
    held.secrets.tick()
    assert held.secrets.left == 1
    assert system.text() == SECRET
    held.time.now += 0.5
    held.secrets.tick()
    assert held.ends == [(End.CLEARED, "API key secret")]
    assert held.secrets.what == ""
    assert elsewhere(qtbot)[0] == ""
    held.secrets.tick()
    assert len(held.ends) == 1


def test_the_timer_ticks_by_itself(system: QClipboard, qtbot: QtBot) -> None:
    made = SecretClipboard(system, lambda: 1)
    with qtbot.waitSignal(made.ended, timeout=5000):
        made.copy(Secret(SECRET), "Token")
    assert system.text() == ""


def test_what_another_program_copied_is_not_touched(
    held: Held, system: QClipboard, qtbot: QtBot
) -> None:
    held.secrets.copy(Secret(SECRET), "Token secret")
    child = subprocess.Popen(
        [sys.executable, "-c", WRITE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdout, child.stdin:
        qtbot.waitUntil(lambda: bool(held.ends), timeout=20_000)
        assert held.ends == [(End.TAKEN, "Token secret")]
        assert child.stdout.readline() == "written\n"
        held.time.now += 60
        held.secrets.tick()
        assert held.secrets.clear_now() is None
        assert system.text() == "of another program"
        child.stdin.write("\n")
    child.wait(20)


def test_an_id_copied_afterwards_stays(held: Held, system: QClipboard) -> None:
    said: list[str] = []
    clipboard = Clipboard(system, said.append, lambda: held.secrets)
    clipboard.copy_secret(Secret(SECRET), "Token")
    clipboard.copy_id("18ce54d4x5t")
    assert held.ends == [(End.TAKEN, "Token")]
    clipboard.clear_now()
    assert system.text() == "18ce54d4x5t"
    assert said == ["Copied 18ce54d4x5t"]


def test_a_second_secret_replaces_the_first_and_its_time(held: Held, system: QClipboard) -> None:
    held.secrets.copy(Secret("the first one"), "API key")
    held.time.now += 20
    held.secrets.copy(Secret(SECRET), "API key secret")
    assert (held.secrets.what, held.secrets.left) == ("API key secret", 30)
    held.time.now += 20
    held.secrets.tick()
    assert system.text() == SECRET
    held.time.now += 10
    held.secrets.tick()
    assert held.ends == [(End.CLEARED, "API key secret")]


def test_without_a_limit_it_stays_until_it_is_cleared(held: Held, system: QClipboard) -> None:
    held.seconds[0] = 0
    held.secrets.copy(Secret(SECRET), "Token")
    assert held.secrets.left is None
    held.time.now += 1e6
    held.secrets.tick()
    assert system.text() == SECRET
    assert held.secrets.clear_now() is End.CLEARED
    assert system.text() == ""


def test_the_secret_itself_is_not_kept(held: Held) -> None:
    held.secrets.copy(Secret(SECRET), "Token")
    copied = held.secrets._copied
    assert copied is not None
    assert SECRET not in str(copied)
    first = copied.digest
    held.secrets.copy(Secret(SECRET), "Token")
    assert held.secrets._copied is not None
    assert held.secrets._copied.digest != first  # another key each time: nothing to look up


QUIT = """
import os, sys
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from adwarden.domain.secret import Secret
from adwarden.ui.secret_clipboard import SecretClipboard
app = QGuiApplication(sys.argv)
secrets = SecretClipboard(app.clipboard(), lambda: 30)
secrets.copy(Secret(sys.stdin.readline().strip()), "Token")
print("copied", flush=True)
def leave():
    sys.stdin.readline()
    print(secrets.clear_now().value, flush=True)  # and no turn of the loop after it
    sys.stdin.readline()
    os._exit(0)
QTimer.singleShot(0, leave)
app.exec()
"""


def test_after_clearing_without_a_turn_of_the_loop_nothing_is_left(qtbot: QtBot) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen(
        [sys.executable, "-c", QUIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:

        def order(line: str) -> None:
            assert child.stdin is not None
            child.stdin.write(f"{line}\n")
            child.stdin.flush()

        order(SECRET)
        assert child.stdout.readline() == "copied\n"
        order("leave")
        assert child.stdout.readline() == "cleared\n"
        # It is stuck in its own reading now and answers nobody: the server itself knows.
        assert elsewhere(qtbot)[0] == ""
        order("end")
        assert child.wait(20) == 0
    assert elsewhere(qtbot)[0] == ""


# Where it cannot be tried here


def test_windows_histories_and_its_cloud_are_asked_to_look_away() -> None:
    found = {name.partition('"')[2].rstrip('"'): value for name, value in marks("win32").items()}
    assert found["CanIncludeInClipboardHistory"] == b"\0\0\0\0"
    assert found["CanUploadToCloudClipboard"] == b"\0\0\0\0"
    assert found["ExcludeClipboardContentFromMonitorProcessing"]
    assert all(name.startswith("application/x-qt-windows-mime;") for name in marks("win32"))


def test_a_mark_that_cannot_be_made_is_said_and_stops_nothing(
    system: QClipboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "history" in mac_pasteboard.conceal("/nowhere/libobjc.dylib")
    assert "history" in mac_pasteboard.conceal("")  # a library without the functions
    made = SecretClipboard(system, lambda: 30, platform="darwin")
    made.copy(Secret(SECRET), "Token")
    assert "history" in made.notes
    assert made.clear_now() is End.CLEARED
    assert system.text() == ""


class Background(QObject):
    """A Wayland clipboard: what a window in the background asks for is not done."""

    dataChanged = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self.data: QMimeData | None = None
        self.front = True
        self.ours = True

    def setMimeData(self, data: QMimeData, mode: QClipboard.Mode) -> None:
        self.data, self.ours = data, True

    def clear(self, mode: QClipboard.Mode) -> None:
        self.ours = False
        if self.front:
            self.data = None

    def ownsClipboard(self) -> bool:
        return self.ours

    def text(self, mode: QClipboard.Mode = QClipboard.Mode.Clipboard) -> str:
        return self.data.text() if self.data is not None and (self.front or self.ours) else ""


def test_on_wayland_it_says_so_and_clears_when_it_comes_to_the_front(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, time = Background(), Time()
    monkeypatch.setattr(secret_clipboard, "_in_front", lambda: system.front)
    made = SecretClipboard(cast("QClipboard", system), lambda: 30, clock=time, platform="wayland")
    ends: list[End] = []
    made.ended.connect(lambda end, _: ends.append(end))
    made.copy(Secret(SECRET), "Token")
    system.front = False
    time.now += 30
    made.tick()
    assert ends == [End.UNSURE]
    assert made.doubtful == "Token"
    assert system.data is not None
    system.front = True
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    assert ends == [End.UNSURE, End.CLEARED]
    assert made.doubtful == ""
    assert system.data is None
    made.copy(Secret(SECRET), "Token")
    assert made.clear_now() is End.CLEARED


def test_on_wayland_what_was_copied_meanwhile_is_left_alone(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = Background()
    monkeypatch.setattr(secret_clipboard, "_in_front", lambda: system.front)
    made = SecretClipboard(cast("QClipboard", system), lambda: 30, platform="wayland")
    made.copy(Secret(SECRET), "Token")
    system.front = False
    assert made.clear_now() is End.UNSURE
    other = QMimeData()
    other.setText("something else")
    system.data, system.front = other, True
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    assert system.data is other
    assert made.doubtful == ""


# In the window


@pytest.fixture
def bar(icons: Icons, qtbot: QtBot) -> StatusBar:
    bar = StatusBar(State(), icons, lambda: NOW)
    qtbot.addWidget(bar)
    bar.resize(800, 34)
    bar.show()
    return bar


def test_the_strip_counts_down_in_the_place_of_the_counts(
    bar: StatusBar, system: QClipboard, settings: Settings, icons: Icons
) -> None:
    made: list[SecretClipboard] = []

    def make() -> SecretClipboard:
        made.append(make_secret_clipboard(system, settings, icons, bar.say, bar.lend))
        return made[0]

    clipboard = Clipboard(system, bar.say, make)
    height = bar.sizeHint().height()
    clipboard.clear_now()  # nothing was copied, nothing is made
    assert not made
    clipboard.copy_secret(Secret(SECRET), "API key secret")
    strip = cast("SecretStrip", bar.findChild(SecretStrip))
    assert strip.isVisible()
    assert "API key secret copied" in words(bar)
    assert "cleared in 30 s" in words(bar)
    assert "No connections yet" not in words(bar)
    assert bar.sizeHint().height() == height
    clear = strip.findChild(QPushButton)
    assert isinstance(clear, QPushButton)
    assert "cleared in 30 s" in clear.accessibleDescription()
    clear.click()
    assert not strip.isVisible()
    assert system.text() == ""
    assert "Cleared from the clipboard" in words(bar)
    settings.set(known.CLIPBOARD_SECONDS, 0)
    clipboard.copy_secret(Secret(SECRET), "Token")
    assert "stays until you clear it" in words(bar)
    assert "Cleared from the clipboard" not in words(bar)
    clipboard.clear_now()
    assert len(made) == 1
    for widget in (bar, *bar.findChildren(QWidget)):
        for text in (widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()):
            assert SECRET not in text


def test_a_window_without_a_place_for_it_says_so(system: QClipboard) -> None:
    with pytest.raises(RuntimeError, match="secrets"):
        Clipboard(system, lambda _: None).copy_secret(Secret(SECRET), "Token")


async def test_quitting_clears_it_first_of_all(hand: Stagehand, system: QClipboard) -> None:
    await hand.open(Snapshot())
    hand.window._clipboard.copy_secret(Secret(SECRET), "API key")
    assert system.text() == SECRET
    ending = asyncio.ensure_future(hand.window.finish())
    await asyncio.sleep(0)  # one step of it, and nothing has been waited for
    assert system.text() == ""
    await ending


def test_another_secret_with_a_longer_name_has_the_line_fitted_anew(
    bar: StatusBar, system: QClipboard, settings: Settings, icons: Icons
) -> None:
    made = make_secret_clipboard(system, settings, icons, bar.say, bar.lend)
    bar.resize(560, 34)
    made.copy(Secret(SECRET), "Token")
    strip = cast("SecretStrip", bar.findChild(SecretStrip))
    told: list[str] = []
    tell = bar.tell
    bar.tell = lambda: (told.append(made.what), tell())[1]  # type: ignore[method-assign, func-returns-value]
    made.tick()
    assert told == []  # another figure needs no other room
    long = "Access token secret of a long name"
    made.copy(Secret(SECRET), long)
    assert told == [long]
    assert strip.isVisible()
    made.clear_now()
    assert not strip.isVisible()
