from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit

from adwarden.domain.errors import (
    AdwardenError,
    AuthorizationError,
    ErrorCode,
    KeychainError,
    NetworkError,
    RateLimitedError,
    ServerError,
    UnreachableError,
)
from adwarden.storage.vault import KeychainState, KeychainStatus
from adwarden.ui.authorize_dialog import AuthorizeDialog
from adwarden.ui.authorize_flow import MOST_RENEWALS
from adwarden.ui.authorize_page import EmbeddedMode
from adwarden.ui.authorize_phase import Phase
from tests.ui.authorize_stage import Desk, named, press, said, until
from tests.ui.fake_accounts import FakeAccounts, make_connection, make_grant

WRONG = AuthorizationError(
    ErrorCode.PIN_WRONG, "X refused the PIN", "It was mistyped.", "Authorize again.", detail="401"
)
EXPIRED = AuthorizationError(ErrorCode.REQUEST_EXPIRED, "The request is too old", "It expired.")
OFFLINE = NetworkError(ErrorCode.NO_NETWORK, "X was not reached", "No network.", "Check it.")
DOWN = ServerError(ErrorCode.SERVER, "X answered with an error", "503.", "Try again later.")
BUSY = RateLimitedError("Too many requests", "X counts.", "Wait until 12:05.", resets_at=1.0)
LOCKED = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "The keychain is locked", "Locked.", "Unlock it.")
DISMISSED = KeychainError(ErrorCode.KEYCHAIN_DISMISSED, "The prompt was dismissed", "You said no.")
MISSING = KeychainError(ErrorCode.KEYCHAIN_MISSING, "There is no keychain", "Nothing answers.")
REFUSALS = (
    AuthorizationError(ErrorCode.APP_SUSPENDED, "The app is suspended", "By X.", "Ask X."),
    AuthorizationError(ErrorCode.CALLBACK, "No callback", "None is set.", "Set one."),
    AuthorizationError(ErrorCode.DENIED, "Denied", "Somebody said no.", "Start over."),
)
FAILED = KeychainError(
    ErrorCode.KEYCHAIN_FAILED, "The keychain failed", "It broke.", detail="D-Bus"
)


@contextlib.asynccontextmanager
async def at(app: QApplication) -> AsyncIterator[Desk]:
    desk = Desk(app)
    try:
        yield desk
    finally:
        await desk.clear()


def enter(dialog: AuthorizeDialog, pin: str = "0123456") -> None:
    dialog.steps.pin.setText(pin)
    press(dialog, "Continue")


async def test_a_typed_pin_is_exchanged_and_kept(qapp: QApplication) -> None:
    accounts = FakeAccounts()
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        assert dialog.windowTitle() == dialog.accessibleName() == "Connect account"
        assert not dialog.isModal()
        enter(dialog, " 012\u200b34 56 ")
        await until(lambda: not dialog.isVisible())
        assert accounts.named("finish") == [("finish", "request1", "0123456")]
        assert desk.connected == accounts.kept
        assert len(desk.connected) == 1
        assert not dialog.holds_token


async def test_two_presses_are_one_exchange(qapp: QApplication) -> None:
    accounts = FakeAccounts()
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        dialog.flow.submit("7654321")
        await until(lambda: bool(desk.connected))
        assert accounts.named("finish") == [("finish", "request1", "0123456")]


async def test_every_control_has_its_name(qapp: QApplication) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(FakeAccounts())
        assert isinstance(named(dialog, "X app"), QComboBox)
        assert isinstance(named(dialog, "PIN"), QLineEdit)
        for name in ("Continue", "Open in my browser", "Copy link", "Start over", "Cancel"):
            assert named(dialog, name)
        texts = {label.text() for label in dialog.findChildren(QLabel)}
        assert {"Sign in at X and authorize", "PIN", "Keep it"} <= texts


async def test_no_browser_engine_is_loaded_where_none_is_shown(qapp: QApplication) -> None:
    loaded = {name for name in sys.modules if "WebEngine" in name}
    async with at(qapp) as desk:
        dialog = await desk.waiting(FakeAccounts(), embedded=EmbeddedMode.NO_SANDBOX)
        assert {name for name in sys.modules if "WebEngine" in name} == loaded
        assert "runs as root" in dialog.pane.instead.words.text()
        assert dialog.pane.bar.host.text() == "api.x.com"


