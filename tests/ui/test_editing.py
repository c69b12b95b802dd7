"""Editing apps and connections, pasting tokens, and the lines of the details about secrets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTreeView,
    QWidget,
)

from adwarden.domain.errors import ErrorCode, InputError, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, AppAccess, Snapshot
from adwarden.services.events import KeychainChanged, RefreshEnded
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.app_editor import EditAppDialog
from adwarden.ui.connection_editor import AddTokenDialog, EditConnectionDialog
from adwarden.ui.details_place import Place
from adwarden.ui.reveal import Reveal
from adwarden.ui.saving_dialog import SavingDialog
from tests.fakes.services import make_app, make_connection, make_entry
from tests.ui.stagehand import Stagehand, named, press, until
from tests.ui.test_main_window import tree

TOKEN = "891340027715584001-" + "a1B2c3D4e5" * 4
SECRET = "s" * 45


def world(*, holds: tuple[str, ...] = (), label: str = "", note: str = "") -> Snapshot:
    app = replace(make_app(), holds=holds, note="the agency’s own app")
    other = make_app("a2", "Test app")
    connection = replace(make_connection(), label=label, note=note)
    return Snapshot(
        (app, other), (connection, make_connection("c2", "contoso")), {"c1": (make_entry(),)}
    )


def choose(hand: Stagehand, row: int, child: int = -1) -> None:
    """Select an app's row of the rail, or one of its connections."""
    rail = named(hand.window, "X apps and connections")
    assert isinstance(rail, QTreeView)
    model = rail.model()
    index = model.index(row, 0)
    rail.setCurrentIndex(index if child < 0 else model.index(child, 0, index))
    rail.setFocus()


async def opened(hand: Stagehand) -> SavingDialog:
    found: list[SavingDialog] = []

    def there() -> bool:
        found[:] = [one for one in hand.window.findChildren(SavingDialog) if one.isVisible()]
        return bool(found)

    await until(there, "the dialog")
    return found[0]


async def closed(hand: Stagehand) -> None:
    await until(
        lambda: not any(one.isVisible() for one in hand.window.findChildren(SavingDialog)),
        "the end of the dialog",
    )
    await hand.settle()


