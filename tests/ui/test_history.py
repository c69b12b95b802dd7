from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMenu

from adwarden.domain.changes import Change, Recorded
from adwarden.domain.errors import ErrorCode, StorageError
from adwarden.domain.model import Snapshot
from adwarden.services.events import HistoryGrew, RefreshEnded, RefreshProgress
from adwarden.services.history import PAGE
from adwarden.ui.history import HistoryDialog
from adwarden.ui.history_list import HEIGHT, HistoryList
from adwarden.ui.history_model import HistoryModel
from adwarden.ui.history_watch import LOST_NOTICE
from adwarden.ui.history_words import CHOICES, LOST_CHOICE, lost_message, lost_title
from adwarden.ui.notices import Level, Notice
from tests.fakes.services import NOW, make_app, make_connection, make_entry
from tests.ui.stagehand import Stagehand, named, press, until

ONE = make_connection("c1", "northwind_ads")
TWO = make_connection("c2", "contoso")
ENTRY = make_entry()
WORLD = Snapshot((make_app(),), (ONE, TWO), {"c1": (ENTRY,), "c2": ()})
DAY = 86_400.0


def change(kind: str = "permission-lost", subject: str = "AD_MANAGER", **other: str) -> Change:
    parts = {
        "connection_id": "c1",
        "account_id": ENTRY.account.id,
        "handle": "@northwind_ads",
        "app": "Agency app",
        "name": "Northwind Outdoor",
    }
    return Change(kind, subject=subject, **{**parts, **other})


def happens(hand: Stagehand, *changes: Change) -> tuple[Recorded, ...]:
    """Find changes now, and tell of them as the services do."""
    found = hand.services.history.add(*changes, ago=30.0)
    hand.services.emit(HistoryGrew(found))
    return found


def dialog_of(hand: Stagehand) -> HistoryDialog:
    found = [one for one in hand.window.findChildren(HistoryDialog) if one.isVisible()]
    assert len(found) == 1
    return found[0]


async def opened(hand: Stagehand) -> HistoryDialog:
    hand.window.history.open()
    await hand.settle()
    return dialog_of(hand)


def lines(dialog: HistoryDialog) -> list[str]:
    model = dialog.list.model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def spoken(model: QAbstractItemModel, row: int) -> str:
    return str(model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole))


def button_of(hand: Stagehand) -> QAbstractButton:
    found = named(hand.window, "History", QAbstractButton)
    assert isinstance(found, QAbstractButton)
    return found


async def test_changes_are_listed_by_day_newest_first(hand: Stagehand) -> None:
    history = hand.services.history
    history.add(change("account-gained"), ago=40 * DAY)
    history.add(change("permission-gained"), ago=DAY)
    history.add(change(), ago=60.0)
    history.seen = 2
    await hand.open(WORLD)
    press(hand.window, "History")
    await hand.settle()
    dialog = dialog_of(hand)
    today, lost, yesterday, gained, _, first = lines(dialog)
    assert (today, yesterday) == ("Today", "Yesterday")
    assert lost == "@northwind_ads lost AD_MANAGER on Northwind Outdoor"
    assert gained == "@northwind_ads got AD_MANAGER on Northwind Outdoor"
    assert first == "@northwind_ads reaches Northwind Outdoor now"
    model = dialog.list.model()
    assert spoken(model, 1).startswith("New. Access lost. @northwind_ads lost AD_MANAGER")
    assert "Northwind Outdoor · @northwind_ads · Agency app" in spoken(model, 1)
    assert "Today, " in spoken(model, 1)
    assert spoken(model, 3).startswith("Access gained.")
    assert named(dialog, "3 changes · kept for 365 days")


async def test_what_is_new_is_counted_until_it_is_looked_at(hand: Stagehand) -> None:
    hand.services.history.add(change("permission-gained"))
    await hand.open(WORLD)
    assert button_of(hand).text() == "1"
    happens(hand, change("permission-gained"), change("account-gained", connection_id="c2"))
    await hand.settle()
    assert button_of(hand).text() == "3"
    assert button_of(hand).accessibleDescription() == "3 new"
    rail = hand.window._rail.model()
    said = [spoken_at(rail, rail.index(0, 0), row) for row in range(2)]
    assert said[0].endswith(", 1 new change")
    assert said[1].endswith(", 2 new changes")
    await opened(hand)
    assert button_of(hand).text() == ""
    assert all("new change" not in spoken_at(rail, rail.index(0, 0), row) for row in range(2))


def spoken_at(model: QAbstractItemModel, parent: QModelIndex, row: int) -> str:
    return str(model.index(row, 0, parent).data(Qt.ItemDataRole.AccessibleTextRole))