async def test_a_missing_browser_engine_is_said(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "adwarden.ui.guest_view", None)
    async with at(qapp) as desk:
        dialog = await desk.waiting(FakeAccounts(), embedded=EmbeddedMode.EMBEDDED)
        assert "no browser engine" in dialog.pane.instead.words.text()
        enter(dialog)
        await until(lambda: bool(desk.connected))


@pytest.mark.parametrize(
    ("text", "enabled", "fault"),
    [
        ("", False, ""),
        ("12", False, ""),
        ("12a", False, "digits only"),
        ("1" * 17, False, "too long"),
        ("0123", True, ""),
        ("０１２３４５６", True, ""),
        ("Your PIN: 123 4567", True, ""),
        ("123456\n7654321", False, "two numbers"),
    ],
)
async def test_continue_waits_for_a_whole_pin(
    qapp: QApplication, text: str, enabled: bool, fault: str
) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(FakeAccounts())
        dialog.steps.pin.setText(text)
        assert dialog.go.isEnabled() is enabled
        assert fault in dialog.steps.pin.accessibleDescription()
        assert bool(fault) == bool(dialog.steps.pin.accessibleDescription())


async def test_return_says_what_is_missing_and_sends_a_whole_pin(qapp: QApplication) -> None:
    accounts = FakeAccounts()
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        QTest.keyClicks(dialog.steps.pin, "12")
        QTest.keyClick(dialog.steps.pin, Qt.Key.Key_Return)
        assert "too short" in dialog.steps.pin.accessibleDescription()
        QTest.keyClicks(dialog.steps.pin, "34567")
        QTest.keyClick(dialog.steps.pin, Qt.Key.Key_Return)
        await until(lambda: bool(desk.connected))
        assert accounts.named("finish") == [("finish", "request1", "1234567")]


@pytest.mark.parametrize("error", [WRONG, EXPIRED])
async def test_a_burnt_request_is_renewed_by_itself(
    qapp: QApplication, error: AdwardenError
) -> None:
    accounts = FakeAccounts(finishes=[error])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await until(lambda: len(accounts.named("begin")) == 2)
        await desk.reach(dialog, Phase.WAITING)
        assert error.title in said(dialog)
        assert error.message in said(dialog)
        assert "new page" in said(dialog)
        assert dialog.steps.pin.text() == ""
        assert dialog.focusWidget() is dialog.steps.pin
        enter(dialog, "7654321")
        await until(lambda: bool(desk.connected))
        assert accounts.named("finish")[1] == ("finish", "request2", "7654321")


async def test_renewing_ends_when_x_keeps_refusing(qapp: QApplication) -> None:
    accounts = FakeAccounts(finishes=[WRONG] * (MOST_RENEWALS + 1))
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        for _ in range(MOST_RENEWALS + 1):
            await desk.reach(dialog, Phase.WAITING)
            enter(dialog)
            await until(lambda: dialog.flow.phase in (Phase.WAITING, Phase.FAILED))
        assert dialog.flow.phase is Phase.FAILED
        assert "several times in a row" in said(dialog)
        press(dialog, "Start over")
        await desk.reach(dialog, Phase.WAITING)
        assert said(dialog) == ""


UNSEEN = "X has not seen the PIN"
DOUBT = "it may be used up"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UnreachableError(ErrorCode.NO_NETWORK, "No connection", "No route.", "Check."), UNSEEN),
        (NetworkError(ErrorCode.TLS, "Not safe", "A certificate.", "Ask."), UNSEEN),
        (NetworkError(ErrorCode.PROXY, "The proxy refused", "It is shut.", "Ask."), UNSEEN),
        (OFFLINE, DOUBT),
        (NetworkError(ErrorCode.CLOCK, "The clock is wrong", "By 12 minutes.", "Set."), DOUBT),
    ],
    ids=["unreachable", "tls", "proxy", "broke off", "clock"],
)
async def test_a_pin_is_kept_where_the_network_failed(
    qapp: QApplication, error: AdwardenError, line: str
) -> None:
    accounts = FakeAccounts(finishes=[error])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        press(dialog, "Copy link")
        enter(dialog)
        await until(lambda: error.title in said(dialog))
        await desk.reach(dialog, Phase.WAITING)
        assert line in said(dialog)
        assert (UNSEEN in said(dialog)) is (line == UNSEEN)
        assert dialog.steps.pin.text() == "0123456"
        assert dialog.pane.instead.title.text() == "Link copied"
        assert dialog.focusWidget() is named(dialog, "Try again")
        press(dialog, "Try again")
        await until(lambda: bool(desk.connected))
        assert accounts.named("finish") == [("finish", "request1", "0123456")] * 2
        assert len(accounts.named("begin")) == 1


