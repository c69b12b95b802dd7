"""Handing over in the window: what is shown, copied and saved, and that no secret is seen."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import ConnectionState, Snapshot
from adwarden.services.handover.formats import FORMATS
from adwarden.ui.actions import Id
from adwarden.ui.details_place import Place
from adwarden.ui.hand_over_dialog import HandOverDialog
from adwarden.ui.hand_over_words import FIELDS, ROWS, groups, short_of
from tests.fakes.services import make_app, make_connection, make_entry
from tests.services.handover.keys import (
    KEY,
    KEY_SECRET,
    OTHER_KEY,
    OTHER_KEY_SECRET,
    OTHER_TOKEN,
    OTHER_TOKEN_SECRET,
    TOKEN,
    TOKEN_SECRET,
)
from tests.ui.stagehand import Stagehand, named, press, until

ONE = Snapshot((make_app(),), (make_connection(),), {"c1": (make_entry(),)})
SECRETS = (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)
FOREIGN = f"""# ours
profiles:
  contoso:
    {OTHER_KEY}:
      username: contoso
      consumer_key: {OTHER_KEY}
      consumer_secret: {OTHER_KEY_SECRET}
      token: {OTHER_TOKEN}
      secret: {OTHER_TOKEN_SECRET}
configuration:
  default_profile:
  - contoso
  - {OTHER_KEY}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the tools' files a home of their own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def written(root: QWidget) -> str:
    """Return everything that can be read in a dialog, by eyes or by a screen reader."""
    parts = [part for part in root.findChildren(QWidget) if part.isVisible()]
    found = [part.accessibleName() for part in parts]
    found += [part.accessibleDescription() for part in parts]
    found += [part.toolTip() for part in parts]
    found += [part.text() for part in parts if isinstance(part, QLabel | QAbstractButton)]
    found += [part.toPlainText() for part in parts if isinstance(part, QPlainTextEdit)]
    found += [part.text() for part in parts if isinstance(part, QLineEdit)]
    return "\n".join(found)


def preview(dialog: QDialog) -> str:
    found = named(dialog, "Preview", QPlainTextEdit)
    assert isinstance(found, QPlainTextEdit)
    return found.toPlainText()


def file(dialog: QDialog) -> QLineEdit:
    found = named(dialog, "File", QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def beside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def shown(hand: Stagehand) -> HandOverDialog | None:
    found = [one for one in hand.window.findChildren(HandOverDialog) if one.isVisible()]
    return found[0] if found else None


async def appeared(hand: Stagehand) -> HandOverDialog:
    """Wait until the dialog is there and has read the secrets, or could not."""
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    await until(lambda: dialog.settled, "the secrets")
    return dialog


async def opened(hand: Stagehand, place: Place | None = None) -> HandOverDialog:
    hand.window.on_demand.handing.hand_over(place or Place("", "c1"))
    return await appeared(hand)


async def choose(dialog: HandOverDialog, key: str) -> None:
    """Choose a format and wait for what is said of its file."""
    dialog._body.list.choose(key)
    await looked(dialog)


async def looked(dialog: HandOverDialog) -> None:
    await until(lambda: dialog.settled and dialog._draft is not None, "the look at the file")


async def name_file(dialog: HandOverDialog, path: Path) -> None:
    file(dialog).selectAll()
    QTest.keyClicks(file(dialog), str(path))
    await until(
        lambda: dialog._draft is not None and dialog._draft.path == path, "the look at the file"
    )


async def over(hand: Stagehand, dialog: HandOverDialog) -> None:
    dialog.reject()
    await until(lambda: shown(hand) is None, "the end")
    await hand.settle()


def test_every_format_has_its_row_and_its_words() -> None:
    listed = [key for group in groups() for key in group.ids]
    assert sorted(listed) == sorted([*FORMATS, FIELDS])
    assert all(len(short_of(key)) < 45 for key in listed)


@pytest.mark.parametrize("key", [*FORMATS, FIELDS])
async def test_no_secret_is_to_be_seen(hand: Stagehand, key: str) -> None:
    await hand.open(ONE)
    dialog = await opened(hand, Place("", "c1", "18ce54d4x5t"))
    if key == FIELDS:
        dialog._body.list.choose(key)
    else:
        await choose(dialog, key)
        assert preview(dialog)
    read = written(dialog)
    assert not [secret for secret in SECRETS if secret in read]
    await over(hand, dialog)


async def test_by_the_keyboard_from_the_key_to_the_file(hand: Stagehand, home: Path) -> None:
    await hand.open(ONE)
    hand.window._selecting.focus_connection("c1")
    QTest.keyClick(
        hand.window, Qt.Key.Key_E,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )  # fmt: skip
    dialog = await appeared(hand)
    await until(dialog._body.list.hasFocus, "the focus")
    await looked(dialog)
    assert "X_API_KEY=••••" in preview(dialog)
    await name_file(dialog, home / "northwind.env")
    assert "new file" in dialog._page.target.field.said()
    QTest.keyClick(file(dialog), Qt.Key.Key_Return)
    await until(lambda: (home / "northwind.env").exists(), "the file")
    await until(lambda: "northwind.env was written" in written(dialog), "the outcome")
    text = (home / "northwind.env").read_text()
    assert f"X_API_KEY={KEY}\n" in text
    assert f"X_ACCESS_TOKEN_SECRET={TOKEN_SECRET}\n" in text
    if os.name != "nt":
        assert stat.S_IMODE((home / "northwind.env").stat().st_mode) == 0o600
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: shown(hand) is None, "the end")
    await hand.settle()
    # What was used last is where one begins the next time.
    dialog = await opened(hand)
    assert Path(file(dialog).text()) == home / ".env"
    await over(hand, dialog)


