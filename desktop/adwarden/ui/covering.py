"""What of the last known state may be shown while the KeePass file is not open."""

from __future__ import annotations

from dataclasses import replace

from adwarden.domain.model import FILE, Snapshot


def covered(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot in which connections of the file have their names only."""
    kept = {one.id for one in snapshot.connections if one.place != FILE}
    entries = {id_: some for id_, some in snapshot.entries.items() if id_ in kept}
    counts = {id_: count for id_, count in snapshot.counts.items() if id_ in kept}
    return replace(snapshot, entries=entries, counts=counts, total=0)
