"""How a connection stands after X has answered: learned alike by refreshes and look-ups."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError, NotFoundError
from adwarden.domain.model import Connection, ConnectionState
from adwarden.domain.token_state import LOST
from adwarden.services.app_standing import AppStanding
from adwarden.services.events import ConnectionSaved
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.roster import LOST as GONE
from adwarden.services.roster import Roster
from adwarden.storage.directory import Directory

_STATE_AFTER = {
    ErrorCode.REVOKED: ConnectionState.REVOKED,
    ErrorCode.ENTRY_MISSING: ConnectionState.NEEDS_AUTHORIZATION,
    ErrorCode.ENTRY_DAMAGED: ConnectionState.NEEDS_AUTHORIZATION,
    ErrorCode.APP_KEYS: ConnectionState.ATTENTION,
    ErrorCode.APP_SUSPENDED: ConnectionState.ATTENTION,
    ErrorCode.APP_NOT_APPROVED: ConnectionState.ATTENTION,
    ErrorCode.APP_NOT_ENROLLED: ConnectionState.ATTENTION,
    ErrorCode.USER_SUSPENDED: ConnectionState.ATTENTION,
    ErrorCode.USER_LOCKED: ConnectionState.ATTENTION,
    ErrorCode.CLOCK: ConnectionState.ATTENTION,
}
_OF_TOKEN = frozenset(
    {
        ErrorCode.REVOKED,
        ErrorCode.ENTRY_MISSING,
        ErrorCode.ENTRY_DAMAGED,
        ErrorCode.APP_NOT_APPROVED,
        ErrorCode.USER_SUSPENDED,
        ErrorCode.USER_LOCKED,
    }
)
"""What shows that X, or the place of secrets, has looked at the token itself.

The others come before X gets to it: a wrong clock, the app's keys, an app that is suspended or of
no project, the way to X. They do not bring a token back that is known to be lost.
"""


def tells_of_connection(error: AdwardenError) -> bool:
    """Tell whether an error is about the whole connection, whatever was being asked for."""
    return error.code in _STATE_AFTER


class Standing:
    """Saves and tells what was learned with a connection's token."""

    def __init__(
        self, roster: Roster, index: Index, hub: Hub, clock: Callable[[], float] = time.time
    ) -> None:
        self._roster, self._index, self._hub = roster, index, hub
        self._clock = clock
        self.apps = AppStanding(roster, index, hub)

    async def works(self, connection: Connection, now: float) -> None:
        """Note that everything has been fetched; ``now`` is in Unix seconds."""
        await self.note(connection, state=ConnectionState.WORKING, checked_at=now, error="")
        await self.apps.used(connection.app_id, None)

    async def failed(self, connection: Connection, error: AdwardenError) -> None:
        """Note what stopped the work with a connection, and the state that it is in by that."""
        state = _STATE_AFTER.get(error.code)
        changed = {} if state is None else {"state": state}
        gone = isinstance(error, KeychainError) and error.code in GONE
        of = error.entry if isinstance(error, KeychainError) and gone else ""
        unseen = error.code not in _OF_TOKEN
        await self.note(connection, of=of, unseen=unseen, error=str(error), **changed)
        await self.apps.used(connection.app_id, error)

    async def note(
        self,
        connection: Connection,
        *,
        of: str = "",
        unseen: bool = False,
        **learned: Any,  # noqa: ANN401
    ) -> None:
        """Save and tell what was learned with this token, unless it has been replaced meanwhile.

        The connection is read again, as it may have changed since the work began; the token may
        have got an entry of another name. ``of`` is the entry that this is true of, where it is of
        no other with the same token. ``unseen`` is whether X has not come to the token itself.
        """
        if "error" in learned:
            learned["error_at"] = float(round(self._clock())) if learned["error"] else None
        while True:
            try:
                current = self._roster.connection(connection.id)
            except NotFoundError:
                return
            if not self._roster.same_secrets(connection.entry, current.entry):
                return
            if of not in ("", current.entry):
                return
            noted = replace(current, **_learned(current, learned, unseen=unseen))
            if await self._index.run(partial(Directory.note_connection, connection=noted)):
                break
            if self._entry_now(connection.id) == current.entry:
                return
        self._roster.put_connection(noted)
        if self._roster.hidden(noted.id) is None:
            self._hub.emit(ConnectionSaved(noted))

    def _entry_now(self, connection_id: str) -> str:
        found = (one.entry for one in self._roster.connections if one.id == connection_id)
        return next(found, "")


def _learned(current: Connection, learned: Mapping[str, Any], *, unseen: bool) -> Mapping[str, Any]:
    """Leave the state out while the token is being revoked: what it still does changes nothing.

    Also where it is lost, and what was learned is not of the token.
    """
    if current.state is not ConnectionState.REVOKING and not (unseen and current.state in LOST):
        return learned
    return {
        name: value for name, value in learned.items() if name not in ("state", "error", "error_at")
    }
