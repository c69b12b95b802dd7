"""Backing up everything into one encrypted file, and looking into one, here or elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from adwarden import __version__
from adwarden.domain.backup import compare, item_id
from adwarden.domain.backup_taking import Saved
from adwarden.domain.data import dataclass
from adwarden.domain.errors import InputError
from adwarden.domain.model import Connection, ConnectionState, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.services.backup_entries import from_entries, to_entry
from adwarden.services.index import Index
from adwarden.services.kept_rows import read_kept
from adwarden.services.moving import name_of
from adwarden.services.places import Places
from adwarden.services.restoring import (
    Choices,
    Preview,
    Restored,
    Restoring,
    Settle,
    Told,
    stays,
)
from adwarden.services.roster import Roster
from adwarden.services.tasks import Lane
from adwarden.storage import backup_file
from adwarden.storage.backup_file import Head
from adwarden.storage.keepass_header import STRONG, Kdf
from adwarden.storage.own_files import known_files

if TYPE_CHECKING:
    from adwarden.services.rewriting import Rewriting
    from adwarden.storage.keychain_status import KeychainStatus

__all__ = ["Backup", "Choices", "Preview", "Restored", "Written"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Written:
    """A backup that was written and checked. ``left_out`` names what has no secrets to keep."""

    path: Path
    apps: int
    connections: int
    left_out: tuple[str, ...] = ()


class Backup:
    """Writes, looks into and brings in backups; raises ``AdwardenError``.

    ``namespace`` begins the names of entries, so that practice cannot be mistaken for the other.
    ``settle`` has what waits for its end stay.
    """

    def __init__(
        self,
        roster: Roster,
        index: Index,
        keychain: Places,
        rewriting: Rewriting,
        *,
        namespace: str,
        settle: Settle = stays,
        clock: Callable[[], float] = time.time,
        kdf: Kdf = STRONG,
    ) -> None:
        self._roster = roster
        self._index = index
        self._keychain = keychain
        self._namespace = namespace
        self._restoring = Restoring(roster, keychain, rewriting, settle)
        self._clock = clock
        self._kdf = kdf

    async def write(
        self,
        path: Path,
        password: Secret,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        replace: bool = False,
    ) -> Written:
        """Write everything into one encrypted file, opened again and compared before it is told.

        Every place is read, memory among them, and what can still be undone is in it; a place
        that cannot be read ends it, as a backup that is silently less than everything would be
        worse than none. What was in a file that is gone, and what is being revoked, is named as
        left out. Raises ``ExistsError`` for a file that is there unless ``replace``, and
        ``InputError`` for one of Adwarden's own, the KeePass file in use among them.
        """
        self._take(password)
        own = await self._index.run(known_files)
        await self._aside(lambda _: own.refuse(path))  # before a second of work for nothing
        everything = self._roster.everything
        rows = [one for one in everything if not _revoking(one)]
        revoking = [one for one in everything if _revoking(one)]
        found = await read_kept(self._roster, self._keychain, rows)
        texts = dict(to_entry(one.row, one.secrets) for one in found if one.secrets is not None)
        left = [*(one.row for one in found if one.secrets is None), *revoking]
        left_out = tuple(name_of(one) for one in left)
        head = Head(self._clock(), __version__, settings)
        await self._aside(
            lambda wanted: backup_file.write_backup(
                path,
                password,
                backup_file.Backup(head, texts),
                namespace=self._namespace,
                replace=replace,
                own=own,
                kdf=self._kdf,
                clock=self._clock,
                wanted=wanted,
            )
        )
        apps = sum(one.is_app for one in found if one.secrets is not None)
        return Written(path, apps, len(texts) - apps, left_out)

    async def preview(self, path: Path, password: Secret) -> Preview:
        """Open a backup and compare it with what is here; nothing is changed."""
        self._take(password)
        read = await self._aside(
            lambda _: backup_file.read_backup(path, password, namespace=self._namespace)
        )
        saved, unread = from_entries(read.texts)
        for one in saved:
            if one.secrets is not None:
                self._keychain.note(one.secrets)
        here = await self._here(saved)
        hidden = [one.id for one in self._roster.everything if self._roster.hidden(one.id)]
        lines = compare(saved, here, hidden)
        by_id = MappingProxyType({item_id(one): one for one in saved})
        head = read.head
        return Preview(path, head.made_at, head.program, lines, head.settings, unread, by_id)

    async def restore(
        self, preview: Preview, choices: Choices, told: Told = lambda done, total: None
    ) -> Restored:
        """Bring in what was chosen; done again after a crash, it brings in what is missing.

        A failure of one entry is told and the others go on; a place that fails ends it. What
        came here since the preview is left as it is.
        """
        return await self._restoring.restore(preview, choices, told)

    async def places(self) -> tuple[tuple[str, str], ...]:
        """Return the places that can be written to now: name, and what people call it."""
        names = await self._restoring.open_places()
        return tuple((name, self._keychain.title(name)) for name in names)

    async def sources(self) -> tuple[tuple[str, str, KeychainStatus], ...]:
        """Return the places that all this is in: name, what people call it, its state now.

        A file that is gone is none: what was in it is left out, and named when that is done.
        """
        used = {one.place for one in self._roster.everything}
        used -= {place for place in used if await self._keychain.is_lost(place)}
        states = [(p, await self._keychain.status(p)) for p in self._keychain.names if p in used]
        return tuple((place, self._keychain.title(place), status) for place, status in states)

    # Inside

    def _take(self, password: Secret) -> None:
        """Refuse an empty password, and have any other kept out of logs."""
        _need(password)
        self._keychain.note(Credential("master-password", {"password": password}))

    async def _here(self, saved: Iterable[Saved]) -> tuple[Saved, ...]:
        """Return the apps here, and the connections of users that the backup knows, too."""
        users = {one.row.user_id for one in saved if isinstance(one.row, Connection)}
        mine = [
            one for one in self._roster.everything if isinstance(one, XApp) or one.user_id in users
        ]
        return await read_kept(self._roster, self._keychain, mine)

    async def _aside(self, work: Callable[[Callable[[], bool]], T]) -> T:
        """Do what takes a second on a thread of its own; ``work`` can ask if it is still wanted."""
        lane: Lane[None] = Lane("backup", workers=1, context=lambda: None)
        left = threading.Event()  # the thread outlives whoever waits for it
        try:
            return await lane.run(lambda _: work(lambda: not left.is_set()))
        finally:
            left.set()
            lane.close()


def _need(password: Secret) -> None:
    if not password:
        raise InputError(
            "A password is needed",
            "An empty one protects nothing.",
            "Enter the backup’s password.",
            field="password",
        )


def _revoking(row: XApp | Connection) -> bool:
    return isinstance(row, Connection) and row.state is ConnectionState.REVOKING