async def test_names_of_variables_and_the_ad_account(hand: Stagehand) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    families = named(dialog, "Names of the variables", QComboBox)
    assert isinstance(families, QComboBox)
    families.setCurrentIndex(families.findData("twitter"))
    await until(lambda: "TWITTER_CONSUMER_KEY=••••" in preview(dialog), "the other names")
    assert "ACCOUNT_ID" not in preview(dialog)
    accounts = named(dialog, "Ad account", QComboBox)
    assert isinstance(accounts, QComboBox)
    accounts.setCurrentIndex(1)
    await until(lambda: "TWITTER_ADS_ACCOUNT_ID=18ce54d4x5t" in preview(dialog), "the account")
    await over(hand, dialog)


async def test_a_copy_is_a_secret_where_it_holds_one(hand: Stagehand) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    press(dialog, "Copy")
    await until(lambda: f"X_API_KEY={KEY}" in clipboard(), "the copy")
    assert "cleared in" in written(dialog)
    press(dialog, "Clear the clipboard now")
    assert clipboard() == ""
    await choose(dialog, "tweepy")
    press(dialog, "Copy")
    await until(lambda: "tweepy.OAuth1UserHandler" in clipboard(), "the copy")
    assert "cleared in" not in written(dialog)
    await choose(dialog, "curl")
    press(dialog, "Copy")
    await until(lambda: "Authorization: OAuth" in clipboard(), "the copy")
    assert "cleared in" in written(dialog)
    await over(hand, dialog)


async def test_field_by_field_with_one_key_each(hand: Stagehand) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    dialog._body.list.choose(FIELDS)
    values = ("@northwind_ads · Agency app", KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)
    for number, value in enumerate(values):
        QTest.keyClick(dialog._body.list, Qt.Key(Qt.Key.Key_1 + number))
        assert clipboard() == value
        if number:
            assert f"{ROWS[number].title} copied" in written(dialog)
            assert "cleared in" in written(dialog)
    # Out of turn, and from there on one after the other.
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(dialog._body.list, Qt.Key.Key_3)
    for value in (TOKEN, TOKEN_SECRET, values[0], KEY):
        QTest.keyClick(dialog._body.list, Qt.Key.Key_C, modifiers)
        assert clipboard() == value
    assert "comes next" in named(dialog, "Copy Consumer secret").accessibleDescription()
    assert "copied" in named(dialog, "Copy Consumer key").accessibleDescription()
    read = written(dialog)
    assert not [secret for secret in SECRETS if secret in read]
    # The numbers are the page's alone: elsewhere they may be typed.
    hand.window.clipboard.clear_now()
    await choose(dialog, "env")
    QTest.keyClick(dialog._body.list, Qt.Key.Key_2)
    assert clipboard() == ""
    await over(hand, dialog)