async def test_a_pin_that_was_used_up_by_a_broken_connection_is_said(qapp: QApplication) -> None:
    accounts = FakeAccounts(finishes=[OFFLINE, WRONG])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await until(lambda: DOUBT in said(dialog))
        press(dialog, "Try again")
        await until(lambda: len(accounts.named("begin")) == 2)
        await desk.reach(dialog, Phase.WAITING)
        assert WRONG.title in said(dialog)
        assert "new page" in said(dialog)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("begins", OFFLINE),
        ("begins", NetworkError(ErrorCode.TLS, "Not safe", "A certificate.", "Ask.")),
        ("begins", NetworkError(ErrorCode.CLOCK, "The clock is wrong", "By 12 min.", "Set it.")),
        *((step, error) for step in ("begins", "finishes") for error in REFUSALS),
    ],
    ids=lambda one: one if isinstance(one, str) else str(one.code.value),
)
async def test_every_failure_is_shown_with_its_remedy(
    qapp: QApplication, error: AdwardenError, step: str
) -> None:
    accounts = FakeAccounts()
    getattr(accounts, step).append(error)
    async with at(qapp) as desk:
        dialog = desk.open(accounts)
        if step == "finishes":
            await desk.reach(dialog, Phase.WAITING)
            enter(dialog)
        await desk.reach(dialog, Phase.FAILED)
        for part in (error.title, error.message, error.remedy):
            assert part in said(dialog)
        assert not dialog.go.isEnabled()
        assert dialog.focusWidget() is dialog.restart
        press(dialog, "Start over")
        await desk.reach(dialog, Phase.WAITING)
        assert said(dialog) == ""


async def test_errors_are_plain_text_with_folded_detail(qapp: QApplication) -> None:
    nasty = NetworkError(
        ErrorCode.SERVER, "<b>big</b>", "<img src=x>", "<a href=y>z</a>", detail="<i>raw</i>"
    )
    async with at(qapp) as desk:
        dialog = desk.open(FakeAccounts(begins=[nasty]))
        await desk.reach(dialog, Phase.FAILED)
        labels = dialog.panel.findChildren(QLabel)
        assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
        assert not dialog.panel._detail.isVisible()
        dialog.panel._fold.click()
        assert dialog.panel._detail.isVisible()
        assert dialog.panel._detail.toPlainText() == "<i>raw</i>"


async def test_an_unforeseen_error_reaches_the_funnel_and_leaves_a_way_on(
    qapp: QApplication,
) -> None:
    accounts = FakeAccounts(finishes=[ZeroDivisionError("boom")])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.FAILED)
        await until(lambda: bool(desk.funnel))
        assert desk.funnel == [("ZeroDivisionError('boom')", "exchange PIN")]
        assert "unexpected" in said(dialog)
        assert dialog.restart.isEnabled()


@pytest.mark.parametrize("error", [LOCKED, DISMISSED])
async def test_a_locked_keychain_is_unlocked_before_the_next_try(
    qapp: QApplication, error: AdwardenError
) -> None:
    accounts = FakeAccounts(keeps=[error])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.UNSTORED)
        assert error.title in said(dialog)
        assert "in memory only" in said(dialog)
        assert desk.connected == []
        press(dialog, "Try again")
        await until(lambda: bool(desk.connected))
        assert [call[0] for call in accounts.calls[-2:]] == ["unlock", "keep"]


async def test_a_keychain_locked_before_the_exchange_leaves_the_pin_good(
    qapp: QApplication,
) -> None:
    accounts = FakeAccounts(finishes=[LOCKED])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await until(lambda: LOCKED.title in said(dialog))
        assert "the PIN is still good" in said(dialog)
        assert len(accounts.named("begin")) == 1
        press(dialog, "Continue")
        await until(lambda: bool(desk.connected))
        assert [call[0] for call in accounts.calls[-3:]] == ["unlock", "finish", "keep"]


