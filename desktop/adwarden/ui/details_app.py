"""The page of an X app: its access, and the facts that explain why calls fail."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout

from adwarden.domain.app_facts import AppFact, Weight, app_facts
from adwarden.domain.model import AppAccess, XApp
from adwarden.storage.settings import API_VERSION
from adwarden.ui.details_parts import (
    Asked,
    Fact,
    Facts,
    Meter,
    box,
    buttons,
    caption,
    heading,
    own_note,
    title,
)
from adwarden.ui.details_place import Desk
from adwarden.ui.parts import Text
from adwarden.ui.phrases import ACCESS_WORDS, PLACE_WORDS, day, since

_LEVELS = {Weight.WARN: "warn", Weight.ERROR: "bad"}


def write_app(desk: Desk, column: QVBoxLayout, app: XApp) -> None:
    """Write the page."""
    connections = desk.state.connections_of(app.id)
    access = "Not known" if app.access is AppAccess.UNKNOWN else ACCESS_WORDS[app.access]
    approved = app.approved_at
    column.addWidget(title(app.label))
    column.addWidget(Text("X app", role="dim"))
    facts = [
        Fact("App access", access),
        Fact("Approved", "Not noted" if approved is None else day(approved)),
        Fact("Added", since(app.added_at)),
        Fact("Connections", str(len(connections))),
        Fact("Kept in", PLACE_WORDS.get(app.place, app.place)),
    ]
    column.addWidget(Facts(facts, desk.icons, desk.clipboard))
    found = app_facts(app, connections, desk.settings.get(API_VERSION))
    if app.note:
        column.addWidget(own_note(app.note))
    # What needs a person first.
    for fact in sorted(found, key=lambda one: one.weight is Weight.INFO):
        _write_fact(desk, column, fact)
    secrets = desk.asks.secrets()
    if secrets is not None:
        secrets.write(column, app, desk.settings, heading("Secrets"))
    buttons(column, *_asked(desk, app, bool(connections)))


def _asked(desk: Desk, app: XApp, connected: bool) -> tuple[Asked, ...]:
    """Return the buttons, in an order in which two of them fit beside each other."""
    asks = desk.asks
    connect = ("Connect", "Connect an account to this app", asks.connect, app.id)
    check = ("Check", "Check this X app", partial(_check, desk), app.id)
    keys = ("New keys …", "Enter the keys again", asks.renew_app, app.id)
    edit = ("Edit …", "Edit X app", asks.edit_app, app.id)
    approval = ("Approval …", "Note the day of the approval", asks.note_approval, app.id)
    token = ("Token …", "Add token", partial(_add_token, desk), app.id)
    leave = ("Leave …", "Leave this X app", partial(_leave, desk), app.id)
    remove = ("Remove", "Remove this X app", asks.remove_app, app.id)
    if connected:
        return connect, check, keys, edit, approval, token, leave, remove
    # Nobody can be left, and the first of an odd number has a line of its own.
    return connect, keys, check, approval, edit, token, remove


def _check(desk: Desk, app_id: str) -> None:
    desk.asks.check(app_id, "")


def _leave(desk: Desk, app_id: str) -> None:
    desk.asks.leave(app_id, "")


def _add_token(desk: Desk, app_id: str) -> None:
    desk.asks.add_token(app_id, "")


def _write_fact(desk: Desk, column: QVBoxLayout, fact: AppFact) -> None:
    level = _LEVELS.get(fact.weight)
    column.addSpacing(4)
    if fact.of:
        column.addWidget(Meter(fact.title, min(fact.used, fact.of), fact.of))
    if level is not None:
        lead = "No tokens left to be sure of" if fact.of else fact.title
        column.addWidget(box(desk.icons, level, lead, fact.message, fact.remedy))
        return
    if not fact.of:
        column.addWidget(heading(fact.title))
    column.addWidget(caption(f"{fact.message} {fact.remedy}".strip()))
