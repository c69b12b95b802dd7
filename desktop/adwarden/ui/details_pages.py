"""The pages of the details: one builder for each kind of thing that can be selected.

They read the state and write widgets; what a person asks for goes out through ``Asks``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, Connection, ConnectionState, XApp
from adwarden.domain.permissions import Capability, Method, capabilities, method
from adwarden.providers.base import KnownWindow
from adwarden.ui.badge_paint import BadgePainter, BadgeRow
from adwarden.ui.badges import account_badges, user_badges
from adwarden.ui.clipboard import Clipboard
from adwarden.ui.details_parts import Answers, Fact, Facts, Meter, heading, title
from adwarden.ui.icons import Icons
from adwarden.ui.parts import Mark, Text, breakable, line, make_button
from adwarden.ui.phrases import (
    ACCESS_WORDS,
    APPROVAL_WORDS,
    STATE_WORDS,
    TOKEN_LEVEL_WORDS,
    ago,
    api_time,
    exact,
    reach,
    until,
)
from adwarden.ui.search import visible
from adwarden.ui.store import State
from adwarden.ui.tree_nodes import user_name

_STATE_MARKS = {
    ConnectionState.WORKING: ("ok", "circle-check"),
    ConnectionState.REVOKED: ("error", "ban"),
    ConnectionState.ATTENTION: ("warn", "triangle-alert"),
    ConnectionState.NEEDS_AUTHORIZATION: ("warn", "triangle-alert"),
    ConnectionState.UNKNOWN: ("dim", "circle-help"),
}
_METHOD_NOTES = {
    Method.ADVERTISER: "The connection’s user is this ad account’s own Full promotable user.",
    Method.DEVELOPER: "The advertiser gave {handle} access to this ad account.",
    Method.UNKNOWN: "Known once the promotable users are fetched.",
}
_USER_TYPES = {
    "FULL": ("Full", "The ad account may promote this user and all of the user’s posts."),
    "RETWEETS_ONLY": ("Retweets only", "The ad account may promote reposts of this user’s posts."),
}


@dataclass(frozen=True, slots=True)
class Place:
    """What is selected; the parts that do not apply are empty."""

    app_id: str = ""
    connection_id: str = ""
    account_id: str = ""
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Asks:
    """What a page can ask for, each with the id of an app or a connection."""

    refresh: Callable[[str], None]
    reconnect: Callable[[str], None]
    disconnect: Callable[[str], None]
    connect: Callable[[str], None]
    remove_app: Callable[[str], None]
    renew_app: Callable[[str], None]


class Pages:
    """Writes the page of a place into a column."""

    def __init__(
        self,
        state: State,
        icons: Icons,
        clipboard: Clipboard,
        clock: Callable[[], float],
        asks: Asks,
    ) -> None:
        self._state, self._icons, self._clipboard = state, icons, clipboard
        self._clock = clock
        self._asks = asks
        self._painter = BadgePainter(icons)

    def known(self, place: Place) -> object:
        """Return everything that the page depends on, to tell whether it would differ."""
        state = self._state
        connection = state.connections.get(place.connection_id)
        app = state.apps.get(connection.app_id if connection else place.app_id)
        limit = self._limit(connection, place.account_id) if connection else None
        minutes = int(self._clock() // 60)
        return (
            place, app, connection, state.entry(place.connection_id, place.account_id), limit,
            state.count(place.connection_id), state.refreshing(place.connection_id), minutes,
            state.tokens(app) if app else None, bool(state.connections), bool(state.apps),
        )  # fmt: skip

    def fill(self, column: QVBoxLayout, place: Place) -> None:
        """Write the page, or the calm hint when the place is empty or gone."""
        state = self._state
        connection = state.connections.get(place.connection_id)
        if connection is None:
            app = state.apps.get(place.app_id)
            if app is not None:
                self._app(column, app)
            else:
                self._nothing(column)
            return
        entry = state.entry(place.connection_id, place.account_id)
        if entry is None:
            self._connection(column, connection)
        elif place.user_id:
            self._user(column, connection, entry, place.user_id)
        else:
            self._account(column, connection, entry)

    def _nothing(self, column: QVBoxLayout) -> None:
        column.addStretch(1)
        words = Text(
            "Select a connection, an ad account or a user to see what it opens.",
            role="dim",
            wraps=True,
        )
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)

    def _app(self, column: QVBoxLayout, app: XApp) -> None:
        column.addWidget(title(app.label))
        column.addWidget(Text("X app", role="dim"))
        access = "Not known" if app.access.value == "unknown" else ACCESS_WORDS[app.access]
        facts = [Fact("App access", access), Fact("Added", exact(app.added_at))]
        facts.append(Fact("Connections", str(len(self._state.connections_of(app.id)))))
        column.addWidget(Facts(facts, self._icons, self._clipboard))
        tokens = self._state.tokens(app)
        if tokens:
            used, most = tokens
            column.addWidget(Meter(f"{used} of {most} tokens used", min(used, most), most))
            note = "Apps approved before July 2023 may be limited to five tokens."
            column.addWidget(Text(note, role="caption", wraps=True))
        self._buttons(
            column,
            ("Enter the keys again", "Enter the keys again", self._asks.renew_app, app.id),
            ("Connect", "Connect an account to this app", self._asks.connect, app.id),
            ("Remove", "Remove this X app", self._asks.remove_app, app.id),
        )

    def _connection(self, column: QVBoxLayout, connection: Connection) -> None:
        app = self._state.apps.get(connection.app_id)
        column.addWidget(title(connection.handle))
        column.addWidget(
            Text(
                f"Connection · {reach(self._state.count(connection.id), connection.checked_at)}",
                role="dim",
            )
        )
        role, icon = _STATE_MARKS[connection.state]
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(Mark(self._icons, icon, "bad" if role == "error" else role, 14))
        refreshing = self._state.refreshing(connection.id)
        words = STATE_WORDS[connection.state] + (" · refreshing…" if refreshing else "")
        row.addWidget(Text(words, role=role), 1)
        column.addLayout(row)
        if connection.error:
            column.addWidget(self._problem(connection.error))
        level = TOKEN_LEVEL_WORDS.get(connection.access_level, connection.access_level)
        facts = (
            Fact("User ID", connection.user_id, copies=True),
            Fact("X app", app.label if app else "Not known"),
            Fact("Authorized", exact(connection.authorized_at)),
            Fact("Checked", ago(connection.checked_at, self._clock())),
            Fact("Token access", level or "Not known"),
        )
        column.addWidget(Facts(facts, self._icons, self._clipboard))
        column.addSpacing(4)
        self._buttons(
            column,
            ("Refresh", "Refresh this connection", self._asks.refresh, connection.id),
            ("Reconnect", "Reconnect", self._asks.reconnect, connection.id),
            ("Disconnect", "Disconnect", self._asks.disconnect, connection.id),
        )

    def _account(self, column: QVBoxLayout, connection: Connection, entry: AccountEntry) -> None:
        account, now = entry.account, self._clock()
        column.addWidget(title(account.name or account.id))
        column.addWidget(_sub(f"Ad account · through {connection.handle}"))
        badges = account_badges(entry)
        if badges:
            column.addWidget(BadgeRow(self._painter, badges))
        for error in filter(None, (entry.access_error, entry.users_error)):
            column.addWidget(self._problem(error))
        how = method(connection, entry)
        approval = APPROVAL_WORDS.get(account.approval_status, account.approval_status)
        business = account.business_name or account.business_id
        facts = [
            Fact("Account ID", account.id, copies=True),
            Fact("Approval", approval or "Not told"),
            Fact("Time zone", account.timezone or "Not told"),
            Fact("Created", api_time(account.created_at) or "Not told"),
            *([Fact("Business", business)] if business else []),
            *([Fact("Industry", account.industry_type)] if account.industry_type else []),
            *([Fact("Deleted", "Yes")] if account.deleted else []),
            Fact(
                "Method",
                how.words[:1].upper() + how.words[1:],
                _METHOD_NOTES[how].format(handle=connection.handle),
            ),
            Fact("Fetched", ago(entry.fetched_at, now)),
        ]
        column.addWidget(Facts(facts, self._icons, self._clipboard))
        column.addSpacing(6)
        column.addWidget(heading("Can I …"))
        app = self._state.apps.get(connection.app_id)
        if app is not None:
            column.addWidget(Answers(self._answers(connection, entry, app), self._icons))
        limit = self._limit(connection, account.id)
        if limit is not None:
            window = limit.window
            column.addSpacing(6)
            column.addWidget(heading("Requests left for this account"))
            words = f"{window.remaining:,} of {window.limit:,} · resets"
            column.addWidget(
                Meter(f"{words} {until(window.resets_at, now)}", window.remaining, window.limit)
            )

    def _user(
        self, column: QVBoxLayout, connection: Connection, entry: AccountEntry, user_id: str
    ) -> None:
        user = next((item for item in entry.users or () if item.id == user_id), None)
        if user is None:
            self._account(column, connection, entry)
            return
        column.addWidget(title(user_name(connection, user)))
        name = entry.account.name or entry.account.id
        column.addWidget(_sub(f"Promotable user of {name}"))
        badges = user_badges(user)
        if badges:
            column.addWidget(BadgeRow(self._painter, badges))
        words, note = _USER_TYPES.get(user.type, (user.type, "X’s documents do not describe it."))
        facts = [
            Fact("User ID", user.user_id, copies=True),
            Fact("Handle", f"@{user.handle}" if user.handle else "Not looked up"),
            Fact("Type", words, note),
            *([Fact("Deleted", "Yes")] if user.deleted else []),
            Fact("Created", api_time(user.created_at) or "Not told"),
            Fact("Account ID", entry.account.id, copies=True),
            Fact("Fetched", ago(entry.fetched_at, self._clock())),
        ]
        column.addWidget(Facts(facts, self._icons, self._clipboard))

    def _answers(self, connection: Connection, entry: AccountEntry, app: XApp) -> list[Capability]:
        # The error stands above already; eleven times more would hide the rest.
        known = f": {entry.access_error}"
        return [
            replace(item, reason=item.reason.removesuffix(known)) if entry.access_error else item
            for item in capabilities(connection, entry, app.access)
        ]

    def _problem(self, words: str) -> QWidget:
        frame = QFrame()
        frame.setProperty("banner", "bad")
        row = QHBoxLayout(frame)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(8)
        mark = Mark(self._icons, "triangle-alert", "bad", 14, height=19)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Text(breakable(visible(words)), wraps=True, selectable=True), 1)
        return frame

    def _buttons(
        self, column: QVBoxLayout, *buttons: tuple[str, str, Callable[[str], None], str]
    ) -> None:
        column.addWidget(line())
        grid = QGridLayout()
        grid.setSpacing(8)
        odd = len(buttons) % 2
        for index, (words, name, ask, target) in enumerate(buttons):
            button = make_button(words, name=name)
            button.clicked.connect(lambda _=False, run=ask, who=target: run(who))
            place = index + odd if index else 0
            grid.addWidget(button, place // 2, place % 2, 1, 2 if odd and not index else 1)
        column.addLayout(grid)

    def _limit(self, connection: Connection, account_id: str) -> KnownWindow | None:
        scope = f"{connection.app_id}/{connection.user_id}"
        return self._state.account_limit(scope, account_id, self._clock())


def _sub(words: str) -> Text:
    return Text(breakable(visible(words)), role="dim", wraps=True)
