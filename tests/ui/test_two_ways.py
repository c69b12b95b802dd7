"""Two ways to look, the best connection, and the search with fields, in the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    ConnectionState,
    PromotableUser,
    Snapshot,
)
from adwarden.services.events import (
    AppSaved,
    ConnectionRemoved,
    ConnectionSaved,
    EntriesRemoved,
    EntriesSaved,
)
from adwarden.storage.settings import BEST_FOR, VIEW
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.icons import Icons
from adwarden.ui.search_field import SearchField
from adwarden.ui.theme import Theme
from adwarden.ui.tree_nodes import Selection
from adwarden.ui.view_bar import ViewBar
from tests.fakes.services import NOW, make_app, make_connection, make_entry, make_world
from tests.ui.stagehand import Stagehand, named, press, until

ROLE = Qt.ItemDataRole.AccessibleTextRole
ADMIN = make_entry("18kout", "Northwind Outdoor", ("ACCOUNT_ADMIN",))
GUEST = make_entry("18kout", "Northwind Outdoor", ("ANALYST",))
EUROPE = make_entry("18keur", "Northwind Europe", ("AD_MANAGER",))
SMALL = Snapshot(
    (make_app(),),
    (make_connection("c1", "north"), make_connection("c2", "partner")),
    {"c1": (EUROPE, ADMIN), "c2": (GUEST,)},
)


@pytest.fixture
def tree(qapp: QApplication, qtbot: QtBot, settle: Callable[[AccountTree], None]) -> AccountTree:
    made = AccountTree(Icons(Theme(qapp, "light")), clock=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(760, 600)
    made.show()
    qtbot.waitExposed(made)
    made.load(SMALL)
    settle(made)
    return made


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[AccountTree], None]:
    return lambda tree: qtbot.waitUntil(lambda: tree.settled, timeout=20_000)


def top(tree: AccountTree, name: str) -> QModelIndex:
    cells = (tree.model().index(row, 0) for row in range(tree.model().rowCount()))
    return next(cell for cell in cells if cell.data() == name)


def below(index: QModelIndex) -> list[str]:
    model = index.model()
    return [str(model.index(row, 0, index).data()) for row in range(model.rowCount(index))]


def names(tree: AccountTree) -> list[str]:
    model = tree.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


# By ad account


def test_one_row_an_ad_account_with_every_connection_below(tree: AccountTree) -> None:
    tree.look(by_account=True)
    assert names(tree) == ["Northwind Europe", "Northwind Outdoor"]
    assert below(top(tree, "Northwind Outdoor")) == ["@north", "@partner"]
    assert below(top(tree, "Northwind Europe")) == ["@north"]


def test_the_row_says_which_connection_is_best_and_why(tree: AccountTree) -> None:
    tree.look(by_account=True)
    outdoor = top(tree, "Northwind Outdoor")
    spoken = str(outdoor.data(ROLE))
    for words in (
        "Northwind Outdoor", "ad account", "18kout", "reached by 2 connections",
        "Best: @north, can do", "Account administrator", "refreshed 2 min ago",
    ):  # fmt: skip
        assert words in spoken
    best = str(tree.model().index(0, 0, outdoor).data(ROLE))
    for words in ("@north", "Best of 2", "Working", "Account administrator", "developer token"):
        assert words in best
    assert "Best of" not in str(tree.model().index(1, 0, outdoor).data(ROLE))


def test_the_best_one_depends_on_what_it_is_for(tree: AccountTree) -> None:
    tree.look(by_account=True)
    outdoor = top(tree, "Northwind Outdoor")
    tree.set_best_for("manage-campaigns")
    spoken = str(outdoor.data(ROLE))
    assert "Best to manage campaigns: @north, can manage campaigns: Account admin" in spoken
    assert "(documented)" in spoken
    tree.set_best_for("organic-analytics")
    assert "@partner, can see organic analytics" in str(outdoor.data(ROLE))
    tree.set_best_for("partner-audiences")
    assert "@north, may manage partner audiences" in str(outdoor.data(ROLE))
    tree.set_best_for("user-settings")
    assert "None of 2 connections can edit another user's settings" in str(outdoor.data(ROLE))


def test_what_happens_is_worked_in_row_by_row(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    tree.look(by_account=True)
    tree.expand(top(tree, "Northwind Outdoor"))
    revoked = make_connection("c1", "north", ConnectionState.REVOKED)
    tree.apply(ConnectionSaved(revoked))
    assert "Best: @partner" in str(top(tree, "Northwind Outdoor").data(ROLE))
    tree.apply(EntriesSaved("c2", (make_entry("18knew", "Aardvark"), EUROPE)))
    settle(tree)
    assert names(tree) == ["Aardvark", "Northwind Europe", "Northwind Outdoor"]
    assert below(top(tree, "Northwind Europe")) == ["@north", "@partner"]
    assert tree.isExpanded(top(tree, "Northwind Outdoor"))
    tree.apply(EntriesRemoved("c2", ("18knew", "18kout")))
    settle(tree)
    assert names(tree) == ["Northwind Europe", "Northwind Outdoor"]
    assert below(top(tree, "Northwind Outdoor")) == ["@north"]
    tree.apply(ConnectionRemoved("c1"))
    settle(tree)
    assert names(tree) == ["Northwind Europe"]
    assert not tree.grab().isNull()


def test_an_app_that_opens_less_changes_the_best(tree: AccountTree) -> None:
    tree.look(by_account=True)
    tree.set_best_for("manage-campaigns")
    app = make_app()
    tree.apply(AppSaved(replace(app, access=type(app.access).CONVERSION_ONLY)))
    assert "None of 2 connections can" in str(top(tree, "Northwind Outdoor").data(ROLE))


@pytest.mark.parametrize(
    ("chosen", "there"),
    [
        (Selection("account", "c1", "18kout"), Selection("reach", "c1", "18kout")),
        (Selection("account", "c2", "18kout"), Selection("account", "c2", "18kout")),
        (Selection("account", "c1", "18keur"), Selection("reach", "c1", "18keur")),
    ],
)
def test_the_same_ad_account_stays_selected(
    tree: AccountTree,
    settle: Callable[[AccountTree], None],
    chosen: Selection,
    there: Selection,
) -> None:
    assert tree.select(chosen)
    tree.look(by_account=True)
    settle(tree)
    assert tree.selection == there
    assert tree.currentIndex().isValid()
    tree.look(by_account=False)
    settle(tree)
    assert tree.selection == chosen
    assert tree.currentIndex().data() == ("Northwind Europe" if "eur" in chosen.account_id else
                                          "Northwind Outdoor")  # fmt: skip


def test_a_selected_connection_stays_selected_where_it_has_no_row(tree: AccountTree) -> None:
    tree.select(Selection("connection", "c2"))
    tree.look(by_account=True)
    assert tree.selection == Selection("connection", "c2")
    assert not tree.currentIndex().isValid()
    tree.look(by_account=False)
    assert tree.currentIndex().data() == "@partner"


def test_what_was_open_is_open_again(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    tree.collapse(top(tree, "@partner"))
    tree.look(by_account=True)
    tree.expand(top(tree, "Northwind Outdoor"))
    tree.look(by_account=False)
    settle(tree)
    assert not tree.isExpanded(top(tree, "@partner"))
    assert tree.isExpanded(top(tree, "@north"))
    tree.look(by_account=True)
    settle(tree)
    assert tree.isExpanded(top(tree, "Northwind Outdoor"))
    assert not tree.isExpanded(top(tree, "Northwind Europe"))


def test_typing_goes_to_the_next_ad_account_that_begins_so(tree: AccountTree) -> None:
    tree.look(by_account=True)
    tree.setFocus()
    tree.select(Selection("reach", "c1", "18keur"))
    QTest.keyClicks(tree, "northwind o")
    assert tree.selection == Selection("reach", "c1", "18kout")


def test_thousands_come_in_portions_and_the_selected_one_first(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    many = tuple(make_entry(f"18k{n:05}", f"Account {n:05}", ("ANALYST",)) for n in range(6000))
    tree.load(Snapshot((), (make_connection("c1", "north"),), {"c1": many}))
    settle(tree)
    chosen = Selection("account", "c1", "18k05990")
    tree.select(chosen)
    tree.look(by_account=True)
    assert tree.selection == Selection("reach", "c1", "18k05990")
    assert 0 < tree.model().rowCount() < 6000
    settle(tree)
    assert tree.model().rowCount() == 6000
    assert tree.currentIndex().data() == "Account 05990"


def test_the_first_rows_tell_how_many_there_are_and_the_rest_follows(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    many = tuple(make_entry(f"18k{n:05}", f"Account {n:05}", ("ANALYST",)) for n in range(900))
    one = make_connection("c1", "north")
    tree.load(Snapshot((), (one,), {"c1": many[:60]}, {"c1": 900}, 900))
    settle(tree)
    tree.select(Selection("account", "c1", "18k00010"))
    assert "900 ad accounts" in str(top(tree, "@north").data(ROLE))
    assert len(below(top(tree, "@north"))) == 60
    tree.load(Snapshot((), (one,), {"c1": many}), rest=True)
    assert "900 ad accounts" in str(top(tree, "@north").data(ROLE))
    settle(tree)
    assert len(below(top(tree, "@north"))) == 900
    assert tree.selection == Selection("account", "c1", "18k00010")
    tree.apply(EntriesRemoved("c1", ("18k00899",)))
    settle(tree)
    assert "899 ad accounts" in str(top(tree, "@north").data(ROLE))


# Searching with fields


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("role:admin", ["@north", "Northwind Outdoor"]),
        ("can:organic-analytics", ["@north", "Northwind Outdoor", "@partner", "Northwind Outdoor"]),
        ("-role:analyst", ["@north", "Northwind Europe", "Northwind Outdoor"]),
        ("handle:@partner", ["@partner", "Northwind Outdoor"]),
        ("id:18keur", ["@north", "Northwind Europe"]),
        ('name:"northwind out"', ["@north", "Northwind Outdoor", "@partner", "Northwind Outdoor"]),
        ("état:x NORTHWÍND eur", []),
        ("NORTHWÍND eur", ["@north", "Northwind Europe"]),
        ("app:agency id:18keur", ["@north", "Northwind Europe"]),
        ("Agency 18keur", ["@north", "Northwind Europe"]),
        ("-agency", []),
        ("wind", []),
    ],
)
def test_fields_narrow_the_tree_by_connection(
    tree: AccountTree, settle: Callable[[AccountTree], None], text: str, found: list[str]
) -> None:
    tree.set_filter(text)
    tree.search_now()
    settle(tree)
    seen = []
    for row in range(tree.model().rowCount()):
        index = tree.model().index(row, 0)
        seen += [str(index.data()), *below(index)]
    assert seen == found


def test_a_search_by_ad_account_opens_what_matches_below(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    tree.look(by_account=True)
    tree.set_filter("role:analyst")
    tree.search_now()
    settle(tree)
    assert names(tree) == ["Northwind Outdoor"]
    assert below(top(tree, "Northwind Outdoor")) == ["@partner"]
    assert tree.isExpanded(top(tree, "Northwind Outdoor"))
    tree.set_filter("outdoor")
    tree.search_now()
    settle(tree)
    assert below(top(tree, "Northwind Outdoor")) == ["@north", "@partner"]
    assert not tree.isExpanded(top(tree, "Northwind Outdoor"))
    tree.look(by_account=False)
    settle(tree)
    assert names(tree) == ["@north", "@partner"]


FOREIGN = PromotableUser("p2", "4417920331", "RETWEETS_ONLY", handle="trailpartners")
NAMELESS = PromotableUser("p7xyz", "", "FULL")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("handle:@trail", "@trailpartners may be promoted"),
        ("trailp", "@trailpartners may be promoted"),
        ("id:44179", "4417920331 (@trailpartners) may be promoted"),
        ("p7x", "p7xyz may be promoted"),
        ("-id:5 id:44,p7", "4417920331 (@trailpartners) and 1 more may be promoted"),
    ],
)
def test_by_ad_account_a_promotable_user_that_is_found_is_told(
    tree: AccountTree, settle: Callable[[AccountTree], None], text: str, told: str
) -> None:
    promoting = replace(GUEST, users=(FOREIGN, NAMELESS))
    tree.apply(EntriesSaved("c2", (promoting,)))
    settle(tree)
    tree.look(by_account=True)
    before = tree.grab().toImage()
    tree.set_filter(text)
    tree.search_now()
    settle(tree)
    assert names(tree) == ["Northwind Outdoor"]
    outdoor = top(tree, "Northwind Outdoor")
    assert f"18kout, {told}" in str(outdoor.data(ROLE))
    assert below(outdoor) == ["@partner"]
    child = tree.model().index(0, 0, outdoor)
    assert told in str(child.data(ROLE))
    model = tree.shown_model
    place = model.place(outdoor)
    assert place is not None
    assert told in model.words.tooltip(place, 0)
    assert model.sieve.query.spans(told, "handle")  # marked where it is painted
    for width in (760, 400, 300):
        tree.resize(width, 600)
        assert tree.grab().toImage() != before
    tree.set_filter("outdoor")
    tree.search_now()
    settle(tree)
    assert "be promoted" not in str(top(tree, "Northwind Outdoor").data(ROLE))


def test_what_was_found_is_painted_even_where_there_is_little_room(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    promoting = replace(GUEST, users=(FOREIGN,))
    tree.apply(EntriesSaved("c2", (promoting,)))
    tree.look(by_account=True)
    tree.resize(400, 600)
    tree.set_filter("handle:@trail")
    tree.search_now()
    settle(tree)
    match = QColor(tree._theme.palette.match).rgb()
    for row in (top(tree, "Northwind Outdoor"), tree.model().index(0, 0, tree.model().index(0, 0))):
        image = tree.viewport().grab(tree.visualRect(row)).toImage()
        colours = {
            image.pixel(x, y) for x in range(image.width()) for y in range(0, image.height(), 2)
        }
        assert match in colours


def test_a_connection_that_changes_is_searched_again(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    tree.set_filter("state:revoked")
    tree.search_now()
    settle(tree)
    assert names(tree) == []
    tree.apply(ConnectionSaved(make_connection("c2", "partner", ConnectionState.REVOKED)))
    settle(tree)
    assert names(tree) == ["@partner"]
    assert below(top(tree, "@partner")) == ["Northwind Outdoor"]


def test_a_token_that_was_revoked_can_do_nothing_in_a_search_either(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    tree.set_filter("can:organic-analytics")
    tree.search_now()
    settle(tree)
    assert names(tree) == ["@north", "@partner"]
    tree.apply(ConnectionSaved(make_connection("c2", "partner", ConnectionState.REVOKED)))
    settle(tree)
    assert names(tree) == ["@north"]


# The window


def strip(hand: Stagehand) -> ViewBar:
    (found,) = hand.window.findChildren(ViewBar)
    return found


async def test_the_view_is_switched_by_button_and_key_and_remembered(hand: Stagehand) -> None:
    await hand.open(make_world())
    assert not hand.window.findChildren(ViewBar)  # made when it is needed
    tree = hand.window.findChild(AccountTree)
    assert tree is not None
    press(hand.window, "By ad account")
    await hand.settle()
    assert tree.by_account
    assert hand.settings.get(VIEW) == "account"
    assert strip(hand).isVisible()
    for name, checked in (("By connection", False), ("By ad account", True)):
        button = named(hand.window, name, QToolButton)
        assert isinstance(button, QToolButton)
        assert button.isChecked() is checked
    press(hand.window, "By ad account")
    assert tree.by_account
    QTest.keyClick(hand.window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert not tree.by_account
    assert hand.settings.get(VIEW) == "connection"
    assert not strip(hand).isVisible()
    QTest.keyClick(hand.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert tree.by_account


async def test_the_window_opens_in_the_remembered_view(hand: Stagehand) -> None:
    from tests.ui.stagehand import make_stagehand

    hand.settings.set(VIEW, "account")
    hand.settings.set(BEST_FOR, "conversions")
    other = make_stagehand(hand.settings, hand.theme, hand.icons)
    await other.open(make_world())
    tree = other.window.findChild(AccountTree)
    assert tree is not None
    assert tree.by_account
    assert named(other.window, "Best for: send conversions", QToolButton)
    spoken = str(top(tree, "Northwind Outdoor").data(ROLE))
    assert "Best to send conversions: @northwind_ads" in spoken
    await other.close()


async def test_rail_and_details_follow_both_views(hand: Stagehand) -> None:
    await hand.open(make_world())
    tree = hand.window.findChild(AccountTree)
    assert tree is not None
    press(hand.window, "By ad account")
    await hand.settle()
    tree.select(Selection("reach", "c1", "18ce54d4x5t"))
    await hand.settle()
    labels = " ".join(part.text() for part in hand.window.findChildren(type(strip(hand)._found)))
    assert "Ad account · through @northwind_ads" in labels.replace("\u200b", "")
    hand.window._selecting.focus_connection("c3")
    assert tree.selection is not None
    assert tree.selection.connection_id == "c3"
    assert hand.window._place.connection_id == "c3"
    assert hand.window._place.account_id == ""


async def test_the_best_connection_is_chosen_for_a_capability(hand: Stagehand) -> None:
    await hand.open(make_world())
    press(hand.window, "By ad account")
    await hand.settle()
    button = named(hand.window, "Best for: most permissions", QToolButton)
    assert isinstance(button, QToolButton)
    action = next(one for one in button.menu().actions() if one.text() == "Manage campaigns")
    action.trigger()
    assert button.accessibleName() == "Best for: manage campaigns"
    assert hand.settings.get(BEST_FOR) == "manage-campaigns"
    tree = hand.window.findChild(AccountTree)
    assert tree is not None
    assert "Best to manage campaigns" in str(top(tree, "Northwind Outdoor").data(ROLE))


async def test_what_is_not_understood_is_said_above_the_tree(hand: Stagehand) -> None:
    await hand.open(make_world())
    field = named(hand.window, "Search", QLineEdit)
    assert isinstance(field, SearchField)
    field.setFocus()
    QTest.keyClicks(field, "colour:red")
    await until(lambda: hand.window.findChildren(ViewBar), "the strip")
    await hand.settle()
    assert "There is no field “colour”" in strip(hand)._hint.text()
    assert strip(hand)._found.text() == "0 ad accounts found"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await hand.settle()
    assert not strip(hand).isVisible()
    assert "found" not in words_of(hand)  # nor at the bottom
    QTest.keyClicks(field, "outdoor")
    await until(lambda: "found" in words_of(hand), "what was found")
    field.selectAll()
    QTest.keyClicks(field, "role:")
    await until(lambda: "found" not in words_of(hand), "its end, as there is no value yet")
    field.clear()
    QTest.keyClicks(field, "role:")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await hand.settle()
    assert field.text() == "role:"  # closed the completions only; a search without a value waits
    tree = hand.window.findChild(AccountTree)
    assert tree is not None
    assert len(names(tree)) == 5


def words_of(hand: Stagehand) -> str:
    """Return what the line at the bottom says on its left."""
    counts = hand.window.statusBar().findChild(QLabel, "counts")
    assert counts is not None
    return counts.text()


# Completion


async def test_fields_and_values_are_completed_by_keyboard(hand: Stagehand) -> None:
    await hand.open(make_world())
    field = named(hand.window, "Search", QLineEdit)
    assert isinstance(field, SearchField)
    QTest.keyClick(hand.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: field.popup is not None, "the fields")
    assert field.popup is not None
    assert [offer.label for offer in field.popup.offers][:3] == ["role:", "can:", "state:"]
    QTest.keyClicks(field, "ro")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert field.text() == "role:"
    assert field.hasFocus()
    assert "LOYALTY_MANAGER" in [offer.label for offer in field.popup.offers]
    QTest.keyClicks(field, "ad")
    assert [offer.label for offer in field.popup.offers] == ["admin", "ad-manager"]
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.popup.chosen is not None
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "role:ad-manager "
    await hand.settle()
    assert strip(hand)._found.text() == "1 ad account found"
    QTest.keyClicks(field, "@con")
    QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_Enter)
    assert field.text() == "role:ad-manager handle:@contoso "


async def test_completions_follow_the_cursor(hand: Stagehand) -> None:
    await hand.open(make_world())
    field = named(hand.window, "Search", QLineEdit)
    assert isinstance(field, SearchField)
    field.setFocus()

    def offered() -> list[str]:
        return [offer.label for offer in field.popup.offers] if field.popup else []

    QTest.keyClicks(field, "north role:ad")
    assert offered() == ["admin", "ad-manager"]
    for _ in range(2):
        QTest.keyClick(field, Qt.Key.Key_Left)
    assert len(offered()) > 5  # every value of the field again
    QTest.keyClick(field, Qt.Key.Key_Home)
    assert offered() == []
    QTest.keyClick(field, Qt.Key.Key_End)
    assert offered() == []  # nobody has asked for them again
    QTest.keyClick(field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert offered() == ["admin", "ad-manager"]
    QTest.keyClick(field, Qt.Key.Key_Left)
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.text().startswith("north role:admin")
    assert "admind" not in field.text()
    field.setText("role:ad")
    QTest.keyClick(field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert offered()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert offered() == []
    await hand.settle()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("role:foo", "“role:” has no value “foo”; there are admin, ad-manager"),
        ("app:zzz", "“app:” has no value “zzz”; there are Agency app, Conversions app."),
        ("role:loyalty", ""),  # not documented, but held
    ],
)
async def test_a_value_that_nothing_has_is_said_above_the_tree(
    hand: Stagehand, text: str, words: str
) -> None:
    await hand.open(make_world())
    field = named(hand.window, "Search", QLineEdit)
    field.setFocus()
    QTest.keyClicks(field, text)
    await until(lambda: hand.window.findChildren(ViewBar), "the strip")
    await hand.settle()
    assert words in strip(hand)._hint.text()
    assert bool(words) is bool(strip(hand)._hint.text())


async def test_escape_closes_the_completions_before_it_clears(hand: Stagehand) -> None:
    await hand.open(make_world())
    field = named(hand.window, "Search", QLineEdit)
    assert isinstance(field, SearchField)
    field.setFocus()
    assert field.popup is None
    QTest.keyClicks(field, "sta")
    assert field.popup is not None
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.popup is None
    assert field.text() == "sta"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    QTest.keyClicks(field, "sta")
    QTest.keyClick(field, Qt.Key.Key_Return)  # nothing is chosen: on to what was found
    tree = hand.window.findChild(AccountTree)
    assert tree is not None
    assert tree.hasFocus()
    assert field.popup is None
    await hand.settle()


def test_an_entry_without_anything_is_spoken_too(
    tree: AccountTree, settle: Callable[[AccountTree], None]
) -> None:
    bare = AccountEntry(AdAccount("18kbare", ""), Access("1", ()))
    failed = AccountEntry(AdAccount("18kfail", "Failed"), access_error="server error 503")
    tree.apply(EntriesSaved("c1", (bare, failed)))
    tree.look(by_account=True)
    settle(tree)
    assert "reached by 1 connection" in str(top(tree, "18kbare").data(ROLE))
    row = tree.model().index(0, 0, top(tree, "Failed"))
    assert "server error 503" in str(row.data(ROLE))
