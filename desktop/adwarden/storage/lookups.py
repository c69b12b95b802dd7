"""The index's memory of what was looked up on demand, so that nothing is paid for twice.

Imported when something is looked up or shown, not at the start: the first picture needs none.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from adwarden.domain.data import dataclass
from adwarden.domain.lookups import (
    Features,
    Found,
    Funding,
    FundingInstrument,
    Kind,
    KnownHandle,
    Looked,
)
from adwarden.domain.model import AccountEntry
from adwarden.storage import rows

_log = logging.getLogger(__name__)

_UNREADABLE = (ValueError, TypeError, IndexError, RecursionError)
_encode = json.JSONEncoder(separators=(",", ":")).encode  # ASCII, so lone surrogates survive
_INSTRUMENT_FIELDS = FundingInstrument.__match_args__
_REASONS = _INSTRUMENT_FIELDS.index("reasons")


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    id: str
    found: str
    fetched_at: float


def save(db: sqlite3.Connection, found: Iterable[Looked]) -> None:
    """Remember what was looked up; a newer answer replaces an older one."""
    batch = [_row(one) for one in found]
    db.executemany(
        "INSERT OR REPLACE INTO lookup VALUES (?,?,?,?)",
        [(row.kind, rows.text(row.id), row.found, row.fetched_at) for row in batch],
    )


def read(db: sqlite3.Connection) -> Found:
    """Return all that was looked up; what cannot be read is left out."""
    handles: dict[str, KnownHandle] = {}
    funding: dict[str, Funding] = {}
    features: dict[str, Features] = {}
    stored = db.execute("SELECT kind, id, found, fetched_at FROM lookup").fetchall()
    for kind, id_, found, fetched_at in stored:
        try:
            told: Any = json.loads(found)
            if kind == Kind.HANDLES.value:
                handle, name = told
                handles[id_] = KnownHandle(id_, str(handle), str(name), fetched_at)
            elif kind == Kind.FUNDING.value:
                made = tuple(_instrument(item) for item in told)
                funding[id_] = Funding(id_, made, fetched_at)
            elif kind == Kind.FEATURES.value:
                features[id_] = Features(id_, tuple(map(str, told)), fetched_at)
        except _UNREADABLE:
            _log.warning("a look-up in the index could not be read: %s", kind)
    return Found(handles, funding, features)


def name_users(
    db: sqlite3.Connection, handles: Mapping[str, str]
) -> dict[str, tuple[AccountEntry, ...]]:
    """Write handles (by user id) into the ad accounts; return what changed, by connection."""
    with rows.uncollected():
        found, _ = rows.entries_from(
            db.execute("SELECT * FROM entry WHERE users IS NOT NULL").fetchall()
        )
        changed = {id_: tuple(_named(known, handles)) for id_, known in found.items()}
    for connection_id, entries in changed.items():
        db.executemany(
            "UPDATE entry SET users=? WHERE connection_id=? AND account_id=?",
            [(rows.users_text(one), connection_id, rows.text(one.account.id)) for one in entries],
        )
    return {id_: entries for id_, entries in changed.items() if entries}


def _named(entries: Iterable[AccountEntry], handles: Mapping[str, str]) -> Iterator[AccountEntry]:
    for entry in entries:
        users = entry.users or ()
        if any(handles.get(user.user_id, user.handle) != user.handle for user in users):
            named = (replace(u, handle=handles.get(u.user_id, u.handle)) for u in users)
            yield replace(entry, users=tuple(named))


def _row(one: Looked) -> _Row:
    if isinstance(one, KnownHandle):
        told: list[object] = [one.handle, one.name]
        return _Row(Kind.HANDLES.value, one.user_id, _encode(told), one.fetched_at)
    if isinstance(one, Funding):
        told = [[getattr(item, name) for name in _INSTRUMENT_FIELDS] for item in one.instruments]
        return _Row(Kind.FUNDING.value, one.account_id, _encode(told), one.fetched_at)
    return _Row(Kind.FEATURES.value, one.account_id, _encode(list(one.names)), one.fetched_at)


def _instrument(told: list[Any]) -> FundingInstrument:
    values = list(told)
    values[_REASONS] = tuple(map(str, values[_REASONS]))
    return FundingInstrument(*values)
