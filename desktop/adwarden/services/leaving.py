"""Leaving: revokes and removes every connection of an app, or of one user over all apps.

All of it can be undone for ten seconds. What X does not forget then stays listed, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, NotFoundError
from adwarden.services.endings import Endings
from adwarden.services.events import ConnectionRemoved, Left, Removal, RemovalKind, Stage
from adwarden.services.hub import Hub
from adwarden.services.removing import Removing
from adwarden.services.roster import Roster, new_id
from adwarden.services.troubles import Troubles
from adwarden.services.undoing import Undoable, Undoing

__all__ = ["Leaving", "Left"]


@dataclass(frozen=True, slots=True)
class _Member:
    entry: str
    """Of the token that is meant."""

    resumes: bool
    """Whether a refresh was cut off."""


class Leaving:
    """``pause`` stops what is done with a connection and tells whether a refresh was cut off."""

    def __init__(
        self,
        roster: Roster,
        hub: Hub,
        endings: Endings,
        removing: Removing,
        undoing: Undoing,
        pause: Callable[[str], bool],
    ) -> None:
        self._roster, self._hub, self._endings = roster, hub, endings
        self._removing, self._undoing, self._pause = removing, undoing, pause

    def leave(self, ids: Iterable[str], name: str) -> None:
        """Hide connections together; in ten seconds X is asked to forget one after the other.

        ``name`` is whose they are. What stays is brought back, and told with the end.
        """
        members: dict[str, _Member] = {}
        for connection_id in ids:
            with suppress(NotFoundError):
                connection = self._roster.connection(connection_id)
                members[connection_id] = _Member(connection.entry, self._pause(connection_id))
        if not members:
            return
        removal = Removal(
            f"leave:{new_id()}", name, True, self._undoing.until(), RemovalKind.LEAVE,
            len(members),
        )  # fmt: skip
        for connection_id in members:
            self._roster.hide(connection_id)
        self._undoing.begin(
            _Leave(removal, members, self._roster, self, self._removing, self._undoing)
        )
        for connection_id in members:
            self._hub.emit(ConnectionRemoved(connection_id))

    async def revoke_all(
        self,
        ids: Iterable[str],
        told: Callable[[Left], None] = lambda _: None,
        *,
        of: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Left, ...]:
        """Revoke and remove connections one after the other, now; ``told`` hears of each.

        What comes after a trouble that it would have as well is not tried, and stays for the same
        reason. ``of`` names the entries that are meant, by connection: where another token has
        come since, nothing ends, and nothing is told of it.
        """
        ended: list[Left] = []
        troubles = Troubles()
        for connection_id in ids:
            with suppress(NotFoundError):
                connection = self._roster.connection(connection_id, even_hidden=True)
                app = self._roster.app(connection.app_id, even_hidden=True)
                error = troubles.of(connection.place, app.place)
                if error is None:
                    try:
                        if not await self._end(connection_id, of.get(connection_id, "")):
                            await self._removing.stay(connection_id)
                            continue
                    except NotFoundError:
                        pass  # somebody else has ended it
                    except AdwardenError as found:
                        error = found
                if error is not None:
                    await self._removing.bring_back(connection_id)
                    troubles.learn(error, connection.place)
                ended.append(Left(connection_id, connection.handle, app.label, error))
                told(ended[-1])
        return tuple(ended)

    async def _end(self, connection_id: str, entry: str) -> bool:
        entry = entry or self._roster.connection(connection_id, even_hidden=True).entry
        self._pause(connection_id)
        return await self._endings.connection(connection_id, revoke=True, later=False, of=entry)


class _Leave(Undoable):
    rank = 1

    def __init__(
        self,
        removal: Removal,
        members: dict[str, _Member],
        roster: Roster,
        leaving: Leaving,
        removing: Removing,
        undoing: Undoing,
    ) -> None:
        super().__init__(removal, members)
        self._todo, self._roster = members, roster
        self._leaving, self._removing, self._undoing = leaving, removing, undoing
        self._stopped = False

    async def end(self) -> bool:
        entries = {id_: member.entry for id_, member in self._todo.items()}
        await self._leaving.revoke_all(self._next(), self._heard, of=entries)
        await self.bring_back()
        return True

    async def bring_back(self) -> None:
        """Show what has not begun to end."""
        for connection_id in tuple(self._todo):
            self._todo.pop(connection_id, None)
            await self._removing.bring_back(connection_id)

    async def take_back(self) -> None:
        for connection_id, member in tuple(self._todo.items()):
            await self._removing.take_back(connection_id, resumes=member.resumes)

    async def note(self) -> None:
        for part in self.parts():
            await part.note()

    async def again(self) -> None:
        self._leaving.leave(self.ids, self.removal.name)

    def lose(self, item_id: str) -> bool:
        if len(self._todo) == 1:
            return False
        self._todo.pop(item_id)
        self.ids -= {item_id}
        self.removal = replace(self.removal, count=len(self._todo))
        self._undoing.tell(self, Stage.WAITING)
        return True

    async def release(self, item_id: str) -> bool:
        resumes = self._todo[item_id].resumes
        if not self.lose(item_id):
            return False
        await self._removing.take_back(item_id, resumes=resumes)
        return True

    def parts(self) -> tuple[Undoable, ...]:
        found = []
        for connection_id in self._todo:
            with suppress(NotFoundError):
                one = self._roster.connection(connection_id, even_hidden=True)
                found.append(self._removing.ending(one, revoke=True))
        return tuple(found)

    def rest(self) -> tuple[Undoable, ...]:
        parts = self.parts()
        self._todo.clear()
        return parts

    def stop(self) -> None:
        self._stopped = True

    def _next(self) -> Iterator[str]:
        while self._todo and not self._stopped:
            connection_id = next(iter(self._todo))
            del self._todo[connection_id]
            yield connection_id

    def _heard(self, left: Left) -> None:
        self.left += (left,)
        self._undoing.tell(self, Stage.ENDING)