def field(dialog: QWidget, name: str) -> QLineEdit:
    found = named(dialog, name, QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def paste(dialog: QWidget, name: str, text: str) -> None:
    QApplication.clipboard().setText(text)
    field(dialog, name).setFocus()
    field(dialog, name).paste()


def words(root: QWidget) -> str:
    return "\n".join(label.text() for label in root.findChildren(QLabel) if label.isVisible())


# Apps


async def edit_app(hand: Stagehand, snapshot: Snapshot) -> EditAppDialog:
    await hand.open(snapshot)
    choose(hand, 0)
    QTest.keyClick(hand.window, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    dialog = await opened(hand)
    assert isinstance(dialog, EditAppDialog)
    return dialog


async def test_an_app_is_edited_from_the_keyboard(hand: Stagehand) -> None:
    dialog = await edit_app(hand, world())
    assert dialog.windowTitle() == dialog.accessibleName() == "Edit X app"
    name = field(dialog, "App name")
    assert dialog.focusWidget() is name
    assert name.text() == "Agency app"
    note = named(dialog, "Note", QPlainTextEdit)
    assert isinstance(note, QPlainTextEdit)
    assert note.toPlainText() == "the agency’s own app"
    access = named(dialog, "App access", QComboBox)
    assert isinstance(access, QComboBox)
    access.setCurrentIndex(access.findData(AppAccess.CONVERSION_ONLY))
    name.setText("Our app")
    note.setPlainText("two\nlines")
    paste(dialog, "Client ID", ' client_id: "Y2xpZW50LWlkOjE6Y2k" ')
    assert words(dialog).count("None kept") == 2
    QTest.keyClick(name, Qt.Key.Key_Return)
    await closed(hand)
    assert (
        "edit", "a1", "Our app", AppAccess.CONVERSION_ONLY, "two\nlines", "client_id", "removed",
    ) in hand.services.asked  # fmt: skip
    (typed,) = hand.services.apps.typed
    assert typed["client_id"].unwrap() == "Y2xpZW50LWlkOjE6Y2k"
    assert "Our app" in words(named(hand.window, "Details"))


async def test_what_is_kept_is_said_and_never_shown(hand: Stagehand) -> None:
    dialog = await edit_app(hand, world(holds=("bearer", "client_secret")))
    assert words(dialog).count("None kept") == 1  # the client ID
    for name in ("Bearer token", "Client secret"):
        one = field(dialog, name)
        assert one.text() == ""
        assert one.accessibleDescription() == "Kept"
        assert "Leave empty" in one.placeholderText()
    press(dialog, "Remove Client secret")
    assert not field(dialog, "Client secret").isEnabled()
    assert "removed when you save" in field(dialog, "Client secret").accessibleDescription()
    press(dialog, "Keep Client secret")
    assert field(dialog, "Client secret").isEnabled()
    press(dialog, "Remove Client secret")
    press(dialog, "Save")
    await closed(hand)
    asked = next(one for one in hand.services.asked if one[0] == "edit")
    assert asked[-2:] == ("removed", "client_secret")
    assert not [one for one in hand.services.asked if one[0] in ("secret", "token")]


async def test_the_bearer_token_is_fetched_and_invalidated_at_once(hand: Stagehand) -> None:
    dialog = await edit_app(hand, world())
    assert not any(
        one.accessibleName().startswith("Invalidate") and one.isVisible()
        for one in dialog.findChildren(QWidget)
    )
    press(dialog, "Fetch bearer token")
    await until(lambda: "Fetched from X" in words(dialog), "fetching")
    assert field(dialog, "Bearer token").placeholderText()
    press(dialog, "Invalidate the bearer token")
    question = await until_question(dialog)
    press(question, "Cancel")
    await until(lambda: not question.isVisible(), "the answer")
    assert ("invalidate_bearer", "a1") not in hand.services.asked
    press(dialog, "Invalidate the bearer token")
    press(await until_question(dialog), "Invalidate")
    await until(lambda: "has forgotten it" in words(dialog), "invalidating")
    assert not field(dialog, "Bearer token").placeholderText()
    press(dialog, "Cancel")
    await closed(hand)
    assert not [one for one in hand.services.asked if one[0] == "edit"]


async def until_question(dialog: QWidget) -> QWidget:
    name = "Invalidate the bearer token?"
    found: list[QWidget] = []

    def there() -> bool:
        found[:] = [
            one
            for one in dialog.findChildren(QWidget)
            if one.isWindow() and one.accessibleName() == name and one.isVisible()
        ]
        return bool(found)

    await until(there, "the question")
    return found[0]


@pytest.mark.parametrize("name", ["label", "note", "bearer", "client_id", "client_secret"])
async def test_a_refusal_stands_beside_its_field(hand: Stagehand, name: str) -> None:
    dialog = await edit_app(hand, world())
    refusal = InputError("Too long", "An entry may have 1,000 characters.", field=name)
    hand.services.failures["edit"] = [refusal]
    field(dialog, "Client secret").setText("typed before")
    press(dialog, "Save")
    await until(lambda: "1,000 characters" in words(dialog), "the refusal")
    titles = {
        "label": "App name", "note": "Note", "bearer": "Bearer token", "client_id": "Client ID",
        "client_secret": "Client secret",
    }  # fmt: skip
    assert dialog.focusWidget().accessibleName() == titles[name]
    assert field(dialog, "Client secret").text() == "typed before"
    press(dialog, "Save")
    await closed(hand)


async def test_a_locked_keychain_is_unlocked_and_the_same_done_again(hand: Stagehand) -> None:
    dialog = await edit_app(hand, world())
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "It is locked", "So it is.")
    hand.services.failures["fetch_bearer"] = [locked]
    press(dialog, "Fetch bearer token")
    await until(lambda: "It is locked" in words(dialog), "the error")
    press(dialog, "Unlock and retry")
    await until(lambda: "Fetched from X" in words(dialog), "fetching")
    assert ("unlock",) in hand.services.asked
    press(dialog, "Cancel")
    await closed(hand)


async def test_the_wrong_kind_of_secret_is_refused_before_it_is_kept(hand: Stagehand) -> None:
    dialog = await edit_app(hand, world())
    paste(dialog, "Bearer token", TOKEN)
    press(dialog, "Save")
    assert dialog.isVisible()
    assert "access token of a user" in words(dialog)
    paste_over = field(dialog, "Bearer token")
    paste_over.clear()
    bearer = "A" * 22 + "x" * 50 + "%2F" + "y" * 30
    paste(dialog, "Bearer token", f"Authorization: Bearer {bearer}")
    assert paste_over.text() == bearer
    press(dialog, "Save")
    await closed(hand)
    assert hand.services.apps.typed[0]["bearer"].unwrap() == bearer


# Connections


async def test_a_connection_gets_a_name_beside_its_handle(hand: Stagehand) -> None:
    await hand.open(world())
    choose(hand, 0, 1)
    QTest.keyClick(hand.window, Qt.Key.Key_F2)
    dialog = await opened(hand)
    assert isinstance(dialog, EditConnectionDialog)
    assert "@northwind_ads through Agency app" in words(dialog).replace("\u200b", "")
    QTest.keyClicks(field(dialog, "Name"), "Our main one")
    note = named(dialog, "Note", QPlainTextEdit)
    assert isinstance(note, QPlainTextEdit)
    note.setPlainText("asks Anna\nnever Bob")
    press(dialog, "Save")
    await closed(hand)
    shown = words(named(hand.window, "Details"))
    assert "@northwind_ads" in shown
    assert "Our main one" in shown
    assert "asks Anna\nnever Bob" in shown
    rail = named(hand.window, "X apps and connections")
    assert isinstance(rail, QTreeView)
    row = rail.model().index(1, 0, rail.model().index(0, 0))
    spoken = row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("@northwind_ads")
    assert "Our main one" in spoken
    model = tree(hand).model()
    spoken = [
        model.index(n, 0).data(Qt.ItemDataRole.AccessibleTextRole)
        for n in range(model.rowCount(QModelIndex()))
    ]
    assert any("@northwind_ads" in one and "called Our main one" in one for one in spoken)


@pytest.mark.parametrize(
    ("query", "handles"),
    [
        ("main", ["@northwind_ads"]),
        ("name:main", ["@northwind_ads"]),
        ("anna", ["@northwind_ads"]),
        ("name:anna", []),
        ("agency’s", ["@contoso", "@northwind_ads"]),
        ("-main agency’s", ["@contoso"]),
    ],
)
async def test_names_and_notes_are_found(hand: Stagehand, query: str, handles: list[str]) -> None:
    await hand.open(world(label="Our main one", note="asks\nAnna"))
    view = tree(hand)
    view.set_filter(query)
    await hand.settle()
    model = view.model()
    rows = [model.index(n, 0) for n in range(model.rowCount(QModelIndex()))]
    found = [row.data(Qt.ItemDataRole.DisplayRole) for row in rows]
    assert sorted(found) == handles


async def test_a_name_is_seen_by_ad_account_as_well(hand: Stagehand) -> None:
    await hand.open(world(label="Our main one"))
    press(hand.window, "By ad account")
    await hand.settle()
    view = tree(hand)
    view.expandAll()
    model = view.model()
    row = model.index(0, 0, model.index(0, 0))
    spoken = row.data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("@northwind_ads")
    assert "Our main one" in spoken


# Tokens


async def add_token(hand: Stagehand, *, child: int = -1) -> AddTokenDialog:
    await hand.open(world())
    choose(hand, 0, child)
    QTest.keyClick(hand.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    dialog = await opened(hand)
    assert isinstance(dialog, AddTokenDialog)
    return dialog


@pytest.mark.parametrize(
    "text",
    [
        f"ACCESS_TOKEN={TOKEN}\nACCESS_TOKEN_SECRET={SECRET}\n",
        f"Access Token\n{TOKEN}\nAccess Token Secret\n{SECRET}",
    ],
)
async def test_a_pasted_pair_is_kept_and_refreshed(hand: Stagehand, text: str) -> None:
    dialog = await add_token(hand)
    paste(dialog, "Access token", text)
    assert field(dialog, "Access token").text() == TOKEN
    assert field(dialog, "Access token secret").text() == SECRET
    press(dialog, "Save")
    await closed(hand)
    (pair,) = hand.services.pasting.taken
    assert (pair[0].unwrap(), pair[1].unwrap()) == (TOKEN, SECRET)
    assert ("paste", "a1", "") in hand.services.asked
    assert ("refresh", "new") in hand.services.asked


async def token_of_contoso(hand: Stagehand) -> AddTokenDialog:
    await hand.open(world())
    choose(hand, 0, 0)
    await hand.settle()
    press(named(hand.window, "Details"), "Add token")
    dialog = await opened(hand)
    assert isinstance(dialog, AddTokenDialog)
    return dialog


async def test_with_a_connection_selected_anybodys_token_is_taken(hand: Stagehand) -> None:
    dialog = await add_token(hand, child=0)
    assert "A new token for" not in words(dialog)
    app = named(dialog, "X app", QComboBox)
    assert isinstance(app, QComboBox)
    assert app.isEnabled()
    assert app.currentData() == "a1"
    paste(dialog, "Access token", f"{TOKEN}\n{SECRET}")
    press(dialog, "Save")
    await closed(hand)
    assert ("paste", "a1", "") in hand.services.asked


@pytest.mark.parametrize("told_by_x", [False, True])
async def test_another_users_token_is_kept_as_a_new_connection_instead(
    hand: Stagehand, told_by_x: bool
) -> None:
    dialog = await token_of_contoso(hand)
    instead = "Keep it as a new connection instead"
    assert instead not in {
        one.accessibleName() for one in dialog.findChildren(QWidget) if one.isVisible()
    }
    paste(dialog, "Access token", "A" * 45 if told_by_x else TOKEN)
    paste(dialog, "Access token secret", SECRET)
    if told_by_x:
        refusal = InputError("This is another user’s token", "It is so.", field="token")
        hand.services.failures["paste"] = [refusal]
        press(dialog, "Save")
        await until(lambda: "It is so." in words(dialog), "the refusal")
    press(dialog, instead)
    assert "@contoso" not in words(dialog)
    assert named(dialog, "X app", QComboBox).isEnabled()
    press(dialog, "Save")
    await closed(hand)
    assert ("paste", "a1", "") in hand.services.asked
    assert len(hand.services.pasting.taken) == 1


async def test_another_users_token_is_refused_offline(hand: Stagehand) -> None:
    dialog = await token_of_contoso(hand)
    assert not named(dialog, "X app", QComboBox).isEnabled()
    paste(dialog, "Access token", TOKEN)
    paste(dialog, "Access token secret", SECRET)
    assert "@contoso is the user" in words(dialog)
    press(dialog, "Save")
    assert dialog.isVisible()
    assert not [one for one in hand.services.asked if one[0] == "paste"]
    press(dialog, "Cancel")
    await closed(hand)


async def test_exchanged_fields_are_exchanged_back(hand: Stagehand) -> None:
    dialog = await add_token(hand)
    paste(dialog, "Access token", SECRET)
    paste(dialog, "Access token secret", TOKEN)
    press(dialog, "Exchange the two")
    assert field(dialog, "Access token").text() == TOKEN
    press(dialog, "Save")
    await closed(hand)


async def test_nothing_is_asked_for_what_is_missing(hand: Stagehand) -> None:
    dialog = await add_token(hand)
    press(dialog, "Save")
    assert "Paste the access token." in words(dialog)
    assert dialog.focusWidget() is field(dialog, "Access token")
    field(dialog, "Access token").setText(TOKEN)
    dialog.done(0)
    assert {one.text() for one in dialog.findChildren(QLineEdit)} == {""}
    await closed(hand)


# Secrets in the details


async def test_secrets_are_copied_one_at_a_time(hand: Stagehand) -> None:
    await hand.open(world(holds=("bearer",)))
    choose(hand, 0)
    await hand.settle()
    assert not [one for one in hand.services.asked if one[0] in ("secret", "token")]
    shown = words(named(hand.window, "Details")).replace("\u200b", "")
    assert "None kept: Client ID, Client secret" in shown
    press(hand.window, "Copy Bearer token")
    await until(lambda: QApplication.clipboard().text() == "the bearer of a1", "the copy")
    choose(hand, 0, 0)
    await hand.settle()
    press(hand.window, "Copy Access token secret")
    await until(lambda: QApplication.clipboard().text() == "the secret of c2", "the copy")
    await hand.settle()
    asked = [one for one in hand.services.asked if one[0] in ("secret", "token")]
    assert asked == [("secret", "a1", "bearer"), ("token", "c2", "secret")]


async def test_the_first_picture_has_no_lines_of_secrets(hand: Stagehand) -> None:
    snapshot = hand.services.snapshot = world()
    hand.window.load(snapshot)
    hand.window.show()
    choose(hand, 0)
    await hand.settle_window()
    assert "Agency app" in words(named(hand.window, "Details"))
    assert "Secrets" not in words(named(hand.window, "Details"))
    hand.window.on_demand.start()
    hand.window.commands.check_keychain()  # as every start does
    await hand.settle()
    assert "Secrets" in words(named(hand.window, "Details"))


async def test_a_secret_that_cannot_be_read_is_told(hand: Stagehand) -> None:
    await hand.open(world())
    choose(hand, 0)
    await hand.settle()
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "It is locked", "So it is.")
    hand.services.failures["secret"] = [locked]
    press(hand.window, "Copy API key")
    await until(lambda: "It is locked" in words(hand.window), "the notice")


@pytest.mark.parametrize("by", ["copy", "check", "refresh"])
async def test_what_could_not_be_copied_is_told_until_the_same_works(
    hand: Stagehand, by: str
) -> None:
    one = world()
    await hand.open(one)
    connection = one.connections[0]
    hand.window._selecting.focus_connection(connection.id)
    await hand.settle()
    gone = KeychainError(ErrorCode.ENTRY_MISSING, "The keychain entry is gone", "So it is.")
    gone.place = KEYCHAIN
    hand.services.failures["token"] = [gone]
    press(hand.window, "Copy Access token")
    told = f"{connection.handle}: The keychain entry is gone"
    await until(lambda: told in words(hand.window), "the notice")
    # Another one that works is none of its business.
    other = Place(connection_id=one.connections[1].id)
    hand.window.on_demand.upkeep.check(other)
    await hand.settle()
    assert told in words(hand.window)
    if by == "copy":
        press(hand.window, "Copy Access token")
    elif by == "check":
        hand.window.on_demand.upkeep.check(Place(connection_id=connection.id))
    else:
        hand.services.emit(RefreshEnded(connection.id, None))
    await until(lambda: told not in words(hand.window), "the end of the notice")
    await hand.settle()
    hand.window.on_demand.close()


async def test_what_is_wrong_with_a_file_is_told_until_the_file_is_well(hand: Stagehand) -> None:
    async def known() -> dict[str, object]:
        return {}

    hand.services.vault_file = SimpleNamespace(ask=None, known=known)
    await hand.open(world())
    choose(hand, 0)
    await hand.settle()
    damaged = KeychainError(ErrorCode.FILE_DAMAGED, "The KeePass file is damaged", "So it is.")
    damaged.place = FILE
    hand.services.failures["secret"] = [damaged]
    press(hand.window, "Copy API key")
    await until(lambda: damaged.title in words(hand.window), "the notice")
    ready = KeychainStatus(KeychainState.READY, "GNOME Keyring")
    hand.services.emit(KeychainChanged(ready, KEYCHAIN))
    assert damaged.title in words(hand.window)
    hand.services.emit(KeychainChanged(ready, FILE))
    await until(lambda: damaged.title not in words(hand.window), "the end of the notice")


@pytest.mark.parametrize("place", [KEYCHAIN, FILE])
async def test_a_locked_place_has_one_notice_with_the_way_to_unlock_it(
    hand: Stagehand, place: str
) -> None:
    async def known() -> dict[str, object]:
        return {}

    hand.services.vault_file = SimpleNamespace(ask=None, known=known)
    one = world()
    await hand.open(replace(one, apps=tuple(replace(app, place=place) for app in one.apps)))
    backend = "GNOME Keyring" if place == KEYCHAIN else "team.kdbx"
    hand.services.emit(KeychainChanged(KeychainStatus(KeychainState.READY, backend), place))
    choose(hand, 0)
    await hand.settle()
    # It is locked in the moment in which the button is pressed: after it there is none.
    hand.services.emit(KeychainChanged(KeychainStatus(KeychainState.LOCKED, backend), place))
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "So it is locked", "It is.")
    locked.place = place
    hand.services.failures["secret"] = [locked]
    press(hand.window, "Copy API key")
    await until(lambda: "So it is locked" in words(hand.window), "the notice")
    assert len(hand.window.notices.shown()) == 1
    unlocked: list[str] = []

    async def unlock(place: str) -> KeychainStatus:
        unlocked.append(place)
        status = KeychainStatus(KeychainState.READY, backend)
        hand.services.emit(KeychainChanged(status, place))
        return status

    hand.services.unlock = unlock  # type: ignore[assignment, method-assign]
    press(hand.window, "Unlock …" if place == FILE else "Unlock")
    await until(lambda: not hand.window.notices.shown(), "the end of the notice")
    assert unlocked == [place]
    await hand.settle()


