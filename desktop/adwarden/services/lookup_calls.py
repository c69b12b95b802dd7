"""The reads of look-ups, made by the platform's lane with the keys of one connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from adwarden.domain.errors import AdwardenError
from adwarden.domain.lookups import FundingInstrument, KnownHandle
from adwarden.domain.model import Page
from adwarden.providers.base import Provider
from adwarden.services.doubting import meant
from adwarden.services.sync_calls import Keys
from adwarden.services.sync_pace import Pace
from adwarden.services.sync_pages import pages
from adwarden.services.tasks import Lane

T = TypeVar("T")


class LookupCalls:
    """Asks, trying again where that may help; raises ``AdwardenError``.

    A batch of handles is tried again as well: X charges for what it answers, and a request whose
    answer got lost is the rare one.
    """

    def __init__(self, lane: Lane[Provider], keys: Keys, pace: Pace) -> None:
        self._lane, self._keys, self._pace = lane, keys, pace

    async def users(self, user_ids: Sequence[str]) -> tuple[KnownHandle, ...]:
        """Return the names of up to a batch of users."""
        keys = self._keys
        return await self._read(lambda x: x.users(keys.app, keys.user, user_ids))

    async def funding(self, account_id: str) -> tuple[FundingInstrument, ...]:
        """Return all that pays for an ad account, each once."""
        keys = self._keys

        async def page(cursor: str) -> Page[FundingInstrument]:
            return await self._read(
                lambda x: x.funding_instruments(keys.app, keys.user, account_id, cursor=cursor)
            )

        found: list[FundingInstrument] = []
        async for one in pages(page, lambda instrument: instrument.id):
            found.extend(one.items)
        return tuple(found)

    async def features(self, account_id: str) -> tuple[str, ...]:
        """Return the names of an ad account's features."""
        keys = self._keys
        return await self._read(lambda x: x.features(keys.app, keys.user, account_id))

    async def _read(self, call: Callable[[Provider], T]) -> T:
        keys, run = self._keys, self._lane.run
        try:
            return await self._pace.read(lambda: run(call))
        except AdwardenError as error:
            raise await meant(error, lambda: run(lambda x: x.verify(keys.app, keys.user))) from None
