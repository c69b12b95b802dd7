from __future__ import annotations

import base64
import hashlib
import hmac
import re
import shlex
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.errors import InputError
from adwarden.domain.handover import NONE, CredentialSet
from adwarden.services.handover import curl
from tests.services.handover.keys import ALL, FOUR, KEY, KEY_SECRET, TOKEN, TOKEN_SECRET

URL = "https://ads-api.x.com/12/accounts?account_ids=18ce54d4x5t%2C18ce&count=5"
NOW = 1_800_000_000.0


def header_in(command: str) -> dict[str, str]:
    words = shlex.split(command, comments=True)
    header = words[words.index("--header") + 1]
    assert header.startswith("Authorization: OAuth ")
    return dict(re.findall(r'(\w+)="([^"]*)"', header))


def signature_of(method: str, url: str, fields: dict[str, str]) -> str:
    """Return what X's documentation says, step by step, with nothing of oauthlib."""

    def encoded(text: str) -> str:
        return quote(text, safe="-._~")

    parts = urlsplit(url)
    signed = {name: unquote(value) for name, value in fields.items() if name != "oauth_signature"}
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *signed.items()]
    joined = "&".join(f"{a}={b}" for a, b in sorted((encoded(a), encoded(b)) for a, b in pairs))
    base = "&".join(
        (method, encoded(f"{parts.scheme}://{parts.netloc}{parts.path}"), encoded(joined))
    )
    key = f"{encoded(KEY_SECRET)}&{encoded(TOKEN_SECRET)}"
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@pytest.mark.parametrize("method", curl.METHODS)
@pytest.mark.parametrize(
    "url",
    [URL, "https://ads-api.x.com/12/accounts", f"{URL}&q=a%20b%3Ac", "http://127.0.0.1:9/a?b"],
)
def test_the_header_is_signed_as_x_documents_it(method: str, url: str) -> None:
    command = curl.render(FOUR, method, url, NOW, "abc123")
    fields = header_in(command)
    assert unquote(fields["oauth_signature"]) == signature_of(method, url, fields)
    assert fields["oauth_timestamp"] == "1800000000"
    assert fields["oauth_nonce"] == "abc123"
    assert (fields["oauth_consumer_key"], fields["oauth_token"]) == (KEY, TOKEN)
    words = shlex.split(command, comments=True)
    assert (words[0], words[-1]) == ("curl", url)
    assert words[words.index("--request") + 1] == method


def test_no_secret_is_in_it_and_it_says_until_when_it_is_good() -> None:
    command = curl.render(ALL, "get", URL, NOW, "abc123")
    assert KEY_SECRET not in command
    assert TOKEN_SECRET not in command
    assert "08:05:00 UTC" in command
    assert "this one request" in command


def test_a_nonce_is_made_where_none_is_given() -> None:
    made = {header_in(curl.render(FOUR, "GET", URL, NOW))["oauth_nonce"] for _ in range(3)}
    assert len(made) == 3


@pytest.mark.parametrize(
    "url",
    [
        "", "ads-api.x.com/12/accounts", "http://ads-api.x.com/12", "ftp://x.com", "https://",
        "https://x.com/a b", "https://x.com/é", "https://x.com/?q=a b", "https://x.com/?q=<a>",
        "https://u:p@x.com/", "https://x.com/#a", "https://x.com:99999/", "https://[x/",
        "https://x.com/?q=%zz", "https://x.com/\n-o/tmp/a",
    ],
)  # fmt: skip
def test_what_cannot_be_signed_is_told_without_repeating_it(url: str) -> None:
    with pytest.raises(InputError) as caught:
        curl.render(FOUR, "GET", url, NOW, "n")
    assert caught.value.field == "url"
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@given(st.text(max_size=60))
def test_any_address_is_signed_or_refused_and_stays_one_word(text: str) -> None:
    url = f"https://ads-api.x.com/12/{text}"
    try:
        command = curl.render(FOUR, "GET", url, NOW, "n")
    except InputError:
        return
    assert shlex.split(command, comments=True)[-1] == url


def test_a_shell_gives_curl_the_address_as_it_is() -> None:
    command = curl.render(FOUR, "GET", "https://ads-api.x.com/12/a'$(id)?b=c'd", NOW, "n")
    assert shlex.split(command, comments=True)[-1] == "https://ads-api.x.com/12/a'$(id)?b=c'd"


def test_an_unknown_method_is_told() -> None:
    with pytest.raises(InputError) as caught:
        curl.render(FOUR, "GET -o x", URL, NOW)
    assert caught.value.field == "method"


@pytest.mark.parametrize(
    "one",
    [
        replace(FOUR, api_key=NONE),
        replace(FOUR, api_secret=NONE),
        replace(FOUR, token=NONE),
        replace(FOUR, token_secret=NONE),
    ],
)
def test_a_set_that_is_not_whole_is_told(one: CredentialSet) -> None:
    with pytest.raises(InputError):
        curl.render(one, "GET", URL, NOW)
