"""``adwarden list``: the last known state, from the index alone."""

from __future__ import annotations

import json
import sys
from typing import Any

from adwarden.arguments import Options
from adwarden.cli.opening import last_known
from adwarden.cli.tree_lines import (
    NOTHING,
    account_line,
    app_line,
    connection_line,
    shown,
    user_line,
)
from adwarden.domain.model import AccountEntry, Connection, Snapshot
from adwarden.domain.permissions import capabilities, method

__all__ = ["as_json", "print_json", "print_tree", "run_list", "shown"]


def run_list(options: Options) -> int:
    """Print apps, connections, ad accounts, promotable users and permissions."""
    with last_known(options) as (_, directory):
        snapshot = directory.snapshot()
    if options.as_json:
        print_json(as_json(snapshot))
    else:
        print_tree(snapshot)
    return 0


def print_json(document: object) -> None:
    """Print one JSON document, with escapes where the output cannot hold every character."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    print(json.dumps(document, ensure_ascii=plain, indent=2))


def print_tree(snapshot: Snapshot) -> None:
    """Print the state as an indented tree; names are shown without control characters."""
    if not snapshot.apps:
        print(NOTHING)
    for app in snapshot.apps:
        print(app_line(app.label, app.access.value))
        for connection in snapshot.connections:
            if connection.app_id == app.id:
                _print_connection(connection, snapshot.entries.get(connection.id, ()))


def _print_connection(connection: Connection, entries: tuple[AccountEntry, ...]) -> None:
    count = None if connection.checked_at is None and not entries else len(entries)
    print(connection_line(connection.handle, connection.id, connection.state.value, count))
    for entry in entries:
        permissions = entry.access.permissions if entry.access else None
        print(account_line(entry.account.name, entry.account.id, permissions))
        for user in entry.users or ():
            print(user_line(user.handle, user.user_id, user.type))


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """Return the state as plain data with stable keys; times in Unix seconds."""
    return {
        "apps": [
            {
                "id": app.id,
                "provider": app.provider,
                "label": app.label,
                "access": app.access.value,
                "added_at": app.added_at or None,
            }
            for app in snapshot.apps
        ],
        "connections": [connection_json(one, snapshot) for one in snapshot.connections],
    }


def connection_json(connection: Connection, snapshot: Snapshot) -> dict[str, Any]:
    """Return a connection as plain data with stable keys; times in Unix seconds."""
    return {
        "id": connection.id,
        "app": connection.app_id,
        "user_id": connection.user_id,
        "screen_name": connection.screen_name,
        "state": connection.state.value,
        "error": connection.error,
        "authorized_at": connection.authorized_at or None,
        "checked_at": connection.checked_at,
        "access_level": connection.access_level,
        "ad_accounts": [
            _entry_json(connection, entry, snapshot)
            for entry in snapshot.entries.get(connection.id, ())
        ],
    }


def _entry_json(connection: Connection, entry: AccountEntry, snapshot: Snapshot) -> dict[str, Any]:
    account = entry.account
    app = next(app for app in snapshot.apps if app.id == connection.app_id)
    return {
        "id": account.id,
        "name": account.name,
        "approval_status": account.approval_status,
        "timezone": account.timezone,
        "deleted": account.deleted,
        "permissions": list(entry.access.permissions) if entry.access else None,
        "permissions_error": entry.access_error,
        "method": method(connection, entry).value,
        "capabilities": {
            one.key: one.verdict.value for one in capabilities(connection, entry, app.access)
        },
        "promotable_users": None
        if entry.users is None
        else [
            {"id": user.id, "user_id": user.user_id, "handle": user.handle, "type": user.type}
            for user in entry.users
        ],
        "promotable_users_error": entry.users_error,
        "fetched_at": entry.fetched_at,
    }
