"""The page of what is in a KeePass file that is not open: its name, and how to see the rest."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout

from adwarden.domain.model import FILE, Connection, XApp
from adwarden.ui.details_parts import box, buttons, sub, title
from adwarden.ui.details_place import Desk


def write_hidden(desk: Desk, column: QVBoxLayout, item: Connection | XApp) -> None:
    """Write the page of a connection or an app."""
    asks = desk.asks
    if isinstance(item, XApp):
        name, kind, what, opens = item.label, "X app", "Its keys are", "its access and its note"
        removed = ("Remove", "Remove this X app", asks.remove_app, item.id)
    else:
        name, kind, what = item.handle, "Connection", "Its token is"
        opens = "what the connection reaches"
        removed = ("Disconnect", "Disconnect", asks.disconnect, item.id)
    status = desk.state.places.get(FILE)
    locked = desk.state.hidden(item.id) == "locked"
    column.addWidget(title(name))
    column.addWidget(sub(f"{kind} · only its name is shown"))
    lead = "Locked" if locked else "Its KeePass file is not open"
    words = f"{what} in a KeePass file{', which is locked' if locked else ''}."
    remedy = f"Unlock the file to see {opens}, and to use it."
    if not locked:
        # Why, and what helps, is said at length above the list, and by the page of all places.
        remedy = f"{status.title}." if status is not None and status.title else ""
    column.addWidget(box(desk.icons, "info" if locked else "warn", lead, words, remedy))
    again = "Unlock …" if locked else "Try again"
    places = ("Places …", "Where secrets are kept", _places(desk), item.id)
    buttons(
        column,
        (again, "Unlock the KeePass file", _unlock(desk), item.id),
        *(() if locked else (places,)),
        removed,
    )


def _unlock(desk: Desk) -> Callable[[str], None]:
    return lambda _: desk.asks.unlock_file()


def _places(desk: Desk) -> Callable[[str], None]:
    return lambda _: desk.asks.places()
