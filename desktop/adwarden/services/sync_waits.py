"""Until when a whole refresh waits, and the words about it."""

from __future__ import annotations

import math

from adwarden.domain.errors import OverCapacityError
from adwarden.services.events import RefreshWaiting
from adwarden.services.hub import Hub
from adwarden.services.sync_health import Wait
from adwarden.services.sync_listing import Listing
from adwarden.services.sync_pace import Pace
from adwarden.services.sync_turns import Turns


class Waits:
    """What X has asked one refresh, or all of them, to wait for; times are on the steady clock."""

    def __init__(self, connection_id: str, pace: Pace, turns: Turns, hub: Hub) -> None:
        self._id = connection_id
        self._pace, self._turns, self._hub = pace, turns, hub
        self._hold = 0.0
        self._reason = ""
        self._told: int | None = None

    @property
    def until(self) -> float:
        """When the next ad account may be begun; in the past where nothing is in the way."""
        return max(self._hold, self._turns.resumes_at)

    def take_in(self, errors: list[Wait]) -> tuple[float, Wait | None]:
        """Return when one ad account may be tried again, and the error of a pause too many."""
        until, too_many = 0.0, None
        for error in errors:
            moment = self._pace.resumes(error)
            until = max(until, moment)
            if isinstance(error, OverCapacityError):
                if not self._turns.pause(moment, self._pace.steady(), error.title):
                    too_many = error
            elif not error.account_id:
                self._hold = max(self._hold, moment)
            self._reason = error.message
        return until, too_many

    def tell(self, rest: float, listing: Listing, *, busy: bool) -> None:
        """Say until when everything waits, if it does; ``rest`` is in seconds."""
        moment, reason = rest, self._reason
        if self._turns.resumes_at > max(self._hold, self._pace.steady()):
            reason = self._turns.reason
        if listing.resumes_at is not None:
            until = listing.resumes_at - self._pace.steady()
            if until < moment:
                moment, reason = until, listing.reason
        waits = 0 < moment < math.inf and not busy and not listing.busy
        shown = round(self._pace.clock() + moment) if waits else None
        if shown is None and self._told is None:
            return
        # To the second: the two clocks never agree to the last digit.
        if shown is None or self._told is None or abs(shown - self._told) > 1:
            self._told = shown
            self._hub.emit(RefreshWaiting(self._id, shown, reason))