async def test_start_over_unlocks_a_keychain_that_was_locked(qapp: QApplication) -> None:
    accounts = FakeAccounts(begins=[LOCKED])
    async with at(qapp) as desk:
        dialog = desk.open(accounts)
        await desk.reach(dialog, Phase.FAILED)
        press(dialog, "Start over")
        await desk.reach(dialog, Phase.WAITING)
        assert [call[0] for call in accounts.calls] == ["begin", "unlock", "begin"]


async def test_a_keychain_that_stays_locked_is_said_and_tried_again(qapp: QApplication) -> None:
    still = KeychainStatus(KeychainState.LOCKED, "GNOME Keyring", "Still locked.", "Unlock it.")
    accounts = FakeAccounts(keeps=[LOCKED], unlocks=[DISMISSED, still])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.UNSTORED)
        press(dialog, "Try again")
        await until(lambda: DISMISSED.title in said(dialog) and not dialog.flow.phase.busy)
        press(dialog, "Try again")
        await until(lambda: "still locked" in said(dialog) and not dialog.flow.phase.busy)
        assert len(accounts.named("keep")) == 1
        press(dialog, "Try again")
        await until(lambda: bool(desk.connected))


async def test_a_question_for_the_password_that_hangs_can_be_left_and_the_token_stays(
    qapp: QApplication,
) -> None:
    accounts = FakeAccounts(keeps=[LOCKED], unlocks=[asyncio.Event()])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.UNSTORED)
        press(dialog, "Try again")
        await until(lambda: bool(accounts.named("unlock")))
        press(dialog, "Cancel")
        await desk.reach(dialog, Phase.UNSTORED)
        assert "Unlocking was cancelled" in said(dialog)
        assert dialog.flow.granted is not None
        press(dialog, "Try again")
        await until(lambda: bool(desk.connected))


@pytest.mark.parametrize("error", [MISSING, FAILED])
async def test_a_missing_or_failing_keychain_is_tried_without_unlocking(
    qapp: QApplication, error: AdwardenError
) -> None:
    accounts = FakeAccounts(keeps=[error, error])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.UNSTORED)
        press(dialog, "Try again")
        await until(lambda: len(accounts.named("keep")) == 2 and not dialog.flow.phase.busy)
        assert error.title in said(dialog)
        press(dialog, "Try again")
        await until(lambda: bool(desk.connected))
        assert accounts.named("unlock") == []


@pytest.mark.parametrize("how", ["cancel", "escape", "close"])
async def test_closing_over_an_unstored_token_asks_instead(qapp: QApplication, how: str) -> None:
    accounts = FakeAccounts(keeps=[FAILED], discards=[OFFLINE])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.UNSTORED)
        if how == "cancel":
            press(dialog, "Cancel")
        elif how == "escape":
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
        else:
            dialog.close()
        assert dialog.isVisible()
        assert dialog.holds_token
        assert "stays open" in said(dialog)
        press(dialog, "Discard and revoke")
        await until(lambda: OFFLINE.title in said(dialog))
        assert dialog.isVisible()
        assert accounts.discarded == []
        press(dialog, "Discard and revoke")
        await until(lambda: not dialog.isVisible())
        assert len(accounts.discarded) == 1
        assert desk.connected == []


async def test_what_x_grants_during_a_cancel_is_offered(qapp: QApplication) -> None:
    answer = asyncio.Event()
    accounts = FakeAccounts(finishes=[answer])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.EXCHANGING)
        press(dialog, "Cancel")
        assert dialog.isVisible()
        assert "Waiting for X’s answer" in said(dialog)
        answer.set()
        await desk.reach(dialog, Phase.UNSTORED)
        assert accounts.named("keep") == []
        press(dialog, "Keep it")
        await until(lambda: bool(desk.connected))
        assert not dialog.isVisible()


async def test_a_cancel_closes_when_x_grants_nothing(qapp: QApplication) -> None:
    answer = asyncio.Event()
    accounts = FakeAccounts(finishes=[(answer, WRONG)])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await until(lambda: bool(accounts.named("finish")))
        press(dialog, "Cancel")
        assert dialog.isVisible()
        answer.set()
        await until(lambda: not dialog.isVisible())
        assert desk.connected == []
        assert len(accounts.named("begin")) == 1


