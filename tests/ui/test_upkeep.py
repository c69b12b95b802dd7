from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)

from adwarden.domain.checks import CheckResult, Finding, found
from adwarden.domain.errors import (
    AdwardenError,
    AuthorizationError,
    ErrorCode,
    KeychainError,
    NetworkError,
)
from adwarden.domain.model import Connection, ConnectionState
from adwarden.domain.secret import Secret
from adwarden.services.events import ConnectionSaved, Removal, RemovalChanged, RemovalKind, Stage
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.check_dialog import CheckDialog
from adwarden.ui.check_list import CheckList
from adwarden.ui.details_place import Place
from adwarden.ui.leave_dialog import LeaveDialog
from adwarden.ui.left_dialog import LeftDialog
from adwarden.ui.tree_nodes import Selection
from adwarden.ui.undo_strip import UndoStrip, UndoStrips
from adwarden.ui.unlocking import UNLOCKING_NOTICE
from tests.fakes.services import make_world
from tests.ui.stagehand import Stagehand, named, press, until

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
DEAD = AuthorizationError(
    ErrorCode.REVOKED,
    "The authorization has ended",
    "X no longer accepts this token.",
    "Reconnect to get a new token.",
)


def words(root: QWidget) -> str:
    labels = root.findChildren(QLabel)
    return " ".join(label.text().replace("\u200b", "") for label in labels if label.isVisible())


def strips(hand: Stagehand) -> list[UndoStrip]:
    return [one for one in hand.window.findChildren(UndoStrip) if not one.isHidden()]


def tree(hand: Stagehand) -> AccountTree:
    return hand.window.findChildren(AccountTree)[0]


def dead(hand: Stagehand, connection_id: str, error: AdwardenError = DEAD) -> CheckResult:
    one = hand.window.state.connections[connection_id]
    return found(one, hand.window.state.apps[one.app_id], error)


async def dialog_of(hand: Stagehand, kind: type[QDialog]) -> QDialog:
    shown: list[QDialog] = []

    def look() -> bool:
        shown[:] = [one for one in hand.window.findChildren(kind) if one.isVisible()]
        return bool(shown)

    await until(look, kind.__name__)
    return shown[-1]


# Undo


async def test_disconnecting_shows_a_strip_and_undo_brings_it_back(hand: Stagehand) -> None:
    await hand.open(make_world())
    tree(hand).select(Selection("connection", "c3"))
    await hand.settle()
    QTest.keyClick(hand.window, Qt.Key.Key_D, CTRL | SHIFT)
    await until(lambda: named_dialog(hand, "Disconnect"), "the question")
    press(hand.window, "Revoke at X and remove")
    await hand.settle()
    handle = hand.services.removing.waiting["c3"].name
    assert "c3" not in hand.window.state.connections
    (strip,) = strips(hand)
    assert strip.accessibleName() == f"{handle} disconnected"
    assert "revoked at X in 10 s" in words(strip)
    hand.services.removing.seconds = 3.2
    hand.window.findChildren(UndoStrips)[0].tick()
    assert "revoked at X in 4 s" in words(strip)
    press(hand.window, f"Undo: {handle} disconnected")
    await hand.settle()
    assert "c3" in hand.window.state.connections
    assert not strips(hand)
    assert ("disconnect", "c3", True) in hand.services.asked


def named_dialog(hand: Stagehand, start: str) -> bool:
    return any(
        one.isVisible() and one.windowTitle().startswith(start)
        for one in hand.window.findChildren(QDialog)
    )


