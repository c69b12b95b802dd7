"""The lines of the details about secrets: whether there is one, seen while held, and copied.

None is read before somebody presses a button, and then this one only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.services.tasks import Tasks
from adwarden.storage.settings import Settings
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text, icon_button
from adwarden.ui.reveal import Reveal

OF_APP = {
    "key": "API key",
    "secret": "API key secret",
    "bearer": "Bearer token",
    "client_id": "Client ID",
    "client_secret": "Client secret",
}
OF_CONNECTION = {"token": "Access token", "secret": "Access token secret"}
ALWAYS = frozenset({"key", "secret", "token"})
"""The secrets without which there would be no entry."""

_SIDE = 32

Fetch = Callable[[XApp | Connection, str], Awaitable[Secret]]
"""Reads one secret of an app or a connection."""


class Secrets:
    """Writes the lines; ``owner`` owns the tasks of copies, ``failed`` shows what went wrong."""

    def __init__(
        self,
        owner: QWidget,
        tasks: Tasks,
        clipboard: Clipboard,
        icons: Icons,
        fetch: Fetch,
        failed: Callable[[XApp | Connection, AdwardenError], None],
    ) -> None:
        self._owner, self._tasks = owner, tasks
        self._clipboard, self._icons = clipboard, icons
        self._fetch, self._failed = fetch, failed
        self._reveals: list[Reveal] = []

    @property
    def held(self) -> bool:
        """Whether somebody holds an eye open."""
        return any(isValid(one) and one.held for one in self._reveals)

    def let_go(self) -> None:
        """Hide what is seen; the lines are about to be written anew."""
        for one in self._reveals:
            if isValid(one):
                one.hide_now()
        self._reveals.clear()

    def write(
        self, column: QVBoxLayout, item: XApp | Connection, settings: Settings, title: QWidget
    ) -> None:
        """Add a line for each secret that the item can have; those it has not are named last."""
        names = OF_APP if isinstance(item, XApp) else OF_CONNECTION
        holds = item.holds if isinstance(item, XApp) else ()
        kept = [name for name in names if name in ALWAYS or name in holds]
        column.addSpacing(4)
        column.addWidget(title)
        for name in kept:
            column.addWidget(self._line(item, name, names[name], settings))
        missing = [names[name] for name in names if name not in kept]
        if missing:
            words = ", ".join(missing)
            column.addWidget(Text(f"None kept: {words}", role="caption", wraps=True))

    def _line(self, item: XApp | Connection, name: str, what: str, settings: Settings) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(0)
        top = Qt.AlignmentFlag.AlignTop
        reveal = Reveal(
            what,
            lambda: self._fetch(item, name),
            self._tasks,
            settings,
            self._icons,
            partial(self._failed, item),
        )
        self._reveals.append(reveal)
        # A page is written anew at any moment: nothing must come to one that is gone.
        reveal.destroyed.connect(lambda _=None, gone=reveal: self._tasks.cancel(gone))
        copy = icon_button(f"Copy {what}", self._icons, "copy")
        copy.setFixedSize(_SIDE, _SIDE)
        copy.clicked.connect(lambda: self._spawn(f"copy {what}", self._copy(item, name, what)))
        label = Text(what, role="dim")
        grid.addWidget(label, 0, 0, 1, 2)
        grid.addWidget(reveal, 1, 0, top)
        grid.addWidget(copy, 1, 1, top)
        grid.setColumnStretch(0, 1)
        return holder

    async def _copy(self, item: XApp | Connection, name: str, what: str) -> None:
        try:
            self._clipboard.copy_secret(await self._fetch(item, name), what)
        except AdwardenError as error:
            self._failed(item, error)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.spawn(self._owner, name, work)