async def test_what_somebody_does_here_is_no_news(hand: Stagehand) -> None:
    await hand.open(WORLD)
    happens(hand, change("connection-added", "3"), change("connection-removed"))
    grown = happens(hand, change("account-gained"))
    hand.services.emit(HistoryGrew(grown))  # told again: it has grown
    await hand.settle()
    assert button_of(hand).text() == "1"


async def test_losses_are_one_notice_once_the_refresh_is_over(hand: Stagehand) -> None:
    await hand.open(WORLD)
    hand.services.emit(RefreshProgress("c1", 0, 0))
    happens(hand, change(), change("account-lost"), change("permission-gained"))
    happens(hand, change("account-lost", account_id="other"))
    await hand.settle()
    assert not _lost(hand)
    hand.services.emit(RefreshEnded("c1", None))
    await hand.settle()
    (notice,) = _lost(hand)
    assert notice.title == "Access was lost: 2 ad accounts and 1 permission."
    assert notice.level is Level.WARN
    press(hand.window, "Show history")
    await hand.settle()
    assert hand.services.history.asked[-1][0].tone == "lost"
    assert len(lines(dialog_of(hand))) == 4
    assert not _lost(hand)


async def test_a_notice_that_was_closed_stays_closed(hand: Stagehand) -> None:
    await hand.open(WORLD)
    happens(hand, change())
    await hand.settle()
    assert _lost(hand)[0].title == "@northwind_ads lost AD_MANAGER on Northwind Outdoor."
    press(hand.window, "Close notice")
    hand.services.emit(RefreshEnded("c1", None))
    await hand.settle()
    assert not _lost(hand)
    happens(hand, change("account-lost"))
    await hand.settle()
    assert _lost(hand)[0].title == "@northwind_ads no longer reaches Northwind Outdoor."


async def test_what_was_lost_while_the_window_was_closed_is_told_at_the_start(
    hand: Stagehand,
) -> None:
    hand.services.history.add(change(), change("account-gained"), change("user-lost", "7"))
    await hand.open(WORLD)
    (notice,) = _lost(hand)
    assert notice.title == "Access was lost: 1 permission and 1 promotable user."
    assert notice.message.startswith("@northwind_ads lost AD_MANAGER on Northwind Outdoor; ")


def test_a_notice_of_many_losses_stays_short() -> None:
    long = [Recorded(n, NOW, change(subject=f"R{n}", name="long name " * 40)) for n in range(50)]
    assert lost_title(long) == "Access was lost: 50 permissions."
    assert lost_message(long).endswith("; and 47 more.")
    assert len(lost_message(long)) < 330
    assert len(lost_title(long[:1])) < 100


def test_an_ad_account_that_several_connections_have_lost_counts_once() -> None:
    lost = [
        Recorded(
            number, NOW, change("account-lost", "", connection_id=f"c{number}", account_id=account)
        )
        for number, account in enumerate(("18a", "18a", "18b"))
    ]
    assert lost_title(lost) == "Access was lost: 2 ad accounts."
    assert lost_title(lost[:2]) == "Access was lost: 1 ad account."


def _lost(hand: Stagehand) -> list[Notice]:
    return [notice for notice in hand.window.notices.shown() if notice.id == LOST_NOTICE]


async def test_kinds_and_words_narrow_the_list(hand: Stagehand) -> None:
    hand.services.history.add(
        change(), change("account-gained", name="Contoso"), change("approval", "REJECTED")
    )
    await hand.open(WORLD)
    dialog = await opened(hand)
    box = named(dialog, "Kind of change")
    for words, count in (("Permissions", 2), ("Approval", 2), ("Access gained", 2)):
        box.setCurrentText(words)  # type: ignore[attr-defined]
        await hand.settle()
        assert len(lines(dialog)) == count, words
    box.setCurrentIndex(0)  # type: ignore[attr-defined]
    field = named(dialog, "Search the history", QLineEdit)
    QTest.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    await until(field.hasFocus, "the focus")
    QTest.keyClicks(field, "contoso REACHES")
    await hand.settle()
    assert lines(dialog)[1:] == ["@northwind_ads reaches Contoso now"]
    QTest.keyClicks(field, " nothing")
    await hand.settle()
    assert lines(dialog) == []
    assert dialog.list.accessibleDescription().startswith("No such changes")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await hand.settle()
    assert dialog.isVisible()
    assert len(lines(dialog)) == 4
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await until(lambda: not hand.window.findChildren(HistoryDialog), "the end of the dialog")