async def test_control_z_undoes_the_newest_and_a_field_keeps_its_own(hand: Stagehand) -> None:
    await hand.open(make_world())
    first, second = list(hand.window.state.connections)[:2]
    for one in (first, second):
        hand.services.removing.disconnect(one, revoke=False)
    assert [strip.removal.id for strip in strips(hand)] == [first, second]
    QTest.keyClick(tree(hand), Qt.Key.Key_Z, CTRL)
    await hand.settle()
    assert second in hand.window.state.connections
    assert first not in hand.window.state.connections
    field = named(hand.window, "Search", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setFocus()
    QTest.keyClicks(field, "north")
    QTest.keyClick(field, Qt.Key.Key_Z, CTRL)
    await hand.settle()
    assert first not in hand.window.state.connections
    tree(hand).setFocus()
    for _ in range(2):
        QTest.keyClick(tree(hand), Qt.Key.Key_Z, CTRL)
        await hand.settle()
    assert first in hand.window.state.connections
    assert "nothing to undo" in words(hand.window.statusBar()).lower()


async def test_tab_comes_from_the_tree_to_the_newest_strip(hand: Stagehand) -> None:
    await hand.open(make_world())
    first, second = list(hand.window.state.connections)[:2]
    for one in (first, second):
        hand.services.removing.disconnect(one, revoke=False)
    tree(hand).setFocus()
    seen = []
    for _ in range(2):
        QTest.keyClick(QApplication.focusWidget() or hand.window, Qt.Key.Key_Tab)
        part = QApplication.focusWidget()
        seen.append(part.accessibleName() if part else "")
    handles = [hand.services.removing.waiting[one].name for one in (second, first)]
    assert seen == [f"Undo: {handle} disconnected" for handle in handles]
    # The strip with the keyboard goes: it moves to the next one, then to the tree.
    for one in (first, second):
        hand.services.removing.end(one)
    await hand.settle()
    assert hand.window.focusWidget() is tree(hand)


async def test_a_strip_is_announced_once_and_has_names(
    hand: Stagehand, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("adwarden.ui.undo_strip.announce", lambda _, text: said.append(text))
    await hand.open(make_world())
    hand.services.removing.disconnect("c3", revoke=False)
    hand.window.findChildren(UndoStrips)[0].tick()
    (text,) = said
    assert "disconnected, deleted here in 10 s" in text
    assert "Control Z" in text
    (strip,) = strips(hand)
    interface = QAccessible.queryAccessibleInterface(strip.button)
    assert interface is not None
    assert interface.text(QAccessible.Text.Name).startswith("Undo: @")
    assert "in 10 s" in interface.text(QAccessible.Text.Description)


async def test_more_than_three_strips_are_scrolled(hand: Stagehand) -> None:
    await hand.open(make_world())
    view = hand.window
    handles = [f"@user_{n}" for n in range(6)]
    for n, handle in enumerate(handles):
        removal = Removal(f"x{n}", handle, False, 0.0)
        hand.services.removing.waiting[removal.id] = removal
        hand.services.emit(RemovalChanged(removal, Stage.WAITING))
    await hand.settle()
    area = view.findChildren(UndoStrips)[0]
    one = strips(hand)[0].sizeHint().height()
    assert area.height() < 4 * (one + 8)
    assert area.verticalScrollBar().maximum() > 0
    for n in range(6):
        hand.services.emit(RemovalChanged(hand.services.removing.waiting[f"x{n}"], Stage.DONE))
    assert area.isHidden()


async def test_what_could_not_be_revoked_is_told_with_both_ways(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.removing.disconnect("c3", revoke=True)
    handle = hand.services.removing.waiting["c3"].name
    refused = AuthorizationError(ErrorCode.APP_SUSPENDED, "The X app is suspended", "By X.", "Ask.")
    hand.services.removing.end("c3", refused)
    await hand.settle()
    assert "c3" in hand.window.state.connections
    assert f"{handle} was not revoked: the X app is suspended" in words(hand.window)
    press(hand.window, "Disconnect here")
    assert hand.services.asked[-1] == ("disconnect", "c3", False)
    assert "was not revoked" not in words(hand.window)


async def test_a_revocation_that_waits_is_not_said_to_go_on(hand: Stagehand) -> None:
    await hand.open(make_world())
    one = hand.window.state.connections["c3"]
    hand.services.removing.disconnect("c3", revoke=True)
    removal = hand.services.removing.waiting["c3"]
    hand.services.emit(RemovalChanged(removal, Stage.ENDING))
    assert f"Revoking {one.handle} at X …" in words(hand.window)
    hand.services.emit(ConnectionSaved(replace(one, state=ConnectionState.REVOKING)))
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "The KeePass file is locked", "No.", "Do.")
    hand.services.emit(RemovalChanged(removal, Stage.FAILED, locked))
    await hand.settle()
    assert "Revoking" not in words(hand.window)
    assert f"{one.handle} waits to be revoked: the KeePass file is locked" in words(hand.window)


async def test_a_locked_keychain_offers_to_unlock_it(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.removing.disconnect("c3", revoke=False)
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "Locked", "It is locked.", "Unlock it.")
    hand.services.removing.end("c3", locked)
    await hand.settle()
    press(hand.window, "Unlock and retry")
    await hand.settle()
    assert any(call[0] == "unlock" for call in hand.services.asked)
    assert hand.services.asked[-1] == ("disconnect", "c3", False)


async def test_unlocking_from_a_result_checks_again(hand: Stagehand) -> None:
    await hand.open(make_world())
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "Locked", "It is locked.", "Unlock it.")
    hand.services.checking.found["c3"] = dead(hand, "c3", locked)
    hand.window.on_demand.upkeep.check(Place("", "c3"))
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle()
    hand.services.checking.found.clear()
    press(dialog, "Unlock and retry")
    await hand.settle()
    assert any(call[0] == "unlock" for call in hand.services.asked)
    assert "1 connection works" in words(dialog)
    hand.window.on_demand.close()
    assert not dialog.isVisible()


async def test_unlocking_from_a_result_can_be_left_and_is_asked_once(hand: Stagehand) -> None:
    await hand.open(make_world())
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "Locked", "It is locked.", "Unlock it.")
    hand.services.checking.found["c3"] = dead(hand, "c3", locked)
    hand.services.gates["unlock"] = asyncio.Event()
    hand.window.on_demand.upkeep.check(Place("", "c3"))
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle_window()
    await until(lambda: "Unlock and retry" in names(dialog), "the result")
    press(dialog, "Unlock and retry")
    await until(lambda: ("unlock",) in hand.services.asked, "the question")
    assert UNLOCKING_NOTICE in [one.id for one in hand.window.notices.shown()]
    press(dialog, "Unlock and retry")
    await hand.settle_window()
    assert hand.services.asked.count(("unlock",)) == 1
    checks = len(hand.services.asked)
    press(hand.window.notices, "Cancel")
    await hand.settle()
    assert UNLOCKING_NOTICE not in [one.id for one in hand.window.notices.shown()]
    assert "check" not in [call[0] for call in hand.services.asked[checks:]]
    hand.window.on_demand.close()


