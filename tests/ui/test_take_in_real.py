"""Bringing tokens in on real services: a file on disk, a keychain, X's stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adwarden.domain.model import FILE, ConnectionState
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services.taking_in import Standing
from adwarden.ui.icons import Icons
from adwarden.ui.take_in_dialog import TakeInDialog
from adwarden.ui.theme import Theme
from adwarden.ui.vault_dialogs import UnlockDialog
from tests.services.conftest import House, OpenHouse, open_house
from tests.storage.keepass_parts import PASSWORD
from tests.ui.stagehand import press, until
from tests.ui.take_in_scene import at_rest, the_dialog, written
from tests.ui.test_places import Room, filled, room, type_in

__all__ = ["open_house"]


@pytest.fixture
def server() -> Iterator[PracticeServer]:
    """X's stand-in, for longer than one opening of the services."""
    made = PracticeServer(make_world(seed=5, accounts=6))
    made.start()
    yield made
    made.stop()


def twurlrc(house: House, *handles: str, broken: str = "") -> str:
    """Return twurl's file for users of one app; the token of ``broken`` is none of X's."""
    app = house.server.world.apps[0]
    rows = ["---", "profiles:"]
    for handle in handles:
        person = house.server.world.person_named(handle)
        assert person is not None
        token = house.server.faults.console_token(app, person)
        secret = "w" * 45 if handle == broken else token.secret
        rows += [
            f"  {handle}:", f"    {app.key}:", f"      username: {handle}",
            f"      consumer_key: {app.key}", f"      consumer_secret: {app.secret}",
            f"      token: {token.token}", f"      secret: {secret}",
        ]  # fmt: skip
    rows += ["configuration:", "  default_profile:", f"  - {handles[0]}", f"  - {app.key}", ""]
    return "\n".join(rows)


async def looked(here: Room, path: Path) -> TakeInDialog:
    here.window.on_demand.tools.bring_in(path)
    dialog = await the_dialog(here.window)
    await until(lambda: at_rest(dialog) and dialog._sets.isVisible(), "the preview")
    return dialog


def standings(dialog: TakeInDialog) -> list[Standing]:
    assert dialog._sets._preview is not None
    return [one.standing for one in dialog._sets._preview.sets]


async def test_a_file_comes_in_checked_by_x_and_what_x_refuses_does_not(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        path = tmp_path / ".twurlrc"
        text = twurlrc(house, "contoso", "northwind_ads", broken="northwind_ads")
        path.write_text(text)
        dialog = await looked(here, path)
        assert standings(dialog) == [Standing.NEW, Standing.NEW]
        seen = written(dialog)
        app = house.server.world.apps[0]
        assert app.secret not in seen
        press(dialog, "Bring in 2")
        await until(lambda: dialog._cancel.text() == "Close" and at_rest(dialog), "the end")
        assert "1 of 2 were brought in" in written(dialog)
        assert path.read_text() == text
        (connection,) = house.accounts.roster.connections
        assert connection.handle == "@contoso"
        await until(lambda: here.window.state.count(connection.id), "its ad accounts")
        assert house.accounts.roster.connection(connection.id).state is ConnectionState.WORKING
        dialog.reject()
        await until(lambda: not here.dialogs(), "the end")
        dialog = await looked(here, path)
        assert standings(dialog) == [Standing.KNOWN, Standing.NEW]
        dialog.reject()


async def test_a_keepass_file_is_unlocked_on_the_way(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons, server: PracticeServer
) -> None:
    async with open_house(server=server) as house:
        await filled(house, tmp_path)
    async with open_house(server=server) as house, room(house, theme, icons) as here:
        await until(lambda: FILE in here.window.state.places, "the look at the file")
        path = tmp_path / ".twurlrc"
        path.write_text(twurlrc(house, "northwind_ads"))
        here.window.on_demand.tools.bring_in(path)
        dialog = await the_dialog(here.window)
        await until(lambda: at_rest(dialog) and dialog._error is not None, "the refusal")
        press(dialog, "Unlock and retry")
        await until(lambda: any(isinstance(d, UnlockDialog) for d in here.dialogs()), "asking")
        asking = next(d for d in here.dialogs() if isinstance(d, UnlockDialog))
        await until(lambda: asking.password.edit.hasFocus(), "the focus in the field")
        type_in(asking, "Master password", PASSWORD.unwrap())
        press(asking, "Unlock")
        await until(lambda: at_rest(dialog) and dialog._sets.isVisible(), "the preview")
        assert "KeePass file" in written(dialog)
        press(dialog, "Bring in 1")
        await until(lambda: dialog._cancel.text() == "Close" and at_rest(dialog), "the end")
        made = [one for one in house.accounts.roster.connections if one.handle != "@contoso"]
        assert [(one.handle, one.place) for one in made] == [("@northwind_ads", FILE)]
        # Locking closes it, and what came in is forgotten.
        here.window.on_demand.vault.lock_by_hand()
        assert not dialog.isVisible()
        assert dialog._source is None
        await until(lambda: not here.dialogs(), "no dialogs")
