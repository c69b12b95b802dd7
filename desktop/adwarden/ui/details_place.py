"""What the details can show, what a page can ask for, and what every page is written with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.storage.settings import Settings
from adwarden.ui.badge_paint import BadgePainter
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.icons import Icons
from adwarden.ui.phrases import is_stale
from adwarden.ui.store import State

if TYPE_CHECKING:
    from adwarden.ui.details_secrets import Secrets


@dataclass(frozen=True, slots=True)
class Place:
    """What is selected; the parts that do not apply are empty."""

    app_id: str = ""
    connection_id: str = ""
    account_id: str = ""
    user_id: str = ""


def _nothing(*_: str) -> None:
    """Do nothing: what a window that asks for nothing does."""


@dataclass(frozen=True, slots=True)
class Asks:
    """What a page can ask for, each with the id of an app or a connection.

    ``look_up`` gets kind, connection and ad account; ``recall`` reads what was looked up before;
    ``history`` gets connection and ad account, empty for all of the connection's. ``secrets``
    returns what writes the lines of secrets, and nothing before the first picture, which is what
    ``running`` tells; ``add_token`` gets app and connection, ``hand_over``, ``find`` and
    ``try_request`` connection and ad account.
    """

    refresh: Callable[[str], None]
    reconnect: Callable[[str], None]
    disconnect: Callable[[str], None]
    connect: Callable[[str], None]
    remove_app: Callable[[str], None]
    renew_app: Callable[[str], None]
    note_approval: Callable[[str], None] = field(default=_nothing)
    look_up: Callable[[str, str, str], None] = field(default=_nothing)
    recall: Callable[[], None] = field(default=_nothing)
    unlock_file: Callable[[], None] = field(default=_nothing)
    places: Callable[[], None] = field(default=_nothing)
    history: Callable[[str, str], None] = field(default=_nothing)
    check: Callable[[str, str], None] = field(default=_nothing)
    leave: Callable[[str, str], None] = field(default=_nothing)
    edit_app: Callable[[str], None] = field(default=_nothing)
    edit_connection: Callable[[str], None] = field(default=_nothing)
    add_token: Callable[[str, str], None] = field(default=_nothing)
    hand_over: Callable[[str, str], None] = field(default=_nothing)
    find: Callable[[str, str], None] = field(default=_nothing)
    try_request: Callable[[str, str], None] = field(default=_nothing)
    secrets: Callable[[], Secrets | None] = field(default=lambda: None)
    running: Callable[[], bool] = field(default=lambda: True)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page is written with; ``clock`` gives Unix seconds."""

    state: State
    icons: Icons
    clipboard: Clipboard
    clock: Callable[[], float]
    asks: Asks
    settings: Settings
    painter: BadgePainter

    @property
    def stale_after(self) -> float:
        """Seconds after which what was fetched is no longer trusted."""
        from adwarden.storage.settings import STALE_HOURS

        return self.settings.get(STALE_HOURS) * 3600.0

    def is_stale(self, moment: float | None) -> bool:
        """Tell whether something fetched then is too old to be trusted."""
        return is_stale(moment, self.clock(), self.stale_after)
