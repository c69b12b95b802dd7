"""Fetches access and users of one ad account; a part that fails becomes words on its row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import AccountEntry
from adwarden.services.sync_calls import Calls, stops
from adwarden.services.sync_health import Health, Wait, stops_all
from adwarden.services.sync_todo import Work
from adwarden.services.sync_turns import Turns

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of one ad account: its row, and the waits that X wants before the rest of it.

    ``stopped`` says that the rest was not fetched for a reason that is not its own.
    """

    entry: AccountEntry
    waits: list[Wait]
    stopped: bool


class Filling:
    """``stopped`` gets an error that ends the refresh, ``first`` is called at the first answer."""

    def __init__(
        self,
        calls: Calls,
        health: Health,
        turns: Turns,
        stopped: Callable[[AdwardenError], None],
        first: Callable[[], None],
    ) -> None:
        self._calls, self._health, self._turns = calls, health, turns
        self._stopped, self._first = stopped, first

    async def fill(
        self, work: Work, entry: Callable[[], AccountEntry], clock: Callable[[], float]
    ) -> Filled:
        """Fetch what ``work`` still wants, and strike that out there.

        ``entry`` is read once all has come, as others may change the row meanwhile; ``clock``
        gives Unix seconds.
        """
        import asyncio

        access, users = await asyncio.gather(
            self._part(self._calls.access, work.account_id, wanted=work.access),
            self._part(self._calls.users, work.account_id, wanted=work.users),
        )
        now, made = clock(), entry()
        if isinstance(access, AdwardenError):
            if not isinstance(access, Wait):
                work.access = False
                made = replace(made, access_error=str(access))
        elif access is not None:
            work.access = False
            made = replace(made, access=access, access_error="", access_at=now)
        if isinstance(users, AdwardenError):
            if not isinstance(users, Wait):
                work.users = False
                made = replace(made, users_error=str(users))
        elif users is not None:
            work.users = False
            made = replace(made, users=users, users_error="", users_at=now)
        errors = [one for one in (access, users) if isinstance(one, AdwardenError)]
        waits: list[Wait] = [one for one in errors if isinstance(one, Wait)]
        stopped = any(map(stops_all, errors))
        # Whoever goes on after a cut asks again for what X was not reached for, or what may yet
        # turn out to have been everybody's trouble.
        if not waits and not stopped and not any(map(stops, errors)):
            made = replace(made, fetched_at=now)
        return Filled(made, waits, stopped)

    async def _part(
        self, call: Callable[[str], Awaitable[T]], account_id: str, *, wanted: bool
    ) -> T | AdwardenError | None:
        """Make one call of one ad account."""
        if not wanted:
            return None
        waiting = not self._health.answered
        try:
            answer = await call(account_id)
        except AdwardenError as error:
            if self._health.bad(error, account_id):
                self._stopped(error)
            return error
        else:
            self._health.good()
            self._turns.answered()
            return answer
        finally:
            if waiting and self._health.answered:
                # The others need not wait for the rest of this ad account.
                self._first()
