"""Wishes about other tools that the hand inside the program does; see ``inside``."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from adwarden.ui.two_lines import TwoLines
from tests.flows.driver import click, control, reads, until, window_named
from tests.flows.inside_secrets import menu


async def look_into_text(window: QWidget, text: str, parts: list[str]) -> None:
    """Paste what somebody got in a message, and have shown what is in it; leaves that open."""
    await menu(window, "Bring in tokens …")
    dialog = await window_named("Bring in tokens")
    QApplication.clipboard().setText(text)
    await click(dialog, "Paste")
    QApplication.clipboard().clear()
    await click(dialog, "Continue")
    await reads(dialog, *parts)


async def preview(window: QWidget, formats: list[str]) -> list[int]:
    """Look at what other tools would be given; returns how long each is, and leaves it open."""
    await menu(window, "Hand over …")
    dialog = await window_named("Hand over")
    choice = await control(dialog, TwoLines, "What to hand over")
    lengths = []
    for key in formats:
        choice.choose(key)
        shown = await control(dialog, QPlainTextEdit, "Preview")
        await until(shown.toPlainText, f"the preview of {key}")
        lengths.append(len(shown.toPlainText()))
    return lengths


async def send_request(window: QWidget, parts: list[str]) -> None:
    """Send the request that is offered first and wait for its answer, which stays open."""
    await menu(window, "Try a request …")
    dialog = await window_named("Try a request")
    await click(dialog, "Send")
    await reads(dialog, *parts)


ALL = (look_into_text, preview, send_request)
