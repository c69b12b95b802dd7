"""The access report: who can do what, through which token, since when; rows of plain values.

It sees nothing but what the window shows, so that no secret can be in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, datetime

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, Connection, Snapshot, XApp
from adwarden.domain.permissions import FULL, Capability, capabilities, method, permission
from adwarden.domain.token_state import LOST, stopped

FORMATS = ("csv", "json", "html")

AHEAD = 60.0
"""Seconds that a time may lie in the future, as clocks are set a little now and then."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report covers; empty sets mean everything."""

    connections: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return not self.connections and not self.accounts


@dataclass(frozen=True, slots=True)
class Row:
    """One ad account through one connection; ``entry`` is ``None`` for a connection without any."""

    app: XApp | None
    connection: Connection
    entry: AccountEntry | None
    method: str = ""
    answers: tuple[Capability, ...] = ()
    stale: bool = False

    @property
    def permissions(self) -> tuple[str, ...]:
        """The permissions as X sends them."""
        access = self.entry.access if self.entry else None
        return access.permissions if access else ()

    @property
    def fetched_at(self) -> float | None:
        """When the oldest part of the row was fetched, in Unix seconds."""
        return self.entry.known_at if self.entry else self.connection.checked_at

    @property
    def errors(self) -> str:
        """What is wrong with the token, and what could not be read; empty when all is well."""
        entry, error = self.entry, self.connection.error
        if entry is None:
            return error or self.stopped
        told = dict.fromkeys((entry.access_error, entry.users_error))
        return " ".join(filter(None, (self.stopped and (error or self.stopped), *told)))

    @property
    def stopped(self) -> str:
        """Why the token can do nothing now, as a sentence; empty where it may work."""
        why = stopped(self.connection)
        return f"{why[:1].upper()}{why[1:]}." if why else ""

    @property
    def full_user(self) -> str:
        """The ad account's own user: the handle without ``@``, or the user id."""
        users = (self.entry.users if self.entry else None) or ()
        full = next((one for one in users if one.type == FULL and not one.deleted), None)
        return "" if full is None else full.handle or full.user_id


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be written; ``made_at`` in Unix seconds. Rows are made as they are read."""

    snapshot: Snapshot
    made_at: float
    stale_after: float
    scope: Scope = field(default_factory=Scope)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The connections it covers, by app and handle."""
        labels = {app.id: app.label.casefold() for app in self.snapshot.apps}
        chosen = (
            one
            for one in self.snapshot.connections
            if not self.scope.connections or one.id in self.scope.connections
        )
        return tuple(
            sorted(chosen, key=lambda one: (labels.get(one.app_id, ""), one.handle.casefold()))
        )

    def app(self, connection: Connection) -> XApp | None:
        """Return the app of a connection."""
        return next((app for app in self.snapshot.apps if app.id == connection.app_id), None)

    def rows(self) -> Iterator[Row]:
        """Yield the rows, connection by connection, ad accounts in the order of their names."""
        for connection in self.connections:
            app = self.app(connection)
            entries = [
                entry
                for entry in self.snapshot.entries.get(connection.id, ())
                if not self.scope.accounts or entry.account.id in self.scope.accounts
            ]
            for entry in entries:
                answers = capabilities(connection, entry, app.access) if app else ()
                how = method(connection, entry).value
                stale = self.is_out_of_date(connection, entry.known_at)
                yield Row(app, connection, entry, how, answers, stale)
            if not entries and not self.scope.accounts:
                stale = self.is_out_of_date(connection, connection.checked_at)
                yield Row(app, connection, None, stale=stale)

    def row_count(self) -> int:
        """Return how many rows there are, without making them."""
        found = 0
        for connection in self.connections:
            entries = self.snapshot.entries.get(connection.id, ())
            if self.scope.accounts:
                found += sum(entry.account.id in self.scope.accounts for entry in entries)
            else:
                found += len(entries) or 1
        return found

    def count(self) -> tuple[int, int]:
        """Return how many connections and how many different ad accounts it covers."""
        chosen = self.connections
        ids = {
            entry.account.id
            for connection in chosen
            for entry in self.snapshot.entries.get(connection.id, ())
            if not self.scope.accounts or entry.account.id in self.scope.accounts
        }
        return len(chosen), len(ids)

    def is_out_of_date(self, connection: Connection, moment: float | None) -> bool:
        """Tell whether what was fetched then is too old, or out of reach, as in the window."""
        return connection.state in LOST or self.is_stale(moment)

    def is_stale(self, moment: float | None) -> bool:
        """Tell whether something fetched then is too old; what was never fetched is not old.

        A time in the future counts as too old: by a clock that was wrong, nobody knows.
        """
        return moment is not None and not -AHEAD <= self.made_at - moment <= self.stale_after


def iso(moment: float | None) -> str:
    """Return Unix seconds as ISO 8601 in UTC, empty for never and for what is no time."""
    if moment is None:
        return ""
    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""


def permission_names(values: tuple[str, ...]) -> str:
    """Return permissions as X's own pages name them."""
    return ", ".join(permission(value).name for value in values)
