from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from adwarden.domain.errors import (
    AdwardenError,
    AuthorizationError,
    ErrorCode,
    NetworkError,
    OverCapacityError,
    RateLimitedError,
    ServerError,
)
from adwarden.practice.faults import Kind, Shape
from adwarden.practice.people import AppKind
from adwarden.providers.x.provider import guest_rules
from tests.fakes.person import authorize
from tests.providers.x.conftest import Bench, credential_of


def _code(call: Callable[[], object]) -> ErrorCode:
    with pytest.raises(AdwardenError) as caught:
        call()
    return caught.value.code


def test_the_pin_flow_gives_a_token_that_opens_ad_accounts(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    grant, user = bench.connect(person.screen_name)
    assert (grant.user_id, grant.screen_name) == (person.user_id, person.screen_name)
    assert user.secrets["token"].unwrap().startswith(f"{person.user_id}-")
    page = bench.provider.accounts(bench.app, user)
    assert page.items
    account = page.items[0]
    assert account.id
    assert account.name
    access = bench.provider.access(bench.app, user, account.id)
    assert access.user_id == person.user_id
    assert access.permissions
    users = bench.provider.promotable_users(bench.app, user, account.id)
    assert {one.type for one in users.items} <= {"FULL", "RETWEETS_ONLY"}
    identity = bench.provider.verify(bench.app, user)
    assert identity.screen_name == person.screen_name
    assert identity.access_level == "read-write"


def test_the_page_asks_for_a_fresh_sign_in_and_fills_in_the_name(bench: Bench) -> None:
    request = bench.provider.begin(bench.app, screen_name="northwind_ads")
    assert "force_login=true" in request.url
    assert "screen_name=northwind_ads" in request.url
    assert request.url.startswith(f"{bench.server.url}/oauth/authorize?oauth_token=")
    assert request.token.unwrap() not in repr(request)


def test_a_wrong_pin_is_said_and_burns_the_request(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    request = bench.provider.begin(bench.app)
    pin = authorize(request.url, person.screen_name)
    wrong = "0000000" if pin != "0000000" else "1111111"
    assert _code(lambda: bench.provider.finish(bench.app, request, wrong)) is ErrorCode.PIN_WRONG
    again = _code(lambda: bench.provider.finish(bench.app, request, pin))
    assert again in (ErrorCode.PIN_WRONG, ErrorCode.REQUEST_EXPIRED)


def test_a_used_pin_is_refused(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    request = bench.provider.begin(bench.app)
    pin = authorize(request.url, person.screen_name)
    bench.provider.finish(bench.app, request, pin)
    code = _code(lambda: bench.provider.finish(bench.app, request, pin))
    assert code in (ErrorCode.PIN_WRONG, ErrorCode.REQUEST_EXPIRED)


def test_wrong_keys_are_about_the_app(bench: Bench) -> None:
    wrong = credential_of("A" * 25, "B" * 50)
    assert _code(lambda: bench.provider.begin(wrong)) is ErrorCode.APP_KEYS


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (AppKind.SUSPENDED, ErrorCode.APP_SUSPENDED),
        (AppKind.CALLBACK_ONLY, ErrorCode.CALLBACK),
    ],
)
def test_apps_that_x_refuses(bench: Bench, kind: AppKind, code: ErrorCode) -> None:
    app = next(one for one in bench.server.world.apps if one.kind is kind)
    assert _code(lambda: bench.provider.begin(credential_of(app.key, app.secret))) is code


def test_an_app_without_ads_approval_is_named_as_such(bench: Bench) -> None:
    app = next(one for one in bench.server.world.apps if one.kind is AppKind.NOT_APPROVED)
    bench.app = credential_of(app.key, app.secret)
    person = next(one for one in bench.server.world.people if not one.suspended)
    _, user = bench.connect(person.screen_name)
    code = _code(lambda: bench.provider.accounts(bench.app, user))
    assert code is ErrorCode.APP_NOT_APPROVED


@pytest.mark.parametrize("kind", [Kind.UNCONFIRMED, Kind.NO_SECRET, Kind.HTML])
def test_what_is_not_a_token_is_not_taken_for_one(bench: Bench, kind: Kind) -> None:
    bench.server.faults.add(kind, "/oauth/request_token", status=200)
    assert _code(lambda: bench.provider.begin(bench.app)) is ErrorCode.UNEXPECTED_ANSWER


def test_redirects_are_not_followed(bench: Bench, make_bench: Callable[..., Bench]) -> None:
    other = make_bench()
    bench.server.faults.add(
        Kind.REDIRECT, "/oauth/request_token", location=f"{other.server.url}/oauth/request_token"
    )
    assert _code(lambda: bench.provider.begin(bench.app)) is ErrorCode.UNEXPECTED_ANSWER
    assert other.server.journal.total == 0


@pytest.mark.parametrize("skew", [420, -420])
def test_a_wrong_clock_is_told_in_minutes(bench: Bench, skew: int) -> None:
    bench.server.faults.skew = skew
    with pytest.raises(AuthorizationError) as caught:
        bench.provider.begin(bench.app)
    assert caught.value.code is ErrorCode.CLOCK
    assert f"7 minutes {'slow' if skew > 0 else 'fast'}" in caught.value.message


@pytest.mark.parametrize("shape", list(Shape))
def test_server_trouble_in_every_shape(bench: Bench, shape: Shape) -> None:
    bench.server.faults.add(Kind.ERROR, "/oauth/request_token", status=503, shape=shape)
    with pytest.raises(ServerError) as caught:
        bench.provider.begin(bench.app)
    assert caught.value.detail.startswith("HTTP 503")


def test_every_request_has_a_nonce_of_its_own_and_counts(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    _, user = bench.connect(person.screen_name)
    bench.server.journal.clear()
    bench.server.faults.add(Kind.DROP_AFTER, "/12/accounts", times=1)
    with pytest.raises(NetworkError):
        bench.provider.accounts(bench.app, user)
    assert bench.told[-1].window.remaining == 4
    assert bench.provider.accounts(bench.app, user).items
    # The server refuses a nonce that comes twice, so success proves that each was new.
    assert bench.server.journal.count("/12/accounts", status=200) == 1
    assert bench.told[-1].window.remaining == 3


def test_a_pause_that_x_asks_for_is_told_with_its_end(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    _, user = bench.connect(person.screen_name)
    bench.server.faults.add(
        Kind.ERROR, "/12/accounts", status=503, shape=Shape.ADS, headers={"retry-after": "120"}
    )
    before = time.time()
    with pytest.raises(OverCapacityError) as caught:
        bench.provider.accounts(bench.app, user)
    assert before + 119 < caught.value.resets_at < time.time() + 121


def test_a_revoked_token_is_told_and_revoking_twice_is_fine(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    _, user = bench.connect(person.screen_name)
    bench.provider.revoke(bench.app, user)
    assert _code(lambda: bench.provider.accounts(bench.app, user)) is ErrorCode.REVOKED
    bench.provider.revoke(bench.app, user)


def test_revoking_with_wrong_app_keys_is_not_taken_for_revoked(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    _, user = bench.connect(person.screen_name)
    wrong = credential_of(bench.app.secrets["key"].unwrap(), "B" * 50)
    assert _code(lambda: bench.provider.revoke(wrong, user)) is ErrorCode.APP_KEYS
    assert bench.provider.accounts(bench.app, user).items


@pytest.mark.parametrize("kind", [Kind.HTML, Kind.CUT_JSON])
def test_an_answer_that_is_not_json_is_an_error_in_words(bench: Bench, kind: Kind) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    _, user = bench.connect(person.screen_name)
    bench.server.faults.add(kind, "/12/accounts", status=200, times=0)
    with pytest.raises(NetworkError) as caught:
        bench.provider.accounts(bench.app, user)
    assert caught.value.code is ErrorCode.UNEXPECTED_ANSWER


def test_the_sixth_list_of_accounts_is_not_asked_for(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    _, user = bench.connect(person.screen_name)
    for _ in range(5):
        bench.provider.accounts(bench.app, user)
    with pytest.raises(RateLimitedError) as caught:
        bench.provider.accounts(bench.app, user)
    assert caught.value.resets_at > 0
    assert bench.server.journal.count("/12/accounts", status=429) == 0
    assert bench.told[-1].window.remaining == 0


def test_an_account_id_stays_one_segment_of_the_path(bench: Bench) -> None:
    person = next(one for one in bench.server.world.people if not one.suspended)
    _, user = bench.connect(person.screen_name)
    bench.server.journal.clear()
    with pytest.raises(AdwardenError):
        bench.provider.access(bench.app, user, "../../oauth/request_token?x=")
    assert bench.server.journal.count("/oauth") == 0


@pytest.mark.parametrize("account_id", ["", ".", "..", "..."])
def test_an_account_id_that_would_be_another_place_is_not_asked_about(
    bench: Bench, account_id: str
) -> None:
    _, user = bench.connect("contoso")
    asked = bench.server.journal.total
    x = bench.provider
    for call in (x.access, x.promotable_users, x.funding_instruments, x.features):
        with pytest.raises(NetworkError, match="impossible ID"):
            call(bench.app, user, account_id)
    assert bench.server.journal.total == asked


def test_all_pages_of_a_large_list_come_once(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(accounts=2_500)
    agency = max(bench.server.world.people, key=lambda one: len(bench.server.world.reach(one)))
    _, user = bench.connect(agency.screen_name)
    seen: list[str] = []
    cursor = ""
    while True:
        page = bench.provider.accounts(bench.app, user, cursor=cursor)
        seen += [account.id for account in page.items]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == len(set(seen)) > 2_000
    assert bench.server.journal.count("/12/accounts") == 3


def test_the_guest_may_go_to_x_only() -> None:
    rules = guest_rules("https://api.x.com")
    assert (rules.scheme, rules.pin_host, rules.pin_path) == (
        "https",
        "api.x.com",
        "/oauth/authorize",
    )
    assert {"api.x.com", "x.com", "twitter.com"} <= rules.hosts
    local = guest_rules("http://127.0.0.1:8080")
    assert local.hosts == {"127.0.0.1:8080"}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("oauth_token=42-abc&oauth_token_secret=s", "42"),
        ("oauth_token=42-abc&oauth_token_secret=s&user_id=43&screen_name=some_one", "43"),
        ("oauth_token=nodash&oauth_token_secret=s", ""),
        ("oauth_token=nodash&oauth_token_secret=s&user_id=a%0Ab", ""),
        ("oauth_token=42-abc&oauth_token_secret=s&screen_name=a%1Bb", "42"),
    ],
)
def test_whose_token_it_is_must_be_clear(bench: Bench, body: str, named: str) -> None:
    request = bench.provider.begin(bench.app)
    bench.server.faults.add(Kind.BODY, "/oauth/access_token", status=200, text=body)
    if not named:
        code = _code(lambda: bench.provider.finish(bench.app, request, "1234567"))
        assert code is ErrorCode.UNEXPECTED_ANSWER
        return
    grant = bench.provider.finish(bench.app, request, "1234567")
    assert grant.user_id == named
    assert grant.screen_name in ("", "some_one")
