from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.key_shapes import MAX_PASTE, Weight, clean
from adwarden.domain.token_shapes import advise_token, read_pair, user_of_token

ALPHANUMERIC = string.ascii_letters + string.digits
IDS = st.integers(1, 10**20 - 1).map(str)
TOKENS = st.builds("{}-{}".format, IDS, st.text(ALPHANUMERIC, min_size=30, max_size=50))
SECRETS = st.text(ALPHANUMERIC, min_size=40, max_size=45)
API_SECRETS = st.text(ALPHANUMERIC, min_size=50, max_size=50)
API_KEYS = st.text(ALPHANUMERIC, min_size=25, max_size=25)

TOKEN = "891340027715584001-" + "a1B2c3D4e5" * 4
SECRET = "s" * 45


@given(TOKENS, SECRETS)
def test_a_right_pair_needs_no_word(token: str, secret: str) -> None:
    assert advise_token(token, secret) == ()
    assert advise_token(token, secret, user_id=user_of_token(token)) == ()
    assert user_of_token(token) == token.partition("-")[0]


@given(TOKENS, SECRETS)
def test_exchanged_fields_can_be_exchanged_back(token: str, secret: str) -> None:
    (advice,) = advise_token(secret, token)
    assert advice.swap
    assert advice.weight is Weight.CERTAIN


@given(TOKENS, SECRETS, IDS)
def test_another_users_token_is_certainly_wrong(token: str, secret: str, user_id: str) -> None:
    found = advise_token(token, secret, user_id=user_id, handle="@contoso")
    wrong = user_of_token(token) != user_id
    assert [one.weight for one in found] == [Weight.CERTAIN] * wrong
    if wrong:
        assert "@contoso" in found[0].words
        assert token not in found[0].words


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=30))
def test_whatever_is_typed_is_borne_and_never_repeated(
    token: str, secret: str, user_id: str
) -> None:
    for advice in advise_token(token, secret, user_id=user_id):
        assert advice.field in ("token", "secret")
        assert advice.words
        for typed in (token, secret):
            assert len(typed) < 25 or typed not in advice.words


@given(st.text(ALPHANUMERIC, min_size=1, max_size=200))
def test_lengths_warn_and_never_refuse(secret: str) -> None:
    for advice in advise_token(TOKEN, secret):
        assert advice.weight is Weight.HINT


@pytest.mark.parametrize(
    ("token", "secret", "field", "words"),
    [
        ("A" * 22 + "b" * 30 + "%2F" + "c" * 30, SECRET, "token", "bearer token"),
        ("k" * 25, SECRET, "token", "API key"),
        ("x" * 80, SECRET, "token", "user’s id and a dash"),
        (TOKEN, TOKEN, "secret", "same text"),
        (TOKEN, "x" * 50, "secret", "API key secret"),
        (TOKEN, "x" * 20, "secret", "20 characters"),
        (TOKEN, "x" * 20 + "%" + "y" * 24, "secret", "letters and digits"),
        (TOKEN, "12-" + "a" * 40, "secret", "access token as well"),
    ],
)
def test_mix_ups_are_named(token: str, secret: str, field: str, words: str) -> None:
    found = advise_token(token, secret)
    assert [one.field for one in found] == [field]
    assert words in found[0].words


PASTES = (
    "Access Token\n{token}\nAccess Token Secret\n{secret}\n",
    "ACCESS_TOKEN={token}\nACCESS_TOKEN_SECRET={secret}",
    'export X_ACCESS_TOKEN="{token}"\nexport X_ACCESS_TOKEN_SECRET="{secret}"\n',
    '{{"access_token": "{token}", "token_secret": "{secret}"}}',
    "access_token: {token}, access_token_secret: {secret}",
    "{token} {secret}",
)


@given(TOKENS, SECRETS, st.sampled_from(PASTES))
def test_a_pasted_pair_is_taken_apart(token: str, secret: str, form: str) -> None:
    found = read_pair(form.format(token=token, secret=secret))
    assert found is not None
    assert (found.token, found.secret) == (token, secret)
    assert token not in repr(found)
    assert secret not in repr(found)


@given(TOKENS, SECRETS, API_KEYS, API_SECRETS)
def test_of_a_whole_file_the_tokens_own_secret_is_taken(
    token: str, secret: str, key: str, api_secret: str
) -> None:
    text = (
        f"API_KEY={key}\nAPI_SECRET={api_secret}\n"
        f"ACCESS_TOKEN={token}\nACCESS_TOKEN_SECRET={secret}\n"
    )
    found = read_pair(text)
    assert found is not None
    assert (found.token, found.secret) == (token, secret)


@given(TOKENS, TOKENS, SECRETS)
def test_what_is_not_one_pair_is_left_as_it_is(one: str, other: str, secret: str) -> None:
    assert read_pair(one) is None
    assert read_pair(secret) is None
    if one != other:
        assert read_pair(f"{one} {other} {secret}") is None


@given(st.text(max_size=2 * MAX_PASTE))
def test_any_paste_is_read_or_left(text: str) -> None:
    found = read_pair(text)
    if found is not None:
        assert clean(found.token).text == found.token
        assert user_of_token(found.token)
