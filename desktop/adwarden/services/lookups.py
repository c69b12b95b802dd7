"""Looks up what is fetched on demand only: handles, funding instruments, features.

Nothing here happens by itself: X charges for handles, and the rest is seldom needed. What was
found is kept in the index with its time, so that nobody pays twice.
"""

from __future__ import annotations

import math
import time
from collections import ChainMap
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adwarden.domain.errors import (
    AdwardenError,
    ErrorCode,
    OverCapacityError,
    RateLimitedError,
)
from adwarden.domain.lookups import BATCH, Features, Found, Funding, Kind
from adwarden.domain.model import Connection
from adwarden.services.events import EntriesSaved, LookedUp, LookupEnded, LookupProgress
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.lookup_calls import LookupCalls
from adwarden.services.places import Places
from adwarden.services.roster import Roster, app_keys, secrets_of
from adwarden.services.standing import Standing, tells_of_connection
from adwarden.services.sync_calls import Keys
from adwarden.services.sync_pace import Pace

if TYPE_CHECKING:
    import asyncio

    from adwarden.domain.lookups import Looked
    from adwarden.services.authorizing import Platforms

TOLD_AT_ONCE = 200
"""Ad accounts in one event at most."""

MOST_FAILURES = 3
"""Batches in a row that a server may fail, each tried several times, before it is left alone."""

# The trouble of one batch; whatever else goes wrong would go wrong with the next one, too.
_OF_ONE_BATCH = frozenset({ErrorCode.SERVER, ErrorCode.UNEXPECTED_ANSWER})

_NOT_OPEN = frozenset({ErrorCode.APP_NOT_APPROVED, ErrorCode.APP_NOT_ENROLLED})

Work = Callable[[Connection], Coroutine[Any, Any, None]]

Key = tuple[str, str, str]
"""Kind, connection and ad account (empty for handles of all of them)."""