async def test_cancelling_while_the_token_is_being_stored_waits_for_it(qapp: QApplication) -> None:
    stored = asyncio.Event()
    accounts = FakeAccounts(keeps=[stored])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.KEEPING)
        press(dialog, "Cancel")
        assert dialog.isVisible()
        stored.set()
        await until(lambda: not dialog.isVisible())
        assert len(desk.connected) == 1


async def test_another_user_may_be_kept_as_a_new_connection(qapp: QApplication) -> None:
    expected = make_connection()
    accounts = FakeAccounts(
        grant=make_grant("99", "contoso"), connections={"c1": expected}, keeps=[LOCKED]
    )
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, reconnect=expected)
        assert not dialog.apps.isEnabled()
        assert accounts.named("begin") == [("begin", "a1", "c1")]
        enter(dialog)
        await desk.reach(dialog, Phase.MISMATCH)
        assert "@northwind_ads was to be reconnected, but @contoso" in said(dialog)
        assert accounts.named("keep") == []
        press(dialog, "Keep as a new connection")
        await desk.reach(dialog, Phase.UNSTORED)
        press(dialog, "Try again")
        await until(lambda: bool(desk.connected))
        assert accounts.named("keep") == [("keep", "True"), ("keep", "True")]


async def test_another_user_may_be_revoked(qapp: QApplication) -> None:
    expected = make_connection()
    accounts = FakeAccounts(
        grant=make_grant("99", "contoso"), connections={"c1": expected}, discards=[OFFLINE]
    )
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, reconnect=expected)
        enter(dialog)
        await desk.reach(dialog, Phase.MISMATCH)
        press(dialog, "Revoke and forget")
        await until(lambda: OFFLINE.title in said(dialog))
        assert "@contoso" in said(dialog)
        press(dialog, "Revoke and forget")
        await desk.reach(dialog, Phase.DISCARDED)
        assert "Revoked and forgotten" in said(dialog)
        assert desk.connected == []
        press(dialog, "Start over")
        await desk.reach(dialog, Phase.WAITING)


@pytest.mark.parametrize("leaving", [False, True])
async def test_what_x_cannot_be_told_to_revoke_may_be_forgotten(
    qapp: QApplication, leaving: bool
) -> None:
    accounts = FakeAccounts(keeps=[FAILED], discards=[OFFLINE])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.UNSTORED)
        dialog.flow.forget()
        assert dialog.flow.phase is Phase.UNSTORED
        assert "Forget" not in "".join(choice.text() for choice in dialog.panel.buttons())
        if leaving:
            press(dialog, "Cancel")
        press(dialog, "Discard and revoke")
        await until(lambda: OFFLINE.title in said(dialog))
        assert "stays valid at X until the user removes the app" in said(dialog)
        press(dialog, "Forget without revoking")
        assert dialog.flow.granted is None
        assert not dialog.holds_token
        assert desk.connected == []
        assert dialog.isVisible() is not leaving
        if not leaving:
            assert "Forgotten, not revoked" in said(dialog)
            assert "stays valid at X" in said(dialog)
            press(dialog, "Cancel")
            assert not dialog.isVisible()


async def test_another_user_may_be_forgotten_when_x_cannot_be_told(qapp: QApplication) -> None:
    expected = make_connection()
    accounts = FakeAccounts(
        grant=make_grant("99", "contoso"), connections={"c1": expected}, discards=[OFFLINE]
    )
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, reconnect=expected)
        enter(dialog)
        await desk.reach(dialog, Phase.MISMATCH)
        press(dialog, "Revoke and forget")
        await until(lambda: "Connected apps" in said(dialog))
        press(dialog, "Forget without revoking")
        assert dialog.flow.phase is Phase.DISCARDED
        press(dialog, "Start over")
        await desk.reach(dialog, Phase.WAITING)
        enter(dialog)
        await desk.reach(dialog, Phase.MISMATCH)
        assert "Forget without" not in "".join(one.text() for one in dialog.panel.buttons())
        press(dialog, "Revoke and forget")
        await desk.reach(dialog, Phase.DISCARDED)
        assert "Revoked and forgotten" in said(dialog)


