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
from adwarden.domain.uptime import uptime
from adwarden.providers.base import KnownWindow
from adwarden.providers.x.limit_window import WINDOW_SECONDS, Clocks, Key, Window

if TYPE_CHECKING:
    from adwarden.providers.x.headers import Told

# Requests in 15 minutes (X Ads API, Rate limiting; X API, GET account/verify_credentials).
DOCUMENTED = {"GET accounts": 5, "GET verify_credentials": 75}
DOCUMENTED_OTHER = 2_000

_CROWDED = 20_000
"""Windows, of which there are some for every ad account, before those that are over are let go."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """One request that may be made; to be given back with its answer."""

    scope: str
    endpoint: str
    account_id: str
    windows: tuple[Window, ...]
    lost: tuple[int, ...]
    """How many requests each window had lost before this one."""


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
        self._clocks = Clocks(clock, steady)
        self._lock = threading.Lock()
        self._windows: dict[Key, Window] = {}

    def remember(self, known: KnownWindow) -> None:
        """Take over what was known before a restart, or by another process by now.

        Windows that have ended are ignored.
        """
        left = known.window.resets_at - self._clocks.wall()
        if left <= 0:
            return
        window = Window(
            (known.scope, known.endpoint, known.account_id),
            known.window.limit,
            known.window.remaining,
            self._clocks.steady() + min(left, WINDOW_SECONDS),
            known.window.resets_at,
            answered=True,
        )
        with self._lock:
            ours = self._windows.get(window.key)
            if ours is None:
                self._windows[window.key] = window
            else:
                ours.join(window, self._clocks)

    def take(self, scope: str, endpoint: str, account_id: str = "") -> Reservation:
        """Reserve one request; raises ``RateLimitedError`` where none is left."""
        due: list[KnownWindow] = []
        with self._lock:
            windows = self._governing(scope, endpoint, account_id)
            for window in windows:
                if window.left <= 0:
                    window.shut(window.opens, self._clocks)
                    raise limit_reached(window.known())
            lost = tuple(window.lost for window in windows)
            for window in windows:
                noted = window.send()
                if noted is not None:
                    due.append(noted)
        for known in due:
            self._ahead(known)
        return Reservation(scope, endpoint, account_id, windows, lost)

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
        now = self._clocks.wall()
        by_token, by_account = told_windows(headers, now)
        told = {(scope, endpoint, ""): by_token}
        if account_id:
            told[scope, endpoint, account_id] = by_account
        with self._lock:
            touched = {window.key: window for window in reservation.windows}
            for window in reservation.windows:
                heard = told.get(window.key) is not None
                window.end(self._clocks, heard=heard, status=status)
            before = {w.key: n for w, n in zip(reservation.windows, reservation.lost, strict=True)}
            for key, one in told.items():
                if one is not None:
                    touched[key] = self._believe(key, one, before)
            if status == 429:
                self._refused(reservation, told, retry_after(headers, now))
            governing = self._governing(scope, endpoint, account_id)
            next_one = min(governing, key=lambda window: window.left).known()
            known = [window.note() for window in touched.values()]
        for each in known:
            self._changed(each)
        return next_one

    def _governing(self, scope: str, endpoint: str, account_id: str) -> tuple[Window, ...]:
        """Return what counts now: the ad account's window where known, else the token's."""
        of_token = self._windows.get((scope, endpoint, ""))
        of_account = self._windows.get((scope, endpoint, account_id)) if account_id else None
        if of_account is None:
            found = [of_token or self._guess((scope, endpoint, ""))]
        else:
            found = [of_account]
            if of_token is not None and of_token.binding:
                found.append(of_token)
        steady = self._clocks.steady()
        for window in found:
            if window.opens <= steady:
                window.begin_anew(self._clocks)
        return tuple(found)

    def _guess(self, key: Key) -> Window:
        limit = DOCUMENTED.get(key[1], DOCUMENTED_OTHER)
        window = Window(key, limit, limit, 0.0, 0.0)
        window.shut(self._clocks.steady() + WINDOW_SECONDS, self._clocks)
        return self._add(window)

    def _add(self, window: Window) -> Window:
        if len(self._windows) >= _CROWDED and len(self._windows) % 1_000 == 0:
            steady = self._clocks.steady()
            self._windows = {
                key: one
                for key, one in self._windows.items()
                if one.in_flight or one.opens > steady
            }
        self._windows[window.key] = window
        return window

    def _believe(self, key: Key, told: Told, lost_before: Mapping[Key, int]) -> Window:
        opens = self._clocks.steady() + told.seconds
        window = self._windows.get(key) or self._add(Window(key, told.limit, 0, opens, 0.0))
        lost = window.lost - lost_before.get(key, window.lost)
        window.believe(told, self._clocks, lost=lost)
        return window

    def _refused(
        self, reservation: Reservation, told: Mapping[Key, Told | None], pause: float
    ) -> None:
        """Close what X refused."""
        closed = [key for key, one in told.items() if one is not None and not one.remaining]
        heard = [key for key, one in told.items() if one is not None]
        # The last one is the ad account's, which wins.
        key = (closed or heard or [reservation.windows[0].key])[-1]
        self._windows[key].refuse(pause, self._clocks, heard=bool(heard))


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
