"""One refresh of one connection: the list of ad accounts, and access and users of each.

What arrives is saved and told in small batches, together with how far the refresh is: whoever
begins again goes on from there. What fails at one ad account stays with it.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from adwarden.domain.errors import AdwardenError, ErrorCode, OverCapacityError, RateLimitedError
from adwarden.domain.model import AccountEntry
from adwarden.services.events import RefreshWaiting
from adwarden.services.hub import Hub
from adwarden.services.sync_calls import Calls, stops
from adwarden.services.sync_listing import Listing
from adwarden.services.sync_pace import Pace
from adwarden.services.sync_rows import Rows, is_since
from adwarden.services.sync_todo import Todo, Work
from adwarden.services.sync_turns import Turns
from adwarden.storage.directory import RefreshJob

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

MOST_FAILURES = 10
"""Calls in a row that a server may fail, each tried several times, before it is left alone."""

MOST_LOST = 3
"""Different ad accounts in a row that X may not be reached for, before there is no network."""

Wait = RateLimitedError | OverCapacityError


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

        self._job = job
        self._known = known
        self._calls = calls
        self._rows = rows
        self._hub = hub
        self._turns = turns
        self._pace = pace
        self._todo = Todo()
        self._begun: set[str] = set()
        self._busy: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._hold = 0.0
        self._reason = ""
        self._told: int | None = None
        self._failures = 0
        self._answered = False
        self._lost: dict[str, AdwardenError] = {}
        self._resumed = resumed
        self._stop: BaseException | None = None
        self._listing = Listing(
            job, known, calls, rows, pace, self._begin, self._wake, resumed=resumed
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
        try:
            await self._dispatch(lister)
        finally:
            others = (lister, saver, *self._busy)
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self._rows.flush()
        error = self._stop or self._listing.error
        if error is None and not self._answered:
            error = next(iter(self._lost.values()), None)
        if error is not None:
            raise error

    def _begin(self, account_ids: Iterable[str]) -> None:
        """Take in ad accounts; what was fetched before the job was cut off is done already."""
        began = self._job.began_at if self._resumed else math.inf
        now = self._pace.clock()
        for account_id in account_ids:
            entry = self._rows.entry(account_id)
            if account_id in self._begun or entry is None:
                continue
            self._begun.add(account_id)
            if is_since(entry.fetched_at, began, now):
                self._rows.done += 1
            else:
                access = is_since(entry.access_at, began, now)
                users = is_since(entry.users_at, began, now)
                self._todo.add(Work(account_id, not access, not users))
        self._rows.total = len(self._begun)
        self._wake.set()

    def _list_read(self, task: asyncio.Task[None]) -> None:
        error = self._listing.error
        if not task.cancelled() and (broken := task.exception()) is not None:
            self._stop = self._stop or broken
        elif error is not None and stops(error):
            self._stop = self._stop or error
        self._wake.set()

    async def _dispatch(self, lister: asyncio.Task[None]) -> None:
        """Begin one ad account after the other, as turns and limits allow."""
        import asyncio

        loop = asyncio.get_running_loop()
        while (rest := self._rest(lister)) is not None:
            self._wake.clear()
            # The first answer tells what is allowed, before many are sent at once.
            if rest == 0 and self._busy and not self._answered:
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
        hold = max(self._hold, self._turns.resumes_at)
        if self._todo.is_ready(now):
            return max(0.0, hold - now)
        if self._todo.resumes_at is not None:
            return max(0.0, max(self._todo.resumes_at, hold) - now)
        if not self._busy and lister.done():
            return None
        return math.inf

    def _tell(self, rest: float) -> None:
        """Say until when everything waits, if it does."""
        moment, reason = rest, self._reason
        if self._turns.resumes_at > max(self._hold, self._pace.steady()):
            reason = self._turns.reason
        if self._listing.resumes_at is not None:
            until = self._listing.resumes_at - self._pace.steady()
            if until < moment:
                moment, reason = until, self._listing.reason
        waits = 0 < moment < math.inf and not self._busy and not self._listing.busy
        shown = round(self._pace.clock() + moment) if waits else None
        # To the second: the two clocks never agree to the last digit.
        if shown is None and self._told is None:
            return
        if shown is None or self._told is None or abs(shown - self._told) > 1:
            self._told = shown
            self._hub.emit(RefreshWaiting(self._job.connection_id, shown, reason))

    async def _fill(self, work: Work) -> None:
        import asyncio

        entry = self._rows.entry(work.account_id)
        if entry is None:
            return
        access, users = await asyncio.gather(
            self._part(self._calls.access, work.account_id, wanted=work.access),
            self._part(self._calls.users, work.account_id, wanted=work.users),
        )
        now = max(self._pace.clock(), self._job.began_at)
        entry = self._rows.entry(work.account_id) or entry
        waits: list[Wait] = []
        if isinstance(access, Wait):
            waits.append(access)
        elif isinstance(access, AdwardenError):
            work.access = False
            entry = replace(entry, access_error=str(access))
        elif access is not None:
            work.access = False
            entry = replace(entry, access=access, access_error="", access_at=now)
        if isinstance(users, Wait):
            waits.append(users)
        elif isinstance(users, AdwardenError):
            work.users = False
            entry = replace(entry, users_error=str(users))
        elif users is not None:
            work.users = False
            entry = replace(entry, users=users, users_error="", users_at=now)
        errors = [one for one in (access, users) if isinstance(one, AdwardenError)]
        stopped = any(map(_stops_all, errors))
        if waits and not stopped:
            self._put_off(work, waits)
        elif not stopped:
            self._rows.done += 1
            # Whoever goes on after a cut asks again for what X was not reached for.
            if not any(map(stops, errors)):
                entry = replace(entry, fetched_at=now)
        self._rows.put(entry)

    async def _part(
        self, call: Callable[[str], Awaitable[T]], account_id: str, *, wanted: bool
    ) -> T | AdwardenError | None:
        """Make one call of one ad account; its own failure becomes words on its row."""
        if not wanted:
            return None
        try:
            answer = await call(account_id)
        except AdwardenError as error:
            self._failed(error, account_id)
            return error
        if not self._answered:
            # The others need not wait for the rest of this ad account.
            self._answered = True
            self._wake.set()
        self._failures = 0
        self._lost.clear()
        self._turns.answered()
        return answer

    def _failed(self, error: AdwardenError, account_id: str) -> None:
        self._failures += error.code is ErrorCode.SERVER and not isinstance(error, Wait)
        if error.code is ErrorCode.NO_NETWORK:
            self._lost[account_id] = error
        elif not isinstance(error, Wait):
            self._lost.clear()
        many = self._failures >= MOST_FAILURES or len(self._lost) >= MOST_LOST
        if _stops_all(error) or many:
            self._stop = self._stop or error
            self._wake.set()

    def _put_off(self, work: Work, waits: list[Wait]) -> None:
        """Come back to an ad account, and to all others, when X allows it."""
        until = 0.0
        for error in waits:
            moment = self._pace.resumes(error)
            until = max(until, moment)
            if isinstance(error, OverCapacityError):
                if not self._turns.pause(moment, self._pace.steady(), error.title):
                    self._stop = self._stop or error
            elif not error.account_id:
                self._hold = max(self._hold, moment)
            self._reason = error.message
        self._todo.put_off(work, until)

    def _filled(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        self._turns.give()
        self._wake.set()
        if not task.cancelled():
            self._stop = self._stop or task.exception()

    async def _save_steadily(self) -> None:
        try:
            await self._rows.save_steadily()
        except AdwardenError as error:
            self._stop = self._stop or error
            self._wake.set()


def _stops_all(error: AdwardenError) -> bool:
    """Tell whether it is not only one ad account's; one connection may break off by itself."""
    return stops(error) and error.code is not ErrorCode.NO_NETWORK
