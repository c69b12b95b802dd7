"""Tells whether connections work, and apps' keys, with the cheapest calls that can tell.

``GET account/verify_credentials`` (75 in 15 minutes for each token) tells of token, keys, user and
clock, ``GET authenticated_user_access`` of one known ad account (2,000 in 15 minutes) of the app's
access to the Ads API. The scarce ``GET accounts`` is asked only where no ad account is known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from adwarden.domain.checks import CheckResult, accepted, found, working
from adwarden.domain.errors import AdwardenError, ErrorCode, NotFoundError
from adwarden.domain.model import Connection, ConnectionState, XApp
from adwarden.providers.base import Identity, Provider
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.proving import Proving
from adwarden.services.roster import Roster, app_keys, secrets_of
from adwarden.services.standing import Standing
from adwarden.services.sync_calls import Keys
from adwarden.services.sync_pace import Pace
from adwarden.services.tasks import Lane
from adwarden.services.troubles import Troubles
from adwarden.storage.directory import Directory

if TYPE_CHECKING:
    from adwarden.services.authorizing import Platforms

T = TypeVar("T")

PARALLEL = 6

TRIES = 2
"""Of each call: a check is to tell how things are now."""

ACCOUNTS = 3
"""Ad accounts that are asked about at most, where the user has lost the role on some."""

_NOT_THIS_CALL = frozenset(
    {ErrorCode.NO_ACCESS, ErrorCode.APP_NOT_ENROLLED, ErrorCode.RATE_LIMITED}
)
"""Refusals of ``verify_credentials`` that leave open what the Ads API says."""


class Checking:
    """Checks connections and apps' keys; what is learned is noted as a refresh would note it."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        platforms: Platforms,
        hub: Hub,
        *,
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
    ) -> None:
        self._roster, self._index = roster, index
        self._keychain, self._platforms = keychain, platforms
        self._standing = Standing(roster, index, hub, clock)
        self._proving = Proving(roster, index, keychain, platforms, hub, clock=clock)
        self._pace = pace or Pace(clock=clock)

    async def check(
        self, ids: Iterable[str], told: Callable[[CheckResult], None] = lambda _: None
    ) -> tuple[CheckResult, ...]:
        """Check connections, and of apps the keys alone; ``told`` gets each result at once.

        Only the unforeseen is raised. What has gone meanwhile has no result.
        """
        import asyncio

        free = asyncio.Semaphore(PARALLEL)
        shared = Troubles()
        results: list[CheckResult] = []

        async def one(connection_id: str) -> None:
            async with free:
                result = await self._one(connection_id, shared)
            if result is not None:
                results.append(result)
                told(result)

        tasks = [asyncio.ensure_future(one(id_)) for id_ in ids]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
        return tuple(results)

    async def _one(self, item_id: str, shared: Troubles) -> CheckResult | None:
        try:
            if any(app.id == item_id for app in self._roster.apps):
                return await self._app(self._roster.app(item_id), shared)
            connection = self._roster.connection(item_id)
            return await self._connection(connection, self._roster.app(connection.app_id), shared)
        except NotFoundError:
            return None

    async def _app(self, app: XApp, shared: Troubles) -> CheckResult:
        try:
            _raise_known(shared, app)
            return accepted(await self._proving.prove(app.id))
        except NotFoundError:
            raise
        except AdwardenError as error:
            shared.learn(error, app.place)
            return found(None, app, error)

    async def _connection(self, connection: Connection, app: XApp, shared: Troubles) -> CheckResult:
        try:
            _raise_known(shared, connection, app)
            result, level = await self._ask(connection, app)
        except NotFoundError:
            raise
        except AdwardenError as error:
            shared.learn(error, connection.place)
            if error.code is not ErrorCode.RATE_LIMITED:
                await self._standing.failed(connection, error)
            return found(connection, app, error)
        learned: dict[str, Any] = {"access_level": level} if level else {}
        await self._standing.note(connection, state=ConnectionState.WORKING, error="", **learned)
        await self._standing.apps.used(app.id, None)
        return result

    async def _ask(self, connection: Connection, app: XApp) -> tuple[CheckResult, str]:
        """Return what was found of a token that works, and its level; raises what stops it."""
        keys = Keys(
            await app_keys(self._roster, self._keychain, app),
            await secrets_of(self._roster, self._keychain, connection),
        )
        lane = self._platforms[app.provider]
        identity, open_question = await self._verify(lane, keys)
        level = identity.access_level if identity else ""
        unasked = ""
        try:
            await self._ads(lane, keys, connection)
        except AdwardenError as error:
            if error.code is not ErrorCode.RATE_LIMITED or identity is None:
                raise
            unasked = (
                "X accepts the token. Whether the Ads API answers was not asked: its rate limit "
                "is used up for now."
            )
        unenrolled = open_question is ErrorCode.APP_NOT_ENROLLED
        return working(connection, app, level=level, unasked=unasked, unenrolled=unenrolled), level

    async def _verify(
        self, lane: Lane[Provider], keys: Keys
    ) -> tuple[Identity | None, ErrorCode | None]:
        """Return whose token it is, or why that call does not tell; raises what it does tell."""
        try:
            return await self._read(lane, lambda x: x.verify(keys.app, keys.user)), None
        except AdwardenError as error:
            if error.code not in _NOT_THIS_CALL:
                raise
            return None, error.code

    async def _ads(self, lane: Lane[Provider], keys: Keys, connection: Connection) -> None:
        """Ask the Ads API something; that a role on an ad account was lost is an answer as well."""
        call = partial(Directory.entries, connection_id=connection.id)
        known = [one.account for one in await self._index.run(call) if not one.account.deleted]
        for account in known[:ACCOUNTS]:
            ask = partial(_access, keys, account.id)
            try:
                await self._read(lane, ask)
            except AdwardenError as error:
                if error.code is not ErrorCode.NO_ACCESS:
                    raise
            else:
                return
        if not known:
            await self._read(lane, lambda x: x.accounts(keys.app, keys.user))

    async def _read(self, lane: Lane[Provider], call: Callable[[Provider], T]) -> T:
        return await self._pace.read(lambda: lane.run(call), tries=TRIES)


def _raise_known(shared: Troubles, *rows: XApp | Connection) -> None:
    known = shared.of(*(one.place for one in rows))
    if known is not None:
        raise known


def _access(keys: Keys, account_id: str, provider: Provider) -> object:
    return provider.access(keys.app, keys.user, account_id)
