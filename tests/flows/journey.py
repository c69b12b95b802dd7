"""The main job, in steps that the tour shows, the bench measures and the tests repeat."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from PySide6.QtWidgets import QApplication, QProgressBar

from tests.flows.hand import Hand
from tests.flows.practice import Practice

Journey = Callable[[Hand], Awaitable[None]]


def live(data_dir: Path, environment: Mapping[str, str], journey: Journey) -> None:
    """Start Adwarden in this process, go on the journey once it is painted, and quit it.

    Raises what the journey raised, or ``RuntimeError`` when Adwarden ended badly.
    """
    from adwarden import app

    os.environ.update(environment)
    tasks: list[asyncio.Task[None]] = []

    async def go() -> None:
        try:
            await journey(Hand())
        finally:
            for window in QApplication.topLevelWidgets():
                if window.accessibleName() == "Adwarden":
                    window.close()

    def painted() -> None:
        tasks.append(asyncio.get_running_loop().create_task(go()))

    code = app.main(["--data-dir", str(data_dir)], on_first_paint=painted)
    if not tasks or not tasks[0].done() or code:
        raise RuntimeError(f"Adwarden ended with {code} in the middle of the journey")
    tasks[0].result()


async def add_app(hand: Hand, practice: Practice, label: str = "Practice app") -> None:
    """Open ``Add X app`` and save an app with the practice keys."""
    await hand.press("Add X app", "Adwarden")
    await hand.write("App name", label, "Add X app")
    await hand.write("API key", practice.key, "Add X app")
    await hand.write("API key secret", practice.secret, "Add X app")


async def save_app(hand: Hand) -> None:
    """Save what was typed and wait until the dialog closes, which it does once it is kept."""
    await hand.press("Save", "Add X app")
    await hand.gone("Add X app")


async def open_page(hand: Hand) -> str:
    """Open ``Connect account`` and return what the authorization page says first."""
    await hand.press("Connect account", "Adwarden")
    return await hand.page_text("h1")


async def sign_in(hand: Hand, handle: str) -> str:
    """Choose a practice user on the page; return the words of the consent page."""
    await hand.page_click(f'button[value="{handle}"]')
    await hand.page_text("#allow")
    return await hand.page_text("h1")


async def allow(hand: Hand) -> None:
    """Authorize the app on the page; the PIN is picked up, and the dialog closes by itself."""
    await hand.page_click("#allow")
    await hand.gone("Connect account")


async def loaded(hand: Hand, accounts: int) -> list[str]:
    """Wait until that many ad accounts are there and nothing is being fetched; return the rows."""

    def rows() -> list[str] | None:
        bar = hand.find(QProgressBar, "Refresh progress bar")
        found = hand.rows()
        return found if bar is None and len(found) > accounts else None

    return await hand.until(f"{accounts} ad accounts", rows)
