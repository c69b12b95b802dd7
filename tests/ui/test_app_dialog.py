from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
import qasync
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget

from adwarden.domain.errors import ErrorCode, InputError, KeychainError
from adwarden.domain.key_shapes import MAX_PASTE
from adwarden.domain.model import AppAccess, Snapshot
from adwarden.practice.people import make_apps
from adwarden.storage.settings import Settings
from adwarden.ui.app_dialog import AddAppDialog
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text
from adwarden.ui.theme import Theme
from adwarden.wiring import Practice
from tests.fakes.services import make_app
from tests.ui.stagehand import Stagehand, make_stagehand, named, press, until

KEY = "k" * 25
SECRET = "s" * 50
TOKEN = "370773112-" + "G" * 40


async def opened(hand: Stagehand) -> AddAppDialog:
    await hand.open(Snapshot((make_app(),)))
    press(hand.window, "Add X app")
    await until(lambda: dialogs(hand), "the dialog")
    return dialogs(hand)[0]


def dialogs(hand: Stagehand) -> list[AddAppDialog]:
    return [dialog for dialog in hand.window.findChildren(AddAppDialog) if dialog.isVisible()]


def field(dialog: QWidget, name: str) -> QLineEdit:
    found = named(dialog, name, QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def paste(line: QLineEdit, text: str) -> None:
    QApplication.clipboard().setText(text)
    line.setFocus()
    line.selectAll()
    line.paste()


def fill(dialog: AddAppDialog, label: str = "New app") -> None:
    paste(field(dialog, "App name"), label)
    paste(field(dialog, "API key"), KEY)
    paste(field(dialog, "API key secret"), SECRET)


async def closed(hand: Stagehand) -> None:
    for dialog in dialogs(hand):
        dialog.reject()
    await until(lambda: not dialogs(hand) and not hand.tasks.running(), "closing")


async def test_keyboard_alone_adds_an_app(hand: Stagehand) -> None:
    await hand.open()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(hand.window, Qt.Key.Key_N, keys)
    await until(lambda: dialogs(hand), "the dialog")
    dialog = dialogs(hand)[0]
    QTest.keyClicks(field(dialog, "App name"), "Agency")
    order = []
    at: QWidget = field(dialog, "App name")
    while at.accessibleName() != "Cancel":
        order.append(at.accessibleName())
        at = next_in_chain(at)
        if at.accessibleName() == "API key":
            QTest.keyClicks(at, KEY)
        elif at.accessibleName() == "API key secret":
            QTest.keyClicks(at, SECRET)
    assert order == [
        "App name", "API key", "Show API key while pressed", "API key secret",
        "Show API key secret while pressed", "App access", "Save",
    ]  # fmt: skip
    QTest.keyClick(field(dialog, "API key secret"), Qt.Key.Key_Return)
    await until(lambda: hand.services.kept, "saving")
    label, key, secret, access = hand.services.kept[0]
    assert (label, key.unwrap(), secret.unwrap()) == ("Agency", KEY, SECRET)
    assert access is AppAccess.UNKNOWN
    await until(lambda: not dialogs(hand), "closing")


def next_in_chain(widget: QWidget) -> QWidget:
    at = widget
    while True:
        following = at.nextInFocusChain()
        assert following is not None
        at = following
        if at.isVisible() and at.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return at


async def test_both_keys_are_masked_and_shown_only_while_pressed(hand: Stagehand) -> None:
    dialog = await opened(hand)
    fill(dialog)
    for name in ("API key", "API key secret"):
        line = field(dialog, name)
        assert line.echoMode() is QLineEdit.EchoMode.Password
        button = named(dialog, f"Show {name} while pressed")
        QTest.mousePress(button, Qt.MouseButton.LeftButton)
        assert line.echoMode() is QLineEdit.EchoMode.Normal
        QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
        assert line.echoMode() is QLineEdit.EchoMode.Password
    await closed(hand)


@pytest.mark.parametrize(
    "pasted", [f"  {KEY}\n", f'export X_API_KEY="{KEY}"', f"key: '{KEY}'", f"{KEY[:9]}\n{KEY[9:]}"]
)
async def test_what_came_along_is_stripped_and_said(hand: Stagehand, pasted: str) -> None:
    dialog = await opened(hand)
    line = field(dialog, "API key")
    paste(line, pasted)
    assert line.text() == KEY
    assert "removed" in line.accessibleDescription()
    await closed(hand)


async def test_an_access_token_is_refused_in_words_and_stays_typed(hand: Stagehand) -> None:
    dialog = await opened(hand)
    fill(dialog)
    paste(field(dialog, "API key"), TOKEN)
    assert "access token" in field(dialog, "API key").accessibleDescription()
    press(dialog, "Save")
    await hand.settle_window()
    assert hand.services.kept == []
    assert field(dialog, "API key").text() == TOKEN
    await closed(hand)


async def test_swapped_fields_are_exchanged_by_a_button(hand: Stagehand) -> None:
    dialog = await opened(hand)
    paste(field(dialog, "API key"), SECRET)
    paste(field(dialog, "API key secret"), KEY)
    assert "looks like the API key secret" in field(dialog, "API key").accessibleDescription()
    press(dialog, "Exchange the two")
    assert field(dialog, "API key").text() == KEY
    assert field(dialog, "API key secret").text() == SECRET
    assert "looks like" not in field(dialog, "API key").accessibleDescription()
    await closed(hand)


async def test_unusual_lengths_warn_and_are_saved(hand: Stagehand) -> None:
    dialog = await opened(hand)
    fill(dialog)
    paste(field(dialog, "API key"), "abc123")
    assert "usually has 25" in field(dialog, "API key").accessibleDescription()
    press(dialog, "Save")
    await until(lambda: hand.services.kept, "saving")
    await closed(hand)


async def test_a_megabyte_does_not_freeze_and_is_said(hand: Stagehand) -> None:
    dialog = await opened(hand)
    QApplication.clipboard().setText("x y\n" * 262_144)
    line = field(dialog, "API key")
    begin = time.perf_counter()
    line.paste()
    assert time.perf_counter() - begin < 0.25
    assert len(line.text()) <= MAX_PASTE
    assert "too long" in line.accessibleDescription()
    QApplication.clipboard().clear()
    await closed(hand)


@pytest.mark.parametrize(
    ("label", "words"), [("", "name"), ("  ", "name"), ("AGENCY app", "already")]
)
async def test_names_are_refused_beside_the_field(hand: Stagehand, label: str, words: str) -> None:
    dialog = await opened(hand)
    fill(dialog, label)
    press(dialog, "Save")
    await hand.settle_window()
    assert words in field(dialog, "App name").accessibleDescription()
    assert hand.services.kept == []
    assert field(dialog, "API key").text() == KEY
    await closed(hand)


async def test_missing_keys_are_said_beside_each_field(hand: Stagehand) -> None:
    dialog = await opened(hand)
    paste(field(dialog, "App name"), "New")
    press(dialog, "Save")
    assert field(dialog, "API key").accessibleDescription() == "Paste the API key."
    assert field(dialog, "API key secret").accessibleDescription() == "Paste the API key secret."
    await closed(hand)


async def test_a_refusal_by_the_service_lands_beside_its_field(hand: Stagehand) -> None:
    dialog = await opened(hand)
    fill(dialog)
    hand.services.failures["add_app"] = [
        InputError("This name is taken", "There is another.", "Choose another.", field="label")
    ]
    press(dialog, "Save")
    await until(lambda: "another" in field(dialog, "App name").accessibleDescription(), "words")
    assert field(dialog, "API key").text() == KEY
    await closed(hand)


async def test_a_locked_keychain_keeps_what_was_typed_and_can_be_unlocked(hand: Stagehand) -> None:
    dialog = await opened(hand)
    fill(dialog)
    hand.services.failures["add_app"] = [
        KeychainError(ErrorCode.KEYCHAIN_LOCKED, "The keychain is locked", "It is.", "Unlock it.")
    ]
    press(dialog, "Save")
    await until(lambda: shown(dialog, "Problem: The keychain is locked"), "the error")
    assert field(dialog, "API key secret").text() == SECRET
    press(dialog, "Unlock and retry")
    await until(lambda: hand.services.kept, "saving")
    assert ("unlock",) in hand.services.asked
    await until(lambda: not dialogs(hand), "closing")


async def test_saving_shows_progress_and_can_be_left(hand: Stagehand) -> None:
    dialog = await opened(hand)
    fill(dialog)
    hand.services.gates["add_app"] = asyncio.Event()
    press(dialog, "Save")
    await until(lambda: shown(dialog, "Saving to the system keychain"), "progress")
    assert not named(dialog, "Save").isEnabled()
    press(dialog, "Cancel")
    await until(lambda: not dialogs(hand) and not hand.tasks.running(), "closing")
    assert hand.services.kept == []


async def test_a_closed_dialog_holds_no_key(hand: Stagehand) -> None:
    dialog = await opened(hand)
    fill(dialog)
    line = field(dialog, "API key secret")
    dialog.reject()
    assert line.text() == ""
    await closed(hand)


FILL = "Fill in the practice app's keys"


@pytest.fixture
def practising(
    loop: qasync.QEventLoop, settings: Settings, theme: Theme, icons: Icons
) -> Iterator[Stagehand]:
    hand = make_stagehand(settings, theme, icons, suggested=Practice.suggested)
    yield hand
    loop.run_until_complete(hand.close())


async def test_there_are_no_practice_keys_outside_practice(hand: Stagehand) -> None:
    dialog = await opened(hand)
    assert not shown(dialog, FILL)
    await closed(hand)


@pytest.mark.parametrize("name", ["Cancel", "Show API key while pressed"])
async def test_return_belongs_to_the_button_that_has_the_keyboard(
    hand: Stagehand, name: str
) -> None:
    await hand.open()
    press(hand.window, "Add X app")
    await until(lambda: dialogs(hand), "the dialog")
    dialog = dialogs(hand)[0]
    for part, text in (("App name", "Agency"), ("API key", KEY), ("API key secret", SECRET)):
        QTest.keyClicks(field(dialog, part), text)
    named(dialog, name).setFocus()
    QTest.keyClick(named(dialog, name), Qt.Key.Key_Return)
    assert bool(dialogs(hand)) == (name != "Cancel")
    await closed(hand)
    assert not hand.services.kept


async def test_in_practice_one_button_and_return_add_the_app(practising: Stagehand) -> None:
    hand = practising
    await hand.open()
    assert "Try the whole journey" in words(hand.window)
    press(hand.window, "Add the practice app")
    await until(lambda: dialogs(hand), "the dialog")
    dialog = dialogs(hand)[0]
    assert named(dialog, FILL).hasFocus()
    QTest.keyClick(named(dialog, FILL), Qt.Key.Key_Space)
    assert field(dialog, "API key").accessibleDescription() == ""
    QTest.keyClick(named(dialog, "Save"), Qt.Key.Key_Return)
    await until(lambda: hand.services.kept, "saving")
    label, key, secret, access = hand.services.kept[0]
    ready = make_apps()[0]
    assert (label, key.unwrap(), secret.unwrap()) == (ready.label, ready.key, ready.secret)
    assert access is AppAccess.STANDARD
    await until(lambda: not dialogs(hand), "closing")


async def test_the_button_goes_on_to_the_next_practice_app(practising: Stagehand) -> None:
    hand = practising
    await hand.open(Snapshot((make_app(label="practice APP"),)))
    press(hand.window, "Add X app")
    await until(lambda: dialogs(hand), "the dialog")
    press(dialogs(hand)[0], FILL)
    assert field(dialogs(hand)[0], "App name").text() == make_apps()[1].label
    await closed(hand)


async def test_with_all_practice_apps_here_the_button_says_so(practising: Stagehand) -> None:
    hand = practising
    apps = [make_app(f"a{n}", label=app.label) for n, app in enumerate(make_apps())]
    await hand.open(Snapshot(tuple(apps)))
    press(hand.window, "Add X app")
    await until(lambda: dialogs(hand), "the dialog")
    press(dialogs(hand)[0], FILL)
    assert "here already" in field(dialogs(hand)[0], "App name").accessibleDescription()
    assert field(dialogs(hand)[0], "API key").text() == ""
    await closed(hand)


def words(root: QWidget) -> str:
    return " ".join(label.text() for label in root.findChildren(QLabel) if label.isVisible())


def shown(root: QWidget, name: str) -> bool:
    return any(
        part.accessibleName() == name and part.isVisible() for part in root.findChildren(QWidget)
    )


@pytest.mark.parametrize("practice", [False, True])
@pytest.mark.parametrize("room", [600, 573, 400])
async def test_the_dialog_fits_a_low_screen_with_its_frame(
    settings: Settings,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
    practice: bool,
    room: int,
) -> None:
    class Screen:
        availableSize = staticmethod(lambda: QSize(1024, room))  # noqa: N815 - Qt's word

    suggested = (lambda: ()) if practice else None
    hand = make_stagehand(settings, theme, icons, suggested=suggested)
    with monkeypatch.context() as patch:
        patch.setattr(AddAppDialog, "screen", lambda _: Screen())
        dialog = await opened(hand)
    frame = 40
    assert dialog.height() <= room - frame
    assert (dialog.width(), dialog.height()) == (720, min(560, room - frame, hand.window.height()))
    # What has no room is scrolled to, never squeezed.
    for label in dialog.findChildren(Text):
        if label.isVisible():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
    for name in ("Cancel", "Save"):
        button = named(dialog, name)
        assert button.mapTo(dialog, button.rect().bottomRight()).y() < dialog.height()
    await closed(hand)
    await hand.close()
