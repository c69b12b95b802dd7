"""What the failures of a refresh mean together: one ad account's trouble, or everybody's."""

from __future__ import annotations

from adwarden.domain.errors import (
    AdwardenError,
    ErrorCode,
    OverCapacityError,
    RateLimitedError,
    ServerError,
)
from adwarden.services.sync_calls import stops

MOST_FAILURES = 10
"""Calls in a row that a server may fail, each tried several times, before it is left alone."""

MOST_LOST = 3
"""Different ad accounts in a row that X may not be reached for, before there is no network.

As many may be refused with words about the whole app or user, before these are believed.
"""

Wait = RateLimitedError | OverCapacityError

# A failure of these says nothing of what the server would answer.
_ON_THE_WAY = frozenset({ErrorCode.NO_NETWORK, ErrorCode.TLS, ErrorCode.PROXY, ErrorCode.CANCELLED})


# Where other calls succeed with the same keys, these may be true of a single ad account.
_DOUBTED = frozenset(
    {ErrorCode.APP_NOT_APPROVED, ErrorCode.APP_NOT_ENROLLED, ErrorCode.USER_SUSPENDED}
)


class Health:
    """Counts what fails in a row, over all ad accounts of one refresh."""

    def __init__(self) -> None:
        self.answered = False
        """Whether the server has answered at all, if only with a refusal."""

        self._failures = 0
        self._served = False
        self._lost: dict[str, AdwardenError] = {}

    @property
    def unreached(self) -> AdwardenError | None:
        """Why nothing was reached, in a refresh that the server has never answered or served."""
        lost = next(iter(self._lost.values()), None)
        if lost is None or (self._served if lost.code in _DOUBTED else self.answered):
            return None
        return lost

    def listed(self) -> None:
        """Take note of a page of the list: X serves this app and this user."""
        self._served = True

    def good(self) -> None:
        """Take note of an answer with what was asked for."""
        self.answered = self._served = True
        self._failures = 0
        self._lost.clear()

    def bad(self, error: AdwardenError, account_id: str) -> bool:
        """Take note of a failed call; return whether everything else would fail as well."""
        if isinstance(error, Wait):
            return False
        self.answered = self.answered or error.code not in _ON_THE_WAY
        self._failures += _is_nobodys(error)
        if stops_all(error) or any(one.code is not error.code for one in self._lost.values()):
            self._lost.clear()
        if stops(error):
            self._lost[account_id] = error
        many = self._failures >= MOST_FAILURES or len(self._lost) >= MOST_LOST
        return stops_all(error) or many


def stops_all(error: AdwardenError) -> bool:
    """Tell whether it is not only one ad account's; one connection may break off by itself."""
    return stops(error) and error.code not in (ErrorCode.NO_NETWORK, *_DOUBTED)


def _is_nobodys(error: AdwardenError) -> bool:
    """Tell whether it was the server's own failure, or the answer of somebody other than X."""
    foreign = error.code is ErrorCode.UNEXPECTED_ANSWER and not isinstance(error, ServerError)
    return error.code is ErrorCode.SERVER or foreign
