"""Whether a connection's token works at all, from what X last said of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adwarden.domain.model import Connection, ConnectionState

APP_REFUSED = "The X app is not approved for the Ads API"
APP_SUSPENDED = "The X app is suspended"
USER_SUSPENDED = "This X user is suspended"
USER_LOCKED = "This X user is locked"
"""The titles of errors by which X refuses everything, until somebody settles that with X."""

LOST = (ConnectionState.REVOKED, ConnectionState.NEEDS_AUTHORIZATION)
"""States in which a token does nothing any more, whatever it was allowed."""

_AGAIN = "it has to be authorized again first"
_WHY: Mapping[ConnectionState, str] = MappingProxyType(
    {
        ConnectionState.REVOKED: f"this connection is revoked; {_AGAIN}",
        ConnectionState.NEEDS_AUTHORIZATION: f"this connection works no longer; {_AGAIN}",
    }
)
_REFUSED: Mapping[str, str] = MappingProxyType(
    {
        APP_REFUSED: "X has not opened the Ads API to the X app",
        APP_SUSPENDED: "X has suspended the X app",
        USER_SUSPENDED: "X has suspended this user",
        USER_LOCKED: "X has locked this user until they prove who they are",
    }
)


def stopped(connection: Connection) -> str:
    """Return why the token of a connection can do nothing now; empty where it may work.

    One that is being revoked works until X has said that it does not.
    """
    if connection.state is ConnectionState.ATTENTION:
        found = (why for title, why in _REFUSED.items() if connection.error.startswith(title))
        return next(found, "")
    return _WHY.get(connection.state, "")
