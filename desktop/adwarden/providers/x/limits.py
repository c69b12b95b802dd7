"""X's rate limits, obeyed before X has to refuse: what is left, per token, endpoint and account.

The headers win over the documented figures, and those of the ad account over those of the token.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from adwarden.domain.data import dataclass
from adwarden.domain.errors import RateLimitedError
from adwarden.domain.model import RateWindow
from adwarden.domain.uptime import uptime
from adwarden.providers.base import KnownWindow

if TYPE_CHECKING:
    from adwarden.providers.x.headers import Told

NOT_SENT = -1
WINDOW_SECONDS = 15 * 60

# Requests in 15 minutes (X Ads API, Rate limiting; X API, GET account/verify_credentials).
DOCUMENTED = {"GET accounts": 5, "GET verify_credentials": 75}
DOCUMENTED_OTHER = 2_000

SAME_RESET = 2.0
"""Seconds by which the reset of one window may seem to move from answer to answer."""

_SCARCE = 0.2
_FEW = 100
_AHEAD = 16
"""Requests of a scarce window that are written down as used before the first of them is sent."""

_FIRST_PAUSE = 1.0
"""Seconds that a refusal closes a window at least; doubled by each that follows it."""

_CROWDED = 20_000
"""Windows, of which there are some for every ad account, before those that are over are let go."""

_Key = tuple[str, str, str]


@dataclass(slots=True)
class _Window:
    """``opens`` counts on the clock that nobody can set; ``resets_at`` is for people."""

    key: _Key
    limit: int
    remaining: int
    opens: float
    resets_at: float
    heard: float = 0.0
    """The reset as X told it, by X's clock; 0 where X has told nothing."""

    guess: bool = True
    """Whether what follows the reset X told of is our own guess."""

    answered: bool = False
    in_flight: int = 0
    noted: int = -1
    """How many requests a restart would believe to be left at most; -1 is as many as there are."""

    refusals: int = 0
    binding: bool = False
    """Whether a refusal proved that it counts although an ad account has one of its own."""

    @property
    def left(self) -> int:
        return max(0, self.remaining - self.in_flight)

    def known(self, left: int | None = None) -> KnownWindow:
        shown = RateWindow(self.limit, self.left if left is None else left, self.resets_at)
        return KnownWindow(*self.key, shown)


@dataclass(frozen=True, slots=True)
class Reservation:
    """One request that may be made; to be given back with its answer."""

    scope: str
    endpoint: str
    account_id: str
    windows: tuple[_Window, ...]


