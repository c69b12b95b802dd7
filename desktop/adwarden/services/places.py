"""The places that keep secrets, side by side; what is new goes to the one that was chosen.

Nothing moves from one to another by itself, and a place that fails is never stood in for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, Credential
from adwarden.services.keychain import Keychain
from adwarden.storage.keychain_status import EntryName, KeychainState, KeychainStatus

if TYPE_CHECKING:
    from adwarden.services.looking_back import LookingBack


class Places:
    """Passes each call on to the place it is about; all raise ``KeychainError``.

    ``chosen`` tells the place for what is new, as the settings have it at that moment, and
    ``has_file`` whether a KeePass file is in use.
    """

    def __init__(
        self,
        places: Mapping[str, Keychain],
        chosen: Callable[[], str] = lambda: KEYCHAIN,
        *,
        has_file: Callable[[], bool] = lambda: True,
    ) -> None:
        self._places = places
        self._chosen = chosen
        self._has_file = has_file
        self._changing: set[str] = set()
        """Places that are becoming another file just now."""
        self._back: LookingBack | None = None
        self.stays: dict[tuple[str, str, str], AdwardenError] = {}
        """Entries (service, user name, place) that were replaced and could not be deleted."""
        self.listed: Callable[[str], Iterable[EntryName]] = lambda _: ()
        """Tells what rows name in a place, so that the place's own list can be mended."""
        self._relisted: set[str] = set()
        self.in_memory: set[str] = set()
        """Entries that are in memory now, and end with the program; others went with theirs."""

    @property
    def chosen(self) -> str:
        """The place for what is new."""
        return self._chosen()

    @property
    def places(self) -> tuple[str, ...]:
        """All places this version knows."""
        return tuple(self._places)

    @property
    def names(self) -> tuple[str, ...]:
        """All places in use, the system keychain first."""
        return tuple(one for one in self._places if one != FILE or self._has_file())

    def of(self, place: str) -> Keychain:
        """Return a place; raises ``KeychainError`` for one that this version does not know."""
        if place not in self._places:
            raise KeychainError(
                ErrorCode.KEYCHAIN_MISSING,
                "This place for secrets is not known",
                f"The entry is kept in \u201c{place}\u201d, which this Adwarden does not have.",
                "Update Adwarden.",
            )
        return self._places[place]

    def title(self, place: str) -> str:
        """Return what people call a place, as last seen."""
        return self.of(place).name

    async def status(self, place: str = KEYCHAIN) -> KeychainStatus:
        """Return the state of a place as it is now; never prompts."""
        return await self.of(place).status()

    async def put(
        self,
        service: str,
        username: str,
        place: str,
        credential: Credential,
        former: tuple[str, str, str] | None = None,
    ) -> None:
        """Keep a credential; it is there, and was read back, when this returns.

        ``former`` (service, user name, place) is the entry that it is to stand for. Refused
        while the place becomes another file: nobody would find it where it came to be.
        """
        if place in self._changing:
            raise busy("Another KeePass file is just being opened or forgotten.")
        # What moves to another place begins anew there.
        here = EntryName(*former[:2]) if former is not None and former[2] == place else None
        # Once is enough: the list that is written to from then on is whole.
        beside = () if place in self._relisted else tuple(self.listed(place))
        await self.of(place).put(service, username, credential, here, beside)
        self._relisted.add(place)
        if place == MEMORY:
            self.in_memory.add(service)
        self._look_back(place)

    async def get(self, service: str, username: str, place: str) -> Credential:
        """Return a credential; also ENTRY_MISSING and ENTRY_DAMAGED."""
        try:
            return await self.of(place).get(service, username)
        except KeychainError as error:
            error.entry = service
            raise

    async def read_all(
        self, place: str, names: Iterable[EntryName]
    ) -> dict[EntryName, Credential | KeychainError]:
        """Return what a place holds under these names, or why not; in one go where it can."""
        return await self.of(place).read_all(names)

    async def delete(self, service: str, username: str, place: str) -> None:
        """Delete an entry; fine when there is none."""
        await self.of(place).delete(service, username)
        self.stays.pop((service, username, place), None)
        if place == MEMORY:
            self.in_memory.discard(service)
        self._look_back(place)

    async def known(self, place: str) -> tuple[EntryName, ...]:
        """Return the names of all entries that the place itself lists."""
        return await self.of(place).known()

    async def relist(self, place: str) -> None:
        """See to it that the place's own list has all that rows name, and that it finds itself.

        A place that does not take it now is not told of: what is listed in the index is safe.
        """
        with suppress(KeychainError):
            await self.of(place).relist(self.listed(place))
            self._relisted.add(place)

    async def is_lost(self, place: str) -> bool:
        """Tell whether a place is a file that is gone: not locked, but moved, lost or forgotten.

        A system without its keychain is no such place: that comes back.
        """
        if place == KEYCHAIN or place not in self._places:
            return False
        return (await self.status(place)).state is KeychainState.MISSING

    async def home(self, service: str, username: str, place: str) -> str:
        """Return where what an entry held is to be kept anew: in its place.

        In the chosen one if that place is lost, or if it went with a session's memory.
        """
        if place == self.chosen:
            return place
        lost = await self.is_lost(place)
        if place == MEMORY and not lost:
            lost = (service, username) not in await self.known(place)
        return self.chosen if lost else place

    @contextmanager
    def changing(self, place: str) -> Iterator[None]:
        """Keep everybody from writing to a place; refused while somebody else has that."""
        if place in self._changing:
            raise busy("Another KeePass file is just being opened or forgotten.")
        self._changing.add(place)
        try:
            yield
        finally:
            self._changing.discard(place)

    def _look_back(self, place: str) -> None:
        """Have a file looked after that was changed: others may write over it unseen."""
        if place != FILE:
            return
        if self._back is None:
            from adwarden.services.looking_back import LookingBack

            self._back = LookingBack(lambda: self.status(FILE))
        self._back.begin()

    def note(self, credential: Credential) -> None:
        """Have a credential kept out of logs that is nowhere yet."""
        self.of(KEYCHAIN).note(credential)

    def close(self) -> None:
        """Take no more calls; never waits."""
        if self._back is not None:
            self._back.close()
        for keychain in self._places.values():
            keychain.close()


def busy(message: str) -> KeychainError:
    """Return the error for the KeePass file while something is under way with it."""
    error = KeychainError(
        ErrorCode.KEYCHAIN_TIMEOUT,
        "The KeePass file is busy",
        message,
        "Wait a moment, then try again.",
    )
    error.place = FILE
    return error