@pytest.mark.parametrize("error", [DOWN, BUSY])
async def test_a_pin_that_x_has_not_taken_is_kept(qapp: QApplication, error: AdwardenError) -> None:
    accounts = FakeAccounts(finishes=[error])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await until(lambda: error.title in said(dialog))
        assert dialog.flow.phase is Phase.WAITING
        assert "X has not taken the PIN" in said(dialog)
        assert dialog.steps.pin.text() == "0123456"
        assert len(accounts.named("begin")) == 1
        press(dialog, "Continue")
        await until(lambda: bool(desk.connected))
        assert accounts.named("finish") == [("finish", "request1", "0123456")] * 2


async def test_the_expected_user_is_simply_kept(qapp: QApplication) -> None:
    expected = make_connection()
    accounts = FakeAccounts(connections={"c1": expected})
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts, reconnect=expected)
        enter(dialog)
        await until(lambda: bool(desk.connected))
        assert accounts.named("keep") == [("keep", "False")]


async def test_the_link_goes_to_browser_and_clipboard(qapp: QApplication) -> None:
    accounts = FakeAccounts()
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        url = accounts.page_url("request1")
        press(dialog, "Open in my browser")
        assert desk.opened == [url]
        assert "opens in your browser" in dialog.pane.instead.title.text()
        assert "Waiting for the PIN" in dialog.pane.instead.words.text()
        press(dialog, "Copy link")
        assert desk.copied == [url]
        assert dialog.focusWidget() is dialog.steps.pin
        desk.browser_works = False
        press(dialog, "Open in my browser")
        assert "No browser" in dialog.pane.instead.title.text()
        assert "Copy link" in dialog.pane.instead.words.text()
        assert dialog.focusWidget() is dialog.copy
        enter(dialog)
        await until(lambda: bool(desk.connected))


async def test_another_app_starts_over(qapp: QApplication) -> None:
    slow = asyncio.Event()
    accounts = FakeAccounts(begins=[slow])
    async with at(qapp) as desk:
        dialog = desk.open(accounts)
        await until(lambda: bool(accounts.calls))
        QTest.keyClick(dialog.apps, Qt.Key.Key_Down)
        await desk.reach(dialog, Phase.WAITING)
        assert [call[1] for call in accounts.named("begin")] == ["a1", "a2"]
        assert dialog.flow.attempt is not None
        assert dialog.flow.attempt.app.id == "a2"
        slow.set()
        assert desk.tasks.running() == ()


async def test_several_dialogs_wait_at_once(qapp: QApplication) -> None:
    first, second = FakeAccounts(), FakeAccounts(grant=make_grant("22", "contoso"))
    async with at(qapp) as desk:
        one, two = await desk.waiting(first), await desk.waiting(second)
        assert one.isVisible()
        assert two.isVisible()
        enter(two, "2222222")
        await until(lambda: len(desk.connected) == 1)
        assert one.flow.phase is Phase.WAITING
        enter(one, "1111111")
        await until(lambda: len(desk.connected) == 2)
        assert [made.screen_name for made in desk.connected] == ["contoso", "northwind_ads"]
        assert first.named("finish") == [("finish", "request1", "1111111")]


async def test_closing_ends_what_runs(qapp: QApplication) -> None:
    accounts = FakeAccounts(begins=[asyncio.Event()])
    async with at(qapp) as desk:
        dialog = desk.open(accounts)
        await until(lambda: bool(accounts.calls))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        await until(lambda: desk.tasks.running() == ())
        assert desk.funnel == []


async def test_progress_is_shown_for_what_takes_long(qapp: QApplication) -> None:
    accounts = FakeAccounts(begins=[asyncio.Event()])
    async with at(qapp) as desk:
        dialog = desk.open(accounts)
        assert not dialog.progress.isVisible()
        await until(dialog.progress.isVisible)
        assert "Asking X" in dialog.doing.text()


async def test_everything_is_reached_with_the_keyboard(qapp: QApplication) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(FakeAccounts())
        dialog.steps.pin.setText("1234567")
        dialog.apps.setFocus()
        seen = []
        for _ in range(7):
            widget = dialog.focusWidget()
            seen.append(widget.accessibleName() if widget is not None else "")
            dialog.focusNextChild()
        assert seen == [
            "X app", "PIN", "Open in my browser", "Copy link", "Continue", "Cancel", "Start over",
        ]  # fmt: skip


