"""The three reads of a refresh, made by the platform's lane with the keys of one connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode, NetworkError
from adwarden.domain.model import Access, AdAccount, Credential, Page, PromotableUser
from adwarden.providers.base import Provider
from adwarden.services.doubting import meant
from adwarden.services.sync_pace import Pace
from adwarden.services.sync_pages import pages
from adwarden.services.tasks import Lane

T = TypeVar("T")

# What stops a whole refresh; everything else belongs to the one ad account it happened at.
_STOPPING = frozenset(
    {
        ErrorCode.REVOKED,
        ErrorCode.APP_KEYS,
        ErrorCode.APP_SUSPENDED,
        ErrorCode.APP_NOT_APPROVED,
        ErrorCode.APP_NOT_ENROLLED,
        ErrorCode.USER_SUSPENDED,
        ErrorCode.USER_LOCKED,
        ErrorCode.CLOCK,
        ErrorCode.NO_NETWORK,
        ErrorCode.TLS,
        ErrorCode.PROXY,
        ErrorCode.CANCELLED,
    }
)


def stops(error: AdwardenError) -> bool:
    """Tell whether nothing else can be fetched after this error either."""
    return error.code in _STOPPING


@dataclass(frozen=True, slots=True)
class Keys:
    """The two credentials a call is signed with, held for one refresh."""

    app: Credential
    user: Credential


class Calls:
    """Asks for pages, access and users, trying again where that may help; raises the errors.

    ``handles`` maps user ids to the names that are known without a paid lookup.
    """

    def __init__(
        self, lane: Lane[Provider], keys: Keys, pace: Pace, handles: Mapping[str, str]
    ) -> None:
        self._lane = lane
        self._keys = keys
        self._pace = pace
        self._handles = handles

    async def accounts(self, cursor: str) -> Page[AdAccount]:
        """Return a page of the ad accounts."""
        keys = self._keys
        return await self._read(lambda x: x.accounts(keys.app, keys.user, cursor=cursor))

    async def access(self, account_id: str) -> Access:
        """Return what the token's user may do on an ad account."""
        keys = self._keys
        return await self._read(lambda x: x.access(keys.app, keys.user, account_id))

    async def users(self, account_id: str) -> tuple[PromotableUser, ...]:
        """Return all promotable users of an ad account."""
        keys = self._keys

        async def page(cursor: str) -> Page[PromotableUser]:
            return await self._read(
                lambda x: x.promotable_users(keys.app, keys.user, account_id, cursor=cursor)
            )

        found: list[PromotableUser] = []
        async for one in pages(page, lambda user: user.id):
            if not one.whole:
                raise NetworkError(
                    ErrorCode.UNEXPECTED_ANSWER,
                    "The promotable users could not be read whole",
                    "What was known before stays; nothing is taken for gone because of it.",
                    "Refresh again later.",
                )
            found.extend(one.items)
        names = self._handles
        return tuple(
            replace(user, handle=name) if (name := names.get(user.user_id, "")) else user
            for user in found
        )

    async def meant(self, error: BaseException) -> BaseException:
        """Return what stopped a refresh, after a second question where the first leaves it open."""
        if not isinstance(error, AdwardenError):
            return error
        keys = self._keys
        return await meant(error, lambda: self._lane.run(lambda x: x.verify(keys.app, keys.user)))

    async def _read(self, call: Callable[[Provider], T]) -> T:
        return await self._pace.read(lambda: self._lane.run(call))
