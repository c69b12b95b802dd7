from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given

from adwarden.domain.errors import InputError
from adwarden.domain.handover import CredentialSet, Shape
from adwarden.domain.secret import MASK, Secret
from adwarden.services.handover.formats import FORMATS, Options, format_of, masked
from tests.services.handover.keys import (
    ALL,
    BEARER,
    FOUR,
    KEY,
    KEY_SECRET,
    OTHER_KEY,
    OTHER_KEY_SECRET,
    OTHER_TOKEN,
    OTHER_TOKEN_SECRET,
    OTHER_VALUES,
    TOKEN,
    TOKEN_SECRET,
    VALUES,
    secrets_of,
    sets,
)

OPTIONS = Options(
    url="https://ads-api.x.com/12/accounts", now=1_800_000_000.0, nonce="n1", app_name="agency"
)
TWURLRC = f"""\
# mine
profiles:
  contoso:
    {OTHER_KEY}:
      username: contoso
      consumer_key: {OTHER_KEY}
      consumer_secret: {OTHER_KEY_SECRET}
      token: {OTHER_TOKEN}
      secret: {OTHER_TOKEN_SECRET}
configuration:
  default_profile:
  - contoso
  - {OTHER_KEY}
"""


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_says_what_it_is(name: str) -> None:
    one = FORMATS[name]
    assert one.id == name
    assert one.title
    assert one.about.endswith(".")
    assert one.file_name
    assert (one.merge is not None) == (one.shape is Shape.MERGED)
    assert format_of(name) is one


@pytest.mark.parametrize("name", FORMATS)
def test_only_formats_with_secrets_have_secrets_in_them(name: str) -> None:
    text = FORMATS[name].render(ALL, OPTIONS)
    held = [value for value in (KEY_SECRET, TOKEN_SECRET, BEARER) if value in text]
    assert bool(held) == FORMATS[name].secret


@pytest.mark.parametrize("name", FORMATS)
def test_a_family_is_chosen_where_there_are_variables(name: str) -> None:
    texts = {
        FORMATS[name].render(ALL, replace(OPTIONS, family=family)) for family in ("x", "twitter")
    }
    assert len(texts) == (2 if FORMATS[name].families else 1)


def test_an_unknown_format_is_told_with_those_that_there_are() -> None:
    with pytest.raises(InputError) as caught:
        format_of("yaml")
    assert caught.value.field == "format"
    assert "twurlrc" in caught.value.remedy


@pytest.mark.parametrize("name", FORMATS)
@given(one=sets())
def test_a_preview_has_no_secret(name: str, one: CredentialSet) -> None:
    text = masked(FORMATS[name].render(one, OPTIONS), one)
    assert not any(value in text for value in secrets_of(one).values())
    assert "oauth_signature" not in text or f'oauth_signature="{MASK}"' in text


@pytest.mark.parametrize("name", FORMATS)
def test_all_seven_secrets_are_hidden_and_what_is_around_them_is_not(name: str) -> None:
    one = replace(ALL, app_name="agency")
    plain = FORMATS[name].render(one, OPTIONS)
    text = masked(plain, one)
    assert not any(value in text or quote(value, safe="") in text for value in VALUES)
    assert len(text.splitlines()) == len(plain.splitlines())
    if name == "postman":
        assert '"key": "consumer_key"' in text
    if not FORMATS[name].secret and name != "curl":
        assert text == plain


@pytest.mark.parametrize("secret", ["a\"b\\c'd", "x%2F y", "é☃ü-1", "tab\there"])
def test_secrets_of_odd_characters_are_hidden_in_each_way_of_writing_them(secret: str) -> None:
    one = replace(FOUR, token_secret=Secret(secret))
    for name in ("json", "postman", "tap", "curl"):
        text = masked(FORMATS[name].render(one, OPTIONS), one)
        assert secret not in text
        assert "☃" not in text


def test_what_others_have_in_a_merged_file_is_hidden_as_well() -> None:
    merge = FORMATS["twurlrc"].merge
    assert merge is not None
    new = merge(TWURLRC, FOUR, OPTIONS)
    assert OTHER_TOKEN_SECRET in new
    assert TOKEN_SECRET in new
    text = masked(new, FOUR, shared=True)
    assert not any(value in text for value in (*OTHER_VALUES, KEY, KEY_SECRET, TOKEN, TOKEN_SECRET))
    assert "# mine" in text
    assert "username: contoso" in text
    assert "username: northwind_ads" in text


@pytest.mark.parametrize(
    "line",
    [
        "refresh_token: abc-def.ghi", "  secret: 'short'", '"access_token": "odd value"',
        "api_key=12345678", "Authorization: Bearer x" + BEARER,
    ],
)  # fmt: skip
def test_secrets_of_others_are_known_by_their_names(line: str) -> None:
    text = masked(line, FOUR)
    assert MASK in text
    for part in ("abc-def", "short", "odd", "12345678", BEARER[30:60]):
        assert part not in text


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "token" * 10**5, "a_" * 10**5 + "key: ", "= " * 10**5]
)
def test_a_preview_of_a_large_file_takes_a_moment(text: str) -> None:
    begun = time.perf_counter()
    masked(text, ALL)
    assert time.perf_counter() - begun < 10  # far below a second; twice as long would not tell


def test_the_table_loads_no_format_and_no_signer() -> None:
    script = (
        "import sys; import adwarden.services.handover.formats; "
        "print([name for name in sys.modules if name.startswith(('oauthlib', 'ruamel', 'requests'))"
        " or name.endswith(('.xurl', '.twurlrc', '.curl', '.env'))])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
