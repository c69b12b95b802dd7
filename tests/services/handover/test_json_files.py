from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet
from adwarden.services.handover import json_files
from tests.services.handover.keys import (
    ALL,
    FOUR,
    KEY,
    KEY_SECRET,
    OTHER_KEY,
    OTHER_KEY_SECRET,
    OTHER_TOKEN,
    OTHER_TOKEN_SECRET,
    TOKEN,
    TOKEN_SECRET,
    VALUES,
    four_of,
    only,
    secrets_of,
    sets,
    words_of,
)

OURS = (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)
OTHERS = (OTHER_KEY, OTHER_KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET)

SHAPES: dict[str, Any] = {
    "python ads sdk": {
        "consumer_key": KEY, "consumer_secret": KEY_SECRET, "access_token": TOKEN,
        "access_token_secret": TOKEN_SECRET, "options": {"sandbox": True, "retry_max": 3},
    },
    "tap": {
        "start_date": "2026-01-01T00:00:00Z", "user_agent": "tap <a@b.example>",
        "consumer_key": KEY, "consumer_secret": KEY_SECRET, "access_token": TOKEN,
        "access_token_secret": TOKEN_SECRET, "account_ids": "18ce54d4x5t",
        "reports": [{"name": "campaigns", "segment": "GENDER"}],
    },
    "twitter-api-v2": {
        "appKey": KEY, "appSecret": KEY_SECRET, "accessToken": TOKEN, "accessSecret": TOKEN_SECRET
    },
    "xdk": {
        "api_key": KEY, "api_secret": KEY_SECRET, "access_token": TOKEN,
        "access_token_secret": TOKEN_SECRET,
    },
    "requests-oauthlib": {
        "client_key": KEY, "client_secret": KEY_SECRET, "resource_owner_key": TOKEN,
        "resource_owner_secret": TOKEN_SECRET,
    },
    "postman's names": {
        "consumerKey": KEY, "consumerSecret": KEY_SECRET, "token": TOKEN,
        "tokenSecret": TOKEN_SECRET,
    },
    "twurl's names": {
        "username": "northwind_ads", "consumer_key": KEY, "consumer_secret": KEY_SECRET,
        "token": TOKEN, "secret": TOKEN_SECRET,
    },
    "nested": {"x": {"consumer": {"key": KEY, "secret": KEY_SECRET},
                     "access": {"token": TOKEN, "secret": TOKEN_SECRET}}},
    "app and user": {"app": {"key": KEY, "secret": KEY_SECRET},
                     "user": {"oauth_token": TOKEN, "oauth_token_secret": TOKEN_SECRET}},
    "pairs": [{"name": "X_API_KEY", "value": KEY}, {"name": "X_API_SECRET", "value": KEY_SECRET},
              {"name": "X_ACCESS_TOKEN", "value": TOKEN},
              {"name": "X_ACCESS_TOKEN_SECRET", "value": TOKEN_SECRET}],
    "variables": {"env": {"TWITTER_CONSUMER_KEY": KEY, "TWITTER_CONSUMER_SECRET": KEY_SECRET,
                          "TWITTER_ACCESS_TOKEN": TOKEN,
                          "TWITTER_ACCESS_TOKEN_SECRET": TOKEN_SECRET}},
}  # fmt: skip


@pytest.mark.parametrize("document", SHAPES.values(), ids=SHAPES)
def test_each_shape_of_the_field_is_read(document: object) -> None:
    taken = json_files.read(json.dumps(document))
    assert four_of(only(taken)) == OURS
    assert taken.format == "json"
    assert taken.remarks == ()


@given(sets())
def test_our_own_form_comes_back_whole(one: CredentialSet) -> None:
    back = only(json_files.read(json_files.render_json(one)))
    assert secrets_of(back) == secrets_of(one)
    assert (back.handle, back.user_id) == (one.handle, one.user_id)


def test_our_own_form_has_each_of_its_keys_always() -> None:
    keys = [
        "format", "version", "app_name", "api_key", "api_key_secret", "bearer_token", "client_id",
        "client_secret", "handle", "user_id", "access_token", "access_token_secret", "account_id",
    ]  # fmt: skip
    for one in (ALL, FOUR, CredentialSet()):
        document = json.loads(json_files.render_json(one))
        assert list(document) == keys
        assert (document["format"], document["version"]) == ("adwarden-credentials", 1)
        assert all(key in (json_files.__doc__ or "") for key in keys)
    back = only(json_files.read(json_files.render_json(ALL)))
    assert secrets_of(back) == secrets_of(ALL)
    assert back.account_id == ALL.account_id


