"""Finishes at the next start what a crash interrupted, so that nothing granted is lost.

Reads the keychain only when the index says that something was left half done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import (
    FILE,
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
_OF_ENTRY = ("label", "access", "note", "holds", "place", "entry")
"""What an app's entry tells of it."""

EVERYWHERE = "*"
"""Stands for an entry in the step that is about every place."""


class Recovery:
    """Brings index and keychain together again; raises ``KeychainError`` when that must wait.

    ``revoke`` goes on with a revocation that was begun.
    """

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        hub: Hub,
        *,
        home: str,
        revoke: Callable[[PendingStep], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._hub = hub
        self._home = home
        self._revoke = revoke
        self._clock = clock

    async def finish_pending(self) -> None:
        """End every step that began: what was stored is listed, what was to go goes.

        What is about a place that cannot be used now waits for it, and holds up nothing else.
        """
        waiting: dict[str, KeychainError] = {}
        for step in await self._index.run(lambda d: d.pending()):
            if step.place in waiting and step.entry != EVERYWHERE:
                continue
            try:
                await self._end(step)
            except KeychainError as error:
                waiting[step.place] = error
        if KEYCHAIN in waiting:
            raise waiting[KEYCHAIN]

    async def _end(self, step: PendingStep) -> None:
        if step.kind == "rebuild":
            await self._rebuild(step)
        elif step.kind == "delete":
            await self._keychain.delete(step.entry, step.username, step.place)
            await self._unlist(step.entry)
        elif step.kind == "revoke":
            # Not waited for: what is about the network must not hold up the keychain.
            self._revoke(step)
        elif step.kind == "add":
            await self._adopt(Kept(step.entry, step.username, step.place), step.made_at)

    async def rebuild(self, place: str = KEYCHAIN) -> None:
        """List again everything of ours that a place holds, after the index was lost."""
        # What has a step of its own is on its way in or out, which that step knows.
        begun = {step.entry for step in await self._index.run(lambda d: d.pending())}
        known = await self._keychain.known(place)
        names = [name for name in known if name.service not in begun]
        found = await self._keychain.read_all(place, names)
        ours: list[tuple[Kept, Credential]] = []
        for name, credential in found.items():
            kept = Kept(*name, place)
            if isinstance(credential, KeychainError):
                await self._give_up(kept, credential)
            elif credential.facts.get("home", "") == self._home:
                # Another data folder's is listed by its own index, which may delete it any time.
                ours.append((kept, credential))
        # Apps first: a connection without its app could not be listed.
        for kept, credential in sorted(ours, key=lambda one: not _is_app(one[1])):
            await self._take_in(kept, credential, renewed=False)

    async def take_over(self, kept: Kept) -> None:
        """List an entry that no row names, whoever kept it; it is read first."""
        await self._take_in(kept, await self._keychain.get(*kept), renewed=False)

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
        for place in self._keychain.names if FILE in self._keychain.names else ():
            # The app of a token may be in a place that was read after it.
            with suppress(KeychainError):
                await self.rebuild(place)
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

    async def _adopt(self, kept: Kept, began: float) -> None:
        """End a step that began to keep an entry."""
        try:
            credential = await self._keychain.get(*kept)
        except KeychainError as error:
            await self._give_up(kept, error)
            return
        user = (credential.facts.get("app", ""), credential.facts.get("user_id", ""))
        now = None if _is_app(credential) else self._roster.same_user(*user)
        if now is not None and now.authorized_at > began:
            # Its place was locked for long: the user has authorized anew since, elsewhere.
            await self._keychain.delete(*kept)
            await self._index.run(lambda d: d.finish_pending(kept.service))
            return
        await self._take_in(kept, credential, renewed=True)

    async def _give_up(self, kept: Kept, error: KeychainError) -> None:
        """Strike what is not in its place or cannot be read; raise what must wait."""
        if error.code not in (ErrorCode.ENTRY_MISSING, ErrorCode.ENTRY_DAMAGED):
            raise error
        if error.code is ErrorCode.ENTRY_MISSING:
            # It was never written: its line in the place's own list goes too.
            await self._keychain.delete(*kept)
        await self._index.run(lambda d: d.finish_pending(kept.service))

    async def _take_in(self, kept: Kept, credential: Credential, *, renewed: bool) -> None:
        if _is_app(credential):
            await self._adopt_app(kept, credential, renewed=renewed)
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
            former = entry_of(old)
            await self._index.run(
                partial(Directory.switch_entry, item=told, former=former, names=_OF_ENTRY)
            )
            self._roster.put_app(told)
            self._hub.emit(AppSaved(told))
            await self._keychain.delete(*former)
            await self._index.run(lambda d: d.finish_pending(former.service))
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
            label=facts.get("label", old.label if old else ""),
            note=facts.get("note", old.note if old else ""),
            place=kept.place,
            pasted=facts.get("origin", "") == "pasted",
        )
        await self._index.run(lambda d: d.replace_connection(connection))
        self._roster.put_connection(connection)
        self._hub.emit(ConnectionSaved(connection))
        if old is not None:
            await self._keychain.delete(*entry_of(old))
            await self._index.run(lambda d: d.finish_pending(old.entry))


def _is_app(credential: Credential) -> bool:
    return credential.kind.endswith(_APP_SUFFIX)


def _access(text: str) -> AppAccess:
    return next((level for level in AppAccess if level.value == text), AppAccess.UNKNOWN)
