"""The whole program with a hand inside: it does what the test that started it asks for.

``python -m tests.flows.inside ARGUMENTS`` is ``adwarden ARGUMENTS``; every line of standard input
is one wish as JSON, every line of standard output that begins with ``@@`` an answer.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, cast

from PySide6.QtCore import QSocketNotifier, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QProgressBar,
    QTreeView,
    QWidget,
)

from adwarden.ui.main_window import MainWindow
from tests.flows import everywhere, inside_secrets, inside_tools, inside_undo
from tests.flows.driver import (
    Journey,
    Page,
    click,
    closed,
    control,
    find,
    paste_into,
    reads,
    type_into,
    until,
    window_named,
)

Act = Callable[..., Awaitable[object]]


class Hand:
    """Does wishes one after the other, each as a task that ends with it."""

    def __init__(self) -> None:
        self._queue = b""
        self._busy: asyncio.Task[None] | None = None
        self._notifier: QSocketNotifier | None = None
        self.window: MainWindow | None = None

    def listen(self) -> None:
        """Begin to listen."""
        windows = [w for w in QApplication.topLevelWidgets() if w.accessibleName() == "Adwarden"]
        (self.window,) = [w for w in windows if isinstance(w, MainWindow)]
        self._notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._read)
        tell(ready=True)

    def _read(self) -> None:
        read = os.read(0, 1 << 20)
        if not read and self._notifier is not None:
            self._notifier.setEnabled(False)
        self._queue += read
        self._next()

    def _next(self) -> None:
        line, end, rest = self._queue.partition(b"\n")
        if end and self._busy is None:
            self._queue = rest
            wish = json.loads(line)
            self._busy = asyncio.get_running_loop().create_task(self._do(wish))
            self._busy.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._busy = None
        self._next()

    async def _do(self, wish: dict[str, Any]) -> None:
        act = wish.pop("do")
        try:
            assert self.window is not None
            tell(done=await ACTS[act](self.window, **wish))
        except Exception:  # noqa: BLE001 - the test outside tells it
            tell(failed=traceback.format_exc())


def tell(**facts: object) -> None:
    """Send one line to the test outside."""
    sys.stdout.write(f"@@{json.dumps(facts)}\n")
    sys.stdout.flush()


def _journey(window: MainWindow) -> Journey:
    return Journey(cast("Any", None), window, cast("Any", None))


async def add_app(window: MainWindow, label: str, key: str, secret: str) -> None:
    """Add an app by its keys."""
    await _journey(window).add_app(label, key, secret)


async def begin_app(window: MainWindow, label: str, key: str, secret: str) -> None:
    """Add an app as far as the press of ``Save``."""
    await click(window, "Add X app")
    dialog = await window_named("Add X app")
    await type_into(dialog, "App name", label)
    await type_into(dialog, "API key", key)
    await type_into(dialog, "API key secret", secret)
    await click(dialog, "Save")


async def connect(window: MainWindow, handle: str, press: str = "Connect account") -> None:
    """Connect an account in the embedded page."""
    await click(window, press)
    dialog = await window_named("Connect account")
    await Page(dialog).authorize(handle)
    await until(lambda: closed(dialog), f"@{handle} was connected")
    await _journey(window).row(f"@{handle}", "Working")


async def open_page(window: MainWindow) -> None:
    """Open ``Connect account`` and wait for the page in it."""
    await click(window, "Connect account")
    await Page(await window_named("Connect account")).wait_for("form")


async def link(window: MainWindow, press: str = "Connect account") -> str:
    """Open ``Connect account`` and copy the link."""
    if "Connect account" not in await shown(window):
        await click(window, press)
    await click(await window_named("Connect account"), "Copy link")
    return await until(lambda: QApplication.clipboard().text(), "the link")


async def enter_pin(window: MainWindow, pin: str, wait: str = "closed") -> None:
    """Type a PIN and go on; then wait for the end of the dialog or for its words."""
    dialog = await window_named("Connect account")
    await paste_into(dialog, "PIN", pin)
    QApplication.clipboard().clear()
    await click(dialog, "Continue")
    if wait == "closed":
        await until(lambda: closed(dialog), "connected")
    elif wait:
        await reads(dialog, wait)


async def type_pin(window: MainWindow, pin: str) -> None:
    """Type a PIN and leave it there."""
    await type_into(await window_named("Connect account"), "PIN", pin)


async def finish_pin(window: MainWindow) -> None:
    """Go on with the PIN that stands there, and wait until the dialog has closed."""
    dialog = await window_named("Connect account")
    await click(dialog, "Continue")
    await until(lambda: closed(dialog), "connected")


async def press(window: MainWindow, name: str, on: str = "") -> None:
    """Press a button of the window or of the one named."""
    await click(await window_named(on) if on else window, name)


async def fill(window: MainWindow, name: str, text: str, on: str) -> None:
    """Put a text into a field of the dialog named, whatever letters it has."""
    (await control(await window_named(on), QLineEdit, name)).setText(text)


async def closed_one(window: MainWindow, name: str) -> None:
    """Wait until no dialog of this name is there."""

    def gone() -> bool:
        return all(
            w.accessibleName() != name for w in QApplication.topLevelWidgets() if w.isVisible()
        )

    await until(gone, f"{name} closed")


async def answer(window: MainWindow, name: str) -> None:
    """Press a button wherever a question has it."""

    def question() -> QWidget | None:
        tops = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        return next((w for w in tops if find(w, QAbstractButton, name)), None)

    await click(cast("QWidget", await until(question, name)), name)


async def row(window: MainWindow, parts: list[str]) -> str:
    """Wait for a row of the tree."""
    return await _journey(window).row(*parts)


async def select(window: MainWindow, handle: str) -> None:
    """Select a connection in the tree."""
    await _journey(window).row(handle)
    tree = _journey(window).tree
    model = tree.model()
    for place in range(model.rowCount()):
        index = model.index(place, 0)
        if handle in str(index.data(Qt.ItemDataRole.AccessibleTextRole)):
            tree.setCurrentIndex(index)


async def disconnected(window: MainWindow, handle: str) -> None:
    """Wait until no connection of this user is in the tree."""

    def gone() -> bool:
        tree = find(window, QTreeView, "Accounts")
        model = tree.model() if tree is not None else None
        role = Qt.ItemDataRole.AccessibleTextRole
        rows = range(model.rowCount()) if model is not None else ()
        return not any(handle in str(model.index(row, 0).data(role)) for row in rows if model)

    await until(gone, f"{handle} is disconnected")


async def rested(window: MainWindow) -> None:
    """Wait until no refresh is under way."""
    await until(lambda: find(window, QProgressBar, "Refresh progress bar") is None, "rest")


async def words(window: MainWindow, parts: list[str], on: str = "") -> str:
    """Wait for these words in the window or dialog; return all that it says."""
    root = await window_named(on) if on else window

    def told() -> str:
        return " ".join(label.text() for label in root.findChildren(QLabel) if label.isVisible())

    try:
        await reads(root, *parts)
    except AssertionError as error:
        raise AssertionError(f"{error}; it says: {told()}") from None
    return told()


async def close_dialog(window: MainWindow, name: str) -> None:
    """Close a dialog by the Escape key."""
    dialog = await window_named(name)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await until(lambda: closed(dialog), f"{name} closed")


async def places(window: MainWindow) -> list[tuple[str, str]]:
    """Return every text that anything in this process shows, tells or holds for showing."""
    return everywhere.texts()


async def loud(window: MainWindow) -> int:
    """Set every logger there is to DEBUG, as somebody would who wants to see it all."""
    names = [
        *logging.Logger.manager.loggerDict,
        "asyncio", "jeepney", "keyring", "oauthlib", "oauthlib.oauth1.rfc5849", "qasync",
        "requests", "requests_oauthlib", "requests_oauthlib.oauth1_auth", "secretstorage",
        "urllib3", "urllib3.connectionpool",
    ]  # fmt: skip
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().setLevel(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    return len(set(names))


async def fail(window: MainWindow, secrets: list[str]) -> None:
    """Let an error out that nobody expects, full of secrets in every wording."""

    def broken(*values: str) -> None:
        token, secret = values[0], values[-1]
        logging.getLogger("adwarden.test").error("kept %r and %s", values, token)
        try:
            raise ValueError({"oauth_token": token, "oauth_token_secret": secret})
        except ValueError as error:
            raise RuntimeError(
                f"Authorization: OAuth oauth_token={token}; {' '.join(values)} {secret!r}"
            ) from error

    # The loop tells of a callback that failed together with what it was called with.
    asyncio.get_running_loop().call_soon(broken, *secrets)
    dialog = await window_named("Something unexpected happened")
    await click(dialog, "Show report")


async def report(window: MainWindow) -> str:
    """Copy the report of the unexpected, close its dialog, return what the clipboard has."""
    dialog = await window_named("Something unexpected happened")
    await click(dialog, "Copy report")
    text = QApplication.clipboard().text()
    await click(dialog, "Close")
    await until(lambda: closed(dialog), "the report is closed")
    return text


async def minimise(window: MainWindow) -> None:
    """Put the window out of sight."""
    window.setWindowState(Qt.WindowState.WindowMinimized)


async def raised(window: MainWindow) -> None:
    """Wait until the window is to be seen again."""
    await until(lambda: window.isVisible() and not window.isMinimized(), "the window in front")


async def shown(window: MainWindow) -> list[str]:
    """Return the names of all windows that are open."""
    tops = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    return sorted(w.accessibleName() for w in tops if w.accessibleName())


async def die_at(window: MainWindow, boundary: int) -> None:
    """Kill this process at the n-th boundary of a step that must not be left half done."""
    from adwarden.providers.x.provider import XProvider
    from adwarden.storage.directory import Directory
    from adwarden.storage.vault import Vault

    left = [boundary]

    def at(what: str) -> None:
        left[0] -= 1
        if not left[0]:
            os.write(1, f'@@{{"killed": "{what}"}}\n'.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(kind: type, name: str) -> None:
        plain = getattr(kind, name)

        @wraps(plain)
        def call(*args: object, **named: object) -> object:
            at(f"before {kind.__name__}.{name}")
            result = plain(*args, **named)
            at(f"after {kind.__name__}.{name}")
            return result

        setattr(kind, name, call)

    for kind, name in (
        (Directory, "begin_pending"),
        (Directory, "save_app"),
        (Directory, "replace_connection"),
        (Directory, "remove_connection"),
        (Directory, "finish_pending"),
        (Vault, "put"),
        (Vault, "delete"),
        (XProvider, "finish"),
        (XProvider, "revoke"),
    ):
        watched(kind, name)


async def close(window: MainWindow) -> float:
    """Close the window by its frame's button; return the time."""
    gc.collect()
    window.close()
    return time.time()


ACTS: dict[str, Act] = {
    act.__name__: cast("Act", act)
    for act in (
        fill, closed_one,
        add_app, begin_app, connect, open_page, link, enter_pin, type_pin, finish_pin, press,
        answer, row, select, disconnected, rested, words, close_dialog, places, loud, fail, report,
        minimise, raised, shown, die_at, close, *inside_secrets.ALL,
        *inside_undo.ALL, *inside_tools.ALL,
    )
}  # fmt: skip


def main() -> None:
    """Run the program and end with its exit code."""
    from adwarden import app

    hand = Hand()
    app.leave(app.main(sys.argv[1:], on_ready=hand.listen))


if __name__ == "__main__":
    main()
