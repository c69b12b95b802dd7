"""How the things of the domain become rows of the index, and rows become them again."""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, TypeVar

from adwarden.domain.data import dataclass
from adwarden.domain.model import (
    KEYCHAIN,
    Access,
    AccountEntry,
    AdAccount,
    AppAccess,
    AppState,
    Connection,
    ConnectionState,
    PromotableUser,
    XApp,
)

Row = tuple[Any, ...]
E = TypeVar("E", bound=Enum)

_encode = json.JSONEncoder(separators=(",", ":")).encode  # ASCII, so lone surrogates survive
_ACCOUNT_FIELDS = AdAccount.__match_args__
_USER_FIELDS = PromotableUser.__match_args__


@dataclass(frozen=True, slots=True)
class StoredWindow:
    """A rate limit as last heard of; ``scope`` names the token it belongs to.

    ``account_id`` is empty for a limit of the token alone; ``limit`` and ``remaining`` count
    requests, ``resets_at`` is in Unix seconds. ``noted_at`` (Unix seconds) and ``noted_up``
    (seconds since the computer started) are when it was written down; 0 is unknown.
    """

    scope: str
    endpoint: str
    account_id: str
    limit: int
    remaining: int
    resets_at: float
    noted_at: float = 0.0
    noted_up: float = 0.0


@dataclass(frozen=True, slots=True)
class RefreshJob:
    """A refresh that has begun and not ended: how far the list of ad accounts was read.

    ``entry`` names the token it uses, ``began_at`` is in Unix seconds: rows that are older are
    still to be fetched. ``next_cursor`` is where the list goes on, empty at its beginning. One
    that was ``stopped`` by a person goes on only when somebody asks for it.
    """

    connection_id: str
    entry: str
    began_at: float
    next_cursor: str = ""
    listed: bool = False
    stopped: bool = False

    def is_recent(self, now: float, seconds: float) -> bool:
        """Tell whether it may go on; one that began in the future has seen the clock moved."""
        return 0 <= now - self.began_at < seconds


EVERYWHERE = "*"
"""Stands for an entry in the step that is about every place."""


@dataclass(frozen=True, slots=True)
class PendingStep:
    """A step that was announced and not yet confirmed: ``add``, ``delete``, ``revoke``.

    ``rebuild`` is the one that is about no entry; ``place`` is where the entry is kept, ``file``
    which KeePass file that was. ``replaces`` is the entry that one to be added is to stand for:
    empty for none, ``None`` where an older version did not note it. ``run`` is whose step it is.
    """

    kind: str
    entry: str
    username: str
    made_at: float
    place: str = KEYCHAIN
    replaces: str | None = None
    file: str = ""
    run: str = ""

    def lists_again(self, place: str) -> bool:
        """Tell whether it is to build the list again with what a place holds."""
        return self.kind == "rebuild" and (self.entry == EVERYWHERE or self.place == place)


def text(value: str) -> str:
    """Return the text with lone surrogates, which SQLite cannot hold, replaced."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def app_row(app: XApp) -> Row:
    """Return the columns of ``app`` in the table's order."""
    return (
        app.id, app.provider, text(app.label), app.access.value, text(app.entry), app.added_at,
        app.approved_at, text(app.note), " ".join(app.holds), app.place, app.state.value,
    )  # fmt: skip


def app_from(row: Sequence[Any]) -> XApp:
    """Return the app of a row; an access level or a state of a newer version is unknown."""
    id_, provider, label, access, entry, added_at, approved_at, note, holds, place, state = row
    return XApp(
        id_, provider, label, _member(AppAccess, access), entry, added_at, approved_at, note,
        tuple(holds.split()), place, _member(AppState, state),
    )  # fmt: skip


def connection_row(connection: Connection) -> Row:
    """Return the columns of ``connection`` in the table's order."""
    c = connection
    return (
        c.id, c.app_id, text(c.user_id), text(c.screen_name), text(c.entry), c.authorized_at,
        c.state.value, c.checked_at, text(c.access_level), text(c.error), text(c.label),
        text(c.note), c.place, int(c.pasted), c.error_at,
    )  # fmt: skip


