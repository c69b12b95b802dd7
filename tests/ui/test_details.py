from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QWidget,
)

from adwarden.domain.app_facts import TOKEN_REFUSED
from adwarden.domain.errors import ErrorCode, NetworkError, StorageError
from adwarden.domain.lookups import Features, Funding, FundingInstrument, Kind, KnownHandle
from adwarden.domain.model import AppAccess, ConnectionState, PromotableUser, Snapshot
from adwarden.domain.report import FORMATS, Scope
from adwarden.services.events import LookedUp, LookupEnded, LookupProgress
from adwarden.storage import settings as known
from adwarden.storage.report_file import ExistsError
from adwarden.ui.badge_paint import BadgeLabel, BadgeRow
from adwarden.ui.fitted_dialog import FittedDialog
from adwarden.ui.parts import Text
from adwarden.ui.tree_nodes import Selection
from adwarden.ui.view_bar import ViewBar
from tests.fakes.services import NOW, make_app, make_connection, make_entry
from tests.ui.stagehand import Stagehand, named, press, until
from tests.ui.test_main_window import details, rail, tree, walk

DAY = 86_400.0
ACCOUNT = "18ce54d4x5t"
OWNER = PromotableUser("p0", "55443322", "FULL", handle="contoso")
OTHERS = tuple(PromotableUser(f"p{n}", str(7000 + n), "RETWEETS_ONLY") for n in range(1, 15))


def world(
    *,
    permissions: tuple[str, ...] = ("AD_MANAGER",),
    name: str = "Northwind Outdoor",
    age: float = 130.0,
    state: ConnectionState = ConnectionState.WORKING,
) -> Snapshot:
    entry = replace(
        make_entry(name=name, permissions=permissions, users=(OWNER, *OTHERS)),
        fetched_at=NOW - age,
    )
    return Snapshot((make_app(),), (make_connection("c1", state=state),), {"c1": (entry,)})


async def open_account(hand: Stagehand, snapshot: Snapshot) -> None:
    await hand.open(snapshot)
    tree(hand).expandAll()
    assert tree(hand).select(Selection("account", "c1", ACCOUNT))
    await hand.settle()


def spoken(hand: Stagehand, begins: str) -> str:
    found = [
        part.accessibleName()
        for part in named(hand.window, "Details").findChildren(Text)
        if part.accessibleName().startswith(begins)
    ]
    assert len(found) == 1, (begins, found)
    return found[0]


# What the answers rest on


async def test_documented_derived_and_undocumented_are_told_apart(hand: Stagehand) -> None:
    await open_account(hand, world())
    assert spoken(hand, "Yes: manage campaigns") == (
        "Yes: manage campaigns. Ad manager (documented)"
    )
    assert spoken(hand, "Yes: change creatives").endswith("follows from Ad manager (derived)")
    assert spoken(hand, "Not known: see and change billing").endswith("(not documented)")
    shown = details(hand)
    for words in ("Documented: Ad manager", "Derived: follows from", "Not documented for"):
        assert words in shown


async def test_both_methods_are_compared_and_the_one_in_use_is_marked(hand: Stagehand) -> None:
    await open_account(hand, world())
    assert spoken(hand, "Create posts for the advertiser") == (
        "Create posts for the advertiser. Advertiser token: Yes; "
        "Developer token, used here: Not granted here"
    )
    assert spoken(hand, "Open it in X’s ads manager yourself").endswith("used here: Yes")
    assert "Developer token\n(used here)" in details(hand)
    assert "(@contoso)" in details(hand)


async def test_neither_method_is_recommended_for_what_the_app_may_not(hand: Stagehand) -> None:
    made = world(permissions=("ACCOUNT_ADMIN",))
    app = replace(make_app(), access=AppAccess.CONVERSION_ONLY)
    await open_account(hand, replace(made, apps=(app,)))
    closed = "Not with this app’s access"
    for row in ("Manage campaigns", "See analytics", "Create cards", "Create posts"):
        assert spoken(hand, row).endswith(
            f"Advertiser token: {closed}; Developer token, used here: {closed}"
        )
    assert spoken(hand, "No: manage campaigns").startswith(
        "No: manage campaigns. the X app's access is Conversion Only (documented)"
    )
    assert "(Conversion Only) does not" in details(hand)


