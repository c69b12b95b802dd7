"""Plays the main job against the practice server, step by step, with a picture of each.

``python3 make.py run`` does this on a machine without a display; pictures are in ``build/tour``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QProgressBar, QTreeView, QWidget

from tests.flows.driver import (
    Page,
    click,
    closed,
    control,
    find,
    tree_rows,
    type_into,
    until,
    window_named,
)
from tests.flows.pictures import in_front, on_screen, page_painted, settled
from tests.flows.program import Practice, live, practice_server
from tests.flows.record import BUILD, Record

USER = "northwind_ads"


async def play(window: QWidget, practice: Practice, record: Record) -> None:
    """Go through the steps; raises at the first one that fails."""
    # A blinking cursor is a change on the screen, and a picture waits for the last one.
    QApplication.setCursorFlashTime(0)
    with record.step("Open the window") as said:
        await control(window, QWidget, "Who let you in, and what may you do there?")
        said.append("empty, and says what to do")
        await settled(window)
    with record.step("Add an X app"):
        await click(window, "Add X app")
        dialog = await window_named("Add X app")
        await type_into(dialog, "App name", "Practice app")
        await type_into(dialog, "API key", practice.key)
        await type_into(dialog, "API key secret", practice.secret)
        await settled(window)
    with record.step("Save its keys in the system keychain"):
        await click(dialog, "Save")
        await until(lambda: closed(dialog), "the app was saved")
        await settled(window)
    with record.step("Connect an account: the authorization page") as said:
        await click(window, "Connect account")
        dialog = await window_named("Connect account")
        page = Page(dialog)
        await page.wait_for(f'button[value="{USER}"]')
        said.append(str(await page.ask("document.querySelector('h1').innerText")))
        await page_painted(await page.view())
    with record.step(f"Sign in as @{USER} on the page") as said:
        await page.click(f'button[value="{USER}"]')
        await page.wait_for("#allow")
        said.append(" ".join((await page.ask("document.querySelector('h1').innerText")).split()))
        await settled(window)
    with record.step("Authorize the app; the PIN is picked up and exchanged") as said:
        await page.click("#allow")
        await until(lambda: closed(dialog), f"@{USER} was connected")
        said.append(f"@{USER} is connected, the token is in the system keychain")
    with record.step("See ad accounts, promotable users and permissions") as said:
        tree = await control(window, QTreeView, "Accounts")
        await until(lambda: _loaded(window, tree), "the ad accounts")
        await settled(window)
        rows = tree_rows(tree)
        said.append(f"{len(rows)} rows")
    with record.step("Look at one ad account") as said:
        tree.setCurrentIndex(tree.model().index(0, 0, tree.model().index(0, 0)))
        said.append(rows[1].split(" | ")[0])
        await settled(window)


def _loaded(window: QWidget, tree: QTreeView) -> bool:
    busy = find(window, QProgressBar, "Refresh progress bar")
    return busy is None and len(tree_rows(tree)) > 1


def main() -> int:
    """Play the tour; return 0 when every step was done."""
    with practice_server() as practice, tempfile.TemporaryDirectory() as data_dir:
        print(f"Practice server at {practice.url}. Nothing here is X.\n")
        record = Record(BUILD / "tour", _picture)
        # The browser engine talks to this too; here it would come between a step and its result.
        with (BUILD / "tour" / "stderr.txt").open("wb") as log:
            os.dup2(log.fileno(), sys.stderr.fileno())

        async def tour(window: QWidget) -> None:
            await play(window, practice, record)

        try:
            live(Path(data_dir), practice, tour)
        except Exception as error:  # noqa: BLE001 - the tour tells whatever stopped it
            traceback.print_exc()
            words = f"{type(error).__name__}: {error}"
            print(f"\nThe tour stopped. {words}\n{record.summary()}, all words in stderr.txt there")
            return 1
    print(f"\n{record.summary()}")
    return 0


def _picture() -> QImage | None:
    front = in_front()
    return on_screen(front) if front is not None else None


if __name__ == "__main__":
    sys.exit(main())
