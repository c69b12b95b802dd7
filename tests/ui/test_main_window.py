from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAccessible, QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFrame, QLabel, QLineEdit, QMenu, QWidget

from adwarden.domain.errors import AdwardenError, ErrorCode, NetworkError, StorageError
from adwarden.domain.model import ConnectionState, Snapshot
from adwarden.services.events import (
    AppRemoved,
    ConnectionRemoved,
    ConnectionSaved,
    DataFolderTrouble,
    EntriesSaved,
    KeychainChanged,
    RefreshEnded,
    RefreshProgress,
)
from adwarden.storage.settings import API_URL, WINDOW_GEOMETRY, Settings
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.dialogs import Question, UnexpectedDialog
from adwarden.ui.icons import Icons
from adwarden.ui.main_window import MainWindow
from adwarden.ui.notices import notice_of, trouble_id
from adwarden.ui.phrases import at_moment
from adwarden.ui.rail import Rail
from adwarden.ui.renew_dialog import RenewAppDialog
from adwarden.ui.settings_dialog import SettingsDialog
from adwarden.ui.theme import Theme
from adwarden.ui.toolbar import SearchField
from adwarden.ui.tree_nodes import Selection
from tests.fakes.services import (
    LOCKED,
    NOW,
    make_app,
    make_connection,
    make_entry,
    make_limit,
    make_world,
)
from tests.ui.stagehand import Stagehand, make_stagehand, named, press, until


def tree(hand: Stagehand) -> AccountTree:
    found = named(hand.window, "Accounts")
    assert isinstance(found, AccountTree)
    return found


def rail(hand: Stagehand) -> Rail:
    found = named(hand.window, "X apps and connections")
    assert isinstance(found, Rail)
    return found


def words(root: QWidget) -> str:
    return "\n".join(
        label.text().replace("\u200b", "")
        for label in root.findChildren(QLabel)
        if label.isVisible()
    )


def details(hand: Stagehand) -> str:
    return words(named(hand.window, "Details"))


def visible(root: QWidget, name: str) -> bool:
    return any(
        part.isVisible() and part.accessibleName() == name for part in root.findChildren(QWidget)
    )


def failure(code: ErrorCode, detail: str = "") -> NetworkError:
    return NetworkError(code, "It failed", "Because.", "Do this.", detail=detail)


# First steps


async def test_without_an_app_the_welcome_page_offers_the_first_steps(hand: Stagehand) -> None:
    await hand.open()
    assert "Who let you in" in words(hand.window)
    assert not named(hand.window, "Connect account").isEnabled()
    press(hand.window, "Try the practice server")
    assert hand.practised == [True]
    assert not rail_shown(hand)


def rail_shown(hand: Stagehand) -> bool:
    return visible(hand.window, "X apps and connections")


async def test_without_a_practice_server_there_is_no_card_for_it(
    settings: Settings, theme: Theme, icons: Icons
) -> None:
    hand = make_stagehand(settings, theme, icons, practice=False)
    await hand.open()
    assert "practice" not in words(hand.window)
    await hand.close()


async def test_with_an_app_the_next_step_is_a_connection(hand: Stagehand) -> None:
    await hand.open(Snapshot((make_app(),)))
    assert "Now connect an account" in words(hand.window)
    press(hand.window, "Connect the first account")
    press(hand.window, "Connect account")
    assert hand.authorized == [("a1", ""), ("a1", "")]


async def test_an_app_without_connections_has_its_details(hand: Stagehand) -> None:
    await hand.open(Snapshot((make_app(), make_app("a2", "Second"))))
    assert not visible(hand.window, "Details")  # there is nothing to say yet
    rail(hand).setFocus()
    walk(rail(hand), "Agency app")
    await hand.settle()
    assert visible(hand.window, "Details")
    assert visible(hand.window, "Connect the first account")  # the way on stays
    await until(lambda: visible(hand.window, "Copy API key secret"), "the secrets")
    for name in ("Copy API key", "Enter the keys again", "Edit X app"):
        button = named(named(hand.window, "Details"), name)
        assert button.isEnabled()
    press(hand.window, "Copy API key")
    await hand.settle()
    assert QApplication.clipboard().text()
    hand.services.emit(AppRemoved("a1"))
    await hand.settle()
    assert not visible(hand.window, "Details")