async def test_a_revoked_token_can_nothing_in_either_view(hand: Stagehand) -> None:
    revoked = world(permissions=("ACCOUNT_ADMIN",), state=ConnectionState.REVOKED)
    await open_account(hand, revoked)
    assert "this connection is revoked; it has to be" in spoken(hand, "No: send conversions")
    assert spoken(hand, "Manage campaigns").endswith("used here: The token does not work")


@pytest.mark.parametrize("access", [AppAccess.STANDARD, AppAccess.LEGACY_AUDIENCES])
async def test_the_comparison_fits_the_narrowest_pane(hand: Stagehand, access: AppAccess) -> None:
    await open_account(hand, replace(world(), apps=(replace(make_app(), access=access),)))
    pane = named(hand.window, "Details")
    for width in (232, 320, 232):
        pane.setFixedWidth(width)
        fits = partial(cut_off, pane, width)
        await until(lambda fits=fits: not fits(), f"a table for {width} pixels")  # type: ignore[misc]
        assert named(pane, "The two methods").isVisible()
    assert len(named(pane, "The two methods").findChildren(Text)) > 10  # there was what can be cut


def cut_off(pane: QWidget, width: int) -> list[str]:
    """Return the cells of the comparison whose longest word is wider than they are."""
    table = named(pane, "The two methods")
    if pane.width() != width or table.width() > width:
        return ["the table itself"]
    return [
        cell.text()
        for cell in table.findChildren(Text)
        if cell.contentsRect().width()
        < max(map(cell.fontMetrics().horizontalAdvance, cell.text().split()), default=0)
    ]


async def test_nothing_makes_the_page_wider_than_the_smallest_window_s_pane(
    hand: Stagehand,
) -> None:
    await open_account(hand, world(age=3 * DAY))
    hand.window.resize(800, 560)
    await until(lambda: hand.window.width() == 800)
    await hand.settle()
    pane = named(hand.window, "Details")
    assert isinstance(pane, QScrollArea)
    page = pane.widget()
    assert page is not None
    await until(lambda: page.width() <= pane.viewport().width(), "a page that fits")


@pytest.mark.parametrize("name", ["Northwind", "x" * 2000, "لإعلانات" * 60, "word " * 400])
async def test_nothing_that_x_sends_makes_it_wider_either(hand: Stagehand, name: str) -> None:
    strange = ("ACCOUNT_ADMIN", "SOMETHING_NEW_" + "Z" * 90)
    await open_account(hand, world(permissions=strange, name=name))
    hand.window.resize(800, 560)
    pane = named(hand.window, "Details")
    assert isinstance(pane, QScrollArea)
    page = pane.widget()
    assert page is not None
    await until(lambda: page.width() == pane.viewport().width(), "a page that fits")
    row = next(one for one in pane.findChildren(BadgeRow) if one.badges[-1].text.startswith("SOME"))
    labels = row.findChildren(BadgeLabel)
    assert len(labels) == 2
    assert all(row.rect().contains(label.geometry()) for label in labels)
    assert "Z" * 90 in labels[-1].toolTip()


async def test_an_app_s_unknown_access_is_in_the_reason(hand: Stagehand) -> None:
    snapshot = world()
    unknown = replace(snapshot, apps=(make_app(access=AppAccess.UNKNOWN),))
    await open_account(hand, unknown)
    assert "as far as the X app’s access opens it" in spoken(hand, "Yes: manage campaigns")


# Freshness


