"""Every change of a keychain entry: a new one is written beside the old, which goes last.

Renaming, new secrets, a note and another place are all this one step. A crash at any moment
leaves the old state or the new one whole, and what is left over is deleted at the next start.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from adwarden.domain.errors import AdwardenError
from adwarden.domain.model import Connection, Credential, XApp
from adwarden.services.entry_facts import of_app, of_connection
from adwarden.services.events import ConnectionSaved
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.roster import Kept, Roster, app_keys, entry_of, gone, held, new_id
from adwarden.services.telling import tell_app
from adwarden.storage.directory import Directory
from adwarden.storage.keychain_codec import encode, entry_service

if TYPE_CHECKING:
    import asyncio

_log = logging.getLogger(__name__)

T = TypeVar("T")

Change = Callable[[Credential], Credential]
"""Makes of a credential as it is kept what is to be kept instead; its facts are added here."""


class Rewriting:
    """Writes and replaces entries, with the rows of the index that name them.

    ``namespace`` begins the names of entries, ``home`` is the mark of the data folder. All raise
    ``AdwardenError``; whatever was refused has changed nothing.
    """

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        hub: Hub,
        *,
        namespace: str,
        home: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster, self._index = roster, index
        self._keychain = keychain
        self._hub = hub
        self._namespace, self._home, self._clock = namespace, home, clock
        self._locks: dict[str, asyncio.Lock] = {}
        self._doubtful: dict[tuple[str, str], list[Kept]] = {}
        """Entries of a user's token whose keeping failed: they may be there all the same."""
        self._switching: set[asyncio.Task[Any]] = set()
        self.under_way: set[str] = set()
        """Entries that are being added just now: recovery leaves them to who does that."""

    def alone(self, app_id: str, user_id: str = "") -> asyncio.Lock:
        """Return what keeps others from changing an app, or a user's connection through it."""
        import asyncio

        return self._locks.setdefault(f"{app_id}/{user_id}", asyncio.Lock())

    async def close(self) -> None:
        """Wait for the rows that are being switched; part of quitting, before the index goes."""
        import asyncio

        await asyncio.gather(*self._switching, return_exceptions=True)

    # What is new

    async def add_app(self, app: XApp, secrets: Credential) -> XApp:
        """Keep a new app's secrets, then list it; returns it with the name of its entry."""
        credential = of_app(app, secrets, self._home, self._clock())
        app = replace(app, entry=self._name(app.label), holds=held(credential))
        await self._put(entry_of(app), credential)
        return await self._finish(self._list_app(app), app.entry)

    async def keep_connection(
        self, connection: Connection, secrets: Credential, *, fetch: bool = False
    ) -> Connection:
        """Keep a token, then list its connection, in place of what it replaces of the same id.

        Call it ``alone``; with ``fetch`` its refresh is noted with it. After a ``KeychainError``
        the token may have been kept all the same: the next start finds out, as it was granted.
        """
        app = self._roster.app(connection.app_id)
        connection = replace(connection, entry=self._name(app.label))
        credential = of_connection(connection, secrets, self._home, self._clock())
        encode(credential)
        name = entry_of(connection)
        user = connection.app_id, connection.user_id
        old = self._roster.same_user(*user)
        replaced = None if old is None else entry_of(old)
        self.under_way.add(name.service)
        with ExitStack() as undoing:
            undoing.callback(self.under_way.discard, name.service)
            await self._begin_add(name, replaced)
            with ExitStack() as doubting:
                doubting.callback(self._doubt, user, name)
                await self._keychain.put(*name, credential, replaced)
                doubting.pop_all()
            doubtful = await self._give_up(*user)
            undoing.pop_all()
        former = await self._finish(self._list_connection(connection, fetch=fetch), name.service)
        for one in (*doubtful, *([former] if former else [])):
            await self.forget(one)
        return connection

    async def drop_doubtful(self, app_id: str, user_id: str) -> None:
        """Delete what a failed keeping of a user's token may have left; nobody wants it now."""
        for name in await self._give_up(app_id, user_id):
            await self.forget(name)

    # What is there already

    async def rewrite_app(
        self,
        app: XApp,
        change: Change | None = None,
        *,
        credential: Credential | None = None,
        place: str = "",
        even_hidden: bool = False,
        **fields: Any,  # noqa: ANN401 - whatever an app has
    ) -> XApp:
        """Change an app and its secrets; returns it as it is listed now.

        ``change`` gets the secrets as they are kept; ``credential`` stands for them where they
        are given or lost, so that nothing is read. ``place`` moves them, ``fields`` are the app's.
        """
        async with self.alone(app.id):
            old = self._roster.app(app.id, even_hidden=even_hidden)
            kept = None if credential else await app_keys(self._roster, self._keychain, old)
            found = credential or kept
            assert found is not None
            secrets = change(found) if change else found
            new = replace(old, **fields, place=place or old.place, holds=held(secrets))
            told = of_app(new, secrets, self._home, self._clock())
            if new == old and change is None and credential is None:
                return old
            entry = self._name(new.label)
            await self._put(entry_of(replace(new, entry=entry)), told, entry_of(old))
            changed = {**fields, "entry": entry, "place": new.place, "holds": new.holds}
            same = kept is not None and all(
                told.secrets.get(name) == kept.secrets.get(name) for name in ("key", "secret")
            )
            await self._finish(self._switch_app(old, changed, same_keys=same), entry)
            await self.forget(entry_of(old))
            return self._roster.app(app.id, even_hidden=True)

    async def rewrite_connection(
        self,
        connection: Connection,
        change: Change | None = None,
        *,
        credential: Credential | None = None,
        place: str = "",
        **fields: Any,  # noqa: ANN401 - whatever a connection has
    ) -> Connection:
        """Change a connection and its token, as ``rewrite_app`` does an app.

        What a refresh learns meanwhile is kept, as long as the token itself stays the same.
        """
        async with self.alone(connection.app_id, connection.user_id):
            old = self._roster.connection(connection.id)
            kept = await self._keychain.get(*entry_of(old)) if credential is None else None
            found = credential or kept
            assert found is not None
            secrets = change(found) if change else found
            new = replace(old, **fields, place=place or old.place)
            told = of_connection(new, secrets, self._home, self._clock())
            if new == old and change is None and credential is None:
                return old
            entry = self._name(self._roster.app(old.app_id).label)
            await self._put(entry_of(replace(new, entry=entry)), told, entry_of(old))
            changed = {**fields, "entry": entry, "place": new.place}
            same = kept is not None and told.secrets == kept.secrets
            await self._finish(self._switch_connection(old, changed, same_token=same), entry)
            await self.forget(entry_of(old))
            return self._roster.connection(connection.id, even_hidden=True)

    # Inside

    def _name(self, app_label: str) -> str:
        return entry_service(app_label, new_id(), self._namespace)

    async def _put(self, name: Kept, credential: Credential, former: Kept | None = None) -> None:
        """Write an entry that nobody counts on yet; a failure makes it one to be deleted."""
        # Before anything is begun: what is too long is no failure of the keychain.
        encode(credential)
        self.under_way.add(name.service)
        async with AsyncExitStack() as undoing:
            undoing.callback(self.under_way.discard, name.service)
            # It may be there, or come to be: whoever was told of a failure must not meet it again.
            undoing.push_async_callback(self._index.run, lambda d: d.begin_pending("delete", *name))
            await self._begin_add(name, former)
            await self._keychain.put(*name, credential, former)
            undoing.pop_all()

    def _doubt(self, user: tuple[str, str], name: Kept) -> None:
        self._doubtful.setdefault(user, []).append(name)

    async def _begin_add(self, name: Kept, former: Kept | None) -> None:
        replaces = "" if former is None else former.service
        await self._index.run(lambda d: d.begin_pending("add", *name, replaces=replaces))

    async def _give_up(self, app_id: str, user_id: str) -> list[Kept]:
        """Note that what failed before is to go: the next start must not list it instead."""
        listed = {one.entry for one in self._roster.all_of_app(app_id)}
        found = self._doubtful.pop((app_id, user_id), [])
        names = [name for name in found if name.service not in listed]
        for name in names:
            await self._index.run(partial(_begin_delete, name))
        return names

    async def _finish(self, work: Coroutine[Any, Any, T], entry: str) -> T:
        """Do what must not stop half way, as the entry is written: also when nobody waits."""
        import asyncio

        task = asyncio.get_running_loop().create_task(work, name="switch an entry")
        self._switching.add(task)
        task.add_done_callback(self._switching.discard)
        task.add_done_callback(lambda _: self.under_way.discard(entry))
        return await asyncio.shield(task)

    async def _list_app(self, app: XApp) -> XApp:
        await self._index.run(lambda d: d.save_app(app))
        self._roster.put_app(app)
        tell_app(self._roster, self._hub, app.id)
        return app

    async def _list_connection(self, connection: Connection, *, fetch: bool) -> Kept | None:
        steps = await self._index.run(lambda d: d.replace_connection(connection, fetch=fetch))
        self._roster.put_connection(connection)
        self._hub.emit(ConnectionSaved(connection))
        return next((Kept(one.entry, one.username, one.place) for one in steps), None)

    async def _switch_app(self, old: XApp, changed: dict[str, Any], *, same_keys: bool) -> None:
        app = replace(old, **changed)
        call = partial(Directory.switch_entry, item=app, former=entry_of(old), names=tuple(changed))
        if not await self._index.run(call):
            await self._undo(entry_of(app), "X app")
        if same_keys:
            self._roster.renamed[old.entry] = app.entry
        app = replace(self._roster.app(old.id, even_hidden=True), **changed)
        self._roster.put_app(app)
        tell_app(self._roster, self._hub, old.id)

    async def _switch_connection(
        self, old: Connection, changed: dict[str, Any], *, same_token: bool
    ) -> None:
        new = replace(old, **changed)
        call = partial(
            Directory.switch_entry,
            item=new,
            former=entry_of(old),
            names=tuple(changed),
            same_token=same_token,
        )
        if not await self._index.run(call):
            await self._undo(entry_of(new), "connection")
        if same_token:
            self._roster.renamed[old.entry] = new.entry
        # A refresh may have learned something since: only what was changed here is put.
        new = replace(self._roster.connection(old.id, even_hidden=True), **changed)
        self._roster.put_connection(new)
        if self._roster.hidden(old.id) is None:
            self._hub.emit(ConnectionSaved(new))

    async def _undo(self, name: Kept, what: str) -> None:
        """Take back an entry whose app or connection has gone, or has changed, meanwhile."""
        await self._index.run(lambda d: d.begin_pending("delete", *name))
        await self.forget(name)
        raise gone(what)

    async def forget(self, name: Kept) -> None:
        """Delete what was replaced; the new entry is kept and in use, whatever comes of this."""
        try:
            await self._keychain.delete(*name)
            await self._index.run(lambda d: d.finish_pending(name.service))
        except AdwardenError as error:
            # The deletion was noted with the switch: the next start makes it.
            self._keychain.stays[name] = error
            _log.warning("a replaced entry stays for now: %s", error.title)


def _begin_delete(name: Kept, directory: Directory) -> None:
    directory.begin_pending("delete", *name)