async def test_a_file_of_others_is_merged_with_a_copy_beside_it(
    hand: Stagehand, home: Path
) -> None:
    (home / ".twurlrc").write_text(FOREIGN)
    (home / ".twurlrc").chmod(0o644)
    await hand.open(ONE)
    dialog = await opened(hand)
    await choose(dialog, "twurlrc")
    seen = preview(dialog)
    assert "contoso" in seen
    assert "northwind_ads" in seen
    assert OTHER_KEY_SECRET not in seen
    assert OTHER_TOKEN not in seen
    told = written(dialog)
    assert "Merged into .twurlrc" in told
    assert ".twurlrc.adwarden-backup-" in told.replace("\u200b", "")
    assert "Others can read this file now" in told
    press(dialog, "Save")
    await until(lambda: ".twurlrc was written" in written(dialog), "the outcome")
    now = (home / ".twurlrc").read_text()
    assert now.startswith("# ours\n")
    assert all(value in now for value in (OTHER_KEY_SECRET, TOKEN_SECRET))
    (backup,) = [one for one in beside(home) if ".twurlrc.adwarden-backup-" in one.name]
    assert backup.read_text() == FOREIGN
    assert backup.name in written(dialog).replace("\u200b", "")
    # A second time there is nothing to do.
    await looked(dialog)
    await until(lambda: "nothing will change" in written(dialog), "the words")
    default = named(dialog, "Make it the default profile", QCheckBox)
    assert isinstance(default, QCheckBox)
    default.click()
    await until(lambda: "Merged into" in written(dialog), "the other plan")
    press(dialog, "Copy its part")
    await until(lambda: TOKEN_SECRET in clipboard(), "the copy")
    assert OTHER_TOKEN_SECRET not in clipboard()
    await over(hand, dialog)


async def test_a_file_that_cannot_be_merged_keeps_nobody_from_copying(
    hand: Stagehand, home: Path
) -> None:
    (home / ".twurlrc").write_text("profiles: [\n")
    await hand.open(ONE)
    dialog = await opened(hand)
    dialog._body.list.choose("twurlrc")
    await until(lambda: "not well formed" in written(dialog).replace("\u200b", ""), "the words")
    await until(lambda: "northwind_ads" in preview(dialog), "the preview by itself")
    press(dialog, "Copy its part")
    await until(lambda: TOKEN_SECRET in clipboard(), "the copy")
    press(dialog, "Save")
    await until(lambda: dialog.settled, "the refusal")
    assert (home / ".twurlrc").read_text() == "profiles: [\n"
    await over(hand, dialog)


async def test_what_is_there_is_only_replaced_after_a_question(hand: Stagehand, home: Path) -> None:
    there = home / "mine.env"
    there.write_text("A=1\n")
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    await name_file(dialog, there)
    assert "will be replaced, with all that is in it" in written(dialog)

    async def ask(answer: str) -> None:
        press(dialog, "Save")
        await until(lambda: dialog.findChildren(QDialog), "the question")
        question = dialog.findChildren(QDialog)[0]
        press(question, answer)
        await until(lambda: dialog.settled, "the answer")

    await ask("Cancel")
    assert there.read_text() == "A=1\n"
    await until(lambda: not dialog.findChildren(QDialog), "the question is gone")
    await ask("Replace")
    assert KEY in there.read_text()
    (backup,) = [one for one in beside(home) if "mine.env.adwarden-backup-" in one.name]
    assert backup.read_text() == "A=1\n"
    assert backup.name in written(dialog).replace("\u200b", "")
    await over(hand, dialog)


async def test_a_file_that_changed_since_the_preview_is_looked_at_again(
    hand: Stagehand, home: Path
) -> None:
    theirs = home / ".twurlrc"
    theirs.write_text(FOREIGN)
    await hand.open(ONE)
    dialog = await opened(hand)
    await choose(dialog, "twurlrc")
    assert "contoso" in preview(dialog)
    now = FOREIGN.replace("contoso", "fabrikam")
    theirs.write_text(now)
    press(dialog, "Save")
    await until(lambda: "save again" in written(dialog), "the words")
    await until(lambda: dialog.settled, "the end of it")
    assert theirs.read_text() == now
    assert "fabrikam" in preview(dialog)
    press(dialog, "Save")
    await until(lambda: TOKEN_SECRET in theirs.read_text(), "the file")
    await until(lambda: dialog.settled, "the end of it")
    assert "fabrikam" in theirs.read_text()
    await over(hand, dialog)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("{home}/folder", "is a folder"),
        ("/dev/null", "a device"),
        ("{home}/none/x.env", "The folder of"),
    ],
)
async def test_a_place_that_cannot_be_written_is_refused_before_it_is_saved(
    hand: Stagehand, home: Path, path: str, told: str
) -> None:
    (home / "folder").mkdir()
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    file(dialog).selectAll()
    QTest.keyClicks(file(dialog), path.format(home=home))

    def said() -> str:
        return dialog._page.target.field.said().replace("\u200b", "")

    await until(lambda: told in said(), "the refusal")
    assert "will be" not in said()
    press(dialog, "Save")
    await until(lambda: dialog.settled, "the end of it")
    assert not dialog.findChildren(QDialog)
    assert told in said()
    await over(hand, dialog)


