from __future__ import annotations

from datetime import datetime

import pytest

from adwarden.ui.phrases import age, ago, at_moment, freshness, is_stale

NOW = 1_790_000_000.0
HOUR = 3600.0


@pytest.mark.parametrize(
    ("hours", "words"),
    [(25, "25 h"), (47, "47 h"), (72, "3 d"), (24 * 90, "90 d"), (24 * 304, "10 mo")],
)
def test_a_long_time_in_short(hours: float, words: str) -> None:
    assert age(NOW - hours * HOUR, NOW) == words


def test_a_clock_that_was_set_a_little_makes_nothing_older_than_now() -> None:
    assert age(NOW + 50, NOW) == "0 h"
    assert freshness(NOW + 50, NOW, 24 * HOUR) == ("just now", False)


def test_a_time_in_the_future_is_unknown_and_stale() -> None:
    assert age(NOW + 500, NOW) == "time unknown"
    assert ago(NOW + 500, NOW) == "at an unknown time"
    assert is_stale(NOW + 500, NOW, 24 * HOUR)
    assert freshness(NOW + 500, NOW, 24 * HOUR) == ("at an unknown time · stale", True)


@pytest.mark.parametrize(
    ("ago", "told", "stale"),
    [
        (None, "never", False),
        (60.0, "1 min ago", False),
        (24 * HOUR + 1, "yesterday · stale", True),
    ],
)
def test_what_is_too_old_says_so(ago: float | None, told: str, stale: bool) -> None:
    moment = None if ago is None else NOW - ago
    assert freshness(moment, NOW, 24 * HOUR) == (told, stale)


def test_a_moment_does_not_get_old() -> None:
    then = datetime(2026, 5, 3, 14, 23).timestamp()
    for now in (then + 60, then + 5 * HOUR):
        assert at_moment(then, now) == "at 14:23"
    assert at_moment(then, then + 24 * HOUR) == "on 3 May 2026 at 14:23"
