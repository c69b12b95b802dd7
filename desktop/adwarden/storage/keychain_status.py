"""What can be said of a keychain: its state, the name of an entry, the result of a self-test."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from adwarden.domain.data import dataclass
from adwarden.domain.errors import ErrorCode, KeychainError


class KeychainState(Enum):
    """Whether the system keychain can be used right now."""

    READY = "ready"
    LOCKED = "locked"
    MISSING = "missing"
    NO_COLLECTION = "no-collection"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class KeychainStatus:
    """The state of the system keychain, and what people call it.

    ``message`` says in words what is wrong and is empty when ready; ``remedy`` what to do.
    ``title`` and ``code`` are those of the error that a refused call gets, where the words for
    the system's keychain do not fit.
    """

    state: KeychainState
    backend: str
    message: str = ""
    remedy: str = ""
    title: str = ""
    code: ErrorCode | None = None


class EntryName(NamedTuple):
    """What an entry is filed under in the keychain; never a secret."""

    service: str
    username: str


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A throw-away entry written, read and deleted; times in ms, ``None`` for what was not done.

    ``error`` is what stopped it, ``None`` when everything worked.
    """

    status: KeychainStatus
    write_ms: float | None = None
    read_ms: float | None = None
    delete_ms: float | None = None
    error: KeychainError | None = None

    @property
    def passed(self) -> bool:
        """Whether the keychain kept, gave back and deleted the entry."""
        return self.error is None and self.delete_ms is not None
