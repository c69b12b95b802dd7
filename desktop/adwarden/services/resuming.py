"""Which refreshes go on by themselves: those that were cut off, and that nobody has stopped."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from adwarden.domain.model import Connection, ConnectionState
from adwarden.domain.token_state import LOST
from adwarden.services.index import Index
from adwarden.services.roster import Roster
from adwarden.storage.directory import Directory

JOINED = 3_600.0
"""Seconds for which a refresh that was cut off goes on when somebody asks for one."""

RESUMED = 12 * 3_600.0
"""Seconds for which it goes on by itself; what it had fetched is too old then."""

_NEW = (ConnectionState.WORKING, ConnectionState.UNKNOWN)


async def unfinished(
    roster: Roster, index: Index, running: Collection[str], now: float
) -> list[str]:
    """Return the connections whose refreshes go on, and strike what never will.

    ``running`` are those that are refreshed just now, ``now`` is in seconds since 1970.
    """
    found = []
    for job in await index.run(lambda d: d.jobs()):
        known = [one for one in roster.connections if one.id == job.connection_id]
        useful = known and known[0].entry == job.entry and known[0].state not in LOST
        if useful and job.stopped and job.is_recent(now, JOINED):
            continue
        # What was never fetched has nothing that could be too old.
        new = useful and known[0].checked_at is None and known[0].state in _NEW
        if useful and not job.stopped and (new or job.is_recent(now, RESUMED)):
            found.append(job.connection_id)
        elif job.connection_id not in running:
            await index.run(partial(Directory.finish_job, connection_id=job.connection_id))
    return found


def may_go_on(connection: Connection) -> bool:
    """Tell whether a refresh of this connection can come to anything."""
    return connection.state not in (*LOST, ConnectionState.REVOKING)
