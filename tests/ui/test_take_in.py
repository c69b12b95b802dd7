"""Bringing tokens in from other tools' files: what comes in, is shown, chosen and told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QMenu, QWidget

from adwarden.domain.errors import ErrorCode, KeychainError, NetworkError
from adwarden.domain.model import Snapshot
from adwarden.services.taking_in import Outcome, Standing
from adwarden.ui.action_table import Id
from adwarden.ui.app_dialog import AddAppDialog
from adwarden.ui.dialogs import Question
from adwarden.ui.other_tools import CUT_SHORT
from adwarden.ui.panes import Panes
from adwarden.ui.take_in_dialog import TakeInDialog
from adwarden.ui.take_in_list import AT, CHOICE, PLACE, STATE, USER
from tests.fakes.services import make_world
from tests.ui.stagehand import Stagehand, named, press, until
from tests.ui.take_in_scene import (
    KEYS,
    TEXT,
    at_rest,
    compared,
    dialogs,
    drop,
    file_mime,
    one_of_each,
    text_mime,
    the_dialog,
    written,
)

LOCKED = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "It is locked", "So it is.", "Unlock it.")
OFFLINE = NetworkError(ErrorCode.NO_NETWORK, "X was not reached", "No network.", "Connect.")


async def opened(hand: Stagehand, world: Snapshot | None = None) -> TakeInDialog:
    await hand.open(world or make_world())
    hand.window._actions[Id.TAKE_IN].trigger()
    return await the_dialog(hand.window)


async def pasted(hand: Stagehand, text: str = TEXT) -> TakeInDialog:
    """Paste and go on to what was found."""
    dialog = await opened(hand)
    dialog._from.take(text_mime(text))
    press(dialog, "Continue")
    await until(lambda: dialog._sets.isVisible() and at_rest(dialog), "the preview")
    return dialog


def told(dialog: TakeInDialog, number: int) -> str:
    """Return what a screen reader says of a line."""
    row = dialog._sets.list.topLevelItem(number)
    assert row is not None
    return str(row.data(CHOICE, Qt.ItemDataRole.AccessibleTextRole))


async def says(dialog: TakeInDialog, words: str) -> None:
    await until(lambda: words in written(dialog), words)


async def ended(dialog: TakeInDialog) -> None:
    await until(lambda: dialog._cancel.text() == "Close" and at_rest(dialog), "the end")


async def test_it_opens_by_its_key_and_from_the_menu_and_there_is_one(hand: Stagehand) -> None:
    await hand.open(make_world())
    press(hand.window, "More")
    menu = next(one for one in hand.window.findChildren(QMenu) if one.isVisible())
    assert "Bring in tokens …" in [one.text() for one in menu.actions()]
    menu.close()
    QTest.keyClick(hand.window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    dialog = await the_dialog(hand.window)
    await until(lambda: named(dialog, "Choose a file …").hasFocus(), "the focus")
    hand.window.on_demand.tools.bring_in()
    assert len(dialogs(hand.window)) == 1
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await hand.settle()
    assert dialogs(hand.window) == []


async def test_it_is_on_the_first_page(hand: Stagehand) -> None:
    await hand.open()
    press(hand.window, "Bring in tokens")
    dialog = await the_dialog(hand.window)
    dialog.reject()
    await hand.settle()


async def test_what_is_pasted_is_counted_and_never_shown(hand: Stagehand) -> None:
    dialog = await opened(hand)
    assert not named(dialog, "Continue").isEnabled()
    system = QGuiApplication.clipboard()
    for value in KEYS:
        system.setText(value)
        QTest.keyClick(dialog, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    box = named(dialog, "What was pasted", QLineEdit)
    assert isinstance(box, QLineEdit)
    assert box.text() == "4 lines, 173 characters"
    box.selectAll()
    box.copy()
    assert system.text() in (box.text(), KEYS[-1])
    QTest.keyClicks(box, "typed")
    assert box.text() == "4 lines, 173 characters"
    seen = written(dialog)
    assert not any(key in seen for key in KEYS)
    press(dialog, "Empty what was pasted")
    assert box.text() == ""
    assert not named(dialog, "Continue").isEnabled()
    dialog._from.take(text_mime(TEXT))
    dialog.reject()
    assert dialog._from.box.is_empty
    system.clear()
    await hand.settle()


async def test_what_cannot_be_pasted_is_said(hand: Stagehand, tmp_path: Path) -> None:
    dialog = await opened(hand)
    dialog._from.take(QMimeData())
    await says(dialog, "There is nothing to paste")
    dialog._from.take(file_mime(tmp_path / "a", tmp_path / "b"))
    await says(dialog, "One file at a time")
    dialog._from.take(text_mime("x" * 1_100_000))
    await says(dialog, "This is too large")
    assert dialog._from.box.is_empty
    dialog._from.take(text_mime("nothing of the kind, and a canary-word"))
    press(dialog, "Continue")
    await says(dialog, "No credentials were found")
    assert "canary-word" not in written(dialog)
    await until(lambda: at_rest(dialog), "the rest")
    assert dialog._from.isVisible()
    dialog.reject()
    await hand.settle()


async def test_a_file_that_cannot_be_read_is_said(hand: Stagehand, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\0\1\2" * 50)
    dialog = await opened(hand)
    for path, title in (
        (tmp_path, "This is a folder"), (tmp_path / "binary", "no text"), (tmp_path / "gone", ""),
    ):  # fmt: skip
        dialog.take_file(path)
        await until(lambda: at_rest(dialog), "the rest")
        assert dialog._error is not None
        await says(dialog, title)
    dialog.reject()
    await hand.settle()


async def test_what_was_found_is_told_line_by_line(hand: Stagehand) -> None:
    hand.services.taking_in.found = one_of_each()
    hand.services.taking_in.remarks = ("A profile without keys was left out.",)
    dialog = await pasted(hand)
    seen = written(dialog)
    assert "5 credential sets, read as environment variables: 2 new, 1 known" in seen
    assert "A profile without keys was left out." in seen
    lines = dialog._sets.list
    await until(lines.hasFocus, "the focus")
    assert list(lines.chosen) == [0, 4]
    assert told(dialog, 0) == (
        "@user1, Agency app, profile 1, consumer key 1, New: New here: the X app and the access "
        "token., System keychain"
    )
    for number, words in ((1, "Known"), (2, "Contradicts: Another access"), (3, "Incomplete")):
        assert words in told(dialog, number)
    last = lines.topLevelItem(4)
    assert last is not None
    assert [last.text(at) for at in (USER, AT, PLACE)] == [
        "No token", "profile 5, consumer key 1", "System keychain",
    ]  # fmt: skip
    QTest.keyClick(lines, Qt.Key.Key_Down)
    QTest.keyClick(lines, Qt.Key.Key_Space)  # known: there is nothing to choose
    assert list(lines.chosen) == [0, 4]
    assert "There is nothing to bring in." in written(dialog)
    QTest.keyClick(lines, Qt.Key.Key_Down)
    assert "it replaces what is kept in the system keychain" in written(dialog)
    QTest.keyClick(lines, Qt.Key.Key_Space)
    assert list(lines.chosen) == [0, 2, 4]
    assert named(dialog, "Bring in 3").isEnabled()
    QTest.keyClick(lines, Qt.Key.Key_Down)
    assert "It cannot be brought in." in written(dialog)
    press(dialog, "Back")
    assert dialog._from.isVisible()
    assert "4 lines" in dialog._from.box.text()
    dialog.reject()
    await hand.settle()


async def test_a_click_chooses_and_nothing_chosen_brings_in_nothing(hand: Stagehand) -> None:
    hand.services.taking_in.found = (compared(1),)
    dialog = await pasted(hand)
    lines = dialog._sets.list
    row = lines.topLevelItem(0)
    assert row is not None
    box = lines.visualItemRect(row)
    at = box.center()
    at.setX(lines.columnViewportPosition(CHOICE) + 11)
    QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert list(lines.chosen) == []
    assert not named(dialog, "Bring in").isEnabled()
    lines.hold(True)
    QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert list(lines.chosen) == []
    lines.hold(False)
    QTest.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert list(lines.chosen) == [0]
    dialog.reject()
    await hand.settle()


async def test_what_is_chosen_is_brought_in_one_after_the_other(hand: Stagehand) -> None:
    found = one_of_each()
    hand.services.taking_in.found = found
    refused = OFFLINE.__class__(ErrorCode.REVOKED, "X did not accept it", "Revoked.", "Ask again.")
    hand.services.taking_in.outcomes = [
        Outcome(found[0], True, "@user1 was connected.", "a1", "c9"),
        Outcome(found[4], False, f"The X app was added. {refused}", "a1", "", refused),
    ]
    dialog = await pasted(hand)
    press(dialog, "Bring in 2")
    await ended(dialog)
    asked = [one for one in hand.services.asked if one[0] == "adopt"]
    assert asked == [("adopt", "@user1 through Agency app", True), ("adopt", "Agency app", True)]
    seen = written(dialog)
    assert "1 of 2 were brought in" in seen
    assert "The X app was added. X did not accept it" in seen  # the line in trouble is current
    assert "Brought in" in told(dialog, 0)
    assert "In part" in told(dialog, 4)
    assert "Left out" in told(dialog, 2)
    places = [dialog._sets.list.topLevelItem(at) for at in (0, 2, 4)]
    assert [one.text(PLACE) for one in places if one] == ["System keychain", "—", "—"]
    assert told(dialog, 0).endswith(", System keychain")
    assert dialog._sets.list.isColumnHidden(CHOICE)
    assert not named_or_none(dialog, "Check all")
    await until(lambda: ("refresh", "c9") in hand.services.asked, "the first refresh")
    dialog.reject()
    await hand.settle()
    assert CUT_SHORT not in [one.id for one in hand.window.notices.shown()]


def named_or_none(dialog: TakeInDialog, name: str) -> bool:
    return any(
        one.accessibleName() == name and one.isVisible() for one in dialog.findChildren(QFrame)
    )


async def test_without_a_check_x_is_not_asked_and_checking_comes_next(hand: Stagehand) -> None:
    hand.services.taking_in.found = (compared(1),)
    dialog = await pasted(hand)
    box = named(dialog, "Check each with X first", QCheckBox)
    assert isinstance(box, QCheckBox)
    assert box.isChecked()
    box.click()
    press(dialog, "Bring in 1")
    await ended(dialog)
    assert ("adopt", "@user1 through Agency app", False) in hand.services.asked
    assert not any(one[0] == "refresh" for one in hand.services.asked)
    assert "X was not asked" in written(dialog)
    await until(named(dialog, "Check all").hasFocus, "the focus")
    press(dialog, "Check all")
    await until(lambda: not dialogs(hand.window), "the end")
    await hand.settle()


async def test_a_locked_place_is_unlocked_before_and_in_the_midst(hand: Stagehand) -> None:
    found = (compared(1), compared(2), compared(3))
    hand.services.taking_in.found = found
    hand.services.failures["compare"] = [LOCKED]
    dialog = await opened(hand)
    dialog._from.take(text_mime(TEXT))
    press(dialog, "Continue")
    await until(lambda: "It is locked" in written(dialog) and at_rest(dialog), "the error")
    press(dialog, "Unlock and retry")
    await until(lambda: dialog._sets.isVisible() and at_rest(dialog), "the preview")
    hand.services.taking_in.outcomes = [
        Outcome(found[0], True, "Done.", "a1", "c9"),
        Outcome(found[1], False, f"The X app was added. {LOCKED}", "", "", LOCKED),
    ]
    press(dialog, "Bring in 3")
    await until(lambda: "It is locked" in written(dialog) and at_rest(dialog), "the error")
    assert "1 set is done with. The rest waits." in written(dialog)
    assert list(dialog._sets.list.chosen) == [0, 1, 2]
    QTest.keyClick(dialog._sets.list, Qt.Key.Key_Space)  # it is too late to choose otherwise
    assert list(dialog._sets.list.chosen) == [0, 1, 2]
    press(dialog, "Unlock and retry")
    await ended(dialog)
    adopted = [one[1] for one in hand.services.asked if one[0] == "adopt"]
    assert [str(name).split()[0] for name in adopted] == ["@user1", "@user2", "@user2", "@user3"]
    assert "All 3 were brought in" in written(dialog)
    dialog.reject()
    await hand.settle()


async def test_without_a_network_the_rest_is_not_tried_and_what_came_is_told(
    hand: Stagehand,
) -> None:
    found = (compared(1), compared(2), compared(3))
    hand.services.taking_in.found = found
    hand.services.taking_in.outcomes = [
        Outcome(found[0], True, "Done.", "a1", "c9"),
        Outcome(found[1], False, f"The X app was added. {OFFLINE}", "a1", "", OFFLINE),
    ]
    dialog = await pasted(hand)
    press(dialog, "Bring in 3")
    await until(lambda: "X was not reached" in written(dialog) and at_rest(dialog), "the error")
    assert named(dialog, "Try again").isVisible()
    assert named(dialog, "Bring in the rest").isEnabled()
    press(dialog, "Finish")
    await ended(dialog)
    seen = written(dialog)
    assert "1 of 3 were brought in" in seen
    assert "In part" in told(dialog, 1)
    assert "Not begun" in told(dialog, 2)
    assert "1 set was not begun" in seen
    dialog.reject()
    await hand.settle()
    assert CUT_SHORT not in [one.id for one in hand.window.notices.shown()]


@pytest.mark.parametrize("how", ["Stop", "Escape", "close"])
async def test_stopping_ends_after_the_set_that_is_being_brought_in(
    hand: Stagehand, how: str
) -> None:
    hand.services.taking_in.found = tuple(compared(n) for n in range(40))
    dialog = await pasted(hand)
    hand.services.gates["adopt"] = asyncio.Event()
    press(dialog, "Bring in 40")
    await until(lambda: any(one[0] == "adopt" for one in hand.services.asked), "the first")
    assert named(dialog, "Bringing in").isVisible()
    if how == "Stop":
        press(dialog, "Stop")
    elif how == "Escape":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        dialog.close()
    assert dialog.isVisible()
    assert not named(dialog, "Stopping …").isEnabled()
    hand.services.gates["adopt"].set()
    await ended(dialog)
    assert "1 of 40 were brought in" in written(dialog)
    assert sum(one[0] == "adopt" for one in hand.services.asked) == 1
    dialog.reject()
    await hand.settle()


async def test_locking_closes_it_at_once_forgets_and_says_how_far_it_came(hand: Stagehand) -> None:
    hand.services.taking_in.found = tuple(compared(n) for n in range(3))
    dialog = await pasted(hand)
    hand.services.gates["adopt"] = asyncio.Event()
    press(dialog, "Bring in 3")
    await until(lambda: any(one[0] == "adopt" for one in hand.services.asked), "the first")
    dialog.reject()  # what locking does to every dialog; see test_take_in_real
    assert not dialog.isVisible()
    assert dialog._source is None
    assert dialog._from.box.is_empty
    assert dialog._sets._preview is None
    await hand.settle()
    (notice,) = [one for one in hand.window.notices.shown() if one.id == CUT_SHORT]
    assert "0 of 3 sets are here" in notice.message
    hand.services.gates["adopt"].set()


async def test_a_file_is_removed_when_all_of_it_is_here(hand: Stagehand, tmp_path: Path) -> None:
    path = tmp_path / "tool.env"
    path.write_text(TEXT)
    hand.services.taking_in.found = (compared(1),)
    hand.services.taking_in.remarks = ("One profile has OAuth 2 tokens only.",)
    dialog = await opened(hand)
    dialog.take_file(path)
    await until(lambda: dialog._sets.isVisible() and at_rest(dialog), "the preview")
    assert "What is in tool.env" in written(dialog)
    press(dialog, "Bring in 1")
    await ended(dialog)
    assert path.read_text() == TEXT
    press(dialog, "Remove the file …")
    await until(lambda: bool(dialog.findChildren(Question)), "the question")
    question = dialog.findChildren(Question)[0]
    await until(question.isVisible, "the question")
    assert "version control" in written(question)
    assert "shell’s history" in written(question)
    assert "One profile has OAuth 2 tokens only." in written(question)  # lost with the file
    press(question, "Cancel")
    await until(lambda: not dialog.findChildren(Question), "the answer")
    assert path.exists()
    path.write_text(TEXT + "# something else by now\n")
    await remove(dialog)
    await until(lambda: dialog._error is not None and at_rest(dialog), "the refusal")
    assert path.exists()
    path.write_text(TEXT)
    await remove(dialog)
    await until(lambda: not path.exists() and at_rest(dialog), "the removal")
    assert "tool.env was removed. That does not remove copies in backups" in written(dialog)
    dialog.reject()
    await hand.settle()


async def test_of_a_link_the_file_itself_is_named(hand: Stagehand, tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles-twurlrc", tmp_path / ".twurlrc"
    real.write_text(TEXT)
    link.symlink_to(real)
    hand.services.taking_in.found = (compared(1),)
    dialog = await opened(hand)
    dialog.take_file(link)
    await until(lambda: dialog._sets.isVisible() and at_rest(dialog), "the preview")
    press(dialog, "Bring in 1")
    await ended(dialog)
    press(dialog, "Remove the file …")
    await until(lambda: any(q.isVisible() for q in dialog.findChildren(Question)), "the question")
    (question,) = dialog.findChildren(Question)
    assert f".twurlrc is a link to {real}. Both are deleted" in written(question).replace(
        "\u200b", ""
    )
    press(question, "Remove the file")
    await until(lambda: not real.exists() and at_rest(dialog), "the removal")
    assert not link.is_symlink()
    dialog.reject()
    await hand.settle()


async def remove(dialog: TakeInDialog) -> None:
    press(dialog, "Remove the file …")
    await until(lambda: any(q.isVisible() for q in dialog.findChildren(Question)), "the question")
    press(next(q for q in dialog.findChildren(Question) if q.isVisible()), "Remove the file")


async def test_a_file_stays_whose_sets_are_not_all_here(hand: Stagehand, tmp_path: Path) -> None:
    path = tmp_path / "tool.env"
    path.write_text(TEXT)
    hand.services.taking_in.found = one_of_each()
    dialog = await opened(hand)
    dialog.take_file(path)
    await until(lambda: dialog._sets.isVisible() and at_rest(dialog), "the preview")
    press(dialog, "Bring in 2")
    await ended(dialog)
    assert not named_or_none(dialog, "Remove the file …")
    assert "Not all of it is here" in written(dialog)
    dialog.reject()
    await hand.settle()


async def test_the_clipboard_is_cleared_if_it_still_has_it(hand: Stagehand) -> None:
    system = QGuiApplication.clipboard()
    system.setText(TEXT)
    dialog = await opened(hand)
    press(dialog, "Paste")
    press(dialog, "Continue")
    await until(lambda: dialog._sets.isVisible() and at_rest(dialog), "the preview")
    press(dialog, "Bring in 1")
    await ended(dialog)
    press(dialog, "Clear the clipboard")
    assert system.text() == ""
    assert "The clipboard was cleared." in written(dialog)
    dialog.reject()
    await hand.settle()


async def test_the_clipboard_of_somebody_else_is_left_alone(hand: Stagehand) -> None:
    dialog = await pasted(hand)
    press(dialog, "Bring in 1")
    await ended(dialog)
    system = QGuiApplication.clipboard()
    system.setText("something else")
    press(dialog, "Clear the clipboard")
    assert system.text() == "something else"
    assert "It was left as it is." in written(dialog)
    system.clear()
    dialog.reject()
    await hand.settle()


async def test_a_file_is_dropped_on_the_window_as_a_copy(hand: Stagehand, tmp_path: Path) -> None:
    path = tmp_path / "tool.env"
    path.write_text(TEXT)
    await hand.open(make_world())
    body: QWidget | None = hand.window.centralWidget()
    assert body is not None
    assert body.findChild(Panes) is not None
    assert not drop(body, text_mime(TEXT))
    assert not drop(body, file_mime(path, path))
    assert drop(body, file_mime(path))
    dialog = await the_dialog(hand.window)
    await until(lambda: dialog._sets.isVisible() and at_rest(dialog), "the preview")
    assert path.read_text() == TEXT
    assert not drop(body, file_mime(path))  # a dialog is in the way
    assert not drop(dialog, file_mime(path))  # something is looked at already
    press(dialog, "Back")
    assert drop(dialog, text_mime(TEXT))
    assert "4 lines" in dialog._from.box.text()
    assert drop(dialog, file_mime(path))
    await until(lambda: dialog._sets.isVisible() and at_rest(dialog), "the preview")
    dialog.reject()
    await hand.settle()
    hand.window.commands.add_app()
    await until(lambda: any(d.isVisible() for d in hand.window.findChildren(AddAppDialog)), "it")
    assert not drop(body, file_mime(path))
    hand.window.findChildren(AddAppDialog)[0].reject()
    await hand.settle()


async def test_files_that_are_where_tools_have_them_are_offered(
    hand: Stagehand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".xurl").mkdir()
    (tmp_path / ".xurl" / "auth.yml").write_text("nothing: here\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    dialog = await opened(hand)
    await until(lambda: named_or_none(dialog, "Bring in ~/.xurl/auth.yml") or _offers(dialog), "it")
    press(dialog, "Bring in ~/.xurl/auth.yml")
    await until(lambda: dialog._error is not None and at_rest(dialog), "the look into it")
    dialog.reject()
    await hand.settle()


def _offers(dialog: TakeInDialog) -> bool:
    return dialog._from._found.isVisible()


def test_what_is_only_in_the_file_is_kept_nowhere() -> None:
    from adwarden.ui import take_in_words as words

    here = words.Here(lambda _: None, lambda _: None, lambda: "keychain")
    assert words.place_of(compared(1), here) == "keychain"
    assert words.place_of(compared(1, Standing.KNOWN), here) == ""


def test_what_comes_beside_what_is_kept_is_not_said_to_replace_it() -> None:
    from adwarden.ui import take_in_words as words

    one = compared(1, Standing.CONTRADICTS)
    assert "it replaces what is kept" in words.what_then(one, "keychain")
    assert "nothing that is kept" in words.what_then(replace(one, beside=True), "keychain")


def test_the_state_is_told_in_words_as_well() -> None:
    from adwarden.ui import take_in_words as words

    for one in one_of_each():
        badge = words.badge(one)
        assert badge.text
        assert badge.mark
        assert one.why in badge.wording
    assert STATE not in (USER, AT)
