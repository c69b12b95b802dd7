"""``adwarden show``: what is known of one connection, from the index alone."""

from __future__ import annotations

import time

from adwarden.arguments import Options
from adwarden.cli.choosing import choose_one
from adwarden.cli.listing import as_json, print_json, shown
from adwarden.cli.opening import last_known
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, AccountEntry, Connection, Snapshot, XApp
from adwarden.domain.permissions import Verdict, capabilities, method

_PLACES = {
    KEYCHAIN: "the system keychain",
    FILE: "the KeePass file",
    MEMORY: "memory, until the program that connected it ends",
}


def run_show(options: Options) -> int:
    """Print a connection, its X app and its ad accounts with what can be done on each."""
    with last_known(options) as (_, directory):
        snapshot = directory.snapshot()
    connection = choose_one(snapshot, options.connection)
    app = next(app for app in snapshot.apps if app.id == connection.app_id)
    if options.as_json:
        alone = Snapshot((app,), (connection,), snapshot.entries)
        document = as_json(alone)
        print_json({"app": document["apps"][0], "connection": document["connections"][0]})
    else:
        _print(connection, app, snapshot.entries.get(connection.id, ()))
    return 0


def _print(connection: Connection, app: XApp, entries: tuple[AccountEntry, ...]) -> None:
    since = "Pasted" if connection.pasted else "Authorized"
    lines = {
        "Name": connection.label,
        "Id": connection.id,
        "User id": connection.user_id,
        "State": connection.state.value,
        "Trouble": connection.error,
        since: _day(connection.authorized_at),
        "Refreshed": _day(connection.checked_at),
        "Access level": connection.access_level,
        "X app access": app.access.value,
        "Secrets are in": _PLACES.get(connection.place, connection.place),
        "Ad accounts": _reached(connection, entries),
    }
    print(f"{shown(connection.handle)} through {shown(app.label)}")
    for name, value in lines.items():
        if value:
            print(f"  {name:<15} {shown(value)}")
    for entry in entries:
        _print_account(connection, app, entry)


def _print_account(connection: Connection, app: XApp, entry: AccountEntry) -> None:
    held = ", ".join(entry.access.permissions) if entry.access else "not known yet"
    whose = method(connection, entry).words
    print(f"\n{shown(entry.account.name)}  {entry.account.id}  [{shown(held)}]  {whose}")
    for one in capabilities(connection, entry, app.access):
        mark = {Verdict.YES: "can", Verdict.NO: "cannot", Verdict.UNKNOWN: "may"}[one.verdict]
        print(f"  {mark:<6} {one.words}: {shown(one.reason)}")


def _reached(connection: Connection, entries: tuple[AccountEntry, ...]) -> str:
    if connection.checked_at is None and not entries:
        return "not fetched yet; adwarden refresh does it"
    return str(len(entries))


def _day(moment: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment)) if moment else ""
