"""Hands a connection over to other tools: as a set of secrets, as variables, in their formats.

Secrets are read when they are asked for, and kept nowhere here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from adwarden.domain.data import dataclass
from adwarden.domain.handover import NONE, CredentialSet
from adwarden.domain.secret import Secret
from adwarden.services.index import Index
from adwarden.services.places import Places
from adwarden.services.roster import Roster, app_keys, secrets_of
from adwarden.services.tasks import Lane
from adwarden.storage.own_files import OwnFiles, known_files

if TYPE_CHECKING:
    from adwarden.services.handover.formats import Options
    from adwarden.services.handover.target import Written

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it would be written: ``shown`` is it without its secrets.

    ``old`` is the text of the file it is merged with, ``None`` where it would stand alone.
    ``exists`` is whether a file is there, ``warnings`` are sentences to be read before.
    """

    path: Path
    text: Secret
    shown: str
    old: Secret | None
    exists: bool
    warnings: tuple[str, ...]


class HandingOver:
    """Reads entries and writes files, these on a thread; all raise ``AdwardenError``."""

    def __init__(self, roster: Roster, places: Places, index: Index) -> None:
        self._roster, self._places, self._index = roster, places, index

    async def set_of(self, connection_id: str, *, account_id: str = "") -> CredentialSet:
        """Return a connection's secrets with those of its app; X is not asked.

        What of an app's secrets is on its way out is no longer handed over.
        """
        connection = self._roster.connection(connection_id)
        app = self._roster.app(connection.app_id)
        keys = (await app_keys(self._roster, self._places, app)).secrets
        token = (await secrets_of(self._roster, self._places, connection)).secrets
        withheld = self._roster.withheld.get(app.id, ())
        optional = {
            name: NONE if name in withheld else keys.get(name, NONE)
            for name in ("bearer", "client_id", "client_secret")
        }
        return CredentialSet(
            api_key=keys.get("key", NONE),
            api_secret=keys.get("secret", NONE),
            token=token.get("token", NONE),
            token_secret=token.get("secret", NONE),
            **optional,
            handle=connection.screen_name,
            user_id=connection.user_id,
            app_name=app.label,
            account_id=account_id,
            at=f"{connection.handle} through {app.label}",
        )

    async def variables(
        self, connection_id: str, family: str, *, account_id: str = ""
    ) -> dict[str, str]:
        """Return the variables of a connection, by a family of names; the values are secret."""
        from adwarden.services.handover import env

        return env.variables(await self.set_of(connection_id, account_id=account_id), family)

    def render(self, one: CredentialSet, format_id: str, options: Options) -> str:
        """Return the text of a format by itself, with its secrets; raises ``InputError``."""
        from adwarden.services.handover.formats import format_of

        return format_of(format_id).render(one, options)

    def preview(self, one: CredentialSet, format_id: str, options: Options) -> str:
        """Return the same text to be looked at, without any secret."""
        from adwarden.services.handover.formats import masked

        return masked(self.render(one, format_id, options), one)

    async def draft(
        self, one: CredentialSet, format_id: str, path: Path, options: Options
    ) -> Draft:
        """Return what a file would become: what others have in it stays, where they may.

        Raises ``InputError`` for a file of Adwarden's own, which nobody is asked about, and that
        or ``StorageError`` for any other place where it could not be written.
        """
        own = await self._own()
        return await _beside(lambda: _draft(one, format_id, path, options, own))

    async def write(self, draft: Draft, *, replace: bool = False) -> Written:
        """Write a draft: 0600, whole or not at all, with a copy of what was there before.

        A file that is there and is not merged is only replaced with ``replace``; one that changed
        since the draft is left as it is. Raises ``ExistsError``, ``InputError``,
        ``StorageError``.
        """
        own = await self._own()
        return await _beside(lambda: _write(draft, own, replace=replace))

    async def _own(self) -> OwnFiles:
        return await self._index.run(known_files)


async def _beside(call: Callable[[], T]) -> T:
    """Run what may wait for a disk on a thread that lasts as long as that."""
    lane: Lane[None] = Lane("hand over", workers=1, context=lambda: None)
    try:
        return await lane.run(lambda _: call())
    finally:
        lane.close()


def _draft(
    one: CredentialSet, format_id: str, path: Path, options: Options, own: OwnFiles
) -> Draft:
    from adwarden.services.handover import target
    from adwarden.services.handover.formats import format_of, masked

    wanted = format_of(format_id)
    target.check(path, make_folder=wanted.merge is not None)
    own.refuse(path)
    found = target.look(path, secrets=wanted.secret)
    if wanted.merge is None:
        text, old = wanted.render(one, options), None
    else:
        old = target.read_source(path) if found.exists else ""
        text = wanted.merge(old, one, options)
    kept = None if old is None else Secret(old)  # it may hold other people's
    return Draft(
        path,
        Secret(text),
        masked(text, one, shared=old is not None),
        kept,
        found.exists,
        found.warnings,
    )


def _write(draft: Draft, own: OwnFiles, *, replace: bool) -> Written:
    from adwarden.services.handover import target

    own.refuse(draft.path)
    old = None if draft.old is None else draft.old.unwrap()
    return target.write(
        draft.path, draft.text.unwrap(), replace=replace, merge_of=old, make_folder=old is not None
    )
