"""Moves secrets from one place to another, one after the other, each whole or not at all.

The step itself is that of every change of an entry: written, read back, listed, then the old one
deleted. A crash leaves each secret in the old place or the new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from adwarden.domain.data import dataclass
from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import Connection, XApp
from adwarden.services.places import Places
from adwarden.services.rewriting import Rewriting
from adwarden.services.roster import Kept, Roster, entry_of

Told = Callable[[int, int, str], None]
"""Gets how many are done, of how many, and the name of the next one; empty at the end."""

_OF_A_PLACE = frozenset(
    {
        ErrorCode.KEYCHAIN_LOCKED,
        ErrorCode.KEYCHAIN_MISSING,
        ErrorCode.KEYCHAIN_DISMISSED,
        ErrorCode.KEYCHAIN_TIMEOUT,
        ErrorCode.KEYCHAIN_FAILED,
        ErrorCode.FILE_DAMAGED,
        ErrorCode.FILE_UNSUPPORTED,
        ErrorCode.FILE_CHANGED,
        ErrorCode.STORAGE,
    }
)
"""What the next secret would fail of as well."""


@dataclass(frozen=True, slots=True)
class Left:
    """What could not be moved, by what people call it, and why."""

    name: str
    error: AdwardenError


@dataclass(frozen=True, slots=True)
class Moved:
    """How a move ended: names of what was moved, what was not, how many nobody came to.

    ``stays`` is what was moved, but is still in the place of before as well.
    """

    done: tuple[str, ...]
    left: tuple[Left, ...] = ()
    skipped: int = 0
    stays: tuple[Left, ...] = ()


class Moving:
    """Moves one, some or all; ``stop`` ends it before the next one."""

    def __init__(self, roster: Roster, places: Places, rewriting: Rewriting) -> None:
        self._roster, self._places, self._rewriting = roster, places, rewriting
        self._stopped = False

    def stop(self) -> None:
        """Move no more; the one under way is finished."""
        self._stopped = True

    def item(self, id_: str) -> XApp | Connection | None:
        """Return an app or a connection by its id, ``None`` for one that is gone."""
        rows: list[XApp | Connection] = [*self._roster.apps, *self._roster.connections]
        return next((one for one in rows if one.id == id_), None)

    def elsewhere(self, place: str) -> tuple[XApp | Connection, ...]:
        """Return what is not in this place, apps first."""
        everything: list[XApp | Connection] = [*self._roster.apps, *self._roster.connections]
        return tuple(one for one in everything if one.place != place)

    async def move(
        self,
        place: str,
        what: Iterable[XApp | Connection] | None = None,
        told: Told = lambda done, total, name: None,
    ) -> Moved:
        """Move ``what``, or everything, to a place; returns what became of it.

        What cannot be moved stays where it is, and the next one is tried. Where a place itself
        fails, nothing more is asked of it.
        """
        self._stopped = False
        doomed = tuple(self.elsewhere(place) if what is None else what)
        done: list[str] = []
        left: list[Left] = []
        stays: list[Left] = []
        failing: dict[str, AdwardenError] = {}
        for number, one in enumerate(doomed):
            if self._stopped:
                break
            name = name_of(one)
            told(number, len(doomed), name)
            before = failing.get(place) or failing.get(one.place)
            if before is not None:
                left.append(Left(name, before))
                continue
            try:
                await self._move(one, place)
            except AdwardenError as error:
                left.append(Left(name, error))
                if error.code in _OF_A_PLACE:
                    failing[getattr(error, "place", "") or place] = error
                continue
            done.append(name)
            why = self._places.stays.get(entry_of(one))
            if why is not None:
                stays.append(Left(name, why))
        told(len(done), len(doomed), "")
        skipped = len(doomed) - len(done) - len(left)
        return Moved(tuple(done), tuple(left), skipped, tuple(stays))

    def copies(self, place: str) -> int:
        """Return how many entries are still in a place although others stand for them now."""
        return sum(name[2] == place for name in self._places.stays)

    async def delete_copies(self, place: str) -> None:
        """Try again to delete them; raises why one cannot be deleted, after trying the others."""
        errors = []
        for name in [one for one in self._places.stays if one[2] == place]:
            await self._rewriting.forget(Kept(*name))
            if (error := self._places.stays.get(name)) is not None:
                errors.append(error)
        if errors:
            raise errors[0]

    async def _move(self, one: XApp | Connection, place: str) -> None:
        if isinstance(one, XApp):
            await self._rewriting.rewrite_app(one, place=place)
        else:
            await self._rewriting.rewrite_connection(one, place=place)


def name_of(one: XApp | Connection) -> str:
    """Return what people call an app or a connection."""
    return one.label if isinstance(one, XApp) else one.handle
