"""Finds what is listed and has no entry any more: somebody removed it in the system's own program.

Looked at are places that can be read at once. Elsewhere the system might ask a person about each
entry; there a ``Check`` or a refresh finds what is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import partial

from adwarden.domain.errors import KeychainError, NotFoundError
from adwarden.domain.model import Connection, ConnectionState, XApp
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.roster import LOST, Roster, app_keys, entry_of, secrets_of
from adwarden.services.standing import Standing
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.vault import Vault

_SAID = (ConnectionState.NEEDS_AUTHORIZATION, ConnectionState.REVOKED, ConnectionState.REVOKING)
"""States that say already what there is to do."""


class Absent:
    """Notes it: a connection needs authorization then, and an app its keys."""

    def __init__(self, roster: Roster, index: Index, places: Places, hub: Hub) -> None:
        self._roster, self._places = roster, places
        self._standing = Standing(roster, index, hub)

    async def note(self, place: str) -> int:
        """Note what is missing of a place, and return how much.

        Raises ``KeychainError`` where it cannot be read.
        """
        rows: tuple[XApp | Connection, ...] = (
            *(one for one in self._roster.apps if one.place == place),
            *(one for one in self._roster.connections if one.place == place),
        )
        gone = await self._gone(place, rows, one_by_one=False)
        for row in gone:
            with suppress(NotFoundError):
                if isinstance(row, XApp):
                    await self._app(row)
                elif row.state not in _SAID:
                    await self._connection(row)
        return len(gone)

    async def lost(self, rows: Iterable[XApp | Connection]) -> frozenset[str]:
        """Return the ids of those rows whose entry is gone, also where each is read by itself.

        A place that cannot be read now tells of none.
        """
        of_place: dict[str, list[XApp | Connection]] = {}
        for row in rows:
            of_place.setdefault(row.place, []).append(row)
        found: set[str] = set()
        for place, there in of_place.items():
            with suppress(KeychainError):
                found.update(one.id for one in await self._gone(place, there, one_by_one=True))
        return frozenset(found)

    async def _gone(
        self, place: str, rows: Collection[XApp | Connection], *, one_by_one: bool
    ) -> list[XApp | Connection]:
        names = {one.id: EntryName(*entry_of(one)[:2]) for one in rows}
        call = partial(_missing, frozenset(names.values()), one_by_one=one_by_one)
        missing = await self._places.of(place).call(call)
        return [row for row in rows if names[row.id] in missing]

    # Each is read once more by itself: it may have got an entry of another name meanwhile.

    async def _app(self, app: XApp) -> None:
        try:
            await app_keys(self._roster, self._places, app)
        except KeychainError as error:
            await self._standing.apps.used(app.id, error)

    async def _connection(self, connection: Connection) -> None:
        try:
            await secrets_of(self._roster, self._places, connection)
        except KeychainError as error:
            if error.code in LOST:
                await self._standing.failed(connection, error)


def _missing(
    names: frozenset[EntryName], vault: Vault, *, one_by_one: bool
) -> frozenset[EntryName]:
    """Return the names without an entry, on the place's own thread: no secret leaves it."""
    found = vault.read_all(names) if vault.reads_at_once or one_by_one else {}
    return frozenset(
        name
        for name, what in found.items()
        if isinstance(what, KeychainError) and what.code in LOST
    )
