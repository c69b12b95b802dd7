"""The rate limits that X documents, counted in windows of 15 minutes by the server's clock.

Windows can be made shorter and time be made to pass for them alone, so that nobody has to wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

WINDOW = 900
"""Seconds of a window, which begins with the first request in it."""

ACCOUNTS = "GET accounts"
ONE_ACCOUNT = "GET accounts/:account_id"
ACCESS = "GET accounts/:account_id/authenticated_user_access"
PROMOTABLE = "GET accounts/:account_id/promotable_users"
FUNDING = "GET accounts/:account_id/funding_instruments"
FEATURES = "GET accounts/:account_id/features"
TOTAL_COUNT = "with_total_count"
VERIFY = "GET account/verify_credentials"
ME = "GET users/me"
USERS = "GET users"

DEFAULTS = {
    ACCOUNTS: 5,
    ONE_ACCOUNT: 2_000,
    # Counted per ad account below; the token's own figure is then a high quota.
    ACCESS: 100_000,
    PROMOTABLE: 100_000,
    FUNDING: 2_000,
    FEATURES: 2_000,
    TOTAL_COUNT: 200,
    VERIFY: 75,
    ME: 75,
    USERS: 900,
}
PER_ACCOUNT = {ACCESS: 2_000, PROMOTABLE: 2_000}
STRICT = 2_000
GENEROUS = 10_000_000
_CROWDED = 300_000


@dataclass(slots=True)
class _Window:
    used: int
    resets_at: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and the headers that tell what is left."""

    allowed: bool
    headers: dict[str, str]


class Limits:
    """Counts requests per token and per ad account; thread-safe."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], _Window] = {}
        self._limits = dict(DEFAULTS)
        self._per_account = dict(PER_ACCOUNT)
        self.passed = 0.0
        """Seconds that have passed for the windows alone; answers are dated by them."""

        self._seconds = WINDOW

    def take(self, endpoint: str, token: str, account_id: str = "") -> Verdict:
        """Count one request; ``account_id`` is empty for endpoints without one."""
        headers: dict[str, str] = {}
        with self._lock:
            allowed = self._count(headers, "x-rate-limit", endpoint, token, self._limits[endpoint])
            if account_id and endpoint in self._per_account:
                limit = self._per_account[endpoint]
                scope = f"account {account_id}"
                allowed &= self._count(headers, "x-account-rate-limit", endpoint, scope, limit)
        return Verdict(allowed, headers)

    def _count(
        self, headers: dict[str, str], prefix: str, endpoint: str, scope: str, limit: int
    ) -> bool:
        now = self._now() + self.passed
        window = self._windows.get((endpoint, scope))
        if window is None or window.resets_at <= now:
            if len(self._windows) > _CROWDED:
                alive = {k: w for k, w in self._windows.items() if w.resets_at > now}
                self._windows = alive
            window = self._windows[endpoint, scope] = _Window(0, int(now) + self._seconds)
        allowed = window.used < limit
        window.used += allowed
        headers[f"{prefix}-limit"] = str(limit)
        headers[f"{prefix}-remaining"] = str(max(0, limit - window.used))
        headers[f"{prefix}-reset"] = str(window.resets_at)
        return allowed

    def set(self, endpoint: str, limit: int, *, per_account: bool = False) -> None:
        """Change one limit; ``endpoint`` is one of the names above. Raises ``KeyError``."""
        with self._lock:
            table = self._per_account if per_account else self._limits
            if endpoint not in self._limits:
                raise KeyError(endpoint)
            table[endpoint] = limit

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the windows and for the date of answers, and for nothing else."""
        with self._lock:
            self.passed += seconds

    def last(self, seconds: int) -> None:
        """Let the windows that begin from now on last so many seconds."""
        with self._lock:
            self._seconds = seconds

    def be_strict(self) -> None:
        """Count all reads of ad accounts for the token: 2,000 in a window, the documents' word."""
        with self._lock:
            self._windows.clear()
            self._limits = {**DEFAULTS, ACCESS: STRICT, PROMOTABLE: STRICT}
            self._per_account = {}

    def be_generous(self) -> None:
        """Lift all limits, for tests that are about something else."""
        with self._lock:
            self._limits = dict.fromkeys(self._limits, GENEROUS)
            self._per_account = dict.fromkeys(self._per_account, GENEROUS)

    def reset(self) -> None:
        """Begin new windows with the documented limits."""
        with self._lock:
            self._windows.clear()
            self._limits = dict(DEFAULTS)
            self._per_account = dict(PER_ACCOUNT)
            self._seconds = WINDOW
