"""What is different between two known states: access gained and lost, in words and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adwarden.domain.data import dataclass
from adwarden.domain.model import AccountEntry, Connection, Snapshot


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; ``kind`` is stable, the ids are empty where they do not apply."""

    kind: str
    connection_id: str
    account_id: str
    value: str
    words: str


def compare(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """Return what changed, connection by connection, in the order of ``after``."""
    return tuple(_changes(before, after))


def _changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old_connections = {one.id: one for one in before.connections}
    for connection in after.connections:
        old = old_connections.get(connection.id)
        if old is not None and old.state is not connection.state:
            yield Change(
                "connection-state",
                connection.id,
                "",
                connection.state.value,
                f"{connection.handle} is {_spoken(connection.state.value)} now",
            )
        was = _by_id(before.entries.get(connection.id, ()))
        now = _by_id(after.entries.get(connection.id, ()))
        yield from _accounts(connection, was, now)


def _accounts(
    connection: Connection, was: Mapping[str, AccountEntry], now: Mapping[str, AccountEntry]
) -> Iterator[Change]:
    for account_id, entry in now.items():
        name = entry.account.name or account_id
        old = was.get(account_id)
        if old is None:
            yield Change(
                "account-gained",
                connection.id,
                account_id,
                name,
                f"{connection.handle} reaches {name} now",
            )
            continue
        if old.account.approval_status != entry.account.approval_status:
            status = entry.account.approval_status
            yield Change(
                "approval", connection.id, account_id, status, f"{name} is {_spoken(status)} now"
            )
        yield from _permissions(connection, old, entry, name)
        yield from _users(connection, old, entry, name)
    for account_id, old in was.items():
        if account_id not in now:
            name = old.account.name or account_id
            yield Change(
                "account-lost",
                connection.id,
                account_id,
                name,
                f"{connection.handle} no longer reaches {name}",
            )


def _permissions(
    connection: Connection, old: AccountEntry, new: AccountEntry, name: str
) -> Iterator[Change]:
    # What was never fetched is not lost or gained: it is not known.
    if old.access is None or new.access is None:
        return
    was, now = set(old.access.permissions), set(new.access.permissions)
    for permission in sorted(now - was):
        yield Change(
            "permission-gained",
            connection.id,
            new.account.id,
            permission,
            f"{connection.handle} got {permission} on {name}",
        )
    for permission in sorted(was - now):
        yield Change(
            "permission-lost",
            connection.id,
            new.account.id,
            permission,
            f"{connection.handle} lost {permission} on {name}",
        )


def _users(
    connection: Connection, old: AccountEntry, new: AccountEntry, name: str
) -> Iterator[Change]:
    if old.users is None or new.users is None:
        return
    was = {user.id: user for user in old.users}
    now = {user.id: user for user in new.users}
    for user_id, user in now.items():
        if user_id not in was:
            yield Change(
                "user-gained",
                connection.id,
                new.account.id,
                user.user_id,
                f"{name} may promote user {user.handle or user.user_id} now",
            )
    for user_id, user in was.items():
        if user_id not in now:
            yield Change(
                "user-lost",
                connection.id,
                new.account.id,
                user.user_id,
                f"{name} may no longer promote user {user.handle or user.user_id}",
            )


def _by_id(entries: tuple[AccountEntry, ...]) -> dict[str, AccountEntry]:
    return {entry.account.id: entry for entry in entries}


def _spoken(value: str) -> str:
    return value.replace("_", " ").replace("-", " ").lower()
