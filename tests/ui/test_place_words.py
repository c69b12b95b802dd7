"""What the window says of places in questions and while it saves; questions and copied words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from adwarden.domain.errors import ErrorCode, InputError, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, Snapshot
from adwarden.domain.secret import Secret
from adwarden.services.events import ConnectionRemoved, ConnectionSaved, KeychainChanged
from adwarden.services.moving import Left, Moved
from adwarden.services.survey import PlaceReport
from adwarden.storage import settings as known
from adwarden.storage.keepass_errors import a_backup
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.app_dialog import AddAppDialog
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.dialogs import Question, disconnect_question, remove_app_question
from adwarden.ui.icons import Icons
from adwarden.ui.leave_dialog import LeaveDialog
from adwarden.ui.notice_bar import NoticeBar
from adwarden.ui.notices import FILE_NOTICE
from adwarden.ui.parts import Text, breakable
from adwarden.ui.status_bar import StatusBar
from adwarden.ui.store import State
from adwarden.ui.vault_dialogs import UnlockDialog
from adwarden.ui.vault_words import ABOUT, count_words, memory_words, moved_words, shared_words
from adwarden.ui.welcome import first_connection_page, welcome_page
from tests.fakes.services import make_app, make_connection
from tests.ui.stagehand import Stagehand, named, press, until


def words(root: QWidget) -> str:
    return "\n".join(label.text() for label in root.findChildren(QLabel))


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (KEYCHAIN, "deleted from the system keychain of this computer."),
        (FILE, "deleted from the KeePass file."),
        (MEMORY, "deleted from memory."),
    ],
)
def test_questions_name_the_place_that_is_meant(qtbot: QtBot, place: str, told: str) -> None:
    for dialog in (
        disconnect_question(None, "@contoso", "Agency app", place),
        remove_app_question(None, "Agency app", place),
    ):
        qtbot.addWidget(dialog)
        assert told in words(dialog)


def test_a_colon_in_a_name_splits_no_sentence(qtbot: QtBot) -> None:
    dialog = disconnect_question(None, "@contoso", "Client: EU")
    qtbot.addWidget(dialog)
    assert "At X, Client: EU stays authorized" in words(dialog)
    dialog = Question(None, "Sure?", "X forgets the token of Client: EU for good.")
    qtbot.addWidget(dialog)
    assert "X forgets the token of Client: EU for good." in words(dialog)


@pytest.mark.parametrize(
    ("place", "help_", "busy"),
    [
        (FILE, "Into the KeePass file and nowhere else.", "Saving to the KeePass file"),
        (MEMORY, "Into memory only", "Saving to memory"),
    ],
)
async def test_adding_an_app_names_the_place_for_what_is_new(
    hand: Stagehand, place: str, help_: str, busy: str
) -> None:
    hand.settings.set(known.VAULT_PLACE, place)
    await hand.open()
    hand.window.commands.add_app()
    await until(lambda: hand.window.findChildren(AddAppDialog), "the dialog")
    (dialog,) = hand.window.findChildren(AddAppDialog)
    await until(dialog.isVisible, "its picture")
    assert help_ in words(dialog)
    assert "system keychain" not in words(dialog)
    assert dialog._busy.accessibleName() == busy
    dialog.reject()
    await hand.settle()


async def test_an_entry_in_the_file_is_disconnected_from_the_file(hand: Stagehand) -> None:
    one = replace(make_connection(), place=FILE)
    await hand.open(Snapshot((make_app(),), (one,)))
    hand.window.commands.disconnect("c1")
    found: list[Question] = []

    def there() -> bool:
        found[:] = [q for q in hand.window.findChildren(Question) if q.isVisible()]
        return bool(found)

    await until(there, "the question")
    assert "deleted from the KeePass file." in words(found[0])
    found[0].reject()
    await hand.settle()


async def test_an_app_in_use_offers_to_leave_it(hand: Stagehand) -> None:
    await hand.open(Snapshot((make_app(),), (make_connection(),)))
    refusal = InputError("The app still has connections", "Two.", "Disconnect them first.")

    def remove_app(app_id: str) -> None:
        raise refusal

    hand.services.removing.remove_app = remove_app  # type: ignore[method-assign]
    hand.window.commands.remove_app("a1")
    await until(lambda: hand.window.notices.shown(), "the notice")
    press(named(hand.window, "Notices"), "Leave …")
    await until(lambda: hand.window.findChildren(LeaveDialog), "the dialog")
    (dialog,) = hand.window.findChildren(LeaveDialog)
    assert dialog.isVisible()
    assert "Type 1, the number of connections that go." in words(dialog)
    dialog.reject()
    await hand.settle()


async def test_the_banner_counts_again_when_a_connection_goes_and_comes(hand: Stagehand) -> None:
    hand.services.vault_file = SimpleNamespace(ask=None)
    kept = [replace(make_connection(f"c{n}", f"user{n}"), place=FILE) for n in (1, 2)]
    await hand.open(Snapshot((make_app(),), tuple(kept)))
    status = KeychainStatus(KeychainState.LOCKED, "team.kdbx", "It is.")
    hand.services.emit(KeychainChanged(status, FILE))

    def told() -> str:
        return " ".join(one.message for one in hand.window.notices.shown())

    assert "2 connections" in told()
    hand.services.emit(ConnectionRemoved("c2"))
    assert "1 connection " in told()
    hand.services.emit(ConnectionSaved(kept[1]))
    assert "2 connections" in told()
    # What somebody has closed stays closed.
    hand.window.notices.dismiss("keepass-file")
    hand.services.emit(ConnectionRemoved("c2"))
    assert not told()
    await hand.settle()


async def test_a_copied_path_has_no_invisible_marks(qtbot: QtBot) -> None:
    path = "/home/anna/" + "a-very-long-folder-name/" * 4 + "backup.kdbx"
    text = Text(breakable(path), wraps=True, selectable=True)
    qtbot.addWidget(text)
    text.resize(200, 200)
    text.show()
    text.activateWindow()
    await until(text.isActiveWindow, "activation")
    text.setFocus()
    text.setSelection(0, len(text.text()))
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("before")
    QTest.keyClick(text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == path
    if clipboard.supportsSelection():
        QTest.mouseDClick(text, Qt.MouseButton.LeftButton)
        assert "\u200b" not in clipboard.text(clipboard.Mode.Selection)


@pytest.mark.parametrize("place", [KEYCHAIN, FILE])
async def test_a_place_that_did_not_open_can_be_tried_again(hand: Stagehand, place: str) -> None:
    hand.services.vault_file = SimpleNamespace(ask=None)
    await hand.open(Snapshot((make_app(),), (make_connection(),)))
    failed = KeychainError(ErrorCode.KEYCHAIN_FAILED, "It failed", "Because.", "Do this.")
    hand.services.failures["unlock"] = [failed, failed]
    opened: list[bool] = []
    if place == FILE:
        hand.window.on_demand.vault.unlock(lambda: opened.append(True))
    else:
        hand.window.commands.unlock(KEYCHAIN)
    await until(lambda: hand.services.failures["unlock"] == [failed], "the failure")
    await hand.settle()
    (notice,) = hand.window.notices.shown()
    assert (notice.id == FILE_NOTICE) == (place == FILE)
    press(named(hand.window, "Notices"), "Try again")
    await until(lambda: hand.services.failures["unlock"] == [], "the second failure")
    await hand.settle()
    press(named(hand.window, "Notices"), "Try again")
    await until(lambda: hand.services.asked.count(("unlock",)) == 3, "the third try")
    await hand.settle()
    assert opened == [True] * (place == FILE)


def test_the_line_at_the_bottom_tells_of_the_chosen_place_only(qtbot: QtBot, icons: Icons) -> None:
    state = State(lambda: FILE)
    bar = StatusBar(state, icons, lambda: 0.0)
    qtbot.addWidget(bar)
    state.apply(KeychainChanged(KeychainStatus(KeychainState.READY, "GNOME Keyring"), KEYCHAIN))
    bar.tell()
    assert "GNOME Keyring" not in words(bar)
    state.apply(KeychainChanged(KeychainStatus(KeychainState.LOCKED, ""), FILE))
    bar.tell()
    assert "KeePass file, locked" in words(bar)


@pytest.mark.parametrize("in_practice", [False, True])
def test_the_first_page_promises_no_place_that_may_not_be_the_chosen_one(
    qtbot: QtBot, icons: Icons, in_practice: bool
) -> None:
    page = welcome_page(icons, lambda: None, None, in_practice=in_practice)
    qtbot.addWidget(page)
    told = words(page)
    assert "your system keychain" not in told
    assert "in the system keychain and" not in told
    assert in_practice or "another place of your choice" in told


async def test_two_wishes_before_the_loop_turns_open_the_file_once(
    hand: Stagehand, tmp_path: Path
) -> None:
    await hand.open()
    entered: list[Secret] = []

    async def enter(password: Secret) -> None:
        entered.append(password)

    dialog = UnlockDialog(
        hand.window, tmp_path / "team.kdbx", enter, hand.tasks, hand.icons,
        Clipboard(QGuiApplication.clipboard(), lambda _: None), lambda: None,
    )  # fmt: skip
    dialog.open()
    dialog.password.edit.setText("a password")
    dialog.begin()
    dialog.begin()
    await until(lambda: not dialog.isVisible(), "the end")
    await hand.settle()
    assert len(entered) == 1


@pytest.mark.parametrize(
    ("rows", "entries", "words"),
    [
        (0, 0, ""),
        (1, 1, "It is lost when Adwarden quits. Move it to keep it."),
        (2, 2, "They are lost when Adwarden quits. Move them to keep them."),
        (
            2, 0,
            "2 went with an earlier session: authorize again, or enter the app’s keys again.",
        ),
        (
            3, 1,
            "2 went with an earlier session: authorize again, or enter the app’s keys again. "
            "1 is lost when Adwarden quits. Move it to keep it.",
        ),
        (2, None, "They are lost when Adwarden quits. Move them to keep them."),
    ],
)  # fmt: skip
def test_what_went_with_a_session_is_not_said_to_be_in_memory(
    rows: int, entries: int | None, words: str
) -> None:
    status = KeychainStatus(KeychainState.READY, "")
    assert memory_words(PlaceReport(MEMORY, status, rows, entries)) == words


def test_what_stays_for_one_reason_has_it_said_once() -> None:
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "It is locked", "By hand.", "Unlock it.")
    left = tuple(Left(f"@{n}", locked) for n in range(239))
    told, role = moved_words(Moved(("a", "b"), left))
    assert told == (
        "2 secrets were moved. 239 stay where they were: It is locked. By hand. Unlock it."
    )
    assert role == "error"
    other = KeychainError(ErrorCode.ENTRY_MISSING, "It is gone", "", "")
    told, _ = moved_words(Moved((), (*left[:1], Left("@x", other))))
    assert told.endswith("2 stay where they were: @0: It is locked. @x: It is gone.")


def test_taking_over_from_a_file_says_whose_loss_it_may_be() -> None:
    assert "colleague" in shared_words(FILE)
    assert ": " not in shared_words(FILE)  # it would make a heading of it
    assert shared_words(KEYCHAIN) == ""


@pytest.mark.parametrize(
    ("state", "entries", "told"),
    [
        (KeychainState.READY, 0, "Nothing is kept here."),
        (KeychainState.MISSING, None, "Nothing is kept here."),
        (
            KeychainState.LOCKED,
            None,
            "Nothing on the list is kept here. What else is in it can be told once unlocked.",
        ),
        (KeychainState.FAILED, None, "Nothing on the list is kept here."),
    ],
)
def test_nobody_says_that_a_place_is_empty_who_cannot_look(
    state: KeychainState, entries: int | None, told: str
) -> None:
    report = PlaceReport(KEYCHAIN, KeychainStatus(state, "GNOME Keyring"), 0, entries)
    assert count_words(report, 0, 0) == told
    assert "is open while" not in ABOUT[KEYCHAIN]  # beside “Locked” that is plainly wrong


def test_the_status_bar_tells_of_the_place_that_is_worse_off(qtbot: QtBot, icons: Icons) -> None:
    def heard(state: KeychainState, place: str) -> str:
        backend = "GNOME Keyring" if place == KEYCHAIN else "KeePass file team.kdbx"
        known_of.apply(KeychainChanged(KeychainStatus(state, backend), place))
        bar.tell()
        return words(bar)

    known_of = State()
    bar = StatusBar(known_of, icons, lambda: 0.0)
    qtbot.addWidget(bar)
    assert "GNOME Keyring, unlocked" in heard(KeychainState.READY, KEYCHAIN)
    # A file that nothing is kept in is nobody's trouble.
    assert "GNOME Keyring, unlocked" in heard(KeychainState.LOCKED, FILE)
    known_of.load(Snapshot((replace(make_app(), place=FILE),), ()))
    assert "KeePass file team.kdbx, locked" in heard(KeychainState.LOCKED, FILE)
    assert "KeePass file team.kdbx, missing" in heard(KeychainState.MISSING, FILE)
    assert "GNOME Keyring, unlocked" in heard(KeychainState.READY, FILE)
    assert "GNOME Keyring, locked" in heard(KeychainState.LOCKED, KEYCHAIN)


def test_the_page_before_the_first_connection_counts_no_apps(qtbot: QtBot, icons: Icons) -> None:
    page = first_connection_page(icons, lambda: None)
    qtbot.addWidget(page)
    assert "Your X app is kept" not in words(page)
    assert "an X app of yours" in words(page)


async def test_what_is_wrong_with_a_file_finds_room_in_the_question_about_it(
    hand: Stagehand, tmp_path: Path
) -> None:
    await hand.open()

    async def enter(_: Secret) -> None:
        raise a_backup("team.kdbx")

    dialog = UnlockDialog(
        hand.window, tmp_path / "team.kdbx", enter, hand.tasks, hand.icons,
        Clipboard(QGuiApplication.clipboard(), lambda _: None), lambda: None,
    )  # fmt: skip
    dialog.open()
    dialog.password.edit.setText("a password")
    dialog.begin()
    await until(lambda: bool(dialog.findChildren(NoticeBar)), "the words")
    await hand.settle()
    for bar in dialog.findChildren(NoticeBar):
        assert bar.height() >= bar.heightForWidth(bar.width())
    dialog.reject()
    await hand.settle()