def names(root: QWidget) -> list[str]:
    return [one.text() for one in root.findChildren(QPushButton) if one.isVisible()]


async def test_a_connection_being_revoked_has_a_notice_with_a_retry(hand: Stagehand) -> None:
    world = make_world()
    waits = [
        replace(one, state=ConnectionState.REVOKING, error="No network.")
        if one.id in ("c1", "c3")
        else one
        for one in world.connections
    ]
    await hand.open(replace(world, connections=tuple(waits)))
    assert "are still to be revoked at X" in words(hand.window)
    press(hand.window, "Revoke again")
    await hand.settle()
    assert [call for call in hand.services.asked if call[0] == "retry"] == [
        ("retry", "c1"),
        ("retry", "c3"),
    ]
    for one in waits:
        if one.state is ConnectionState.REVOKING:
            hand.services.emit(ConnectionSaved(replace(one, state=ConnectionState.WORKING)))
    await hand.settle()
    assert "to be revoked at X" not in words(hand.window)


async def test_revoking_again_begins_with_the_lock_of_its_place(hand: Stagehand) -> None:
    world = make_world()
    one = replace(world.connections[0], state=ConnectionState.REVOKING, error="It is locked.")
    hand.services.keychain = KeychainStatus(KeychainState.LOCKED, "GNOME Keyring")
    await hand.open(replace(world, connections=(one,)))
    assert "Revoke again" not in names(hand.window)
    press(hand.window, "Unlock and revoke …")
    await until(lambda: ("retry", "c1") in hand.services.asked, "the revocation")
    assert hand.services.asked.index(("unlock",)) < hand.services.asked.index(("retry", "c1"))
    await hand.settle()
    # What stops it is said, though it is the same as before and the notice stays as it is.
    hand.services.failures["retry"] = [KeychainError(ErrorCode.KEYCHAIN_FAILED, "It failed", "")]
    press(hand.window, "Revoke again")
    await hand.settle()
    assert "It failed" in words(hand.window.statusBar())


