from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from adwarden.domain.errors import KeychainError
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.ui.account_tree import AccountTree
from adwarden.ui.phrases import at_moment
from tests.fakes.person import authorize
from tests.flows import keychain
from tests.flows.driver import (
    Page,
    click,
    closed,
    find,
    journey,
    paste_into,
    reads,
    tree_rows,
    type_into,
    until,
    window_named,
)
from tests.storage.folders import small_disk

pytestmark = [pytest.mark.flow, pytest.mark.webengine, pytest.mark.keychain]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    server = PracticeServer(make_world(seed=3))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def unlocked() -> Iterator[None]:
    """Leave the keychain as the next test expects it."""
    yield
    keychain.unlock()


async def test_a_wrong_pin_is_said_and_a_new_page_opened(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        dialog = await here.open_connect()
        await Page(dialog).wait_for("form")
        await paste_into(dialog, "PIN", " 00 11\u200b 222\n")
        await click(dialog, "Continue")
        await reads(dialog, "X did not accept this PIN")
        await until(lambda: server.journal.count("/oauth/request_token") == 2, "a new token")
        # The attempt goes on by itself: the new page leads to a connection.
        await Page(dialog).authorize("contoso")
        await until(lambda: closed(dialog), "connected")
        await here.row("@contoso", "Working")


async def test_cancel_at_x_is_told_and_start_over_works(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        dialog = await here.open_connect()
        page = Page(dialog)
        await page.click('button[value="contoso"]')
        await page.click("#cancel")
        await reads(dialog, "cancelled")
        await click(dialog, "Start over")
        await page.click('button[value="contoso"]')
        await page.click("#allow")
        await until(lambda: closed(dialog), "connected")


async def test_two_dialogs_wait_at_once_and_the_link_works_elsewhere(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        first = await here.open_connect()
        second = await here.open_connect()
        await Page(first).wait_for("form")
        await Page(second).wait_for("form")
        await click(first, "Copy link")
        link = await until(lambda: QApplication.clipboard().text(), "the link")
        # The advertiser opens the link in a browser of their own, and reads the PIN back.
        await type_into(first, "PIN", authorize(link, "northwind_ads"))
        await click(first, "Continue")
        await until(lambda: closed(first), "the first is connected")
        await Page(second).authorize("contoso")
        await until(lambda: closed(second), "the second is connected")
        await here.row("@northwind_ads", "Working")
        await here.row("@contoso", "Working")


async def test_a_pin_from_far_away_outlasts_a_network_that_is_gone(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        dialog = await here.open_connect()
        await Page(dialog).wait_for("form")
        await click(dialog, "Copy link")
        link = await until(lambda: QApplication.clipboard().text(), "the link")
        pin = authorize(link, "northwind_ads")
        server.stop()
        await type_into(dialog, "PIN", pin)
        await click(dialog, "Continue")
        await reads(dialog, "X has not seen the PIN")
        server.start()
        await click(dialog, "Try again")
        await until(lambda: closed(dialog), "connected")
        await here.row("@northwind_ads", "Working")


async def test_connecting_goes_on_once_the_keys_were_entered_again(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        app = server.world.apps[0]
        await here.add_app("Agency app", app.key, app.secret[::-1])
        dialog = await here.open_connect()
        await click(dialog, "Enter the keys again")
        again = await window_named("Enter the keys again")
        await type_into(again, "API key", app.key)
        await type_into(again, "API key secret", app.secret)
        await click(again, "Save")
        await until(lambda: closed(again), "the keys are kept")
        await until(dialog.isActiveWindow, "the focus")
        # Nobody presses Start over: the page comes by itself.
        await Page(dialog).authorize("contoso")
        await until(lambda: closed(dialog), "connected")


async def test_a_failure_of_another_time_is_told_with_its_time(
    qapp: QApplication, server: PracticeServer, tmp_path: Path, unlocked: None
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        await here.connect("contoso")
        await here.row("@contoso", "Working")
        await here.loaded()
        keychain.lock()
        (one,) = here.services.accounts.roster.connections
        with pytest.raises(KeychainError):
            await here.services.accounts.refresh(one.id)
    keychain.unlock()
    async with journey(qapp, tmp_path, server) as here:
        (one,) = here.services.accounts.roster.connections
        assert one.error_at is not None
        tree = here.tree
        assert isinstance(tree, AccountTree)
        tree.focus_connection(one.id)
        await reads(here.window, f"Failed {at_moment(one.error_at, one.error_at)}")


async def test_a_first_fetch_that_fails_is_told_once_and_by_name(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        dialog = await here.open_connect()
        server.faults.add(Kind.ERROR, "/12/accounts", times=0, status=403)
        await Page(dialog).authorize("contoso")
        await until(lambda: closed(dialog), "connected")
        notices = here.window.notices
        await until(lambda: any(one.closable for one in notices.shown()), "the notice")
        await until(lambda: here.window.settled, "settling")
        told = [one.title for one in notices.shown() if one.closable]
        assert len(told) == 1, told
        assert told[0].startswith("@contoso: ")


async def test_a_full_disk_at_the_start_is_told_once_and_until_there_is_room(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    title = "The list of accounts cannot be used"
    with small_disk(tmp_path / "disk") as disk:
        (disk / "data").mkdir()
        filler = disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        async with journey(qapp, disk / "data", server) as here:
            await reads(here.window, title)
            await until(lambda: here.window.settled, "settling")
            assert [one.title for one in here.window.notices.shown()].count(title) == 1
            filler.unlink()
            await here.add_practice_app(server)
            told = [one.title for one in here.window.notices.shown()]
            assert title not in told


async def test_a_locked_keychain_keeps_the_token_until_it_is_open(
    qapp: QApplication, server: PracticeServer, tmp_path: Path, unlocked: None
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        dialog = await here.open_connect()
        await Page(dialog).wait_for("form")
        # The keys are read again for the exchange, so the keychain locks between that and storing.
        server.faults.add(Kind.LATENCY, "/oauth/access_token", seconds=1.5)
        link_pin = authorize(await _link(dialog), "contoso")
        await type_into(dialog, "PIN", link_pin)
        await click(dialog, "Continue")
        await until(lambda: server.faults.hits("/oauth/access_token"), "the exchange")
        keychain.lock()
        await reads(dialog, "locked")
        assert here.services.accounts.roster.connections == ()
        # Closing asks instead of losing the token.
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not closed(dialog)
        keychain.unlock()
        await click(dialog, "Try again")
        await until(lambda: closed(dialog), "stored")
        await here.row("@contoso", "Working")


async def test_another_user_than_expected_can_be_kept_as_new(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        await here.connect("contoso")
        await here.row("@contoso", "Working")
        await click(here.window, "Reconnect")
        dialog = await window_named("Connect account")
        await Page(dialog).authorize("northwind_ads")
        await reads(dialog, "@northwind_ads", "@contoso")
        await click(dialog, "Keep as a new connection")
        await until(lambda: closed(dialog), "kept")
        names = {one.screen_name for one in here.services.accounts.roster.connections}
        assert names == {"contoso", "northwind_ads"}


async def test_a_revoked_connection_is_told_and_can_be_reconnected(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        await here.connect("contoso")
        await here.row("@contoso", "Working")
        rows = await here.loaded()
        person = server.world.person_named("contoso")
        assert person is not None
        server.faults.revoke(server.world.apps[0], person)
        await click(here.window, "Refresh")
        await here.row("@contoso", "Revoked")
        await reads(here.window, "@contoso revoked access")
        assert len(tree_rows(here.tree)) == rows
        await click(here.window, "Reconnect")
        dialog = await window_named("Connect account")
        await Page(dialog).authorize("contoso")
        await until(lambda: closed(dialog), "reconnected")
        await here.row("@contoso", "Working")
        assert len(here.services.accounts.roster.connections) == 1


async def test_without_a_network_the_last_known_state_is_there(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        await here.connect("contoso")
        await here.row("@contoso", "Working")
        rows = await here.loaded()
    server.stop()
    async with journey(qapp, tmp_path, server) as here:
        assert len(tree_rows(here.tree)) == rows
        await click(here.window, "Refresh")
        await reads(here.window, "No connection")
        assert len(tree_rows(here.tree)) == rows


@pytest.mark.parametrize("revoke", [False, True])
async def test_disconnecting(
    qapp: QApplication, server: PracticeServer, tmp_path: Path, revoke: bool
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        await here.connect("contoso")
        await here.row("@contoso", "Working")
        await click(here.window, "Disconnect")
        words = "Revoke at X and remove" if revoke else "Disconnect here"
        question = await until(
            lambda: next(
                (
                    one
                    for one in QApplication.topLevelWidgets()
                    if one.isVisible() and find(one, QAbstractButton, words)
                ),
                None,
            ),
            "the question",
        )
        assert question is not None
        await click(question, words)
        await until(lambda: not here.services.accounts.roster.connections, "disconnected")
        assert server.journal.count("/1.1/oauth/invalidate_token.json") == 0
    # Quitting is the end of the seconds in which it can be undone.
    told = server.journal.count("/1.1/oauth/invalidate_token.json", status=200)
    assert told == (1 if revoke else 0)


async def test_searching_narrows_by_name_id_and_handle(
    qapp: QApplication, server: PracticeServer, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, server) as here:
        await here.add_practice_app(server)
        await here.connect("agency_ops")
        everything = await here.loaded()
        account = server.world.account(0)
        for words in (account.name[:8], account.id, "@agency_ops"):
            await type_into(here.window, "Search", words)
            await until(lambda: 0 < len(tree_rows(here.tree)) <= everything, f"hits of {words}")
            await here.row(account.name[:8])
        await type_into(here.window, "Search", account.id)
        await until(lambda: len(tree_rows(here.tree)) <= 4, "one ad account")
        field = find(here.window, QLineEdit, "Search")
        assert field is not None
        QTest.keyClick(field, Qt.Key.Key_Escape)
        await until(lambda: len(tree_rows(here.tree)) == everything, "everything again")


async def _link(dialog: QWidget) -> str:
    await click(dialog, "Copy link")
    return await until(lambda: QApplication.clipboard().text(), "the link")
