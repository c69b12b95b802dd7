"""Tells whether X accepts an app's API key and secret, without any user.

``POST oauth/request_token`` is what an authorization begins with, and signed with the two alone:
wrong ones are refused with code 32. ``oauth2/token`` would be no test, as it can be closed to an
app whose keys are right. The request token that comes back is thrown away, and X forgets it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, RateLimitedError
from adwarden.domain.model import Credential, XApp
from adwarden.services.app_standing import AppStanding
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.roster import Roster, app_keys

if TYPE_CHECKING:
    import asyncio

    from adwarden.providers.base import Provider
    from adwarden.services.authorizing import Platforms
    from adwarden.services.tasks import Lane


@dataclass(frozen=True, slots=True)
class _Limited:
    """What X said of a limit, in words: an error that was raised holds frames with the keys."""

    entry: str
    """With the keys that it is about."""

    resets_at: float
    title: str
    message: str
    remedy: str
    detail: str

    def error(self) -> RateLimitedError:
        return RateLimitedError(
            self.title, self.message, self.remedy, resets_at=self.resets_at, detail=self.detail
        )


class Proving:
    """Tests apps' keys; whoever asks for a test that is under way waits for that one."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        platforms: Platforms,
        hub: Hub,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster, self._keychain, self._platforms = roster, keychain, platforms
        self._clock = clock
        self.standing = AppStanding(roster, index, hub)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, int] = {}
        """How many wait for each test, by the entry with the keys."""
        self._limited: dict[str, _Limited] = {}

    async def prove(self, app_id: str) -> XApp:
        """Have X look at an app's keys, once; returns the app as it is then.

        Raises what stopped the test or what was refused. Where the app gets other keys meanwhile,
        it is these that count. The request ends with the last one who waits for it.
        """
        while True:
            app = self._roster.app(app_id)
            error: AdwardenError | None = None
            try:
                await self._joined(app)
            except AdwardenError as refused:
                error = refused
            now = self._roster.app(app_id)
            if not self._roster.same_secrets(app.entry, now.entry):
                continue
            if error is not None:
                await self.standing.refused(app, error)
                raise error
            await self.standing.proved(app)
            return self._roster.app(app_id)

    async def _joined(self, app: XApp) -> None:
        import asyncio

        task = self._running.get(app.entry)
        if task is None:
            task = asyncio.ensure_future(self._ask(app))
            # It may fail in the moment in which the last one stops waiting.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._running[app.entry] = task
        self._waiting[app.entry] = self._waiting.get(app.entry, 0) + 1
        try:
            await asyncio.shield(task)
        finally:
            self._waiting[app.entry] -= 1
            if not self._waiting[app.entry]:
                del self._waiting[app.entry]
                if self._running.get(app.entry) is task:
                    del self._running[app.entry]
                task.cancel()

    async def _ask(self, app: XApp) -> None:
        limited = self._limited.get(app.id)
        # The limit is one of the keys: others have their own.
        if limited is not None and self._roster.same_secrets(limited.entry, app.entry):
            if self._clock() < limited.resets_at:
                raise limited.error()
            del self._limited[app.id]
        keys = await app_keys(self._roster, self._keychain, app)
        try:
            await try_keys(self._platforms[app.provider], self._keychain, keys)
        except RateLimitedError as error:
            self._limited[app.id] = _Limited(
                app.entry, error.resets_at, error.title, error.message, error.remedy, error.detail
            )
            raise


async def try_keys(lane: Lane[Provider], places: Places, keys: Credential) -> None:
    """Have X look at an API key and its secret, kept or not; raises what it answers.

    Once: it makes something at X, and whoever enters keys offline is not to wait.
    """
    request = await lane.run(lambda x: x.begin(keys))
    places.note(Credential("request", {"token": request.token, "secret": request.secret}))