async def test_it_fits_a_small_screen(qapp: QApplication) -> None:
    accounts = FakeAccounts(keeps=[FAILED])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.UNSTORED)
        hint = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
        assert hint.width() <= 800
        assert hint.height() <= 560


async def test_a_long_host_does_not_widen_the_dialog(qapp: QApplication) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(FakeAccounts())
        long = QUrl(f"https://{'a' * 60}.{'b' * 60}.accounts.example.com/")
        dialog.pane.refused.say("Refused.", long)
        dialog.pane.bar.show_host(long)
        assert dialog.pane.bar.host.text().startswith("…")
        assert dialog.pane.bar.host.toolTip() == long.host()
        assert dialog.pane.refused.elsewhere.accessibleName().endswith(
            "accounts.example.com in my browser"
        )
        assert dialog.minimumSizeHint().width() <= 800


async def test_the_host_bar_of_a_small_dialog_is_shortened_and_says_all(qapp: QApplication) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(FakeAccounts())
        dialog.resize(700, 480)
        dialog.pane.bar.show_host(QUrl("http://127.0.0.1:38855/"))
        words = dialog.pane.bar.words
        await until(lambda: "…" in words.text())
        assert words.fontMetrics().horizontalAdvance(words.text()) <= words.width()
        assert "practice on this computer, not encrypted" in dialog.pane.bar.accessibleName()
        assert words.toolTip() == "practice on this computer, not encrypted"


@pytest.mark.parametrize("step", ["begins", "finishes"])
async def test_keys_that_are_gone_can_be_entered_again(qapp: QApplication, step: str) -> None:
    gone = KeychainError(ErrorCode.APP_KEYS, "The keys are not in the keychain", "Removed.", "Do.")
    accounts = FakeAccounts()
    getattr(accounts, step).append(gone)
    async with at(qapp) as desk:
        dialog = desk.open(accounts)
        wanted: list[str] = []
        dialog.keys_wanted.connect(wanted.append)
        if step == "finishes":
            await desk.reach(dialog, Phase.WAITING)
            enter(dialog)
        await until(lambda: gone.title in said(dialog))
        press(dialog, "Enter the keys again")
        assert wanted == ["a1"]


@pytest.mark.parametrize("step", ["begins", "finishes"])
async def test_what_is_locked_can_be_unlocked_from_the_dialog(
    qapp: QApplication, step: str
) -> None:
    accounts = FakeAccounts()
    getattr(accounts, step).append(LOCKED)
    async with at(qapp) as desk:
        dialog = desk.open(accounts)
        if step == "finishes":
            await desk.reach(dialog, Phase.WAITING)
            enter(dialog)
        await until(lambda: LOCKED.title in said(dialog) and not dialog.flow.phase.busy)
        press(dialog, "Unlock …")
        if step == "begins":
            await desk.reach(dialog, Phase.WAITING)
            assert [call[0] for call in accounts.calls] == ["begin", "unlock", "begin"]
            return
        await until(lambda: bool(desk.connected))
        assert [call[0] for call in accounts.calls][-4:-1] == ["finish", "unlock", "finish"]


async def test_nothing_secret_is_on_the_screen(qapp: QApplication) -> None:
    accounts = FakeAccounts(keeps=[FAILED])
    async with at(qapp) as desk:
        dialog = await desk.waiting(accounts)
        enter(dialog)
        await desk.reach(dialog, Phase.UNSTORED)
        shown = [label.text() for label in dialog.findChildren(QLabel)]
        shown += [repr(dialog.flow.granted), repr(dialog.flow.attempt), dialog.windowTitle()]
        assert not any("TOKEN-" in text or "request1" in text for text in shown)


async def test_light_and_dark_switch_live(qapp: QApplication) -> None:
    async with at(qapp) as desk:
        dialog = await desk.waiting(FakeAccounts())
        light = dialog.grab().toImage().pixelColor(5, 5).lightness()
        desk.theme.set_mode("dark")
        dark = dialog.grab().toImage().pixelColor(5, 5).lightness()
        desk.theme.set_mode("light")
        assert light > 200 > 60 > dark
