from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import AdwardenError, ErrorCode, NetworkError, RateLimitedError
from adwarden.practice import limits as practice_limits
from adwarden.providers.http import Answer
from adwarden.providers.x import lookups
from tests.providers.x.conftest import Bench


def answer(body: object) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(200, {}, raw)


DOCUMENTED = {
    "start_time": "2016-07-22T04:24:04Z",
    "description": "Visa ending in 0650",
    "credit_limit_local_micro": 200000000,
    "end_time": None,
    "id": "lygyi",
    "entity_status": "ACTIVE",
    "account_id": "18k3m9q7w2a",
    "reasons_not_able_to_fund": [],
    "io_header": None,
    "currency": "USD",
    "funded_amount_local_micro": 645940000,
    "created_at": "2016-07-22T04:24:04Z",
    "type": "CREDIT_CARD",
    "able_to_fund": True,
    "updated_at": "2017-04-05T00:25:13Z",
    "credit_remaining_local_micro": None,
    "deleted": False,
}


def test_a_partial_answer_names_who_is_there_and_says_who_is_not() -> None:
    body = {
        "data": [{"id": "11", "name": "One", "username": "example_one"}],
        "errors": [{"value": "22", "title": "Not Found Error"}],
    }
    found = lookups.read_users(answer(body), ["11", "22"], 5.0)
    assert [(one.user_id, one.handle, one.name) for one in found] == [
        ("11", "example_one", "One"),
        ("22", "", ""),
    ]
    assert {one.fetched_at for one in found} == {5.0}


def test_nobody_there_is_an_answer_too() -> None:
    found = lookups.read_users(answer({"errors": [{"value": "22"}]}), ["22"], 5.0)
    assert [one.handle for one in found] == [""]


def test_who_was_not_asked_for_is_not_named() -> None:
    body = {"data": [{"id": "99", "username": "stranger"}, {"username": "nobody"}, 7]}
    assert [one.user_id for one in lookups.read_users(answer(body), ["1"], 0.0)] == ["1"]


def test_the_documented_funding_instrument() -> None:
    page = lookups.read_funding(answer({"data": [DOCUMENTED], "next_cursor": None}))
    (card,) = page.items
    assert (card.id, card.type, card.currency, card.able_to_fund) == (
        "lygyi", "CREDIT_CARD", "USD", True,
    )  # fmt: skip
    assert (card.credit_limit, card.credit_remaining, card.funded_amount) == (
        200_000_000, None, 645_940_000,
    )  # fmt: skip
    assert page.next_cursor == ""


def test_unknown_types_and_reasons_are_kept_and_amounts_may_be_text() -> None:
    odd = {
        "id": 7, "type": "BARTER", "able_to_fund": "yes", "credit_limit_local_micro": "12",
        "reasons_not_able_to_fund": ["MOON_PHASE", None, "MOON_PHASE"],
        "credit_remaining_local_micro": True, "funded_amount_local_micro": 1e300,
    }  # fmt: skip
    (one,) = lookups.read_funding(answer({"data": odd})).items
    assert (one.id, one.type, one.able_to_fund) == ("7", "BARTER", None)
    assert (one.credit_limit, one.credit_remaining, one.funded_amount) == (12, None, None)
    assert one.reasons == ("MOON_PHASE",)


def test_features_are_names_each_once() -> None:
    assert lookups.read_features(answer({"data": ["A", "B", "A", None, 3]})) == ("A", "B", "3")


@pytest.mark.parametrize("read", [lookups.read_funding, lookups.read_features])
def test_a_web_page_is_no_answer(read: Callable[[Answer], object]) -> None:
    with pytest.raises(NetworkError) as caught:
        read(answer(b"<html>200 OK</html>"))
    assert "web page" in caught.value.message


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(DOCUMENTED)), VALUES))
def test_any_instrument_is_read_or_left_out(item: dict[str, object]) -> None:
    for one in lookups.read_funding(answer({"data": [item, DOCUMENTED]})).items:
        assert one.id


@given(VALUES)
def test_any_body_is_read_or_refused_in_words(body: object) -> None:
    for read in (
        lookups.read_funding,
        lookups.read_features,
        lambda got: lookups.read_users(got, ["1"], 0.0),
    ):
        with suppress(NetworkError):
            assert read(answer(body)) is not None


# Against the practice server, which checks every signature


def test_the_three_calls_against_the_practice_server(bench: Bench) -> None:
    _, user = bench.connect("northwind_ads")
    page = bench.provider.accounts(bench.app, user)
    account = page.items[0].id
    users = bench.provider.promotable_users(bench.app, user, account).items
    ids = [one.user_id for one in users]
    found = bench.provider.users(bench.app, user, [*ids, "999999999999"])
    assert [one.user_id for one in found] == [*ids, "999999999999"]
    assert all(one.handle for one in found[:-1])
    assert found[-1].handle == ""
    for item in bench.provider.funding_instruments(bench.app, user, account).items:
        assert item.type.isupper()
        assert item.currency in ("USD", "EUR", "JPY")
    assert all(name.isupper() for name in bench.provider.features(bench.app, user, account))
    endpoints = {known.endpoint for known in bench.told}
    assert {"GET users", "GET funding_instruments", "GET features"} <= endpoints


def test_a_used_up_window_is_not_asked_again(bench: Bench) -> None:
    _, user = bench.connect("northwind_ads")
    bench.server.faults.limits.set(practice_limits.USERS, 1)
    bench.provider.users(bench.app, user, ["1"])
    asked = len(bench.server.journal.entries())
    with pytest.raises(RateLimitedError):
        bench.provider.users(bench.app, user, ["1"])
    assert len(bench.server.journal.entries()) == asked


def test_a_foreign_ad_account_is_refused_in_words(bench: Bench) -> None:
    _, user = bench.connect("northwind_ads")
    with pytest.raises(AdwardenError) as caught:
        bench.provider.features(bench.app, user, "nosuchaccount")
    assert caught.value.code is ErrorCode.NO_ACCESS
