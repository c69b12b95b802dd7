"""A window full of connections is painted from the index alone: the keychain is not read."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from adwarden.services.tasks import Tasks
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from adwarden.storage.settings import Settings
from adwarden.ui.icons import Icons
from adwarden.ui.main_window import MainWindow
from adwarden.ui.theme import Theme
from tests.fakes.services import make_app, make_connection
from tests.services.backup_house import open_house
from tests.ui.stagehand import until

COUNT = 500


async def test_five_hundred_connections_without_a_single_read(
    tmp_path: Path, theme: Theme, icons: Icons
) -> None:
    unexpected: list[BaseException] = []
    settings = Settings(DataFolder(tmp_path).settings)
    async with open_house(tmp_path / "house") as house:
        app = make_app()
        await house.index.run(lambda d: d.save_app(app))
        for number in range(COUNT):
            one = replace(make_connection(f"c{number}", f"user{number}"), user_id=str(number))
            await house.index.run(partial(Directory.replace_connection, connection=one))
        house.backend.calls.clear()  # a new index looks for lost entries, once
        tasks = Tasks(lambda error, name: unexpected.append(error))
        window = MainWindow(
            house.accounts, tasks, settings, theme, icons,
            lambda app_id, connection_id: None, lambda: None,
        )  # fmt: skip
        window.show()
        window.start()
        await until(lambda: len(window.state.connections) == COUNT, "the last known state")
        await until(lambda: not tasks.running() and window.settled, "the picture")
        assert not window.grab().isNull()
        assert window._tree.model().rowCount() == COUNT
        assert house.backend.calls == []
        # The counting counts.
        await house.accounts._keychain.of("keychain").known()
        assert house.backend.calls
        await window.finish()
        await tasks.close()
        window.hide()
        window.deleteLater()
    assert not unexpected
