"""Finishes at the next start what a crash interrupted, so that nothing granted is lost.

Reads the keychain only when the index says that something was left half done.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial

from adwarden.domain.errors import KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, Credential
from adwarden.services.adopting import Adopting, is_app
from adwarden.services.events import AppRemoved, ConnectionRemoved
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Kept, Roster
from adwarden.services.runs import Runs
from adwarden.storage.directory import Directory, PendingStep

EVERYWHERE = "*"
"""Stands for an entry in the step that is about every place."""


class Recovery:
    """Brings index and keychain together again; raises ``KeychainError`` when that must wait.

    What this run is making just now, or another one that lives, is left to it. ``revoke`` goes on
    with a revocation that was begun, ``drop`` removes some of an app's secrets.
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
        home: str,
        revoke: Callable[[PendingStep], None],
        drop: Callable[[PendingStep], Awaitable[None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._hub = hub
        self._rewriting = rewriting
        self._runs = runs
        self._home = home
        self._revoke, self._drop = revoke, drop
        self._adopting = Adopting(roster, index, keychain, hub, rewriting, clock=clock)

    async def finish_pending(self) -> None:
        """End every step that began: what was stored is listed, what was to go goes.

        What is about a place that cannot be used now waits for it, and holds up nothing else.
        """
        waiting: dict[str, KeychainError] = {}
        steps = await self._index.run(lambda d: d.pending())
        marks = {step.run for step in steps}
        others = await self._index.run(
            lambda _: {mark for mark in marks if self._runs.is_anothers(mark)}
        )
        for step in steps:
            if step.run in others or (step.place in waiting and step.entry != EVERYWHERE):
                continue
            try:
                await self._end(step)
            except KeychainError as error:
                waiting[step.place] = error
        if KEYCHAIN in waiting:
            raise waiting[KEYCHAIN]

    async def _end(self, step: PendingStep) -> None:
        if step.entry in self._rewriting.under_way or not await self._stands(step):
            return
        if step.place == FILE and not await self._is_in_use(step):
            return
        if step.kind == "rebuild":
            await self._rebuild(step)
        elif step.kind == "delete":
            await self._delete(step)
        elif step.kind == "revoke":
            # Not waited for: what is about the network must not hold up the keychain.
            self._revoke(step)
        elif step.kind == "drop":
            await self._drop(step)
        elif step.kind == "add":
            await self._adopting.adopt(step)

    async def _stands(self, step: PendingStep) -> bool:
        """Tell whether a step is still to be made: others work at the same time."""
        return await self._index.run(lambda d: d.pending_of(step.entry)) == step

    async def _is_in_use(self, step: PendingStep) -> bool:
        """Tell whether the KeePass file of a step is the one in use, perhaps at another path."""
        if step.file in ("", self._runs.file()):
            return True
        return (step.entry, step.username) in await self._keychain.known(FILE)

    async def take_over(self, kept: Kept) -> None:
        """List an entry that no row names, whoever kept it; it is read first."""
        await self._adopting.take_in(kept, await self._keychain.get(*kept))

    async def _rebuild(self, step: PendingStep) -> None:
        """List again all of ours; a place that cannot be read now keeps a step of its own.

        Every time from all places: the app of a token may be in another one.
        """
        found: list[tuple[Kept, Credential]] = []
        for place in self._keychain.names:
            try:
                found += await self._found(place)
            except KeychainError:
                if step.entry == EVERYWHERE:
                    note = partial(
                        Directory.begin_pending,
                        kind="rebuild",
                        entry=f"{EVERYWHERE}{place}",
                        username="",
                        place=place,
                    )
                    await self._index.run(note)
                elif place == step.place:
                    raise
        taken: set[str] = set()
        # Apps first: a connection without its app could not be listed.
        for kept, credential in sorted(found, key=lambda one: not is_app(one[1])):
            if await self._adopting.take_in(kept, credential, taken=taken):
                taken.add(kept.service)
        await self._index.run(partial(Directory.finish_pending, entry=step.entry))

    async def _found(self, place: str) -> list[tuple[Kept, Credential]]:
        """Return everything of this data folder that a place holds and nobody is working on."""
        # What has a step of its own is on its way in or out, which that step knows.
        begun = {step.entry for step in await self._index.run(lambda d: d.pending())}
        known = await self._keychain.known(place)
        names = [
            name
            for name in known
            if name.service not in begun and name.service not in self._rewriting.under_way
        ]
        ours: list[tuple[Kept, Credential]] = []
        for name, credential in (await self._keychain.read_all(place, names)).items():
            kept = Kept(*name, place)
            if isinstance(credential, KeychainError):
                await self._adopting.give_up(kept, credential)
            elif credential.facts.get("home", "") == self._home:
                # Another data folder's is listed by its own index, which may delete it any time.
                ours.append((kept, credential))
        return ours

    async def _delete(self, step: PendingStep) -> None:
        """Make a deletion, with what the index still lists of the entry."""
        kept = Kept(step.entry, step.username, step.place)
        whose = await self._index.run(lambda d: d.owner(step.entry))
        if whose is None:
            await self._keychain.delete(*kept)
            await self._index.run(lambda d: d.finish_pending(step.entry))
            return
        async with self._rewriting.alone(*whose):
            if not await self._stands(step):
                return
            if await self._index.run(lambda d: d.in_use(step.entry)):
                # The keys of an app whose connections stay, or have come since.
                await self._index.run(lambda d: d.finish_pending(step.entry))
                return
            await self._keychain.delete(*kept)
            apps, connections = await self._index.run(lambda d: d.unlist(step.entry))
            for id_ in connections:
                self._roster.drop_connection(id_)
                self._hub.emit(ConnectionRemoved(id_))
            for id_ in apps:
                self._roster.drop_app(id_)
                self._hub.emit(AppRemoved(id_))