class Lookups:
    """One look-up at a time for each kind and place; a second wish joins the one under way."""

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
        self._roster, self._index, self._keychain = roster, index, keychain
        self._platforms, self._hub, self._clock = platforms, hub, clock
        self._pace = pace or Pace(clock=clock)
        self._standing = Standing(roster, index, hub, clock)
        self._running: dict[Key, asyncio.Task[None]] = {}
        self._asked: set[str] = set()
        """Users whose names are being paid for at this moment, whoever asked for them."""

    async def known(self) -> Found:
        """Return what was looked up before, from the index."""
        return await self._index.run(lambda d: d.lookups())

    async def recall(self) -> None:
        """Tell, by an event, all that was looked up before."""
        found = await self.known()
        groups = (found.handles.values(), found.funding.values(), found.features.values())
        everything = tuple(one for group in groups for one in group)
        if everything:
            self._hub.emit(LookedUp(everything))

    async def handles(
        self, connection_id: str, user_ids: Sequence[str], account_id: str = ""
    ) -> None:
        """Ask X for the names of these users, in batches; what came stays when some fail.

        Raises the first error, after everything that could be asked has been asked.
        """
        key = (Kind.HANDLES.value, connection_id, account_id)
        wanted = tuple(one for one in dict.fromkeys(user_ids) if one not in self._asked)
        if not wanted and key not in self._running:
            return  # all of them are under way for another object, and will be told
        await self._once(key, lambda of: self._handles(key, of, wanted), wanted)

    async def funding(self, connection_id: str, account_id: str) -> None:
        """Ask X what pays for an ad account; raises ``AdwardenError``."""
        key = (Kind.FUNDING.value, connection_id, account_id)
        await self._once(key, lambda of: self._funding(of, account_id))

    async def features(self, connection_id: str, account_id: str) -> None:
        """Ask X for an ad account's features; raises ``AdwardenError``."""
        key = (Kind.FEATURES.value, connection_id, account_id)
        await self._once(key, lambda of: self._features(of, account_id))

    def cancel(self, connection_id: str) -> None:
        """Stop what runs for a connection; what has come is kept."""
        for key, task in list(self._running.items()):
            if key[1] == connection_id:
                task.cancel()

    async def close(self) -> None:
        """Stop what runs; what has come is kept."""
        import asyncio

        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _once(self, key: Key, work: Work, asked: Sequence[str] = ()) -> None:
        import asyncio

        def done(_: asyncio.Task[None]) -> None:
            self._running.pop(key, None)
            self._asked.difference_update(asked)

        task = self._running.get(key)
        if task is None:
            run = self._run(key, work, tuple(asked))
            task = asyncio.get_running_loop().create_task(run, name="look up")
            self._running[key] = task
            self._asked.update(asked)
            task.add_done_callback(done)
        await asyncio.shield(task)

    async def _run(self, key: Key, work: Work, asked: tuple[str, ...]) -> None:
        ended: AdwardenError | None = AdwardenError(
            ErrorCode.CANCELLED, "Look-up stopped", "What had come by then is kept."
        )
        self._hub.emit(LookupProgress(*key, 0, 0, asked))
        try:
            connection = self._roster.connection(key[1])
            try:
                await work(connection)
            except AdwardenError as error:
                await self._learn(connection, key, error)
                raise
            ended = None
        except AdwardenError as error:
            ended = _in_our_words(error, key[0])
            raise ended from error
        finally:
            self._hub.emit(LookupEnded(*key, ended))

    async def _learn(self, connection: Connection, key: Key, error: AdwardenError) -> None:
        """Note what X has said of the connection itself, as a refresh would."""
        # Names come from another API: that the app may not use it says nothing of the Ads API.
        elsewhere = key[0] == Kind.HANDLES.value and error.code in _NOT_OPEN
        if tells_of_connection(error) and not elsewhere:
            await self._standing.failed(connection, error)

    async def _handles(self, key: Key, connection: Connection, wanted: Sequence[str]) -> None:
        failed: AdwardenError | None = None
        in_a_row = 0
        named: dict[str, str] = {}
        try:
            calls = await self._calls(connection)
            for start in range(0, len(wanted), BATCH):
                self._hub.emit(LookupProgress(*key, start, len(wanted)))
                try:
                    found = await calls.users(wanted[start : start + BATCH])
                except AdwardenError as error:
                    in_a_row += 1
                    if not _is_of_one_batch(error) or in_a_row >= MOST_FAILURES:
                        failed = error
                        break
                    failed = failed or error
                    continue
                in_a_row = 0
                # Kept at once: it has been paid for.
                await self._keep(found)
                named |= {one.user_id: one.handle for one in found}
        finally:
            await self._name(named)
        if failed is not None:
            raise failed

    async def _name(self, named: Mapping[str, str]) -> None:
        """Write names into the ad accounts that show these users, whichever connection's."""
        looked_up = self._roster.looked_up
        if looked_up is not None:
            looked_up.update(named)
        shown = {user_id: handle for user_id, handle in named.items() if handle}
        if not shown:
            return
        changed = await self._index.run(lambda d: d.name_users(shown))
        for connection_id, entries in changed.items():
            for start in range(0, len(entries), TOLD_AT_ONCE):
                batch = entries[start : start + TOLD_AT_ONCE]
                self._hub.emit(EntriesSaved(connection_id, batch))

    async def _funding(self, connection: Connection, account_id: str) -> None:
        found = await (await self._calls(connection)).funding(account_id)
        await self._keep((Funding(account_id, found, self._clock()),))

    async def _features(self, connection: Connection, account_id: str) -> None:
        names = await (await self._calls(connection)).features(account_id)
        await self._keep((Features(account_id, names, self._clock()),))

    async def _keep(self, found: tuple[Looked, ...]) -> None:
        await self._index.run(lambda d: d.save_lookups(found))
        self._hub.emit(LookedUp(found))

    async def _calls(self, connection: Connection) -> LookupCalls:
        app = self._roster.app(connection.app_id)
        keys = Keys(
            await app_keys(self._roster, self._keychain, app),
            await secrets_of(self._roster, self._keychain, connection),
        )
        return LookupCalls(self._platforms[app.provider], keys, self._pace)


def _is_of_one_batch(error: AdwardenError) -> bool:
    """Tell whether the next batch may well succeed at once."""
    return error.code in _OF_ONE_BATCH and not isinstance(error, OverCapacityError)


def _in_our_words(error: AdwardenError, kind: str) -> AdwardenError:
    """Say when to ask again where X wants a pause: nothing goes on by itself here.

    A person has asked and looks at it; a quarter of an hour later they may not want it any more.
    """
    if not isinstance(error, RateLimitedError | OverCapacityError):
        return error
    # The full minute after it: what is said to be possible then must be.
    at = f"{datetime.fromtimestamp(math.ceil(error.resets_at / 60) * 60):%H:%M}"
    if kind == Kind.HANDLES.value:
        remedy = f"It has stopped. What came is kept; look up the rest from {at} on."
    else:
        remedy = f"It has stopped. Look it up again from {at} on."
    message = error.message
    if isinstance(error, OverCapacityError):
        return OverCapacityError(
            error.title, message, remedy, resets_at=error.resets_at, detail=error.detail
        )
    return RateLimitedError(
        error.title,
        message,
        remedy,
        resets_at=error.resets_at,
        account_id=error.account_id,
        detail=error.detail,
    )


async def free_names(roster: Roster, index: Index) -> Mapping[str, str]:
    """Return the handles that cost nothing, by user id: own ones, and those looked up before.

    The mapping goes on growing with what is looked up later.
    """
    if roster.looked_up is None:
        found = await index.run(lambda d: d.lookups())
        roster.looked_up = {one.user_id: one.handle for one in found.handles.values()}
    return ChainMap({one.user_id: one.screen_name for one in roster.connections}, roster.looked_up)
