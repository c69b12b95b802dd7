"""Every text of a running window: what is painted, what screen readers get, what is held for it."""

from __future__ import annotations

import contextlib

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAccessible, QAction, QClipboard
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

TYPED = {
    ("Add X app", "API key"), ("Add X app", "API key secret"), ("Connect account", "PIN"),
    ("Edit X app", "Client ID"), ("Edit X app", "Client secret"),
    ("Add token", "Access token"), ("Add token", "Access token secret"),
    ("Restore from backup", "Password"),
    ("Back up", "Password"), ("Back up", "Password again"),
    ("Create a KeePass file", "New master password"), ("Create a KeePass file", "The same again"),
    ("Unlock team.kdbx", "Master password"),
}  # fmt: skip
"""Fields that a person fills in, by window: they hold what was just typed for as long as the
window is open, so the text in them is not counted. What they show of it is, but for the PIN, which
X shows beside it; so is all else of these fields, and all of it once the window has closed."""

_OWN = (
    "windowTitle", "toolTip", "statusTip", "whatsThis", "accessibleName", "accessibleDescription",
    "objectName", "windowFilePath", "windowIconText", "styleSheet", "text", "title",
    "displayText", "placeholderText", "currentText", "format", "specialValueText",
)  # fmt: skip
_PIN = ("Connect account", "PIN")
_SPOKEN = (
    QAccessible.Text.Name,
    QAccessible.Text.Description,
    QAccessible.Text.Value,
    QAccessible.Text.Help,
    QAccessible.Text.Accelerator,
    QAccessible.Text.Identifier,
)
_ROLES = tuple(Qt.ItemDataRole(role) for role in range(14)) + tuple(
    int(Qt.ItemDataRole.UserRole) + more for more in range(8)
)


def texts() -> list[tuple[str, str]]:
    """Return where each text was found, and the text."""
    found: list[tuple[str, str]] = []
    for widget in QApplication.allWidgets():
        found += _of_widget(widget)
    for window in QApplication.topLevelWindows():
        found.append(("window of the system", window.title()))
    clipboard = QApplication.clipboard()
    for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
        mime = clipboard.mimeData(mode)
        for kind in mime.formats() if mime is not None else ():
            data = bytes(mime.data(kind).data())
            found.append((f"clipboard {kind}", data.decode("utf-8", "replace")))
            found.append((f"clipboard {kind} wide", data.decode("utf-16-le", "replace")))
    return [(place, text) for place, text in found if text]


def typed(widget: QWidget) -> bool:
    """Tell whether this is an open window's field with what a person has just typed."""
    if not widget.window().isVisible():
        return False
    if isinstance(widget, QLineEdit):
        return _place(widget) in TYPED
    # What our own fields are made of answers with the text of the field inside.
    return not widget.isWindow() and any(map(typed, widget.findChildren(QLineEdit)))


def _place(widget: QWidget) -> tuple[str, str]:
    return widget.window().accessibleName(), widget.accessibleName()


def _of_widget(widget: QWidget) -> list[tuple[str, str]]:
    name = f"{type(widget).__name__} “{widget.accessibleName()}”"
    skipped = typed(widget)
    found = []
    for attribute in _OWN:
        call = getattr(widget, attribute, None)
        hidden = attribute == "text" or (attribute == "displayText" and _place(widget) == _PIN)
        if callable(call) and not (skipped and hidden):
            try:
                value = call()
            except TypeError:  # takes an argument: not a text of its own
                continue
            if isinstance(value, str):
                found.append((f"{name}.{attribute}", value))
    if isinstance(widget, QPlainTextEdit | QTextEdit):
        found.append((f"{name} document", widget.toPlainText()))
    for action in widget.actions():
        found += _of_action(name, action)
    for key in widget.dynamicPropertyNames():
        with contextlib.suppress(RuntimeError):  # of a type that Python does not know
            value = widget.property(bytes(key.data()).decode())
            found.append((f"{name} property", str(value)))
    spoken = QAccessible.queryAccessibleInterface(widget)
    if spoken is not None:
        for kind in _SPOKEN:
            if not (skipped and kind is QAccessible.Text.Value):
                found.append((f"{name} spoken {kind.name}", spoken.text(kind)))
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        found += _of_model(name, widget.model(), QModelIndex())
    if isinstance(widget, QComboBox):
        found += _of_model(name, widget.model(), QModelIndex())
    url = getattr(widget, "url", None)
    if callable(url):
        found.append((f"{name} address", url().toString()))
    return found


def _of_action(name: str, action: QAction) -> list[tuple[str, str]]:
    texts = (action.text(), action.toolTip(), action.statusTip(), action.whatsThis())
    return [(f"{name} action", text) for text in (*texts, action.iconText(), str(action.data()))]


def _of_model(name: str, model: QAbstractItemModel, parent: QModelIndex) -> list[tuple[str, str]]:
    found = []
    for row in range(model.rowCount(parent)):
        # Of a list the number is Qt's private affair.
        is_list = isinstance(model, QAbstractListModel)
        for column in range(1 if is_list else model.columnCount(parent)):
            index = model.index(row, column, parent)
            for role in _ROLES:
                value = index.data(role)
                if value is not None:
                    found.append((f"{name} cell role {int(role)}", str(value)))
        found += _of_model(name, model, model.index(row, 0, parent))
    return found
