"""The window and the places of secrets: real services, a real KeePass file, X's stand-in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from keyring.errors import PasswordDeleteError
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QWidget

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, Connection
from adwarden.domain.secret import Secret
from adwarden.locking import Locking
from adwarden.services.events import (
    ConnectionSaved,
    EntriesSaved,
    KeychainChanged,
    RefreshEnded,
)
from adwarden.services.taking_over import TakenOver
from adwarden.services.tasks import Tasks
from adwarden.services.undoing import UNDO_SECONDS
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState
from adwarden.ui.actions import Id
from adwarden.ui.icons import Icons
from adwarden.ui.lock_dialogs import HELD_NOTICE
from adwarden.ui.main_window import MainWindow
from adwarden.ui.places_dialog import PlacesDialog
from adwarden.ui.theme import Theme
from adwarden.ui.vault_dialogs import CreateDialog, UnlockDialog
from adwarden.ui.vault_words import taken_words
from adwarden.ui.watch import FILE_NOTICE
from tests.fakes.keychain import token
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse, open_house
from tests.storage.keepass_parts import PASSWORD
from tests.ui.stagehand import named, press, until

__all__ = ["open_house"]


@dataclass
class Room:
    """A window on real services."""

    house: House
    window: MainWindow
    tasks: Tasks

    @property
    def places(self) -> QDialog:
        """The window about the places, once it shows all."""
        found = [d for d in self.dialogs() if d.accessibleName() == "Where secrets are kept"]
        assert len(found) == 1
        return found[0]

    def dialogs(self) -> list[QDialog]:
        return [d for d in self.window.findChildren(QDialog) if d.isVisible()]

    def notices(self) -> list[str]:
        return [one.id for one in self.window.notices.shown()]

    def words(self, root: QWidget) -> str:
        """Return everything that is written in a window."""
        labels = [one for one in root.findChildren(QLabel) if one.isVisible()]
        return "\n".join(one.accessibleName() or one.text() for one in labels)

    async def open_places(self) -> QDialog:
        self.window.on_demand.vault.open()
        await until(lambda: self.window.on_demand.vault.settled, "the look at all places")
        return self.places

    async def settled(self) -> None:
        await until(lambda: self.window.settled, "settling")

    def rows(self) -> str:
        """Return all that the tree tells a screen reader."""
        tree = self.window._tree
        model = tree.model()
        found = []

        def walk(parent: object) -> None:
            for row in range(model.rowCount(parent)):  # type: ignore[arg-type]
                index = model.index(row, 0, parent)  # type: ignore[arg-type]
                found.append(str(index.data(Qt.ItemDataRole.AccessibleTextRole)))
                walk(index)

        from PySide6.QtCore import QModelIndex

        walk(QModelIndex())
        return "\n".join(found)


@asynccontextmanager
async def room(house: House, theme: Theme, icons: Icons) -> AsyncIterator[Room]:
    unexpected: list[BaseException] = []
    tasks = Tasks(lambda error, name: unexpected.append(error))
    window = MainWindow(
        house.accounts, tasks, house.settings, theme, icons,
        lambda *_: None, lambda: None,
    )  # fmt: skip
    window.show()
    window.activateWindow()
    window.start()
    await until(lambda: window._loaded and KEYCHAIN in window.state.places, "the start")
    try:
        yield Room(house, window, tasks)
    finally:
        await window.finish()
        await tasks.close()
        window.hide()
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not unexpected, unexpected


async def filled(house: House, folder: Path) -> tuple[Path, Connection]:
    """Leave an app and a connection with ad accounts in a KeePass file."""
    path = folder / "team.kdbx"
    await house.accounts.vault_file.create(path, PASSWORD)
    house.settings.set(known.VAULT_PLACE, FILE)
    house.settings.save()
    connection = await house.connect(await house.add_app(), "contoso")
    await house.accounts.refresh(connection.id)
    return path, connection


def type_in(root: QWidget, name: str, text: str) -> None:
    field = named(root, name, QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText(text)


async def test_at_a_start_a_locked_file_shows_names_only_and_a_banner_and_unlocks_in_place(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house:
        _, connection = await filled(house, tmp_path)
        server = house.server
        name = house.accounts.roster  # what the index has
        entries = await house.index.run(lambda d: d.entries(connection.id))
        assert entries
        assert name.connections
    async with open_house(server=server) as house, room(house, theme, icons) as here:
        await until(lambda: FILE in here.window.state.places, "the look at the file")
        await here.settled()
        assert here.dialogs() == []  # never a prompt at the start
        assert FILE_NOTICE in here.notices()
        rows = here.rows()
        assert "@contoso" in rows
        assert "Locked" in rows
        assert entries[0].account.name not in rows
        assert here.window.state.count(connection.id) == 0
        server.journal.clear()
        press(here.window, "Unlock …")
        await until(lambda: bool(here.dialogs()), "the dialog")
        dialog = here.dialogs()[0]
        assert isinstance(dialog, UnlockDialog)
        await until(lambda: dialog.password.edit.hasFocus(), "the focus in the field")
        type_in(dialog, "Master password", "wrong")
        press(dialog, "Unlock")
        await until(lambda: "not the file" in dialog.password.said(), "the refusal")
        assert dialog.password.edit.hasFocus()
        type_in(dialog, "Master password", PASSWORD.unwrap())
        press(dialog, "Unlock")
        await until(lambda: entries[0].account.name in here.rows(), "the rows")
        await here.settled()
        # The rows come with the event, the dialog goes when the call is over.
        await until(lambda: here.dialogs() == [], "the end of the dialog")
        assert FILE_NOTICE not in here.notices()
        assert server.journal.entries("/12/") == []  # without network


async def test_locking_hides_everything_but_names_at_once(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        _, connection = await filled(house, tmp_path)
        await until(lambda: here.window.state.count(connection.id), "the rows")
        await here.settled()
        entry = next(iter(here.window.state.entries(connection.id)))
        window = here.window
        window.history.open()
        window.commands.add_app()
        await until(lambda: len(here.dialogs()) == 2, "two dialogs")
        window._clipboard.copy_secret(Secret("held"), "API key")
        window._actions[Id.LOCK].trigger()
        await until(lambda: not here.dialogs(), "no dialogs")
        system = QGuiApplication.clipboard()
        assert system.text(QClipboard.Mode.Clipboard) != "held"
        await until(
            lambda: house.of(KeychainChanged)[-1].status.state is KeychainState.LOCKED, "the lock"
        )
        await here.settled()
        assert entry.account.name not in here.rows()
        assert "@contoso" in here.rows()
        window._selecting.focus_connection(connection.id)
        window._details.write()
        page = here.words(window._details)
        assert "KeePass file, which is locked" in page
        assert "Secrets" not in page
        assert "locked" in here.words(window.statusBar())
        # What would name ad accounts waits.
        window.history.open()
        assert "hidden" in here.notices()
        assert not here.dialogs()
        # Nothing that comes meanwhile brings them back.
        window._see(EntriesSaved(connection.id, (entry,)))
        window._see(ConnectionSaved(window.state.connections[connection.id]))
        await here.settled()
        assert entry.account.name not in here.rows()


async def test_a_token_that_is_in_no_place_yet_survives_the_lock_and_is_pointed_out(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    class Holding(QDialog):
        @property
        def holds_token(self) -> bool:
            return True

    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        dialog = Holding(here.window)
        dialog.show()
        task = here.window.on_demand.vault.lock("It was locked because of a test.")
        assert task is not None
        await task
        assert dialog.isVisible()
        assert HELD_NOTICE in here.notices()
        notice = next(one for one in here.window.notices.shown() if one.id == FILE_NOTICE)
        assert "because of a test" in notice.message
        dialog.close()


async def test_a_refresh_of_a_locked_file_asks_and_goes_on(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        _, connection = await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        task = here.window.on_demand.vault.lock()
        assert task is not None
        await task
        house.server.journal.clear()
        here.window.commands.refresh(connection.id)
        await until(
            lambda: any(
                button.text.startswith("Unlock and retry")
                for one in here.window.notices.shown()
                for button in one.buttons
            ),
            "the notice",
        )
        press(here.window, "Unlock and retry …")
        await until(lambda: bool(here.dialogs()), "the dialog")
        type_in(here.dialogs()[0], "Master password", PASSWORD.unwrap())
        press(here.dialogs()[0], "Unlock")
        await until(lambda: house.server.journal.entries("/12/accounts"), "the refresh")
        await until(lambda: here.window.state.progress() is None, "its end")
        await here.settled()


async def test_giving_up_while_the_key_is_derived_leaves_the_file_locked(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        task = here.window.on_demand.vault.lock()
        assert task is not None
        await task
        unlocking = asyncio.create_task(house.accounts.unlock(FILE))
        await until(lambda: bool(here.dialogs()), "the dialog")
        dialog = here.dialogs()[0]
        assert isinstance(dialog, UnlockDialog)
        type_in(dialog, "Master password", PASSWORD.unwrap())
        dialog.begin()
        await asyncio.sleep(0)
        dialog.reject()
        with pytest.raises(KeychainError) as caught:
            await unlocking
        assert caught.value.code is ErrorCode.KEYCHAIN_DISMISSED
        await until(lambda: "lock the KeePass file" not in here.tasks.running(), "the lock")
        assert (await house.places.status(FILE)).state is KeychainState.LOCKED


async def test_the_three_places_are_told_with_state_counts_and_what_can_be_done(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    time = HandClock()
    async with open_house(time=time) as house, room(house, theme, icons) as here:
        app = await house.add_app()
        await house.connect(app, "contoso")
        await house.places.put("Adwarden · Lost · 00000009", "@lost", KEYCHAIN, token())
        dialog = await here.open_places()
        words = here.words(dialog)
        assert (
            "1 X app and 1 connection are kept here; the place holds 3 entries of Adwarden."
            in words
        )
        assert "@lost · Lost" in words
        assert "its X app is not here" in words
        assert "None in use" in words
        press(dialog, "Test System keychain")
        await until(lambda: "Test passed" in here.words(dialog), "the test")
        assert "written in" in here.words(dialog)
        press(dialog, "Delete @lost · Lost 00000009")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Delete")
        undo = "Undo: @lost · Lost 00000009 deleted"
        await until(lambda: undo in buttons(dialog), "the deletion, in ten seconds")
        assert "@lost · Lost" in here.words(here.window)
        press(dialog, undo)
        await until(lambda: "Delete @lost · Lost 00000009" in buttons(dialog), "the undo")
        press(dialog, "Delete @lost · Lost 00000009")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Delete")
        await until(lambda: undo in buttons(dialog), "the deletion, in ten seconds")
        house.backend.failures["delete"] = PasswordDeleteError("no")
        time.pass_time(UNDO_SECONDS)
        # Said in the card, too: the notice is behind this window.
        await until(lambda: "Delete @lost · Lost 00000009" in buttons(dialog), "the failure")
        words = "did not delete the entry"
        await until(lambda: words in here.words(dialog), "why")
        house.backend.failures.clear()
        press(here.window, "Try again")
        await until(lambda: undo in buttons(dialog), "the deletion, in ten seconds")
        time.pass_time(UNDO_SECONDS)
        await until(lambda: "@lost" not in here.words(dialog), "the deletion")
        chosen = named(dialog, "Keep what is new here: Memory, for this session only")
        QTest.mouseClick(chosen, Qt.MouseButton.LeftButton)
        assert house.settings.get(known.VAULT_PLACE) == MEMORY


async def test_a_file_is_made_moved_into_renamed_locked_and_forgotten_from_the_window(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        app = await house.add_app()
        await house.connect(app, "contoso")
        dialog = await here.open_places()
        press(dialog, "Create KeePass file")
        await until(lambda: len(here.dialogs()) == 2, "the dialog")
        create = here.dialogs()[-1]
        assert isinstance(create, CreateDialog)
        path = tmp_path / "mine.kdbx"
        create.file.edit.setText(str(path.with_suffix("")))
        type_in(create, "New master password", "one")
        type_in(create, "The same again", "other")
        press(create, "Create")
        assert "not the same" in create.again.said()
        type_in(create, "The same again", "one")
        create.for_new.setChecked(False)
        press(create, "Create")
        await until(lambda: path.exists() and len(here.dialogs()) == 1, "the file")
        assert house.settings.get(known.VAULT_PLACE) == KEYCHAIN
        await until(lambda: "Move everything to KeePass file" in buttons(dialog), "the button")
        press(dialog, "Move everything to KeePass file")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Move")
        await until(lambda: "2 secrets were moved." in here.words(dialog), "the move")
        assert {one.place for one in house.accounts.roster.connections} == {FILE}
        await until(lambda: here.window.on_demand.vault.settled, "the look")
        path.rename(tmp_path / "away.kdbx")
        press(dialog, "Look again")
        await until(lambda: "was moved or removed" in here.words(dialog), "the loss")
        await until(lambda: FILE_NOTICE in here.notices(), "the banner")
        (tmp_path / "away.kdbx").rename(path)
        press(dialog, "Look again")
        await until(lambda: here.window.state.file_open, "the file again")
        await until(lambda: "Lock KeePass file" in buttons(dialog), "the button")
        press(dialog, "Lock KeePass file")
        await until(lambda: "Unlock KeePass file" in buttons(dialog), "the lock")
        press(dialog, "Forget file")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Forget")
        await until(lambda: "Create KeePass file" in buttons(dialog), "forgotten")
        assert path.exists()
        await here.settled()
        assert "@contoso" in here.rows()


def buttons(root: QWidget) -> set[str]:
    from PySide6.QtWidgets import QAbstractButton

    return {b.accessibleName() for b in root.findChildren(QAbstractButton) if b.isVisible()}


async def test_a_missing_keychain_is_no_trouble_for_who_keeps_all_in_a_file(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    from adwarden.storage.keychain_status import KeychainStatus
    from adwarden.ui.notices import KEYCHAIN_NOTICE

    missing = KeychainStatus(KeychainState.MISSING, "Secret Service", "No program.", "Start one.")
    async with open_house() as house, room(house, theme, icons) as here:
        here.window._see(KeychainChanged(missing))
        assert KEYCHAIN_NOTICE in here.notices()
        await filled(house, tmp_path)
        here.window._see(KeychainChanged(missing))
        assert KEYCHAIN_NOTICE not in here.notices()


async def test_the_file_is_locked_when_nobody_is_there_and_listened_for_only_while_open(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    locked: list[str] = []

    def lock(why: str) -> None:
        locked.append(why)

    async with open_house() as house:
        locking = Locking(house.settings, lock, lambda: None)
        house.accounts.subscribe(locking.see)
        await house.accounts.vault_file.create(tmp_path / "a.kdbx", PASSWORD)
        await until(lambda: locking._signals is not None, "listening")
        assert locking._signals is not None
        locking._signals._lock("idle")
        assert locked == ["It was locked because nobody used Adwarden for a while."]
        await house.accounts.vault_file.lock()
        await until(lambda: locking._signals._round % 2 == 0, "the end of listening")  # type: ignore[union-attr]
        locking.close()
        QCoreApplication.sendPostedEvents()


async def test_no_password_stays_in_a_closed_dialog(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        here.window.on_demand.vault.asks.change_password()
        await until(lambda: bool(here.dialogs()), "the dialog")
        dialog = here.dialogs()[0]
        type_in(dialog, "Master password now", "x")
        type_in(dialog, "New master password", "y")
        type_in(dialog, "The same again", "y")
        press(dialog, "Change")
        await until(lambda: "master password" in here.words(dialog), "the refusal")
        fields = dialog.findChildren(QLineEdit)
        dialog.reject()
        assert [field.text() for field in fields] == ["", "", ""]


async def test_one_connection_is_moved_and_a_place_that_cannot_take_it_is_said(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        connection = await house.connect(await house.add_app(), "contoso")
        await until(lambda: connection.id in here.window.state.connections, "the row")
        here.window._selecting.focus_connection(connection.id)
        here.window._actions[Id.MOVE].trigger()
        await until(lambda: bool(here.dialogs()), "the question")
        assert "KeePass file" not in buttons(here.dialogs()[0])  # none is in use
        press(here.dialogs()[0], "Memory")
        await until(lambda: house.accounts.roster.connections[0].place == MEMORY, "the move")
        assert house.accounts.roster.apps[0].place == KEYCHAIN
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        await house.accounts.vault_file.lock()
        here.window._actions[Id.MOVE].trigger()
        await until(lambda: bool(here.dialogs()), "the question")
        press(here.dialogs()[0], "KeePass file")
        await until(
            lambda: any("locked" in one.title for one in here.window.notices.shown()), "the words"
        )
        assert house.accounts.roster.connections[0].place == MEMORY


async def test_the_window_about_places_is_closed_over_a_question_and_opened_again(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await house.places.put("Adwarden · Lost · 00000009", "@lost", KEYCHAIN, token())
        dialog = await here.open_places()
        press(dialog, "Delete @lost · Lost 00000009")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        here.window.on_demand.vault.close()
        await until(lambda: not here.dialogs(), "both closed")
        assert (await here.open_places()) is dialog
        assert "@lost" in here.words(dialog)


async def test_a_file_that_is_taken_away_while_open_is_still_locked_when_nobody_is_there(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        path, _ = await filled(house, tmp_path)
        await until(lambda: here.window.state.file_open, "the open file")
        away = path.rename(tmp_path / "stick.kdbx")
        await house.places.status(FILE)
        await until(lambda: not here.window.state.file_open, "names only")
        task = here.window.on_demand.vault.lock("It was locked because of a test.")
        assert task is not None
        await task
        assert here.window.on_demand.vault.lock() is None
        away.rename(path)
        assert (await house.places.status(FILE)).state is KeychainState.LOCKED


async def test_the_page_unlocks_the_file(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        page = await here.open_places()
        await until(lambda: "Lock KeePass file" in buttons(page), "the button")
        press(page, "Lock KeePass file")
        await until(lambda: "Unlock KeePass file" in buttons(page), "the other button")
        press(page, "Unlock KeePass file")
        await until(lambda: len(here.dialogs()) == 2, "the dialog")
        dialog = next(one for one in here.dialogs() if isinstance(one, UnlockDialog))
        type_in(dialog, "Master password", PASSWORD.unwrap())
        press(dialog, "Unlock")
        # The room's tasks fail the test with whatever nobody expected.
        await until(lambda: "Lock KeePass file" in buttons(page), "that it is open")
        assert house.accounts.vault_file.unlocked


async def test_one_unlocking_goes_on_with_every_refresh_that_the_locked_file_stopped(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        _, first = await filled(house, tmp_path)
        second = await house.connect(house.accounts.roster.apps[0], "northwind_ads")
        # Complete before, so that neither goes on by itself.
        await house.accounts.refresh(second.id)
        await until(lambda: here.window.state.file_open, "the open file")
        task = here.window.on_demand.vault.lock()
        assert task is not None
        await task
        house.events.clear()
        here.window.commands.refresh_all()
        await until(lambda: len(house.of(RefreshEnded)) == 2, "the two refusals")
        await here.settled()
        press(here.window, "Unlock and retry …")
        await until(lambda: bool(here.dialogs()), "the dialog")
        type_in(here.dialogs()[0], "Master password", PASSWORD.unwrap())
        house.events.clear()
        press(here.dialogs()[0], "Unlock")
        await until(lambda: len(house.of(RefreshEnded)) == 2, "the two refreshes")
        ended = {one.connection_id: one.error for one in house.of(RefreshEnded)}
        assert ended == {first.id: None, second.id: None}
        await here.settled()


async def test_old_copies_that_cannot_be_deleted_are_said_and_can_be_deleted_later(
    open_house: OpenHouse,
    tmp_path: Path,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        path, _ = await filled(house, tmp_path)
        house.settings.set(known.VAULT_PLACE, KEYCHAIN)

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        # What a folder that only may be read does to everybody but this test's root.
        monkeypatch.setattr(os, "replace", refuse)
        monkeypatch.setattr(os, "rename", refuse)
        dialog = await here.open_places()
        await until(lambda: "Move everything to System keychain" in buttons(dialog), "the button")
        press(dialog, "Move everything to System keychain")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Move")
        again = "Delete 2 old copies in KeePass file"
        await until(lambda: "2 secrets were moved." in here.words(dialog), "the move")
        words = here.words(dialog)
        assert "The old copies of 2 are still where they were" in words
        assert str(path.parent) in words or path.name in words
        await until(lambda: any(one.startswith(again) for one in buttons(dialog)), "the button")
        entries = len(await house.places.known(FILE))
        (button,) = [one for one in buttons(dialog) if one.startswith(again)]
        press(dialog, button)
        await until(lambda: here.tasks.running() == () and not dialog_busy(here), "the refusal")
        assert len(await house.places.known(FILE)) == entries == 2
        monkeypatch.undo()
        press(dialog, button)
        await until(lambda: button not in buttons(dialog), "the deletion")
        assert await house.places.known(FILE) == ()
        assert house.places.stays == {}
        pending = await house.index.run(lambda d: d.pending())
        assert "delete" not in {step.kind for step in pending}
        await here.settled()


async def test_what_changes_during_a_look_is_looked_at_after_it(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await house.places.put("Adwarden · Lost · 00000009", "@lost", KEYCHAIN, token())
        dialog = await here.open_places()
        assert isinstance(dialog, PlacesDialog)
        dialog.look()
        report = await house.accounts.survey.look(KEYCHAIN)  # as the look under way sees it
        house.accounts.survey.delete(report.orphans[0])
        undo = "Undo: @lost · Lost 00000009 deleted"
        await until(lambda: undo in buttons(dialog), "the deletion, in ten seconds")


async def test_all_that_nothing_lists_is_taken_over_at_once(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    every = "Take over all entries that nothing lists"
    async with open_house(home="there") as house:
        app = await house.add_app()
        await house.connect(app, "contoso")
        await house.connect(app, "fabrikam_eu")
        server = house.server
        for row in reversed(house.accounts.roster.everything):
            await house.index.run(lambda d, entry=row.entry: d.unlist(entry))  # type: ignore[misc]
    async with open_house(server=server) as house, room(house, theme, icons) as here:
        dialog = await here.open_places()
        await until(lambda: every in buttons(dialog), "the button")
        assert "3 entries that nothing lists" in here.words(dialog)
        press(dialog, every)
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Cancel")
        await until(lambda: len(here.dialogs()) == 1, "the answer")
        assert house.accounts.roster.apps == ()
        press(dialog, every)
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Take over all")
        await until(lambda: "3 entries were taken over." in here.words(dialog), "the outcome")
        await until(lambda: every not in buttons(dialog), "the look after it")
        assert {one.screen_name for one in house.accounts.roster.connections} == {
            "contoso", "fabrikam_eu"
        }  # fmt: skip
        assert "3 entries were taken over." in here.words(dialog)
        await here.settled()
        rows = here.rows()
        assert "@contoso" in rows
        assert "@fabrikam_eu" in rows


def test_what_could_not_be_taken_over_is_said() -> None:
    error = KeychainError(ErrorCode.ENTRY_MISSING, "It is gone", "Somebody deleted it.", "Look.")
    words, role = taken_words(TakenOver(2, (("@a", error), ("@b", error))))
    assert words.startswith("2 entries were taken over. @a could not be: It is gone")
    assert words.endswith("And 1 more could not be.")
    assert role == "error"
    assert taken_words(TakenOver(1))[0].startswith("1 entry was taken over.")


async def test_one_that_was_moved_and_is_still_there_is_said_in_the_window(
    open_house: OpenHouse,
    tmp_path: Path,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        path, connection = await filled(house, tmp_path)

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        def says(words: str) -> bool:
            return any(words in f"{one.title} {one.message}" for one in here.window.notices.shown())

        here.window._selecting.focus_connection(connection.id)
        await until(lambda: here.window.state.file_open, "the open file")
        monkeypatch.setattr(os, "replace", refuse)
        here.window._actions[Id.MOVE].trigger()
        await until(lambda: bool(here.dialogs()), "the question")
        press(here.dialogs()[0], "System keychain")
        await until(lambda: says("The old copy of @contoso is still where it was"), "the words")
        press(here.window.notices, "Try again")
        await until(lambda: says("could not be saved"), "the refusal")
        monkeypatch.undo()
        press(here.window.notices, "Try again")
        await until(lambda: "old copies were deleted" in here.words(here.window), "the deletion")
        assert len(await house.places.known(FILE)) == 1
        await here.settled()


def dialog_busy(here: Room) -> bool:
    return not here.window.on_demand.vault.settled


async def test_control_z_brings_back_an_entry_from_the_window_about_places(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await house.places.put("Adwarden · Lost · 00000009", "@lost", KEYCHAIN, token())
        dialog = await here.open_places()
        press(dialog, "Delete @lost · Lost 00000009")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Delete")
        undo = "Undo: @lost · Lost 00000009 deleted"
        await until(lambda: undo in buttons(dialog), "the deletion, in ten seconds")
        dialog.activateWindow()
        await until(dialog.isActiveWindow, "the dialog in front")
        QTest.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: "Delete @lost · Lost 00000009" in buttons(dialog), "the entry")
        assert undo not in buttons(dialog)
        assert house.accounts.removing.waiting == ()


async def test_while_secrets_are_moved_no_count_is_told_that_is_over(
    open_house: OpenHouse,
    tmp_path: Path,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        dialog = await here.open_places()
        await until(lambda: "the place holds 2 entries" in here.words(dialog), "the counts")
        seen: list[str] = []
        moving = house.accounts.moving
        real = type(moving)._move

        async def looked_at(self: object, one: object, place: str) -> None:
            await real(moving, one, place)  # type: ignore[arg-type]
            seen.append(here.words(dialog))

        monkeypatch.setattr(type(moving), "_move", looked_at)
        press(dialog, "Move everything to System keychain")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Move")
        await until(lambda: "2 secrets were moved." in here.words(dialog), "the move")
        assert len(seen) == 2
        assert not [words for words in seen if "the place holds" in words]
        assert "1 X app and 1 connection are kept here." in seen[0]