async def test_a_program_without_secrets_may_be_committed(hand: Stagehand, home: Path) -> None:
    (home / "work" / ".git").mkdir(parents=True)
    await hand.open(ONE)
    dialog = await opened(hand)
    await choose(dialog, "tweepy")
    await name_file(dialog, home / "work" / "who_am_i.py")
    assert "git" not in dialog._page.target._warning.text()
    await choose(dialog, "json")
    await name_file(dialog, home / "work" / "keys.json")
    assert "git work tree" in dialog._page.target._warning.text().replace("\u200b", "")
    await over(hand, dialog)


async def test_what_is_said_of_the_file_is_read_before_it_is_written(
    hand: Stagehand, home: Path
) -> None:
    (home / "work" / ".git").mkdir(parents=True)
    wanted = home / "work" / "new.env"
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    # Saved with the very key that ends the name: nobody can have seen the warning yet.
    file(dialog).setText(str(wanted))
    press(dialog, "Save")
    await until(lambda: "save again" in written(dialog), "the words")
    assert "git work tree" in written(dialog).replace("\u200b", "")
    assert not wanted.exists()
    press(dialog, "Save")
    await until(wanted.exists, "the file")
    await until(lambda: dialog.settled, "the end of it")
    await over(hand, dialog)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "Choose the file"),
        ("a.env", "begin at the root"),
        ("~root/a.env", "begin at the root"),
        ("/", "folder"),
    ],
)
async def test_what_is_no_file_is_said_beside_the_line(
    hand: Stagehand, path: str, words: str
) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    file(dialog).setText(path)
    press(dialog, "Save")
    assert words in dialog._page.target.field.said()
    assert words in file(dialog).accessibleDescription()
    await until(file(dialog).hasFocus, "the focus")
    await over(hand, dialog)


async def test_the_file_dialog_names_the_file(hand: Stagehand, home: Path) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    press(dialog, "Choose the file")
    await until(lambda: dialog.findChildren(QFileDialog), "the file dialog")
    chooser = dialog.findChildren(QFileDialog)[0]
    chooser.fileSelected.emit(str(home / "chosen.env"))
    chooser.reject()
    await until(lambda: dialog._draft is not None and dialog.settled, "the look")
    assert file(dialog).text() == str(home / "chosen.env")
    # It is there again for whoever comes back to the format.
    await choose(dialog, "json")
    assert file(dialog).text().endswith("x-credentials.json")
    await choose(dialog, "env")
    assert file(dialog).text() == str(home / "chosen.env")
    await over(hand, dialog)


async def test_a_request_that_cannot_be_signed_is_said_beside_its_line(hand: Stagehand) -> None:
    await hand.open(ONE)
    dialog = await opened(hand, Place("", "c1", "18ce54d4x5t"))
    await choose(dialog, "curl")
    address = named(dialog, "Address", QLineEdit)
    assert isinstance(address, QLineEdit)
    assert address.text() == "https://ads-api.x.com/12/accounts/18ce54d4x5t"
    assert "••••" in preview(dialog)
    address.clear()
    QTest.keyClicks(address, "http://example.com/")
    await until(lambda: "https alone" in address.accessibleDescription(), "the words")
    assert preview(dialog) == ""
    address.clear()
    QTest.keyClicks(address, "https://api.x.com/2/users/me")
    await until(lambda: "users/me" in preview(dialog), "the signed request")
    assert "https alone" not in address.accessibleDescription()
    await over(hand, dialog)


