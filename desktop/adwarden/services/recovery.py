"""Finishes at the next start what a crash interrupted, so that nothing granted is lost.

Reads the keychain only when the index says that something was left half done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import AppAccess, Connection, ConnectionState, Credential, XApp
from adwarden.services.events import AppRemoved, AppSaved, ConnectionRemoved, ConnectionSaved
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.keychain import Keychain
from adwarden.services.roster import Roster, entry_of
from adwarden.storage.directory import Directory

_APP_SUFFIX = "-app"


class Recovery:
    """Brings index and keychain together again; raises ``KeychainError`` when that must wait."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Keychain,
        hub: Hub,
        *,
        home: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._hub = hub
        self._home = home
        self._clock = clock

    async def finish_pending(self) -> None:
        """End every step that began: what was stored is listed, what was to go goes."""
        for step in await self._index.run(lambda d: d.pending()):
            if step.kind == "rebuild":
                await self.rebuild()
                await self._index.run(partial(Directory.finish_pending, entry=step.entry))
            elif step.kind == "delete":
                await self._keychain.delete(step.entry, step.username)
                await self._unlist(step.entry)
            else:
                await self._adopt(step.entry, step.username)

    async def rebuild(self) -> None:
        """List again everything the keychain holds of ours, after the index was lost."""
        names = await self._keychain.known()
        # Apps first: a connection without its app could not be listed.
        for connections in (False, True):
            for name in names:
                await self._adopt(name.service, name.username, connections=connections)

    async def _unlist(self, entry: str) -> None:
        """Drop what the index still lists of an entry that was on its way out."""
        for connection in self._roster.connections:
            if connection.entry == entry:
                await self._index.run(
                    partial(Directory.remove_connection, connection_id=connection.id)
                )
                self._roster.drop_connection(connection.id)
                self._hub.emit(ConnectionRemoved(connection.id))
        for app in self._roster.apps:
            if app.entry == entry and not self._roster.of_app(app.id):
                await self._index.run(partial(Directory.remove_app, app_id=app.id))
                self._roster.drop_app(app.id)
                self._hub.emit(AppRemoved(app.id))
        await self._index.run(lambda d: d.finish_pending(entry))

    async def _adopt(self, entry: str, username: str, *, connections: bool | None = None) -> None:
        try:
            credential = await self._keychain.get(entry, username)
        except KeychainError as error:
            if error.code not in (ErrorCode.ENTRY_MISSING, ErrorCode.ENTRY_DAMAGED):
                raise
            # It was never written, or the write was cut off: there is nothing to adopt.
            await self._index.run(lambda d: d.finish_pending(entry))
            return
        is_app = credential.kind.endswith(_APP_SUFFIX)
        if connections is not None and credential.facts.get("home", "") != self._home:
            # Another data folder's: its own index lists it, and may delete it any time.
            return
        if connections is not None and connections is is_app:
            return
        if is_app:
            await self._adopt_app(entry, credential, renewed=connections is None)
        else:
            await self._adopt_connection(entry, credential)

    async def _adopt_app(self, entry: str, credential: Credential, *, renewed: bool) -> None:
        facts = credential.facts
        app_id = facts.get("app", "")
        old = next((app for app in self._roster.apps if app.id == app_id), None)
        if old is not None and renewed and old.entry != entry:
            # Keys that were entered again, cut off before the index had them.
            await self._list_app(replace(old, entry=entry))
            await self._keychain.delete(*entry_of(old))
        elif app_id and old is None:
            app = XApp(
                id=app_id,
                provider=credential.kind.removesuffix(_APP_SUFFIX),
                label=facts.get("label", ""),
                access=_access(facts.get("access", "")),
                entry=entry,
                added_at=self._clock(),
            )
            await self._list_app(app)
        await self._index.run(lambda d: d.finish_pending(entry))

    async def _list_app(self, app: XApp) -> None:
        await self._index.run(lambda d: d.save_app(app))
        self._roster.put_app(app)
        self._hub.emit(AppSaved(app))

    async def _adopt_connection(self, entry: str, credential: Credential) -> None:
        facts = credential.facts
        app_id, user_id = facts.get("app", ""), facts.get("user_id", "")
        if not user_id or all(app.id != app_id for app in self._roster.apps):
            # Its app is gone: nothing can be done with this token here, and it stays where it is.
            await self._index.run(lambda d: d.finish_pending(entry))
            return
        old = self._roster.same_user(app_id, user_id)
        if old is not None and old.entry == entry:
            await self._index.run(lambda d: d.finish_pending(entry))
            return
        connection = Connection(
            id=old.id if old else entry.rsplit(" ", 1)[-1],
            app_id=app_id,
            user_id=user_id,
            screen_name=facts.get("screen_name", ""),
            entry=entry,
            authorized_at=self._clock(),
            state=ConnectionState.UNKNOWN,
        )
        await self._index.run(lambda d: d.replace_connection(connection))
        self._roster.put_connection(connection)
        self._hub.emit(ConnectionSaved(connection))
        if old is not None:
            await self._keychain.delete(*entry_of(old))
            await self._index.run(lambda d: d.finish_pending(old.entry))


def _access(text: str) -> AppAccess:
    return next((level for level in AppAccess if level.value == text), AppAccess.UNKNOWN)