@given(sets())
def test_the_config_of_the_tap_comes_back(one: CredentialSet) -> None:
    text = json_files.render_tap(one, 1_800_000_000.0)
    assert secrets_of(only(json_files.read(text))) == secrets_of(one)


def test_the_config_of_the_tap_has_what_the_tap_demands() -> None:
    document = json.loads(json_files.render_tap(ALL, 1_800_000_000.0))
    assert document["start_date"] == "2026-12-16T00:00:00Z"
    assert document["account_ids"] == "18ce54d4x5t"
    assert {"consumer_key", "consumer_secret", "access_token", "access_token_secret"} < set(
        document
    )


def test_several_sets_in_one_document() -> None:
    app = {"name": "Agency", "consumer_key": KEY, "consumer_secret": KEY_SECRET}
    document = {
        "app": app,
        "users": [
            {"screen_name": "@one", "oauth_token": TOKEN, "oauth_token_secret": TOKEN_SECRET},
            {"screen_name": "two", "token": OTHER_TOKEN, "secret": OTHER_TOKEN_SECRET},
        ],
    }
    one, two = json_files.read(json.dumps(document)).sets
    assert four_of(one) == OURS
    assert four_of(two) == (KEY, KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET)
    assert (one.handle, two.handle) == ("one", "two")
    assert (one.app_name, two.app_name) == ("Agency", "Agency")
    assert (one.at, two.at) == ("the object users › 1", "the object users › 2")


def test_each_object_is_a_set_of_its_own() -> None:
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    document = {
        "northwind": dict(zip(names, OURS, strict=True)),
        "contoso": dict(zip(names, OTHERS, strict=True)),
    }
    assert [four_of(one) for one in json_files.read(json.dumps(document)).sets] == [OURS, OTHERS]


def test_the_order_of_names_is_of_no_importance() -> None:
    for seed in range(10):
        pairs = list(SHAPES["twurl's names"].items())
        random.Random(seed).shuffle(pairs)
        assert four_of(only(json_files.read(json.dumps(dict(pairs))))) == OURS


def test_a_name_that_stands_twice_is_told() -> None:
    text = f'{{"consumer_key": "{OTHER_KEY}", "consumer_key": "{KEY}"}}'
    taken = json_files.read(text)
    assert only(taken).api_key.unwrap() == KEY
    assert "twice" in taken.remarks[0]


@pytest.mark.parametrize(
    "text",
    [
        "{", "", "nope", "[" * 100_000, '{"a":' * 100_000, f'{{"consumer_key": "{KEY}",}}',
        '{"consumer_key": 1' + "9" * 5000 + "}", f"{{'consumer_key': '{KEY}'}}", "\ud800",
    ],
    ids=["open", "empty", "word", "deep list", "deep object", "comma", "number", "quotes", "half"],
)  # fmt: skip
def test_what_is_no_json_is_told_without_a_piece_of_it(text: str) -> None:
    with pytest.raises(InputError) as caught:
        json_files.read(text)
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY not in str(error)
        assert KEY not in repr(error.__dict__)
        error = error.__cause__ or error.__context__


def test_deep_but_readable_nesting_ends_somewhere() -> None:
    document: object = {"consumer_key": KEY}
    for _ in range(200):
        document = {"a": document}
    assert json_files.read(json.dumps(document)).sets == ()


@pytest.mark.parametrize(
    "document",
    [None, 1, "text", [], {}, [[[]]], {"name": "a", "token": "abc"}, {"key": 1, "secret": 2},
     {"oauth2_tokens": {"a": {"access_token": TOKEN}}}],
)  # fmt: skip
def test_what_is_not_of_x_gives_nothing(document: object) -> None:
    assert json_files.read(json.dumps(document)).sets == ()


@pytest.mark.parametrize("value", VALUES[:4])
def test_a_secret_in_place_of_a_name_is_not_repeated(value: str) -> None:
    document = {value: {"consumer_key": KEY, "consumer_secret": KEY_SECRET}}
    assert value not in words_of(json_files.read(json.dumps(document)))