async def test_removing_an_app_can_be_undone(hand: Stagehand) -> None:
    world = make_world()
    await hand.open(replace(world, connections=(), entries={}))
    app = world.apps[0]
    hand.services.removing.remove_app(app.id)
    await hand.settle()
    assert app.id not in hand.window.state.apps
    press(hand.window, f"Undo: {app.label} removed")
    await hand.settle()
    assert app.id in hand.window.state.apps


# Check


async def test_check_all_lists_the_gravest_first(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.checking.found["c3"] = dead(hand, "c3")
    QTest.keyClick(hand.window, Qt.Key.Key_K, CTRL | SHIFT)
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle()
    results = dialog.findChildren(CheckList)[0]
    assert results.shown()[0].connection_id == "c3"
    assert len(results.shown()) == len(hand.window.state.connections)
    assert "1 with trouble" in words(dialog)
    assert "X no longer accepts this token" in words(dialog)
    only = named(dialog, "Only trouble", QCheckBox)
    assert isinstance(only, QCheckBox)
    only.click()
    assert [one.connection_id for one in results.shown()] == ["c3"]
    press(dialog, "Copy as text")
    copied = QApplication.clipboard().text()
    assert "Revoked" in copied
    assert "Reconnect to get a new token" in copied
    press(dialog, "Reconnect")
    assert hand.authorized == [(hand.window.state.connections["c3"].app_id, "c3")]
    results.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    only.click()
    handles = [one.handle.casefold() for one in results.shown()]
    assert handles == sorted(handles)
    press(dialog, "Close")
    await hand.settle()


async def test_check_again_replaces_the_result(hand: Stagehand) -> None:
    await hand.open(make_world())
    down = NetworkError(ErrorCode.NO_NETWORK, "X cannot be reached", "There is no network.")
    hand.services.checking.found["c3"] = dead(hand, "c3", down)
    hand.window.on_demand.upkeep.check(Place("", "c3"))
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle()
    assert "X cannot be reached" in words(dialog)
    hand.services.checking.found.clear()
    press(dialog, "Check again")
    await hand.settle()
    (result,) = dialog.findChildren(CheckList)[0].shown()
    assert result.finding is Finding.WORKING
    assert "1 connection works" in words(dialog)
    dialog.reject()
    await hand.settle()


async def test_closing_stops_what_is_being_checked(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.gates["check"] = asyncio.Event()
    hand.window.on_demand.upkeep.check_all()
    dialog = await dialog_of(hand, CheckDialog)
    await until(lambda: ("check", "c1") in hand.services.asked, "the first")
    assert "Checking 1 of" in words(dialog)
    press(dialog, "Stop and close")
    await hand.settle()
    assert [call for call in hand.services.asked if call[0] == "check"] == [("check", "c1")]


async def test_new_keys_are_followed_by_a_check_that_lists_the_dead(hand: Stagehand) -> None:
    await hand.open(make_world())
    app = next(iter(hand.window.state.apps.values()))
    mine = [one.id for one in hand.window.state.connections_of(app.id)]
    hand.services.checking.found[mine[0]] = dead(hand, mine[0])
    await hand.services.renew_app(app.id, Secret("k"), Secret("s"))
    hand.window.commands._renewed(app)
    dialog = await dialog_of(hand, CheckDialog)
    await hand.settle()
    assert "X ends the tokens of an app when its API keys are regenerated" in words(dialog)
    shown = dialog.findChildren(CheckList)[0].shown()
    assert [one.connection_id for one in shown] == [mine[0]]
    checked = [call[1] for call in hand.services.asked if call[0] == "check"]
    assert checked[0] == app.id  # the keys first
    assert sorted(map(str, checked[1:])) == sorted(mine)
    refreshed = [call[1] for call in hand.services.asked if call[0] == "refresh"]
    assert sorted(map(str, refreshed)) == sorted(mine[1:])
    dialog.reject()
    await hand.settle()


async def test_every_control_of_the_dialogs_has_a_name(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.checking.found["c3"] = dead(hand, "c3")
    hand.window.on_demand.upkeep.check_all()
    hand.window.on_demand.upkeep.leave(Place("", "c1"))
    await hand.settle()
    for kind in (CheckDialog, LeaveDialog):
        dialog = await dialog_of(hand, kind)
        for part in dialog.findChildren(QWidget):
            if part.focusPolicy() != Qt.FocusPolicy.NoFocus and part.isVisible():
                inner = part.objectName().startswith("qt_")
                interface = QAccessible.queryAccessibleInterface(part)
                assert inner or (interface and interface.text(QAccessible.Text.Name)), part
        dialog.reject()
    await hand.settle()


# Leave


async def leaving(hand: Stagehand, place: Place) -> LeaveDialog:
    hand.window.on_demand.upkeep.leave(place)
    dialog = await dialog_of(hand, LeaveDialog)
    assert isinstance(dialog, LeaveDialog)
    return dialog


def button(root: QWidget, start: str) -> QAbstractButton:
    (one,) = [
        part
        for part in root.findChildren(QAbstractButton)
        if part.accessibleName().startswith(start) and part.isVisible()
    ]
    return one


async def leave_app(hand: Stagehand) -> list[Connection]:
    """Leave the first app with all its connections; the ten seconds begin."""
    app = next(iter(hand.window.state.apps.values()))
    mine = list(hand.window.state.connections_of(app.id))
    assert len(mine) > 1
    dialog = await leaving(hand, Place(app.id))
    assert "can be undone for ten seconds" in words(dialog)
    preview = dialog.findChildren(QListWidget)[0]
    assert preview.count() == len(mine)
    do = button(dialog, "Revoke and remove")
    assert not do.isEnabled()
    field = named(dialog, "Confirm", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("1")
    assert not do.isEnabled()
    field.setText(str(len(mine)))
    do.click()
    await hand.settle()
    assert ("leave", *(one.id for one in mine)) in hand.services.asked
    assert not hand.window.findChildren(LeaveDialog)
    return mine


async def test_leaving_an_app_can_be_undone_as_a_whole(hand: Stagehand) -> None:
    await hand.open(make_world())
    app = next(iter(hand.window.state.apps.values()))
    mine = await leave_app(hand)
    assert not hand.window.state.connections_of(app.id)
    (strip,) = strips(hand)
    what = f"{len(mine)} connections of {app.label} removed"
    assert strip.accessibleName() == what
    assert "revoked at X in 10 s" in words(strip)
    press(hand.window, f"Undo: {what}")
    await hand.settle()
    assert len(hand.window.state.connections_of(app.id)) == len(mine)
    assert "are here again" in words(hand.window.statusBar())
    assert not strips(hand)


async def test_what_x_keeps_is_told_with_a_list(hand: Stagehand) -> None:
    await hand.open(make_world())
    app = next(iter(hand.window.state.apps.values()))
    mine = await leave_app(hand)
    removal = hand.services.leaving.begin()
    refused = AuthorizationError(ErrorCode.APP_KEYS, "Wrong keys", "X refused.", "Compare them.")
    hand.services.leaving.told(removal, mine[0].id, refused)
    (strip,) = strips(hand)
    assert f"1 of {len(mine)}" in words(strip)
    # It is too late to undo, and Control Z says so.
    QTest.keyClick(tree(hand), Qt.Key.Key_Z, CTRL)
    await hand.settle()
    assert "nothing to undo" in words(hand.window.statusBar()).lower()
    for one in mine[1:]:
        hand.services.leaving.told(removal, one.id)
    hand.services.leaving.done(removal)
    await hand.settle()
    assert not strips(hand)
    assert f"1 connection of {app.label} could not be revoked." in words(hand.window)
    press(hand.window, "Show the list …")
    dialog = await dialog_of(hand, LeftDialog)
    assert "Connected apps" in words(dialog)
    told = dialog.findChildren(QListWidget)[0]
    (line,) = [told.item(n).text() for n in range(told.count())]
    assert line.startswith(mine[0].handle)
    assert "Wrong keys" in line
    assert "Compare them." in line
    press(dialog, "Copy as text")
    assert "Wrong keys" in QApplication.clipboard().text()
    assert button(dialog, "Open X’s settings page")
    press(dialog, "Close")
    await hand.settle()
    assert "could not be revoked" in words(hand.window)  # until somebody closes it


async def test_where_all_are_gone_it_is_said_in_passing(hand: Stagehand) -> None:
    await hand.open(make_world())
    mine = await leave_app(hand)
    removal = hand.services.leaving.begin()
    for one in mine:
        hand.services.leaving.told(removal, one.id)
    hand.services.leaving.done(removal)
    await hand.settle()
    assert "were revoked at X and removed" in words(hand.window.statusBar())
    assert not hand.window.notices.shown()


async def test_leaving_is_stopped_between_two(hand: Stagehand) -> None:
    await hand.open(make_world())
    mine = await leave_app(hand)
    removal = hand.services.leaving.begin()
    hand.services.leaving.told(removal, mine[0].id)
    await hand.settle()
    stop = button(hand.window, "Stop revoking")
    stop.click()
    assert ("stop", removal.id) in hand.services.asked
    assert not stop.isEnabled()
    assert "Stopping after this one" in words(strips(hand)[0])
    hand.services.leaving.done(removal)
    await hand.settle()
    assert "was stopped" in words(hand.window)
    assert "not tried, and stay" in words(hand.window)


async def test_leaving_a_user_covers_every_app(hand: Stagehand) -> None:
    world = make_world()
    twin = replace(world.connections[0], id="c99", app_id=world.apps[-1].id, entry="entry c99")
    await hand.open(replace(world, connections=(*world.connections, twin)))
    dialog = await leaving(hand, Place("", world.connections[0].id))
    preview = dialog.findChildren(QListWidget)[0]
    assert preview.count() == 2
    field = named(dialog, "Confirm", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("2")
    button(dialog, "Revoke and remove").click()
    await hand.settle()
    handles = {one.handle for one in hand.window.state.connections.values()}
    assert world.connections[0].handle not in handles
    assert f"2 connections of {world.connections[0].handle}" in words(hand.window)


async def test_secrets_and_entries_have_words_of_their_own(hand: Stagehand) -> None:
    await hand.open(make_world())
    waiting = hand.services.removing.waiting
    secrets = Removal("secrets:a1", "Bearer token of Agency app", False, 0.0, RemovalKind.SECRETS)
    entry = Removal("entry:1", "@lost · Lost", False, 0.0, RemovalKind.ENTRY)
    for one in (secrets, entry):
        waiting[one.id] = one
        hand.services.emit(RemovalChanged(one, Stage.WAITING))
    await hand.settle()
    told = [strip.accessibleName() for strip in strips(hand)]
    assert told == ["Bearer token of Agency app removed", "@lost · Lost deleted"]
    assert "Removed, deleted here in 10 s" in words(hand.window)
    assert "Deleted, deleted for good in 10 s" not in words(hand.window)
    locked = KeychainError(ErrorCode.KEYCHAIN_LOCKED, "Locked", "It is locked.", "Unlock it.")
    hand.services.emit(RemovalChanged(secrets, Stage.FAILED, locked))
    hand.services.emit(RemovalChanged(entry, Stage.DONE))
    await hand.settle()
    assert "Bearer token of Agency app was not removed: locked" in words(hand.window)
    assert "@lost · Lost was deleted for good" in words(hand.window.statusBar())


def test_a_result_s_text_has_everything_a_person_needs() -> None:
    one = Connection("c1", "a1", "1", "ann", "e", 0.0)
    from tests.fakes.services import make_app

    text = found(one, make_app(), DEAD).text
    assert text == (
        "@ann · Agency app: Revoked. The authorization has ended. X no longer accepts this "
        "token. Reconnect to get a new token."
    )
