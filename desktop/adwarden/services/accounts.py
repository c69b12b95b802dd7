"""What a person can do with apps, connections and what they open; the window's only counterpart.

The order is always keychain, then index, then window.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError, InputError, KeychainError
from adwarden.domain.model import KEYCHAIN, AppAccess, Connection, Credential, Snapshot, XApp
from adwarden.domain.secret import Secret
from adwarden.providers.base import GuestRules
from adwarden.services.app_checks import check_keys, check_label
from adwarden.services.events import (
    AppRemoved,
    AppSaved,
    ConnectionRemoved,
    DataFolderTrouble,
)
from adwarden.services.hub import Listener
from adwarden.services.parts import Parts
from adwarden.services.roster import Kept, Roster, app_keys, entry_of, new_id
from adwarden.storage.keychain_codec import entry_service
from adwarden.storage.keychain_status import KeychainState, KeychainStatus

if TYPE_CHECKING:
    from adwarden.services.authorizing import Attempt, Granted

_log = logging.getLogger(__name__)


class Accounts(Parts):
    """The use cases; every method runs on the loop and raises ``AdwardenError``.

    ``namespace`` begins the names of keychain entries, so that practice has its own; ``home``
    tells the entries of one data folder from those of another;
    ``remember`` gets the rate limits that were known before a restart; ``claims`` keeps other
    processes from refreshing the same connection.
    """

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` for every event from now on; returns what ends it."""
        return self._hub.subscribe(listener)

    @property
    def roster(self) -> Roster:
        """The apps and connections there are."""
        return self._roster

    @property
    def keychain_name(self) -> str:
        """What people call the system keychain, as last seen."""
        return self._keychain.title(KEYCHAIN)

    async def load(self) -> Snapshot:
        """Return the last known state from the index; touches neither network nor keychain."""
        snapshot = await self._index.snapshot()
        self._roster.load(snapshot)
        await self._windows.restore(self._remember)
        if self._index.trouble is not None:
            self._hub.emit(DataFolderTrouble(self._index.trouble))
        return snapshot

    async def recover(self) -> None:
        """Finish what a crash interrupted, and rebuild a lost index from the keychain."""
        if await self._index.run(lambda d: d.pending()):
            await self._recovery.finish_pending()

    # Apps

    async def add_app(
        self, label: str, key: Secret, secret: Secret, access: AppAccess, provider: str = "x"
    ) -> XApp:
        """Store an app's keys and list it; raises ``InputError`` naming the field."""
        label = " ".join(label.split())
        check_label(label, self._roster.apps)
        check_keys(key, secret)
        app_id = new_id()
        app = XApp(
            id=app_id,
            provider=provider,
            label=label,
            access=access,
            entry=entry_service(label, app_id, self._namespace),
            added_at=self._clock(),
            place=self._keychain.chosen,
        )
        await self._store_keys(app, key, secret)
        return app

    async def renew_app(self, app_id: str, key: Secret, secret: Secret) -> XApp:
        """Store an app's keys again: they were regenerated, or their entry has been lost."""
        check_keys(key, secret)
        old = self._roster.app(app_id)
        app = replace(old, entry=entry_service(old.label, new_id(), self._namespace))
        await self._store_keys(app, key, secret)
        name = entry_of(old)
        await self._index.run(lambda d: d.begin_pending("delete", *name))
        try:
            await self._keychain.delete(*name)
            await self._index.run(lambda d: d.finish_pending(name.service))
        except AdwardenError as error:
            # The new keys are kept and in use; the noted deletion is made at the next start.
            _log.warning("the former keys stay in the keychain for now: %s", error.title)
        return app

    async def _store_keys(self, app: XApp, key: Secret, secret: Secret) -> None:
        keys = Credential(
            f"{app.provider}-app",
            {"key": key, "secret": secret},
            {"app": app.id, "label": app.label, "access": app.access.value, "home": self._home},
        )
        name = entry_of(app)
        await self._index.run(lambda d: d.begin_pending("add", *name))
        await self._keychain.put(*name, keys)
        await self._index.run(lambda d: d.save_app(app))
        self._roster.put_app(app)
        self._hub.emit(AppSaved(app))

    async def note_approval(self, app_id: str, approved_at: float | None) -> XApp:
        """Keep the day on which X approved the app for the Ads API, or forget it."""
        app = replace(self._roster.app(app_id), approved_at=approved_at)
        await self._index.run(lambda d: d.save_app(app))
        self._roster.put_app(app)
        self._hub.emit(AppSaved(app))
        return app

    async def remove_app(self, app_id: str) -> None:
        """Remove an app that has no connections left; raises ``InputError`` otherwise."""
        app = self._roster.app(app_id)
        if self._roster.of_app(app_id):
            raise InputError(
                "The app still has connections",
                f"{app.label} is used by {len(self._roster.of_app(app_id))} of them.",
                "Disconnect them first.",
            )
        await self._delete_entry(entry_of(app))
        await self._index.run(lambda d: d.remove_app(app_id))
        await self._index.run(lambda d: d.finish_pending(app.entry))
        self._roster.drop_app(app_id)
        self._hub.emit(AppRemoved(app_id))

    # Connections

    async def rules(self, app: XApp) -> GuestRules:
        """Return what the embedded page may show."""
        return await self._authorizing.rules(app)

    async def begin(self, app_id: str, reconnect: str = "") -> Attempt:
        """Start an authorization; ``reconnect`` is the id of the connection to renew."""
        return await self._authorizing.begin(app_id, reconnect)

    async def finish(self, attempt: Attempt, pin: str) -> Granted:
        """Exchange the PIN for a token, which is in memory only until ``keep``."""
        return await self._authorizing.finish(attempt, pin)

    async def keep(self, granted: Granted, *, as_new: bool = False) -> Connection:
        """Store the token; after a ``KeychainError`` call it again with the same token."""
        return await self._authorizing.keep(granted, as_new=as_new)

    async def discard(self, granted: Granted) -> None:
        """Revoke a token that is not to be kept."""
        await self._authorizing.discard(granted)

    async def disconnect(self, connection_id: str, *, revoke: bool) -> None:
        """Remove a connection here, and with ``revoke`` at X first; X refusing removes nothing."""
        connection = self._roster.connection(connection_id)
        app = self._roster.app(connection.app_id)
        self._refreshing.cancel(connection_id)
        if "lookups" in vars(self):
            self.lookups.cancel(connection_id)
        if revoke:
            keys = await app_keys(self._keychain, app)
            user = await self._keychain.get(*entry_of(connection))
            await self._platforms[app.provider].run(lambda platform: platform.revoke(keys, user))
        await self._delete_entry(entry_of(connection))
        await self._index.run(lambda d: d.remove_connection(connection_id))
        await self._index.run(lambda d: d.finish_pending(connection.entry))
        self._roster.drop_connection(connection_id)
        self._hub.emit(ConnectionRemoved(connection_id))

    # Refresh

    async def refresh(self, connection_id: str) -> None:
        """Fetch what a connection reaches; joins a refresh that is under way."""
        await self._refreshing.refresh(connection_id)

    async def refresh_all(self) -> None:
        """Refresh every connection; each tells its own expected failure by an event."""
        import asyncio

        outcomes = await asyncio.gather(
            *(self._refreshing.refresh(one.id) for one in self._roster.connections),
            return_exceptions=True,
        )
        for outcome in outcomes:
            if isinstance(outcome, Exception) and not isinstance(outcome, AdwardenError):
                raise outcome

    async def resume_unfinished(self) -> None:
        """Go on with refreshes that the end of the program or a failure cut off."""
        # Asked here: most starts have none, and no use for what a refresh is made of.
        if await self._index.run(lambda d: d.jobs()):
            await self._refreshing.resume()

    def prioritize(self, connection_id: str, account_ids: Iterable[str]) -> None:
        """Fetch these ad accounts first, in this order: somebody is looking at them."""
        if "_refreshing" in vars(self):
            self._refreshing.prefer(connection_id, account_ids)
        else:
            self._preferred[connection_id] = tuple(account_ids)

    def cancel_refresh(self) -> None:
        """Stop all refreshes; what has arrived stays."""
        self._refreshing.cancel()

    # Keychain

    async def keychain_status(self) -> KeychainStatus:
        """Look at the system keychain without ever prompting."""
        return await self._keychain.status()

    async def unlock(self) -> KeychainStatus:
        """Ask the system to unlock its keychain, which may prompt for as long as people take."""
        status = await self._keychain.of(KEYCHAIN).unlock()
        if status.state is KeychainState.READY:
            await self.recover()
        return status

    async def close(self) -> None:
        """Stop what runs and give up the threads; never waits for a hanging call."""
        if "lookups" in vars(self):
            await self.lookups.close()
        if "_refreshing" in vars(self):
            await self._refreshing.close()
        await self._windows.close()
        self._keychain.close()
        for lane in self._platforms.values():
            lane.close()
        self._index.close()

    async def _delete_entry(self, name: Kept) -> None:
        await self._index.run(lambda d: d.begin_pending("delete", *name))
        try:
            await self._keychain.delete(*name)
        except KeychainError:
            # It is still there and still listed: the next start must not delete it.
            await self._index.run(lambda d: d.finish_pending(name.service))
            raise
