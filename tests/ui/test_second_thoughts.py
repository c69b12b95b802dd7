"""What is given up, stopped or changed meanwhile: the window says what is so, and no more."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from adwarden.domain.model import FILE, KEYCHAIN, MEMORY
from adwarden.services.events import ConnectionSaved
from adwarden.storage import settings as known
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.ui.icons import Icons
from adwarden.ui.reveal import Reveal
from adwarden.ui.theme import Theme
from adwarden.ui.tree_nodes import Selection
from adwarden.ui.vault_dialogs import CreateDialog
from tests.fakes.services import make_world
from tests.services.conftest import OpenHouse, open_house
from tests.storage.keepass_parts import PASSWORD
from tests.ui.stagehand import Stagehand, named, press, until
from tests.ui.test_places import buttons, filled, room, type_in

__all__ = ["open_house"]


async def test_a_file_that_was_given_up_is_gone_and_its_card_says_so(
    open_house: OpenHouse,
    tmp_path: Path,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at, go = threading.Event(), threading.Event()
    real = KeepassPlace.create

    def held(place: KeepassPlace, *args: object) -> None:
        real(place, *args)  # type: ignore[arg-type]
        at.set()
        assert go.wait(20)

    monkeypatch.setattr(KeepassPlace, "create", held)
    async with open_house() as house, room(house, theme, icons) as here:
        dialog = await here.open_places()
        press(dialog, "Create KeePass file")
        await until(lambda: len(here.dialogs()) == 2, "the dialog")
        create = here.dialogs()[-1]
        assert isinstance(create, CreateDialog)
        path = tmp_path / "mine.kdbx"
        create.file.edit.setText(str(path))
        type_in(create, "New master password", "one")
        type_in(create, "The same again", "one")
        press(create, "Create")
        await until(at.is_set, "the file")
        create.reject()
        go.set()
        await until(lambda: not path.exists(), "its end")
        await until(lambda: "lock the KeePass file" not in here.tasks.running(), "the lock")
        await until(lambda: here.window.on_demand.vault.settled, "the look")
        await until(lambda: "None in use" in here.words(dialog), "the card")
        assert "Unlock it" not in here.words(dialog)
        assert {"Create KeePass file", "Open KeePass file"} <= buttons(dialog)


async def test_what_a_move_came_to_is_said_until_something_changes(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        _, connection = await filled(house, tmp_path)
        dialog = await here.open_places()
        await until(lambda: "Move everything to System keychain" in buttons(dialog), "the button")
        press(dialog, "Move everything to System keychain")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Move")
        await until(lambda: "2 secrets were moved." in here.words(dialog), "the move")
        await until(lambda: here.window.on_demand.vault.settled, "the look")
        assert "2 secrets were moved." in here.words(dialog)
        one = house.accounts.roster.connection(connection.id)
        await house.accounts.moving.move(FILE, (one,))
        await until(lambda: "were moved" not in here.words(dialog), "the words to go")


async def test_a_move_that_the_closed_window_has_stopped_says_how_far_it_came(
    open_house: OpenHouse,
    tmp_path: Path,
    theme: Theme,
    icons: Icons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        dialog = await here.open_places()
        moving = house.accounts.moving
        real = type(moving)._move

        async def closing(self: object, one: object, place: str) -> None:
            await real(moving, one, place)  # type: ignore[arg-type]
            dialog.reject()

        monkeypatch.setattr(type(moving), "_move", closing)
        await until(lambda: "Move everything to System keychain" in buttons(dialog), "the button")
        press(dialog, "Move everything to System keychain")
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Move")
        words = "1 secret was moved. Stopped before 1 more."
        await until(lambda: words in here.words(here.window._status), "the remark")
        dialog = await here.open_places()
        assert words in here.words(dialog)


async def test_a_backup_of_what_is_locked_asks_for_it_to_be_unlocked_first(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house() as house, room(house, theme, icons) as here:
        await filled(house, tmp_path)
        await house.accounts.moving.move(MEMORY, house.accounts.roster.apps)
        task = here.window.on_demand.vault.lock()
        assert task is not None
        await task
        here.window.on_demand.back_up()
        await until(lambda: len(here.dialogs()) == 1, "the question")
        question = here.dialogs()[0]
        assert "KeePass file team.kdbx is locked." in here.words(question)
        press(question, "Unlock …")
        await until(lambda: here.dialogs() and here.dialogs()[0] is not question, "the password")
        type_in(here.dialogs()[0], "Master password", PASSWORD.unwrap())
        press(here.dialogs()[0], "Unlock")
        await until(lambda: [d for d in here.dialogs() if d.windowTitle() == "Back up"], "the form")
        said = here.words(here.dialogs()[0])
        assert "from KeePass file team.kdbx and memory, and your settings" in said
        assert KEYCHAIN not in {one.place for one in house.accounts.roster.everything}
        here.dialogs()[0].reject()


async def test_an_eye_that_is_held_stays_open_while_other_things_change(hand: Stagehand) -> None:
    hand.settings.set(known.REVEAL, "pressed")
    await hand.open(make_world())
    hand.window._tree.select(Selection("connection", "c1"))
    await hand.settle()
    details = named(hand.window, "Details")
    reveal = details.findChildren(Reveal)[0]
    QTest.mousePress(reveal.button, Qt.MouseButton.LeftButton)
    await until(lambda: reveal.revealed, "the secret")
    one = hand.window.state.connections["c1"]
    hand.services.emit(ConnectionSaved(replace(one, note="another note")))
    hand.window._details.write()
    assert reveal.revealed
    assert details.findChildren(Reveal)[0] is reveal
    # Not where it is another secret.
    hand.services.emit(ConnectionSaved(replace(one, authorized_at=one.authorized_at + 1)))
    hand.window._details.write()
    assert not reveal.revealed


async def test_what_waited_for_the_eye_is_written_when_it_is_let_go(hand: Stagehand) -> None:
    hand.settings.set(known.REVEAL, "pressed")
    await hand.open(make_world())
    hand.window._tree.select(Selection("connection", "c1"))
    await hand.settle()
    details = named(hand.window, "Details")
    reveal = details.findChildren(Reveal)[0]
    QTest.mousePress(reveal.button, Qt.MouseButton.LeftButton)
    await until(lambda: reveal.revealed, "the secret")
    one = hand.window.state.connections["c1"]
    hand.services.emit(ConnectionSaved(replace(one, label="Another name")))
    hand.window._details.write()
    QTest.mouseRelease(reveal.button, Qt.MouseButton.LeftButton)
    assert not reveal.revealed
    await until(lambda: details.findChildren(Reveal)[0] is not reveal, "the new page")
    await hand.settle()
