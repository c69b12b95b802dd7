"""Sets that another tool's file may have, what is pasted, and the dialog about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from adwarden.domain.handover import NONE, CredentialSet
from adwarden.domain.secret import Secret
from adwarden.services.taking_in import Compared, Standing
from adwarden.ui.main_window import MainWindow
from adwarden.ui.take_in_dialog import TakeInDialog
from tests.ui.stagehand import until

KEYS = ("k1" * 12 + "k", "s1" * 25, "123456789-" + "t1" * 20, "u1" * 22 + "u")
TEXT = "".join(
    f"{name}={value}\n"
    for name, value in zip(
        ("CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET"), KEYS,
        strict=True,
    )
)  # fmt: skip


def compared(
    number: int,
    standing: Standing = Standing.NEW,
    why: str = "New here: the X app and the access token.",
    *,
    token: bool = True,
    app_id: str = "",
    connection_id: str = "",
    named: bool = True,
) -> Compared:
    """Return a set as it was found."""
    handle = f"user{number}" if named else ""
    one = CredentialSet(
        Secret(f"key{number}"), Secret(f"secret{number}"),
        Secret(f"token{number}") if token else NONE,
        Secret(f"token secret{number}") if token else NONE,
        handle=handle, app_name="Agency app", at=f"profile {number}, consumer key 1",
    )  # fmt: skip
    return Compared(
        one, standing, why, app_id, "Agency app", connection_id, f"@{handle}" if handle else ""
    )


def one_of_each() -> tuple[Compared, ...]:
    """Return a set of each standing, and one of an app alone."""
    return (
        compared(1),
        compared(2, Standing.KNOWN, "All of it is kept here already.", app_id="a1"),
        compared(3, Standing.CONTRADICTS, "Another access token is kept for @user3.", app_id="a1"),
        compared(4, Standing.INCOMPLETE, "The secret of its access token is missing."),
        compared(5, token=False, named=False),
    )


def text_mime(text: str) -> QMimeData:
    mime = QMimeData()
    mime.setText(text)
    return mime


def file_mime(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(widget: QWidget, mime: QMimeData) -> bool:
    """Drag over a widget and let go, as a move; returns whether it was taken as a copy."""
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    rest = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    at = widget.rect().center()
    enter = QDragEnterEvent(at, actions, *rest)
    enter.setAccepted(False)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(at), actions, *rest)
    QApplication.sendEvent(widget, event)
    return event.isAccepted() and event.dropAction() is Qt.DropAction.CopyAction


async def the_dialog(window: MainWindow) -> TakeInDialog:
    """Return the dialog once it is in sight."""
    await until(lambda: any(one.isVisible() for one in dialogs(window)), "the dialog")
    (found,) = dialogs(window)
    return found


def dialogs(window: MainWindow) -> Sequence[TakeInDialog]:
    return window.findChildren(TakeInDialog)


def at_rest(dialog: TakeInDialog) -> bool:
    return not dialog.busy


def written(root: QWidget) -> str:
    """Return all that is to be seen or heard of a window and its parts."""
    found = [root.windowTitle()]
    for part in (root, *root.findChildren(QWidget)):
        if not part.isVisible():
            continue
        found += [part.accessibleName(), part.accessibleDescription(), part.toolTip()]
        if isinstance(part, QLabel | QLineEdit):
            found.append(part.text())
        if isinstance(part, QPlainTextEdit):
            found.append(part.toPlainText())
    return "\n".join(found)
