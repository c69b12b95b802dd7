"""Finishes at the next start what a crash interrupted, so that nothing granted is lost.

Reads the keychain only when the index says that something was left half done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import (
    KEYCHAIN,
    AppAccess,
    Connection,
    ConnectionState,
    Credential,
    XApp,
)
from adwarden.services.events import AppRemoved, AppSaved, ConnectionRemoved, ConnectionSaved
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.roster import Kept, Roster, entry_of, held
from adwarden.storage.directory import Directory, PendingStep

_APP_SUFFIX = "-app"

EVERYWHERE = "*"
"""Stands for an entry in the step that is about every place."""


class Recovery:
    """Brings index and keychain together again; raises ``KeychainError`` when that must wait."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
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
                await self._rebuild(step)
            elif step.kind == "delete":
                await self._keychain.delete(step.entry, step.username, step.place)
                await self._unlist(step.entry)
            elif step.kind == "add":
                await self._adopt(Kept(step.entry, step.username, step.place))

    async def rebuild(self, place: str = KEYCHAIN) -> None:
        """List again everything of ours that a place holds, after the index was lost."""
        names = await self._keychain.known(place)
        # Apps first: a connection without its app could not be listed.
        for connections in (False, True):
            for name in names:
                await self._adopt(Kept(*name, place), connections=connections)

    async def _rebuild(self, step: PendingStep) -> None:
        """Rebuild from every place; one that cannot be read now keeps a step of its own."""
        places = self._keychain.names if step.entry == EVERYWHERE else (step.place,)
        for place in places:
            try:
                await self.rebuild(place)
            except KeychainError:
                if step.entry != EVERYWHERE:
                    raise
                note = partial(
                    Directory.begin_pending,
                    kind="rebuild",
                    entry=f"{EVERYWHERE}{place}",
                    username="",
                    place=place,
                )
                await self._index.run(note)
        await self._index.run(partial(Directory.finish_pending, entry=step.entry))

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

    async def _adopt(self, kept: Kept, *, connections: bool | None = None) -> None:
        try:
            credential = await self._keychain.get(*kept)
        except KeychainError as error:
            if error.code not in (ErrorCode.ENTRY_MISSING, ErrorCode.ENTRY_DAMAGED):
                raise
            if error.code is ErrorCode.ENTRY_MISSING:
                # It was never written: its line in the place's own list goes too.
                await self._keychain.delete(*kept)
            await self._index.run(lambda d: d.finish_pending(kept.service))
            return
        is_app = credential.kind.endswith(_APP_SUFFIX)
        if connections is not None and credential.facts.get("home", "") != self._home:
            # Another data folder's: its own index lists it, and may delete it any time.
            return
        if connections is not None and connections is is_app:
            return
        if is_app:
            await self._adopt_app(kept, credential, renewed=connections is None)
        else:
            await self._adopt_connection(kept, credential)

    async def _adopt_app(self, kept: Kept, credential: Credential, *, renewed: bool) -> None:
        facts = credential.facts
        app_id = facts.get("app", "")
        old = next((app for app in self._roster.apps if app.id == app_id), None)
        told = XApp(
            id=app_id,
            provider=credential.kind.removesuffix(_APP_SUFFIX),
            label=facts.get("label", ""),
            access=_access(facts.get("access", "")),
            entry=kept.service,
            added_at=self._clock() if old is None else old.added_at,
            approved_at=None if old is None else old.approved_at,
            note=facts.get("note", ""),
            holds=held(credential),
            place=kept.place,
        )
        if old is not None and renewed and old.entry != kept.service:
            # Keys that were entered again, changed or moved, cut off before the index had them.
            await self._list_app(told)
            await self._keychain.delete(*entry_of(old))
        elif app_id and old is None:
            await self._list_app(told)
        await self._index.run(lambda d: d.finish_pending(kept.service))

    async def _list_app(self, app: XApp) -> None:
        await self._index.run(lambda d: d.save_app(app))
        self._roster.put_app(app)
        self._hub.emit(AppSaved(app))

    async def _adopt_connection(self, kept: Kept, credential: Credential) -> None:
        facts = credential.facts
        app_id, user_id = facts.get("app", ""), facts.get("user_id", "")
        if not user_id or all(app.id != app_id for app in self._roster.apps):
            # Its app is gone: nothing can be done with this token here. It stays where it is,
            # and the page on the places of secrets shows it as listed nowhere.
            await self._index.run(lambda d: d.finish_pending(kept.service))
            return
        old = self._roster.same_user(app_id, user_id)
        if old is not None and old.entry == kept.service:
            await self._index.run(lambda d: d.finish_pending(kept.service))
            return
        connection = Connection(
            id=old.id if old else kept.service.rsplit(" ", 1)[-1],
            app_id=app_id,
            user_id=user_id,
            screen_name=facts.get("screen_name", ""),
            entry=kept.service,
            authorized_at=self._clock(),
            state=ConnectionState.UNKNOWN,
            label=old.label if old else facts.get("label", ""),
            note=old.note if old else facts.get("note", ""),
            place=kept.place,
            pasted=facts.get("origin", "") == "pasted",
        )
        await self._index.run(lambda d: d.replace_connection(connection))
        self._roster.put_connection(connection)
        self._hub.emit(ConnectionSaved(connection))
        if old is not None:
            await self._keychain.delete(*entry_of(old))
            await self._index.run(lambda d: d.finish_pending(old.entry))


def _access(text: str) -> AppAccess:
    return next((level for level in AppAccess if level.value == text), AppAccess.UNKNOWN)
