"""What a person can do with apps, connections and what they open; the window's only counterpart.

The order is always keychain, then index, then window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import (
    FILE,
    KEYCHAIN,
    MEMORY,
    AppAccess,
    AppState,
    Connection,
    ConnectionState,
    Credential,
    Snapshot,
    XApp,
)
from adwarden.domain.secret import Secret
from adwarden.providers.base import GuestRules
from adwarden.services.app_checks import check_keys, check_label
from adwarden.services.events import DataFolderTrouble
from adwarden.services.hub import Listener
from adwarden.services.parts import Parts
from adwarden.services.roster import Roster, entry_of, gone, new_id
from adwarden.services.telling import tell_app
from adwarden.storage.keychain_status import KeychainState, KeychainStatus

if TYPE_CHECKING:
    from adwarden.services.authorizing import Attempt, Granted
    from adwarden.services.handing_over import HandingOver
    from adwarden.services.taking_in import TakingIn
    from adwarden.services.trying import Trying


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

    async def place_name(self, connection_id: str = "") -> str:
        """Return what people call the place a token goes to: a new one, or a connection's next."""
        place = self._keychain.chosen
        if connection_id:
            place = await self._keychain.home(*entry_of(self._roster.connection(connection_id)))
        return self._keychain.title(place)

    async def load(self) -> Snapshot:
        """Return the last known state from the index; touches neither network nor keychain."""
        snapshot = await self._index.snapshot()
        self._roster.load(snapshot)
        await self._windows.restore(self._remember)
        if self._index.trouble is not None:
            self._hub.emit(DataFolderTrouble(self._index.trouble))
        return snapshot

    # Apps

    async def add_app(
        self, label: str, key: Secret, secret: Secret, access: AppAccess, provider: str = "x"
    ) -> XApp:
        """Store an app's keys and list it; raises ``InputError`` naming the field."""
        label = " ".join(label.split())
        check_label(label, self._roster.apps, leaving=self._roster.leaving)
        check_keys(key, secret)
        app = XApp(
            id=new_id(),
            provider=provider,
            label=label,
            access=access,
            entry="",
            added_at=self._clock(),
            place=self._keychain.chosen,
        )
        return await self.rewriting.add_app(app, Credential("", {"key": key, "secret": secret}))

    async def renew_app(self, app_id: str, key: Secret, secret: Secret) -> XApp:
        """Store an app's keys again: they were regenerated, or their entry has been lost.

        A bearer token is of an API key: it goes where the key is another one, and ``holds`` says
        so. What was in a file that is gone is kept in the chosen place.
        """
        check_keys(key, secret)
        app, keys = self._roster.app(app_id), {"key": key, "secret": secret}

        def renewed(kept: Credential) -> Credential:
            same = kept.secrets.get("key") == key
            left = {name: one for name, one in kept.secrets.items() if same or name != "bearer"}
            return replace(kept, secrets={**left, **keys})

        home = await self._keychain.home(*entry_of(app))
        if home == app.place:
            try:
                return await self.rewriting.rewrite_app(app, renewed, state=AppState.UNKNOWN)
            except KeychainError as error:
                if error.code is not ErrorCode.APP_KEYS:
                    raise
        return await self.rewriting.rewrite_app(
            app, credential=Credential("", keys), place=home, state=AppState.UNKNOWN
        )

    async def note_approval(self, app_id: str, approved_at: float | None) -> XApp:
        """Keep the day on which X approved the app for the Ads API, or forget it.

        Its entry tells of it too, as soon as it can be written.
        """
        if not await self._index.run(lambda d: d.note_approval(app_id, approved_at)):
            raise gone("X app")
        app = replace(self._roster.app(app_id), approved_at=approved_at)
        self._roster.put_app(app)
        tell_app(self._roster, self._hub, app_id)
        with suppress(AdwardenError):
            # The day is kept; a place that cannot be written to hears of it with the next change.
            app = await self.rewriting.rewrite_app(app, lambda kept: kept)
        return self._roster.seen(app)

    # Connections

    async def rules(self, app: XApp) -> GuestRules:
        """Return what the embedded page may show."""
        return await self._authorizing.rules(app)

    async def begin(self, app_id: str, reconnect: str = "") -> Attempt:
        """Start an authorization; ``reconnect`` is the id of the connection to renew."""
        await self.removing.before_authorizing(app_id, reconnect)
        return await self._authorizing.begin(app_id, reconnect)

    async def finish(self, attempt: Attempt, pin: str) -> Granted:
        """Exchange the PIN for a token, which is in memory only until ``keep``."""
        granted = await self._authorizing.finish(attempt, pin)
        if "removing" in vars(self):
            with suppress(AdwardenError):  # the token must not be lost over this
                await self.removing.authorized(attempt.app.id, granted.grant.user_id)
        return granted

    async def keep(self, granted: Granted, *, as_new: bool = False) -> Connection:
        """Store the token; after a ``KeychainError`` call it again with the same token."""
        return await self._authorizing.keep(granted, as_new=as_new)

    async def discard(self, granted: Granted) -> None:
        """Revoke a token that is not to be kept."""
        await self._authorizing.discard(granted)

    # Other tools

    @cached_property
    def taking_in(self) -> TakingIn:
        """What other tools' files hold, compared with what is kept, and kept."""
        from adwarden.services.taking_in import TakingIn

        return TakingIn(
            self._roster, self._keychain, self._platforms, self.apps, self.pasting,
            add_app=self.add_app, renew_app=self.renew_app,
        )  # fmt: skip

    @cached_property
    def handing_over(self) -> HandingOver:
        """A connection's secrets in the formats of other tools."""
        from adwarden.services.handing_over import HandingOver

        return HandingOver(self._roster, self._keychain, self._index)

    @cached_property
    def trying(self) -> Trying:
        """Requests that a person makes by hand."""
        from adwarden.services.trying import Trying

        return Trying(*self._common, clock=self._clock)

    # Refresh

    async def refresh(self, connection_id: str) -> None:
        """Fetch what a connection reaches; joins a refresh that is under way."""
        await self._refreshing.refresh(connection_id)

    async def refresh_all(self) -> None:
        """Refresh every connection; each tells its own expected failure by an event."""
        import asyncio

        outcomes = await asyncio.gather(
            *(
                self._refreshing.refresh(one.id)
                for one in self._roster.connections
                if one.state is not ConnectionState.REVOKING
            ),
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
        """Look at the places that secrets are in, without ever prompting.

        Returns the state of the system keychain; all of them are told by events.
        """
        import asyncio

        rows: list[XApp | Connection] = [*self._roster.apps, *self._roster.connections]
        used = {one.place for one in rows} | {self._keychain.chosen}
        if MEMORY in used:
            await self.survey.end_sessions()
        looks = [KEYCHAIN, *(used & set(self._keychain.places) - {KEYCHAIN})]
        found = await asyncio.gather(*map(self._keychain.status, looks), return_exceptions=True)
        if isinstance(found[0], BaseException):
            raise found[0]
        return found[0]

    async def unlock(self, place: str = KEYCHAIN) -> KeychainStatus:
        """Have a place unlocked, which takes as long as people take to answer."""
        if place == FILE:
            return await self.vault_file.unlock()
        status = await self._keychain.of(KEYCHAIN).unlock()
        if status.state is KeychainState.READY:
            await self.recover()
        return status

    async def note_removals(self) -> None:
        """Note what was removed, for the next start; the first part of quitting, and a quick one.

        It cannot be undone after this; ``close`` carries it out as far as that goes.
        """
        if "undoing" in vars(self):
            await self.undoing.note()

    async def close(self) -> None:
        """Stop what runs and give up the threads; never waits for a hanging call.

        What was removed and could still be undone is carried out before. Raises what can be
        neither done nor noted, after everything has been closed.
        """
        async with AsyncExitStack() as ending:  # the last one first, whatever the others raise
            ending.callback(self._index.close)
            ending.callback(self._give_back_mark)
            for lane in self._platforms.values():
                ending.callback(lane.close)
            ending.callback(self._keychain.close)
            ending.push_async_callback(self._windows.close)
            for name in ("rewriting", "_refreshing", "lookups", "undoing"):
                if name in vars(self):
                    ending.push_async_callback(vars(self)[name].close)

    def _give_back_mark(self) -> None:
        with suppress(RuntimeError):  # closed before
            self._index.submit(lambda _: self._runs.end())
