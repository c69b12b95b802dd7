"""Apps and connections with their secrets, read from all the places that keep them."""

from __future__ import annotations

from collections.abc import Iterable

from adwarden.domain.backup_taking import Saved
from adwarden.domain.errors import KeychainError, NotFoundError
from adwarden.domain.model import Connection, Credential, XApp
from adwarden.services.places import Places
from adwarden.services.roster import LOST, Kept, Roster, entry_of, read_row
from adwarden.storage.keychain_status import EntryName


async def read_kept(
    roster: Roster, places: Places, rows: Iterable[XApp | Connection]
) -> tuple[Saved, ...]:
    """Return rows with their secrets, each place read in one go where it can.

    What is gone or damaged has none, and nor has what was in a file that is gone. A row whose
    entry was replaced by another just now is told as it is since. Raises ``KeychainError`` for
    any other place that cannot be read.
    """
    rows = tuple(rows)
    names: dict[str, list[EntryName]] = {}
    for row in rows:
        service, username, place = entry_of(row)
        names.setdefault(place, []).append(EntryName(service, username))
    found: dict[Kept, Credential | KeychainError] = {}
    for place, wanted in names.items():
        try:
            read = await places.read_all(place, wanted)
        except KeychainError as error:
            if not await places.is_lost(place):
                raise
            read = dict.fromkeys(wanted, error)
        found |= {Kept(*name, place): one for name, one in read.items()}
    told: list[Saved] = []
    for row in rows:
        now, credential = row, found[entry_of(row)]
        if isinstance(credential, KeychainError):
            now, credential = await _since(roster, places, row, credential)
        if isinstance(credential, Credential):
            told.append(Saved(now, credential))
        elif credential.code in LOST or await places.is_lost(now.place):
            told.append(Saved(now, None))
        else:
            raise credential
    return tuple(told)


async def _since(
    roster: Roster, places: Places, row: XApp | Connection, error: KeychainError
) -> tuple[XApp | Connection, Credential | KeychainError]:
    """Return what is listed by now in place of a row that could not be read, or its error."""
    try:
        if entry_of(now := roster.now(row)) == entry_of(row):
            return row, error
        return await read_row(roster, places, now)
    except NotFoundError:
        return row, error
    except KeychainError as since:
        return roster.now(row), since
