"""Looks up what is fetched on demand only: handles, funding instruments, features.

Nothing here happens by itself: X charges for handles, and the rest is seldom needed. What was
found is kept in the index with its time, so that nobody pays twice.
"""

from __future__ import annotations

import time
from collections import ChainMap
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from adwarden.domain.errors import AdwardenError, ErrorCode, NetworkError, RateLimitedError
from adwarden.domain.lookups import BATCH, Features, Found, Funding, FundingInstrument, Kind
from adwarden.services.events import EntriesSaved, LookedUp, LookupEnded, LookupProgress
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.roster import Roster, app_keys, entry_of
from adwarden.services.sync_calls import Keys

if TYPE_CHECKING:
    import asyncio

    from adwarden.domain.lookups import Looked
    from adwarden.providers.base import Provider
    from adwarden.services.authorizing import Platforms
    from adwarden.services.tasks import Lane

TOLD_AT_ONCE = 200
"""Ad accounts in one event at most."""

MOST_PAGES = 50
"""Pages of funding instruments of one ad account; more is a list that does not end."""

# The trouble of one batch; whatever else goes wrong would go wrong with the next one, too.
_OF_ONE_BATCH = frozenset({ErrorCode.SERVER, ErrorCode.UNEXPECTED_ANSWER})

Work = Coroutine[Any, Any, None]

Key = tuple[str, str, str]
"""Kind, connection and ad account (empty for handles of all of them)."""


class Lookups:
    """One look-up at a time for each kind and place; a second wish joins the one under way."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Keychain,
        platforms: Platforms,
        hub: Hub,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster, self._index, self._keychain = roster, index, keychain
        self._platforms, self._hub, self._clock = platforms, hub, clock
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
        await self._once(key, lambda: self._handles(key, wanted), wanted)

    async def funding(self, connection_id: str, account_id: str) -> None:
        """Ask X what pays for an ad account; raises ``AdwardenError``."""
        key = (Kind.FUNDING.value, connection_id, account_id)
        await self._once(key, lambda: self._funding(key))

    async def features(self, connection_id: str, account_id: str) -> None:
        """Ask X for an ad account's features; raises ``AdwardenError``."""
        key = (Kind.FEATURES.value, connection_id, account_id)
        await self._once(key, lambda: self._features(key))

    async def close(self) -> None:
        """Stop what runs; what has come is kept."""
        import asyncio

        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _once(self, key: Key, work: Callable[[], Work], asked: Sequence[str] = ()) -> None:
        import asyncio

        def done(_: asyncio.Task[None]) -> None:
            self._running.pop(key, None)
            self._asked.difference_update(asked)

        task = self._running.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._run(key, work), name="look up")
            self._running[key] = task
            self._asked.update(asked)
            task.add_done_callback(done)
        await asyncio.shield(task)

    async def _run(self, key: Key, work: Callable[[], Work]) -> None:
        ended: AdwardenError | None = AdwardenError(
            ErrorCode.CANCELLED, "Look-up stopped", "What had come by then is kept."
        )
        self._hub.emit(LookupProgress(*key, 0, 0))
        try:
            await work()
            ended = None
        except AdwardenError as error:
            ended = _in_our_words(error)
            raise ended from error
        finally:
            self._hub.emit(LookupEnded(*key, ended))

    async def _handles(self, key: Key, wanted: Sequence[str]) -> None:
        first: AdwardenError | None = None
        named: dict[str, str] = {}
        try:
            lane, keys = await self._ready(key[1])
            for start in range(0, len(wanted), BATCH):
                batch = wanted[start : start + BATCH]
                self._hub.emit(LookupProgress(*key, start, len(wanted)))
                try:
                    found = await lane.run(lambda p, ids=batch: p.users(keys.app, keys.user, ids))  # type: ignore[misc]
                except AdwardenError as error:
                    first = first or error
                    if error.code not in _OF_ONE_BATCH:
                        break
                    continue
                # Kept at once: it has been paid for.
                await self._keep(found)
                named |= {one.user_id: one.handle for one in found}
        finally:
            await self._name(named)
        if first is not None:
            raise first

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

    async def _funding(self, key: Key) -> None:
        lane, keys = await self._ready(key[1])
        account_id = key[2]
        found: list[FundingInstrument] = []
        cursor, seen = "", {""}
        for _ in range(MOST_PAGES):
            page = await lane.run(
                lambda p, at=cursor: p.funding_instruments(  # type: ignore[misc]
                    keys.app, keys.user, account_id, cursor=at
                )
            )
            found += page.items
            cursor = page.next_cursor
            if cursor in seen:
                break
            seen.add(cursor)
        if cursor:
            raise NetworkError(
                ErrorCode.UNEXPECTED_ANSWER,
                "The list does not come to an end",
                "X sent the same place in the list of funding instruments again and again.",
                "Try again later.",
            )
        once = tuple({one.id: one for one in found}.values())
        await self._keep((Funding(account_id, once, self._clock()),))

    async def _features(self, key: Key) -> None:
        lane, keys = await self._ready(key[1])
        account_id = key[2]
        names = await lane.run(lambda p: p.features(keys.app, keys.user, account_id))
        await self._keep((Features(account_id, names, self._clock()),))

    async def _keep(self, found: tuple[Looked, ...]) -> None:
        await self._index.run(lambda d: d.save_lookups(found))
        self._hub.emit(LookedUp(found))

    async def _ready(self, connection_id: str) -> tuple[Lane[Provider], Keys]:
        connection = self._roster.connection(connection_id)
        app = self._roster.app(connection.app_id)
        keys = Keys(
            await app_keys(self._keychain, app),
            await self._keychain.get(*entry_of(connection)),
        )
        return self._platforms[app.provider], keys


def _in_our_words(error: AdwardenError) -> AdwardenError:
    """Say when to ask again after a used up rate limit: this does not go on by itself."""
    if not isinstance(error, RateLimitedError):
        return error
    at = datetime.fromtimestamp(error.resets_at).strftime("%H:%M")
    return RateLimitedError(
        error.title,
        error.message,
        f"What came is kept. Look up the rest after {at}.",
        resets_at=error.resets_at,
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
