"""What is in each place of secrets: how much is listed, and what nothing lists.

Nothing is changed but what a person has chosen, and the list that a place keeps of itself, which is
mended; deleting can be undone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.errors import KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, ConnectionState, Credential
from adwarden.services.absent import Absent
from adwarden.services.events import ConnectionSaved, Removal, RemovalKind
from adwarden.services.hub import Hub
from adwarden.services.index import Index
from adwarden.services.of_place import OF_PLACE
from adwarden.services.orphans import Origin, Orphan, judged, row_of, unreadable
from adwarden.services.places import Places
from adwarden.services.recovery import Recovery
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Kept, Roster, entry_of
from adwarden.services.survey_refusals import in_another_file, on_its_way
from adwarden.services.undoing import Undoable, Undoing
from adwarden.storage.directory import Directory
from adwarden.storage.keychain_status import EntryName, KeychainState, KeychainStatus, SelfTest

if TYPE_CHECKING:
    from adwarden.storage.keychain_choices import Choice

__all__ = ["SESSION_OVER", "Orphan", "PlaceReport", "Survey"]

SESSION_OVER = (
    "Its token was kept in memory for one session only, which is over. Authorize it again."
)


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """A place as it is now; ``rows`` is how many apps and connections are kept there.

    ``entries`` counts what the place itself knows of, ``None`` where it cannot be asked;
    ``missing`` the rows whose entry is not there or cannot be read, as far as that can be seen.
    """

    place: str
    status: KeychainStatus
    rows: int
    entries: int | None = None
    missing: int = 0
    orphans: tuple[Orphan, ...] = ()


class Survey:
    """Looks, tests, takes over and deletes; all raise ``AdwardenError``, and none prompts.

    ``ours`` tells the marks that this data folder's entries bear, on the index's thread.
    ``settle`` has what waits for its end stay, by ids: connections first, then apps.
    """

    def __init__(
        self,
        roster: Roster,
        index: Index,
        places: Places,
        recovery: Recovery,
        rewriting: Rewriting,
        hub: Hub,
        *,
        ours: Callable[[], Collection[str]],
        undoing: Undoing,
        settle: Callable[..., Awaitable[object]],
    ) -> None:
        self._roster, self._index, self._places = roster, index, places
        self._recovery, self._rewriting = recovery, rewriting
        self._hub, self._ours, self._settle = hub, ours, settle
        self._undoing = undoing
        self._absent = Absent(roster, index, places, hub)

    async def look(self, place: str) -> PlaceReport:
        """Return the state of a place and what is in it; a place that fails says so."""
        file = self._file_of(place)
        status = await self._places.status(place)
        listed = self._listed(place)
        report = PlaceReport(place, status, len(listed))
        if status.state is not KeychainState.READY:
            return report
        try:
            if place == KEYCHAIN:
                await self._places.relist(place)
            known = await self._places.known(place)
            missing = await self._absent.note(place)
            if place == MEMORY:
                missing = 0  # what went with its session is no surprise
            strange = [name for name in known if Kept(*name, place) not in listed]
            orphans = await self._orphans(place, strange)
        except KeychainError as error:
            status = KeychainStatus(
                KeychainState.FAILED, status.backend, error.message, error.remedy, error.title
            )
            return replace(report, status=status)
        seen = tuple(replace(self._going(one), file=file) for one in orphans)
        return replace(report, entries=len(known), missing=missing, orphans=seen)

    async def test(self, place: str) -> SelfTest:
        """Write, read and delete a throw-away entry, with the times."""
        return await self._places.of(place).selftest()

    async def choices(self) -> tuple[Choice, ...]:
        """Return which keychains there could be on this system, and why each is used or not."""
        from adwarden.storage.keychain_choices import choices

        return await self._places.of(KEYCHAIN).call(lambda vault: choices(vault.status()))

    async def take_over(self, orphan: Orphan) -> None:
        """List an entry here; no other data folder finds it after that.

        Raises ``KeychainError`` also where it is on its way in or out already.
        """
        await self._undoing.undo(_id_of(orphan.kept))
        facts = (await self._places.get(*orphan.kept)).facts
        app_id = facts.get("app", "")
        old = self._roster.same_user(app_id, facts.get("user_id", ""))
        await self._settle(*((old.id,) if old else ()), app_id)
        if not await self._recovery.take_over(orphan.kept):
            raise on_its_way(orphan)
        for app in self._roster.apps:
            if entry_of(app) == orphan.kept:
                await self._rewriting.rewrite_app(app, _as_it_is)
        for connection in self._roster.connections:
            if entry_of(connection) == orphan.kept:
                await self._rewriting.rewrite_connection(connection, _as_it_is)

    def delete(self, orphan: Orphan) -> None:
        """Delete an entry for good, in ten seconds."""
        kept = orphan.kept
        if self._undoing.waits(_id_of(kept)) is not None:
            return
        removal = Removal(
            _id_of(kept), orphan.name, False, self._undoing.until(), RemovalKind.ENTRY,
            place=kept.place,
        )  # fmt: skip
        self._undoing.begin(_Stray(self, removal, orphan))

    async def note(self, orphan: Orphan) -> None:
        """Note that an entry is to be deleted; the next start does it where this one does not."""
        self._check_file(orphan)
        if not await self._has_come(orphan.kept):
            await self._index.run(lambda d: d.begin_pending("delete", *orphan.kept))

    async def erase(self, orphan: Orphan) -> bool:
        """Delete an entry now; returns False, and does not, where it has come to be listed.

        Refused where another KeePass file has come into use than it was seen in.
        """
        kept = orphan.kept
        self._check_file(orphan)
        if await self._has_come(kept):
            return False
        await self._index.run(lambda d: d.begin_pending("delete", *kept))
        try:
            # Again, and at once: nothing comes between this and the place's next turn.
            self._check_file(orphan)
            await self._places.delete(*kept)
        except KeychainError as error:
            if not (self._undoing.closing and error.code in OF_PLACE):
                # It may be there, and is shown again: whoever sees it decides anew.
                await self._index.run(lambda d: d.finish_pending(kept.service))
            raise
        await self._index.run(lambda d: d.finish_pending(kept.service))
        return True

    async def end_sessions(self) -> None:
        """Say of connections that were kept for one session only that it is over."""
        for one in self._roster.connections:
            if one.place != MEMORY or one.state is ConnectionState.NEEDS_AUTHORIZATION:
                continue
            state = ConnectionState.NEEDS_AUTHORIZATION
            over = replace(one, state=state, error=SESSION_OVER, error_at=None)
            if await self._index.run(partial(Directory.note_connection, connection=over)):
                self._roster.put_connection(over)
                self._hub.emit(ConnectionSaved(over))

    async def _orphans(self, place: str, strange: Iterable[EntryName]) -> list[Orphan]:
        """Return what entries are that nothing lists, but those that something is about."""
        steps = await self._index.run(lambda d: d.pending())
        begun = {step.entry for step in steps}
        rebuilt = any(step.lists_again(place) for step in steps)
        names = [name for name in strange if name.service not in begun]
        found = await self._places.read_all(place, names)
        homes = await self._index.run(lambda _: self._ours())
        known = [what for what in found.values() if isinstance(what, Credential)]
        rows = {row.id: row for row in (row_of(what, self._roster) for what in known) if row}
        seen = [row for id_, row in rows.items() if self._roster.hidden(id_) is None]
        lost = await self._absent.lost(seen)
        orphans: list[Orphan] = []
        for name, what in found.items():
            kept = Kept(*name, place)
            if isinstance(what, KeychainError):
                orphans.append(unreadable(kept, what))
                continue
            ours = what.facts.get("home", "") in homes
            of = Origin.OTHER if not ours else Origin.COMES if rebuilt else Origin.LEFT
            orphans.append(judged(kept, what, self._roster, of, lost))
        return orphans

    def _file_of(self, place: str) -> str:
        stamp = self._index.stamp
        return stamp.file() if place == FILE and stamp is not None else ""

    def _check_file(self, orphan: Orphan) -> None:
        """Raise where the file that an entry was seen in is in use no more, or is being changed."""
        if orphan.file:
            with self._places.changing(FILE):
                if orphan.file != self._file_of(FILE):
                    raise in_another_file(orphan)

    async def _has_come(self, kept: Kept) -> bool:
        """Tell whether an entry is listed, or on its way to be, here or by another process."""
        if kept in self._listed(kept.place) or kept.service in self._rewriting.under_way:
            return True
        return await self._index.run(lambda d: d.owner(kept.service)) is not None

    def _listed(self, place: str) -> frozenset[Kept]:
        # Also what can still be undone: its entry is needed for that.
        return frozenset(entry_of(one) for one in self._roster.everything if one.place == place)

    def _going(self, orphan: Orphan) -> Orphan:
        waiting = self._undoing.waits(_id_of(orphan.kept))
        return orphan if waiting is None else replace(orphan, going=waiting.removal)


class _Stray(Undoable):
    def __init__(self, survey: Survey, removal: Removal, orphan: Orphan) -> None:
        super().__init__(removal, ())
        self._survey, self._orphan = survey, orphan

    async def end(self) -> bool:
        return await self._survey.erase(self._orphan)

    async def bring_back(self) -> None:
        """Nothing was hidden: whoever looks is told that it goes, or no more."""

    async def note(self) -> None:
        await self._survey.note(self._orphan)

    async def again(self) -> None:
        self._survey.delete(self._orphan)


def _id_of(kept: Kept) -> str:
    return f"entry:{kept.place}:{kept.service}"


def _as_it_is(credential: Credential) -> Credential:
    """Change no secret: it is written again under the mark of this data folder."""
    return credential
