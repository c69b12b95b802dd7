"""Handing over and finding with real services: what is kept is what a tool gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from adwarden.domain.handover import CredentialSet
from adwarden.domain.model import Connection
from adwarden.services.handover.reading import take
from adwarden.ui.details_place import Place
from adwarden.ui.finder_dialog import FinderDialog
from adwarden.ui.hand_over_dialog import HandOverDialog
from adwarden.ui.hand_over_words import FIELDS
from adwarden.ui.icons import Icons
from adwarden.ui.theme import Theme
from tests.services.conftest import House, OpenHouse, open_house
from tests.ui.stagehand import press, until
from tests.ui.test_places import Room, room

__all__ = ["open_house"]


async def kept(house: House, connection: Connection) -> CredentialSet:
    return await house.accounts.handing_over.set_of(connection.id)


def four(one: CredentialSet) -> tuple[str, ...]:
    parts = (one.api_key, one.api_secret, one.token, one.token_secret)
    return tuple(part.unwrap() for part in parts)


async def dialog_of(here: Room) -> HandOverDialog:
    await until(lambda: here.window.findChildren(HandOverDialog), "the dialog")
    (dialog,) = here.window.findChildren(HandOverDialog)
    await until(lambda: dialog.settled and dialog._source.held, "the secrets")
    return dialog


@pytest.mark.parametrize("key", ["env", "json", "twurlrc", "xurl", "postman", "tap"])
async def test_what_is_saved_can_be_brought_in_again(
    open_house: OpenHouse,
    theme: Theme,
    icons: Icons,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    async with open_house(accounts=3) as house, room(house, theme, icons) as here:
        connection = await house.connect(await house.add_app(), "contoso")
        here.window.on_demand.handing.hand_over(Place("", connection.id))
        dialog = await dialog_of(here)
        dialog._body.list.choose(key)
        await until(lambda: dialog.settled and dialog._draft is not None, "the look")
        path = dialog._page.target.path
        assert path is not None
        assert tmp_path in path.parents
        press(dialog, "Save")
        await until(lambda: dialog.settled and path.exists(), "the file")
        (found,) = take(path.name, path.read_text()).sets
        assert four(found) == four(await kept(house, connection))
        dialog.reject()


async def test_the_right_token_field_by_field(
    open_house: OpenHouse, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=3) as house, room(house, theme, icons) as here:
        connection = await house.connect(await house.add_app(), "contoso")
        await house.accounts.refresh(connection.id)
        await here.settled()
        entries = list(here.window.state.entries(connection.id))
        assert entries
        at = Place("", connection.id, entries[0].account.id)
        here.window.on_demand.handing.find(at)
        await until(lambda: here.window.findChildren(FinderDialog), "the finder")
        (finder,) = here.window.findChildren(FinderDialog)
        await until(finder.isVisible, "the finder")
        finder._what.setCurrentIndex(finder._what.findData("view-campaigns"))
        assert finder._list.key == connection.id
        press(finder, "Hand over …")
        dialog = await dialog_of(here)
        dialog._body.list.choose(FIELDS)
        for number, value in enumerate(four(await kept(house, connection)), start=2):
            QTest.keyClicks(dialog._body.list, str(number))
            assert QGuiApplication.clipboard().text() == value
        dialog.reject()
        here.window.clipboard.clear_now()
        assert QGuiApplication.clipboard().text() == ""
