"""The services for one console command: opened, with what is known, and closed after it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adwarden.arguments import Options
from adwarden.domain.errors import KeychainError
from adwarden.domain.model import KEYCHAIN, Snapshot
from adwarden.system.hardening import no_core_dumps
from adwarden.wiring import Services, make_base, make_services


@asynccontextmanager
async def at_work(
    options: Options, *, of_listed: bool = True
) -> AsyncIterator[tuple[Services, Snapshot]]:
    """Open the services and yield them with the last known state; raises ``AdwardenError``.

    ``of_listed`` is whether the command is about connections that are listed already.
    """
    base = make_base(options)
    with no_core_dumps() as failed:
        for words in failed:
            print(f"adwarden: {words}", file=sys.stderr)
        services = make_services(base, options)
        try:
            yield services, await _known(services, of_listed=of_listed)
        finally:
            await services.accounts.close()
            if services.practice is not None:
                services.practice.stop()


async def _known(services: Services, *, of_listed: bool) -> Snapshot:
    """Return what is known, completed from the keychain where the index was damaged or lost.

    Raises ``KeychainError`` where nothing is, because the keychain cannot be read now.
    """
    before = await services.accounts.load()
    trouble = services.index.trouble
    if trouble is not None:
        _tell(trouble)
    steps = await services.index.run(lambda d: d.pending())
    if not any(step.lists_again(KEYCHAIN) for step in steps):
        return before
    try:
        await services.accounts.homing.settle(_tell)
        await services.accounts.recover()
    except KeychainError as error:
        if of_listed and not before.connections:
            raise
        _tell(error)
    now = await services.index.snapshot()
    if trouble is None and not before.apps and now.apps:
        _tell(
            "The list of accounts was missing. It was built anew from the system keychain: "
            f"X apps {len(now.apps)}, connections {len(now.connections)}."
        )
    return now


def _tell(words: object) -> None:
    print(f"adwarden: {words}", file=sys.stderr)
