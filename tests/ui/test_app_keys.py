"""What the window says of an app's keys: when they are kept, when they are checked, ever after."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QLineEdit, QWidget

from adwarden.domain.checks import CheckResult, Way, found
from adwarden.domain.errors import (
    AdwardenError,
    AuthorizationError,
    ErrorCode,
    KeychainError,
    NetworkError,
)
from adwarden.domain.model import AppState, XApp
from adwarden.services.events import AppSaved
from adwarden.ui.app_dialog import AddAppDialog
from adwarden.ui.check_dialog import CheckDialog
from adwarden.ui.details_place import Place
from adwarden.ui.rail import Rail
from adwarden.ui.renew_dialog import RenewAppDialog
from tests.fakes.services import make_world
from tests.ui.stagehand import Stagehand, named, press, until

CTRL = Qt.KeyboardModifier.ControlModifier
WRONG = AuthorizationError(
    ErrorCode.APP_KEYS,
    "The keys of the X app were not accepted",
    "X could not authenticate the app.",
    "Compare both keys.",
)
OFFLINE = NetworkError(ErrorCode.NO_NETWORK, "X cannot be reached", "There is no network.")


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses that are opened."""
    opened: list[str] = []

    def note(url: QUrl) -> bool:
        opened.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", note)
    return opened


def words(root: QWidget) -> str:
    labels = root.findChildren(QLabel)
    return " ".join(label.text().replace("\u200b", "") for label in labels if label.isVisible())


def said(hand: Stagehand) -> str:
    return words(hand.window.statusBar())


def titles(hand: Stagehand) -> list[str]:
    return [one.title for one in hand.window.notices.shown()]


def buttons(dialog: QDialog) -> list[str]:
    ways = {way.value for way in Way}
    shown = [one.accessibleName() for one in dialog.findChildren(QAbstractButton)]
    return [
        one for one in shown if one in ways and any(p.isVisible() for p in _called(dialog, one))
    ]


def _called(dialog: QDialog, name: str) -> list[QAbstractButton]:
    return [p for p in dialog.findChildren(QAbstractButton) if p.accessibleName() == name]


async def dialog_of(hand: Stagehand, kind: type[QDialog]) -> QDialog:
    shown: list[QDialog] = []

    def look() -> bool:
        shown[:] = [one for one in hand.window.findChildren(kind) if one.isVisible()]
        return bool(shown)

    await until(look, kind.__name__)
    return shown[-1]


def of_app(hand: Stagehand, app_id: str, error: AdwardenError) -> CheckResult:
    known = hand.window.state.apps.get(app_id)
    return found(None, known or replace(hand.services.snapshot.apps[0], id=app_id), error)


def turns(hand: Stagehand, app: XApp, state: AppState) -> None:
    hand.services.emit(AppSaved(replace(app, state=state)))


async def add(hand: Stagehand, error: AdwardenError | None) -> None:
    if error is not None:
        hand.services.checking.found["app-1"] = of_app(hand, "app-1", error)
    hand.window.commands.add_app()
    dialog = await dialog_of(hand, AddAppDialog)
    typed = {"App name": "New app", "API key": "k" * 25, "API key secret": "s" * 50}
    for name, text in typed.items():
        field = named(dialog, name, QLineEdit)
        assert isinstance(field, QLineEdit)
        field.setText(text)
    press(dialog, "Save")
    await until(lambda: ("check", "app-1") in hand.services.asked, "the test of the keys")
    assert "app-1" in hand.window.state.apps  # kept, whatever came of the test


async def test_keys_that_x_accepts_are_said_once_they_are_kept(hand: Stagehand) -> None:
    await hand.open(make_world())
    before = titles(hand)
    await add(hand, None)
    await hand.settle()
    assert "New app was added. X accepts the keys" in said(hand)
    asked = [call[0] for call in hand.services.asked if call[0] in ("add_app", "check")]
    assert asked == ["add_app", "check"]
    assert titles(hand) == before


