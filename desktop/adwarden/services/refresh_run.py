"""One refresh of one connection: the pages of ad accounts, then access and users of each.

What arrives is saved and told in small batches; what fails at one ad account stays with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode, NetworkError, RateLimitedError
from adwarden.domain.model import Access, AccountEntry, Credential, Page, PromotableUser
from adwarden.providers.base import Provider
from adwarden.services.events import EntriesRemoved, EntriesSaved, RefreshProgress
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.tasks import Lane

T = TypeVar("T")

PARALLEL = 6
"""Ad accounts fetched at the same time."""

BATCH_SECONDS = 0.1
"""How long what has arrived may wait to be saved and shown."""

TOLD_AT_ONCE = 200
"""Ad accounts in one event at most."""

# What stops a whole refresh; everything else belongs to the one ad account it happened at.
_STOPPING = frozenset(
    {
        ErrorCode.REVOKED,
        ErrorCode.APP_KEYS,
        ErrorCode.APP_SUSPENDED,
        ErrorCode.APP_NOT_APPROVED,
        ErrorCode.USER_SUSPENDED,
        ErrorCode.USER_LOCKED,
        ErrorCode.CLOCK,
        ErrorCode.NO_NETWORK,
        ErrorCode.TLS,
        ErrorCode.PROXY,
        ErrorCode.RATE_LIMITED,
        ErrorCode.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two credentials a call is signed with, held for one refresh."""

    app: Credential
    user: Credential


class RefreshRun:
    """Lists the ad accounts, then fills them; used once.

    ``handles`` maps user ids to the names that are known without a paid lookup.
    """

    def __init__(
        self,
        connection_id: str,
        lane: Lane[Provider],
        keys: Keys,
        index: Index,
        hub: Hub,
        *,
        handles: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self._id = connection_id
        self._lane = lane
        self._keys = keys
        self._index = index
        self._hub = hub
        self._handles = handles
        self._clock = clock
        self._todo: deque[AccountEntry] = deque()
        self._ready: list[AccountEntry] = []
        self._done = 0
        self._total = 0
        self._stop: AdwardenError | None = None
        self._incomplete: RateLimitedError | None = None

    async def list_accounts(self, known: Mapping[str, AccountEntry]) -> None:
        """Read all pages, show what is new at once, and drop what is no longer reached."""
        seen: set[str] = set()
        try:
            async for accounts in self._pages(self._accounts_page):
                entries = []
                for account in accounts:
                    if account.id not in seen:
                        seen.add(account.id)
                        before = known.get(account.id)
                        entries.append(
                            replace(before, account=account) if before else AccountEntry(account)
                        )
                self._todo.extend(entries)
                self._total = len(self._todo)
                await self._save(entries)
        except RateLimitedError as error:
            # Few pages are allowed; those that came are worth filling all the same.
            if not self._todo:
                raise
            self._incomplete = error
            return
        gone = tuple(sorted(known.keys() - seen))
        if gone:
            await self._index.run(lambda d: d.remove_entries(self._id, gone))
            self._hub.emit(EntriesRemoved(self._id, gone))

    async def fill(self) -> None:
        """Fetch access and users of every ad account; raises what stopped all of it."""
        import asyncio

        loop = asyncio.get_running_loop()
        workers = [loop.create_task(self._work()) for _ in range(min(PARALLEL, self._total))]
        saver = loop.create_task(self._save_steadily())
        try:
            await asyncio.gather(*workers)
        finally:
            for task in (*workers, saver):
                task.cancel()
            await asyncio.gather(*workers, saver, return_exceptions=True)
            await self._flush()
        stopped = self._stop or self._incomplete
        if stopped is not None:
            raise stopped

    async def _work(self) -> None:
        while self._todo and self._stop is None:
            entry = self._todo.popleft()
            account_id = entry.account.id
            access, access_error = await self._part(self._access(account_id))
            if self._stop is not None:
                return
            users, users_error = await self._part(self._users(account_id))
            if self._stop is not None:
                return
            self._ready.append(
                replace(
                    entry,
                    access=access or entry.access,
                    access_error=access_error,
                    users=entry.users if users is None else users,
                    users_error=users_error,
                    fetched_at=self._clock(),
                )
            )
            self._done += 1

    async def _part(self, call: Coroutine[Any, Any, T]) -> tuple[T | None, str]:
        """Await one call of one ad account; its own failure becomes words on its row."""
        try:
            return await call, ""
        except AdwardenError as error:
            if error.code in _STOPPING:
                self._stop = self._stop or error
            return None, str(error)

    def _accounts_page(self, platform: Provider, cursor: str) -> Page[Any]:
        return platform.accounts(self._keys.app, self._keys.user, cursor=cursor)

    async def _access(self, account_id: str) -> Access:
        return await self._lane.run(
            lambda platform: platform.access(self._keys.app, self._keys.user, account_id)
        )

    async def _users(self, account_id: str) -> tuple[PromotableUser, ...]:
        def page(platform: Provider, cursor: str) -> Page[PromotableUser]:
            return platform.promotable_users(
                self._keys.app, self._keys.user, account_id, cursor=cursor
            )

        found: list[PromotableUser] = []
        async for users in self._pages(page):
            found.extend(users)
        return tuple(replace(user, handle=self._handles.get(user.user_id, "")) for user in found)

    async def _pages(
        self, call: Callable[[Provider, str], Page[T]]
    ) -> AsyncIterator[tuple[T, ...]]:
        cursor = ""
        used = {cursor}
        while True:
            page = await self._lane.run(partial(_turned, call, cursor))
            yield page.items
            cursor = page.next_cursor
            if not cursor:
                return
            if cursor in used:
                raise NetworkError(
                    ErrorCode.UNEXPECTED_ANSWER,
                    "The list does not come to an end",
                    "X sent the same place in the list again and again.",
                    "Try again later.",
                )
            used.add(cursor)

    async def _save_steadily(self) -> None:
        import asyncio

        while True:
            await asyncio.sleep(BATCH_SECONDS)
            await self._flush()

    async def _flush(self) -> None:
        ready = self._ready[:]
        await self._save(ready)
        # Only now: a save that is cancelled half-way is made again at the end.
        del self._ready[: len(ready)]

    async def _save(self, entries: list[AccountEntry]) -> None:
        if entries:
            batch = tuple(entries)
            await self._index.run(lambda d: d.save_entries(self._id, batch))
            # A page of a thousand in one go would be felt by whoever listens in the window.
            for start in range(0, len(batch), TOLD_AT_ONCE):
                self._hub.emit(EntriesSaved(self._id, batch[start : start + TOLD_AT_ONCE]))
        self._hub.emit(RefreshProgress(self._id, self._done, self._total))


def _turned(call: Callable[[Provider, str], Page[T]], cursor: str, platform: Provider) -> Page[T]:
    return call(platform, cursor)
