"""By which marks the data folder knows its own entries, and whether it is where it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from adwarden.services.index import Index

if TYPE_CHECKING:
    from adwarden.domain.errors import AdwardenError
    from adwarden.storage.homes import Homes


class Homing:
    """The folder's marks, on the index's thread; ``home`` alone where nothing is remembered."""

    def __init__(self, index: Index, home: str, make: Callable[[], Homes] | None) -> None:
        self._index, self._home, self._make = index, home, make
        self._homes: Homes | None = None

    def marks(self) -> frozenset[str]:
        """Return the marks of this folder's entries; for the index's thread."""
        homes = self._made()
        return frozenset((self._home,)) if homes is None else homes.marks()

    async def settle(self, told: Callable[[AdwardenError], None]) -> None:
        """Note where the folder is now; ``told`` hears of a folder that is a copy."""

        def settle() -> AdwardenError | None:
            homes = self._made()
            return None if homes is None else homes.settle()

        trouble = await self._index.run(lambda _: settle())
        if trouble is not None:
            told(trouble)

    def _made(self) -> Homes | None:
        if self._homes is None and self._make is not None:
            self._homes = self._make()
        return self._homes
