"""Bringing in what a backup holds, one entry after the other.

Each goes through the same steps as what is new: announced in the index, kept, then listed, so
that a crash leaves nothing half made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adwarden.domain.backup import (
    Item,
    Saved,
    Standing,
    match_apps,
    taken_fields,
    taken_secrets,
)
from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import Connection, ConnectionState, XApp
from adwarden.services.app_checks import MAX_LABEL
from adwarden.services.kept_rows import read_kept
from adwarden.services.places import Places
from adwarden.services.roster import Roster, new_id
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

    An empty ``place`` is where each was before, if there is such a place here and it is open.
    """

    take: frozenset[str]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a restore: names of apps and connections, in the order of the backup.

    ``failed`` could not be kept by themselves, ``homeless`` are without their app; ``stopped`` is
    what ended it before its end, and all that was not reached is as it was.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    skipped: int = 0
    homeless: tuple[str, ...] = ()
    failed: tuple[tuple[str, AdwardenError], ...] = ()
    stopped: AdwardenError | None = None


class Restoring:
    """Brings in the lines of previews; see ``Backup``."""

    def __init__(self, roster: Roster, keychain: Places, rewriting: Rewriting) -> None:
        self._roster = roster
        self._keychain = keychain
        self._rewriting = rewriting

    async def restore(
        self, preview: Preview, choices: Choices, told: Told = lambda done, total: None
    ) -> Restored:
        """Bring in what was chosen; done again after a crash, it brings in what is missing.

        A failure of one entry is told and the others go on; a place that fails ends it. What
        came here since the preview is left as it is.
        """
        saved = preview.saved
        targets = {
            f"app/{id_}": mine.row.id
            for id_, mine in match_apps(
                (one for one in saved.values() if one.is_app),
                await self._read(*self._roster.apps),
            ).items()
        }
        lines = [one for one in preview.items if one.id in choices.take]
        open_places = await self.open_places()
        added: list[str] = []
        replaced: list[str] = []
        homeless: list[str] = []
        failed: list[tuple[str, AdwardenError]] = []
        stopped: AdwardenError | None = None
        for number, line in enumerate(lines):
            told(number, len(lines))
            one = saved[line.id]
            place = choices.place or (line.place if line.place in open_places else "")
            try:
                if isinstance(one.row, XApp):
                    done = await self._restore_app(line, one.row, one, place, targets)
                else:
                    app_id = targets.get(line.app, "") if line.app else one.row.app_id
                    if all(app.id != app_id for app in self._roster.apps):
                        homeless.append(line.name)
                        continue
                    done = await self._restore_connection(line, one.row, one, place, app_id)
            except AdwardenError as error:
                if error.code is ErrorCode.ENTRY_TOO_LARGE:
                    failed.append((line.name, error))
                    continue
                stopped = error
                break
            if done:
                (replaced if line.here_id else added).append(line.name)
        told(len(lines), len(lines))
        handled = len(added) + len(replaced) + len(homeless) + len(failed)
        return Restored(
            tuple(added), tuple(replaced), len(preview.items) - handled,
            tuple(homeless), tuple(failed), stopped,
        )  # fmt: skip

    # Inside

    async def _restore_app(
        self, line: Item, app: XApp, saved: Saved, place: str, targets: dict[str, str]
    ) -> bool:
        assert saved.secrets is not None
        if line.id in targets and line.standing is Standing.NEW:
            return False  # it came meanwhile
        if line.id not in targets:
            label = _free_label(app.label, self._roster.apps)
            new = replace(app, label=label, entry="", place=place or self._keychain.chosen)
            targets[line.id] = (await self._rewriting.add_app(new, saved.secrets)).id
            return True
        if line.standing is not Standing.DIFFERS:
            return False
        mine = (await self._read(self._roster.app(targets[line.id])))[0]
        assert isinstance(mine.row, XApp)
        fields: dict[str, Any] = taken_fields(saved, mine)
        if "label" in fields:
            others = [one for one in self._roster.apps if one.id != mine.row.id]
            fields["label"] = _free_label(app.label, others)
        secrets = taken_secrets(saved, mine)
        await self._rewriting.rewrite_app(mine.row, credential=secrets, **fields)
        return True

    async def _restore_connection(
        self, line: Item, one: Connection, saved: Saved, place: str, app_id: str
    ) -> bool:
        assert saved.secrets is not None
        async with self._rewriting.alone(app_id, one.user_id):
            old = self._roster.same_user(app_id, one.user_id)
            if old is None:
                ids = {other.id for other in self._roster.connections}
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
            if mine.secrets is None or mine.secrets.secrets != saved.secrets.secrets:
                fresh = replace(
                    old,
                    screen_name=one.screen_name or old.screen_name,
                    authorized_at=one.authorized_at,
                    state=ConnectionState.UNKNOWN,
                    access_level="",
                    error="",
                    pasted=one.pasted,
                    **fields,
                )
                await self._rewriting.keep_connection(fresh, saved.secrets)
                return True
        await self._rewriting.rewrite_connection(old, **fields)
        return True

    async def open_places(self) -> tuple[str, ...]:
        """Return the places that can be written to now."""
        states = {place: await self._keychain.status(place) for place in self._keychain.names}
        return tuple(
            place for place, status in states.items() if status.state is KeychainState.READY
        )

    async def _read(self, *rows: XApp | Connection) -> tuple[Saved, ...]:
        return await read_kept(self._roster, self._keychain, rows)


def _free_label(label: str, apps: Iterable[XApp]) -> str:
    """Return a label that no other app has: names tell apps apart."""
    taken = {app.label.casefold() for app in apps}
    number, found = 1, label[:MAX_LABEL]
    while found.casefold() in taken:
        number += 1
        tail = f" ({number})"
        found = label[: MAX_LABEL - len(tail)] + tail
    return found
