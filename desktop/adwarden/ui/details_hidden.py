"""The page of a connection whose KeePass file is not open: its name, and how to see the rest."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout

from adwarden.domain.model import FILE, Connection
from adwarden.storage.keychain_status import KeychainState
from adwarden.ui.details_parts import box, buttons, sub, title
from adwarden.ui.details_place import Desk


def write_hidden(desk: Desk, column: QVBoxLayout, connection: Connection) -> None:
    """Write the page."""
    status = desk.state.places.get(FILE)
    locked = status is None or status.state is KeychainState.LOCKED
    column.addWidget(title(connection.handle))
    column.addWidget(sub("Connection · only its name is shown"))
    if locked:
        lead = "Locked"
        words = "Its token is in a KeePass file, which is locked."
    else:
        lead = "Needs authorization, or its KeePass file"
        words = "Its token is in a KeePass file that is not open."
    remedy = "Unlock the file to see what the connection reaches, and to use it."
    if not locked and status is not None:
        words, remedy = f"{words} {status.message}", status.remedy
    column.addWidget(box(desk.icons, "info" if locked else "warn", lead, words, remedy))
    buttons(
        column,
        ("Unlock …", "Unlock the KeePass file", _unlock(desk), connection.id)
        if locked
        else ("Places …", "Where secrets are kept", _places(desk), connection.id),
        ("Disconnect", "Disconnect", desk.asks.disconnect, connection.id),
    )


def _unlock(desk: Desk) -> Callable[[str], None]:
    return lambda _: desk.asks.unlock_file()


def _places(desk: Desk) -> Callable[[str], None]:
    return lambda _: desk.asks.places()
