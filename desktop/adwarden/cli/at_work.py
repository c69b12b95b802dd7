"""The services for one console command: opened, with what is known, and closed after it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adwarden.arguments import Options
from adwarden.domain.errors import KeychainError
from adwarden.domain.model import Snapshot
from adwarden.system.hardening import no_core_dumps
from adwarden.wiring import Services, make_base, make_services


@asynccontextmanager
async def at_work(options: Options) -> AsyncIterator[tuple[Services, Snapshot]]:
    """Open the services and yield them with the last known state; raises ``AdwardenError``."""
    base = make_base(options)
    with no_core_dumps() as failed:
        for words in failed:
            print(f"adwarden: {words}", file=sys.stderr)
        services = make_services(base, options)
        try:
            yield services, await _known(services)
        finally:
            await services.accounts.close()
            if services.practice is not None:
                services.practice.stop()


async def _known(services: Services) -> Snapshot:
    """Return what is known, completed from the keychain where the index was damaged."""
    snapshot = await services.accounts.load()
    if services.index.trouble is None:
        return snapshot
    print(f"adwarden: {services.index.trouble}", file=sys.stderr)
    try:
        await services.accounts.homing.settle(lambda _: None)
        await services.accounts.recover()
    except KeychainError as error:
        print(f"adwarden: {error}", file=sys.stderr)
    return await services.index.snapshot()
