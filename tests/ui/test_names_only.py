"""Of what is in a KeePass file that is not open, the window shows names and nothing else."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QPlainTextEdit

from adwarden.domain.model import FILE
from adwarden.ui.app_editor import EditAppDialog
from adwarden.ui.connection_editor import EditConnectionDialog
from adwarden.ui.details_pages import Place
from adwarden.ui.icons import Icons
from adwarden.ui.rail import Chosen
from adwarden.ui.saving_dialog import SavingDialog
from adwarden.ui.theme import Theme
from adwarden.ui.vault_dialogs import UnlockDialog
from tests.services.conftest import OpenHouse, open_house
from tests.storage.keepass_parts import PASSWORD
from tests.ui.stagehand import named, press, until
from tests.ui.test_places import Room, filled, room, type_in

__all__ = ["open_house"]

NOTE = "whose app it is"


async def locked(here: Room) -> None:
    task = here.window.on_demand.vault.lock()
    assert task is not None
    await task
    await here.settled()


async def test_an_app_in_a_locked_file_has_its_name_only(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        _, connection = await filled(house, tmp_path)
        await house.accounts.endings.connection(connection.id, revoke=False)
        (app,) = house.accounts.roster.apps
        await house.accounts.apps.edit(app.id, label=app.label, access=app.access, note=NOTE)
        await here.settled()
        window = here.window
        details = window._details
        details.show_place(Place(app.id))
        details.write()
        assert NOTE in here.words(details)
        assert "Secrets" in here.words(details)
        task = window.on_demand.vault.lock()
        # At once, before the key is dropped: nothing that is about the file comes meanwhile.
        details.write()
        page = here.words(details)
        assert app.label in page
        assert "KeePass file, which is locked" in page
        for hidden in (NOTE, "Secrets", "API key", "Added", "App access", "None kept"):
            assert hidden not in page
        assert task is not None
        await task
        await here.settled()
        assert NOTE not in here.words(window)
        window._rail.write()
        spoken = [row.spoken for key, row in window._rail._wanted() if key == Chosen(app.id)]
        assert spoken == [f"X app {app.label}, Locked: its KeePass file is not open"]
        press(details, "Unlock the KeePass file")
        await until(lambda: here.dialogs(), "the question")
        type_in(here.dialogs()[0], "Master password", PASSWORD.unwrap())
        press(here.dialogs()[0], "Unlock")
        await until(lambda: NOTE in here.words(details), "the page")
        await here.settled()


async def test_what_is_edited_is_unlocked_first(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        _, connection = await filled(house, tmp_path)
        (app,) = house.accounts.roster.apps
        await house.accounts.apps.edit(app.id, label=app.label, access=app.access, note=NOTE)
        await house.accounts.apps.name_connection(connection.id, label="Ours", note=NOTE)
        await here.settled()
        editing = here.window.on_demand.editing
        asked: list[tuple[type[QDialog], object]] = [
            (EditAppDialog, lambda: editing.edit_app(app.id)),
            (EditConnectionDialog, lambda: editing.edit_connection(connection.id)),
        ]
        for kind, ask in asked:
            await locked(here)
            assert callable(ask)
            ask()
            await until(lambda: here.dialogs(), "the question")
            (question,) = here.dialogs()
            assert isinstance(question, UnlockDialog)
            question.reject()
            await until(lambda: not here.dialogs(), "no dialogs")
            await here.settled()
            assert not here.dialogs()  # who does not unlock sees nothing
            ask()
            await until(lambda: here.dialogs(), "the question")
            type_in(here.dialogs()[0], "Master password", PASSWORD.unwrap())
            press(here.dialogs()[0], "Unlock")
            await until(lambda: any(isinstance(d, SavingDialog) for d in here.dialogs()), "it")
            (dialog,) = (d for d in here.dialogs() if isinstance(d, SavingDialog))
            assert type(dialog) is kind
            note = named(dialog, "Note", QPlainTextEdit)
            assert isinstance(note, QPlainTextEdit)
            assert note.toPlainText() == NOTE
            dialog.reject()
            await until(lambda: not here.window.findChildren(SavingDialog), "its end")


async def test_a_note_is_not_found_while_it_is_hidden(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        _, connection = await filled(house, tmp_path)
        (app,) = house.accounts.roster.apps
        await house.accounts.apps.edit(app.id, label=app.label, access=app.access, note="zebra")
        await house.accounts.apps.name_connection(connection.id, label="Ours", note="giraffe")
        await here.settled()
        tree = here.window._tree

        def found(words: str) -> bool:
            tree.set_filter(words)
            tree.search_now()
            return "@contoso" in here.rows()

        assert found("zebra")
        assert found("giraffe")
        await locked(here)
        assert here.window.state.hidden(app.id) == "locked"
        assert here.window.state.places[FILE]
        assert not found("zebra")
        assert not found("giraffe")
        assert found("Ours")


async def test_a_file_that_is_gone_is_explained_once(
    open_house: OpenHouse, tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    async with open_house(accounts=6) as house, room(house, theme, icons) as here:
        path, connection = await filled(house, tmp_path)
        await here.settled()
        await locked(here)
        path.rename(tmp_path / "elsewhere.kdbx")
        await house.accounts.keychain_status()
        await here.settled()
        window = here.window
        assert "File not open" in here.rows()
        assert "Needs authorization" not in here.rows()
        window._selecting.focus_connection(connection.id)
        window._details.write()
        (app,) = house.accounts.roster.apps
        status = window.state.places[FILE]
        for place, name in ((Place("", connection.id), "@contoso"), (Place(app.id), app.label)):
            window._details.show_place(place)
            page = here.words(window._details)
            assert name in page
            assert f"KeePass file. {status.title}." not in page  # a paragraph of its own
            assert f"{status.title}." in page
            # Why, and what helps, is in the notice.
            assert status.remedy not in page
            assert status.message not in page
        assert any(status.remedy == one.remedy for one in window.notices.shown())
        (tmp_path / "elsewhere.kdbx").rename(path)
        press(window._details, "Unlock the KeePass file")
        await until(lambda: here.dialogs(), "the question")
        here.dialogs()[0].reject()
        await here.settled()
