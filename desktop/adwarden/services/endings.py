"""The end of connections and apps: noted first, then X if it is to forget the token, then here.

Whatever cuts it off, the next start finds in the index what is left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from adwarden.domain.errors import (
    AdwardenError,
    ErrorCode,
    InputError,
    KeychainError,
    NetworkError,
)
from adwarden.domain.model import Connection, ConnectionState, XApp
from adwarden.services.events import AppRemoved, ConnectionRemoved, ConnectionSaved
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.of_place import OF_PLACE
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import LOST, Kept, Roster, app_keys, entry_of
from adwarden.storage.directory import Directory

if TYPE_CHECKING:
    from adwarden.services.authorizing import Platforms


def waits(error: AdwardenError) -> bool:
    """Tell whether a revocation may well succeed later, by nothing that is known to be wrong.

    What X has refused, and a token or keys that are not there, another try would not change.
    """
    if isinstance(error, NetworkError):
        return True
    if isinstance(error, KeychainError):
        return error.code not in (*LOST, ErrorCode.APP_KEYS)
    return error.code is ErrorCode.CLOCK


class Endings:
    """Ends connections and apps at once; raises ``AdwardenError`` where one stays."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        platforms: Platforms,
        hub: Hub,
        rewriting: Rewriting,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._platforms = platforms
        self._hub = hub
        self._rewriting = rewriting
        self._clock = clock

    async def note(self, item_id: str, *, revoke: bool) -> None:
        """Note what is to end: a connection, or an app none of whose connections stays."""
        item = self._roster.hidden(item_id)
        if isinstance(item, Connection):
            current = await self._stored(item.id)
            if current is not None:
                await self._begin(current, revoke=revoke)
        elif isinstance(item, XApp):
            entries = [one.entry for one in self._roster.all_of_app(item_id)]
            await self._index.run(partial(_begin_app, entry_of(item), entries))

    async def connection(
        self,
        connection_id: str,
        *,
        revoke: bool,
        later: bool = True,
        of: str = "",
        quitting: bool = False,
    ) -> bool:
        """End a connection. ``later`` leaves a revocation that may still succeed noted.

        It is REVOKING then. Otherwise, and after every refusal, it stays as it was. ``of`` names
        the entry that is meant: returns False, and ends nothing, where another token has come.
        ``quitting`` leaves to the next start what a place of secrets has no time or leave for.
        """
        known = self._roster.connection(connection_id, even_hidden=True)
        async with self._rewriting.alone(known.app_id, known.user_id):
            # Read again: its entry may have got another name since.
            current = await self._stored(connection_id)
            if current is not None:
                if of and not self._roster.same_secrets(of, current.entry):
                    return False
                if revoke:
                    await self._revoke(current, later=later)
                await self._delete(current, revoked=revoke, quitting=quitting)
            seen = self._roster.hidden(connection_id) is None
            self._roster.drop_connection(connection_id)
            if seen:
                self._hub.emit(ConnectionRemoved(connection_id))
        return True

    async def app(self, app_id: str, *, of: str = "", quitting: bool = False) -> bool:
        """End an app; raises ``InputError`` while it has connections.

        ``of`` names the entry that is meant: returns False, and ends nothing, where the app has
        got another since, as it was brought back or its keys were entered again. ``quitting``
        leaves it to the next start, as it does a connection.
        """
        async with self._rewriting.alone(app_id):
            app = self._roster.app(app_id, even_hidden=True)
            if of and not self._roster.same_secrets(of, app.entry):
                return False
            if self._roster.all_of_app(app_id):
                if not quitting:
                    await self._index.run(partial(Directory.finish_pending, entry=app.entry))
                raise has_connections(app, len(self._roster.all_of_app(app_id)))
            await self._erase(entry_of(app), quitting=quitting)
            await self._index.run(lambda d: d.remove_app(app_id))
            await self._index.run(lambda d: d.finish_pending(app.entry))
            seen = self._roster.hidden(app_id) is None
            self._roster.drop_app(app_id)
            if seen:
                self._hub.emit(AppRemoved(app_id))
        return True

    async def forget(self, kept: Kept) -> None:
        """Make a noted revocation whose connection has got another token meanwhile, or has gone.

        X may have given the same token again: then only the entry goes. What X refuses stays in
        its place, listed nowhere. Raises what may succeed later; it stays noted then.
        """
        try:
            facts = (await self._keychain.get(*kept)).facts
        except KeychainError as error:
            if error.code not in LOST:
                raise
            await self._forget(kept)
            return
        app_id, user_id = facts.get("app", ""), facts.get("user_id", "")
        async with self._rewriting.alone(app_id, user_id):
            now = self._roster.same_user(app_id, user_id)
            if now is None or now.entry != kept.service:
                await self._forget_former(now, app_id, kept)
                return
        # It is that connection's own token: the row goes with it.
        await self.connection(now.id, revoke=True, of=kept.service)

    # Inside

    async def _stored(self, connection_id: str) -> Connection | None:
        return await self._index.run(partial(Directory.connection, connection_id=connection_id))

    async def _begin(self, current: Connection, *, revoke: bool) -> Connection:
        name = entry_of(current)
        if not revoke:
            await self._index.run(partial(_begin, "delete", name))
            return current
        await self._index.run(partial(_begin, "revoke", name))
        return await self._note(replace(current, state=ConnectionState.REVOKING))

    async def _revoke(self, current: Connection, *, later: bool) -> None:
        was = current.state
        noted = await self._begin(current, revoke=True)
        try:
            await self._tell_platform(noted.app_id, entry_of(noted))
        except AdwardenError as error:
            begun = was is ConnectionState.REVOKING
            if waits(error) and (later or begun):
                await self._note(replace(noted, error=str(error)))
            elif error.code in LOST:
                await self._give_up(noted, ConnectionState.NEEDS_AUTHORIZATION, str(error))
            else:
                state = ConnectionState.UNKNOWN if begun else was
                await self._give_up(noted, state, str(error) if begun else current.error)
            raise

    async def _tell_platform(self, app_id: str, name: Kept) -> None:
        app = self._roster.app(app_id, even_hidden=True)
        keys = await app_keys(self._roster, self._keychain, app)
        user = await self._keychain.get(*name)
        # A token that X does not know any more is as good as revoked.
        await self._platforms[app.provider].run(lambda platform: platform.revoke(keys, user))

    async def _delete(self, current: Connection, *, revoked: bool, quitting: bool) -> None:
        name = entry_of(current)
        try:
            await self._erase(name, strikes=not revoked, quitting=quitting)
        except KeychainError as error:
            if revoked:
                # X has forgotten the token; the noted deletion is made at the next start.
                await self._note(replace(current, state=ConnectionState.REVOKED, error=str(error)))
            elif await self._is_gone(name):
                await self._note(
                    replace(current, state=ConnectionState.NEEDS_AUTHORIZATION, error=str(error))
                )
            raise
        await self._index.run(lambda d: d.remove_connection(current.id))
        await self._index.run(lambda d: d.finish_pending(name.service))

    async def _erase(self, name: Kept, *, strikes: bool = True, quitting: bool) -> None:
        await self._index.run(partial(_begin, "delete", name))
        try:
            await self._keychain.delete(*name)
        except KeychainError as error:
            if strikes and not (quitting and error.code in OF_PLACE):
                # It may be there and is listed still: the next start must not delete it.
                await self._index.run(lambda d: d.finish_pending(name.service))
            raise

    async def _forget_former(self, now: Connection | None, app_id: str, kept: Kept) -> None:
        if now is None or not await self._is_same(entry_of(now), kept):
            try:
                await self._tell_platform(app_id, kept)
            except AdwardenError as error:
                if waits(error):
                    raise
                await self._index.run(partial(Directory.finish_pending, entry=kept.service))
                return
        await self._forget(kept)

    async def _forget(self, kept: Kept) -> None:
        await self._keychain.delete(*kept)
        # With a row that another process made, which names what is no more.
        await self._index.run(partial(Directory.unlist, entry=kept.service))

    async def _is_same(self, now: Kept, former: Kept) -> bool:
        """Tell whether two entries hold the same token, the first of which may be lost."""
        try:
            found = await self._keychain.get(*now)
        except KeychainError as error:
            if error.code not in LOST:
                raise
            return False
        kept = await self._keychain.get(*former)
        return found.secrets.get("token") == kept.secrets.get("token")

    async def _is_gone(self, name: Kept) -> bool:
        """Look whether a deletion that failed has taken the token away all the same."""
        try:
            await self._keychain.get(*name)
        except KeychainError as error:
            return error.code in LOST
        return False

    async def _give_up(self, noted: Connection, state: ConnectionState, error: str) -> None:
        await self._index.run(partial(Directory.finish_pending, entry=noted.entry))
        await self._note(replace(noted, state=state, error=error))

    async def _note(self, noted: Connection) -> Connection:
        before = next((one for one in self._roster.connections if one.id == noted.id), None)
        if before is None or before.error != noted.error:
            noted = replace(noted, error_at=float(round(self._clock())) if noted.error else None)
        await self._index.run(partial(Directory.note_connection, connection=noted))
        self._roster.put_connection(noted)
        if self._roster.hidden(noted.id) is None:
            self._hub.emit(ConnectionSaved(noted))
        return noted


def has_connections(app: XApp, count: int) -> InputError:
    """Return why an app cannot go yet."""
    return InputError(
        "The app still has connections",
        f"{app.label} is used by {count} of them.",
        "Disconnect them first.",
    )


def _begin(kind: str, name: Kept, directory: Directory) -> None:
    directory.begin_pending(kind, *name)


def _begin_app(name: Kept, connections: Collection[str], directory: Directory) -> None:
    """Note the end of an app, unless it has connections whose end is not noted."""
    noted = {step.entry for step in directory.pending() if step.kind in ("delete", "revoke")}
    if noted.issuperset(connections):
        _begin("delete", name, directory)
