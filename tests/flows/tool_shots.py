"""The pictures of taking in, handing over and trying out; see ``screenshots``."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from adwarden.practice.server import PracticeServer
from adwarden.ui.two_lines import TwoLines
from tests.flows.driver import (
    Journey,
    click,
    closed,
    control,
    reads,
    type_into,
    until,
    window_named,
)

PROFILE = """\
  {handle}:
    {key}:
      username: {handle}
      consumer_key: {key}
      consumer_secret: {secret}
      token: {token}
      secret: {token_secret}
"""


class Shooting(Protocol):
    """Who takes the pictures."""

    async def take(self, name: str) -> None:
        """Save the window with what is in front of it."""


async def tools(here: Journey, server: PracticeServer, camera: Shooting) -> None:
    """Go through the dialogs with the selected connection."""
    for name, title, act in (
        ("take-in", "Bring in tokens", partial(_take_in, server)),
        ("hand-over", "Hand over", _hand_over),
        ("which-token", "Which token?", _which_token),
        ("try-request", "Try a request", _try_request),
    ):
        _action(here.window, title.rstrip("?")).trigger()
        dialog = await window_named(title)
        await act(dialog)
        await camera.take(name)
        dialog.close()
        await until(partial(closed, dialog), f"{title} is closed")


async def _take_in(server: PracticeServer, dialog: QWidget) -> None:
    text = "profiles:\n"
    for app, handle in zip(server.world.apps, ("litware_jp", "contoso"), strict=False):
        person = server.world.person_named(handle)
        assert person is not None
        given = server.faults._access_tokens.grant(app, person)
        text += PROFILE.format(
            handle=handle, key=app.key, secret=app.secret,
            token=given.token, token_secret=given.secret,
        )  # fmt: skip
    QApplication.clipboard().setText(text)
    await click(dialog, "Paste")
    await click(dialog, "Continue")
    await reads(dialog, "litware_jp")


async def _hand_over(dialog: QWidget) -> None:
    (await control(dialog, TwoLines, "What to hand over")).choose("twurlrc")
    preview = await control(dialog, QPlainTextEdit, "Preview")
    await type_into(dialog, "File", "~/.twurlrc")
    await until(preview.toPlainText, "the preview")


async def _which_token(dialog: QWidget) -> None:
    await reads(dialog, "@")


async def _try_request(dialog: QWidget) -> None:
    await click(dialog, "Send")
    await reads(dialog, "200 OK")


def _action(window: QWidget, words: str) -> QAction:
    return next(one for one in window.findChildren(QAction) if one.text().startswith(words))
