"""Fetches what a connection reaches: ad accounts page by page, then access and users of each.

Every part is saved and told as it arrives; one failing ad account never hides the others.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import Connection
from adwarden.providers.base import Provider
from adwarden.services.authorizing import Platforms
from adwarden.services.events import (
    ConnectionSaved,
    EntriesRemoved,
    RefreshEnded,
    RefreshProgress,
)
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.lookups import free_names
from adwarden.services.places import Places
from adwarden.services.refresh_run import RefreshRun
from adwarden.services.resuming import JOINED, RESUMED, may_go_on, unfinished
from adwarden.services.roster import Roster, app_keys, read_row
from adwarden.services.standing import Standing
from adwarden.services.sync_calls import Calls, Keys
from adwarden.services.sync_claims import Claims, OneAtATime, Turn
from adwarden.services.sync_pace import Pace
from adwarden.services.sync_rows import Rows
from adwarden.services.sync_turns import Turns
from adwarden.services.tasks import Lane
from adwarden.storage.directory import RefreshJob

if TYPE_CHECKING:
    import asyncio

PARALLEL = 10
"""Ad accounts fetched at the same time from one platform: two calls each, so that none of its 16
connections is ever without work.
"""


@dataclass(frozen=True, slots=True)
class _Running:
    """A refresh under way, and the keychain entry of the token that it uses."""

    entry: str
    task: asyncio.Task[None]


class Refreshing:
    """Runs refreshes, one a connection at a time; a second wish joins the one under way.

    ``claims`` are shared with other processes; ``recall`` reads again which rate limits they have
    left.
    """

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
        preferred: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        claims: Claims | None = None,
        recall: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._platforms = platforms
        self._hub = hub
        self._standing = Standing(roster, index, hub, clock)
        self._clock = clock
        self._pace = pace or Pace(clock=clock)
        self._one_at_a_time = OneAtATime(claims, index, hub, self._pace)
        self._recall = recall or _nothing
        self._running: dict[str, _Running] = {}
        self._runs: dict[str, RefreshRun] = {}
        self._turns: dict[str, Turns] = {}
        self._preferred = dict(preferred)
        self._stopped: set[str] = set()
        self._resumed: set[str] = set()
        self._resuming: set[asyncio.Task[None]] = set()

    async def refresh(self, connection_id: str) -> None:
        """Fetch everything this connection reaches; raises the error that stopped it."""
        import asyncio

        connection = self._roster.connection(connection_id)
        running = self._running.get(connection_id)
        same = self._roster.same_secrets
        if running is not None and not same(running.entry, connection.entry):
            # It uses a token that has been replaced: what it still learns is of no use.
            running.task.cancel()
            running = None
        if running is None:
            task = asyncio.get_running_loop().create_task(
                self._refresh(connection), name=f"refresh {connection_id}"
            )
            running = self._running[connection_id] = _Running(connection.entry, task)
            task.add_done_callback(lambda done: self._ended(connection_id, done))
        # Shielded: a second caller that goes away must not end it for the first.
        await asyncio.shield(running.task)

    async def resume(self, of: Collection[str] | None = None, held: Collection[str] = ()) -> None:
        """Go on with every refresh that was cut off; each tells its own failure by an event.

        With ``of`` only with those of these connections; ``held`` had not come to begin.
        """
        import asyncio

        now = self._pace.clock()
        found = {*await unfinished(self._roster, self._index, self._running, now), *held}
        known = {one.id for one in self._roster.connections if may_go_on(one)}
        found &= known if of is None else known & set(of)
        self._resumed.update(found)
        outcomes = await asyncio.gather(*map(self.refresh, found), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, AdwardenError):
                raise outcome

    def resume_soon(self, of: Collection[str], held: Collection[str]) -> None:
        """Do the same without anybody waiting."""
        import asyncio

        task = asyncio.get_running_loop().create_task(self.resume(of, held), name="resume")
        self._resuming.add(task)
        task.add_done_callback(self._resuming.discard)

    def prefer(self, connection_id: str, account_ids: Iterable[str]) -> None:
        """Fetch these ad accounts of a connection first, now and in later refreshes."""
        self._preferred[connection_id] = wanted = tuple(account_ids)
        run = self._runs.get(connection_id)
        if run is not None:
            run.prefer(wanted)

    def cancel(self, connection_id: str = "") -> None:
        """Stop one refresh, or all of them, for good; what has arrived stays."""
        for one, running in list(self._running.items()):
            if connection_id in ("", one):
                self._stopped.add(one)
                running.task.cancel()

    def pause(self, connection_id: str) -> bool:
        """Stop one refresh so that it can go on from there; tell whether that was wanted yet."""
        running = self._running.get(connection_id)
        if running is None or connection_id in self._stopped:
            return False
        return running.task.cancel()

    async def close(self) -> None:
        """Stop everything and wait until it has stopped; the next start goes on from there."""
        import asyncio

        tasks = [*self._resuming, *(running.task for running in self._running.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, connection_id: str, task: asyncio.Task[None]) -> None:
        running = self._running.get(connection_id)
        if running is not None and running.task is task:
            del self._running[connection_id]

    async def _refresh(self, connection: Connection) -> None:
        import asyncio

        self._hub.emit(RefreshProgress(connection.id, 0, 0))
        ended: AdwardenError | None = AdwardenError(
            ErrorCode.CANCELLED, "Refresh stopped", "What had arrived by then is kept."
        )
        asked_at = self._clock()
        try:
            async with self._one_at_a_time.turn(connection.id) as turn:
                await self._take_turn(connection, turn, asked_at)
            ended = None
        except asyncio.CancelledError:
            if connection.id in self._stopped:
                # Whoever stops it does not want it to begin again by itself; asked for soon
                # enough, it goes on, as every call made twice is one that X counts twice.
                # Shielded, as people press Cancel twice. It may be noted before it has its turn.
                await asyncio.shield(self._index.run(lambda d: d.stop_job(connection.id)))
            raise
        except AdwardenError as error:
            ended = error
            await self._standing.failed(connection, error)
            raise
        finally:
            self._stopped.discard(connection.id)
            self._hub.emit(RefreshEnded(connection.id, ended))

    async def _take_turn(self, connection: Connection, turn: Turn, asked_at: float) -> None:
        """Fetch everything, unless another process did so while this one waited for it."""
        if turn.followed:
            # It has used up some of the same limits.
            await self._recall()
        if turn.waited and await self._was_refreshed(connection, asked_at):
            rows = await self._rows(connection)
            rows.tell_known()
            return
        await self._fetch(connection, followed=turn.followed)
        await self._standing.works(connection, self._clock())

    async def _was_refreshed(self, connection: Connection, asked_at: float) -> bool:
        """Tell whether another process has brought a connection up to date, and show it so."""
        stored = await self._index.run(lambda d: d.connection(connection.id))
        job = await self._index.run(lambda d: d.job(connection.id))
        now = self._roster.connection(connection.id).entry
        same = self._roster.same_secrets(connection.entry, now)
        if stored is None or stored.entry != now or not same or job is not None:
            return False
        if not asked_at <= (stored.checked_at or 0) <= self._clock():
            return False
        self._roster.put_connection(stored)
        self._hub.emit(ConnectionSaved(stored))
        return True

    async def _rows(self, connection: Connection) -> Rows:
        """Return what the index has; what other processes have removed is told."""
        found = await self._index.run(lambda d: d.entries(connection.id))
        rows = Rows(connection.id, {one.account.id: one for one in found}, self._index, self._hub)
        gone = self._roster.reached.get(connection.id, frozenset()) - rows.account_ids
        self._roster.reached[connection.id] = rows.account_ids
        if gone:
            self._hub.emit(EntriesRemoved(connection.id, tuple(sorted(gone))))
        return rows

    async def _fetch(self, connection: Connection, *, followed: bool) -> None:
        app = self._roster.app(connection.app_id)
        keys_of_app = await app_keys(self._roster, self._keychain, app)
        # While it waited for its turn, its entry may have got another name.
        connection, token = await read_row(self._roster, self._keychain, connection)
        keys = Keys(keys_of_app, token)
        lane = self._platforms[app.provider]
        # Names that cost nothing: a lookup of a foreign one costs money at X.
        handles = await free_names(self._roster, self._index)
        calls = Calls(lane, keys, self._pace, handles)
        rows = await self._rows(connection)
        job, resumed = await self._job(connection)
        if followed:
            rows.tell_known()
        turns = self._turns.setdefault(app.provider, Turns(PARALLEL))
        run = RefreshRun(
            job, rows.known, calls, rows, self._hub, turns, self._pace, resumed=resumed
        )
        run.prefer(self._preferred.get(connection.id, ()))
        self._runs[connection.id] = run
        try:
            await run.run()
        finally:
            self._roster.reached[connection.id] = rows.account_ids
            if self._runs.get(connection.id) is run:
                del self._runs[connection.id]
        await self._index.run(lambda d: d.finish_job(connection.id))
        await self._learn_level(connection, lane, keys)

    async def _job(self, connection: Connection) -> tuple[RefreshJob, bool]:
        """Return how far the refresh is, and whether it was cut off before."""
        now = self._pace.clock()
        job = await self._index.run(lambda d: d.job(connection.id))
        longest = RESUMED if connection.id in self._resumed else JOINED
        self._resumed.discard(connection.id)
        same = job is not None and self._roster.same_secrets(connection.entry, job.entry)
        if job is not None and same and job.is_recent(now, longest):
            again = replace(job, stopped=False)
            await self._index.run(lambda d: d.save_job(again))
            return again, True
        job = RefreshJob(connection.id, self._roster.now(connection).entry, now)
        await self._index.run(lambda d: d.save_job(job))
        return job, False

    async def _learn_level(self, connection: Connection, lane: Lane[Provider], keys: Keys) -> None:
        """Ask once what this token may do; X closes this call for some apps, which is no error."""
        if connection.access_level:
            return
        try:
            identity = await self._pace.read(
                lambda: lane.run(lambda platform: platform.verify(keys.app, keys.user))
            )
        except AdwardenError as error:
            if error.code is ErrorCode.REVOKED:
                raise
            return
        await self._standing.note(connection, access_level=identity.access_level)


async def _nothing() -> None:
    """Stand for what needs not be done."""
