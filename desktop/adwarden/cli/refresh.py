"""``adwarden refresh``: fetches what connections reach, then prints what changed."""

from __future__ import annotations

import asyncio
import sys
import time

from adwarden.arguments import Options
from adwarden.cli.history import change_json
from adwarden.cli.listing import print_json, shown
from adwarden.domain.changes import Recorded
from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError, NotFoundError
from adwarden.domain.model import Connection, Snapshot
from adwarden.services.events import Event, RefreshWaiting
from adwarden.storage.settings import HISTORY_DAYS
from adwarden.wiring import Services, make_base, make_services


def run_refresh(options: Options) -> int:
    """Refresh one connection or all; returns 0, or the code of the first failure."""
    return asyncio.run(_refresh(options))


async def _refresh(options: Options) -> int:
    base = make_base(options)
    services = make_services(base, options)
    changes: dict[int, Recorded] = {}  # by id: one that grows is told again
    services.index.changed = lambda told: changes.update((one.id, one) for one in told)
    try:
        chosen = choose(await _known(services), options.connection)
        await services.accounts.history.begin(base.settings.get(HISTORY_DAYS))
        errors = await _each(services, chosen)
    finally:
        await services.accounts.close()
        if services.practice is not None:
            services.practice.stop()
    _print(tuple(changes.values()), errors, as_json=options.as_json)
    return next((error.exit_code for error in errors.values()), 0)


async def _known(services: Services) -> Snapshot:
    """Return what is known, completed from the keychain where the index was damaged."""
    snapshot = await services.accounts.load()
    if services.index.trouble is None:
        return snapshot
    print(f"adwarden: {services.index.trouble}", file=sys.stderr)
    try:
        await services.accounts.recover()
    except KeychainError as error:
        print(f"adwarden: {error}", file=sys.stderr)
    return await services.index.snapshot()


async def _each(services: Services, chosen: tuple[Connection, ...]) -> dict[str, AdwardenError]:
    errors: dict[str, AdwardenError] = {}
    services.accounts.subscribe(_tell_waits)
    for connection in chosen:
        try:
            await services.accounts.refresh(connection.id)
        except AdwardenError as error:
            errors[connection.id] = error
            print(f"adwarden: {shown(connection.handle)}: {error}", file=sys.stderr)
    return errors


def _tell_waits(event: Event) -> None:
    """Say until when nothing happens, so that nobody takes it for broken."""
    if not isinstance(event, RefreshWaiting) or not event.reason:
        return
    words = "waiting"
    if event.resumes_at is not None:
        words += f", resumes at {time.strftime('%H:%M', time.localtime(event.resumes_at))}"
    print(f"adwarden: {words}: {event.reason}", file=sys.stderr, flush=True)


def choose(snapshot: Snapshot, wanted: str) -> tuple[Connection, ...]:
    """Return the connections that ``@handle``, ``@handle/app label`` or an id names.

    Raises ``NotFoundError`` where nothing fits, or several do; it lists the choices then.
    """
    if not wanted:
        return snapshot.connections
    labels = {app.id: app.label for app in snapshot.apps}
    handle, _, label = wanted.partition("/")
    found = tuple(
        one
        for one in snapshot.connections
        if one.id == wanted
        or (
            one.handle.lstrip("@").casefold() == handle.lstrip("@").casefold()
            and label.casefold() in ("", labels.get(one.app_id, "").casefold())
        )
    )
    choices = ", ".join(
        f"{shown(one.handle)}/{shown(labels.get(one.app_id, ''))}"
        for one in (found or snapshot.connections)
    )
    if not found:
        raise NotFoundError(
            ErrorCode.NOT_FOUND,
            "No such connection",
            f"Nothing is called “{shown(wanted)}”.",
            f"Choose one of: {choices}" if choices else "Connect an account in the window first.",
        )
    if len(found) > 1:
        raise NotFoundError(
            ErrorCode.AMBIGUOUS,
            "More than one connection fits",
            f"“{shown(wanted)}” names {len(found)} of them.",
            f"Choose one of: {choices}",
        )
    return found


def _print(
    changes: tuple[Recorded, ...], errors: dict[str, AdwardenError], *, as_json: bool
) -> None:
    if as_json:
        document = {
            "changes": [change_json(one) for one in changes],
            "errors": [
                {
                    "connection_id": one,
                    "code": error.code.value,
                    "title": error.title,
                    "message": error.message,
                    "remedy": error.remedy,
                }
                for one, error in errors.items()
            ],
        }
        print_json(document)
        return
    for one in changes:
        print(shown(one.change.words))
    if not changes and not errors:
        print("Nothing changed.")
