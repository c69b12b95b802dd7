"""The page of a connection: whose token it is, whether it works, and how old what we know is."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from adwarden.domain.model import Connection, ConnectionState
from adwarden.ui.details_parts import (
    Fact,
    Facts,
    box,
    buttons,
    fetched_fact,
    heading,
    own_note,
    sub,
    title,
)
from adwarden.ui.details_place import Desk
from adwarden.ui.parts import Mark, Text
from adwarden.ui.phrases import (
    PLACE_WORDS,
    STATE_WORDS,
    TOKEN_LEVEL_WORDS,
    failed,
    is_past,
    reach,
    since,
)

_STATE_MARKS = {
    ConnectionState.WORKING: ("ok", "circle-check"),
    ConnectionState.REVOKED: ("error", "ban"),
    ConnectionState.ATTENTION: ("warn", "triangle-alert"),
    ConnectionState.NEEDS_AUTHORIZATION: ("warn", "triangle-alert"),
    ConnectionState.REVOKING: ("warn", "ban"),
    ConnectionState.UNKNOWN: ("dim", "circle-help"),
}


def write_connection(desk: Desk, column: QVBoxLayout, connection: Connection) -> None:
    """Write the page."""
    state = desk.state
    app = state.apps.get(connection.app_id)
    told = reach(state.count(connection.id), connection.checked_at)
    column.addWidget(title(connection.handle))
    column.addWidget(sub(f"Connection · {told}"))
    role, icon = _STATE_MARKS[connection.state]
    row = QHBoxLayout()
    row.setSpacing(6)
    row.addWidget(Mark(desk.icons, icon, "bad" if role == "error" else role, 14))
    refreshing = state.refreshing(connection.id)
    words = STATE_WORDS[connection.state] + (" · refreshing…" if refreshing else "")
    row.addWidget(Text(words, role=role), 1)
    column.addLayout(row)
    if connection.error:
        when = failed(connection, desk.clock())
        told = f"{when[:1].upper()}{when[1:]}"
        weight = "info" if is_past(connection) else "bad"
        column.addWidget(box(desk.icons, weight, told, connection.error))
    level = TOKEN_LEVEL_WORDS.get(connection.access_level, connection.access_level)
    own = (Fact("Name", connection.label),) if connection.label else ()
    facts = (
        *own,
        Fact("User ID", connection.user_id, copies=True),
        Fact("X app", app.label if app else "Not known"),
        Fact(
            "Pasted" if connection.pasted else "Authorized",
            since(connection.authorized_at),
            _older(desk, connection),
        ),
        # Not "Checked": a check looks whether the token works, and makes none of this newer.
        fetched_fact("Refreshed", connection.checked_at, desk.clock(), desk.stale_after),
        Fact("Token access", level or "Not known"),
        Fact("Kept in", PLACE_WORDS.get(connection.place, connection.place)),
    )
    column.addWidget(Facts(facts, desk.icons, desk.clipboard))
    if connection.note:
        column.addWidget(own_note(connection.note))
    secrets = desk.asks.secrets()
    if secrets is not None:
        secrets.write(column, connection, desk.settings, heading("Secrets"))
    column.addSpacing(4)
    handles = None
    if not refreshing:
        handles = state.lookups.handles_of(connection.id, "", state.entries(connection.id))
    if handles is not None:
        from adwarden.ui.details_lookups import write_handles  # no part of the first picture

        write_handles(desk, column, connection, "", *handles)
    buttons(
        column,
        ("Refresh", "Refresh this connection", desk.asks.refresh, connection.id),
        ("Check", "Check this connection", partial(desk.asks.check, ""), connection.id),
        ("Reconnect", "Reconnect", desk.asks.reconnect, connection.id),
        ("Edit …", "Edit connection", desk.asks.edit_connection, connection.id),
        ("Token …", "Add token", partial(_add_token, desk), connection.id),
        ("Hand over …", "Hand over this connection", partial(_hand_over, desk), connection.id),
        ("Try …", "Try a request", partial(_try_request, desk), connection.id),
        ("Disconnect", "Disconnect", desk.asks.disconnect, connection.id),
        ("History", "History of this connection", partial(_history, desk), connection.id),
    )


def _add_token(desk: Desk, connection_id: str) -> None:
    desk.asks.add_token("", connection_id)


def _hand_over(desk: Desk, connection_id: str) -> None:
    desk.asks.hand_over(connection_id, "")


def _try_request(desk: Desk, connection_id: str) -> None:
    desk.asks.try_request(connection_id, "")


def _history(desk: Desk, connection_id: str) -> None:
    desk.asks.history(connection_id, "")


def _older(desk: Desk, connection: Connection) -> str:
    """Say where the token is older than the app's approval, which X never forgives."""
    app = desk.state.apps.get(connection.app_id)
    if app is None or app.approved_at is None:
        return ""
    from adwarden.domain.app_facts import is_older  # few have said that day: no start needs it

    if not is_older(connection, app):
        return ""
    return "Before X approved the app for the Ads API: reconnect to get a token that works there."
