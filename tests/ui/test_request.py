"""Trying a request in the window: what is sent, what is said, and that no secret is seen."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from adwarden.domain.checks import Finding, Way
from adwarden.domain.errors import (
    AdwardenError,
    AuthorizationError,
    ErrorCode,
    InputError,
    KeychainError,
    UnreachableError,
)
from adwarden.domain.model import Snapshot
from adwarden.domain.requests import catalog
from adwarden.domain.tried import Verdict
from adwarden.services.request_copies import as_signed_curl
from adwarden.services.trying import Outcome, Wish
from adwarden.ui.actions import Id
from adwarden.ui.details_place import Place
from adwarden.ui.request_dialog import RequestDialog
from tests.fakes.services import make_app, make_connection, make_entry
from tests.fakes.trying import BODY, FakeTrying, answer
from tests.services.handover.keys import KEY, KEY_SECRET, TOKEN, TOKEN_SECRET
from tests.ui.stagehand import Stagehand, named, press, until

ACCOUNT = "18ce54d4x5t"
TWO = Snapshot(
    (make_app(),),
    (make_connection(), make_connection("c2", "contoso")),
    {
        "c1": (make_entry(), make_entry("x2", "Northwind EU")),
        "c2": (make_entry("x3", "Contoso"),),
    },
)
SECRETS = (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)
TICK = "Allow one request that changes something"
FRAME = 0.05
"""Seconds for which nothing may keep the loop."""


def shown(hand: Stagehand) -> RequestDialog | None:
    found = [one for one in hand.window.findChildren(RequestDialog) if one.isVisible()]
    return found[0] if found else None


async def opened(
    hand: Stagehand, account: str = ACCOUNT, connection: str = "c1", snapshot: Snapshot = TWO
) -> RequestDialog:
    await hand.open(snapshot)
    hand.window.on_demand.handing.try_request(Place("", connection, account))
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    if account:
        await path(dialog, "accounts/:account_id/campaigns")  # has parameters
    return dialog


async def over(hand: Stagehand, dialog: RequestDialog) -> None:
    dialog.reject()
    await until(lambda: hand.window.on_demand.handing._open is None, "the end")
    await hand.settle()


def trying(hand: Stagehand) -> FakeTrying:
    found = hand.services.trying
    assert isinstance(found, FakeTrying)
    return found


def line(dialog: RequestDialog, name: str) -> QLineEdit:
    found = named(dialog, name, QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def combo(dialog: RequestDialog, name: str) -> QComboBox:
    found = named(dialog, name, QComboBox)
    assert isinstance(found, QComboBox)
    return found


def tick(dialog: RequestDialog) -> QCheckBox:
    found = named(dialog, TICK, QCheckBox)
    assert isinstance(found, QCheckBox)
    return found


def text(dialog: RequestDialog, name: str) -> str:
    found = named(dialog, name, QPlainTextEdit)
    assert isinstance(found, QPlainTextEdit)
    return found.toPlainText()


def written(root: QWidget) -> str:
    """Return everything that can be read in a dialog, by eyes or by a screen reader."""
    parts = [root, *root.findChildren(QWidget)]
    found = [part.accessibleName() for part in parts]
    found += [part.accessibleDescription() for part in parts]
    found += [part.toolTip() for part in parts]
    found += [part.text() for part in parts if isinstance(part, QLabel | QAbstractButton)]
    found += [part.toPlainText() for part in parts if isinstance(part, QPlainTextEdit)]
    found += [part.displayText() for part in parts if isinstance(part, QLineEdit)]
    return "\n".join(found).replace("\u200b", "")


async def path(dialog: RequestDialog, typed: str) -> None:
    line(dialog, "Path").setText(typed)
    await until(lambda: dialog.settled, "the hints")


async def send(dialog: RequestDialog) -> None:
    press(dialog, "Send")
    await until(lambda: not dialog.busy and dialog.settled, "the answer")


def refused(*ways: Way, about_signature: bool = False) -> Outcome:
    problem = AuthorizationError(
        ErrorCode.APP_KEYS, "X did not accept the keys", "They do not fit.", "Enter them again."
    )
    return replace(
        answer(b'{"errors": [{"code": 32}]}'), status=401, line="401 Unauthorized",
        words="X did not accept the signature or the token.", problem=problem,
        finding=Finding.WRONG_KEYS, ways=ways, about_signature=about_signature,
    )  # fmt: skip


async def test_it_begins_with_what_is_selected(hand: Stagehand) -> None:
    action = hand.window._actions[Id.TRY]
    assert not action.isEnabled()
    await hand.open(TWO)
    hand.window._selecting.go_to("c1", ACCOUNT)
    assert action.isEnabled()
    action.trigger()
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    assert combo(dialog, "Connection").currentData() == "c1"
    assert line(dialog, "Ad account").text() == f"Northwind Outdoor · {ACCOUNT}"
    assert line(dialog, "Path").text() == "accounts/:account_id/authenticated_user_access"
    assert line(dialog, "Path").hasFocus()
    assert "What this user may do" in written(dialog)
    hand.window._actions[Id.TRY].trigger()
    assert len(hand.window.findChildren(RequestDialog)) == 1
    await over(hand, dialog)


async def test_the_details_offer_it(hand: Stagehand) -> None:
    await hand.open(TWO)
    for account in (ACCOUNT, ""):
        hand.window._selecting.go_to("c1", account)
        await hand.settle()
        press(hand.window, "Try a request")
        await until(lambda: shown(hand), "the dialog")
        dialog = shown(hand)
        assert dialog is not None
        assert dialog._form.account_id in (account, "")
        await over(hand, dialog)


async def test_an_answer_is_shown_in_words_and_as_json(hand: Stagehand) -> None:
    dialog = await opened(hand)
    line(dialog, "count").setText("5")
    await send(dialog)
    (wish,) = trying(hand).sent
    assert (wish.connection_id, wish.account_id, wish.method) == ("c1", ACCOUNT, "GET")
    assert ("count", "5") in wish.parameters
    seen = written(dialog)
    assert "200 OK · It worked." in seen
    assert f"132 ms · {len(BODY)} bytes" in seen
    assert "4 of 5 requests left; all again at 18:30" in seen
    assert json.loads(text(dialog, "Answer"))["data"][0]["id"] == ACCOUNT
    dialog._tabs.setCurrentIndex(1)
    assert text(dialog, "Headers of the answer") == "content-type: application/json"
    await over(hand, dialog)
    # What was tried last is there the next time.
    again = await reopened(hand)
    assert line(again, "Path").text() == "accounts/:account_id/campaigns"
    await over(hand, again)


async def reopened(hand: Stagehand) -> RequestDialog:
    hand.window.on_demand.handing.try_request(Place("", "c1", ACCOUNT))
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    return dialog


async def test_a_change_needs_the_tick_which_is_good_for_one_request(hand: Stagehand) -> None:
    dialog = await opened(hand)
    method = combo(dialog, "Method")
    model = method.model()
    ability = [bool(model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsEnabled)
               for row in range(method.count())]  # fmt: skip
    assert ability == [True, False, False, False]
    assert "no way back" in tick(dialog).accessibleDescription()
    tick(dialog).setChecked(True)
    method.setCurrentText("DELETE")
    await until(lambda: dialog.settled)
    assert "DELETE changes something" in written(dialog)
    await send(dialog)
    assert [one.method for one in trying(hand).sent] == ["DELETE"]
    assert not tick(dialog).isChecked()
    assert method.currentText() == "GET"
    # Taking the tick away takes the method with it.
    tick(dialog).setChecked(True)
    method.setCurrentText("POST")
    tick(dialog).setChecked(False)
    assert method.currentText() == "GET"
    # It is gone after a request that failed as well, and after one that only reads.
    for failure in (UnreachableError(ErrorCode.NO_NETWORK, "No connection", ""), None):
        tick(dialog).setChecked(True)
        hand.services.failures["send"] = [failure] if failure else []
        await send(dialog)
        assert not tick(dialog).isChecked()
    await over(hand, dialog)


async def test_hints_come_while_one_types(hand: Stagehand) -> None:
    dialog = await opened(hand)
    hint = named(dialog, "What it is", QLabel)
    assert isinstance(hint, QLabel)
    for typed, told in {
        "stats/accounts/:account_id": "X wants a value for entity",
        "my/own/path": "not among those that are known",
        "2/users/me": "X may charge for this request",
        "accounts/:account_id/campaigns?count=1&count=2": "A parameter is there twice",
        "https://ads.example.com/12/accounts": "Only the path belongs here. Take away",
        "accounts/../x": "A part of the path is dots alone. Write",
        "accounts/:account_id/campaigns/:campaign_id": "An ID is missing in the path",
        "": "Type one, such as accounts",
    }.items():
        await path(dialog, typed)
        assert told in hint.text().replace("\u200b", "")
    await path(dialog, "accounts")
    assert not line(dialog, "Ad account").isEnabled()
    await over(hand, dialog)


async def test_of_a_whole_address_the_path_is_kept(hand: Stagehand) -> None:
    dialog = await opened(hand)
    QGuiApplication.clipboard().setText("https://ads-api.x.com/12/accounts/:account_id/campaigns")
    edit = line(dialog, "Path")
    edit.selectAll()
    edit.paste()
    assert edit.text() == "12/accounts/:account_id/campaigns"
    await until(lambda: dialog.settled, "the hints")
    await send(dialog)
    assert [one.path for one in trying(hand).sent] == ["12/accounts/:account_id/campaigns"]
    await over(hand, dialog)


async def test_what_is_refused_is_said_in_one_piece(hand: Stagehand) -> None:
    dialog = await opened(hand)
    for typed in ("https://ads.example.com/12/accounts", "accounts/../x", "accounts?oauth_x=1"):
        await path(dialog, typed)
        await send(dialog)
        assert "  " not in written(dialog)
    assert trying(hand).sent == []
    await over(hand, dialog)


async def test_what_changes_something_has_no_parameters_of_reads(hand: Stagehand) -> None:
    dialog = await opened(hand)
    line(dialog, "count").setText("7")
    tick(dialog).setChecked(True)
    combo(dialog, "Method").setCurrentText("POST")
    await until(lambda: dialog.settled, "the hints")
    assert dialog._form.wish.parameters == ()
    assert "requests that change something are not known here" in written(dialog)
    press(dialog, "Add a parameter")
    line(dialog, "Name of parameter 1").setText("name")
    line(dialog, "Value of parameter 1").setText("Spring")
    await send(dialog)
    assert [one.parameters for one in trying(hand).sent] == [(("name", "Spring"),)]
    # Back at GET, its parameters are there again, with what was typed.
    await until(lambda: dialog.settled, "the hints")
    assert line(dialog, "count").text() == "7"
    await over(hand, dialog)


async def test_rows_follow_the_path_and_keep_what_was_typed(hand: Stagehand) -> None:
    dialog = await opened(hand)
    line(dialog, "count").setText("7")
    await path(dialog, "stats/accounts/:account_id")
    entity = line(dialog, "entity (required)")
    assert entity.accessibleDescription().startswith("ACCOUNT, CAMPAIGN")
    assert dialog._form.wish.parameters[0] == ("entity", "")
    await path(dialog, "accounts/:account_id/campaigns/:campaign_id")
    line(dialog, ":campaign_id").setText("8wku2")
    assert dialog._form.wish.ids == {"campaign_id": "8wku2"}
    await path(dialog, "accounts/:account_id/campaigns")
    assert line(dialog, "count").text() == "7"
    press(dialog, "Add a parameter")
    assert line(dialog, "Name of parameter 1").hasFocus()
    line(dialog, "Name of parameter 1").setText("draft_only")
    line(dialog, "Value of parameter 1").setText("true")
    assert dialog._form.wish.parameters[-1] == ("draft_only", "true")
    press(dialog, "Remove parameter 1")
    assert ("draft_only", "true") not in dialog._form.wish.parameters
    await over(hand, dialog)


async def test_paths_are_completed_by_the_keyboard(hand: Stagehand) -> None:
    dialog = await opened(hand)
    edit = line(dialog, "Path")
    edit.clear()
    QTest.keyClicks(edit, "accounts/:account_id/fund")
    popup = dialog._form.path._completer.popup()
    assert popup is not None
    await until(popup.isVisible, "the list")
    assert popup.accessibleName() == "Paths"
    first = popup.model().index(0, 0)
    assert first.data().endswith("Funding instruments")
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert edit.text() == "accounts/:account_id/funding_instruments"
    assert trying(hand).sent == []
    press(dialog, "All paths")
    await until(popup.isVisible, "the list")
    assert popup.model().rowCount() == len(catalog())
    popup.hide()
    await over(hand, dialog)


async def test_an_ad_account_is_chosen_by_name_or_typed_as_id(hand: Stagehand) -> None:
    dialog = await opened(hand)
    field = line(dialog, "Ad account")
    completer = field.completer()
    assert completer is not None
    model = completer.model()
    listed = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert listed == ["Northwind EU · x2", f"Northwind Outdoor · {ACCOUNT}"]
    field.setText(listed[0])
    assert dialog._form.account_id == "x2"
    field.setText("someid")
    assert dialog._form.account_id == "someid"
    field.setText(listed[0])
    chooser = combo(dialog, "Connection")
    chooser.setCurrentIndex(chooser.findData("c2"))
    # The other one may not reach it; its only one takes the place.
    assert dialog._form.account_id == "x3"
    assert dialog._form.connection_id == "c2"
    await over(hand, dialog)


async def test_what_is_wrong_is_said_beside_its_field(hand: Stagehand) -> None:
    dialog = await opened(hand)
    for field, name in (("account", "Ad account"), ("count", "count"), ("path", "Path")):
        error = InputError("This is wrong", "It cannot be.", "Mend it.", field=field)
        hand.services.failures["send"] = [error]
        await send(dialog)
        assert "This is wrong. It cannot be. Mend it." in written(dialog)
        assert line(dialog, name).hasFocus()
        dialog._form.look()
    line(dialog, "count").setText("1")
    await path(dialog, "accounts/:account_id/campaigns?q=a")
    error = InputError("Parameter is wrong", "", "", field="parameter 2")
    hand.services.failures["send"] = [error]
    await send(dialog)
    assert line(dialog, "campaign_ids").hasFocus()
    await over(hand, dialog)


async def test_sending_can_be_cancelled(hand: Stagehand) -> None:
    dialog = await opened(hand)
    for change, words in ((False, "Cancelled"), (True, "X may have done it already")):
        hand.services.gates["send"] = asyncio.Event()
        if change:
            tick(dialog).setChecked(True)
            combo(dialog, "Method").setCurrentText("POST")
        press(dialog, "Send")
        await until(lambda: "Sending" in written(dialog), "the beginning")
        press(dialog, "Cancel the request")
        await until(lambda: not dialog.busy, "the end")
        assert words in written(dialog)
        assert "No answer." in written(dialog)
        assert trying(hand).sent == []
        hand.services.gates.clear()
    await send(dialog)
    assert len(trying(hand).sent) == 1
    await over(hand, dialog)


async def test_it_may_be_closed_while_it_sends(hand: Stagehand) -> None:
    dialog = await opened(hand)
    hand.services.gates["send"] = asyncio.Event()
    press(dialog, "Send")
    await until(lambda: dialog.busy and "Sending" in written(dialog), "the beginning")
    await over(hand, dialog)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_closed_before_the_answer_it_is_told_what_x_may_have_done(
    hand: Stagehand, method: str
) -> None:
    dialog = await opened(hand)
    hand.services.gates["send"] = asyncio.Event()
    tick(dialog).setChecked(True)
    combo(dialog, "Method").setCurrentText(method)
    press(dialog, "Send")
    await until(lambda: dialog.busy and "Sending" in written(dialog), "the beginning")
    await over(hand, dialog)
    told = [one for one in hand.window.notices.shown() if one.id == "request-cut-short"]
    assert [one.title for one in told] == (
        [] if method == "GET" else ["The DELETE request was closed before its answer came."]
    )


async def test_a_locked_keychain_is_unlocked_and_it_goes_on(hand: Stagehand) -> None:
    dialog = await opened(hand)
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "The keychain is locked", "", "Unlock it.")
    hand.services.failures["send"] = [locked]
    await send(dialog)
    assert trying(hand).sent == []
    press(dialog, "Unlock and retry")
    await until(lambda: trying(hand).sent, "the request")
    await until(lambda: dialog.settled)
    assert "200 OK" in written(dialog)
    await over(hand, dialog)


async def test_failures_before_an_answer_are_told_with_their_way_out(hand: Stagehand) -> None:
    dialog = await opened(hand)
    await send(dialog)
    no_token = KeychainError(ErrorCode.ENTRY_MISSING, "The token is gone", "It is not there.")
    told: tuple[tuple[AdwardenError, str], ...] = (
        (UnreachableError(ErrorCode.NO_NETWORK, "No connection", "Nobody is there."), "No conn"),
        (no_token, "The token is gone"),
    )
    for error, words in told:
        hand.services.failures["send"] = [error]
        await send(dialog)
        assert words in written(dialog)
        # The answer to another request would be taken for this one's.
        assert text(dialog, "Answer") == ""
        assert "200 OK" not in written(dialog)
    press(dialog, "Reconnect")
    await until(lambda: hand.authorized, "the authorization")
    assert [at[1] for at in hand.authorized] == ["c1"]
    await until(lambda: shown(hand) is None, "the end")
    await hand.settle()


async def test_a_refusal_says_what_it_means_and_what_to_do(
    hand: Stagehand, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: pages.append(QUrl.toString(url)))
    dialog = await opened(hand)
    trying(hand).outcome = refused(Way.KEYS, Way.CONSOLE)
    await send(dialog)
    seen = written(dialog)
    assert "401 Unauthorized · X did not accept the signature or the token." in seen
    assert "X did not accept the keys. They do not fit. Enter them again." in seen
    press(dialog, "Open the developer console")
    assert pages == ["https://console.x.com"]
    press(dialog, "Documentation")
    assert pages[1].startswith("https://docs.x.com/x-ads-api/")
    press(dialog, "Enter the keys again")
    await until(lambda: len(dialog.findChildren(QWidget, options=_DIRECT)) > 0)
    assert dialog.isVisible()
    trying(hand).outcome = refused(Way.RECONNECT)
    await over(hand, dialog)


_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


async def test_a_signature_is_explained_without_its_secrets(hand: Stagehand) -> None:
    dialog = await opened(hand)
    dialog._tabs.setCurrentIndex(2)
    press(dialog, "Sign without sending")
    await until(lambda: not dialog.busy and text(dialog, "Header"), "the signature")
    assert trying(hand).sent == []
    assert text(dialog, "Base string").startswith("GET&https%3A%2F%2Fads-api.x.com")
    assert "oauth_consumer_key=••••" in text(dialog, "Parameter string")
    assert text(dialog, "Header").startswith("OAuth ")
    seen = written(dialog)
    assert "signed, but not sent" in seen
    assert not [one for one in SECRETS if one in seen]
    await over(hand, dialog)


async def test_code_32_leads_to_the_comparison_which_names_what_differs(hand: Stagehand) -> None:
    dialog = await opened(hand)
    trying(hand).outcome = refused(about_signature=True)
    await send(dialog)
    assert dialog._tabs.currentWidget() is dialog._signature
    assert "paste what it sent" in written(dialog)
    field = dialog._signature.field
    assert not named(dialog, "Compare", QPushButton).isEnabled()
    signed = trying(hand).signed(dialog._form.wish)
    right = signed.header.unwrap()
    field.set_text(right)
    press(dialog, "Compare")
    await until(lambda: dialog._signature._comparison, "the comparison")
    seen = written(dialog)
    assert "Nonce (harmless)" in seen
    assert right not in seen
    # Another text needs another comparison.
    wrong = right.replace(TOKEN, "370773112-another")
    field.set_text(as_signed_curl(replace(signed, header=type(signed.header)(wrong))).unwrap())
    assert dialog._signature._comparison is None
    QTest.keyClick(field.edit, Qt.Key.Key_Return)
    await until(lambda: dialog._signature._comparison, "the comparison")
    seen = written(dialog)
    assert "Token" in seen
    assert "370773112" not in seen
    assert len(trying(hand).sent) == 1  # Enter in the field has sent nothing
    press(dialog, "Copy the comparison")
    copied = QGuiApplication.clipboard().text()
    assert "Token" in copied
    assert "370773112" not in copied
    dialog.reject()
    assert field.text() == ""
    await over(hand, dialog)


async def test_in_a_small_window_a_comparison_is_not_a_slit(hand: Stagehand) -> None:
    """What the refusal means is above it, and scrolls away."""
    hand.window.resize(800, 560)
    dialog = await opened(hand)
    trying(hand).outcome = refused(Way.KEYS, Way.CONSOLE, about_signature=True)
    await send(dialog)
    await hand.settle_window()
    page = dialog._signature
    bar = page.verticalScrollBar()
    compare = named(dialog, "Compare", QPushButton)
    await until(lambda: bar.maximum() and in_sight(page, compare), "the layout")
    assert page.viewport().height() >= 190
    assert bar.value() == 0
    for name in ("Enter the keys again", "Open the developer console"):
        assert in_sight(page, named(dialog, name, QPushButton)), name
    page.field.set_text("OAuth oauth_nonce=1")
    press(dialog, "Compare")
    await until(lambda: page._comparison is not None and bar.value(), "the comparison")
    assert page._comparison is not None
    title = page._comparison.title
    assert in_sight(page, next(one for one in page.findChildren(QLabel) if one.text() == title))
    assert not in_sight(page, named(dialog, "Enter the keys again", QPushButton))
    # By the keyboard as well, though the page itself is no stop of it.
    bar.setValue(0)
    page.field.edit.setFocus()
    QTest.keyClick(page.field.edit, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    dialog._tabs.setCurrentIndex(0)
    keys = named(dialog, "Enter the keys again", QPushButton)
    body = named(dialog, "Answer", QPlainTextEdit)
    await until(lambda: in_sight(dialog, keys) and body.height() >= 60, "the other page")
    # The next answer needs no such words.
    trying(hand).outcome = None
    await send(dialog)
    assert not [one for one in dialog.findChildren(QPushButton)
                if one.isVisible() and "keys" in one.text()]  # fmt: skip
    dialog._tabs.setCurrentIndex(2)
    assert "paste what it sent" not in seen_in(page)
    await over(hand, dialog)


def in_sight(page: QWidget, part: QWidget) -> bool:
    pane = page.viewport() if isinstance(page, QScrollArea) else page
    top = part.mapTo(pane, part.rect().topLeft()).y()
    return top >= 0 and top + part.height() <= pane.height()


def seen_in(page: QWidget) -> str:
    return "\n".join(one.text() for one in page.findChildren(QLabel) if one.isVisible())


async def test_closing_and_the_key_of_lock_leave_nothing_behind(hand: Stagehand) -> None:
    dialog = await opened(hand)
    await send(dialog)
    dialog._tabs.setCurrentIndex(2)
    dialog._signature.field.set_text(f'OAuth oauth_token="{TOKEN}"')
    dialog._copy("Signed curl", as_signed_curl)
    await until(lambda: hand.window._clipboard.secrets.what, "the copy")
    assert TOKEN in QGuiApplication.clipboard().text()
    QTest.keyClick(dialog._signature.field.edit, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not dialog.isVisible()
    assert dialog._signature.field.text() == ""
    assert dialog._signature.field.edit.isUndoAvailable() is False
    assert dialog._headers.toPlainText() == ""
    assert dialog._answer.body.text == ""
    assert TOKEN not in QGuiApplication.clipboard().text()
    await until(lambda: hand.window.on_demand.handing._open is None, "the end")
    await hand.settle()


async def test_copies_have_no_secret_but_the_signed_one_which_is_treated_as_one(
    hand: Stagehand,
) -> None:
    dialog = await opened(hand)
    menu = next(
        one for one in dialog.findChildren(QPushButton) if one.accessibleName() == "Copy as"
    ).menu()
    assert menu is not None
    for action in menu.actions():
        QGuiApplication.clipboard().clear()
        action.trigger()
        await until(lambda: QGuiApplication.clipboard().text() and not dialog.busy, "the copy")
        copied = QGuiApplication.clipboard().text()
        secret = "Signed" in action.text()
        assert (TOKEN in copied) is secret
        assert KEY_SECRET not in copied
        assert ACCOUNT in copied
        assert bool(hand.window._clipboard.secrets.what) is secret
        if "Python" in action.text():
            assert "# adwarden run c1 -- python this_file.py" in copied
    assert trying(hand).sent == []
    await over(hand, dialog)


async def test_the_answer_is_searched(hand: Stagehand) -> None:
    dialog = await opened(hand)
    names = [{"name": "Northwind 😀"}] * 3 + [{"name": "x"}]
    trying(hand).outcome = answer(json.dumps({"data": names}).encode())
    await send(dialog)
    QTest.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    edit = line(dialog, "Search the answer")
    assert edit.hasFocus()
    QTest.keyClicks(edit, "NORTH")
    found = dialog._answer.body._count
    await until(lambda: dialog.settled and found.text() == "1 of 3", "the search")
    assert len(dialog._answer.body.view.extraSelections()) == 3
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert found.text() == "2 of 3"
    QTest.keyClick(edit, Qt.Key.Key_F3)
    QTest.keyClick(edit, Qt.Key.Key_F3)
    assert found.text() == "1 of 3"
    QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert found.text() == "3 of 3"
    press(dialog, "Next (F3)")
    assert found.text() == "1 of 3"
    assert len(trying(hand).sent) == 1
    edit.setText("nowhere")
    await until(lambda: found.text() == "Not found", "the search")
    assert not dialog._answer.body.view.extraSelections()
    await over(hand, dialog)


async def test_a_huge_answer_never_keeps_the_window(hand: Stagehand) -> None:
    rows = [{"id": f"x{n}", "name": f"Campaign {n}", "budget": None} for n in range(65_000)]
    rows.append({"id": "one line", "name": "y" * 50_000, "budget": None})
    body = json.dumps({"data": rows[-1:] + rows}).encode()
    assert len(body) > 4 * 1024 * 1024 - 400_000
    outcome = answer(body)
    dialog = await opened(hand)
    trying(hand).outcome = outcome
    longest = await longest_turn(hand, dialog, lambda: press(dialog, "Send"))
    assert longest < FRAME
    shown_text = dialog._answer.body.view.toPlainText()
    assert shown_text.replace("\n", "") == outcome.body.text.replace("\n", "")
    assert "only its beginning is shown" in written(dialog)
    edit = line(dialog, "Search the answer")
    longest = await longest_turn(hand, dialog, lambda: edit.setText('"'))
    assert longest < FRAME
    assert dialog._answer.body._count.text() == "100,000 and more"
    dialog._answer.body.step(-1)
    longest = await longest_turn(hand, dialog, dialog.reject)
    assert longest < FRAME
    await over(hand, dialog)


async def longest_turn(hand: Stagehand, dialog: RequestDialog, do: object) -> float:
    """Return the longest turn of the loop until all is shown, in seconds of this thread's work.

    Its own work only: what other programs of the machine take is nobody's fault here.
    """
    assert callable(do)
    await until(lambda: dialog.settled, "rest")
    longest, at = 0.0, time.thread_time()
    do()
    deadline = time.monotonic() + 20
    while True:
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, at = max(longest, now - at), now
        if dialog.settled and not dialog.busy:
            return longest
        assert time.monotonic() < deadline


async def test_everything_is_reached_by_the_keyboard_and_has_a_name(hand: Stagehand) -> None:
    dialog = await opened(hand)
    dialog._tabs.setCurrentIndex(0)
    seen: list[str] = []
    for _ in range(60):
        part = dialog.focusWidget()
        assert part is not None
        name = part.accessibleName()
        assert name, type(part)
        if name in seen:
            break
        seen.append(name)
        QTest.keyClick(part, Qt.Key.Key_Tab)
    wanted = {"Path", "All paths", "Documentation", TICK, "Connection", "Ad account", "count",
              "Add a parameter", "What came back", "Search the answer", "Answer", "Copy as",
              "Close", "Send", "Method"}  # fmt: skip
    assert wanted <= set(seen), wanted - set(seen)
    assert seen.index("Connection") < seen.index("Ad account") < seen.index("count")
    assert seen.index("count") < seen.index("Add a parameter") < seen.index("What came back")
    await send(dialog)
    dialog._tabs.setCurrentIndex(2)
    for part in dialog._tabs.currentWidget().findChildren(QWidget) + dialog.findChildren(
        QScrollArea
    ):
        if part.isVisible() and part.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert part.accessibleName(), part
            assert not isinstance(part, QScrollArea)
    await over(hand, dialog)


async def test_the_wish_is_what_was_there_when_it_was_sent(hand: Stagehand) -> None:
    dialog = await opened(hand)
    hand.services.gates["send"] = asyncio.Event()
    press(dialog, "Send")
    line(dialog, "Path").setText("accounts")
    hand.services.gates["send"].set()
    await until(lambda: not dialog.busy, "the answer")
    (wish,) = trying(hand).sent
    assert isinstance(wish, Wish)
    assert wish.path == "accounts/:account_id/campaigns"
    await over(hand, dialog)


async def test_a_command_of_several_lines_can_be_pasted(hand: Stagehand) -> None:
    dialog = await opened(hand)
    dialog._tabs.setCurrentIndex(2)
    signed = trying(hand).signed(dialog._form.wish)
    command = as_signed_curl(signed).unwrap()
    assert "\\\n" in command
    QGuiApplication.clipboard().setText(command)
    field = dialog._signature.field
    field.edit.setFocus()
    field.edit.paste()
    press(dialog, "Compare")
    await until(lambda: dialog._signature._comparison, "the comparison")
    assert dialog._signature._comparison is not None
    assert dialog._signature._comparison.verdict is Verdict.RIGHT
    assert TOKEN not in written(dialog)
    await over(hand, dialog)
