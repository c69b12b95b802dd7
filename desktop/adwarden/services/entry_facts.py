"""What an entry says of itself beside its secrets, so that a lost index can be rebuilt from it.

Days are Unix seconds as text. Entries of before do not have them, nor has one that is full.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from adwarden.domain.model import Connection, Credential, XApp
from adwarden.storage.keychain_codec import LIMIT, in_full, text_length

PASTED = "pasted"
"""The fact ``origin`` of a token that came from the developer console."""

SINCE, APPROVED = "since", "approved"
"""When an app was added or a user authorized it, and when X approved the app for the Ads API.

The latter is empty where a person has said nothing of it."""

WRITTEN = "written"
"""When the entry itself was written, to the millisecond: of two about the same the later one has
the keys that were entered last."""


def of_app(app: XApp, secrets: Credential, home: str, now: float) -> Credential:
    """Return an app's secrets as they are kept.

    ``home`` is the mark of the data folder, ``now`` in Unix seconds.
    """
    facts = {
        "app": app.id,
        "label": app.label,
        "access": app.access.value,
        "note": app.note,
        "home": home,
    }
    days = {APPROVED: _day(app.approved_at), WRITTEN: f"{now:.3f}", SINCE: _day(app.added_at)}
    kind = f"{app.provider}-app"
    return _with_days(Credential(kind, MappingProxyType(dict(secrets.secrets)), facts), days)


def of_connection(connection: Connection, secrets: Credential, home: str, now: float) -> Credential:
    """Return a token as it is kept: whose it is, of which app, and since when; see ``of_app``."""
    facts = {
        "user_id": connection.user_id,
        "screen_name": connection.screen_name,
        "app": connection.app_id,
        "label": connection.label,
        "note": connection.note,
        "home": home,
    }
    if connection.pasted:
        facts["origin"] = PASTED
    days = {SINCE: _day(connection.authorized_at), WRITTEN: f"{now:.3f}"}
    return _with_days(replace(secrets, facts=facts), days)


def moment(facts: Mapping[str, str], name: str) -> float | None:
    """Return a day in Unix seconds; ``None`` where an entry does not tell, or tells nonsense."""
    try:
        seconds = float(facts.get(name, ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def written_at(facts: Mapping[str, str]) -> float:
    """Return when an entry was written, in Unix seconds.

    One that does not tell was not written before what it is about began, which it may tell.
    """
    told = moment(facts, WRITTEN)
    return (moment(facts, SINCE) or 0.0) if told is None else told


def _day(seconds: float | None) -> str:
    return "" if seconds is None else str(int(seconds))


def _with_days(credential: Credential, days: Mapping[str, str]) -> Credential:
    """Add days as far as there is room: what a person wrote and the secrets come first."""
    told = credential
    for name, day in days.items():
        more = replace(told, facts={**told.facts, name: day})
        if text_length(in_full(more)) <= LIMIT:
            told = more
    return replace(told, facts=MappingProxyType(dict(told.facts)))
