"""Bringing in what a backup holds, one entry after the other.

Each goes through the same steps as what is new: announced in the index, kept, then listed, so
that a crash leaves nothing half made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adwarden.domain.backup import Item, Standing, match_apps
from adwarden.domain.backup_taking import (
    Saved,
    free_label,
    named_apart,
    taken_fields,
    taken_secrets,
)
from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import MEMORY, Connection, ConnectionState, XApp
from adwarden.services.kept_rows import read_kept
from adwarden.services.places import Places
from adwarden.services.roster import Roster, entry_of, new_id
from adwarden.storage.keychain_status import KeychainState

if TYPE_CHECKING:
    from adwarden.services.rewriting import Rewriting

Told = Callable[[int, int], None]
"""Hears how many of how many are done."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a backup holds against what is here; nothing was changed by looking.

    ``settings`` are values by key, ``unread`` counts entries that are of no known kind. It holds
    secrets: drop it when it is not needed any more.
    """

    path: Path
    made_at: float
    program: str
    items: tuple[Item, ...]
    settings: Mapping[str, str]
    unread: int
    saved: Mapping[str, Saved]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decided: the ids of the lines to take, and the place for what is new.

    With an empty ``place`` what is new goes where it was before, if there is such a place here,
    it is open and outlasts the session; what is here stays where it is, unless that place is lost.
    """

    take: frozenset[str]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a restore: names of apps and connections, in the order of the backup.

    ``brought_back`` were on their way out, and are as they were. ``failed`` could not be kept by
    themselves, ``homeless`` are without their app; ``stopped`` is what ended it before its end,
    and all that was not reached is as it was.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    skipped: int = 0
    homeless: tuple[str, ...] = ()
    failed: tuple[tuple[str, AdwardenError], ...] = ()
    stopped: AdwardenError | None = None
    brought_back: tuple[str, ...] = ()

    @property
    def came(self) -> bool:
        """Whether anything is here now that would not be."""
        return bool(self.added or self.replaced or self.brought_back)


Settle = Callable[..., Awaitable[object]]
"""Has what was removed, and can still be undone, stay; by ids, connections before apps."""


async def stays(*ids: str) -> None:
    """Settle nothing, where nothing can be undone."""


