"""Apps and connections with their secrets, read from all the places that keep them."""

from __future__ import annotations

from collections.abc import Iterable

from adwarden.domain.backup import Saved
from adwarden.domain.errors import KeychainError
from adwarden.domain.model import Connection, Credential, XApp
from adwarden.services.places import Places
from adwarden.services.roster import LOST, Kept, Roster, entry_of
from adwarden.storage.keychain_status import EntryName


async def read_kept(
    roster: Roster, places: Places, rows: Iterable[XApp | Connection], *, again: bool = True
) -> tuple[Saved, ...]:
    """Return rows with their secrets, each place read in one go where it can.

    What is gone or damaged has none, and nor has what was in a file that is gone; ``again`` looks
    once more for an entry that was replaced by another just now. Raises ``KeychainError`` for any
    other place that cannot be read.
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
        credential = found[entry_of(row)]
        if isinstance(credential, Credential):
            told.append(Saved(row, credential))
            continue
        if credential.code not in LOST and not await places.is_lost(entry_of(row).place):
            raise credential
        now = _now(roster, row)
        if again and now is not None and entry_of(now) != entry_of(row):
            told += await read_kept(roster, places, (now,), again=False)
        else:
            told.append(Saved(row, None))
    return tuple(told)


def _now(roster: Roster, row: XApp | Connection) -> XApp | Connection | None:
    alike = (one for one in roster.everything if isinstance(one, XApp) == isinstance(row, XApp))
    return next((one for one in alike if one.id == row.id), None)
