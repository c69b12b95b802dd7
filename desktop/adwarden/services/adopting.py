"""Lists entries that are in a place of secrets and that no row of the index names yet.

Each under the lock of its app or user, so that whoever changes the same row is never overtaken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import (
    AppAccess,
    AppState,
    Connection,
    ConnectionState,
    Credential,
    XApp,
)
from adwarden.services.entry_facts import APPROVED, PASTED, SINCE, moment, written_at
from adwarden.services.events import ConnectionSaved
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import LOST, Kept, Roster, entry_of, held
from adwarden.services.telling import tell_app
from adwarden.storage.directory import Directory, PendingStep

_APP_SUFFIX = "-app"
_OF_APP = ("label", "access", "note", "holds", "place", "entry")
_OF_CONNECTION = ("screen_name", "label", "note", "place", "entry", "pasted")
"""What an entry tells of its row."""


class Adopting:
    """Raises ``KeychainError`` when a place must be waited for; nothing has changed then."""

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        hub: Hub,
        rewriting: Rewriting,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster, self._index, self._keychain = roster, index, keychain
        self._hub, self._rewriting, self._clock = hub, rewriting, clock

    async def adopt(self, step: PendingStep) -> None:
        """End a step that began to add an entry: it is listed, or deleted where it is stale."""
        kept = Kept(step.entry, step.username, step.place)
        try:
            credential = await self._keychain.get(*kept)
        except KeychainError as error:
            await self.give_up(kept, error)
            return
        app_id, user_id = _whose(credential)
        async with self._rewriting.alone(app_id, user_id):
            if await self._index.run(lambda d: d.pending_of(step.entry)) != step:
                return  # somebody has ended it in the meantime
            if await self._index.run(lambda d: d.owner(step.entry)) is not None:
                await self._strike(kept)
                return
            row = self._app(app_id) if is_app(credential) else self._user(app_id, user_id)
            homeless = not is_app(credential) and self._app(app_id) is None
            if row is None and (step.replaces or homeless) and await self._is_rebuilding():
                return  # the row that it is about, or its app, may come back
            if _is_stale(step, row):
                await self._keychain.delete(*kept)
                await self._strike(kept)
            elif is_app(credential):
                await self._adopt_app(kept, credential)
            else:
                await self._adopt_connection(kept, credential)

    async def take_in(
        self, kept: Kept, credential: Credential, *, even_older: bool = False
    ) -> bool:
        """List an entry that was found; a row with an entry that is there stays as it is.

        ``even_older`` has it take the place of an entry that was written before it.
        Returns whether it is listed now.
        """
        app_id, user_id = _whose(credential)
        async with self._rewriting.alone(app_id, user_id):
            if await self._index.run(lambda d: d.is_doomed(kept.service)):
                return False  # it is on its way, in or out, or has gone since it was read
            if is_app(credential):
                app = self._app(app_id)
                if not app_id or (app and not await self._gives_way(app, credential, even_older)):
                    return False
                return await self._adopt_app(kept, credential)
            old = self._user(app_id, user_id)
            if old is not None and not await self._gives_way(old, credential, even_older):
                return False
            return await self._adopt_connection(kept, credential)

    async def give_up(self, kept: Kept, error: KeychainError) -> None:
        """Strike what is not in its place or cannot be read; raise what must wait."""
        if error.code not in LOST:
            raise error
        if error.code is ErrorCode.ENTRY_MISSING:
            # It was never written: its line in the place's own list goes too.
            await self._keychain.delete(*kept)
        await self._strike(kept)

    # Inside

    async def _adopt_app(self, kept: Kept, credential: Credential) -> bool:
        facts, old = credential.facts, self._app(credential.facts.get("app", ""))
        told = XApp(
            id=facts.get("app", ""),
            provider=credential.kind.removesuffix(_APP_SUFFIX),
            label=facts.get("label", ""),
            access=_access(facts.get("access", "")),
            entry=kept.service,
            added_at=_since(facts, self._clock()) if old is None else old.added_at,
            approved_at=moment(facts, APPROVED),
            note=facts.get("note", ""),
            holds=held(credential),
            place=kept.place,
        )
        if not told.id:
            await self._strike(kept)
            return False
        if old is None:
            await self._index.run(lambda d: d.save_app(told))
        # Keys that were entered again, changed or moved, cut off before the index had them.
        else:
            names: tuple[str, ...] = (*_OF_APP, "approved_at")
            if old.state is not AppState.KEYS_MISSING and await self._holds(old, credential):
                told = replace(told, state=old.state)
            else:
                names = (*names, "state")  # nothing is known of these keys
            if APPROVED not in facts:
                told = replace(told, approved_at=old.approved_at)
            if not await self._switch(told, entry_of(old), names):
                return False
        self._roster.put_app(told)
        tell_app(self._roster, self._hub, told.id)
        if old is not None:
            await self._forget(entry_of(old))
        return True

    async def _adopt_connection(self, kept: Kept, credential: Credential) -> bool:
        facts = credential.facts
        app_id, user_id = _whose(credential)
        if not user_id or self._app(app_id) is None:
            # Its app is gone: nothing can be done with this token here. It stays where it is,
            # and the page on the places of secrets shows it as listed nowhere.
            await self._strike(kept)
            return False
        old = self._user(app_id, user_id)
        if old is not None and old.entry == kept.service:
            await self._strike(kept)
            return True
        told = Connection(
            id=old.id if old else kept.service.rsplit(" ", 1)[-1],
            app_id=app_id,
            user_id=user_id,
            screen_name=facts.get("screen_name", ""),
            entry=kept.service,
            authorized_at=_since(facts, self._clock()),
            state=ConnectionState.UNKNOWN,
            label=facts.get("label", old.label if old else ""),
            note=facts.get("note", old.note if old else ""),
            place=kept.place,
            pasted=facts.get("origin", "") == PASTED,
        )
        same = old is not None and await self._holds(old, credential)
        if same is None:
            return False
        if old is not None and same:
            # Renamed or moved: what is known of the token holds, its noted revocation as well.
            changed = {name: getattr(told, name) for name in _OF_CONNECTION}
            if not await self._switch(replace(old, **changed), entry_of(old), _OF_CONNECTION):
                return False
            self._roster.renamed[old.entry] = kept.service
            told = replace(self._user(app_id, user_id) or old, **changed)
            former = [entry_of(old)]
        else:
            steps = await self._index.run(lambda d: d.replace_connection(told))
            former = [Kept(one.entry, one.username, one.place) for one in steps]
        self._roster.put_connection(told)
        if self._roster.hidden(told.id) is None:
            self._hub.emit(ConnectionSaved(told))
        for one in former:
            await self._forget(one)
        return True

    async def _switch(self, item: XApp | Connection, former: Kept, names: tuple[str, ...]) -> bool:
        call = partial(
            Directory.switch_entry, item=item, former=former, names=names,
            same_token=isinstance(item, Connection),
        )  # fmt: skip
        return await self._index.run(call)

    async def _holds(self, old: XApp | Connection, credential: Credential) -> bool | None:
        """Tell whether a row's entry has the same secrets; ``None`` where that must wait."""
        try:
            kept = await self._keychain.get(*entry_of(old))
        except KeychainError as error:
            # Its revocation must not be forgotten with it.
            waits = error.code not in LOST and old.state is ConnectionState.REVOKING
            return None if waits else False
        return kept.secrets == credential.secrets

    async def _gives_way(
        self, old: XApp | Connection, credential: Credential, even_older: bool
    ) -> bool:
        """Tell whether a row takes another entry: its own is lost, or may be an older one."""
        try:
            own = await self._keychain.get(*entry_of(old))
        except KeychainError as error:
            return error.code in LOST
        if old.state is ConnectionState.REVOKING:
            return False  # its revocation must not be forgotten with it
        return even_older and written_at(own.facts) < written_at(credential.facts)

    async def _is_rebuilding(self) -> bool:
        steps = await self._index.run(lambda d: d.pending())
        return any(step.kind == "rebuild" for step in steps)

    async def _forget(self, former: Kept) -> None:
        # Its deletion was noted with the switch: what fails here is made later.
        with suppress(KeychainError):
            await self._keychain.delete(*former)
            await self._strike(former)

    async def _strike(self, kept: Kept) -> None:
        await self._index.run(partial(Directory.finish_pending, entry=kept.service))

    def _app(self, app_id: str) -> XApp | None:
        """Return an app, also one that is hidden."""
        everything = self._roster.everything
        return next((one for one in everything if isinstance(one, XApp) and one.id == app_id), None)

    def _user(self, app_id: str, user_id: str) -> Connection | None:
        return self._roster.same_user(app_id, user_id) if user_id else None


