from __future__ import annotations

from contextlib import suppress
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import RateLimitedError
from adwarden.domain.model import RateWindow
from adwarden.providers.base import KnownWindow
from adwarden.providers.x.headers import LONGEST, retry_after, told_windows
from adwarden.providers.x.limit_window import WINDOW_SECONDS
from adwarden.providers.x.limits import Limits, Reservation

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
    return Limits(told.append, clock=clock, steady=clock), told


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
    assert window.window.remaining == 0
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


def test_what_another_process_has_used_is_used_here_too() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    limits.give_back(limits.take(SCOPE, "GET accounts"), 200, {})
    limits.remember(KnownWindow(SCOPE, "GET accounts", "", RateWindow(5, 1, 1_800.0)))
    limits.take(SCOPE, "GET accounts")
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET accounts")
    # What it knew before is no reason to believe that there is more again.
    limits.remember(KnownWindow(SCOPE, "GET accounts", "", RateWindow(5, 4, 1_800.0)))
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET accounts")


def test_a_window_that_another_process_has_begun_is_obeyed() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    for _ in range(5):
        limits.give_back(limits.take(SCOPE, "GET accounts"), 200, {})
    clock.now += WINDOW_SECONDS + 100
    limits.remember(KnownWindow(SCOPE, "GET accounts", "", RateWindow(5, 0, clock.now + 800)))
    with pytest.raises(RateLimitedError) as caught:
        limits.take(SCOPE, "GET accounts")
    assert caught.value.resets_at == clock.now + 800
    clock.now += 801
    for _ in range(5):
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


def _told(
    remaining: int, reset: float, *, limit: int = 5, date: float | None = None
) -> dict[str, str]:
    headers = {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(remaining),
        "x-rate-limit-reset": str(int(reset)),
    }
    return headers if date is None else headers | {"date": formatdate(date, usegmt=True)}


def test_a_late_answer_of_the_window_before_does_not_open_the_new_one() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    late = limits.take(SCOPE, "GET accounts")
    limits.give_back(limits.take(SCOPE, "GET accounts"), 200, _told(3, 1_900))
    clock.now = 1_901.0
    for remaining in (4, 3, 2, 1, 0):
        if remaining == 2:
            limits.give_back(late, 200, _told(4, 1_900))
            continue
        limits.give_back(limits.take(SCOPE, "GET accounts"), 200, _told(remaining, 2_801))
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET accounts")


@pytest.mark.parametrize("wrong_by", [-86_400.0, -240.0, 0.0, 240.0, 86_400.0])
def test_windows_last_as_long_as_x_says_whatever_our_clock_shows(wrong_by: float) -> None:
    clock, steady = Clock(1_000_000.0 + wrong_by), Clock(50.0)
    limits = Limits(lambda _: None, clock=clock, steady=steady)
    told = _told(0, 1_000_600, date=1_000_000.0)
    limits.give_back(limits.take(SCOPE, "GET accounts"), 200, told)
    with pytest.raises(RateLimitedError) as caught:
        limits.take(SCOPE, "GET accounts")
    assert caught.value.resets_at == pytest.approx(clock.now + 600)
    clock.now += 10 * 86_400  # somebody sets it forward
    steady.now += 599
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET accounts")
    clock.now -= 30 * 86_400  # and back
    steady.now += 1
    limits.take(SCOPE, "GET accounts")


def test_a_reset_in_the_far_future_is_not_believed_for_ever() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    limits.give_back(limits.take(SCOPE, "GET accounts"), 200, _told(0, 10**12))
    with pytest.raises(RateLimitedError) as caught:
        limits.take(SCOPE, "GET accounts")
    assert caught.value.resets_at <= clock.now + 3_601
    clock.now += 3_601
    assert limits.take(SCOPE, "GET accounts") is not None


def test_a_limit_of_none_at_all_is_not_closed_for_ever() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    limits.give_back(limits.take(SCOPE, "GET x"), 200, _told(0, 1_900, limit=0))
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET x")
    clock.now += WINDOW_SECONDS + 1
    limits.take(SCOPE, "GET x")


