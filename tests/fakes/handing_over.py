"""A stand-in for what reads a connection's secrets; what is made of them is the real thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from adwarden.domain.handover import CredentialSet
from adwarden.services.handing_over import HandingOver
from adwarden.storage.own_files import OwnFiles
from tests.services.handover.keys import FOUR


class FakeHandingOver(HandingOver):
    """Has the same four values for every connection; ``step`` notes what was asked, and fails."""

    def __init__(self, step: Callable[..., Awaitable[None]]) -> None:
        self._step = step
        self.one = replace(FOUR, app_name="Agency app")

    async def set_of(self, connection_id: str, *, account_id: str = "") -> CredentialSet:
        """Return the values."""
        await self._step("set_of", connection_id)
        return replace(self.one, account_id=account_id)

    async def _own(self) -> OwnFiles:
        return OwnFiles()
