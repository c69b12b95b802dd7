"""A connection or an app on its way out, as ``Undoing`` holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adwarden.services.undoing import Undoable

if TYPE_CHECKING:
    from adwarden.services.endings import Endings
    from adwarden.services.events import Removal
    from adwarden.services.removing import Removing


class ConnectionEnd(Undoable):
    """``entry`` is of the token that is meant; ``resumes`` whether a refresh was cut off."""

    def __init__(
        self,
        removing: Removing,
        endings: Endings,
        removal: Removal,
        entry: str,
        *,
        resumes: bool,
    ) -> None:
        super().__init__(removal, (removal.id,))
        self._removing, self._endings, self._entry = removing, endings, entry
        self._resumes = resumes
        # What needs no answer from X begins to end first.
        self.rank = 1 if removal.revoke else 0

    async def end(self) -> bool:
        """Have X forget the token if it is to, then delete it here."""
        id_, revoke = self.removal.id, self.removal.revoke
        return await self._endings.connection(
            id_, revoke=revoke, of=self._entry, quitting=self._removing.quitting
        )

    async def bring_back(self) -> None:
        """Show it again."""
        await self._removing.bring_back(self.removal.id)

    async def take_back(self) -> None:
        """Show it again, and go on with its refresh."""
        await self._removing.take_back(self.removal.id, resumes=self._resumes)

    async def stay(self) -> None:
        """Show it again, with its other token."""
        await self._removing.stay(self.removal.id)

    async def note(self) -> None:
        """Note it for the next start."""
        await self._endings.note(self.removal.id, revoke=self.removal.revoke)

    async def again(self) -> None:
        """Hide it again, for another ten seconds."""
        self._removing.disconnect(self.removal.id, revoke=self.removal.revoke)


class AppEnd(Undoable):
    """``entry`` is of the keys that are meant."""

    rank = 2
    """Its keys are what connections are revoked with."""

    def __init__(self, removing: Removing, endings: Endings, removal: Removal, entry: str) -> None:
        super().__init__(removal, (removal.id,))
        self._removing, self._endings, self._entry = removing, endings, entry

    async def end(self) -> bool:
        """Delete it, once its connections have gone."""
        await self._removing.after_connections(self.removal.id)
        return await self._endings.app(
            self.removal.id, of=self._entry, quitting=self._removing.quitting
        )

    async def bring_back(self) -> None:
        """Show it again."""
        await self._removing.bring_back(self.removal.id)

    async def note(self) -> None:
        """Note it for the next start."""
        await self._endings.note(self.removal.id, revoke=False)

    async def again(self) -> None:
        """Hide it again, for another ten seconds."""
        self._removing.remove_app(self.removal.id)
