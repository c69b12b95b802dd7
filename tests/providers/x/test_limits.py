from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import RateLimitedError
from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow
from adwarden.providers.x.limits import WINDOW_SECONDS, Limits

SCOPE = "app1/42"
TOKEN = {
    "x-rate-limit-limit": "2000",
    "x-rate-limit-remaining": "1984",
    "x-rate-limit-reset": "2000",
}
ACCOUNT = {
    "x-account-rate-limit-limit": "10000",
    "x-account-rate-limit-remaining": "0",
    "x-account-rate-limit-reset": "2000",
}


class Clock:
    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def _limits(clock: Clock) -> tuple[Limits, list[KnownWindow]]:
    told: list[KnownWindow] = []
    return Limits(told.append, clock=clock), told


def test_without_headers_the_documented_figure_holds_until_the_window_ends() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    for _ in range(5):
        limits.give_back(limits.take(SCOPE, "GET accounts"), 200, {})
    with pytest.raises(RateLimitedError) as caught:
        limits.take(SCOPE, "GET accounts")
    assert caught.value.resets_at == 1_000.0 + WINDOW_SECONDS
    clock.now += WINDOW_SECONDS
    limits.take(SCOPE, "GET accounts")


def test_headers_win_over_the_documented_figure() -> None:
    limits, told = _limits(Clock())
    limits.give_back(limits.take(SCOPE, "GET accounts"), 200, TOKEN)
    assert told[-1].window == RateWindow(2000, 1984, 2000.0)
    for _ in range(100):
        limits.take(SCOPE, "GET accounts")


def test_the_account_header_wins_for_that_account_alone() -> None:
    limits, _ = _limits(Clock())
    endpoint = "GET promotable_users"
    limits.give_back(limits.take(SCOPE, endpoint, "a1"), 200, TOKEN | ACCOUNT)
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, endpoint, "a1")
    limits.take(SCOPE, endpoint, "a2")


def test_requests_in_flight_count() -> None:
    limits, _ = _limits(Clock())
    for _ in range(5):
        limits.take(SCOPE, "GET accounts")
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET accounts")
    limits.take("app1/43", "GET accounts")


def test_a_refusal_without_headers_closes_the_window() -> None:
    limits, _ = _limits(Clock())
    window = limits.give_back(limits.take(SCOPE, "GET verify_credentials"), 429, {})
    assert window.remaining == 0
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET verify_credentials")


def test_what_was_known_before_a_restart_is_obeyed_until_its_reset() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    limits.remember(KnownWindow(SCOPE, "GET accounts", "", RateWindow(5, 0, 1_060.0)))
    limits.remember(KnownWindow("app1/43", "GET accounts", "", RateWindow(5, 0, 999.0)))
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET accounts")
    limits.take("app1/43", "GET accounts")
    clock.now = 1_061.0
    limits.take(SCOPE, "GET accounts")


def test_answers_out_of_order_never_raise_the_count() -> None:
    limits, told = _limits(Clock())
    first, second = limits.take(SCOPE, "GET x"), limits.take(SCOPE, "GET x")
    limits.give_back(second, 200, TOKEN | {"x-rate-limit-remaining": "1982"})
    limits.give_back(first, 200, TOKEN | {"x-rate-limit-remaining": "1983"})
    assert told[-1].window.remaining == 1982


@given(
    st.dictionaries(
        st.sampled_from([*TOKEN, *ACCOUNT]), st.text(max_size=6) | st.integers().map(str)
    )
)
def test_headers_of_any_kind_are_read_or_ignored(headers: dict[str, str]) -> None:
    limits, told = _limits(Clock())
    limits.give_back(limits.take(SCOPE, "GET x", "a1"), 200, headers)
    assert all(known.window.remaining >= 0 for known in told)