def connection_from(row: Sequence[Any]) -> Connection:
    """Return the connection of a row; a state of a newer version is unknown."""
    (
        id_, app_id, user_id, name, entry, authorized_at, state, checked_at, level, error, label,
        note, place, pasted, error_at,
    ) = row  # fmt: skip
    return Connection(
        id_, app_id, user_id, name, entry, authorized_at, _member(ConnectionState, state),
        checked_at, level, error, label, note, place, bool(pasted), error_at,
    )  # fmt: skip


def entry_row(connection_id: str, entry: AccountEntry) -> Row:
    """Return the columns of ``entry`` in the table's order."""
    account, access = entry.account, entry.access
    return (
        connection_id,
        text(account.id),
        _encode([getattr(account, name) for name in _ACCOUNT_FIELDS]),
        None if access is None else _encode([access.user_id, *access.permissions]),
        text(entry.access_error),
        users_text(entry),
        text(entry.users_error),
        entry.fetched_at,
        entry.listed_at,
        entry.access_at,
        entry.users_at,
    )


def users_text(entry: AccountEntry) -> str | None:
    """Return the promotable users as their column holds them."""
    if entry.users is None:
        return None
    return _encode([[getattr(user, name) for name in _USER_FIELDS] for user in entry.users])


def entries_from(rows: Sequence[Sequence[Any]]) -> tuple[dict[str, list[AccountEntry]], int]:
    """Return connection id to its entries, and how many rows could not be understood.

    Those are left out: the next refresh fetches them again.
    """
    found: dict[str, list[AccountEntry]] = {}
    damaged = 0
    reader = _EntryReader()
    for batch in (rows[start : start + 1000] for start in range(0, len(rows), 1000)):
        try:
            entries: list[AccountEntry | None] = list(reader.read(batch))
        except _UNREADABLE:
            entries = [reader.read_one(row) for row in batch]
        for row, entry in zip(batch, entries, strict=True):
            if entry is None:
                damaged += 1
            else:
                found.setdefault(row[0], []).append(entry)
    return found, damaged


_UNREADABLE = (ValueError, TypeError, IndexError, RecursionError)


class _EntryReader:
    """Makes entries of rows, fast: it is what the first paint of a large list waits for.

    Texts that repeat (approval, time zone, type) and permissions are shared between entries.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._accesses: dict[str | None, Access | None] = {None: None}

    def read_one(self, row: Sequence[Any]) -> AccountEntry | None:
        """Return the entry of a row, or ``None`` if it is damaged."""
        try:
            return self.read((row,))[0]
        except _UNREADABLE:
            return None

    def read(self, rows: Sequence[Sequence[Any]]) -> list[AccountEntry]:
        """Return the entries of the rows; one parse for all of them saves most of the time."""
        accounts = json.loads(f"[{','.join([row[2] for row in rows])}]")
        users = json.loads(f"[{','.join([row[5] or 'null' for row in rows])}]")
        share = self._texts.setdefault
        entries = []
        for row, account, promotable in zip(rows, accounts, users, strict=True):
            account[2:4] = [share(text, text) for text in account[2:4]]
            for user in promotable or ():
                user[2] = share(user[2], user[2])
            made = None if promotable is None else tuple([PromotableUser(*u) for u in promotable])
            access = self._access(row[3])
            rest = row[6:11]  # the users' error, then the times
            entries.append(AccountEntry(AdAccount(*account), access, row[4], made, *rest))
        return entries

    def _access(self, text: str | None) -> Access | None:
        if text is not None and text not in self._accesses:
            user_id, *permissions = json.loads(text)
            self._accesses[text] = Access(user_id, tuple(permissions))
        return self._accesses[text]


def window_row(window: StoredWindow) -> Row:
    """Return the columns of ``window`` in the table's order; counts fit what SQLite holds."""
    most = 2**62
    return (
        text(window.scope), text(window.endpoint), text(window.account_id),
        max(-most, min(window.limit, most)), max(-most, min(window.remaining, most)),
        window.resets_at, window.noted_at, window.noted_up,
    )  # fmt: skip


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector still while many rows are read: it would double the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _member(kind: type[E], value: str) -> E:
    try:
        return kind(value)
    except ValueError:
        return kind("unknown")