async def test_the_details_of_an_app_stay_when_its_last_connection_has_gone(
    hand: Stagehand,
) -> None:
    await hand.open(Snapshot((make_app(),), (make_connection(),)))
    rail(hand).setFocus()
    walk(rail(hand), "Agency app")
    await hand.settle()
    hand.services.emit(ConnectionRemoved("c1"))
    await hand.settle()
    assert "Now connect an account" in words(hand.window)
    assert visible(hand.window, "Copy API key")
    hand.services.emit(ConnectionSaved(make_connection()))
    await hand.settle()
    assert visible(hand.window, "Details")


async def test_with_several_apps_the_dialog_asks_which(hand: Stagehand) -> None:
    await hand.open(make_world())
    press(hand.window, "Connect account")
    assert hand.authorized == [("", "")]


async def test_a_failed_start_is_told_and_the_window_works(hand: Stagehand) -> None:
    hand.services.failures["load"] = [
        StorageError(ErrorCode.STORAGE, "The index cannot be read", "It is damaged.")
    ]
    await hand.open()
    assert visible(hand.window, "Problem: The index cannot be read")
    assert "Who let you in" in words(hand.window)


# Names, tab order, texts


async def test_every_control_has_an_accessible_name(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(RefreshEnded("c3", failure(ErrorCode.NO_NETWORK, "detail")))
    tree(hand).select(Selection("account", "c1", "18ce54d4x5t"))
    await hand.settle()
    press(hand.window, "Show technical details")
    press(hand.window, "Settings")
    press_disconnect(hand)
    hand.window.reports.show("words", "report")
    await hand.settle_window()
    nameless = [
        f"{type(part).__name__} in {type(part.parentWidget()).__name__}"
        for part in hand.window.findChildren(QWidget)
        if part.focusPolicy() != Qt.FocusPolicy.NoFocus
        and part.isVisible()
        and not spoken_name(part)
        and not inner(part)
    ]
    assert nameless == []
    await put_away(hand)


def spoken_name(part: QWidget) -> str:
    """Return the name as a screen reader gets it."""
    interface = QAccessible.queryAccessibleInterface(part)
    return interface.text(QAccessible.Text.Name) if interface else ""


def inner(part: QWidget) -> bool:
    """Tell whether a widget is Qt's own, inside one that has the name."""
    return part.objectName().startswith("qt_") or isinstance(part.parentWidget(), QComboBox)


def press_disconnect(hand: Stagehand) -> None:
    QTest.keyClick(
        hand.window,
        Qt.Key.Key_D,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )


async def put_away(hand: Stagehand) -> None:
    for kind in (SettingsDialog, Question, UnexpectedDialog):
        for dialog in hand.window.findChildren(kind):
            dialog.reject()
    await until(lambda: not hand.tasks.running(), "closing")


@pytest.mark.parametrize("name", ["Add X app", "Connect account", "Refresh", "Settings", "Search"])
async def test_the_names_that_others_rely_on(hand: Stagehand, name: str) -> None:
    await hand.open(make_world())
    assert named(hand.window, name).isEnabled()


async def test_names_of_the_api_are_shown_as_text(hand: Stagehand) -> None:
    evil = "<b>bold</b><img src='x' onerror='alert(1)'>\n&amp; \u202eevil"
    entry = make_entry("18evil", evil, ("<script>alert(1)</script>",), approval="<i>x</i>")
    await hand.open(
        Snapshot((make_app("a1", "<u>App</u>"),), (make_connection(),), {"c1": (entry,)})
    )
    tree(hand).select(Selection("account", "c1", "18evil"))
    await hand.settle()
    assert all(
        label.textFormat() == Qt.TextFormat.PlainText
        for label in hand.window.findChildren(QLabel)
        if label.text()
    )
    assert "<i>x</i>" in details(hand)
    assert "\u202e" not in details(hand)
    assert "<b>bold</b><img" in details(hand)


# Selection and details


async def test_the_three_panes_follow_one_selection(hand: Stagehand) -> None:
    await hand.open(make_world())
    assert tree(hand).hasFocus()
    tree(hand).select(Selection("account", "c1", "18ce54d4x5t"))
    await hand.settle()
    current = rail(hand).current()
    assert current is not None
    assert current.connection_id == "c1"
    shown = details(hand)
    for expected in (
        "Northwind Outdoor", "through @northwind_ads", "18ce54d4x5t", "Accepted",
        "America/Los_Angeles", "5 March 2024", "Northwind Traders", "Advertiser token",
        "manage campaigns", "needs that user's own token",
    ):  # fmt: skip
        assert expected in shown
    rail(hand).setFocus()
    walk(rail(hand), "@fabrikam_eu")
    await hand.settle()
    assert tree(hand).selection == Selection("connection", "c3")
    assert "38 ad accounts" in details(hand)


def walk(view: Rail, to: str) -> None:
    QTest.keyClick(view, Qt.Key.Key_Home)
    for _ in range(20):
        if view.currentIndex().data() == to:
            return
        QTest.keyClick(view, Qt.Key.Key_Down)
    raise AssertionError(f"{to} is not reached by the keyboard")


async def test_a_promotable_user_in_words(hand: Stagehand) -> None:
    await hand.open(make_world())
    tree(hand).expandAll()
    assert tree(hand).select(Selection("user", "c1", "18ce54d4x5t", "p3"))
    await hand.settle()
    assert "Not looked up" in details(hand)
    assert "SOMETHING_NEW" in details(hand)
    tree(hand).select(Selection("user", "c1", "18ce54d4x5t", "p2"))
    await hand.settle()
    assert "@trailpartners" in details(hand)
    assert "Retweets only" in details(hand)


async def test_ids_are_copied_and_it_is_said(hand: Stagehand) -> None:
    await hand.open(make_world())
    tree(hand).select(Selection("account", "c1", "18ce54d4x5t"))
    await hand.settle()
    press(hand.window, "Copy Account ID")
    assert QApplication.clipboard().text() == "18ce54d4x5t"
    assert "Copied 18ce54d4x5t" in words(hand.window)


async def test_an_account_that_failed_says_why_and_hides_nothing(hand: Stagehand) -> None:
    await hand.open(make_world())
    tree(hand).select(Selection("account", "c1", "18k3m9q8f33"))
    await hand.settle()
    assert details(hand).count("the server failed (503)") == 1
    assert "18k3m9q8f33" in details(hand)


async def test_a_legacy_app_has_a_token_meter(hand: Stagehand) -> None:
    await hand.open(make_world())
    walk(rail(hand), "Conversions app")
    await hand.settle()
    assert "1 of 5 connections" in details(hand)
    spoken = rail(hand).currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "X app Conversions app, 1 of 5 tokens"


async def test_the_rail_speaks_states_in_words(hand: Stagehand) -> None:
    await hand.open(make_world())
    walk(rail(hand), "@contoso")
    spoken = rail(hand).currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == ("@contoso, Revoked, revoked, worked yesterday, connection of Agency app")


async def test_the_details_keep_the_keyboard_while_they_change(hand: Stagehand) -> None:
    world = make_world()
    await hand.open(world)
    tree(hand).select(Selection("connection", "c1"))
    await hand.settle()
    button = named(named(hand.window, "Details"), "Disconnect")
    button.setFocus()
    hand.services.emit(RefreshProgress("c1", 3, 10))
    await hand.settle()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused is not button
    assert focused.accessibleName() == "Disconnect"


# Refresh, reconnect, disconnect


async def test_refresh_shows_counts_and_can_be_stopped(hand: Stagehand) -> None:
    await hand.open(make_world())
    press(hand.window, "Refresh")
    await hand.settle()
    assert ("refresh_all",) in hand.services.asked
    hand.services.emit(RefreshProgress("c1", 120, 2000))
    assert "120 of 2,000 ad accounts" in words(hand.window)
    press(hand.window, "Cancel refresh")
    assert ("cancel_refresh",) in hand.services.asked
    hand.services.emit(RefreshEnded("c1", AdwardenError(ErrorCode.CANCELLED, "Stopped", "")))
    assert not visible(hand.window, "Cancel refresh")
    assert "what had arrived is kept" in words(hand.window)


async def test_what_is_left_of_the_limit_is_in_the_status_bar(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(make_limit(4, 5))
    assert "GET accounts: 4 of 5 left, resets in 11 min" in words(hand.window)
    first = next(iter(hand.window.state.connections.values()))
    hand.services.emit(make_limit(3, 5, scope=f"{first.app_id}/{first.user_id}"))
    told = f"GET accounts of {first.handle}: 3 of 5 left, resets in 11 min"
    assert told in words(hand.window)


async def test_reconnect_from_banner_details_and_keyboard(hand: Stagehand) -> None:
    await hand.open(make_world())
    press(hand.window.notices, "Reconnect")
    tree(hand).select(Selection("connection", "c3"))
    await hand.settle()
    press(named(hand.window, "Details"), "Reconnect")
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(hand.window, Qt.Key.Key_R, keys)
    assert hand.authorized == [("a1", "c2"), ("a1", "c3"), ("a1", "c3")]


@pytest.mark.parametrize(
    ("button", "revoke"), [("Disconnect here", False), ("Revoke at X and remove", True)]
)
async def test_disconnect_asks_how(hand: Stagehand, button: str, revoke: bool) -> None:
    await hand.open(make_world())
    tree(hand).select(Selection("connection", "c3"))
    await hand.settle()
    press(hand.window, "Disconnect")
    question = await asked(hand)
    press(question, button)
    await hand.settle()
    assert ("disconnect", "c3", revoke) in hand.services.asked
    assert "c3" not in hand.window.state.connections


async def asked(hand: Stagehand) -> Question:
    found: list[Question] = []

    def look() -> bool:
        found[:] = [q for q in hand.window.findChildren(Question) if q.isVisible()]
        return bool(found)

    await until(look, "the question")
    return found[-1]


async def test_leaving_the_question_changes_nothing(hand: Stagehand) -> None:
    await hand.open(make_world())
    tree(hand).select(Selection("connection", "c3"))
    await hand.settle()
    press_disconnect(hand)
    QTest.keyClick(await asked(hand), Qt.Key.Key_Escape)
    await hand.settle()
    assert not [call for call in hand.services.asked if call[0] == "disconnect"]


async def test_the_context_menu_has_the_row_s_actions(hand: Stagehand) -> None:
    await hand.open(make_world())
    tree(hand).select(Selection("connection", "c3"))
    await hand.settle()
    tree(hand).context_requested.emit(Selection("connection", "c3"), QPoint(100, 100))
    menu = hand.window.findChild(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)
    menus = [menu for menu in hand.window.findChildren(QMenu) if menu.isVisible()]
    assert menu is not None
    texts = [action.text() for action in menus[0].actions() if action.isEnabled()]
    assert "Reconnect" in texts
    assert "Disconnect" in texts
    menus[0].close()


async def test_a_new_connection_is_selected_when_it_comes(hand: Stagehand) -> None:
    await hand.open(Snapshot((make_app(),)))
    hand.services.emit(ConnectionSaved(make_connection()))
    await hand.settle()
    assert tree(hand).selection == Selection("connection", "c1")
    assert "@northwind_ads" in details(hand)


# Notices


async def test_a_revoked_connection_is_told_until_it_works_again(hand: Stagehand) -> None:
    await hand.open(make_world())
    assert "@contoso revoked access to Agency app." in words(hand.window)
    hand.services.emit(ConnectionSaved(make_connection("c2", "contoso")))
    assert "revoked access" not in words(hand.window)


@pytest.mark.parametrize("worked", [-60.0, 60.0])
async def test_a_failure_tells_its_time_and_fades_once_something_has_worked(
    hand: Stagehand, worked: float
) -> None:
    at = NOW - 3600
    failed_one = replace(
        make_connection("c3", "fabrikam_eu"), error="The keychain is locked. Unlock it.",
        error_at=at, checked_at=at + worked,
    )  # fmt: skip
    await hand.open(make_world())
    hand.services.emit(ConnectionSaved(failed_one))
    tree(hand).select(Selection("connection", "c3"))
    await hand.settle()
    when = f"failed {at_moment(at, NOW)}"
    assert f"{when[0].upper()}{when[1:]}" in details(hand)
    assert "The keychain is locked. Unlock it." in details(hand)
    grounds = {part.property("banner") for part in hand.window.findChildren(QFrame)}
    assert ("info" in grounds) is (worked > 0)
    row = tree(hand).currentIndex()
    model = tree(hand).shown_model
    place = model.place(row)
    assert place is not None
    assert model.words.error(place) == f"{when}: The keychain is locked. Unlock it."
    assert model.words.past(place) is (worked > 0)


async def test_a_notice_tells_a_moment_that_does_not_get_old(hand: Stagehand) -> None:
    world = make_world()
    lost = next(one for one in world.connections if one.state is ConnectionState.REVOKED)
    assert lost.checked_at is not None
    await hand.open(world)
    (notice,) = hand.window.notices.shown()
    assert f"It last worked {at_moment(lost.checked_at, NOW)}." in notice.message
    assert " ago" not in notice.message


async def test_what_the_data_folder_cannot_do_is_told_once_and_until_it_can(
    hand: Stagehand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hand.open(Snapshot((make_app(),)))
    full = StorageError(ErrorCode.STORAGE, "The list cannot be used", "The disk is full.", "Free.")
    damaged = StorageError(ErrorCode.STORAGE, "The list was damaged", "It was built anew.", "")
    notices = hand.window.notices
    notices.show_notice(notice_of(full, trouble_id(full)))

    async def fails(days: int) -> None:
        raise full

    monkeypatch.setattr(hand.services.history, "begin", fails)
    hand.window.history.start()
    await hand.settle()
    hand.services.emit(DataFolderTrouble(damaged))
    assert [one.title for one in notices.shown()].count(full.title) == 1
    hand.services.emit(ConnectionSaved(make_connection()))
    assert [one.title for one in notices.shown()] == [damaged.title]


async def test_a_closed_notice_stays_closed(hand: Stagehand) -> None:
    await hand.open(make_world())
    press(hand.window, "Close notice")
    hand.services.emit(ConnectionSaved(make_connection()))
    await hand.settle()
    assert "revoked access" not in words(hand.window)


async def test_many_lost_connections_are_one_notice(hand: Stagehand) -> None:
    await hand.open(make_world())
    for n in range(6, 12):
        item = make_connection(f"c{n}", f"user{n}", ConnectionState.REVOKED)
        hand.services.emit(ConnectionSaved(item))
    await hand.settle()
    assert len(hand.window.notices.shown()) == 1
    assert "7 connections have to be authorized again." in words(hand.window)


async def test_a_locked_keychain_is_unlocked_from_its_notice(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(KeychainChanged(LOCKED))
    assert "GNOME Keyring, locked" in words(hand.window)
    press(hand.window, "Unlock and retry")
    await hand.settle()
    assert hand.services.asked[-2:] == [("unlock",), ("refresh_all",)]
    assert "is locked" not in words(hand.window)


async def test_a_failed_refresh_can_be_tried_again(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(RefreshEnded("c3", failure(ErrorCode.SERVER, "status 503")))
    assert "@fabrikam_eu: It failed" in words(hand.window)
    press(hand.window, "Show technical details")
    press(hand.window, "Copy details")
    assert QApplication.clipboard().text() == "status 503"
    press(hand.window, "Try again")
    await hand.settle()
    assert ("refresh", "c3") in hand.services.asked
    assert "It failed" not in words(hand.window)


async def test_trouble_of_all_connections_is_told_once(hand: Stagehand) -> None:
    await hand.open(make_world())
    for connection_id in ("c1", "c3", "c4", "c5"):
        hand.services.emit(RefreshEnded(connection_id, failure(ErrorCode.CLOCK)))
    assert [notice.title for notice in hand.window.notices.shown()].count("It failed") == 1


async def test_the_keyboard_stays_when_cancel_goes(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(RefreshProgress("c1", 1, 5))
    await hand.settle_window()
    named(hand.window, "Cancel refresh").setFocus()
    hand.services.emit(RefreshEnded("c1", None))
    await hand.settle_window()
    focused = hand.window.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Refresh"


async def test_what_was_not_refreshed_is_said(hand: Stagehand) -> None:
    await hand.open(make_world())
    said = hand.window.findChild(QLabel, "counts")
    assert isinstance(said, QLabel)

    def refresh(*ends: tuple[str, AdwardenError | None]) -> str:
        for connection_id, _ in ends:
            hand.services.emit(RefreshProgress(connection_id, 0, 0))
        for connection_id, error in ends:
            hand.services.emit(RefreshEnded(connection_id, error))
        return said.text()

    down, stopped = failure(ErrorCode.SERVER), failure(ErrorCode.CANCELLED)
    assert refresh(("c1", None), ("c3", None)) == "Refreshed"
    assert refresh(("c1", down)) == "@northwind_ads was not refreshed"
    assert refresh(("c1", down), ("c3", None)) == "@northwind_ads was not refreshed"
    assert refresh(("c1", down), ("c3", down), ("c4", None)) == (
        "2 of 3 connections were not refreshed"
    )
    assert refresh(("c1", stopped), ("c3", None)) == "Refresh stopped; what had arrived is kept"
    assert refresh(("c3", None)) == "Refreshed"


async def test_an_app_s_keys_that_are_gone_can_be_entered_again(hand: Stagehand) -> None:
    await hand.open(make_world())
    for connection_id in ("c1", "c3", "c4"):
        hand.services.emit(RefreshEnded(connection_id, failure(ErrorCode.APP_KEYS)))
    assert [notice.title for notice in hand.window.notices.shown()].count("It failed") == 1
    # What another app's connection says of its own keys changes nothing.
    hand.services.emit(RefreshEnded("c5", None))
    press(hand.window, "Enter the keys again")
    await until(lambda: hand.window.findChildren(RenewAppDialog), "the dialog")
    dialog = hand.window.findChildren(RenewAppDialog)[0]
    await until(dialog.isVisible, "the dialog")
    for name, text in (("API key", "k" * 25), ("API key secret", "s" * 50)):
        field = named(dialog, name, QLineEdit)
        assert isinstance(field, QLineEdit)
        field.setText(text)
    press(dialog, "Save")
    await until(lambda: ("renew_app", "a1") in hand.services.asked, "saving")
    await hand.settle()
    assert "It failed" not in words(hand.window)
    refreshed = {asked[1] for asked in hand.services.asked if asked[0] == "refresh"}
    assert refreshed == {"c1", "c2", "c3", "c4"}


async def test_the_data_folder_s_trouble_is_told(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(DataFolderTrouble(StorageError(ErrorCode.STORAGE, "Moved aside", "Why.")))
    assert visible(hand.window, "Warning: Moved aside")


async def test_practice_is_said_on_top_and_cannot_be_closed(
    settings: Settings, theme: Theme, icons: Icons
) -> None:
    hand = make_stagehand(settings, theme, icons, suggested=lambda: ())
    await hand.open(make_world())
    for n in range(9):
        error = StorageError(ErrorCode.STORAGE, f"Trouble {n}", "Why.")
        hand.services.emit(DataFolderTrouble(error))
    await hand.settle()
    assert "Practice: nothing here is X." in words(hand.window)
    await hand.close()


async def test_the_end_of_a_refresh_is_said_in_all_places_at_once(hand: Stagehand) -> None:
    await hand.open(make_world())
    tree(hand).focus_connection("c1")
    hand.services.emit(RefreshProgress("c1", 0, 0))
    hand.services.emit(RefreshProgress("c3", 0, 0))
    await hand.settle()
    assert "refreshing…" in details(hand)
    hand.services.emit(RefreshEnded("c3", None))
    hand.services.emit(RefreshEnded("c1", None))
    assert "refreshing…" not in details(hand)
    assert "refreshing…" not in " ".join(rail_words(hand))


def rail_words(hand: Stagehand) -> list[str]:
    model = rail(hand).model()
    tops = [model.index(row, 0) for row in range(model.rowCount())]
    below = [model.index(row, 0, top) for top in tops for row in range(model.rowCount(top))]
    return [str(index.data(Qt.ItemDataRole.AccessibleTextRole)) for index in tops + below]


async def test_nobody_is_said_to_have_no_ad_accounts_before_they_were_fetched(
    hand: Stagehand,
) -> None:
    fresh = make_connection("c1", checked_ago=None)
    empty = make_connection("c2", "proseware")
    gone = make_connection("c3", "contoso", ConnectionState.REVOKED, checked_ago=None)
    await hand.open(Snapshot((make_app(),), (fresh, empty, gone)))
    fresh_words = next(words for words in rail_words(hand) if "northwind" in words)
    empty_words = next(words for words in rail_words(hand) if "proseware" in words)
    assert "not fetched yet" in fresh_words
    assert "no ad accounts" in empty_words
    tree(hand).focus_connection("c1")
    assert "Connection · ad accounts not fetched yet" in details(hand)
    assert "out of reach" not in words(hand.window)


async def test_a_refresh_that_outlives_its_connection_leaves_nothing(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(ConnectionRemoved("c1"))
    before = hand.window.state.total
    hand.services.emit(EntriesSaved("c1", (make_entry("late"),)))
    hand.services.emit(RefreshProgress("c1", 1, 9))
    assert hand.window.state.total == before
    assert hand.window.state.progress() is None


# Search


async def test_search_narrows_and_escape_clears(hand: Stagehand) -> None:
    await hand.open(make_world())
    QTest.keyClick(hand.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = named(hand.window, "Search", QLineEdit)
    assert isinstance(field, SearchField)
    assert field.hasFocus()
    QTest.keyClicks(field, "fabrikam 37")
    await until(lambda: "1 ad account found" in words(hand.window), "the search")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    QTest.keyClicks(field, "zzz")
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert tree(hand).hasFocus()


# Settings, report, closing


async def test_the_theme_changes_live(hand: Stagehand) -> None:
    await hand.open(make_world())
    press(hand.window, "Settings")
    box = named(hand.window, "Theme", QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData("dark"))
    assert hand.theme.dark
    await put_away(hand)


async def test_a_refused_address_is_said_beside_its_field(hand: Stagehand) -> None:
    await hand.open(make_world())
    press(hand.window, "Settings")
    field = named(hand.window, "X API address", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("http://example.com")
    field.editingFinished.emit()
    assert field.accessibleDescription() != ""
    assert hand.settings.get(API_URL) == "https://api.x.com"
    await put_away(hand)


async def test_unexpected_failures_share_one_dialog(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.window.reports.show("First.", "report one")
    hand.window.reports.show("Second.", "report two")
    found = [d for d in hand.window.findChildren(UnexpectedDialog) if d.isVisible()]
    assert len(found) == 1
    assert "once more" in words(found[0])
    press(found[0], "Copy report")
    assert "report two" in QApplication.clipboard().text()
    press(found[0], "Close")
    hand.window.reports.show("Third.", "report three")
    press(next(d for d in hand.window.findChildren(UnexpectedDialog) if d.isVisible()), "Close")


async def test_closing_asks_the_program_to_quit(hand: Stagehand) -> None:
    await hand.open(make_world())
    event = QCloseEvent()
    QApplication.sendEvent(hand.window, event)
    assert hand.quits == [True]
    assert not event.isAccepted()
    assert hand.window.isVisible()


async def test_the_window_s_place_is_kept(hand: Stagehand, settings: Settings) -> None:
    await hand.open(make_world())
    hand.window.resize(911, 633)
    await hand.window.finish()
    assert settings.get(WINDOW_GEOMETRY)
    again = make_stagehand(settings, hand.theme, hand.icons)
    assert (again.window.width(), again.window.height()) == (911, 633)
    await again.close()


@pytest.mark.parametrize("text", ["rubbish", "AAAA", "!!!", "é"])
async def test_rubbish_for_a_place_is_ignored(
    settings: Settings, theme: Theme, icons: Icons, text: str
) -> None:
    settings.set(WINDOW_GEOMETRY, text)
    hand = make_stagehand(settings, theme, icons)
    await hand.open(make_world())
    assert hand.window.isVisible()
    await hand.close()


@pytest.mark.parametrize(
    ("screen", "first"),
    [((1366, 740), (1280, 700)), ((1024, 600), (1024, 560)), ((1920, 1080), (1280, 800))],
)
async def test_the_first_window_fits_the_screen(
    settings: Settings,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
    screen: tuple[int, int],
    first: tuple[int, int],
) -> None:
    class Screen:
        availableSize = staticmethod(lambda: QSize(*screen))  # noqa: N815 - Qt's word

    with monkeypatch.context() as patch:
        patch.setattr(MainWindow, "screen", lambda _: Screen())
        hand = make_stagehand(settings, theme, icons)
    assert (hand.window.width(), hand.window.height()) == first
    await hand.close()


async def test_what_the_status_bar_says_is_its_name(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.services.emit(RefreshProgress("c1", 1, 5))
    await hand.settle_window()
    status = named(hand.window, "Status")
    said = [label for label in status.findChildren(QLabel) if label.isVisible() and label.text()]
    assert len(said) >= 3
    for label in said:
        face = QAccessible.queryAccessibleInterface(label)
        assert label.text() in face.text(QAccessible.Text.Name)


async def test_nothing_is_cut_off_in_the_smallest_window(hand: Stagehand) -> None:
    await hand.open(make_world())
    hand.window.resize(800, 560)
    tree(hand).select(Selection("account", "c1", "18ce54d4x5t"))
    await hand.settle()
    assert (hand.window.width(), hand.window.height()) == (800, 560)
    assert tree(hand).width() >= 300
    bar = named(hand.window, "Problem: @contoso revoked access to Agency app.")
    await until(lambda: bar.height() >= bar.heightForWidth(bar.width()), "room for the notice")
    scroll = hand.window.notices.verticalScrollBar()
    await until(lambda: scroll.maximum() == 0, "the notice without scrolling")
    for name in ("Add X app", "Connect account", "Refresh", "Search", "Settings"):
        part = named(hand.window, name)
        assert part.mapTo(hand.window, part.rect().bottomRight()).x() < 800
    rail, details = named(hand.window, "X apps and connections"), named(hand.window, "Details")
    assert tree(hand).width() >= rail.width() + details.width() - 5
    assert tree(hand).columnWidth(0) >= 185
