"""Removing secrets that an app has beside its keys: unseen at once, in the entry for ten seconds.

The entry is written anew without them when the time is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial

from adwarden.domain.errors import ErrorCode, KeychainError, NotFoundError
from adwarden.domain.model import Credential, XApp
from adwarden.services.events import Removal, RemovalKind, Stage
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.of_place import OF_PLACE
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Roster, app_keys, entry_of
from adwarden.services.telling import tell_app
from adwarden.services.undoing import Undoable, Undoing
from adwarden.storage.directory import Directory, PendingStep

_NAMES = {"bearer": "bearer token", "client_id": "client ID", "client_secret": "client secret"}


class Dropping:
    """Removes them; raises ``AdwardenError`` where nothing could be begun."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        hub: Hub,
        rewriting: Rewriting,
        undoing: Undoing,
    ) -> None:
        self._roster, self._index, self._keychain = roster, index, keychain
        self._hub, self._rewriting, self._undoing = hub, rewriting, undoing

    async def drop(self, app_id: str, names: Collection[str]) -> XApp:
        """Hide secrets by their names; returns the app as it is seen then.

        Those of the same app that wait already wait anew, and can be undone with these.
        """
        keys = await app_keys(self._roster, self._keychain, self._roster.app(app_id))
        app = self._roster.app(app_id)
        was = {name: hash(keys.secrets[name]) for name in names if name in keys.secrets}
        if not set(names) & set(app.holds) <= was.keys():
            # Somebody took them out of the entry: have the list say so.
            await self._rewriting.rewrite_app(app, lambda kept: kept)
            app = self._roster.app(app_id)
        before = self._undoing.waits(_id_of(app_id))
        if isinstance(before, _Secrets):
            was = {**before.was, **was}
            self._undoing.withdraw(before)
        if was:
            removal = Removal(
                _id_of(app_id), _called(was, app), False, self._undoing.until(),
                RemovalKind.SECRETS, len(was), app.place,
            )  # fmt: skip
            self._undoing.begin(_Secrets(self, removal, app_id, was))
            self.show(app_id)
        return self._roster.seen(app)

    def release(self, app_id: str, names: Collection[str]) -> None:
        """Have secrets stay that somebody gives anew or fetches: what waits is about the old."""
        one = self._undoing.waits(_id_of(app_id))
        if not isinstance(one, _Secrets) or one.was.keys().isdisjoint(names):
            return
        for name in names:
            one.was.pop(name, None)
        if one.was:
            app = self._roster.app(app_id, even_hidden=True)
            one.removal = replace(one.removal, name=_called(one.was, app), count=len(one.was))
            self._undoing.tell(one, Stage.WAITING)
        else:
            self._undoing.settle(one)
        self.show(app_id)

    async def finish(self, step: PendingStep) -> None:
        """Remove what the last run was to, and had no time for."""
        app = self._with_entry(step.entry)
        names = (step.replaces or "").split()

        def changed(kept: Credential) -> Credential:
            # Asked again now that nobody else changes the app: what has come since is not meant.
            if self._with_entry(step.entry) is None:
                raise _OvertakenError
            return _without(names, kept)

        if app is not None and not set(names).isdisjoint(app.holds):
            try:
                # It strikes the step, with the deletion of the entry that it is about.
                await self._rewriting.rewrite_app(app, changed, even_hidden=True)
            except (_OvertakenError, NotFoundError):
                pass  # the step has become the deletion of the entry
            except KeychainError as error:
                if error.code is not ErrorCode.APP_KEYS:
                    raise
            else:
                return
        await self._index.run(partial(_strike, step))

    # What waits

    async def end(self, app_id: str, was: dict[str, int], *, noted: str) -> bool:
        """Write an app's entry without these secrets, unless others have come in their place.

        ``was`` has their hashes, as nothing keeps them themselves for as long.
        """

        def changed(kept: Credential) -> Credential:
            same = [name for name, one in kept.secrets.items() if was.get(name) == hash(one)]
            return _without(same, kept)

        try:
            app = self._roster.app(app_id, even_hidden=True)
            await self._rewriting.rewrite_app(app, changed, even_hidden=True)
        except NotFoundError:
            pass  # the app has gone as a whole
        except KeychainError as error:
            if noted and error.code not in OF_PLACE:
                # It is listed still: the next start must not take away what is seen.
                await self._index.run(partial(Directory.finish_pending, entry=noted))
            raise
        self.show(app_id)
        return True

    async def note(self, app_id: str, names: Collection[str]) -> str:
        """Note what is to go; returns the name of the entry, empty where the app has gone."""
        try:
            name = entry_of(self._roster.app(app_id, even_hidden=True))
        except NotFoundError:
            return ""
        told = " ".join(sorted(names))
        await self._index.run(lambda d: d.begin_pending("drop", *name, replaces=told))
        return name.service

    def show(self, app_id: str) -> None:
        """Show an app with all its secrets but those that wait."""
        one = self._undoing.waits(_id_of(app_id))
        self._roster.withheld.pop(app_id, None)
        if isinstance(one, _Secrets):
            self._roster.withheld[app_id] = frozenset(one.was)
        tell_app(self._roster, self._hub, app_id)

    def _with_entry(self, entry: str) -> XApp | None:
        apps = (one for one in self._roster.everything if isinstance(one, XApp))
        return next((one for one in apps if one.entry == entry), None)


class _OvertakenError(Exception):
    """The app has got another entry."""


class _Secrets(Undoable):
    def __init__(
        self, dropping: Dropping, removal: Removal, app_id: str, was: dict[str, int]
    ) -> None:
        super().__init__(removal, ())
        self._dropping, self._app_id, self.was = dropping, app_id, was
        self._noted = ""

    async def end(self) -> bool:
        return await self._dropping.end(self._app_id, self.was, noted=self._noted)

    async def bring_back(self) -> None:
        self._dropping.show(self._app_id)

    async def note(self) -> None:
        self._noted = await self._dropping.note(self._app_id, self.was)

    async def again(self) -> None:
        await self._dropping.drop(self._app_id, tuple(self.was))


def _id_of(app_id: str) -> str:
    return f"secrets:{app_id}"


def _strike(step: PendingStep, directory: Directory) -> None:
    """Strike a step, unless the entry has got another one since."""
    if directory.pending_of(step.entry) == step:
        directory.finish_pending(step.entry)


def _without(names: Collection[str], kept: Credential) -> Credential:
    left = {name: one for name, one in kept.secrets.items() if name not in names}
    return replace(kept, secrets=left)


def _called(names: Iterable[str], app: XApp) -> str:
    """Return what people call secrets of an app."""
    *first, last = [_NAMES.get(name, name.replace("_", " ")) for name in sorted(names)]
    words = f"{', '.join(first)} and {last}" if first else last
    return f"{words[:1].upper()}{words[1:]} of {app.label}"
