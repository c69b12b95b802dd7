"""Rate limits are X's documented ones, told in headers, and enforced in windows of 15 minutes."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
from requests_oauthlib import OAuth1

from adwarden.practice import limits
from adwarden.practice.faults import Kind
from adwarden.practice.limits import WINDOW, Limits
from tests.practice.conftest import CONTROL, TIMEOUT, Clock, MakePractice, Practice


def test_five_account_lists_in_fifteen_minutes(make_practice: MakePractice) -> None:
    clock = Clock()
    practice = make_practice(clock=clock)
    session, token = practice.plain(), practice.token("contoso")

    def ask() -> tuple[int, int]:
        auth = OAuth1(
            token.app.key, token.app.secret, token.token, token.secret,
            timestamp=str(int(clock.now)),
        )  # fmt: skip
        answer = session.get(practice.url("/12/accounts"), auth=auth, timeout=TIMEOUT)
        assert answer.headers["x-rate-limit-limit"] == "5"
        assert int(answer.headers["x-rate-limit-reset"]) == 1_790_000_900 + 900 * (passed > 0)
        if answer.status_code == 429:
            assert answer.json()["errors"][0]["code"] == "TOO_MANY_REQUESTS"
        return answer.status_code, int(answer.headers["x-rate-limit-remaining"])

    passed = 0
    assert [ask() for _ in range(5)] == [(200, 4), (200, 3), (200, 2), (200, 1), (200, 0)]
    clock.now += 899
    assert ask() == (429, 0)
    clock.now += 1
    passed = 1
    assert ask() == (200, 4)


def test_tokens_have_windows_of_their_own(practice: Practice) -> None:
    path = practice.url("/12/accounts")
    one, other = practice.user("contoso"), practice.user("northwind_ads")
    assert [one.get(path, timeout=TIMEOUT).status_code for _ in range(6)][-1] == 429
    assert other.get(path, timeout=TIMEOUT).status_code == 200


@pytest.mark.parametrize("path", ["/1.1/account/verify_credentials.json", "/2/users/me"])
def test_the_gateway_has_a_shape_of_its_own(practice: Practice, path: str) -> None:
    session = practice.user("contoso")
    codes = [session.get(practice.url(path), timeout=TIMEOUT).status_code for _ in range(75)]
    assert set(codes) == {200}
    answer = session.get(practice.url(path), timeout=TIMEOUT)
    assert answer.status_code == 429
    assert answer.json() == {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}


def test_ad_accounts_have_windows_too(practice: Practice) -> None:
    session, world = practice.user("agency_ops"), practice.server.world
    practice.server.faults.limits.set(limits.ACCESS, 2, per_account=True)

    def ask(index: int) -> dict[str, str]:
        path = f"/12/accounts/{world.account_id(index)}/authenticated_user_access"
        answer = session.get(practice.url(path), timeout=TIMEOUT)
        headers = {k: v for k, v in answer.headers.items() if "rate-limit" in k}
        return {**headers, "status": str(answer.status_code)}

    first, second, third, other = ask(0), ask(0), ask(0), ask(1)
    left = "x-account-rate-limit-remaining"
    assert [one[left] for one in (first, second, third, other)] == ["1", "0", "0", "1"]
    assert [one["status"] for one in (first, second, third, other)] == ["200", "200", "429", "200"]
    assert int(third["x-rate-limit-remaining"]) > 1000, "the token's own figure is a high quota"


def test_counting_lowers_the_limit() -> None:
    counts = Limits(Clock())
    assert limits.DEFAULTS[limits.TOTAL_COUNT] == 200
    allowed = [counts.take(limits.TOTAL_COUNT, "token").allowed for _ in range(201)]
    assert allowed == [True] * 200 + [False]
    counts.be_generous()
    assert counts.take(limits.TOTAL_COUNT, "token").allowed
    counts.reset()
    assert counts.take(limits.TOTAL_COUNT, "token").headers["x-rate-limit-remaining"] == "199"
    with pytest.raises(KeyError):
        counts.set("GET nothing", 1)


def test_old_windows_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_CROWDED", 50)
    clock = Clock()
    counts = Limits(clock)
    for place in range(1000):
        clock.now += 100
        counts.take(limits.USERS, f"token {place}")
    assert len(counts._windows) < 100


def test_time_passes_for_the_windows_and_their_date_alone(practice: Practice) -> None:
    session = practice.user("contoso")
    first = session.get(practice.url("/12/accounts"), timeout=TIMEOUT)
    practice.server.faults.limits.pass_time(WINDOW + 1)
    second = session.get(practice.url("/12/accounts"), timeout=TIMEOUT)
    for answer in (first, second):
        assert answer.headers["x-rate-limit-remaining"] == "4"
        date = parsedate_to_datetime(answer.headers["date"]).timestamp()
        rest = int(answer.headers["x-rate-limit-reset"]) - date
        assert WINDOW - 2 <= rest <= WINDOW
    resets = [int(answer.headers["x-rate-limit-reset"]) for answer in (first, second)]
    assert resets[1] - resets[0] >= WINDOW


def test_strict_limits_count_for_the_token(practice: Practice) -> None:
    session = practice.user("contoso")
    assert practice.control("strict").status_code == 200
    assert practice.control("window", {"seconds": 60}).status_code == 200
    account_id = practice.server.world.account_id(3)
    path = f"/12/accounts/{account_id}/authenticated_user_access"
    answer = session.get(practice.url(path), timeout=TIMEOUT)
    assert answer.headers["x-rate-limit-limit"] == "2000"
    assert "x-account-rate-limit-limit" not in answer.headers
    date = parsedate_to_datetime(answer.headers["date"]).timestamp()
    assert 58 <= int(answer.headers["x-rate-limit-reset"]) - date <= 60


def test_a_page_can_be_empty_and_name_the_next_one(practice: Practice) -> None:
    session = practice.user("contoso")
    practice.server.faults.add(Kind.EMPTY_PAGE, "/12/accounts")
    query = {"count": "2"}
    empty = session.get(practice.url("/12/accounts"), params=query, timeout=TIMEOUT).json()
    assert empty["data"] == []
    assert empty["next_cursor"]
    query["cursor"] = empty["next_cursor"]
    after = session.get(practice.url("/12/accounts"), params=query, timeout=TIMEOUT).json()
    assert after["data"]
    counts = practice.plain().get(
        practice.url("/_control/counts"), headers={"X-Control-Token": CONTROL}, timeout=TIMEOUT
    )
    assert counts.json() == {"statuses": {"200": 2}, "reads": 2, "again": {}}
