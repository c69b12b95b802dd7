"""``adwarden refresh``: fetches what connections reach, then prints what changed."""

from __future__ import annotations

import asyncio
import sys
import time

from adwarden.arguments import Options
from adwarden.cli.at_work import at_work
from adwarden.cli.choosing import choose
from adwarden.cli.history import change_json
from adwarden.cli.listing import print_json, shown
from adwarden.domain.changes import Recorded
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Connection
from adwarden.services.events import Event, RefreshWaiting
from adwarden.storage.settings import HISTORY_DAYS
from adwarden.wiring import Services


def run_refresh(options: Options) -> int:
    """Refresh one connection or all; returns 0, or the code of the first failure."""
    return asyncio.run(_refresh(options))


async def _refresh(options: Options) -> int:
    changes: dict[int, Recorded] = {}  # by id: one that grows is told again
    async with at_work(options) as (services, snapshot):
        services.index.changed = lambda told: changes.update((one.id, one) for one in told)
        chosen = choose(snapshot, options.connection)
        await services.accounts.history.begin(services.settings.get(HISTORY_DAYS))
        errors = await _each(services, chosen)
    _print(tuple(changes.values()), errors, as_json=options.as_json)
    return next((error.exit_code for error in errors.values()), 0)


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