def _is_stale(step: PendingStep, row: XApp | Connection | None) -> bool:
    """Tell whether the row has got another entry since the step began, or has gone."""
    if step.replaces is not None:
        return step.replaces != ("" if row is None else row.entry)
    # An older version did not note it: only times can tell.
    return isinstance(row, Connection) and row.authorized_at > step.made_at


def latest(
    found: Iterable[tuple[Kept, Credential]],
) -> tuple[tuple[Kept, Credential], ...]:
    """Return what of all that was found is to be listed, in the order in which that works.

    Of several entries about one app or user that is the one written last. The others may be what
    is left of a change that was cut off: they stay where they are, as clocks can be wrong.
    """
    by_whose: dict[tuple[str, ...], tuple[Kept, Credential]] = {}
    for kept, credential in found:
        app_id, user_id = _whose(credential)
        nobodys = not app_id or not (user_id or is_app(credential))
        whose = (app_id, user_id, kept.service if nobodys else "")
        other = by_whose.get(whose)
        if other is None or written_at(other[1].facts) <= written_at(credential.facts):
            by_whose[whose] = kept, credential
    # Apps first: a connection without its app could not be listed.
    return tuple(sorted(by_whose.values(), key=lambda one: not is_app(one[1])))


def is_app(credential: Credential) -> bool:
    """Tell whether these are an app's keys, and not a user's token."""
    return credential.kind.endswith(_APP_SUFFIX)


def _whose(credential: Credential) -> tuple[str, str]:
    facts = credential.facts
    return facts.get("app", ""), "" if is_app(credential) else facts.get("user_id", "")


def _since(facts: Mapping[str, str], now: float) -> float:
    """Return since when there is what an entry is about; 0 of one that does not tell."""
    told = moment(facts, SINCE)
    # A clock that was wrong then must not have it be of tomorrow.
    return 0.0 if told is None else min(told, now)


def _access(text: str) -> AppAccess:
    return next((level for level in AppAccess if level.value == text), AppAccess.UNKNOWN)