async def test_the_history_of_what_is_selected(hand: Stagehand) -> None:
    hand.services.history.add(change(), change("account-gained", account_id="x", name="Other"))
    await hand.open(WORLD)
    assert hand.window._selecting.go_to("c1", ENTRY.account.id)
    await hand.settle()
    QTest.keyClick(
        hand.window,
        Qt.Key.Key_H,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    await hand.settle()
    dialog = dialog_of(hand)
    assert dialog.windowTitle() == "History of Northwind Outdoor · @northwind_ads"
    assert len(lines(dialog)) == 2
    assert button_of(hand).text() == "2"  # the news of the others is still news
    press(dialog, "Show the history of everything")
    await hand.settle()
    assert dialog.windowTitle() == "History"
    assert len(lines(dialog)) == 3
    assert spoken(dialog.list.model(), 1).startswith("New.")
    assert button_of(hand).text() == ""


async def test_the_details_lead_to_the_history_of_what_they_show(hand: Stagehand) -> None:
    await hand.open(WORLD)
    for account_id, name, label in (
        ("", "History of this connection", "@northwind_ads"),
        (ENTRY.account.id, "History of this ad account", "Northwind Outdoor · @northwind_ads"),
    ):
        assert hand.window._selecting.go_to("c1", account_id)
        await hand.settle()
        press(hand.window, name)
        await hand.settle()
        assert dialog_of(hand).windowTitle() == f"History of {label}"
        wanted, _ = hand.services.history.asked[-1]
        assert (wanted.connection_id, wanted.account_id) == ("c1", account_id)


async def test_an_empty_history_says_what_will_be_here(hand: Stagehand) -> None:
    await hand.open(WORLD)
    dialog = await opened(hand)
    assert dialog.list.accessibleDescription().startswith("Nothing has changed yet.")
    assert not named(dialog, "Show in tree").isEnabled()
    again = await opened(hand)
    assert again is dialog


async def test_a_history_that_cannot_be_read_says_why(hand: Stagehand) -> None:
    await hand.open(WORLD)
    error = StorageError(ErrorCode.STORAGE, "The list is damaged", "A bad disk.", "Try again.")
    hand.services.history.failures.append(error)
    dialog = await opened(hand)
    assert dialog.list.accessibleDescription() == "The list is damaged. A bad disk. Try again"
    dialog.load()
    await hand.settle()
    assert dialog.list.accessibleDescription().startswith("Nothing has changed yet.")


async def test_keys_walk_past_the_days_and_return_goes_to_the_object(hand: Stagehand) -> None:
    hand.services.history.add(change("approval", "REJECTED"), ago=DAY)
    hand.services.history.add(change())
    await hand.open(WORLD)
    dialog = await opened(hand)
    rows = []
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End):
        QTest.keyClick(dialog.list, key)
        rows.append(dialog.list.currentIndex().row())
    assert rows == [1, 3, 1, 3]
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    await hand.settle()
    place = hand.window._details.place
    assert (place.connection_id, place.account_id) == ("c1", ENTRY.account.id)


async def test_a_double_click_goes_to_the_object_or_says_that_it_is_gone(hand: Stagehand) -> None:
    hand.services.history.add(
        change(handle="@gone", connection_id="c9"), change(account_id="not there any more")
    )
    await hand.open(WORLD)
    dialog = await opened(hand)
    for row, connection in ((1, "c1"), (2, "c1")):
        spot = dialog.list.visualRect(dialog.list.model().index(row, 0)).center()
        QTest.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        QTest.mouseDClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        await hand.settle()
        assert hand.window._details.place.connection_id == connection
        assert hand.window._details.place.account_id == ""
    assert named(dialog, "@gone is not connected any more")


async def test_the_menu_leads_to_the_history_of_the_object(hand: Stagehand) -> None:
    hand.services.history.add(change(name="R&D"), change("account-gained", account_id="x"))
    await hand.open(WORLD)
    dialog = await opened(hand)
    spot = dialog.list.visualRect(dialog.list.model().index(2, 0)).center()
    dialog.list.customContextMenuRequested.emit(QPoint(spot))
    (menu,) = (one for one in dialog.findChildren(QMenu) if one.isVisible())
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == ["Show in tree", "History of R&&D", "History of @northwind_ads"]
    menu.actions()[2].trigger()
    menu.close()
    await hand.settle()
    assert dialog.windowTitle() == "History of R&D"
    assert len(lines(dialog)) == 2