class Restoring:
    """Brings in the lines of previews; see ``Backup``."""

    def __init__(
        self, roster: Roster, keychain: Places, rewriting: Rewriting, settle: Settle = stays
    ) -> None:
        self._settle = settle
        self._roster = roster
        self._keychain = keychain
        self._rewriting = rewriting

    async def restore(
        self, preview: Preview, choices: Choices, told: Told = lambda done, total: None
    ) -> Restored:
        """Bring in what was chosen; done again after a crash, it brings in what is missing.

        A failure of one entry is told and the others go on; a place that fails ends it. What
        came here since the preview is left as it is, what is on its way out is brought back first.
        """
        saved = preview.saved
        targets = {
            f"app/{id_}": mine.row.id
            for id_, mine in match_apps(
                (one for one in saved.values() if one.is_app),
                await self._read(*self._apps()),
            ).items()
        }
        lines = [one for one in preview.items if one.id in choices.take]
        open_places = await self.open_places()
        added: list[str] = []
        replaced: list[str] = []
        back: list[str] = []
        homeless: list[str] = []
        failed: list[tuple[str, AdwardenError]] = []
        stopped: AdwardenError | None = None
        for number, line in enumerate(lines):
            told(number, len(lines))
            one = saved[line.id]
            place = choices.place
            if not place and line.place in open_places and line.place != MEMORY:
                place = line.place
            try:
                await self._keep_here(line, one, targets)
                if isinstance(one.row, XApp):
                    done = await self._restore_app(line, one.row, one, place, targets, choices)
                else:
                    app_id = _app_of(line, one, targets)
                    if all(app.id != app_id for app in self._roster.apps):
                        homeless.append(line.name)
                        continue
                    done = await self._restore_connection(
                        line, one.row, one, place, app_id, choices
                    )
            except AdwardenError as error:
                if error.code is ErrorCode.ENTRY_TOO_LARGE:
                    failed.append((line.name, error))
                    continue
                stopped = error
                break
            if done:
                only_back = line.leaving and not line.differs
                (back if only_back else replaced if line.here_id else added).append(line.name)
        told(len(lines), len(lines))
        handled = len(added) + len(replaced) + len(back) + len(homeless) + len(failed)
        return Restored(
            tuple(added), tuple(replaced), len(preview.items) - handled,
            tuple(homeless), tuple(failed), stopped, tuple(back),
        )  # fmt: skip

    # Inside

    async def _keep_here(self, line: Item, saved: Saved, targets: dict[str, str]) -> None:
        """Bring back what a line is about, with its app, before its time to be undone is over."""
        app_id = _app_of(line, saved, targets)
        row = saved.row
        user = row.user_id if isinstance(row, Connection) else ""
        old = self._roster.same_user(app_id, user) if user else None
        await self._settle(*((old.id,) if old else ()), app_id)
        if saved.is_app and all(app.id != app_id for app in self._roster.apps):
            targets.pop(line.id, None)  # it was too late: it is new now

    async def _home(self, choices: Choices, mine: Saved) -> str:
        """Return where an entry that is here goes: what a session's end took does not go back."""
        if choices.place:
            return choices.place
        return await self._keychain.home(*entry_of(mine.row))

    async def _restore_app(
        self,
        line: Item,
        app: XApp,
        saved: Saved,
        place: str,
        targets: dict[str, str],
        choices: Choices,
    ) -> bool:
        assert saved.secrets is not None
        if line.id in targets and line.standing is Standing.NEW:
            return False  # it came meanwhile
        if line.id not in targets:
            label = free_label(app.label, (one.label for one in self._apps()))
            new = replace(app, label=label, entry="", place=place or self._keychain.chosen)
            targets[line.id] = (await self._rewriting.add_app(new, saved.secrets)).id
            return True
        if line.standing is not Standing.DIFFERS:
            return False
        mine = (await self._read(self._roster.app(targets[line.id])))[0]
        assert isinstance(mine.row, XApp)
        others = (one.label for one in self._apps() if one.id != mine.row.id)
        fields: dict[str, Any] = taken_fields(named_apart(saved, others), mine)
        secrets = taken_secrets(saved, mine)
        home = await self._home(choices, mine)
        same = mine.secrets is not None and mine.secrets.secrets == secrets.secrets
        if fields or not same or home != mine.row.place:
            await self._rewriting.rewrite_app(mine.row, credential=secrets, place=home, **fields)
        return True

    async def _restore_connection(
        self,
        line: Item,
        one: Connection,
        saved: Saved,
        place: str,
        app_id: str,
        choices: Choices,
    ) -> bool:
        assert saved.secrets is not None
        async with self._rewriting.alone(app_id, one.user_id):
            old = self._roster.same_user(app_id, one.user_id)
            if old is None:
                ids = {other.id for other in self._roster.everything}
                new = replace(
                    one,
                    id=new_id() if one.id in ids else one.id,
                    app_id=app_id,
                    entry="",
                    place=place or self._keychain.chosen,
                )
                await self._rewriting.keep_connection(new, saved.secrets)
                return True
            if line.standing is not Standing.DIFFERS or old.id != line.here_id:
                return False  # it came meanwhile
            mine = (await self._read(old))[0]
            fields: dict[str, Any] = taken_fields(saved, mine)
            home = await self._home(choices, mine)
            if mine.secrets is None or mine.secrets.secrets != saved.secrets.secrets:
                fresh = replace(
                    old,
                    screen_name=one.screen_name or old.screen_name,
                    authorized_at=one.authorized_at,
                    state=ConnectionState.UNKNOWN,
                    access_level="",
                    error="",
                    pasted=one.pasted,
                    place=home,
                    **fields,
                )
                await self._rewriting.keep_connection(fresh, saved.secrets)
                return True
        await self._rewriting.rewrite_connection(old, place=home, **fields)
        return True

    async def open_places(self) -> tuple[str, ...]:
        """Return the places that can be written to now."""
        states = {place: await self._keychain.status(place) for place in self._keychain.names}
        return tuple(
            place for place, status in states.items() if status.state is KeychainState.READY
        )

    def _apps(self) -> list[XApp]:
        return [one for one in self._roster.everything if isinstance(one, XApp)]

    async def _read(self, *rows: XApp | Connection) -> tuple[Saved, ...]:
        return await read_kept(self._roster, self._keychain, rows)


def _app_of(line: Item, saved: Saved, targets: Mapping[str, str]) -> str:
    """Return the id here of the app that a line is, or whose connection it is."""
    return targets.get(line.app, "") if line.app else saved.app_id
