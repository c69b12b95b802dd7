"""The page of an ad account through one connection: who can do what, and what that rests on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout

from adwarden.domain.model import AccountEntry, Connection, XApp
from adwarden.domain.permissions import Basis, Capability, Method, capabilities, method
from adwarden.domain.token_state import LOST
from adwarden.ui.badge_paint import BadgeRow
from adwarden.ui.badges import account_badges
from adwarden.ui.details_lookups import write_lookups
from adwarden.ui.details_methods import write_methods
from adwarden.ui.details_parts import (
    Answers,
    Fact,
    Facts,
    Meter,
    box,
    buttons,
    caption,
    fetched_fact,
    heading,
    sub,
    title,
)
from adwarden.ui.details_place import Desk
from adwarden.ui.phrases import APPROVAL_WORDS, STATE_WORDS, ago, api_time, until

if TYPE_CHECKING:
    from adwarden.providers.base import KnownWindow

_METHOD_NOTES = {
    Method.ADVERTISER: "The connection’s user is this ad account’s own Full promotable user.",
    Method.DEVELOPER: "The advertiser gave {handle} access to this ad account.",
    Method.UNKNOWN: "Known once the promotable users are fetched.",
}
_TOGETHER = 90.0
"""Seconds between two calls that count as one."""


def write_account(
    desk: Desk,
    column: QVBoxLayout,
    connection: Connection,
    entry: AccountEntry,
    limit: KnownWindow | None,
) -> None:
    """Write the page; ``limit`` is the tightest rate limit of this token here."""
    account, now = entry.account, desk.clock()
    column.addWidget(title(account.name or account.id))
    column.addWidget(sub(f"Ad account · through {connection.handle}"))
    badges = account_badges(entry)
    if badges:
        column.addWidget(BadgeRow(desk.painter, badges))
    if connection.state in LOST:
        state = STATE_WORDS[connection.state].lower()
        told = f"What X told of this ad account was so {ago(entry.known_at, now)}."
        words = f"This connection is {state}. {told}"
        column.addWidget(box(desk.icons, "warn", words))
    for error in dict.fromkeys(filter(None, (entry.access_error, entry.users_error))):
        column.addWidget(box(desk.icons, "bad", error))
    column.addWidget(Facts(_facts(desk, connection, entry), desk.icons, desk.clipboard))
    app = desk.state.apps.get(connection.app_id)
    if app is not None:
        answers = _answers(connection, entry, app)
        column.addSpacing(6)
        column.addWidget(heading("Can I …"))
        column.addWidget(caption(_legend()))
        column.addWidget(Answers(answers, desk.icons))
        column.addSpacing(6)
        write_methods(desk, column, connection, entry, app.access)
    column.addSpacing(6)
    write_lookups(desk, column, connection, entry)
    history = partial(desk.asks.history, connection.id)
    tries = partial(desk.asks.try_request, connection.id)
    buttons(
        column,
        # Short, the longer ones below each other: the smallest window’s pane is narrow.
        ("Hand over …", "Hand over …", partial(desk.asks.hand_over, connection.id), account.id),
        ("History", "History of this ad account", history, account.id),
        ("Find token", "Which token …", partial(desk.asks.find, connection.id), account.id),
        ("Try …", "Try a request", tries, account.id),
    )
    if limit is not None:
        window = limit.window
        column.addSpacing(6)
        column.addWidget(heading("Requests left for this account"))
        words = f"{window.remaining:,} of {window.limit:,} · resets {until(window.resets_at, now)}"
        column.addWidget(Meter(words, window.remaining, window.limit))


def _facts(desk: Desk, connection: Connection, entry: AccountEntry) -> list[Fact]:
    account = entry.account
    how = method(connection, entry)
    approval = APPROVAL_WORDS.get(account.approval_status, account.approval_status)
    business = account.business_name or account.business_id
    return [
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
        *_fetched(desk, entry),
    ]


def _fetched(desk: Desk, entry: AccountEntry) -> list[Fact]:
    """Say how old it all is, and each part where they are not of one age."""
    now, stale_after = desk.clock(), desk.stale_after
    access, users = entry.access_at, entry.users_at
    if access is None or users is None or abs(access - users) < _TOGETHER:
        return [fetched_fact("Fetched", entry.known_at, now, stale_after)]
    return [
        fetched_fact("Permissions", access, now, stale_after),
        fetched_fact("Users", users, now, stale_after),
        Fact("Last asked", ago(entry.fetched_at, now)),
    ]


def _answers(connection: Connection, entry: AccountEntry, app: XApp) -> list[Capability]:
    # The error stands above already; eleven times more would hide the rest.
    known = f": {entry.access_error}"
    return [
        replace(item, reason=item.reason.removesuffix(known)) if entry.access_error else item
        for item in capabilities(connection, entry, app.access)
    ]


def _legend() -> str:
    told = (
        f"{basis.words.capitalize()}: {basis.meaning}."
        for basis in Basis
        if basis is not Basis.UNREAD
    )
    return " ".join(told)
