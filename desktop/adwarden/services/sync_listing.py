"""Reads the list of ad accounts of one connection, and sees who is no longer in it.

Its few calls are the scarcest at X: where none is left, the list waits, and what it has brought
is filled meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from adwarden.domain.errors import (
    AdwardenError,
    ErrorCode,
    NetworkError,
    OverCapacityError,
    RateLimitedError,
    ServerError,
)
from adwarden.domain.model import AccountEntry, AdAccount, Page
from adwarden.services.sync_calls import Calls
from adwarden.services.sync_pace import Pace
from adwarden.services.sync_pages import pages
from adwarden.services.sync_rows import Rows, is_since
from adwarden.services.sync_turns import MOST_PAUSES
from adwarden.storage.directory import RefreshJob

if TYPE_CHECKING:
    import asyncio


class Listing:
    """Goes on where ``job`` says; ``listed`` is called with the ids of every page.

    ``resumed`` says that the job was cut off before; ``wake`` is set whenever ``busy`` or
    ``resumes_at`` has changed.
    """

    def __init__(
        self,
        job: RefreshJob,
        known: Mapping[str, AccountEntry],
        calls: Calls,
        rows: Rows,
        pace: Pace,
        listed: Callable[[Iterable[str]], None],
        wake: asyncio.Event,
        *,
        resumed: bool,
    ) -> None:
        self._job = job
        self._known = known
        self._calls = calls
        self._rows = rows
        self._pace = pace
        self._listed = listed
        self._wake = wake
        self._whole = True
        self.seen = {id_ for id_, entry in known.items() if resumed and self._has(entry)}
        """The ad accounts that are in the list."""

        self.error: AdwardenError | None = None
        """What is in the way of the whole list, once it has been given up."""

        self.busy = False
        """Whether X is being asked for a page."""

        self.resumes_at: float | None = None
        """When the next page may be asked for, on the steady clock, while that is waited for."""

        self.reason = ""

    def _has(self, entry: AccountEntry) -> bool:
        return is_since(entry.listed_at, self._job.began_at, self._pace.clock())

    async def run(self) -> None:
        """Read the pages that are left; what goes wrong is in ``error`` then."""
        if self._job.listed:
            return
        try:
            try:
                await self._read(self._job.next_cursor)
            except ServerError as error:
                if error.code is not ErrorCode.UNEXPECTED_ANSWER or not self._job.next_cursor:
                    raise
                # X no longer knows the place: places do not last for ever.
                await self._read("")
        except AdwardenError as error:
            self.error = error
            if error.code is ErrorCode.UNEXPECTED_ANSWER:
                # Whoever takes it up again had better not do so at this place.
                await self._rows.save_page((), replace(self._job, next_cursor=""))
        finally:
            self.busy = False

    async def _read(self, cursor: str) -> None:
        self._whole = True
        async for page in pages(self._page, lambda account: account.id, cursor=cursor):
            self._whole = self._whole and page.whole
            await self._take(page)
        if not self._whole:
            raise NetworkError(
                ErrorCode.UNEXPECTED_ANSWER,
                "The list of ad accounts could not be read whole",
                "What could be read is shown; nothing is taken for gone because of it.",
                "Refresh again later.",
            )
        gone = self._known.keys() - self.seen
        await self._rows.drop(gone)
        self._job = replace(self._job, next_cursor="", listed=True)
        await self._rows.save_page((), self._job)

    async def _take(self, page: Page[AdAccount]) -> None:
        now = max(self._pace.clock(), self._job.began_at)
        entries = []
        for account in page.items:
            before = self._rows.entry(account.id) or AccountEntry(account)
            entries.append(replace(before, account=account, listed_at=now))
        ids = [account.id for account in page.items]
        self.seen.update(ids)
        # A list with a page that could not be read whole is begun anew by whoever resumes it.
        cursor = page.next_cursor if self._whole else ""
        self._job = replace(self._job, next_cursor=cursor)
        await self._rows.save_page(entries, self._job)
        self._listed(ids)
        self._rows.tell_progress()

    async def _page(self, cursor: str) -> Page[AdAccount]:
        pauses = 0
        while True:
            self.busy = True
            try:
                return await self._calls.accounts(cursor)
            except (RateLimitedError, OverCapacityError) as error:
                pauses += isinstance(error, OverCapacityError)
                if pauses > MOST_PAUSES:
                    raise
                self.busy = False
                self.resumes_at = self._pace.resumes(error)
                self.reason = error.message
            self._wake.set()
            await self._pace.until(self.resumes_at)
            self.resumes_at = None
            self._wake.set()
