from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeView, QWidget

from adwarden.domain.errors import InputError
from adwarden.domain.model import Snapshot
from adwarden.services.apps import DoubtfulKeysError
from adwarden.ui.renew_dialog import ALL_THE_SAME, RENEW, RenewAppDialog
from tests.fakes.services import make_app, make_world
from tests.ui.stagehand import Stagehand, named, press, until

KEY = "k" * 25
SECRET = "s" * 50


async def opened(hand: Stagehand) -> RenewAppDialog:
    """Open the dialog from the details of the first app of the rail."""
    await hand.open(make_world())
    rail = named(hand.window, "X apps and connections")
    assert isinstance(rail, QTreeView)
    rail.setCurrentIndex(rail.model().index(0, 0))
    await hand.settle()
    press(hand.window, RENEW)
    await until(lambda: dialogs(hand), "the dialog")
    return dialogs(hand)[0]


def dialogs(hand: Stagehand) -> list[RenewAppDialog]:
    return [one for one in hand.window.findChildren(RenewAppDialog) if one.isVisible()]


def field(dialog: QWidget, name: str) -> QLineEdit:
    found = named(dialog, name, QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


async def test_the_keys_are_asked_for_and_nothing_else(hand: Stagehand) -> None:
    dialog = await opened(hand)
    assert dialog.windowTitle() == dialog.accessibleName() == "Enter the keys again"
    name = field(dialog, "App name")
    assert name.text() == "Agency app"
    QTest.keyClicks(name, "x")
    assert name.text() == "Agency app"
    visible = {part.accessibleName() for part in dialog.findChildren(QWidget) if part.isVisible()}
    assert "App access" not in visible
    assert not any("Fill in" in words for words in visible)
    assert dialog.focusWidget() is field(dialog, "API key")
    field(dialog, "API key").setText(KEY)
    field(dialog, "API key secret").setText(SECRET)
    QTest.keyClick(field(dialog, "API key secret"), Qt.Key.Key_Return)
    await until(lambda: not dialogs(hand), "saving")
    label, key, secret, _ = hand.services.kept[0]
    assert (label, key.unwrap(), secret.unwrap()) == ("Agency app", KEY, SECRET)
    looked, kept = (hand.services.asked.index((one, "a1")) for one in ("weigh_keys", "renew_app"))
    assert looked < kept
    await hand.settle()


async def test_a_refusal_is_said_beside_its_field_and_can_be_mended(hand: Stagehand) -> None:
    refusal = InputError("The API key is missing", "Without it nothing is signed.", field="key")
    hand.services.failures["renew_app"] = [refusal]
    dialog = await opened(hand)
    press(dialog, "Save")
    assert not hand.services.kept
    field(dialog, "API key").setText(KEY)
    field(dialog, "API key secret").setText(SECRET)
    press(dialog, "Save")
    await until(lambda: field(dialog, "API key").isEnabled(), "the refusal")
    assert dialogs(hand)
    press(dialog, "Save")
    await until(lambda: hand.services.kept, "saving")
    await until(lambda: not dialogs(hand) and not hand.tasks.running(), "closing")


async def test_what_wanted_the_keys_goes_on_once_the_dialog_over_it_is_closed(
    hand: Stagehand,
) -> None:
    await hand.open(Snapshot((make_app(),)))
    over, went_on = QDialog(hand.window), list[bool]()
    over.show()

    def go_on() -> None:
        went_on.append(bool(dialogs(hand)))
        over.activateWindow()

    hand.window.commands.renew_app("a1", over, go_on)
    await until(lambda: dialogs(hand), "the dialog")
    dialog = dialogs(hand)[0]
    assert dialog.parent() is over
    field(dialog, "API key").setText(KEY)
    field(dialog, "API key secret").setText(SECRET)
    press(dialog, "Save")
    await until(lambda: went_on, "going on")
    assert went_on == [False]
    await until(over.isActiveWindow, "the focus")
    await hand.settle()


async def test_one_dialog_for_keys_at_a_time(hand: Stagehand) -> None:
    await hand.open(Snapshot((make_app(),)))
    hand.window.commands.renew_app("a1")
    await until(lambda: dialogs(hand), "the dialog")
    hand.window.commands.renew_app("a1")
    hand.window.commands.renew_app("gone")
    assert len(dialogs(hand)) == 1
    dialogs(hand)[0].reject()
    await until(lambda: not dialogs(hand) and not hand.tasks.running(), "closing")
    assert not hand.services.kept


async def test_a_bearer_token_that_went_with_the_keys_before_is_told(
    hand: Stagehand, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = await opened(hand)
    commands = hand.window.commands
    said: list[str] = []
    monkeypatch.setattr(commands, "_say", said.append)
    app = make_world().apps[0]
    commands._renewed(app, ("bearer", "client_id"))
    assert "Its bearer token belonged to the keys before: fetch a new one" in said[0]
    commands._renewed(replace(app, holds=("bearer",)), ("bearer",))
    assert said[1:] == [f"The keys of {app.label} were kept"]
    dialog.reject()
    await hand.settle()


DOUBT = DoubtfulKeysError("Refused", "X does not accept these keys.", "Compare.", field="secret")


async def test_doubtful_keys_are_kept_only_by_a_button_of_its_own(hand: Stagehand) -> None:
    hand.services.failures["weigh_keys"] = [DOUBT, DOUBT]
    dialog = await opened(hand)
    field(dialog, "API key").setText(KEY)
    secret = field(dialog, "API key secret")
    QTest.keyClicks(secret, SECRET)
    assert not shown(dialog, ALL_THE_SAME)
    press(dialog, "Save")
    await until(lambda: shown(dialog, ALL_THE_SAME), "the doubt")
    await until(secret.isEnabled, "the end")
    assert secret.accessibleDescription() == "X does not accept these keys. Compare."
    assert not hand.services.kept
    # Whoever types anew has the new ones looked at as well.
    QTest.keyClicks(secret, "x")
    assert not shown(dialog, ALL_THE_SAME)
    press(dialog, "Save")
    await until(lambda: shown(dialog, ALL_THE_SAME), "the doubt")
    await until(secret.isEnabled, "the end")
    assert not hand.services.kept
    press(dialog, ALL_THE_SAME)
    await until(lambda: not dialogs(hand), "saving")
    assert hand.services.kept[0][2].unwrap() == f"{SECRET}x"
    assert hand.services.asked.count(("weigh_keys", "a1")) == 2
    await hand.settle()


def shown(dialog: QWidget, name: str) -> bool:
    parts = dialog.findChildren(QWidget)
    return any(one.isVisible() for one in parts if one.accessibleName() == name)
