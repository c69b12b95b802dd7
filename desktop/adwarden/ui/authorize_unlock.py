"""Unlocking between two tries of an authorization; the waiting for it can be given up."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Protocol

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import KEYCHAIN
from adwarden.storage.keychain_status import KeychainState, KeychainStatus
from adwarden.ui.authorize_errors import still_locked

if TYPE_CHECKING:
    import asyncio

_HELPS = frozenset({ErrorCode.KEYCHAIN_LOCKED, ErrorCode.KEYCHAIN_DISMISSED})


class Unlocks(Protocol):
    """What is needed of the services."""

    def unlock(self, place: str = ...) -> Awaitable[KeychainStatus]:
        """Unlock a place of secrets; the person may be asked."""


class Unlocker:
    """For one dialog; one question at a time."""

    def __init__(self, accounts: Unlocks) -> None:
        self._accounts = accounts
        self._asking: asyncio.Future[KeychainStatus] | None = None

    async def after(self, before: AdwardenError | None) -> None:
        """Have a place unlocked, if that is what the last try failed of.

        Raises ``AdwardenError``: KEYCHAIN_DISMISSED also where it was given up.
        """
        if before is None or before.code not in _HELPS:
            return
        import asyncio

        place = getattr(before, "place", "") or KEYCHAIN
        self._asking = asyncio.ensure_future(self._accounts.unlock(place))
        try:
            status = await self._asking
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
        else:
            if status.state is KeychainState.LOCKED:
                raise still_locked(status)
            return
        finally:
            self._asking = None
        raise _given_up(place)

    def give_up(self) -> None:
        """Wait no longer for the answer; what asks for it is closed, where it can be."""
        if self._asking is not None:
            self._asking.cancel()


def _given_up(place: str) -> KeychainError:
    error = KeychainError(
        ErrorCode.KEYCHAIN_DISMISSED,
        "Unlocking was cancelled",
        "The place for secrets stays locked.",
        "Try again when you want to unlock it.",
    )
    error.place = place
    return error