class Limits:
    """The windows of all tokens, shared by all worker threads; asked before every call.

    ``changed`` is called, on the thread of the call, whenever X told what is left. ``ahead`` is
    called the same way before a request of a scarce window is sent, and returns once what it got
    would survive a crash. ``clock`` gives Unix seconds, ``steady`` seconds that nobody can set:
    windows end by the latter, so that moving the clock neither opens nor closes them.
    """

    def __init__(
        self,
        changed: Callable[[KnownWindow], None],
        *,
        ahead: Callable[[KnownWindow], None] | None = None,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = uptime,
    ) -> None:
        self._changed = changed
        self._ahead = ahead or (lambda _: None)
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        self._windows: dict[_Key, _Window] = {}

    def remember(self, known: KnownWindow) -> None:
        """Take over what was known before a restart; windows that have ended are ignored."""
        left = known.window.resets_at - self._clock()
        if left <= 0:
            return
        window = _Window(
            (known.scope, known.endpoint, known.account_id),
            known.window.limit,
            known.window.remaining,
            self._steady() + min(left, WINDOW_SECONDS),
            known.window.resets_at,
            answered=True,
        )
        with self._lock:
            # What has been learned since the start is newer.
            self._windows.setdefault(window.key, window)

    def take(self, scope: str, endpoint: str, account_id: str = "") -> Reservation:
        """Reserve one request; raises ``RateLimitedError`` where none is left."""
        due: list[KnownWindow] = []
        with self._lock:
            windows = self._governing(scope, endpoint, account_id)
            for window in windows:
                if window.left <= 0:
                    self._shut(window, window.opens)
                    raise limit_reached(window.known())
            for window in windows:
                window.in_flight += 1
                if _is_scarce(window) and (window.noted < 0 or window.noted > window.left):
                    window.noted = max(0, window.left - (_ahead_of(window) - 1))
                    due.append(window.known(window.noted))
        for known in due:
            self._ahead(known)
        return Reservation(scope, endpoint, account_id, windows)

    def give_back(
        self, reservation: Reservation, status: int, headers: Mapping[str, str]
    ) -> KnownWindow:
        """End a reservation with what the answer told; status 0 is none, ``NOT_SENT`` no request.

        Names of ``headers`` are in lower case. Returns the window that governs the next request
        of this kind.
        """
        from adwarden.providers.x.headers import retry_after, told_windows

        scope, endpoint, account_id = (
            reservation.scope,
            reservation.endpoint,
            reservation.account_id,
        )
        now = self._clock()
        by_token, by_account = told_windows(headers, now)
        told = {(scope, endpoint, ""): by_token}
        if account_id:
            told[scope, endpoint, account_id] = by_account
        with self._lock:
            touched = {window.key: window for window in reservation.windows}
            for window in reservation.windows:
                self._count(window, heard=told.get(window.key) is not None, status=status)
            for key, one in told.items():
                if one is not None:
                    touched[key] = self._believe(key, one)
            if status == 429:
                self._refused(reservation, told, retry_after(headers, now))
            governing = self._governing(scope, endpoint, account_id)
            next_one = min(governing, key=lambda window: window.left).known()
            known = [_noted(window) for window in touched.values()]
        for each in known:
            self._changed(each)
        return next_one

    def _count(self, window: _Window, *, heard: bool, status: int) -> None:
        """End one request of a window; its own count holds where X does not tell."""
        window.in_flight -= 1
        if not heard and status != NOT_SENT:
            # A request without an answer may have been counted by X too.
            window.remaining = max(0, window.remaining - 1)
        if status > 0 and not window.answered:
            # X begins to count when a request arrives, which is after it was sent.
            window.answered = True
            self._shut(window, self._steady() + WINDOW_SECONDS)
        if status > 0 and status != 429:
            window.refusals = 0

    def _governing(self, scope: str, endpoint: str, account_id: str) -> tuple[_Window, ...]:
        """Return what counts now: the ad account's window where known, else the token's."""
        of_token = self._windows.get((scope, endpoint, ""))
        of_account = self._windows.get((scope, endpoint, account_id)) if account_id else None
        if of_account is None:
            found = [of_token or self._guess((scope, endpoint, ""))]
        else:
            found = [of_account]
            if of_token is not None and of_token.binding:
                found.append(of_token)
        steady = self._steady()
        for window in found:
            if window.opens <= steady:
                window.remaining, window.noted = max(1, window.limit), -1  # 0 would never open
                window.guess, window.answered, window.binding = True, False, False
                self._shut(window, steady + WINDOW_SECONDS)
        return tuple(found)

    def _guess(self, key: _Key) -> _Window:
        limit = DOCUMENTED.get(key[1], DOCUMENTED_OTHER)
        window = _Window(key, limit, limit, 0.0, 0.0)
        self._shut(window, self._steady() + WINDOW_SECONDS)
        return self._add(window)

    def _add(self, window: _Window) -> _Window:
        if len(self._windows) >= _CROWDED and len(self._windows) % 1_000 == 0:
            steady = self._steady()
            self._windows = {
                key: one
                for key, one in self._windows.items()
                if one.in_flight or one.opens > steady
            }
        self._windows[window.key] = window
        return window

    def _shut(self, window: _Window, opens: float) -> None:
        """Set when a window opens; the time for people follows from the clock of now."""
        window.opens, window.resets_at = opens, self._clock() + opens - self._steady()

    def _believe(self, key: _Key, told: Told) -> _Window:
        """Take in what X told of a window; a late answer of a former one changes nothing."""
        opens = self._steady() + told.seconds
        window = self._windows.get(key) or self._add(_Window(key, told.limit, 0, opens, 0.0))
        if window.heard and told.reset <= window.heard + SAME_RESET:
            if window.guess or told.reset < window.heard - SAME_RESET:
                # Should it be none after all, nothing is lost by counting it here too.
                window.remaining = max(0, window.remaining - 1)
                return window
            # Answers of parallel requests arrive in any order: within a window the count only
            # falls, and each tells the reset a little too late.
            window.remaining = min(window.remaining, told.remaining)
            opens = min(window.opens, opens)
        else:
            window.remaining, window.noted = told.remaining, -1
        window.limit, window.heard = told.limit, told.reset
        window.guess, window.answered = False, True
        self._shut(window, opens)
        return window

    def _refused(
        self, reservation: Reservation, told: Mapping[_Key, Told | None], pause: float
    ) -> None:
        """Close what X refused, for as long as it said, and not for less than a moment."""
        closed = [key for key, one in told.items() if one is not None and not one.remaining]
        heard = [key for key, one in told.items() if one is not None]
        # The last one is the ad account's, which wins.
        key = (closed or heard or [reservation.windows[0].key])[-1]
        window = self._windows[key]
        window.binding = not key[2]
        window.remaining = 0
        window.refusals += 1
        steady = self._steady()
        least = min(_FIRST_PAUSE * 2.0 ** (window.refusals - 1), float(WINDOW_SECONDS))
        opens = steady + pause if pause and not heard else window.opens
        self._shut(window, max(opens, steady + least))


def limit_reached(known: KnownWindow) -> RateLimitedError:
    """Return the error for a window that is used up."""
    of = " for this ad account" if known.account_id else ""
    return RateLimitedError(
        "X's rate limit is reached",
        f"{known.endpoint} allows {known.window.limit:,} requests in 15 minutes{of}, and they "
        "are used.",
        "It goes on after the reset; nothing is lost.",
        resets_at=known.window.resets_at,
        account_id=known.account_id,
    )


def _is_scarce(window: _Window) -> bool:
    return window.limit <= _FEW or window.left <= window.limit * _SCARCE


def _ahead_of(window: _Window) -> int:
    return 1 if window.limit <= _FEW else _AHEAD


def _noted(window: _Window) -> KnownWindow:
    """Return what may be written down: never more than was promised before."""
    if _is_scarce(window) and 0 <= window.noted <= window.left:
        return window.known(window.noted)
    window.noted = window.left
    return window.known()
