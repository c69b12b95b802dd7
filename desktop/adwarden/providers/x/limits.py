"""X's rate limits, obeyed before X has to refuse: what is left, per token, endpoint and account.

The headers win over the documented figures, and those of the ad account over those of the token.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from adwarden.domain.data import dataclass
from adwarden.domain.errors import RateLimitedError
from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow

WINDOW_SECONDS = 15 * 60

# Requests in 15 minutes (X Ads API, Rate limiting; X API, GET account/verify_credentials).
DOCUMENTED = {"GET accounts": 5, "GET verify_credentials": 75}
DOCUMENTED_OTHER = 2_000


@dataclass(slots=True)
class _Window:
    known: RateWindow
    in_flight: int = 0


@dataclass(frozen=True, slots=True)
class Reservation:
    """One request that may be made; to be given back with its answer."""

    scope: str
    endpoint: str
    account_id: str
    window: _Window


class Limits:
    """The windows of all tokens, shared by all worker threads; asked before every call.

    ``changed`` is called, on the thread of the call, whenever X told what is left.
    """

    def __init__(
        self,
        changed: Callable[[KnownWindow], None],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._changed = changed
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str, str], _Window] = {}

    def remember(self, known: KnownWindow) -> None:
        """Take over what was known before a restart; windows that have ended are ignored."""
        if known.window.resets_at > self._clock():
            with self._lock:
                self._windows[(known.scope, known.endpoint, known.account_id)] = _Window(
                    known.window
                )

    def take(self, scope: str, endpoint: str, account_id: str = "") -> Reservation:
        """Reserve one request; raises ``RateLimitedError`` where none is left."""
        with self._lock:
            window = self._open(scope, endpoint, account_id)
            known = window.known
            if known.remaining - window.in_flight <= 0:
                raise limit_reached(endpoint, known)
            window.in_flight += 1
            return Reservation(scope, endpoint, account_id, window)

    def give_back(
        self, reservation: Reservation, status: int, headers: Mapping[str, str]
    ) -> RateWindow:
        """End a reservation with what the answer told; status 0 where no answer came.

        Returns the window that governs the next request of this kind.
        """
        scope, endpoint, account_id = (
            reservation.scope,
            reservation.endpoint,
            reservation.account_id,
        )
        told: list[KnownWindow] = []
        with self._lock:
            window = reservation.window
            window.in_flight -= 1
            by_account = _from_headers(headers, "x-account-rate-limit")
            by_token = _from_headers(headers, "x-rate-limit")
            if by_token is not None:
                told.append(self._believe(scope, endpoint, "", by_token))
            if by_account is not None and account_id:
                told.append(self._believe(scope, endpoint, account_id, by_account))
            if not told:
                # Without headers our own count is all there is; a request without an answer
                # may have been counted by X too.
                left = 0 if status == 429 else max(0, window.known.remaining - 1)
                window.known = replace(window.known, remaining=left)
                told.append(KnownWindow(scope, endpoint, "", window.known))
        for known in told:
            self._changed(known)
        return told[-1].window

    def _open(self, scope: str, endpoint: str, account_id: str) -> _Window:
        """Return the window that governs: the account's where known, else the token's."""
        now = self._clock()
        for key in ((scope, endpoint, account_id), (scope, endpoint, "")):
            window = self._windows.get(key)
            if window is not None:
                if window.known.resets_at <= now:
                    limit = window.known.limit
                    window.known = RateWindow(limit, limit, now + WINDOW_SECONDS)
                return window
        limit = DOCUMENTED.get(endpoint, DOCUMENTED_OTHER)
        window = _Window(RateWindow(limit, limit, now + WINDOW_SECONDS))
        self._windows[(scope, endpoint, "")] = window
        return window

    def _believe(self, scope: str, endpoint: str, account_id: str, told: RateWindow) -> KnownWindow:
        window = self._windows.setdefault((scope, endpoint, account_id), _Window(told))
        same = window.known.resets_at == told.resets_at
        # Answers of parallel requests arrive in any order: within a window the count only falls.
        remaining = min(window.known.remaining, told.remaining) if same else told.remaining
        window.known = replace(told, remaining=remaining)
        return KnownWindow(scope, endpoint, account_id, window.known)


def limit_reached(endpoint: str, window: RateWindow) -> RateLimitedError:
    """Return the error for a window that is used up."""
    return RateLimitedError(
        "X's rate limit is reached",
        f"{endpoint} allows {window.limit:,} requests in 15 minutes, and they are used.",
        "It goes on after the reset; nothing is lost.",
        resets_at=window.resets_at,
    )


def _from_headers(headers: Mapping[str, str], prefix: str) -> RateWindow | None:
    """Read one family of X's headers; ``None`` when it is absent or not made of numbers."""
    values = [headers.get(f"{prefix}-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(value.isascii() and value.isdigit() and len(value) <= 15 for value in values):
        return None
    limit, remaining, reset = (int(value) for value in values)
    return RateWindow(limit, remaining, float(reset))
