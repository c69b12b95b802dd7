from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.handover import CredentialSet
from adwarden.services.handover import free_text
from adwarden.services.handover.assembling import DOUBTFUL
from tests.services.handover.keys import (
    BEARER,
    CLIENT_ID,
    CLIENT_SECRET,
    KEY,
    KEY_SECRET,
    OTHER_KEY,
    OTHER_KEY_SECRET,
    OTHER_TOKEN,
    OTHER_TOKEN_SECRET,
    TOKEN,
    TOKEN_SECRET,
    four_of,
    only,
    secrets_of,
    sets,
)

OURS = (KEY, KEY_SECRET, TOKEN, TOKEN_SECRET)
OTHERS = (OTHER_KEY, OTHER_KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET)
OLD_SECRET = KEY_SECRET[:44]
"""Of a length that secrets of apps and of tokens have both had."""
OLD_TOKEN_SECRET = TOKEN_SECRET[:42]
OLD = (KEY, OLD_SECRET, TOKEN, OLD_TOKEN_SECRET)
ORDERS = tuple(itertools.permutations(range(4)))
LABELS = ("API key", "API key secret", "Access token", "Access token secret")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("between", ["\n", " ", ", ", "\r\n\r\n", " | "])
def test_four_values_in_any_order(order: tuple[int, ...], between: str) -> None:
    text = between.join(OURS[at] for at in order)
    assert four_of(only(free_text.read(f"Hi, these are ours: {text} bye"))) == OURS


@given(sets(), st.randoms(use_true_random=False), st.booleans())
def test_any_four_values_are_right_whatever_their_order(
    one: CredentialSet, chance: random.Random, with_words: bool
) -> None:
    values = list(four_of(one))
    chance.shuffle(values)
    words = "and then there is " if with_words else ""
    assert four_of(only(free_text.read("\n".join(words + value for value in values)))) == four_of(
        one
    )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "style",
    ["{}: {}\n", "{}\n{}\n\n", "{} = '{}',\n", "- {} {}\n", "{}: {}  ", "**{}**: `{}`\n"],
)
def test_labels_tell_what_shapes_cannot(order: tuple[int, ...], style: str) -> None:
    text = "".join(style.format(LABELS[at], OLD[at]) for at in order)
    assert four_of(only(free_text.read(text))) == OLD


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("between", ["\n", ", "])
def test_labels_behind_the_values(order: tuple[int, ...], between: str) -> None:
    text = between.join(f"{OLD[at]} ({LABELS[at].lower()})" for at in order)
    assert four_of(only(free_text.read(text))) == OLD


@pytest.mark.parametrize("order", ORDERS)
def test_secrets_that_nothing_tells_apart_are_left_out(order: tuple[int, ...]) -> None:
    taken = free_text.read("\n".join(OLD[at] for at in order))
    assert secrets_of(only(taken)) == {"api_key": KEY, "token": TOKEN}
    assert taken.remarks == (free_text.UNCLEAR,)


def test_a_label_in_between_that_may_belong_to_either_side_decides_nothing() -> None:
    text = f"{KEY} {TOKEN} {OLD_SECRET} consumer secret {OLD_TOKEN_SECRET} thanks"
    found = secrets_of(only(free_text.read(text)))
    assert found.get("api_secret", OLD_SECRET) == OLD_SECRET
    assert found.get("token_secret", OLD_TOKEN_SECRET) == OLD_TOKEN_SECRET


def test_the_page_that_shows_them_once() -> None:
    text = f"""
    API Key and Secret
    API Key
    {KEY}
    API Key Secret
    {KEY_SECRET}
    Bearer Token
    {BEARER}
    Access Token & Secret
    {TOKEN}
    {TOKEN_SECRET}
    OAuth 2.0 Client ID and Client Secret
    Client ID
    {CLIENT_ID}
    Client Secret
    {CLIENT_SECRET}
    """
    assert secrets_of(only(free_text.read(text))) == {
        "api_key": KEY, "api_secret": KEY_SECRET, "token": TOKEN, "token_secret": TOKEN_SECRET,
        "bearer": BEARER, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    }  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        "new TwitterApi({{appKey: '{}', appSecret: '{}', accessToken: '{}', accessSecret: '{}'}})",
        'OAuth1UserHandler(\n  consumer_key="{}", consumer_secret="{}",\n  access_token="{}", '
        'access_token_secret="{}")',
        "<key>ConsumerKey</key><string>{}</string><key>ConsumerSecret</key><string>{}</string>"
        "<key>AccessToken</key><string>{}</string><key>AccessTokenSecret</key><string>{}</string>",
        "consumer key={}&consumer secret={}&oauth_token={}&oauth_token_secret={}",
    ],
)
def test_a_piece_of_a_program(code: str) -> None:
    assert four_of(only(free_text.read(code.format(*OLD)))) == OLD


def test_rows_of_several_users() -> None:
    text = f"{KEY} {KEY_SECRET} {TOKEN} {TOKEN_SECRET}\n{OTHER_TOKEN} {OTHER_TOKEN_SECRET}"
    assert [four_of(one) for one in free_text.read(text).sets] == [
        OURS,
        (KEY, KEY_SECRET, OTHER_TOKEN, OTHER_TOKEN_SECRET),
    ]
    text = " ".join((*OURS, *OTHERS))
    assert [four_of(one) for one in free_text.read(text).sets] == [OURS, OTHERS]


