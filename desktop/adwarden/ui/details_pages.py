"""The pages of the details: finds out which page a place has, and when it has to be written anew.

Each kind of page is a module of its own, imported when it is first shown.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout

from adwarden.domain.model import FILE, Connection
from adwarden.providers.base import KnownWindow
from adwarden.storage.settings import API_VERSION, LOOKUP_PRICE, STALE_HOURS, Settings
from adwarden.ui.badge_paint import BadgePainter
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_place import Asks, Desk, Place
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Text
from adwarden.ui.store import State

__all__ = ["Asks", "Pages", "Place"]


class Pages:
    """Writes the page of a place into a column."""

    def __init__(
        self,
        state: State,
        icons: Icons,
        clipboard: Clipboard,
        clock: Callable[[], float],
        asks: Asks,
        settings: Settings,
    ) -> None:
        self._state = state
        self._desk = Desk(state, icons, clipboard, clock, asks, settings, BadgePainter(icons))
        self._recalled = False
        self._secrets_then: object = None
        """What the lines about secrets depended on when they were written."""

    def known(self, place: Place) -> object:
        """Return everything that the page depends on, to tell whether it would differ."""
        state, settings = self._state, self._desk.settings
        connection = state.connections.get(place.connection_id)
        app = state.apps.get(connection.app_id if connection else place.app_id)
        limit = account_limit(self._desk, connection, place.account_id) if connection else None
        minutes = int(self._desk.clock() // 60)
        of_app = state.connections_of(app.id) if app and not connection else ()
        chosen = (
            settings.get(STALE_HOURS), settings.get(LOOKUP_PRICE), settings.get(API_VERSION),
        )  # fmt: skip
        return (
            place, app, connection, state.entry(place.connection_id, place.account_id), limit,
            state.count(place.connection_id), state.refreshing(place.connection_id), minutes,
            state.hidden(place.connection_id or place.app_id), state.places.get(FILE),
            of_app, bool(state.connections), bool(state.apps), state.lookups.revision, chosen,
            self._desk.asks.running(),
        )  # fmt: skip

    def eye_held(self, place: Place) -> bool:
        """Tell whether somebody looks at a secret of the page that is there, and may go on.

        What changes beside it is written afterwards: new lines would close the eye.
        """
        # Before any page there is none to be asked for.
        secrets = self._desk.asks.secrets() if self._recalled else None
        return (
            secrets is not None and secrets.held and self._secrets_then == self._secrets_of(place)
        )

    def _secrets_of(self, place: Place) -> object:
        connection = self._state.connections.get(place.connection_id)
        if connection is None:
            app = self._state.apps.get(place.app_id)
            return place, app and (app.place, app.holds), self._state.hidden(place.app_id)
        kept = connection.place, connection.authorized_at, connection.pasted
        return place, kept, self._state.hidden(connection.id)

    def fill(self, column: QVBoxLayout, place: Place) -> None:
        """Write the page, or the calm hint when the place is empty or gone."""
        state = self._state
        if self._recalled and (secrets := self._desk.asks.secrets()) is not None:
            secrets.let_go()
        self._secrets_then = self._secrets_of(place)
        connection = state.connections.get(place.connection_id)
        app = state.apps.get(place.app_id)
        if connection is None and app is None:
            self._nothing(column)
            return
        if not self._recalled:
            self._recalled = True
            self._desk.asks.recall()
        item = connection or app
        assert item is not None
        if state.hidden(item.id):
            from adwarden.ui.details_hidden import write_hidden

            write_hidden(self._desk, column, item)
            return
        if connection is None:
            assert app is not None
            from adwarden.ui.details_app import write_app

            write_app(self._desk, column, app)
            return
        entry = state.entry(place.connection_id, place.account_id)
        user = next(
            (u for u in (entry.users if entry else None) or () if u.id == place.user_id), None
        )
        if entry is None:
            from adwarden.ui.details_connection import write_connection

            write_connection(self._desk, column, connection)
        elif user is not None:
            from adwarden.ui.details_user import write_user

            write_user(self._desk, column, connection, entry, user)
        else:
            from adwarden.ui.details_account import write_account

            limit = account_limit(self._desk, connection, entry.account.id)
            write_account(self._desk, column, connection, entry, limit)

    def _nothing(self, column: QVBoxLayout) -> None:
        column.addStretch(1)
        words = Text(
            "Select a connection, an ad account or a user to see what it opens.",
            role="dim",
            wraps=True,
        )
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)


def account_limit(desk: Desk, connection: Connection, account_id: str) -> KnownWindow | None:
    """Return the tightest rate limit that counts for this token on this ad account."""
    scope = f"{connection.app_id}/{connection.user_id}"
    return desk.state.account_limit(scope, account_id, desk.clock())