async def test_new_changes_come_in_at_the_top_and_wait_further_down(hand: Stagehand) -> None:
    for n in range(100):
        hand.services.history.add(change("account-gained", name=f"Account {n}"))
    hand.services.history.seen = 100
    await hand.open(WORLD)
    dialog = await opened(hand)
    happens(hand, change(name="While open"))
    await hand.settle()
    assert lines(dialog)[1].endswith("on While open")
    assert spoken(dialog.list.model(), 1).startswith("New.")
    assert button_of(hand).text() == ""
    dialog.list.verticalScrollBar().setValue(900)
    happens(hand, change(name="Far above"))
    await hand.settle()
    assert "Far above" not in lines(dialog)[1]
    assert dialog.list.verticalScrollBar().value() == 900
    press(dialog, "Show new changes")
    await hand.settle()
    assert lines(dialog)[1].endswith("on Far above")


async def test_ten_thousand_changes_come_page_by_page(hand: Stagehand) -> None:
    history = hand.services.history
    for n in range(10_000):
        history.add(change("account-gained", name=f"Account {n}"), ago=(10_000 - n) * 300.0)
    await hand.open(WORLD)
    dialog = await opened(hand)
    model = dialog.list.model()
    assert model.rowCount() < 2 * PAGE
    bar = dialog.list.verticalScrollBar()
    longest = 0.0
    while model.rowCount() < 10_000:
        before = model.rowCount()
        started = time.perf_counter()
        bar.setValue(bar.maximum())
        QApplication.sendPostedEvents()
        dialog.list.viewport().repaint()
        longest = max(longest, time.perf_counter() - started)
        await until(partial(_grown, model, before), "the next page")
    assert len(history.asked) >= 10_000 // PAGE
    numbers = [words.split()[3] for words in lines(dialog) if " reaches Account " in words]
    assert numbers == [str(n) for n in range(9_999, -1, -1)]
    assert longest < 0.2, longest


def test_a_long_list_is_laid_out_in_no_time(hand: Stagehand) -> None:
    """Every page is followed by a layout of all rows: it must not ask Python much of each."""
    model = HistoryModel(lambda: NOW)
    shown = HistoryList(model, hand.icons)
    model.setParent(shown)
    kept = [Recorded(n, NOW - 300.0 * (20_000 - n), change()) for n in range(20_000, 0, -1)]
    model.begin(kept, more=False, seen=0)
    shown.resize(700, 500)
    shown.show()
    best = 9.0
    for _ in range(3):
        started = time.thread_time()
        shown.doItemsLayout()
        best = min(best, time.thread_time() - started)
    assert shown.verticalScrollBar().maximum() > 20_000 * HEIGHT - 1_000
    assert shown.indexAt(QPoint(100, HEIGHT + 5)).row() == 1
    shown.deleteLater()
    assert best < 0.08, best


def _grown(model: QAbstractItemModel, before: int) -> bool:
    return model.rowCount() > before


async def test_names_cannot_act_and_stay_on_their_line(hand: Stagehand) -> None:
    hand.services.history.add(
        change(name="<b>bold</b>\n\u202eevil"), change(name="long " * 400), change(name="")
    )
    await hand.open(WORLD)
    dialog = await opened(hand)
    _, nameless, long, bad = lines(dialog)
    assert nameless.endswith(f"on {ENTRY.account.id}")
    assert len(long) < 420
    assert bad.endswith("<b>bold</b>␊�evil")
    tip = dialog.list.model().index(3, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;" in tip
    assert not dialog.grab().isNull()


@pytest.mark.parametrize("choice", range(len(CHOICES)))
def test_every_choice_is_a_filter_of_its_own(choice: int) -> None:
    assert len({(kinds, tone) for _, kinds, tone in CHOICES}) == len(CHOICES)
    assert CHOICES[LOST_CHOICE][2] == "lost"
    assert CHOICES[choice][0]


def test_the_model_keeps_qts_rules(loop: asyncio.AbstractEventLoop) -> None:
    model = HistoryModel(lambda: NOW)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    asked: list[bool] = []
    model.wanted.connect(lambda: asked.append(True))
    kept = [Recorded(n, NOW - n * 40_000, change()) for n in range(60, 0, -1)]
    kept = [replace(one, at=NOW - (60 - one.id) * 40_000) for one in kept]
    model.begin(kept[:20], more=True, seen=50)
    model.go_on()
    model.go_on()
    assert asked == [True]
    rows = model.rowCount()
    model.append(kept[20:], more=False)
    assert model.rowCount() > rows + 40
    model.go_on()
    assert asked == [True]
    days = [row for row in range(model.rowCount()) if not _selectable(model, row)]
    assert len(days) == len({str(model.index(row).data()) for row in days})
    assert model.find(1).data() == kept[-1].change.words
    model.begin((), more=False, seen=0)
    assert model.rowCount() == 0


def _selectable(model: HistoryModel, row: int) -> bool:
    return bool(model.flags(model.index(row)) & Qt.ItemFlag.ItemIsSelectable)