async def test_a_locked_place_is_unlocked_from_here(hand: Stagehand) -> None:
    await hand.open(ONE)
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "It is locked", "So it is.", "Unlock it.")
    hand.services.failures["set_of"] = [locked]
    dialog = await opened(hand)
    await until(lambda: "It is locked" in written(dialog), "the words")
    assert not named(dialog, "Copy", QAbstractButton).isEnabled()
    assert not named(dialog, "Save", QAbstractButton).isEnabled()
    press(dialog, "Unlock and retry")
    await looked(dialog)
    assert ("unlock",) in hand.services.asked
    assert "It is locked" not in written(dialog)
    assert "X_API_KEY=••••" in preview(dialog)
    await over(hand, dialog)


async def test_what_was_saved_is_not_said_to_get_lost(hand: Stagehand, home: Path) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    await name_file(dialog, home / "mine.env")
    press(dialog, "Save")
    await until(lambda: "holds this now" in written(dialog), "the words")
    # Saving again asks, as it would for any other file.
    press(dialog, "Save")
    await until(lambda: dialog.findChildren(QDialog), "the question")
    question = dialog.findChildren(QDialog)[0]
    await until(question.isVisible, "the question")
    press(question, "Cancel")
    await until(lambda: dialog.settled, "the answer")
    await over(hand, dialog)


async def test_a_token_that_does_nothing_is_told_before_it_is_handed_over(hand: Stagehand) -> None:
    lost = make_connection(state=ConnectionState.REVOKED)
    await hand.open(Snapshot((make_app(),), (lost,)))
    dialog = await opened(hand)
    assert "This connection is revoked" in written(dialog)
    await over(hand, dialog)


async def test_what_failed_is_tried_again(hand: Stagehand) -> None:
    await hand.open(ONE)
    gone = KeychainError(ErrorCode.ENTRY_MISSING, "The entry is gone", "Somebody removed it.", "")
    hand.services.failures["set_of"] = [gone]
    dialog = await opened(hand)
    await until(lambda: "The entry is gone" in written(dialog), "the words")
    # It stays while one looks around: without it nothing would say why nothing is shown.
    dialog._body.list.choose("json")
    assert "The entry is gone" in written(dialog)
    press(dialog, "Try again")
    await looked(dialog)
    await over(hand, dialog)


async def test_the_key_of_lock_closes_and_clears(hand: Stagehand) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    dialog._body.list.choose(FIELDS)
    QTest.keyClick(dialog._body.list, Qt.Key.Key_5)
    assert clipboard() == TOKEN_SECRET
    QTest.keyClick(dialog._body.list, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: shown(hand) is None, "the end")
    assert clipboard() == ""
    assert not dialog._source.held
    await hand.settle()


async def test_closing_it_ends_the_wait_and_forgets(hand: Stagehand) -> None:
    await hand.open(ONE)
    hand.services.gates["set_of"] = asyncio.Event()
    hand.window.on_demand.handing.hand_over(Place("", "c1"))
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    await until(lambda: dialog._bar.isVisible(), "the progress")
    await over(hand, dialog)
    assert not dialog._source.held


async def test_closed_while_the_file_is_written_it_is_told_in_the_window(
    hand: Stagehand, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    await looked(dialog)
    await name_file(dialog, home / "mine.env")
    began = asyncio.Event()

    async def slow(*_: object, **__: object) -> None:
        began.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(dialog._source, "write", slow)
    press(dialog, "Save")
    await asyncio.wait_for(began.wait(), 5)
    await over(hand, dialog)
    (told,) = [one for one in hand.window.notices.shown() if one.id == "hand-over-cut-short"]
    assert told.title == "mine.env was being written when its dialog was closed."


async def test_a_second_wish_raises_the_one_that_is_open(hand: Stagehand) -> None:
    await hand.open(ONE)
    dialog = await opened(hand)
    hand.window.on_demand.handing.hand_over(Place("", "c1"))
    hand.window.on_demand.handing.find(Place())
    assert [one for one in hand.window.findChildren(QDialog) if one.isVisible()] == [dialog]
    await over(hand, dialog)


async def test_it_is_on_the_page_and_in_the_menu_of_a_connection(hand: Stagehand) -> None:
    await hand.open(ONE)
    hand.window._selecting.focus_connection("c1")
    assert hand.window._actions[Id.HAND_OVER].isEnabled()
    await hand.settle()
    press(hand.window, "Hand over this connection")
    await over(hand, await appeared(hand))
