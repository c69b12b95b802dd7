"""What an entry says of itself beside its secrets, so that a lost index can be rebuilt from it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from adwarden.domain.model import Connection, Credential, XApp

PASTED = "pasted"
"""The fact ``origin`` of a token that came from the developer console."""


def of_app(app: XApp, secrets: Credential, home: str) -> Credential:
    """Return an app's secrets as they are kept; ``home`` is the mark of the data folder."""
    facts = {
        "app": app.id,
        "label": app.label,
        "access": app.access.value,
        "note": app.note,
        "home": home,
    }
    kind = f"{app.provider}-app"
    return Credential(kind, MappingProxyType(dict(secrets.secrets)), MappingProxyType(facts))


def of_connection(connection: Connection, secrets: Credential, home: str) -> Credential:
    """Return a token as it is kept: whose it is, and of which app."""
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
    return replace(secrets, facts=MappingProxyType(facts))
