"""Taking over and deleting what nothing lists, from the window about the places of secrets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.services.orphans import Orphan
from adwarden.services.roster import Kept
from adwarden.services.survey import Survey
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from adwarden.ui.vault_words import delete_words, taken_words
from tests.services.conftest import OpenHouse, open_house
from tests.ui.stagehand import press, until
from tests.ui.test_places import Room, buttons, room

__all__ = ["open_house"]

EVERY = "Take over all entries that nothing lists"
STOP = "Stop taking over"


@dataclass
class Gate:
    """Holds each entry until the test lets it through."""

    at: list[str] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def held(
    open_house: OpenHouse, theme: Theme, icons: Icons, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Room, QDialog, Gate]]:
    """Begin to take over three entries; the first one waits at the gate."""
    async with open_house(home="there") as house:
        app = await house.add_app()
        await house.connect(app, "contoso")
        await house.connect(app, "fabrikam_eu")
        server = house.server
        for row in reversed(house.accounts.roster.everything):
            await house.index.run(lambda d, entry=row.entry: d.unlist(entry))  # type: ignore[misc]
    gate, real = Gate(), Survey.take_over

    async def take_over(self: Survey, orphan: Orphan) -> None:
        gate.at.append(orphan.name)
        await gate.open.wait()
        await real(self, orphan)

    monkeypatch.setattr(Survey, "take_over", take_over)
    async with open_house(server=server) as house, room(house, theme, icons) as here:
        dialog = await here.open_places()
        await until(lambda: EVERY in buttons(dialog), "the button")
        press(dialog, EVERY)
        await until(lambda: len(here.dialogs()) == 2, "the question")
        press(here.dialogs()[-1], "Take over all")
        await until(lambda: gate.at, "the first entry")
        yield here, dialog, gate


async def test_it_can_be_stopped_and_says_how_far_it_came(
    open_house: OpenHouse, theme: Theme, icons: Icons, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with held(open_house, theme, icons, monkeypatch) as (here, dialog, gate):
        await until(lambda: STOP in buttons(dialog), "the button")
        assert f"0 of 3 taken over · {gate.at[0]}" in here.words(dialog)
        assert EVERY not in buttons(dialog)  # it is under way
        press(dialog, STOP)
        gate.open.set()
        told = "1 entry was taken over. Stopped before 2 more."
        await until(lambda: told in here.words(dialog), "the outcome")
        await until(lambda: EVERY in buttons(dialog), "the look after it")
        assert gate.at == gate.at[:1]
        assert len(here.house.accounts.roster.apps) == 1
        assert STOP not in buttons(dialog)


async def test_a_page_that_is_closed_over_it_tells_how_it_ended(
    open_house: OpenHouse, theme: Theme, icons: Icons, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with held(open_house, theme, icons, monkeypatch) as (here, dialog, gate):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await until(lambda: not dialog.isVisible(), "the closed page")
        gate.open.set()
        told = "1 entry was taken over. Stopped before 2 more."
        await until(lambda: told in here.words(here.window.statusBar()), "the remark")
        # The one that was under way is whole.
        assert len(here.house.accounts.roster.apps) == 1
        assert len(gate.at) == 1
        await here.open_places()
        assert told in here.words(dialog)
        assert "2 entries that nothing lists" in here.words(dialog)


def orphan(place: str = KEYCHAIN, *, others: bool = True, keys: bool = False) -> Orphan:
    why = "Kept by another data folder of Adwarden: so."
    return Orphan(Kept("s", "u", place), "@lost", why, others=others, keys=keys)


def test_who_deletes_what_another_folder_uses_hears_that_it_loses_it() -> None:
    told = " ".join(delete_words(orphan()))
    assert "it loses this token and has no other copy" in told
    assert "can no longer be revoked" in told
    told = " ".join(delete_words(orphan(FILE, keys=True)))
    assert "it loses these keys and has no other copy" in told
    assert "ask them first" in told
    assert "a token in it" not in told
    assert "loses" not in " ".join(delete_words(orphan(others=False)))


async def test_another_folders_entries_are_told_from_what_is_left_over(
    open_house: OpenHouse,
) -> None:
    async with open_house(home="there") as house:
        await house.connect(await house.add_app(), "contoso")
        server = house.server
        for row in reversed(house.accounts.roster.everything):
            await house.index.run(lambda d, entry=row.entry: d.unlist(entry))  # type: ignore[misc]
    async with open_house(server=server) as house:
        found = (await house.accounts.survey.look(KEYCHAIN)).orphans
        assert sorted((one.others, one.keys) for one in found) == [(True, False), (True, True)]


def test_what_was_stopped_before_it_began_fetches_nothing() -> None:
    from adwarden.services.taking_over import TakenOver

    assert taken_words(TakenOver(0, (), 3)) == (
        "0 entries were taken over. Stopped before 3 more.", "dim"
    )  # fmt: skip
