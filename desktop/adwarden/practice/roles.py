"""Who reaches which ad account right now: the world as it was made, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adwarden.practice.people import Person
from adwarden.practice.world import World


class Roles:
    """Suspended users, changed permissions and deleted ad accounts, in memory only."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.suspended = {person.user_id for person in world.people if person.suspended}
        self.deleted: set[str] = set()
        self._changed: dict[tuple[str, str], tuple[str, ...] | None] = {}
        self._added: dict[str, tuple[int, ...]] = {}

    def change(self, person: Person, account_id: str, permissions: Iterable[str] | None) -> None:
        """Set what a user may do on an ad account; ``None`` takes the role away.

        Raises ``KeyError`` when there is no such ad account.
        """
        index = self._world.index_of(account_id)
        if index is None:
            raise KeyError(account_id)
        if self._world.permissions(person, index) is None:
            added = self._added.get(person.user_id, ())
            if index not in added:
                self._added[person.user_id] = (*added, index)
        value = None if permissions is None else tuple(permissions)
        self._changed[person.user_id, account_id] = value

    def reach(self, person: Person) -> Sequence[int]:
        """Return the places of all ad accounts that this user may reach; check each one."""
        start = self._world.reach(person)
        added = self._added.get(person.user_id)
        return [*start, *added] if added else start

    def permissions(self, person: Person, index: int) -> tuple[str, ...] | None:
        """Return what this user may do now; ``None`` is no role."""
        if self._changed:
            place = (person.user_id, self._world.account_id(index))
            if place in self._changed:
                return self._changed[place]
        return self._world.permissions(person, index)
