"""What a dialog hands over: one connection's secrets, held for as long as the dialog is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from adwarden.domain.data import dataclass
from adwarden.domain.handover import CredentialSet
from adwarden.domain.secret import Secret
from adwarden.services.handing_over import Draft, HandingOver
from adwarden.services.handover.formats import Format, Options
from adwarden.services.handover.target import Written
from adwarden.services.tasks import Lane


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose token it is, in words; ``accounts`` are ids and names of what it reaches.

    ``account_id`` is the one that is selected, ``address`` where the Ads API is, with its version;
    ``lost`` says why the token does nothing now, empty where it works.
    """

    connection_id: str
    handle: str
    app: str
    accounts: Sequence[tuple[str, str]] = ()
    account_id: str = ""
    address: str = ""
    lost: str = ""


class Source:
    """Makes texts of the secrets, beside the loop; all but ``held`` raise ``AdwardenError``."""

    def __init__(self, connection_id: str, handing_over: HandingOver) -> None:
        self._id, self._handing_over = connection_id, handing_over
        self._one: CredentialSet | None = None
        self._lane: Lane[None] = Lane("hand over", workers=1, context=lambda: None)

    @property
    def held(self) -> bool:
        """Whether the secrets are there."""
        return self._one is not None

    async def read(self) -> None:
        """Read the secrets, from where they are kept."""
        self._one = await self._handing_over.set_of(self._id)

    def forget(self) -> None:
        """Let go of the secrets; nothing can be made of them any more."""
        self._one = None
        self._lane.close()

    def value(self, name: str) -> Secret:
        """Return one of the secrets by its name in a ``CredentialSet``."""
        found = getattr(self._set(""), name)
        assert isinstance(found, Secret)
        return found

    async def preview(self, one: Format, options: Options, account_id: str) -> str:
        """Return the text without its secrets."""
        return await self._made(self._handing_over.preview, one, options, account_id)

    async def render(self, one: Format, options: Options, account_id: str) -> str:
        """Return the text with its secrets."""
        return await self._made(self._handing_over.render, one, options, account_id)

    async def draft(self, one: Format, path: Path, options: Options, account_id: str) -> Draft:
        """Return what a file would become."""
        return await self._handing_over.draft(self._set(account_id), one.id, path, options)

    async def write(self, draft: Draft, *, replace: bool) -> Written:
        """Write it; ``ExistsError`` for a file that is there and may not be replaced."""
        return await self._handing_over.write(draft, replace=replace)

    async def _made(
        self,
        make: Callable[[CredentialSet, str, Options], str],
        one: Format,
        options: Options,
        account_id: str,
    ) -> str:
        # The libraries of some formats take a while to load.
        held = self._set(account_id)
        return await self._lane.run(lambda _: make(held, one.id, options))

    def _set(self, account_id: str) -> CredentialSet:
        assert self._one is not None
        return replace(self._one, account_id=account_id)