async def test_what_is_old_is_shown_as_stale_in_words_and_colour(hand: Stagehand) -> None:
    await open_account(hand, world(age=3 * DAY))
    value = named(named(hand.window, "Details"), "Fetched: 3 days ago · stale")
    assert value.property("role") == "warn"
    assert "Older than 24 h" in details(hand)
    index = tree(hand).currentIndex()
    said = index.siblingAtColumn(2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "refreshed 3 days ago, stale"
    assert index.siblingAtColumn(2).data() == "stale · 3 d"


async def test_what_counts_as_stale_is_a_setting_that_counts_at_once(hand: Stagehand) -> None:
    await open_account(hand, world(age=3 * DAY))
    hand.settings.set(known.STALE_HOURS, 100)
    await hand.settle()
    assert "Fetched: 3 days ago" in [
        part.accessibleName() for part in named(hand.window, "Details").findChildren(QWidget)
    ]
    index = tree(hand).currentIndex()
    assert index.siblingAtColumn(2).data() == "3 days ago"


@pytest.mark.parametrize(
    ("age", "stale"), [(-3600.0, True), (-61.0, True), (-59.0, False), (0.0, False), (DAY, False),
                       (DAY + 1, True)],
)  # fmt: skip
async def test_search_and_details_agree_on_what_is_stale(
    hand: Stagehand, age: float, stale: bool
) -> None:
    """A time in the future was told by a clock that was wrong: nobody knows how old that is."""
    await open_account(hand, world(age=age))
    assert ("· stale" in details(hand)) == stale
    hand.window._bar.search.setText("is:stale")
    await hand.settle()
    found = hand.window.findChild(ViewBar)
    assert isinstance(found, ViewBar)
    assert found._found.text() == ("1 ad account found" if stale else "0 ad accounts found")


async def test_a_revoked_connection_s_answers_are_of_the_past(hand: Stagehand) -> None:
    await open_account(hand, world(state=ConnectionState.REVOKED))
    assert (
        "This connection is revoked. What X told of this ad account was so 2 min ago."
        in details(hand)
    )


# On demand


async def test_the_button_says_how_many_handles_and_what_they_cost(hand: Stagehand) -> None:
    await open_account(hand, world())
    assert hand.services.lookups.asked == [("recall",)]  # what was paid for before
    press(hand.window, "Look up 14 handles (about $0.14)")
    await hand.settle()
    ids = tuple(user.user_id for user in OTHERS)
    assert hand.services.lookups.asked[1:] == [("handles", "c1", ids, ACCOUNT)]


async def test_the_price_is_a_setting(hand: Stagehand) -> None:
    await open_account(hand, world())
    hand.settings.set(known.LOOKUP_PRICE, 0)
    await hand.settle()
    assert named(hand.window, "Look up 14 handles (free)")


async def test_a_connection_offers_the_handles_of_all_its_accounts(hand: Stagehand) -> None:
    await hand.open(world())
    tree(hand).select(Selection("connection", "c1"))
    await hand.settle()
    press(hand.window, "Look up 14 handles (about $0.14)")
    await hand.settle()
    assert hand.services.lookups.asked[-1][0::3] == ("handles", "")


async def test_a_look_up_shows_how_far_it_is_what_failed_and_what_is_left(
    hand: Stagehand,
) -> None:
    await open_account(hand, world())
    emit, key = hand.services.emit, (Kind.HANDLES.value, "c1", ACCOUNT)
    emit(LookupProgress(*key, 5, 14))
    await hand.settle()
    assert "Looking up handles … 5 of 14" in details(hand)
    assert "Look up 14" not in details(hand)
    bar = named(hand.window, "Looking up handles … 5 of 14", QProgressBar)
    assert isinstance(bar, QProgressBar)
    assert (bar.value(), bar.maximum()) == (5, 14)
    emit(LookedUp(tuple(KnownHandle(u.user_id, "x", "", NOW) for u in OTHERS[:9])))
    error = NetworkError(ErrorCode.NO_NETWORK, "No connection", "X could not be reached.", "Wait.")
    emit(LookupEnded(*key, error))
    await hand.settle()
    assert "X could not be reached." in details(hand)
    assert named(hand.window, "Look up 5 handles (about $0.05)")
    emit(LookupProgress(*key, 0, 5))
    emit(LookedUp(tuple(KnownHandle(u.user_id, "", "", NOW) for u in OTHERS[9:])))
    emit(LookupEnded(*key, None))
    await hand.settle()
    assert "Handles of other users" not in details(hand)


async def test_a_second_look_up_counts_only_whom_it_would_ask_for(hand: Stagehand) -> None:
    await open_account(hand, world())
    emit, elsewhere = hand.services.emit, (Kind.HANDLES.value, "c1", "")
    ids = tuple(user.user_id for user in OTHERS)
    emit(LookupProgress(*elsewhere, 0, 0, ids[:10]))
    emit(LookupProgress(*elsewhere, 0, 10))
    await hand.settle()
    assert "10 handles are being looked up already …" in details(hand)
    press(hand.window, "Look up 4 handles (about $0.04)")
    await hand.settle()
    assert hand.services.lookups.asked[-1] == (Kind.HANDLES.value, "c1", ids[10:], ACCOUNT)
    emit(LookupProgress(Kind.HANDLES.value, "c1", "x", 0, 0, ids[10:]))
    await hand.settle()
    assert "14 handles are being looked up already …" in details(hand)
    assert "Look up 4" not in details(hand)
    emit(LookupEnded(*elsewhere, None))
    await hand.settle()
    assert named(hand.window, "Look up 10 handles (about $0.10)")


async def test_who_is_not_at_x_is_said_so(hand: Stagehand) -> None:
    await hand.open(world())
    hand.services.emit(LookedUp((KnownHandle("7001", "", "", NOW - 120),)))
    tree(hand).expandAll()
    assert tree(hand).select(Selection("user", "c1", ACCOUNT, "p1"))
    await hand.settle()
    assert "X has no such user any more. Looked up 2 min ago." in details(hand)


async def test_funding_in_words_with_what_x_may_add_later(hand: Stagehand) -> None:
    await open_account(hand, world())
    press(hand.window, "Look up funding")
    press(hand.window, "Look up features")
    await hand.settle()
    assert hand.services.lookups.asked[1:] == [
        ("funding", "c1", ACCOUNT),
        ("features", "c1", ACCOUNT),
    ]
    card = FundingInstrument(
        "f1", "CREDIT_CARD", "Visa", "USD", True, credit_limit=200_000_000
    )  # fmt: skip
    odd = FundingInstrument("f2", "BARTER_<b>", "", "EUR", False, ("EXPIRED", "MOON_PHASE"))
    made = Funding(ACCOUNT, (card, odd), NOW - 120)
    hand.services.emit(LookedUp((made, Features(ACCOUNT, ("CPI_CHARGING",), NOW))))
    await hand.settle()
    shown = details(hand)
    for words in (
        "Can pay", "limit 200.00 USD", "BARTER_<b>", "Cannot pay: it has expired, MOON_PHASE",
        "Looked up 2 min ago", "CPI_CHARGING", "Looked up just now",
    ):  # fmt: skip
        assert words in shown
    assert named(hand.window, "Look up funding again")


FUNDING = (Kind.FUNDING.value, "c1", ACCOUNT)


async def looking_up_funding(hand: Stagehand) -> None:
    """Press the button by keyboard; what is written meanwhile has no such button."""
    await open_account(hand, world())
    button = named(hand.window, "Look up funding", QPushButton)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    hand.services.emit(LookupProgress(*FUNDING, 0, 0))
    await hand.settle()
    assert "Looking up funding …" in details(hand)
    assert not [one for one in hand.window.findChildren(QPushButton) if one is button]


async def test_the_keyboard_comes_back_to_the_button_once_it_has_been_looked_up(
    hand: Stagehand,
) -> None:
    await looking_up_funding(hand)
    # What comes in between must not forget who asked.
    hand.services.emit(LookupProgress(Kind.FEATURES.value, "c1", ACCOUNT, 0, 0))
    await hand.settle()
    hand.services.emit(LookedUp((Funding(ACCOUNT, (), NOW),)))
    hand.services.emit(LookupEnded(*FUNDING, None))
    await hand.settle()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Look up funding again"
    assert named(hand.window, "Details").isAncestorOf(focused)


async def test_so_it_does_where_the_look_up_failed(hand: Stagehand) -> None:
    await looking_up_funding(hand)
    error = NetworkError(ErrorCode.NO_NETWORK, "No connection", "X could not be reached.", "Wait.")
    hand.services.emit(LookupEnded(*FUNDING, error))
    await hand.settle()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Look up funding again"


async def test_the_keyboard_is_not_taken_from_where_somebody_has_gone_meanwhile(
    hand: Stagehand,
) -> None:
    await looking_up_funding(hand)
    hand.window._bar.search.setFocus()
    hand.services.emit(LookedUp((Funding(ACCOUNT, (), NOW),)))
    hand.services.emit(LookupEnded(*FUNDING, None))
    await hand.settle()
    assert hand.window._bar.search.hasFocus()


async def test_no_instrument_at_all_cannot_spend(hand: Stagehand) -> None:
    await open_account(hand, world())
    hand.services.emit(LookedUp((Funding(ACCOUNT, (), NOW), Features(ACCOUNT, (), NOW))))
    await hand.settle()
    assert "There is no funding instrument." in details(hand)
    assert "X names no features" in details(hand)


# The X app


async def test_an_app_names_tokens_older_than_its_approval(hand: Stagehand) -> None:
    snapshot = world()
    await hand.open(replace(snapshot, apps=(replace(make_app(), approved_at=NOW - DAY),)))
    walk(rail(hand), "Agency app")
    await hand.settle()
    assert "Tokens are older than the Ads API approval" in details(hand)
    assert "Revoke at X and remove" in details(hand)
    walk(rail(hand), "@northwind_ads")
    await hand.settle()
    assert "Before X approved the app" in details(hand)


async def test_a_day_that_nobody_knows_is_not_told_and_warns_of_nothing(hand: Stagehand) -> None:
    snapshot = world()
    await hand.open(
        replace(
            snapshot,
            apps=(replace(make_app(), approved_at=NOW - DAY, added_at=0.0),),
            connections=tuple(replace(one, authorized_at=0.0) for one in snapshot.connections),
        )
    )
    walk(rail(hand), "Agency app")
    await hand.settle()
    assert "Not known" in details(hand)
    assert "1970" not in details(hand)
    assert "Tokens are older" not in details(hand)
    walk(rail(hand), "@northwind_ads")
    await hand.settle()
    assert "Not known" in details(hand)
    assert "1970" not in details(hand)
    assert "Before X approved the app" not in details(hand)


async def test_a_refused_token_explains_the_trap(hand: Stagehand) -> None:
    refused = make_connection("c1", state=ConnectionState.REVOKED, error=f"{TOKEN_REFUSED}. So.")
    await hand.open(replace(world(), connections=(refused,)))
    walk(rail(hand), "Agency app")
    await hand.settle()
    assert "older than the app’s approval" in details(hand)


async def test_the_day_of_approval_is_noted_corrected_and_forgotten(hand: Stagehand) -> None:
    await hand.open(world())
    walk(rail(hand), "Agency app")
    await hand.settle()
    press(hand.window, "Note the day of the approval")
    dialog = await opened(hand, "Ads API approval")
    field = named(dialog, "Approved on", QLineEdit)
    assert isinstance(field, QLineEdit)
    for wrong, words in (("May", "not a day"), ("9999-01-01", "still to come")):
        field.setText(wrong)
        press(dialog, "Save")
        assert dialog.isVisible()
        assert any(words in text.text() for text in dialog.findChildren(Text))
    field.setText("2026-05-03")
    press(dialog, "Save")
    await hand.settle()
    (name, app_id, moment), *_ = hand.services.asked[-1:]
    assert (name, app_id) == ("note_approval", "a1")
    assert isinstance(moment, float)
    assert "3 May 2026" in details(hand)
    press(hand.window, "Note the day of the approval")
    press(await opened(hand, "Ads API approval"), "Forget it")
    await hand.settle()
    assert hand.services.asked[-1] == ("note_approval", "a1", None)


async def opened(hand: Stagehand, name: str) -> QDialog:
    def there() -> QDialog | None:
        found = [d for d in hand.window.findChildren(QDialog) if d.accessibleName() == name]
        return next((d for d in found if d.isVisible()), None)

    await until(there, name)
    dialog = there()
    assert dialog is not None
    return dialog


# The report


async def test_a_report_of_the_selection_is_written_and_told(
    hand: Stagehand, tmp_path: Path
) -> None:
    await open_account(hand, world())
    press(hand.window, "Report")
    dialog = await opened(hand, "Access report")
    field = named(dialog, "File", QLineEdit)
    assert isinstance(field, QLineEdit)
    assert field.text().endswith(".csv")
    choose(dialog, "Format", 2)
    assert field.text().endswith(".html")
    field.setText(str(tmp_path / "who.html"))
    press(dialog, "Save report")
    await hand.settle()
    scope = Scope(accounts=frozenset({ACCOUNT}))
    assert hand.services.reports.asked == [
        (tmp_path / "who.html", "html", scope, 24 * 3600.0, False)
    ]
    assert named(hand.window, "Information: The report was written")
    assert named(hand.window, "Show in folder")


@pytest.mark.parametrize(("at", "scope"), [(0, Scope()), (1, Scope(frozenset({"c1"})))])
async def test_more_than_the_selection_can_be_chosen(
    hand: Stagehand, tmp_path: Path, at: int, scope: Scope
) -> None:
    await open_account(hand, world())
    press(hand.window, "Report")
    dialog = await opened(hand, "Access report")
    choose(dialog, "Covers", at)
    field = named(dialog, "File", QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText(str(tmp_path / "who.csv"))
    press(dialog, "Save report")
    await hand.settle()
    assert hand.services.reports.asked[0][2] == scope


@pytest.mark.parametrize("answer", ["Replace", "Cancel"])
async def test_a_file_that_is_there_is_asked_about(hand: Stagehand, answer: str) -> None:
    await open_account(hand, world())
    hand.services.reports.failures.append(ExistsError("There", "It is there.", "Choose."))
    press(hand.window, "Report")
    press(await opened(hand, "Access report"), "Save report")
    press(await opened(hand, "Replace the file?"), answer)
    await hand.settle()
    replaced = [asked[-1] for asked in hand.services.reports.asked]
    assert replaced == ([False, True] if answer == "Replace" else [False])


async def test_a_report_that_fails_is_told(hand: Stagehand) -> None:
    await open_account(hand, world())
    error = StorageError(ErrorCode.STORAGE, "The report could not be written", "Full.", "Free.")
    hand.services.reports.failures.append(error)
    press(hand.window, "Report")
    press(await opened(hand, "Access report"), "Save report")
    await hand.settle()
    assert named(hand.window, "Problem: The report could not be written")


async def test_a_file_has_to_be_named_with_its_folder(hand: Stagehand) -> None:
    await open_account(hand, world())
    press(hand.window, "Report")
    dialog = await opened(hand, "Access report")
    field = named(dialog, "File", QLineEdit)
    assert isinstance(field, QLineEdit)
    for wrong in (
        "",
        "report.csv",
        "~nobody-is-called-this/report.csv",
        "/x\0.csv",
        "/tmp/",
        "/tmp/.",
    ):
        field.setText(wrong)
        press(dialog, "Save report")
        assert dialog.isVisible()
    press(dialog, "Cancel")
    await hand.settle()
    assert hand.services.reports.asked == []


async def test_the_report_s_dialog_is_as_high_as_the_words_of_its_format(hand: Stagehand) -> None:
    await open_account(hand, world())
    press(hand.window, "Report")
    dialog = await opened(hand, "Access report")
    assert isinstance(dialog, FittedDialog)
    heights = []
    for at in range(len(FORMATS)):
        choose(dialog, "Format", at)
        assert dialog.height() == dialog.column.heightForWidth(dialog.width())
        heights.append(dialog.height())
    assert heights[0] > heights[1]  # the words about CSV take a line more
    press(dialog, "Cancel")
    await hand.settle()


def choose(dialog: QWidget, name: str, at: int) -> None:
    from PySide6.QtWidgets import QComboBox

    box = named(dialog, name, QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(at)


# Whatever a name holds


@pytest.mark.parametrize(
    "name",
    [
        "<b>x</b><img src=y>",
        "Right\u202etfel\u202c",
        "a\x00b\n\x1b[31m",
        "x" * 2000,
        "أداتوم 🦆",
        "",
    ],
)
async def test_any_name_is_shown_as_text(hand: Stagehand, name: str, tmp_path: Path) -> None:
    await open_account(hand, world(name=name))
    shown = details(hand)
    assert "\u202e" not in shown
    assert "\x1b" not in shown
    for label in named(hand.window, "Details").findChildren(Text):
        assert label.textFormat() is Qt.TextFormat.PlainText
    press(hand.window, "Report")
    dialog = await opened(hand, "Access report")
    assert dialog.width() == 500
    press(dialog, "Cancel")
    await hand.settle()


async def test_parts_of_different_age_are_told_apart(hand: Stagehand) -> None:
    snapshot = world()
    (entry,) = snapshot.entries["c1"]
    uneven = replace(
        entry, access_at=NOW - 3 * DAY, users_at=NOW - 130, access_error="The server failed."
    )
    await open_account(hand, replace(snapshot, entries={"c1": (uneven,)}))
    shown = [part.accessibleName() for part in named(hand.window, "Details").findChildren(QWidget)]
    assert "Permissions: 3 days ago · stale" in shown
    assert "Users: 2 min ago" in shown
    assert "Last asked: 2 min ago" in shown
    assert "The server failed." in details(hand)
    index = tree(hand).currentIndex()
    assert index.siblingAtColumn(2).data() == "stale · 3 d"
