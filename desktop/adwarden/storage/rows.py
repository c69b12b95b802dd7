"""How the things of the domain become rows of the index, and rows become them again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from enum import Enum
from typing import Any, TypeVar

from adwarden.domain.model import (
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    Connection,
    ConnectionState,
    PromotableUser,
    XApp,
)

Row = tuple[Any, ...]
E = TypeVar("E", bound=Enum)

_encode = json.JSONEncoder(separators=(",", ":")).encode  # ASCII, so lone surrogates survive
_ACCOUNT_FIELDS = tuple(field.name for field in fields(AdAccount))
_USER_FIELDS = tuple(field.name for field in fields(PromotableUser))


@dataclass(frozen=True, slots=True)
class StoredWindow:
    """A rate limit as last heard of; ``account_id`` is empty for a limit of the token alone.

    ``limit`` and ``remaining`` count requests, ``resets_at`` is in Unix seconds.
    """

    user_id: str
    endpoint: str
    account_id: str
    limit: int
    remaining: int
    resets_at: float


@dataclass(frozen=True, slots=True)
class PendingStep:
    """A keychain step that was announced and not yet confirmed: ``add`` or ``delete``."""

    kind: str
    entry: str
    username: str
    made_at: float


@dataclass(frozen=True, slots=True)
class StoredHandle:
    """The name of a user (without ``@``) and when it was seen, in Unix seconds."""

    screen_name: str
    seen_at: float


def text(value: str) -> str:
    """Return the text with lone surrogates, which SQLite cannot hold, replaced."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def app_row(app: XApp) -> Row:
    """Return the columns of ``app`` in the table's order."""
    return (app.id, app.provider, text(app.label), app.access.value, text(app.entry), app.added_at)


def app_from(row: Sequence[Any]) -> XApp:
    """Return the app of a row; an access level of a newer version is unknown."""
    return XApp(row[0], row[1], row[2], _member(AppAccess, row[3]), row[4], row[5])


def connection_row(connection: Connection) -> Row:
    """Return the columns of ``connection`` in the table's order."""
    c = connection
    return (
        c.id, c.app_id, text(c.user_id), text(c.screen_name), text(c.entry), c.authorized_at,
        c.state.value, c.checked_at, text(c.access_level), text(c.error),
    )  # fmt: skip


def connection_from(row: Sequence[Any]) -> Connection:
    """Return the connection of a row; a state of a newer version is unknown."""
    return Connection(*row[:6], _member(ConnectionState, row[6]), *row[7:])


def entry_row(connection_id: str, entry: AccountEntry) -> Row:
    """Return the columns of ``entry`` in the table's order."""
    account, access, users = entry.account, entry.access, entry.users
    return (
        connection_id,
        text(account.id),
        _encode([getattr(account, name) for name in _ACCOUNT_FIELDS]),
        None if access is None else _encode([access.user_id, *access.permissions]),
        text(entry.access_error),
        None if users is None else _encode([[getattr(u, n) for n in _USER_FIELDS] for u in users]),
        text(entry.users_error),
        entry.fetched_at,
    )


def entries_from(rows: Iterable[Sequence[Any]]) -> tuple[dict[str, list[AccountEntry]], int]:
    """Return connection id to its entries, and how many rows could not be understood.

    Those are left out: the next refresh fetches them again. Texts that repeat (time zones,
    types, permissions) are shared, which halves the memory of large lists.
    """
    found: dict[str, list[AccountEntry]] = {}
    damaged = 0
    loads = json.loads
    known: dict[str, str] = {}
    share = known.setdefault
    accesses: dict[str | None, Access | None] = {None: None}
    for connection_id, _, account, access, access_error, users, users_error, fetched_at in rows:
        try:
            if access not in accesses:
                user_id, *permissions = loads(access)
                accesses[access] = Access(user_id, tuple(permissions))
            entry = AccountEntry(
                AdAccount(*[share(fact, fact) for fact in loads(account)]),
                accesses[access],
                access_error,
                None
                if users is None
                else tuple(
                    [PromotableUser(*[share(fact, fact) for fact in u]) for u in loads(users)]
                ),
                users_error,
                fetched_at,
            )
        except (ValueError, TypeError, RecursionError):
            damaged += 1
            continue
        found.setdefault(connection_id, []).append(entry)
    return found, damaged


def window_row(window: StoredWindow) -> Row:
    """Return the columns of ``window`` in the table's order; counts fit what SQLite holds."""
    user_id, endpoint, account_id, limit, remaining, resets_at = astuple(window)
    most = 2**62
    return (
        text(user_id), text(endpoint), text(account_id),
        max(-most, min(limit, most)), max(-most, min(remaining, most)), resets_at,
    )  # fmt: skip


def _member(kind: type[E], value: str) -> E:
    try:
        return kind(value)
    except ValueError:
        return kind("unknown")
