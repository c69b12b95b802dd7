from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
import qasync
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Tasks
from adwarden.storage import settings as known
from adwarden.storage.settings import Settings
from adwarden.ui.icons import Icons
from adwarden.ui.reveal import FORBIDDEN, Reveal
from tests.ui.stagehand import until

SECRET = "planted0Secret1value" * 4


class Stage:
    """A window with a secret to reveal and a field beside it."""

    def __init__(self, settings: Settings, icons: Icons) -> None:
        self.errors: list[AdwardenError] = []
        self.unexpected: list[BaseException] = []
        self.asked = 0
        self.answer: Callable[[], Awaitable[Secret]] = self.at_once
        self.tasks = Tasks(lambda error, _: self.unexpected.append(error))
        self.window = QWidget()
        self.window.setWindowTitle("Keys")
        self.reveal = Reveal(
            "API key secret", self.fetch, self.tasks, settings, icons, self.errors.append
        )
        self.other = QLineEdit()
        column = QVBoxLayout(self.window)
        column.addWidget(self.reveal)
        column.addWidget(self.other)
        self.window.resize(420, 160)

    def fetch(self) -> Awaitable[Secret]:
        self.asked += 1
        return self.answer()

    async def at_once(self) -> Secret:
        return Secret(SECRET)

    async def open(self) -> None:
        self.window.show()
        self.window.activateWindow()
        await until(self.window.isActiveWindow, "activation")

    async def hold(self) -> None:
        QTest.mousePress(self.reveal.button, Qt.MouseButton.LeftButton)
        await until(lambda: self.reveal.revealed, "the secret")

    def release(self) -> None:
        QTest.mouseRelease(self.reveal.button, Qt.MouseButton.LeftButton)


@pytest.fixture
def stage(loop: qasync.QEventLoop, settings: Settings, icons: Icons) -> Iterator[Stage]:
    settings.set(known.REVEAL, "pressed")
    stage = Stage(settings, icons)
    yield stage
    stage.window.hide()
    loop.run_until_complete(stage.tasks.close())
    stage.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not stage.unexpected


def picture(stage: Stage) -> bytes:
    image = stage.reveal.grab().toImage()
    return bytes(image.constBits())


async def test_it_is_seen_while_the_mouse_holds_the_button(stage: Stage) -> None:
    await stage.open()
    masked = picture(stage)
    assert stage.asked == 0
    await stage.hold()
    await until(lambda: stage.reveal.height() > 40, "room for two lines")
    assert picture(stage) != masked
    stage.release()
    assert not stage.reveal.revealed
    assert stage.asked == 1


async def test_it_is_seen_while_the_space_bar_holds_the_button(stage: Stage) -> None:
    await stage.open()
    stage.reveal.button.setFocus()
    QTest.keyPress(stage.reveal.button, Qt.Key.Key_Space)
    await until(lambda: stage.reveal.revealed, "the secret")
    QTest.keyRelease(stage.reveal.button, Qt.Key.Key_Space)
    assert not stage.reveal.revealed


@pytest.mark.parametrize("way", ["outside", "focus", "window", "hidden", "setting", "told"])
async def test_it_goes_when_the_button_is_left_in_any_way(
    stage: Stage, settings: Settings, way: str
) -> None:
    await stage.open()
    await stage.hold()
    button = stage.reveal.button
    if way == "outside":
        QTest.mouseMove(button, QPoint(-60, 60))
        await until(lambda: not stage.reveal.revealed, "the end")
    elif way == "focus":
        stage.other.setFocus()
    elif way == "window":
        other = QWidget()
        other.show()
        other.activateWindow()
        await until(lambda: not stage.reveal.revealed, "the end")
        other.close()
    elif way == "hidden":
        stage.window.hide()
    elif way == "setting":
        settings.set(known.REVEAL, "never")
    else:
        stage.reveal.hide_now()
    assert not stage.reveal.revealed
    stage.release()
    assert not stage.reveal.revealed


async def test_what_comes_after_the_release_is_dropped(stage: Stage) -> None:
    coming: asyncio.Future[Secret] = asyncio.get_running_loop().create_future()
    stage.answer = lambda: asyncio.shield(coming)
    await stage.open()
    QTest.mousePress(stage.reveal.button, Qt.MouseButton.LeftButton)
    await until(lambda: stage.asked == 1, "the request")
    stage.release()
    coming.set_result(Secret(SECRET))
    await until(lambda: not stage.tasks.running(), "the end of the request")
    assert not stage.reveal.revealed
    stage.answer = stage.at_once
    await stage.hold()
    stage.release()


async def test_a_failure_is_told_and_nothing_is_shown(stage: Stage) -> None:
    async def locked() -> Secret:
        raise KeychainError(ErrorCode.KEYCHAIN_LOCKED, "The keychain is locked", "", "")

    stage.answer = locked
    await stage.open()
    QTest.mousePress(stage.reveal.button, Qt.MouseButton.LeftButton)
    await until(lambda: bool(stage.errors), "the failure")
    assert not stage.reveal.revealed
    stage.release()


async def test_the_settings_forbid_it_at_first(
    stage: Stage, settings: Settings, icons: Icons
) -> None:
    assert known.REVEAL.default == "never"
    settings.set(known.REVEAL, "never")
    await stage.open()
    button = stage.reveal.button
    assert not button.isEnabled()
    assert FORBIDDEN in button.toolTip()
    assert FORBIDDEN in button.accessibleDescription()
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert stage.asked == 0
    settings.set(known.REVEAL, "pressed")
    assert button.isEnabled()


async def test_nobody_can_read_it_but_with_the_eyes(stage: Stage) -> None:
    await stage.open()
    before = stage.reveal.button.accessibleName()
    await stage.hold()
    found = list(readable(stage.window))
    stage.release()
    assert before == "Show API key secret while pressed"
    assert any("API key secret, shown while the button is held" in text for text in found)
    assert not [text for text in found if SECRET[:8] in text]


def readable(root: QWidget) -> Iterator[str]:
    """Yield every text that a screen reader, a tooltip or a title would give away."""
    for widget in (root, *root.findChildren(QWidget)):
        yield from (widget.toolTip(), widget.windowTitle(), widget.statusTip(), widget.whatsThis())
        interface = QAccessible.queryAccessibleInterface(widget)
        if isinstance(interface, QAccessibleInterface):
            for kind in QAccessible.Text:
                yield interface.text(kind)
            texts = interface.textInterface()
            if texts is not None:
                yield texts.text(0, texts.characterCount())
