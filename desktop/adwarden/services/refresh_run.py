"""One refresh of one connection: the list of ad accounts, and access and users of each.

What arrives is saved and told in small batches, together with how far the refresh is: whoever
begins again goes on from there. What fails at one ad account stays with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import AccountEntry
from adwarden.services.hub import Hub
from adwarden.services.sync_calls import Calls, stops
from adwarden.services.sync_filling import Filling
from adwarden.services.sync_health import Health
from adwarden.services.sync_listing import Listing
from adwarden.services.sync_pace import Pace
from adwarden.services.sync_rows import Rows, is_since
from adwarden.services.sync_todo import Todo, Work
from adwarden.services.sync_turns import Turns
from adwarden.services.sync_waits import Waits
from adwarden.storage.directory import RefreshJob

if TYPE_CHECKING:
    import asyncio


class RefreshRun:
    """Lists the ad accounts and fills them at the same time; used once.

    ``known`` is what the index has of the connection; ``resumed`` says that the job was cut off
    before, so that rows which are newer than its beginning need not be fetched again.
    """

    def __init__(
        self,
        job: RefreshJob,
        known: Mapping[str, AccountEntry],
        calls: Calls,
        rows: Rows,
        hub: Hub,
        turns: Turns,
        pace: Pace,
        *,
        resumed: bool,
    ) -> None:
        import asyncio

        self._job, self._resumed = job, resumed
        self._known, self._rows = known, rows
        self._turns, self._pace = turns, pace
        self._wake = asyncio.Event()
        self._todo = Todo()
        self._begun: set[str] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self._stop: BaseException | None = None
        self._health = Health()
        self._waits = Waits(job.connection_id, pace, turns, hub)
        self._calls = calls
        self._filling = Filling(calls, self._health, turns, self._end, self._wake.set)
        self._listing = Listing(
            job, known, calls, rows, pace, self._listed, self._wake, resumed=resumed
        )
        self._begin(self._listing.seen)

    def prefer(self, account_ids: Iterable[str]) -> None:
        """Fetch these ad accounts first, also before the list of X has come to them."""
        wanted = tuple(account_ids)
        self._todo.prefer(wanted)
        self._begin([one for one in wanted if one in self._known])

    async def run(self) -> None:
        """Fetch everything; raises what stopped it, or what is missing of the list."""
        import asyncio

        loop = asyncio.get_running_loop()
        lister = loop.create_task(self._listing.run(), name="list ad accounts")
        lister.add_done_callback(self._list_read)
        saver = loop.create_task(self._save_steadily(), name="save ad accounts")
        self._rows.tell_progress()
        try:
            await self._dispatch(lister)
        finally:
            others = (lister, saver, *self._busy)
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self._rows.flush()
        error = self._stop or self._listing.error or self._health.unreached
        if error is not None:
            raise await self._calls.meant(error)

    def _listed(self, account_ids: Iterable[str]) -> None:
        self._health.listed()
        self._begin(account_ids)

    def _begin(self, account_ids: Iterable[str]) -> None:
        """Take in ad accounts; what was fetched before the job was cut off is done already."""
        began = self._job.began_at if self._resumed else math.inf
        now = self._pace.clock()
        for account_id in account_ids:
            entry = self._rows.entry(account_id)
            if account_id in self._begun or entry is None:
                continue
            self._begun.add(account_id)
            failed = entry.access_error or entry.users_error
            # What failed may work now; whoever goes on has asked for that, or waited for it.
            if not failed and is_since(entry.fetched_at, began, now):
                self._rows.done += 1
            else:
                access = is_since(entry.access_at, began, now)
                users = is_since(entry.users_at, began, now)
                self._todo.add(Work(account_id, not access, not users))
        self._rows.begun = len(self._begun)
        self._wake.set()

    def _list_read(self, task: asyncio.Task[None]) -> None:
        self._rows.listed = True
        error = self._listing.error
        if not task.cancelled() and (broken := task.exception()) is not None:
            self._end(broken)
        elif error is not None and stops(error):
            self._end(error)
        self._wake.set()

    def _end(self, error: BaseException | None) -> None:
        """Begin nothing any more; the first reason counts."""
        self._stop = self._stop or error
        self._wake.set()

    async def _dispatch(self, lister: asyncio.Task[None]) -> None:
        """Begin one ad account after the other, as turns and limits allow."""
        import asyncio

        loop = asyncio.get_running_loop()
        while (rest := self._rest(lister)) is not None:
            self._wake.clear()
            # The first answer tells what is allowed, before many are sent at once.
            if rest == 0 and self._busy and not self._health.answered:
                rest = math.inf
            if rest > 0:
                self._tell(rest)
                if rest == math.inf:
                    await self._wake.wait()
                else:
                    await self._pace.until(self._pace.steady() + rest, self._wake)
                continue
            self._tell(0.0)
            await self._turns.take(self._todo.wanted)
            work = self._todo.take() if self._rest(lister) == 0 else None
            if work is None:
                self._turns.give()
                continue
            task = loop.create_task(self._fill(work), name=f"fetch {work.account_id}")
            self._busy.add(task)
            task.add_done_callback(self._filled)

    def _rest(self, lister: asyncio.Task[None]) -> float | None:
        """Return in how many seconds the next ad account can be begun; ``None`` at the end."""
        if self._stop is not None:
            return None
        now = self._pace.steady()
        hold = self._waits.until
        if self._todo.is_ready(now):
            return max(0.0, hold - now)
        if self._todo.resumes_at is not None:
            return max(0.0, max(self._todo.resumes_at, hold) - now)
        if not self._busy and lister.done():
            return None
        return math.inf

    def _tell(self, rest: float) -> None:
        self._waits.tell(rest, self._listing, busy=bool(self._busy))

    async def _fill(self, work: Work) -> None:
        before = self._rows.entry(work.account_id)
        if before is None:
            return
        filled = await self._filling.fill(
            work,
            lambda: self._rows.entry(work.account_id) or before,
            lambda: max(self._pace.clock(), self._job.began_at),
        )
        if filled.waits and not filled.stopped:
            until, too_many = self._waits.take_in(filled.waits)
            self._todo.put_off(work, until)
            if too_many is not None:
                self._end(too_many)
        elif not filled.stopped:
            self._rows.done += 1
        self._rows.put(filled.entry)

    def _filled(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        self._turns.give()
        self._wake.set()
        if not task.cancelled():
            self._end(task.exception())

    async def _save_steadily(self) -> None:
        try:
            await self._rows.save_steadily()
        except AdwardenError as error:
            self._end(error)
