"""Where an authorization stands."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """A step of the way; only ``FAILED``, ``DISCARDED`` and ``DONE`` are ends."""

    STARTING = "starting"
    WAITING = "waiting"
    EXCHANGING = "exchanging"
    MISMATCH = "mismatch"
    KEEPING = "keeping"
    UNSTORED = "unstored"
    DISCARDING = "discarding"
    FAILED = "failed"
    DISCARDED = "discarded"
    DONE = "done"

    @property
    def busy(self) -> bool:
        """Whether something runs that the person waits for."""
        return self in _BUSY

    @property
    def holds(self) -> bool:
        """Whether a token may exist that is not in the keychain yet."""
        return self in _HOLDS


_BUSY = frozenset({Phase.STARTING, Phase.EXCHANGING, Phase.KEEPING, Phase.DISCARDING})
_HOLDS = frozenset(
    {Phase.EXCHANGING, Phase.MISMATCH, Phase.KEEPING, Phase.UNSTORED, Phase.DISCARDING}
)
