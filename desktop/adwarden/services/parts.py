"""What every use case works with, and the parts of the services, made when they are needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from adwarden.providers.base import KnownWindow
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.rate_windows import RateWindows
from adwarden.services.roster import Roster

if TYPE_CHECKING:
    from adwarden.services.authorizing import Authorizing, Platforms
    from adwarden.services.history import History
    from adwarden.services.lookups import Lookups
    from adwarden.services.recovery import Recovery
    from adwarden.services.refreshing import Refreshing
    from adwarden.services.report import Reports
    from adwarden.services.sync_claims import Claims
    from adwarden.services.sync_pace import Pace


class Parts:
    """Holds what was given by constructor; see ``Accounts``. The first picture needs no part."""

    def __init__(
        self,
        index: Index,
        keychain: Places,
        platforms: Platforms,
        hub: Hub,
        *,
        namespace: str = "Adwarden",
        home: str = "",
        windows: RateWindows,
        remember: Callable[[KnownWindow], None],
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
        claims: Callable[[], Claims] | None = None,
    ) -> None:
        self._pace = pace
        self._make_claims = claims
        self._index = index
        index.changed = lambda changes: self.history.tell(changes)
        self._keychain = keychain
        self._platforms = platforms
        self._hub = hub
        self._namespace = namespace
        self._home = home
        self._clock = clock
        self._windows = windows
        self._remember = remember
        self._roster = Roster()
        self._preferred: dict[str, tuple[str, ...]] = {}
        """What somebody looks at while no refresh has run yet."""

    @property
    def _common(self) -> tuple[Roster, Index, Places, Platforms, Hub]:
        return self._roster, self._index, self._keychain, self._platforms, self._hub

    @cached_property
    def _authorizing(self) -> Authorizing:
        from adwarden.services.authorizing import Authorizing

        return Authorizing(
            *self._common,
            namespace=self._namespace,
            home=self._home,
            clock=self._clock,
        )

    @cached_property
    def _refreshing(self) -> Refreshing:
        from adwarden.services.refreshing import Refreshing

        return Refreshing(
            *self._common,
            clock=self._clock,
            pace=self._pace,
            preferred=self._preferred,
            claims=self._make_claims() if self._make_claims else None,
            recall=lambda: self._windows.restore(self._remember),
        )

    @cached_property
    def history(self) -> History:
        """What has changed, and what of it nobody has looked at yet."""
        from adwarden.services.history import History

        return History(self._index, self._hub)

    @cached_property
    def _recovery(self) -> Recovery:
        from adwarden.services.recovery import Recovery

        return Recovery(
            self._roster, self._index, self._keychain, self._hub, home=self._home, clock=self._clock
        )

    @cached_property
    def lookups(self) -> Lookups:
        """What is fetched on demand only."""
        from adwarden.services.lookups import Lookups

        return Lookups(
            *self._common,
            clock=self._clock,
            pace=self._pace,
        )

    @cached_property
    def reports(self) -> Reports:
        """The access report."""
        from adwarden.services.report import Reports

        return Reports(self._index, clock=self._clock)