async def test_a_wrong_pair_is_said_at_once_with_the_way_to_enter_it_again(
    hand: Stagehand, pages: list[str]
) -> None:
    await hand.open(make_world())
    await add(hand, WRONG)
    await hand.settle()
    app = hand.window.state.apps["app-1"]
    turns(hand, app, AppState.WRONG_KEYS)
    await hand.settle()
    assert "New app: X does not accept the keys." in titles(hand)
    assert "was added. The keys of the X app were not accepted" in said(hand)
    press(hand.window, "Open the developer console")
    assert pages == ["https://console.x.com"]
    press(hand.window, "Enter the keys again")
    dialog = await dialog_of(hand, RenewAppDialog)
    dialog.reject()
    turns(hand, app, AppState.WORKING)
    assert "New app: X does not accept the keys." not in titles(hand)


async def test_an_app_without_a_callback_url_has_the_right_keys(hand: Stagehand) -> None:
    await hand.open(make_world())
    before = titles(hand)
    missing = AuthorizationError(ErrorCode.CALLBACK, "The X app has no callback URL", "X wants one")
    await add(hand, missing)
    await hand.settle()
    assert "X accepts the keys, but: The X app has no callback URL" in said(hand)
    assert titles(hand) == before


async def test_offline_the_app_is_added_and_that_it_was_not_checked_is_said_quietly(
    hand: Stagehand,
) -> None:
    await hand.open(make_world())
    before = titles(hand)
    await add(hand, OFFLINE)
    await hand.settle()
    assert "New app was added. The keys were not checked: X cannot be reached" in said(hand)
    assert titles(hand) == before


