"""``adwarden history``: what has changed, from the index alone, newest first."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from adwarden.arguments import Options
from adwarden.cli.choosing import choose
from adwarden.cli.listing import print_json, shown
from adwarden.cli.opening import last_known
from adwarden.domain.changes import Recorded, Wanted
from adwarden.domain.errors import NotFoundError
from adwarden.storage.directory import Directory
from adwarden.storage.history import DAY

_PAGE = 1_000


def run_history(options: Options) -> int:
    """Print the changes of one connection or all, also of one that has been disconnected."""
    with last_known(options) as (_, directory):
        wanted = _wanted(directory, options)
        found = _all(directory, wanted)
    if options.as_json:
        print_json({"changes": [change_json(one) for one in found]})
    else:
        _print(found)
    return 0


def _wanted(directory: Directory, options: Options) -> Wanted:
    since = time.time() - options.since * DAY if options.since else 0.0
    name = options.connection
    if not name:
        return Wanted(since=since)
    try:
        (connection,) = choose(directory.snapshot(), name)
        return Wanted(connection_id=connection.id, since=since)
    except NotFoundError:
        former = _former(directory, name)
        if former:
            return Wanted(connection_id=former, since=since)
        raise


def _former(directory: Directory, name: str) -> str:
    """Return the id of a connection that only the history knows, by its id or its handle."""
    if directory.count_changes(Wanted(connection_id=name)):
        return name
    handle, _, label = name.partition("/")
    known = {one.id for one in directory.snapshot().connections}
    for one in directory.changes(Wanted(text=handle), count=_PAGE):
        change = one.change
        named = change.handle.lstrip("@").casefold() == handle.lstrip("@").casefold()
        fits = named and label.casefold() in ("", change.app.casefold())
        if fits and change.connection_id not in known:
            return change.connection_id
    return ""


def _all(directory: Directory, wanted: Wanted) -> list[Recorded]:
    found = page = directory.changes(wanted, count=_PAGE)
    while len(page) == _PAGE:
        page = directory.changes(wanted, before=page[-1].id, count=_PAGE)
        found += page
    return found


def _print(found: list[Recorded]) -> None:
    for one in found:
        when = datetime.fromtimestamp(one.at)
        print(f"{when:%Y-%m-%d %H:%M}  {shown(one.change.words)}")
    if not found:
        print("Nothing has changed. `adwarden refresh` compares with the state before.")


def change_json(one: Recorded) -> dict[str, Any]:
    """Return a change as plain data with stable keys; the time in Unix seconds."""
    change = one.change
    return {
        "id": one.id,
        "at": one.at,
        "kind": change.kind,
        "tone": change.tone,
        "connection_id": change.connection_id,
        "handle": change.handle,
        "app": change.app,
        "account_id": change.account_id,
        "account_name": change.name,
        "value": change.subject,
        "words": change.words,
    }
