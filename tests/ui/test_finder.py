"""Which connection can do something on an ad account, as the window tells it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit

from adwarden.domain.model import FILE, AccountEntry, AppAccess, ConnectionState, Snapshot
from adwarden.domain.permissions import CAPABILITIES
from adwarden.ui.actions import Id
from adwarden.ui.details_place import Place
from adwarden.ui.finder_dialog import FinderDialog
from adwarden.ui.finder_words import CAN, CANNOT, LOST, MAY, answer, groups
from adwarden.ui.hand_over_dialog import HandOverDialog
from tests.fakes.services import make_app, make_connection, make_entry
from tests.ui.stagehand import Stagehand, named, press, until

ACCOUNT = "18ce54d4x5t"


def world() -> Snapshot:
    """Return an ad account that six connections reach, each in another way."""
    held = {
        "c1": ("ACCOUNT_ADMIN",),
        "c2": ("AD_MANAGER",),
        "c3": ("CAMPAIGN_ANALYST",),
        "c4": ("SOMETHING_NEW",),
        "c5": ("AD_MANAGER",),
        "c6": ("ACCOUNT_ADMIN",),
    }
    made = {
        "c1": make_connection("c1", "admin"),
        "c2": make_connection("c2", "manager"),
        "c3": make_connection("c3", "analyst"),
        "c4": make_connection("c4", "strange"),
        "c5": make_connection("c5", "lost", ConnectionState.REVOKED),
        "c6": make_connection("c6", "events", app_id="a2"),
    }
    entries: dict[str, tuple[AccountEntry, ...]] = {
        key: (make_entry(permissions=permissions),) for key, permissions in held.items()
    }
    entries["c1"] += (make_entry("18other", "Fabrikam & Söhne"),)
    apps = (make_app(), make_app("a2", "Events app", AppAccess.CONVERSION_ONLY))
    return Snapshot(apps, tuple(made.values()), entries)


def shown(hand: Stagehand) -> FinderDialog | None:
    found = [one for one in hand.window.findChildren(FinderDialog) if one.isVisible()]
    return found[0] if found else None


async def opened(hand: Stagehand, place: Place | None = None) -> FinderDialog:
    hand.window.on_demand.handing.find(place or Place("", "c1", ACCOUNT))
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    return dialog


def rows(dialog: FinderDialog) -> list[str]:
    """Return what a screen reader says of each row, and the headings."""
    items = [dialog._list.item(place) for place in range(dialog._list.count())]
    said = Qt.ItemDataRole.AccessibleTextRole
    return [str(item.data(said) or item.text()).split(" · ")[0] for item in items]


def words(dialog: QDialog) -> str:
    parts = [part.text() for part in dialog.findChildren(QLabel) if part.isVisible()]
    return "\n".join(parts).replace("\u200b", "")


def what(dialog: FinderDialog) -> QComboBox:
    found = named(dialog, "To do what", QComboBox)
    assert isinstance(found, QComboBox)
    return found


async def test_the_least_permission_comes_first_with_its_reason(hand: Stagehand) -> None:
    await hand.open(world())
    dialog = await opened(hand)
    assert rows(dialog) == [
        CAN, "@manager", "@admin", MAY, "@strange", LOST, "@lost", CANNOT, "@analyst", "@events",
    ]  # fmt: skip
    assert dialog._list.key == "c2"
    assert "2 of 6 connections that reach it can do this now, 1 more may." in words(dialog)
    assert "@manager can manage campaigns: Ad manager (documented)" in words(dialog)
    what(dialog).setCurrentIndex(what(dialog).findData("statistics"))
    assert rows(dialog)[:4] == [CAN, "@analyst", "@manager", "@admin"]
    dialog._list.choose("c6")
    assert "@events cannot see campaign statistics" in words(dialog)
    dialog.reject()
    await hand.settle()
    # The same question, the next time.
    dialog = await opened(hand)
    assert dialog.capability == "statistics"
    dialog.reject()
    await hand.settle()


@pytest.mark.parametrize("capability", CAPABILITIES)
async def test_every_question_has_an_answer(hand: Stagehand, capability: str) -> None:
    await hand.open(world())
    found = answer(hand.window.state, ACCOUNT, capability)
    assert sum(len(rows) for _, rows in groups(found, hand.window.state)) == found.asked == 6


async def test_by_the_keyboard_to_the_next_step(hand: Stagehand) -> None:
    await hand.open(world())
    hand.window._selecting.go_to("c1", ACCOUNT)
    QTest.keyClick(
        hand.window, Qt.Key.Key_F,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )  # fmt: skip
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    await until(what(dialog).hasFocus, "the focus")
    QTest.keyClick(what(dialog), Qt.Key.Key_Tab)
    await until(dialog._list.hasFocus, "the list")
    QTest.keyClick(dialog._list, Qt.Key.Key_Return)
    await until(lambda: hand.window.findChildren(HandOverDialog), "the hand-over")
    (next_one,) = hand.window.findChildren(HandOverDialog)
    assert next_one.windowTitle() == "Hand over @manager"
    await until(lambda: next_one.settled and next_one._draft is not None, "the preview")
    assert next_one._page.options.account_id == ACCOUNT
    next_one.reject()
    await hand.settle()


async def test_a_lost_one_is_reconnected_and_any_is_shown_in_the_tree(hand: Stagehand) -> None:
    await hand.open(world())
    dialog = await opened(hand)
    dialog._list.choose("c5")
    press(dialog, "Reconnect")
    await until(lambda: shown(hand) is None, "the end")
    assert hand.authorized == [("a1", "c5")]
    await hand.settle()
    dialog = await opened(hand)
    dialog._list.choose("c3")
    press(dialog, "Show in the tree")
    await until(lambda: shown(hand) is None, "the end")
    assert (hand.window._place.connection_id, hand.window._place.account_id) == ("c3", ACCOUNT)
    await hand.settle()


async def test_another_ad_account_is_found_by_name_and_by_id(hand: Stagehand) -> None:
    await hand.open(world())
    dialog = await opened(hand, Place())
    where = named(dialog, "Ad account", QLineEdit)
    assert isinstance(where, QLineEdit)
    await until(where.hasFocus, "the focus")
    assert "Type a name or an ID" in words(dialog)
    assert not named(dialog, "Hand over …").isEnabled()
    QTest.keyClicks(where, "abri")
    completer = where.completer()
    assert completer is not None
    assert completer.completionCount() == 1
    assert completer.currentCompletion() == "Fabrikam & Söhne · 18other"
    where.setText(completer.currentCompletion())
    assert rows(dialog) == [CAN, "@admin"]
    where.setText("18CE54D4X5T")
    assert len(rows(dialog)) == 10
    where.setText("nothing of the kind")
    assert rows(dialog) == []
    assert "No ad account is called so" in words(dialog)
    dialog.reject()
    await hand.settle()


async def test_where_nobody_can_it_says_what_helps(hand: Stagehand) -> None:
    one = replace(world(), entries={"c3": world().entries["c3"]})
    await hand.open(one)
    dialog = await opened(hand)
    assert "No connection can manage campaigns here" in words(dialog)
    dialog.reject()
    await hand.settle()
    hand.window.load(replace(world(), entries={"c5": world().entries["c5"]}))
    dialog = await opened(hand)
    assert "No connection that can manage campaigns works now" in words(dialog)
    dialog.reject()
    await hand.settle()


async def test_what_is_in_a_locked_file_is_not_told(hand: Stagehand) -> None:
    snapshot = world()
    hidden = tuple(
        replace(one, place=FILE) if one.id == "c2" else one for one in snapshot.connections
    )
    await hand.open(replace(snapshot, connections=hidden))
    dialog = await opened(hand)
    assert "@manager" not in rows(dialog)
    dialog.reject()
    await hand.settle()
    locked = tuple(replace(one, place=FILE) for one in snapshot.connections)
    hand.window.load(replace(snapshot, connections=locked))
    hand.window.on_demand.handing.find(Place())
    assert shown(hand) is None
    assert [one.id for one in hand.window.notices.shown() if one.id == "hidden"]
    await hand.settle()


async def test_it_is_offered_where_there_is_somebody_to_ask_about(hand: Stagehand) -> None:
    await hand.open(Snapshot((make_app(),)))
    assert not hand.window._actions[Id.FIND].isEnabled()
    hand.window.load(world())
    hand.window._selecting.go_to("c1", ACCOUNT)
    await hand.settle()
    assert hand.window._actions[Id.FIND].isEnabled()
    press(hand.window, "Which token …")
    await until(lambda: shown(hand), "the dialog")
    dialog = shown(hand)
    assert dialog is not None
    assert dialog._account == ACCOUNT
    dialog.reject()
    await hand.settle()


async def test_another_dialog_opens_the_moment_this_one_is_closed(hand: Stagehand) -> None:
    await hand.open(world())
    dialog = await opened(hand)
    dialog.close()
    again = await opened(hand)  # nothing of the first one's end has come through yet
    assert again is not dialog
    again.close()
    await hand.settle()
