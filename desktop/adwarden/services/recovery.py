"""Finishes at the next start what a crash interrupted, so that nothing granted is lost.

Reads the keychain only when the index says that something was left half done.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from functools import partial

from adwarden.domain.errors import AdwardenError, KeychainError, StorageError
from adwarden.domain.model import FILE, KEYCHAIN, Credential
from adwarden.services.adopting import Adopting, latest
from adwarden.services.events import AppRemoved, ConnectionRemoved
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.of_place import OF_PLACE
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Kept, Roster
from adwarden.services.runs import Runs
from adwarden.storage.directory import Directory, PendingStep
from adwarden.storage.rows import EVERYWHERE

_log = logging.getLogger(__name__)


class Recovery:
    """Brings index and keychain together again; raises ``KeychainError`` when that must wait.

    What this run is making just now, or another one that lives, is left to it. ``revoke`` goes on
    with a revocation that was begun, ``drop`` removes some of an app's secrets, ``remove`` an app,
    by its id, once the revocations that need its keys have been made. ``ours`` tells the marks that
    this data folder's entries bear, on the index's thread.
    """

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        hub: Hub,
        rewriting: Rewriting,
        runs: Runs,
        *,
        ours: Callable[[], Collection[str]],
        revoke: Callable[[PendingStep], None],
        drop: Callable[[PendingStep], Awaitable[None]],
        remove: Callable[[str], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._hub = hub
        self._rewriting = rewriting
        self._runs = runs
        self._ours = ours
        self._revoke, self._drop, self._remove = revoke, drop, remove
        self._adopting = Adopting(roster, index, keychain, hub, rewriting, clock=clock)

    async def finish_pending(self, told: Callable[[AdwardenError], None] = lambda _: None) -> None:
        """End every step that began: what was stored is listed, what was to go goes.

        What is about a place that cannot be used now waits for it, and holds up nothing else. A
        failure of one entry alone holds up nothing at all: ``told`` hears of it, and the next
        start tries again.
        """
        waiting: dict[str, KeychainError] = {}
        steps = await self._index.run(lambda d: d.pending())
        marks = {step.run for step in steps}
        others = await self._index.run(
            lambda _: {mark for mark in marks if self._runs.is_anothers(mark)}
        )
        # Apps that have connections are looked at again when all of these may have gone.
        todo = deque((step, False) for step in steps if step.run not in others)
        while todo:
            step, again = todo.popleft()
            if step.place in waiting and step.entry != EVERYWHERE:
                continue
            try:
                if not await self._end(step, again=again):
                    todo.append((step, True))
            except StorageError:
                raise
            except AdwardenError as error:
                if isinstance(error, KeychainError) and error.code in OF_PLACE:
                    waiting[error.place or step.place] = error
                else:
                    _log.warning("a step is left to the next start: %s", error.title)
                    told(error)
        if KEYCHAIN in waiting:
            raise waiting[KEYCHAIN]
        # What a revocation is about is listed already, and may be what the keychain works on now.
        if any(step.place == KEYCHAIN and step.kind != "revoke" for step in steps):
            await self._keychain.relist(KEYCHAIN)

    async def _end(self, step: PendingStep, *, again: bool) -> bool:
        """End a step; returns False for one that is to be ended after all others, ``again``."""
        if step.entry in self._rewriting.under_way or not await self._stands(step):
            return True
        if step.kind == "rebuild":
            # Of whichever file is in use; without one it waits for one.
            if step.place in self._keychain.names:
                await self._rebuild(step)
            return True
        if step.place == FILE and not await self._is_in_use(step):
            return True
        if step.kind == "delete":
            return await self._delete(step, again=again)
        if step.kind == "revoke":
            # Not waited for: what is about the network must not hold up the keychain.
            self._revoke(step)
        elif step.kind == "drop":
            await self._drop(step)
        elif step.kind == "add":
            await self._adopting.adopt(step)
        return True

    async def _stands(self, step: PendingStep) -> bool:
        """Tell whether a step is still to be made: others work at the same time."""
        return await self._index.run(lambda d: d.pending_of(step.entry)) == step

    async def _is_in_use(self, step: PendingStep) -> bool:
        """Tell whether the KeePass file of a step is the one in use, perhaps at another path."""
        if step.file in ("", self._runs.file()):
            return True
        return (step.entry, step.username) in await self._keychain.known(FILE)

    async def take_over(self, kept: Kept) -> bool:
        """List an entry that no row names, whoever kept it; it is read first.

        Returns False where something about it, or about its user, is under way.
        """
        return await self._adopting.take_in(kept, await self._keychain.get(*kept))

    async def _rebuild(self, step: PendingStep) -> None:
        """List again all of ours; a place that cannot be read now keeps a step of its own.

        Every time from all places: the app of a token may be in another one.
        """
        found: list[tuple[Kept, Credential]] = []
        failed: KeychainError | None = None
        for place in self._keychain.names:
            try:
                await self._find(place, found)
            except KeychainError as error:
                if step.entry == EVERYWHERE:
                    note = partial(
                        Directory.begin_pending,
                        kind="rebuild",
                        entry=f"{EVERYWHERE}{place}",
                        username="",
                        place=place,
                    )
                    await self._index.run(note)
                if place == step.place:
                    failed = error
        for kept, credential in latest(found):
            await self._adopting.take_in(kept, credential, even_older=True)
        if failed is None or step.entry == EVERYWHERE:
            await self._index.run(partial(Directory.finish_pending, entry=step.entry))
        if failed is not None:
            raise failed

    async def _find(self, place: str, ours: list[tuple[Kept, Credential]]) -> None:
        """Add everything of this data folder that a place holds and nobody is working on.

        Raises what kept an entry from being read after all others have been.
        """
        # What has a step of its own is on its way in or out, which that step knows.
        begun = {step.entry for step in await self._index.run(lambda d: d.pending())}
        known = await self._keychain.known(place)
        names = [
            name
            for name in known
            if name.service not in begun and name.service not in self._rewriting.under_way
        ]
        homes = await self._index.run(lambda _: self._ours())
        failed: KeychainError | None = None
        for name, credential in (await self._keychain.read_all(place, names)).items():
            kept = Kept(*name, place)
            if isinstance(credential, KeychainError):
                try:
                    await self._adopting.give_up(kept, credential)
                except KeychainError as error:
                    failed = error
            elif credential.facts.get("home", "") in homes:
                # Another data folder's is listed by its own index, which may delete it any time.
                ours.append((kept, credential))
        if failed is not None:
            raise failed

    async def _delete(self, step: PendingStep, *, again: bool) -> bool:
        """Make a deletion, with what the index still lists of the entry."""
        kept = Kept(step.entry, step.username, step.place)
        whose = await self._index.run(lambda d: d.owner(step.entry))
        if whose is None:
            await self._keychain.delete(*kept)
            await self._index.run(lambda d: d.finish_pending(step.entry))
            return True
        async with self._rewriting.alone(*whose):
            if not await self._stands(step):
                return True
            if await self._index.run(lambda d: d.in_use(step.entry)):
                return await self._delete_used(step, whose[0], again=again)
            await self._keychain.delete(*kept)
            apps, connections = await self._index.run(lambda d: d.unlist(step.entry))
            for id_ in connections:
                self._roster.drop_connection(id_)
                self._hub.emit(ConnectionRemoved(id_))
            for id_ in apps:
                self._roster.drop_app(id_)
                self._hub.emit(AppRemoved(id_))
        return True

    async def _delete_used(self, step: PendingStep, app_id: str, *, again: bool) -> bool:
        """Decide about the keys of an app that has connections still."""
        steps = await self._index.run(lambda d: d.pending())
        kinds = {one.entry: one.kind for one in steps if one.kind in ("delete", "revoke")}
        found = {kinds.get(one.entry) for one in self._roster.all_of_app(app_id)}
        if None in found:
            # A connection stays, or has come since.
            await self._index.run(lambda d: d.finish_pending(step.entry))
        elif not again:
            return False
        elif "revoke" in found:
            self._remove(app_id)
        # Otherwise it waits as they do, for their place.
        return True
