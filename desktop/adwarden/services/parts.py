"""What every use case works with, and the parts of the services, made when they are needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from functools import cached_property
from typing import TYPE_CHECKING

from adwarden.providers.base import KnownWindow
from adwarden.services.homing import Homing
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.rate_windows import RateWindows
from adwarden.services.roster import Roster
from adwarden.services.runs import Runs

if TYPE_CHECKING:
    from adwarden.domain.errors import AdwardenError
    from adwarden.services.apps import Apps
    from adwarden.services.authorizing import Authorizing, Platforms
    from adwarden.services.backup import Backup
    from adwarden.services.checking import Checking
    from adwarden.services.dropping import Dropping
    from adwarden.services.endings import Endings
    from adwarden.services.history import History
    from adwarden.services.leaving import Leaving
    from adwarden.services.lookups import Lookups
    from adwarden.services.moving import Moving
    from adwarden.services.pasting import Pasting
    from adwarden.services.recovery import Recovery
    from adwarden.services.refreshing import Refreshing
    from adwarden.services.removing import Removing
    from adwarden.services.report import Reports
    from adwarden.services.rewriting import Rewriting
    from adwarden.services.survey import Survey
    from adwarden.services.sync_claims import Claims
    from adwarden.services.sync_pace import Pace
    from adwarden.services.undoing import Undoing
    from adwarden.services.vault_file import VaultFile
    from adwarden.storage.homes import Homes
    from adwarden.storage.settings import Settings


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
        settings: Settings | None = None,
        homes: Callable[[], Homes] | None = None,
    ) -> None:
        self._settings = settings
        self._pace = pace
        self._make_claims = claims
        self.homing = Homing(index, home, homes)
        self._index = index
        index.changed = lambda changes: self.history.tell(changes)
        self._runs = Runs(lambda: self._claims, self._vault_path)
        index.stamp = self._runs
        self._keychain = keychain
        self._platforms = platforms
        self._hub = hub
        self._namespace = namespace
        self._home = home
        self._clock = clock
        self._windows = windows
        self._remember = remember
        self._roster = Roster()
        keychain.listed = self._roster.names
        self._preferred: dict[str, tuple[str, ...]] = {}
        """What somebody looks at while no refresh has run yet."""

    @property
    def _common(self) -> tuple[Roster, Index, Places, Platforms, Hub]:
        return self._roster, self._index, self._keychain, self._platforms, self._hub

    @cached_property
    def _claims(self) -> Claims | None:
        return self._make_claims() if self._make_claims else None

    def _vault_path(self) -> str:
        if self._settings is None:
            return ""
        from adwarden.storage.settings import VAULT_FILE

        return self._settings.get(VAULT_FILE)

    @cached_property
    def _authorizing(self) -> Authorizing:
        from adwarden.services.authorizing import Authorizing

        return Authorizing(*self._common, self.rewriting, clock=self._clock)

    @cached_property
    def rewriting(self) -> Rewriting:
        """The one way in which entries and the rows that name them are changed."""
        from adwarden.services.rewriting import Rewriting

        return Rewriting(
            self._roster, self._index, self._keychain, self._hub,
            namespace=self._namespace, home=self._home, clock=self._clock,
        )  # fmt: skip

    @cached_property
    def vault_file(self) -> VaultFile:
        """The KeePass file as a place of secrets."""
        from adwarden.services.vault_file import VaultFile

        assert self._settings is not None

        def stop(connection_id: str) -> None:
            if "_refreshing" in vars(self):
                self._refreshing.cancel(connection_id)
            if "lookups" in vars(self):
                self.lookups.cancel(connection_id)

        def resume(of: Collection[str], held: Collection[str]) -> None:
            if of:
                self._refreshing.resume_soon(of, held)

        return VaultFile(
            self._keychain, self._roster, self._index, self._settings,
            stop=stop, pause=self._pause, resume=resume, recover=self.recover,
            under_way=lambda: self.rewriting.under_way,
        )  # fmt: skip

    @cached_property
    def moving(self) -> Moving:
        """Moves secrets from one place to another."""
        from adwarden.services.moving import Moving

        return Moving(self._roster, self._keychain, self.rewriting)

    @cached_property
    def survey(self) -> Survey:
        """What is in each place, what should not be there, and what can be done about it."""
        from adwarden.services.survey import Survey

        return Survey(
            self._roster, self._index, self._keychain, self._recovery, self.rewriting, self._hub,
            ours=self.homing.marks, undoing=self.undoing, settle=self._settle,
        )  # fmt: skip

    async def recover(self, told: Callable[[AdwardenError], None] = lambda _: None) -> None:
        """Finish what a crash interrupted, and rebuild a lost index from the keychain.

        Raises what the system keychain must wait for; ``told`` hears what single entries met.
        """
        if await self._index.run(lambda d: d.pending()):
            await self._recovery.finish_pending(told)

    @cached_property
    def apps(self) -> Apps:
        """What can be changed of apps, and their secrets one at a time."""
        from adwarden.services.apps import Apps

        return Apps(self._roster, self._keychain, self._platforms, self.rewriting, self.dropping)

    @cached_property
    def pasting(self) -> Pasting:
        """Connections by a token of the developer console."""
        from adwarden.services.pasting import Pasting

        return Pasting(
            self._roster, self._keychain, self._platforms, self.rewriting,
            settle=self._settle, clock=self._clock,
        )  # fmt: skip

    @cached_property
    def _refreshing(self) -> Refreshing:
        from adwarden.services.refreshing import Refreshing

        return Refreshing(
            *self._common,
            clock=self._clock,
            pace=self._pace,
            preferred=self._preferred,
            claims=self._claims,
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
            self._roster, self._index, self._keychain, self._hub, self.rewriting, self._runs,
            ours=self.homing.marks, clock=self._clock,
            revoke=lambda step: self.removing.finish(step), drop=lambda s: self.dropping.finish(s),
            remove=lambda app_id: self.removing.finish_app(app_id),
        )  # fmt: skip

    @cached_property
    def endings(self) -> Endings:
        """The end of connections and apps, at once."""
        from adwarden.services.endings import Endings

        return Endings(*self._common, self.rewriting, clock=self._clock)

    @cached_property
    def undoing(self) -> Undoing:
        """What waits for its end, and can be undone."""
        from adwarden.services.sync_pace import Pace
        from adwarden.services.undoing import Undoing

        return Undoing(self._hub, self._pace or Pace(clock=self._clock))

    @cached_property
    def dropping(self) -> Dropping:
        """Removing secrets of an app, which can be undone."""
        from adwarden.services.dropping import Dropping

        return Dropping(
            self._roster, self._index, self._keychain, self._hub, self.rewriting, self.undoing
        )

    @cached_property
    def removing(self) -> Removing:
        """Disconnecting and removing, which can be undone for some seconds."""
        from adwarden.services.removing import Removing

        return Removing(
            self._roster, self._index, self._hub, self.endings, self.undoing,
            pause=self._pause, resume=lambda one: self._refreshing.refresh(one),
        )  # fmt: skip

    async def _settle(self, *item_ids: str) -> bool:
        """Have what was removed and can still be undone stay; False where it was too late."""
        return "removing" not in vars(self) or await self.removing.keep(*item_ids)

    def _pause(self, connection_id: str) -> bool:
        """Stop what is done with a connection; tell whether a refresh of it was under way."""
        if "lookups" in vars(self):
            self.lookups.cancel(connection_id)
        return "_refreshing" in vars(self) and self._refreshing.pause(connection_id)

    @cached_property
    def checking(self) -> Checking:
        """Whether connections work."""
        from adwarden.services.checking import Checking

        return Checking(*self._common, clock=self._clock, pace=self._pace)

    @cached_property
    def leaving(self) -> Leaving:
        """Revoking many connections at once."""
        from adwarden.services.leaving import Leaving

        return Leaving(
            self._roster, self._hub, self.endings, self.removing, self.undoing, self._pause
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
    def backup(self) -> Backup:
        """Everything in one encrypted file, and back."""
        from adwarden.services.backup import Backup

        return Backup(
            self._roster, self._index, self._keychain, self.rewriting,
            namespace=self._namespace, settle=self._settle, clock=self._clock,
        )  # fmt: skip

    @cached_property
    def reports(self) -> Reports:
        """The access report."""
        from adwarden.services.report import Reports

        return Reports(self._index, clock=self._clock)
