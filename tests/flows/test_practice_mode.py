from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from adwarden.arguments import Options
from adwarden.storage.vault import Vault
from tests.flows.driver import (
    Journey,
    Page,
    click,
    closed,
    journey,
    reads,
    tree_rows,
    until,
    window_named,
)

pytestmark = [pytest.mark.flow, pytest.mark.webengine, pytest.mark.keychain]

USER = "northwind_ads"


def practising(folder: Path) -> Options:
    return Options(data_dir=str(folder), practice=True)


async def refreshed(here: Journey) -> None:
    """Press Refresh and wait until it has ended."""
    checked = here.window.state.refreshed_at()
    await click(here.window, "Refresh")
    await until(
        lambda: (
            here.window.state.progress() is None and here.window.state.refreshed_at() != checked
        ),
        "the end of the refresh",
    )


async def test_the_whole_journey_without_an_x_app_and_again_after_a_restart(
    qapp: QApplication, tmp_path: Path
) -> None:
    async with journey(qapp, tmp_path, None, options=practising(tmp_path)) as here:
        await reads(here.window, "Practice: nothing here is X.", "Try the whole journey")
        await click(here.window, "Add the practice app")
        dialog = await window_named("Add X app")
        await click(dialog, "Fill in the practice app's keys")
        await click(dialog, "Save")
        await until(lambda: closed(dialog), "the app was saved")
        await click(here.window, "Connect the first account")
        dialog = await window_named("Connect account")
        page = Page(dialog)
        await page.click(f'button[value="{USER}"]')
        await page.click("#allow")
        await until(lambda: closed(dialog), f"@{USER} was connected")
        await here.row(f"@{USER}", "Working")
        await here.row("Northwind Outdoor", "Account administrator")
        shown = await here.loaded()
        (connection,) = here.services.accounts.roster.connections
        assert here.services.practice is not None
        first = here.services.practice.url()

    # Practice has entries of its own, so that nobody takes them for real ones.
    assert connection.entry.startswith("Adwarden practice")
    vault = Vault(namespace="Adwarden practice")
    assert vault.get(connection.entry, connection.handle).facts["screen_name"] == USER
    vault.close()

    async with journey(qapp, tmp_path, None, options=practising(tmp_path)) as here:
        assert len(tree_rows(here.tree)) == shown
        await refreshed(here)
        await here.row(f"@{USER}", "Working")
        (connection,) = here.services.accounts.roster.connections
        assert connection.error == ""
        assert here.services.practice is not None
        assert here.services.practice.url() != first
        await until(lambda: here.window.settled, "the window")
        await reads(here.window, f"{here.window.state.total} ad accounts")


def test_the_list_of_practice_apps_loads_no_server() -> None:
    code = (
        "import sys; from adwarden.wiring import Practice; Practice.suggested();"
        "heavy = {'oauthlib', 'http.server', 'requests', 'adwarden.practice.server',"
        " 'adwarden.practice.world', 'keyring', 'PySide6'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
