from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.services.handover.env import FAMILIES
from adwarden.services.handover.naming import (
    BASES,
    is_example,
    recognise,
    safe_name,
    value_of,
    words_of,
)
from tests.services.handover.keys import PLAIN_NAMES, VALUES


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CONSUMER_KEY", "consumer key"), ("consumerKey", "consumer key"),
        ("Consumer key:", "consumer key"), ("oauth-token", "oauth token"),
        ("OAuthToken", "oauth token"), ("x.api.key", "x api key"), ("", ""), ("  ", ""),
    ],
)  # fmt: skip
def test_a_name_is_its_words_however_they_are_joined(name: str, words: str) -> None:
    assert " ".join(words_of(name)) == words


@pytest.mark.parametrize("family", FAMILIES)
def test_every_name_of_every_family_means_its_field(family: str) -> None:
    for field, name in FAMILIES[family].names.items():
        found = recognise(name)
        assert found is not None
        assert found.field == field


@pytest.mark.parametrize(
    ("name", "field", "prefix", "suffix"),
    [
        ("X_ADS_API_KEY", "api_key", "x ads", ""),
        ("X_OAUTH_CONSUMER_SECRET", "api_secret", "x", ""),
        ("ACCESS_TOKEN_SECRET_2", "token_secret", "", "2"),
        ("northwindAccessToken", "token", "northwind", ""),
        ("TWITTER_SECRET", "secret", "twitter", ""),
        ("API_SECRET_KEY", "api_secret", "", ""),
        ("API_KEY_SECRET", "api_secret", "", ""),
        ("ACCESS_TOKEN_SECRET_KEY", "token_secret", "", ""),
        ("OAUTH2_CLIENT_ID", "client_id", "", ""),
    ],
)
def test_a_name_is_told_from_what_is_around_it(
    name: str, field: str, prefix: str, suffix: str
) -> None:
    found = recognise(name)
    assert found is not None
    assert (found.field, " ".join(found.prefix), " ".join(found.suffix)) == (field, prefix, suffix)


@pytest.mark.parametrize(
    "name",
    [
        "", "TOKEN", "KEY", "SECRET", "REFRESH_TOKEN", "X_REFRESH_ACCESS_TOKEN",
        "OAUTH2_ACCESS_TOKEN", "oauth_2_access_token", "ACCESS_TOKEN_URL", "API_KEY_ID",
        "AWS_SECRET_ACCESS_KEY", "TUMBLR_CONSUMER_KEY", "DATABASE_USERNAME", "REQUEST_TOKEN",
        "a" * 1000, "CONSUMER" , "MY_SECRET",
    ],
)  # fmt: skip
def test_other_names_are_none_of_ours(name: str) -> None:
    assert recognise(name) is None


def test_short_names_count_where_nothing_else_is_in_the_object() -> None:
    found = recognise("secret", weak=True)
    assert found is not None
    assert found.weak
    assert recognise("my secret", weak=True) is None


@given(st.sampled_from(VALUES), st.sampled_from(["", " ", "\n", "\ufeff", "\u200b"]))
def test_no_real_value_is_taken_for_an_example(value: str, around: str) -> None:
    assert value_of(around + value + around) == value
    assert not is_example(value)


@given(st.text(max_size=60))
def test_a_value_has_no_blanks_and_nothing_invisible(text: str) -> None:
    value = value_of(text)
    assert value.isprintable()
    assert not any(map(str.isspace, value))


@pytest.mark.parametrize("name", [*BASES, *PLAIN_NAMES])
def test_plain_names_are_shown(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize("name", [*VALUES, "", " ", "a" * 41, "Key " + VALUES[0]])
def test_what_may_be_a_secret_is_not_shown_for_a_name(name: str) -> None:
    assert safe_name(name) == "a name"


def test_a_name_acts_nowhere() -> None:
    assert safe_name("a\n\x1b[2J\u202eb") == "a␊␛[2J�b"
