"""What is asked of the history, as a condition of SQL."""

from __future__ import annotations

from typing import Any

from adwarden.domain.changes import Wanted
from adwarden.storage.history import UNSEEN
from adwarden.storage.rows import text


def condition(wanted: Wanted, before: int = 0) -> tuple[str, list[Any]]:
    """Return the condition with its values; ``before`` is the id that all are older than."""
    where: list[str] = []
    values: list[Any] = []
    if wanted.kinds:
        where.append(f"kind IN ({','.join('?' * len(wanted.kinds))})")
        values += wanted.kinds
    for column, value in (
        ("tone", wanted.tone),
        ("connection_id", wanted.connection_id),
        ("account_id", wanted.account_id),
    ):
        if value:
            where.append(f"{column}=?")
            values.append(value)
    for word in text(wanted.text).casefold().split():
        where.append("instr(hay, ?)")
        values.append(word)
    if wanted.since:
        where.append("at >= ?")
        values.append(wanted.since)
    if wanted.unseen:
        where.append(UNSEEN)
    if before:
        where.append("id < ?")
        values.append(before)
    return f" WHERE {' AND '.join(where)}" if where else "", values