@pytest.mark.parametrize(
    "text",
    [
        f"tokens: {TOKEN} {OTHER_TOKEN} secrets: {TOKEN_SECRET} {OTHER_TOKEN_SECRET}",
        f"access token: {TOKEN}\naccess token: {OTHER_TOKEN}\n"
        f"access token secret: {TOKEN_SECRET}\naccess token secret: {OTHER_TOKEN_SECRET}\n",
    ],
)
def test_columns_are_never_read_as_rows(text: str) -> None:
    taken = free_text.read(text)
    assert not any(one.token_secret for one in taken.sets)
    assert {one.token.unwrap() for one in taken.sets} == {TOKEN, OTHER_TOKEN}
    assert taken.remarks


APPS = (*OURS[:2], *OTHERS[:2])
TOKENS = (*OURS[2:], *OTHERS[2:])


@pytest.mark.parametrize(
    "values",
    [
        (*APPS, *TOKENS),
        (*TOKENS, *APPS),
        (*APPS, *OURS[2:]),
        (*OURS[2:], *APPS),
        (*OURS[2:], *APPS, *OTHERS[2:]),
        # The app of the first two stands there twice, which says less than it seems to.
        (*OURS, *OURS[:2], *OTHERS[2:], *OTHERS[:2]),
    ],
)
@pytest.mark.parametrize("label", ["", "{} "])
def test_apps_and_tokens_that_are_listed_apart_are_not_paired(
    values: tuple[str, ...], label: str
) -> None:
    names = dict(zip((*OURS, *OTHERS), LABELS * 2, strict=True))
    taken = free_text.read("\n".join(label.format(names[one]) + one for one in values))
    found = [secrets_of(one) for one in taken.sets]
    assert not any({"api_key", "token"} <= one.keys() for one in found)
    assert {one["api_secret"] for one in found if one.get("api_key") == KEY} == {KEY_SECRET}
    assert {one["token_secret"] for one in found if one.get("token") == TOKEN} == {TOKEN_SECRET}
    assert DOUBTFUL in taken.remarks
    places = [one.at for one in taken.sets]
    assert len(set(places)) == len(places)
    assert {place.split()[0] for place in places} == {"app", "token"}


def test_a_bearer_token_among_several_apps_is_of_none() -> None:
    taken = free_text.read("\n".join((*APPS, BEARER)))
    assert [secrets_of(one).keys() for one in taken.sets] == [{"api_key", "api_secret"}] * 2
    assert taken.remarks == (free_text.UNCLAIMED,)


def test_a_value_that_stands_there_twice_counts_once() -> None:
    text = "\n".join((*OURS, *OURS, KEY))
    assert four_of(only(free_text.read(text))) == OURS


@pytest.mark.parametrize("quote", ["'", '"', "`"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_value_at_the_end_whose_quote_is_missing_is_left_out(quote: str, end: str) -> None:
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    text = ", ".join(
        f"{name}: {quote}{value}{quote}" for name, value in zip(names, OURS, strict=True)
    )
    assert four_of(only(free_text.read(text + end))) == OURS
    taken = free_text.read(text[:-4] + end)
    assert secrets_of(only(taken)).keys() == {"api_key", "api_secret", "token"}
    assert taken.remarks == (free_text.CUT,)


def test_a_label_that_a_look_contradicts_is_told() -> None:
    taken = free_text.read(f"API key: {TOKEN}\nAccess token secret: {TOKEN_SECRET}")
    assert secrets_of(only(taken)) == {"token": TOKEN, "token_secret": TOKEN_SECRET}
    assert taken.remarks == (free_text.MISLABELLED,)


def test_a_signed_header_has_a_key_and_a_token_and_no_secret() -> None:
    text = (
        f'Authorization: OAuth oauth_consumer_key="{KEY}", oauth_nonce="{TOKEN_SECRET}", '
        f'oauth_signature="tnnArxj06cWHq44gCs1OSKk%2FjLY%3D", oauth_token="{TOKEN}"'
    )
    assert secrets_of(only(free_text.read(text))) == {"api_key": KEY, "token": TOKEN}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nothing at all.",
        "commit 8473ac0bbd1f0b1fd1f6ac5b3a8e2d4f5a6b7c8d of internationalization",
        "https://x.com/northwind_ads/status/1585841080431321088",
        "handleAuthenticationFlowOfX",
        "550e8400-e29b-41d4-a716-446655440000",
        KEY,  # one text that looks like a key proves nothing
        "sha: Ab3" + "d" * 37,
    ],
)
def test_other_texts_give_nothing(text: str) -> None:
    assert free_text.read(text).sets == ()


def test_an_app_alone_and_a_token_alone() -> None:
    assert secrets_of(only(free_text.read(f"{KEY_SECRET} {KEY}"))) == {
        "api_key": KEY,
        "api_secret": KEY_SECRET,
    }
    assert secrets_of(only(free_text.read(f"{TOKEN_SECRET} {TOKEN}"))) == {
        "token": TOKEN,
        "token_secret": TOKEN_SECRET,
    }
