"""What the window knows of look-ups on demand: what was found, what runs, what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adwarden.services.events import LookedUp, LookupEnded, LookupProgress

if TYPE_CHECKING:
    from adwarden.domain.errors import AdwardenError
    from adwarden.domain.lookups import Features, Funding, KnownHandle

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
        self.revision = 0

    def apply(self, event: LookupProgress | LookedUp | LookupEnded) -> None:
        """Take in one event."""
        self.revision += 1
        match event:
            case LookupProgress(kind, connection_id, account_id, done, total):
                key = (kind, connection_id, account_id)
                self.running[key] = (done, total)
                self.errors.pop(key, None)
            case LookedUp(found):
                self._learn(found)
            case LookupEnded(kind, connection_id, account_id, error):
                key = (kind, connection_id, account_id)
                self.running.pop(key, None)
                if error is not None:
                    self.errors[key] = error

    def _learn(self, found: tuple[object, ...]) -> None:
        from adwarden.domain.lookups import Features, Funding, KnownHandle

        for one in found:
            if isinstance(one, KnownHandle):
                self.handles[one.user_id] = one
            elif isinstance(one, Funding):
                self.funding[one.account_id] = one
            elif isinstance(one, Features):
                self.features[one.account_id] = one