def test_a_scarce_request_is_written_down_before_it_is_sent() -> None:
    clock, ahead = Clock(), list[KnownWindow]()
    limits = Limits(lambda _: None, ahead=ahead.append, clock=clock, steady=clock)
    first = limits.take(SCOPE, "GET accounts")
    assert [one.window.remaining for one in ahead] == [4]
    limits.give_back(first, 200, _told(4, 1_900))
    limits.take(SCOPE, "GET accounts")
    assert [one.window.remaining for one in ahead] == [4, 3]


def test_plenty_is_not_written_down_and_the_rest_in_blocks() -> None:
    clock, ahead, told = Clock(), list[KnownWindow](), list[KnownWindow]()
    limits = Limits(told.append, ahead=ahead.append, clock=clock, steady=clock)
    for left in range(1_999, -1, -1):
        taken = limits.take(SCOPE, "GET x")
        assert not ahead or ahead[-1].window.remaining <= left
        assert left >= 399 or ahead
        limits.give_back(taken, 200, _told(left, 1_900, limit=2_000))
        assert told[-1].window.remaining <= left
    assert len(ahead) <= 400 / 16 + 1


def test_a_refusal_without_end_waits_longer_each_time() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    waits = []
    for _ in range(5):
        taken = limits.take(SCOPE, "GET accounts")
        known = limits.give_back(taken, 429, _told(0, clock.now))
        waits.append(known.window.resets_at - clock.now)
        clock.now = known.window.resets_at + 10
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_token_that_refuses_although_the_account_has_some_left_is_obeyed() -> None:
    limits, _ = _limits(Clock())
    headers = TOKEN | ACCOUNT | {
        "x-rate-limit-remaining": "0", "x-account-rate-limit-remaining": "9",
    }  # fmt: skip
    limits.give_back(limits.take(SCOPE, "GET x", "a1"), 429, headers)
    for account_id in ("a1", "a2"):
        with pytest.raises(RateLimitedError):
            limits.take(SCOPE, "GET x", account_id)


def test_a_request_that_was_lost_may_have_come_after_the_one_that_is_answered() -> None:
    clock = Clock()
    limits, _ = _limits(clock)
    first, *others = [limits.take(SCOPE, "GET accounts") for _ in range(5)]
    limits.give_back(others[0], 0, {})
    limits.give_back(first, 200, _told(4, 1_900, limit=5))
    with pytest.raises(RateLimitedError):
        limits.take(SCOPE, "GET accounts")


@given(st.data())
def test_a_server_that_counts_is_never_asked_too_often(data: st.DataObject) -> None:
    """Play a server with windows, answers in any order and lost ones: it never has to refuse."""
    limit = 5  # the documents' word, which is all that is known before an answer
    clock = Clock(10_000.0)
    limits = Limits(lambda _: None, clock=clock, steady=clock)
    used, reset = 0, 0
    flying: list[tuple[Reservation, dict[str, str]]] = []
    for step in data.draw(st.lists(st.sampled_from("aabbcx"), max_size=60), label="steps"):
        if step == "a":
            with suppress(RateLimitedError):
                taken = limits.take(SCOPE, "GET accounts")
                if clock.now >= reset:
                    used, reset = 0, int(clock.now) + WINDOW_SECONDS
                used += 1
                assert used <= limit
                flying.append((taken, _told(limit - used, reset, limit=limit, date=clock.now)))
        elif step in "bx" and flying:
            taken, told = flying.pop(data.draw(st.integers(0, len(flying) - 1)))
            limits.give_back(taken, 200 if step == "b" else 0, told if step == "b" else {})
        elif step == "c":
            clock.now += data.draw(st.sampled_from([0.4, 7.0, 450.0, 899.0, 901.0]))


@given(
    st.dictionaries(
        st.sampled_from([*TOKEN, *ACCOUNT, "date", "retry-after"]),
        st.text(max_size=40)
        | st.integers().map(str)
        | st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    ),
    st.integers(0, 10**10),
)
def test_no_header_makes_a_wait_without_end(headers: dict[str, str], now: int) -> None:
    assert 0 <= retry_after(headers, now) <= LONGEST
    for told in told_windows(headers, now):
        assert told is None or 0 <= told.seconds <= LONGEST
