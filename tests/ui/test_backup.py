"""Backing up and restoring in the window: what is asked, refused, shown and chosen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLabel, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from adwarden.domain.backup import Standing
from adwarden.domain.errors import ErrorCode, InputError, KeychainError
from adwarden.domain.model import KEYCHAIN, Snapshot
from adwarden.domain.password_words import strength
from adwarden.domain.secret import Secret
from adwarden.services.events import ConnectionSaved
from adwarden.services.restoring import Restored
from adwarden.storage.report_file import ExistsError
from adwarden.storage.settings import THEME
from adwarden.ui import backup_words as words
from adwarden.ui.actions import Id
from adwarden.ui.check_dialog import CheckDialog
from adwarden.ui.dialogs import Question
from adwarden.ui.icons import Icons
from adwarden.ui.password_field import CAPS, PasswordField
from adwarden.ui.restore_list import NAME, RestoreList
from adwarden.ui.unlocking import UNLOCKING_NOTICE
from tests.fakes.services import LOCKED, make_app, make_connection
from tests.ui.backup_scene import app_line, everything, many, preview_of
from tests.ui.stagehand import Stagehand, named, press, until

ONE = Snapshot((make_app(),), (make_connection(),), {})


def dialogs(hand: Stagehand) -> list[QDialog]:
    return [one for one in hand.window.findChildren(QDialog) if one.isVisible()]


async def opened(hand: Stagehand, title: str) -> QDialog:
    await until(lambda: any(one.windowTitle() == title for one in dialogs(hand)), title)
    return next(one for one in dialogs(hand) if one.windowTitle() == title)


def shows(dialog: QDialog, words: str) -> bool:
    """Tell whether a visible part has these words, or is called so."""
    parts = [part for part in dialog.findChildren(QWidget) if part.isVisible()]
    texts = [part.text() for part in parts if isinstance(part, QLabel)]
    return words in (*texts, *(part.accessibleName() for part in parts))


def line(dialog: QDialog, name: str) -> QLineEdit:
    found = named(dialog, name, QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


async def test_a_backup_by_the_keyboard(hand: Stagehand, tmp_path: Path) -> None:
    await hand.open(ONE)
    hand.settings.set(THEME, "dark")
    QTest.keyClick(hand.window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    dialog = await opened(hand, "Back up")
    await until(lambda: line(dialog, "Password").hasFocus(), "the focus")
    line(dialog, "File").setText(str(tmp_path / "mine"))
    QTest.keyClick(line(dialog, "Password"), Qt.Key.Key_Return)
    assert "empty" in line(dialog, "Password").accessibleDescription()
    QTest.keyClicks(line(dialog, "Password"), "a b ")
    assert "Very short, 4" in line(dialog, "Password").accessibleDescription()
    QTest.keyClicks(line(dialog, "Password again"), "a b")
    press(dialog, "Back up")
    assert "not the same" in line(dialog, "Password again").accessibleDescription()
    QTest.keyClick(line(dialog, "Password again"), Qt.Key.Key_Space)
    QTest.keyClick(line(dialog, "Password again"), Qt.Key.Key_Return)
    await until(lambda: not dialogs(hand), "the end")
    await hand.settle()
    assert hand.services.backup.asked == [
        ("write", tmp_path / "mine.kdbx", Secret("a b "), {"theme": "dark"}, False)
    ]
    (notice,) = [one for one in hand.window.notices.shown() if one.id == "backup"]
    assert "1 X app and 2 connections" in notice.message


async def test_a_file_that_is_there_is_asked_about(hand: Stagehand, tmp_path: Path) -> None:
    await hand.open(ONE)
    hand.services.backup.failures["write"] = [ExistsError("There is a file", "It is there.")] * 2
    hand.window.on_demand.back_up()
    dialog = await opened(hand, "Back up")
    line(dialog, "File").setText(str(tmp_path / "mine.kdbx"))
    for name in ("Password", "Password again"):
        line(dialog, name).setText("a long password for it")
    press(dialog, "Back up")
    press(await opened(hand, "Replace the file?"), "Cancel")
    await until(lambda: named(dialog, "Back up").isEnabled(), "another try")  # still open
    press(dialog, "Back up")
    press(await opened(hand, "Replace the file?"), "Replace")
    await until(lambda: not dialogs(hand), "the end")
    assert [one[4] for one in hand.services.backup.asked] == [False, False, True]
    await hand.settle()


async def test_a_file_that_must_not_be_written_over_is_not_asked_about(
    hand: Stagehand, tmp_path: Path
) -> None:
    await hand.open(ONE)
    own = InputError("This is the KeePass file in use", "It is.", "Choose another.", field="file")
    hand.services.backup.failures["write"] = [own]
    hand.window.on_demand.back_up()
    dialog = await opened(hand, "Back up")
    line(dialog, "File").setText(str(tmp_path / "team.kdbx"))
    for name in ("Password", "Password again"):
        line(dialog, name).setText("a long password for it")
    press(dialog, "Back up")
    file = line(dialog, "File")
    await until(lambda: "the KeePass file in use" in file.accessibleDescription(), "the words")
    assert dialogs(hand) == [dialog]  # no question
    dialog.reject()
    await hand.settle()


async def test_without_an_app_there_is_nothing_to_back_up_and_a_way_in(hand: Stagehand) -> None:
    await hand.open()
    assert not hand.window._actions[Id.BACK_UP].isEnabled()
    press(hand.window, "Bring in a backup")
    dialog = await opened(hand, "Restore from backup")
    dialog.reject()
    await hand.settle()


async def test_what_is_behind_the_three_dots(hand: Stagehand) -> None:
    await hand.open(ONE)
    press(hand.window, "More")
    menu = next(one for one in hand.window.findChildren(QMenu) if one.isVisible())
    words = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert "Back up …" in words
    assert "Restore from backup …" in words
    menu.close()


async def look_into(hand: Stagehand, password: str = "x") -> QDialog:
    hand.window.on_demand.restore()
    dialog = await opened(hand, "Restore from backup")
    line(dialog, "File").setText("/home/jo/backup.kdbx")
    line(dialog, "Password").setText(password)
    press(dialog, "Open")
    return dialog


async def previewed(hand: Stagehand) -> QDialog:
    await until(lambda: any(one.findChild(RestoreList) for one in dialogs(hand)), "the preview")
    return next(one for one in dialogs(hand) if one.findChild(RestoreList))


async def test_a_wrong_password_is_said_beside_the_field(hand: Stagehand) -> None:
    await hand.open(ONE)
    wrong = KeychainError(ErrorCode.WRONG_PASSWORD, "That is not it", "It is another.", "Try.")
    hand.services.backup.failures["preview"] = [wrong]
    dialog = await look_into(hand)
    field = line(dialog, "Password")
    await until(lambda: "That is not it" in field.accessibleDescription(), "the words")
    await until(field.hasFocus, "the focus")
    damaged = KeychainError(ErrorCode.FILE_DAMAGED, "The backup is damaged", "A part.", "Copy it.")
    hand.services.backup.failures["preview"] = [damaged]
    press(dialog, "Open")
    await until(lambda: shows(dialog, "The backup is damaged"), "the words")
    dialog.reject()
    await hand.settle()


async def test_what_is_chosen_is_restored(hand: Stagehand) -> None:
    await hand.open(ONE)
    backup = hand.services.backup
    backup.kept_in = (("keychain", "GNOME Keyring"), ("file", "the KeePass file"))
    backup.found = preview_of(everything(), theme="dark", api_url="https://evil.example")
    backup.done = Restored(("@user6",), ("@user3",), 5, ("@user7",))
    await look_into(hand)
    dialog = await previewed(hand)
    lines = dialog.findChild(RestoreList)
    assert isinstance(lines, RestoreList)
    await until(lines.hasFocus, "the focus")
    assert lines.chosen == {
        "connection/c3", "connection/c4", "app/a2", "connection/c5", "connection/c6"
    }  # fmt: skip
    assert lines._rows["connection/c1"].isHidden()  # the same
    QTest.keyClick(lines, Qt.Key.Key_Down)
    at = lines.currentItem()
    assert at is not None
    assert at.text(NAME) == "@user2"
    QTest.keyClick(lines, Qt.Key.Key_Space)
    assert "Replaced from the backup" in str(at.data(NAME, Qt.ItemDataRole.AccessibleTextRole))
    # Without its app a connection cannot come.
    lines._rows["app/a2"].setCheckState(NAME, Qt.CheckState.Unchecked)
    assert lines.chosen == {"connection/c2", "connection/c3", "connection/c4"}
    box = named(dialog, "Take over its settings", QCheckBox)
    assert isinstance(box, QCheckBox)
    box.click()
    place = named(dialog, "Keep what is new in", QComboBox)
    assert isinstance(place, QComboBox)
    place.setCurrentIndex(2)
    backup.gate = asyncio.Event()
    press(dialog, "Restore")
    await until(lambda: shows(dialog, "Restoring"), "the progress")
    backup.gate.set()
    await until(lambda: shows(dialog, "Close"), "the outcome")
    (_, choices) = backup.asked[-1]
    assert (choices.take, choices.place) == (  # type: ignore[attr-defined]
        {"connection/c2", "connection/c3", "connection/c4"}, "file"
    )  # fmt: skip
    assert hand.settings.get(THEME) == "dark"
    press(dialog, "Close")
    await hand.settle()


async def test_what_was_restored_is_checked_next(hand: Stagehand) -> None:
    await hand.open(ONE)
    backup = hand.services.backup
    backup.found = preview_of(many(30))
    backup.done = Restored(("@user1",))
    await look_into(hand)
    dialog = await previewed(hand)
    press(dialog, "Restore")
    await until(lambda: shows(dialog, "Check all"), "the outcome")
    press(dialog, "Check all")
    await until(lambda: hand.window.findChildren(CheckDialog), "the check")
    (check,) = hand.window.findChildren(CheckDialog)
    await until(lambda: not dialogs(hand) or dialogs(hand) == [check], "the end of the dialog")
    check.close()
    await hand.settle()


async def test_a_locked_place_is_unlocked_and_the_choice_stands(hand: Stagehand) -> None:
    await hand.open(ONE)
    backup = hand.services.backup
    backup.found = preview_of(many(30))
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "It is locked", "So it is.", "Unlock it.")
    backup.done = Restored(stopped=locked)
    await look_into(hand)
    dialog = await previewed(hand)
    lines = dialog.findChild(RestoreList)
    assert isinstance(lines, RestoreList)
    lines._rows["connection/c3"].setCheckState(NAME, Qt.CheckState.Unchecked)
    press(dialog, "Restore")
    await until(lambda: shows(dialog, "It is locked"), "the error")
    backup.done = Restored(("@user1",))
    press(dialog, "Unlock and retry")
    await until(lambda: shows(dialog, "The backup was restored"), "the outcome")
    first, second = (one[1] for one in backup.asked if one[0] == "restore")
    assert first == second
    assert "connection/c3" not in first.take  # type: ignore[attr-defined]
    assert any(one[0] == "unlock" for one in hand.services.asked)
    press(dialog, "Close")
    await hand.settle()


def test_what_is_on_its_way_out_is_said_to_come_back() -> None:
    going = app_line(1, Standing.DIFFERS, here_id="a1", leaving=True)
    assert words.standing(going) == "Being removed here"
    assert words.outcome(going, taken=True) == "Brought back"
    assert words.outcome(going, taken=False) == "Removed, as begun"
    both = replace(going, differs=("name",))
    assert words.standing(both) == "Being removed here. Differs: name"
    assert words.outcome(both, taken=True) == "Brought back, with what differs"
    lost = replace(both, here_lost=True)
    assert words.standing(lost) == "Being removed here. Here without its keys"
    told = words.result(Restored(skipped=2, brought_back=("One", "Two")))
    assert told == ("0 entries were added, 0 replaced, 2 brought back; 2 stayed as they are.",)


async def test_what_comes_in_does_not_take_the_window_along(hand: Stagehand) -> None:
    await hand.open(ONE)
    backup = hand.services.backup
    backup.found = preview_of(many(30))
    await look_into(hand)
    dialog = await previewed(hand)
    backup.gate = asyncio.Event()
    press(dialog, "Restore")
    await until(lambda: backup.asked[-1][0] == "restore", "the restore")
    at = hand.window._place
    hand.services.emit(ConnectionSaved(make_connection("c2", "other")))
    assert hand.window._place == at
    assert "c2" in hand.window.state.connections
    backup.gate.set()
    await until(lambda: shows(dialog, "Close"), "the outcome")
    hand.services.emit(ConnectionSaved(make_connection("c3", "third")))
    assert hand.window._place.connection_id == "c3"
    press(dialog, "Close")
    await hand.settle()


async def test_stopping_ends_the_work(hand: Stagehand) -> None:
    await hand.open(ONE)
    backup = hand.services.backup
    backup.found = preview_of(many(30))
    await look_into(hand)
    dialog = await previewed(hand)
    backup.gate = asyncio.Event()
    press(dialog, "Restore")
    press(dialog, "Stop")
    await until(lambda: not dialogs(hand), "the end")
    await hand.settle()
    assert not hand.tasks.running()


def test_caps_lock_is_seen_by_what_it_does(qtbot: QtBot, icons: Icons) -> None:
    field = PasswordField("Password", icons)
    qtbot.addWidget(field)
    field.show()
    field.say("Some words", "error")
    QTest.keyClicks(field.edit, "a")
    assert not field.caps_lock
    QTest.keyClicks(field.edit, "A")  # a capital without Shift
    assert field.caps_lock
    assert field.said() == f"{CAPS} Some words"
    QTest.keyClicks(field.edit, "1")
    assert field.caps_lock  # tells nothing
    QTest.keyClicks(field.edit, "B", Qt.KeyboardModifier.ShiftModifier)
    assert field.said() == "Some words"
    assert field.secret == Secret("aA1B")
    assert field.edit.echoMode() is QLineEdit.EchoMode.Password
    field.reveal.pressed.emit()
    assert field.edit.echoMode() is QLineEdit.EchoMode.Normal
    field.reveal.released.emit()
    assert field.edit.echoMode() is QLineEdit.EchoMode.Password


@pytest.mark.parametrize(
    ("password", "role", "word"),
    [
        ("", "dim", ""), ("abc", "error", "Very short"), ("aaaaaaaaaaaaaaaa", "error", "over"),
        ("abcdefgh", "warn", "Short"), ("correct horse", "dim", "Fair"),
        ("correct horse battery staple", "dim", "Long"),
    ],
)  # fmt: skip
def test_strength_is_told_by_length_alone(password: str, role: str, word: str) -> None:
    found = strength(password)
    assert found.role == role
    assert word in found.words
    assert password == "" or password not in found.words


async def test_what_is_locked_is_unlocked_first_with_a_way_out(
    hand: Stagehand, tmp_path: Path
) -> None:
    await hand.open(ONE)
    hand.services.backup.kept_in = ((KEYCHAIN, "GNOME Keyring"),)
    hand.services.backup.states = {KEYCHAIN: LOCKED}
    hand.services.gates["unlock"] = asyncio.Event()

    async def ask(times: int) -> None:
        hand.window.on_demand.back_up()
        await until(lambda: bool(hand.window.findChildren(Question)), "the question")
        press(hand.window.findChildren(Question)[0], "Unlock …")
        await until(lambda: hand.services.asked.count(("unlock",)) == times, "the wish")

    await ask(1)
    await until(lambda: not hand.window.findChildren(Question), "the question is gone")
    assert UNLOCKING_NOTICE in [one.id for one in hand.window.notices.shown()]
    press(hand.window.notices, "Cancel")
    await hand.settle()
    assert UNLOCKING_NOTICE not in [one.id for one in hand.window.notices.shown()]
    assert dialogs(hand) == []
    hand.services.gates["unlock"].set()
    await ask(2)
    dialog = await opened(hand, "Back up")
    dialog.reject()
    await hand.settle()
