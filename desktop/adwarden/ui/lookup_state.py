"""What the window knows of look-ups on demand: what was found, what runs, what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adwarden.domain.model import missing_handles
from adwarden.services.events import LookedUp, LookupEnded, LookupProgress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adwarden.domain.errors import AdwardenError
    from adwarden.domain.lookups import Features, Funding, KnownHandle
    from adwarden.domain.model import AccountEntry

HANDLES = "handles"
"""What ``Kind.HANDLES`` is in an event: the first picture asks for it, and for nothing else."""

Key = tuple[str, str, str]
"""Kind, connection and ad account, as the events name them."""


class LookupState:
    """Plain data; ``revision`` changes with everything else."""

    def __init__(self) -> None:
        self.handles: dict[str, KnownHandle] = {}
        self.funding: dict[str, Funding] = {}
        self.features: dict[str, Features] = {}
        self.running: dict[Key, tuple[int, int]] = {}
        self.errors: dict[Key, AdwardenError] = {}
        self._asked: dict[Key, tuple[str, ...]] = {}
        """The users whose handles are being asked for, by what was asked."""
        self.revision = 0

    def apply(self, event: LookupProgress | LookedUp | LookupEnded) -> None:
        """Take in one event."""
        self.revision += 1
        match event:
            case LookupProgress(kind, connection_id, account_id, done, total, asked):
                key = (kind, connection_id, account_id)
                self.running[key] = (done, total)
                if asked:
                    self._asked[key] = asked
                self.errors.pop(key, None)
            case LookedUp(found):
                self._learn(found)
            case LookupEnded(kind, connection_id, account_id, error):
                key = (kind, connection_id, account_id)
                self.running.pop(key, None)
                self._asked.pop(key, None)
                if error is not None:
                    self.errors[key] = error

    def handles_of(
        self, connection_id: str, account_id: str, entries: Iterable[AccountEntry]
    ) -> tuple[tuple[str, ...], int] | None:
        """Return what ``missing`` does where there is anything to say of handles, else ``None``.

        A failure is nothing to say once nobody is missing: they were found in another way.
        """
        key = (HANDLES, connection_id, account_id)
        found = self.missing(entries)
        return found if any(found) or key in self.running else None

    def missing(self, entries: Iterable[AccountEntry]) -> tuple[tuple[str, ...], int]:
        """Return the users of ad accounts to ask about, and how many are being asked about."""
        found = missing_handles(entries, self.handles)
        under_way = set().union(*self._asked.values())
        rest = tuple(one for one in found if one not in under_way)
        return rest, len(found) - len(rest)

    def _learn(self, found: tuple[object, ...]) -> None:
        from adwarden.domain.lookups import Features, Funding, KnownHandle

        for one in found:
            if isinstance(one, KnownHandle):
                self.handles[one.user_id] = one
            elif isinstance(one, Funding):
                self.funding[one.account_id] = one
            elif isinstance(one, Features):
                self.features[one.account_id] = one