async def test_a_test_that_runs_when_the_window_goes_ends_with_it(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.gates["check"] = asyncio.Event()
    await add(hand, None)
    assert "Asking X about the keys" in said(hand)
    assert "check the keys" in hand.tasks.running()
    hand.tasks.cancel(hand.window)
    await until(lambda: "check the keys" not in hand.tasks.running(), "the end")


async def test_new_keys_that_are_wrong_leave_the_connections_alone(hand: Stagehand) -> None:
    await hand.open(make_world())
    app = hand.window.state.apps["a1"]
    hand.services.checking.found["a1"] = of_app(hand, "a1", WRONG)
    hand.window.commands._renewed(app)
    await hand.settle()
    assert [call for call in hand.services.asked if call[0] == "check"] == [("check", "a1")]
    assert "were kept. The keys of the X app were not accepted" in said(hand)


async def test_what_was_said_of_the_bearer_token_stays_beside_the_outcome(
    hand: Stagehand,
) -> None:
    await hand.open(replace(make_world(), connections=(), entries={}))
    hand.window.commands._renewed(hand.window.state.apps["a1"], ("bearer",))
    await hand.settle()
    assert "fetch a new one. X accepts the keys" in said(hand)


# Check


async def test_an_app_without_connections_is_checked_by_its_keys(hand: Stagehand) -> None:
    await hand.open(replace(make_world(), connections=(), entries={}))
    hand.services.checking.found["a2"] = of_app(hand, "a2", WRONG)
    hand.window.on_demand.upkeep.check(Place("a1", ""))
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle()
    assert "X accepts the keys of 1 X app" in words(dialog)
    assert buttons(dialog) == []
    QTest.keyClick(hand.window, Qt.Key.Key_K, CTRL | Qt.KeyboardModifier.ShiftModifier)
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle()
    assert "2 checked, 1 with trouble" in words(dialog)
    assert "Conversions app: The keys of the X app were not accepted" in words(dialog)
    assert buttons(dialog) == ["Enter the keys again", "Open the developer console"]
    press(dialog, "Enter the keys again")
    renew = await dialog_of(hand, RenewAppDialog)
    renew.reject()
    dialog.reject()
    await hand.settle()


async def test_a_token_that_may_only_read_leads_to_the_console_and_to_reconnect(
    hand: Stagehand, pages: list[str]
) -> None:
    await hand.open(make_world())
    one = hand.window.state.connections["c3"]
    read = AuthorizationError(ErrorCode.APP_READ_ONLY, "The token may only read", "Read.", "Set it")
    hand.services.checking.found["c3"] = found(one, hand.window.state.apps["a1"], read)
    hand.window.on_demand.upkeep.check(Place("", "c3"))
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle()
    assert buttons(dialog) == ["Open the developer console", "Reconnect"]
    press(dialog, "Open the developer console")
    assert pages == ["https://console.x.com"]
    press(dialog, "Reconnect")
    assert hand.authorized == [("a1", "c3")]
    dialog.reject()
    await hand.settle()


async def test_a_keychain_that_is_not_there_leads_to_the_places(hand: Stagehand) -> None:
    await hand.open(make_world())
    one = hand.window.state.connections["c3"]
    missing = KeychainError(ErrorCode.KEYCHAIN_MISSING, "No keychain", "There is none.", "Start it")
    hand.services.checking.found["c3"] = found(one, hand.window.state.apps["a1"], missing)
    hand.window.on_demand.upkeep.check(Place("", "c3"))
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle()
    assert buttons(dialog) == ["Where secrets are kept", "Check again"]
    opened: list[bool] = []
    vault = SimpleNamespace(open=lambda: opened.append(True), see=id, close=lambda: None)
    vars(hand.window.on_demand)["vault"] = vault
    press(dialog, "Where secrets are kept")
    assert opened == [True]
    hand.services.checking.found.clear()
    press(dialog, "Check again")
    await hand.settle()
    assert "1 connection works" in words(dialog)
    assert buttons(dialog) == []
    dialog.reject()
    await hand.settle()


# What is known of the keys


@pytest.mark.parametrize(
    ("state", "row", "title", "ways"),
    [
        (AppState.KEYS_MISSING, "Keys missing", "the keys are missing", ["Enter the keys again"]),
        (
            AppState.WRONG_KEYS,
            "Wrong keys",
            "X does not accept the keys",
            ["Enter the keys again", "Open the developer console"],
        ),
        (
            AppState.SUSPENDED,
            "Suspended",
            "X has suspended the app",
            ["Open the developer console"],
        ),
    ],
)
async def test_an_app_s_trouble_is_seen_in_its_row_its_page_and_a_notice(
    hand: Stagehand, state: AppState, row: str, title: str, ways: list[str]
) -> None:
    await hand.open(make_world())
    app = hand.window.state.apps["a1"]
    turns(hand, app, state)
    rail = hand.window.findChildren(Rail)[0]
    await until(lambda: rail.settled, "the rail")
    index = rail.model().index(0, 0)
    assert row in str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    assert row in str(index.data(Qt.ItemDataRole.ToolTipRole))
    (notice,) = [one for one in hand.window.notices.shown() if title in one.title]
    assert notice.title == f"{app.label}: {title}."
    assert [one.text for one in notice.buttons] == ways
    # Closed by a person, it stays closed until something else is so.
    hand.window.notices.dismiss(notice.id)
    hand.services.emit(AppSaved(replace(app, state=state, note="changed")))
    assert notice.title not in titles(hand)
    turns(hand, app, AppState.WORKING)
    turns(hand, app, state)
    assert notice.title in titles(hand)
    turns(hand, app, AppState.UNKNOWN)
    assert notice.title not in titles(hand)
    await until(lambda: rail.settled, "the rail")
    assert row not in str(rail.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))


async def test_what_was_known_is_shown_at_the_start(hand: Stagehand) -> None:
    world = make_world()
    apps = (replace(world.apps[0], state=AppState.KEYS_MISSING), *world.apps[1:])
    await hand.open(replace(world, apps=apps))
    assert f"{apps[0].label}: the keys are missing." in titles(hand)