@pytest.mark.parametrize("editor", ["app", "connection"])
async def test_a_name_is_not_cut_and_too_much_is_said_while_typing(
    hand: Stagehand, editor: str
) -> None:
    if editor == "app":
        dialog: SavingDialog = await edit_app(hand, world())
        name = field(dialog, "App name")
    else:
        await hand.open(world())
        choose(hand, 0, 1)
        QTest.keyClick(hand.window, Qt.Key.Key_F2)
        dialog = await opened(hand)
        name = field(dialog, "Name")
    name.clear()
    paste(dialog, name.accessibleName(), "n" * 61)
    assert len(name.text()) == 61
    assert "60 characters; this has 61" in words(dialog)
    press(dialog, "Save")
    assert dialog.isVisible()
    assert dialog.focusWidget() is name
    QTest.keyClick(name, Qt.Key.Key_Backspace)
    assert "60 characters" not in words(dialog)
    press(dialog, "Save")
    await closed(hand)


async def test_what_is_said_below_a_secret_follows_what_is_typed(hand: Stagehand) -> None:
    dialog = await edit_app(hand, world(holds=("bearer",)))
    one = field(dialog, "Client ID")
    assert one.accessibleDescription() == "None kept"
    QTest.keyClicks(one, "Y2xpZW50")
    assert one.accessibleDescription() == "New."
    one.selectAll()
    QTest.keyClick(one, Qt.Key.Key_Delete)
    assert one.accessibleDescription() == "None kept"
    QTest.keyClicks(field(dialog, "Bearer token"), "A" * 22 + "x" * 50 + "%2F")
    assert "replaces" in field(dialog, "Bearer token").accessibleDescription()
    press(dialog, "Cancel")
    await closed(hand)


async def test_a_bearer_token_that_goes_is_neither_fetched_nor_invalidated(
    hand: Stagehand,
) -> None:
    dialog = await edit_app(hand, world(holds=("bearer",)))
    press(dialog, "Remove Bearer token")
    for name in ("Fetch bearer token", "Invalidate the bearer token"):
        assert not named(dialog, name).isEnabled()
    press(dialog, "Keep Bearer token")
    press(dialog, "Fetch bearer token")
    await until(lambda: "Fetched from X" in words(dialog), "fetching")
    press(dialog, "Cancel")
    await closed(hand)


async def test_a_page_written_anew_drops_what_was_asked_for(hand: Stagehand) -> None:
    hand.settings.set(known.REVEAL, "pressed")
    await hand.open(world())
    choose(hand, 0)
    await hand.settle()
    hand.services.gates["secret"] = asyncio.Event()
    reveals = named(hand.window, "Details").findChildren(Reveal)
    QTest.mousePress(reveals[0].button, Qt.MouseButton.LeftButton)
    await until(lambda: ("secret", "a1", "key") in hand.services.asked, "the asking")
    choose(hand, 0, 0)
    await hand.settle_window()
    hand.services.gates["secret"].set()
    await hand.settle()
    assert not hand.unexpected


async def test_a_secret_is_seen_while_its_button_is_held(hand: Stagehand) -> None:
    hand.settings.set(known.REVEAL, "pressed")
    await hand.open(world())
    choose(hand, 0)
    await hand.settle()
    reveal = named(hand.window, "Details").findChildren(Reveal)[1]
    QTest.mousePress(reveal.button, Qt.MouseButton.LeftButton)
    await until(lambda: reveal.revealed, "the secret")
    QTest.mouseRelease(reveal.button, Qt.MouseButton.LeftButton)
    assert not reveal.revealed
    await hand.settle()
