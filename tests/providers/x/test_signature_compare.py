from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849.signature import sign_hmac_sha1_with_client

from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.domain.tried import Comparison, Explained, Part, Verdict
from adwarden.providers.x.pasted_request import LONGEST, read
from adwarden.providers.x.signature import Keys, prepared
from adwarden.providers.x.signature_compare import compare

KEY, SECRET = "xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"
TOKEN = "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"
OWNER = "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"
KEYS = Keys(
    Credential("x-app", {"key": Secret(KEY), "secret": Secret(SECRET)}),
    Credential("x-oauth1-token", {"token": Secret(TOKEN), "secret": Secret(OWNER)}),
)
HOST = "https://ads-api.x.com"
URL = f"{HOST}/12/accounts/18ce54/campaigns?q=a%20b%3A%20c%2Cd&count=5"
PATH_URL = URL.partition("?")[0]
PLAIN_URL = f"{HOST}/12/accounts"

OTHERS = ("zzNothingSecret9zz", "999-zzNothingToken9zz")


def ours(url: str = URL, method: str = "GET") -> Explained:
    return prepared(KEYS, method, url)


def header(
    url: str = URL,
    method: str = "GET",
    *,
    key: str = KEY,
    secret: str = SECRET,
    token: str | None = TOKEN,
    owner: str = OWNER,
    **more: str,
) -> str:
    """Sign as a program elsewhere does, rightly or wrongly."""
    client = Client(
        key,
        client_secret=secret,
        resource_owner_key=token,
        resource_owner_secret=owner,
        **cast("Any", more),
    )
    _, headers, _ = client.sign(url, cast("Any", method))
    return str(headers["Authorization"])


def by_hand(base: str, fields: dict[str, str]) -> str:
    """Sign a base string that was put together wrongly."""
    signer = Client(KEY, client_secret=SECRET, resource_owner_secret=OWNER)
    fields = {**fields, "oauth_signature": sign_hmac_sha1_with_client(base, signer)}
    return "OAuth " + ", ".join(f'{a}="{quote(b, safe="~")}"' for a, b in fields.items())


FIELDS = {
    "oauth_consumer_key": KEY,
    "oauth_nonce": "abc123",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": "1700000000",
    "oauth_token": TOKEN,
    "oauth_version": "1.0",
}


def wrong_base(parameters: str, *, method: str = "GET", url: str = URL.partition("?")[0]) -> str:
    return by_hand(f"{method}&{quote(url, safe='')}&{quote(parameters, safe='~')}", FIELDS)


def joined(pairs: list[tuple[str, str]], safe: str) -> str:
    return "&".join(f"{a}={quote(b, safe=safe)}" for a, b in pairs)


QUERY = [("q", "a b: c,d"), ("count", "5")]
OAUTH = list(FIELDS.items())
SORTED = sorted(QUERY + OAUTH)


def parts(found: Comparison) -> set[Part]:
    return {one.part for one in found.differences if not one.harmless}


def leaks_nothing(found: Comparison, *more: str) -> None:
    for secret in (KEY, SECRET, TOKEN, OWNER, *OTHERS, *more):
        assert secret not in found.text
        assert secret not in repr(found)


def test_a_right_header_is_right_however_it_is_written() -> None:
    right = header()
    for text in (
        right,
        right.removeprefix("OAuth "),
        f"Authorization: {right}",
        f"authorization:{right}\r\nAccept: */*\r\n\r\nbody=1",
        right.replace(", ", ",\n    "),
        right.replace("OAuth", "oauth"),
        json.dumps({"headers": {"Authorization": right, "Accept": "x"}}),
        f"curl -X GET '{URL}' -H 'Authorization: {right}'",
        f"curl --request GET \\\n  --url \"{URL}\" \\\n --header 'authorization: {right}' --silent",
        f"$ curl -sS -H'Authorization: {right}' {URL.replace('&', chr(92) + '&')}",
        f"curl -G {HOST}/12/accounts/18ce54/campaigns -d q=a%20b%3A%20c%2Cd -d count=5 "
        f"-H 'Authorization: {right}'",
        f"GET /12/accounts/18ce54/campaigns?q=a+b%3A+c%2Cd&count=5 HTTP/1.1\r\n"
        f"Host: ads-api.x.com\r\nAuthorization: {right}\r\n\r\n",
    ):
        found = compare(KEYS, ours(), text)
        assert found.verdict is Verdict.RIGHT, (text, found.text)
        assert not parts(found)
        leaks_nothing(found)


def test_what_other_programs_print_is_read() -> None:
    """Traces of Ruby and curl, a printed dictionary of Python, and what Postman copies."""
    right = header()
    target = URL.removeprefix(HOST)
    escaped = right.replace('"', '\\"')
    for text in (
        f'<- "GET {target} HTTP/1.1\\r\\nAccept: */*\\r\\nUser-Agent: OAuth gem v0.5.6\\r\\n'
        f'Authorization: {escaped}\\r\\nConnection: close\\r\\nHost: ads-api.x.com\\r\\n\\r\\n"',
        f"> GET {target} HTTP/2\n> Host: ads-api.x.com\n> authorization: {right}\n> accept: */*\n>",
        repr({"User-Agent": "x", "Authorization": right, "Connection": "keep-alive"}),
        repr({"Authorization": right.encode(), "Connection": "keep-alive"}),
        f"curl --location '{URL}' \\\n--header 'Authorization: {right.replace(', ', ',')}' \\\n"
        "--header 'Cookie: guest_id=v1%3A1'",
        f'curl.exe "{URL}" ^\n -H "Authorization: {escaped}"',
    ):
        found = compare(KEYS, ours(), text)
        assert found.verdict is Verdict.RIGHT, (text, found.text)


def test_a_hash_of_the_body_is_no_mistake() -> None:
    client = Client(
        KEY, client_secret=SECRET, resource_owner_key=TOKEN, resource_owner_secret=OWNER
    )
    body = {"Content-Type": "application/json"}
    _, headers, _ = client.sign(URL, cast("Any", "GET"), body="{}", headers=body)
    assert "oauth_body_hash" in headers["Authorization"]
    assert compare(KEYS, ours(), headers["Authorization"]).verdict is Verdict.RIGHT


def test_the_signature_may_stand_in_the_address() -> None:
    client = Client(
        KEY, client_secret=SECRET, resource_owner_key=TOKEN, resource_owner_secret=OWNER,
        signature_type="QUERY",
    )  # fmt: skip
    url, _, _ = client.sign(URL)
    found = compare(KEYS, ours(), f"curl '{url}'")
    assert found.verdict is Verdict.RIGHT
    assert compare(KEYS, ours(), url).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("pasted", "part", "words"),
    [
        (header(secret=OWNER, owner=SECRET), Part.SECRET, "swapped"),
        (header(owner=""), Part.SECRET, "token secret is missing"),
        (header(secret=""), Part.SECRET, "consumer secret is missing"),
        (header(owner=SECRET), Part.SECRET, "used for both"),
        (header(secret=KEY), Part.SECRET, "key is used as the consumer secret"),
        (header(owner=TOKEN), Part.SECRET, "token is used as the token secret"),
        (header(secret=f"{SECRET}\n"), Part.SECRET, "line break"),
        (header(owner=f"{OWNER} "), Part.SECRET, "blank"),
        (header(secret=f'"{SECRET}"'), Part.SECRET, "quotes"),
        (header(owner=OWNER[:-1]), Part.SECRET, "last character"),
        (header(URL.replace("https", "http")), Part.URL, "http is signed instead of https"),
        (header(URL.replace("x.com", "twitter.com")), Part.URL, "ads-api.twitter.com is signed"),
        (header(URL.replace("ads-api.x.com", "api.twitter.com")), Part.URL, "api.twitter.com"),
        (header(URL.replace("/12/", "/11/")), Part.URL, "another version"),
        (header(URL.replace("/12/", "/")), Part.URL, "version is left out"),
        (header(URL.replace("?", "/?")), Part.URL, "/ at its end"),
        (header(URL.partition("?")[0]), Part.PARAMETERS, "parameters of the address are not"),
        (header(method="POST"), Part.HTTP_METHOD, "POST is signed"),
        (wrong_base(joined(SORTED, safe="~"), method="get"), Part.HTTP_METHOD, "small letters"),
        (wrong_base(joined(SORTED, safe="~").replace("%20", "+")), Part.ENCODING, "signed as +"),
        (wrong_base(re.sub("%..", lambda f: f.group().lower(), joined(SORTED, safe="~"))),
         Part.ENCODING, "small letters"),
        (wrong_base(joined(SORTED, safe="~:,")), Part.ENCODING, ": and ,"),
        (wrong_base(joined(SORTED, safe="~:, ")), Part.ENCODING, "without being encoded"),
        (wrong_base(joined(sorted([(a, quote(b, safe="~")) for a, b in QUERY] + OAUTH),
                           safe="~")), Part.ENCODING, "encoded twice"),
        (wrong_base(joined(QUERY + OAUTH, safe="~")), Part.ORDER, "not sorted"),
        (wrong_base(joined(OAUTH + QUERY, safe="~")), Part.ORDER, "not sorted"),
        (wrong_base(joined([one for one in SORTED if one[0] != "oauth_token"], safe="~")),
         Part.PARAMETERS, "oauth_token is not signed"),
        (wrong_base(joined([one for one in SORTED if one[0] != "oauth_version"], safe="~")),
         Part.PARAMETERS, "oauth_version is not signed"),
        (wrong_base(joined(SORTED, safe="~"), url=URL), Part.URL, "query is left"),
        (wrong_base(joined(SORTED, safe="~"), url=f"{HOST}:443/12/accounts/18ce54/campaigns"),
         Part.URL, "port"),
        (by_hand(f"GET&{PATH_URL}&{joined(SORTED, safe='~')}", FIELDS), Part.ENCODING,
         "nothing is encoded in the base string"),
        (by_hand(f"GET&{PATH_URL}&{quote(joined(SORTED, safe='~'), safe='~')}", FIELDS),
         Part.ENCODING, "the address is not encoded in the base string"),
        (by_hand(f"GET&{quote(PATH_URL, safe='')}&{joined(SORTED, safe='~')}", FIELDS),
         Part.ENCODING, "the parameter string is not encoded in the base string"),
    ],
)  # fmt: skip
def test_the_mistake_behind_a_signature_is_named(pasted: str, part: Part, words: str) -> None:
    found = compare(KEYS, ours(), pasted)
    assert found.verdict is Verdict.EXPLAINED, found.text
    assert part in parts(found)
    assert words in found.message, found.text
    leaks_nothing(found)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "ads.example.com"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_port_that_is_left_out_is_named(scheme: str, host: str) -> None:
    url = f"{scheme}://{host}:8081/12/accounts?count=5"
    found = compare(KEYS, ours(url), header(url.replace(":8081", "")))
    assert found.verdict is Verdict.EXPLAINED, found.text
    assert "the port is left out" in found.message
    # With it, all is well.
    assert compare(KEYS, ours(url), header(url)).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("pasted", "cause"),
    [
        (lambda: header(timestamp="1700000000"), "the timestamp is "),
        (lambda: header().replace('"', "'"), "the values are not in double quotes"),
        (lambda: f"curl -X POST '{URL}' -H 'Authorization: {header(method='POST')}'",
         "it is sent with POST, and ours with GET"),
    ],
)  # fmt: skip
def test_what_is_wrong_beside_a_right_signature_is_in_the_title(
    pasted: Callable[[], str], cause: str
) -> None:
    found = compare(KEYS, ours(), pasted())
    assert found.title.startswith(f"The signature fits, but {cause}"), found.text
    assert not found.title.endswith(".")
    leaks_nothing(found)


def test_two_mistakes_at_once_are_found() -> None:
    pasted = header(URL.replace("https", "http"), secret=OWNER, owner=SECRET)
    found = compare(KEYS, ours(), pasted)
    assert found.verdict is Verdict.EXPLAINED
    assert {Part.URL, Part.SECRET} <= parts(found)
    assert "http is signed" in found.message
    assert "swapped" in found.message


def test_a_secret_that_is_unknown_leaves_the_signature_alone() -> None:
    found = compare(KEYS, ours(), header(secret=OTHERS[0]))
    assert found.verdict is Verdict.UNEXPLAINED
    assert found.title == "The signature alone is wrong"
    assert parts(found) == {Part.SIGNATURE}
    assert found.differences[0].part is Part.SIGNATURE
    assert "What cannot be tried here is a signing key without its &" in found.differences[0].remedy
    leaks_nothing(found)


@pytest.mark.parametrize(
    ("pasted", "part", "words"),
    [
        (header(key=OTHERS[0], secret="zz"), Part.CONSUMER_KEY, "is another one"),
        (header(token=OTHERS[1], owner="zz"), Part.TOKEN, "is another one"),
        (header(token="370773112-zz", owner="zz"), Part.TOKEN, "same user"),
        (header(key=TOKEN, token=KEY), Part.CONSUMER_KEY, "access token stands where"),
        (header(key=SECRET), Part.CONSUMER_KEY, "consumer secret stands where"),
        (header(key=KEY[:-3]), Part.CONSUMER_KEY, "not whole: 3 characters"),
        (header(key=f"{KEY} "), Part.CONSUMER_KEY, "blanks, quotes or line breaks"),
        (header(key=KEY.lower()), Part.CONSUMER_KEY, "capital and small letters"),
        (header(key=" "), Part.CONSUMER_KEY, "is empty"),
        (header(timestamp="1700000000"), Part.TIMESTAMP, "seconds behind"),
        (header(timestamp="9999999999"), Part.TIMESTAMP, "seconds ahead of"),
        (header(timestamp="1700000000000"), Part.TIMESTAMP, "milliseconds"),
        (header(timestamp="now"), Part.TIMESTAMP, "no whole number"),
        (header(timestamp="²"), Part.TIMESTAMP, "no whole number"),
        (header(nonce="ü ü"), Part.NONCE, "characters"),
        (header(nonce=""), Part.NONCE, "empty"),
        (header(token=None), Part.MISSING, "oauth_token is missing"),
        (header(callback_uri="oob"), Part.EXTRA, "oauth_callback is there"),
        (header(signature_method="HMAC-SHA256"), Part.SIGNATURE_METHOD, "HMAC-SHA256"),
        (header(signature_method="PLAINTEXT"), Part.SIGNATURE_METHOD, "PLAINTEXT"),
        (header().replace('"HMAC-SHA1"', '"hmac-sha1"'), Part.SIGNATURE_METHOD, "other letters"),
        (header().replace('"HMAC-SHA1"', '"zzNothingSecret9zz"'), Part.SIGNATURE_METHOD,
         "another one"),
        (header().replace('"1.0"', '"1.0a"'), Part.VERSION, "not 1.0"),
        (header() + ', oauth_nonce="again"', Part.DUPLICATE, "more than once"),
        (header() + ', zzNothingSecret9zz="1"', Part.EXTRA, "field that OAuth does not have"),
        (header().replace('oauth_signature="', 'oauth_signature="%252F'), Part.ENCODING, "%25"),
        (unquote(header()), Part.ENCODING, "not encoded"),
        (header().replace('oauth_nonce="', 'oauth_nonce="%zz'), Part.ENCODING, "encodes nothing"),
        (header().replace(", ", " "), Part.ENCODING, "commas"),
        (header().replace('"', "'"), Part.ENCODING, "double quotes"),
        (re.sub('oauth_signature="[^"]*"', f'oauth_signature="{"0a" * 20}"', header()),
         Part.SIGNATURE, "hexadecimal"),
        (re.sub('oauth_signature="[^"]*"', 'oauth_signature="abc"', header()),
         Part.SIGNATURE, "28 characters"),
        (re.sub('oauth_signature="[^"]*"', 'oauth_signature=""', header()),
         Part.SIGNATURE, "empty"),
        (re.sub(', oauth_signature="[^"]*"', "", header()), Part.MISSING, "oauth_signature is"),
        (f"curl -X POST '{URL}' -H 'Authorization: {header()}'", Part.HTTP_METHOD, "POST"),
        (f"curl '{URL.replace('https', 'http')}' -H 'Authorization: {header()}'", Part.URL, "http"),
        (f"curl https://zzNothingSecret9zz.example/ -H 'Authorization: {header()}'", Part.URL,
         "another host"),
        (f"curl '{URL.replace('/12/', '/11/')}' -H 'Authorization: {header()}'", Part.URL,
         "version 11"),
        (f"curl '{URL.replace('campaigns', 'x')}' -H 'Authorization: {header()}'", Part.URL,
         "path is another"),
        (f"curl '{URL.replace('?', '/?')}' -H 'Authorization: {header()}'", Part.URL, "a /"),
        (f"curl '{PLAIN_URL}' -H 'Authorization: {header()}'", Part.PARAMETERS, "lacks q, count"),
        (f"curl '{URL}&zzNothingSecret9zz=1' -H 'Authorization: {header()}'", Part.PARAMETERS,
         "a parameter that ours"),
        (f"curl '{URL.replace('a%20b', 'a%2520b')}' -H 'Authorization: {header()}'",
         Part.PARAMETERS, "q is"),
        (f"curl '{URL.replace('a%20b', 'a%2Bb')}' -H 'Authorization: {header()}'",
         Part.PARAMETERS, "q has"),
        (f"curl '{URL}&count=5' -H 'Authorization: {header()}'", Part.PARAMETERS, "more than once"),
    ],
)  # fmt: skip
def test_every_difference_has_words(pasted: str, part: Part, words: str) -> None:
    found = compare(KEYS, ours(), pasted)
    assert found.verdict in (Verdict.EXPLAINED, Verdict.UNEXPLAINED), found.text
    about = [one for one in found.differences if one.part is part and not one.harmless]
    assert any(words in one.words for one in about), found.text
    leaks_nothing(found)


def test_a_header_for_another_request_is_told_from_a_wrong_one() -> None:
    """Its own request fits its signature: only the requests differ."""
    other = f"{HOST}/12/accounts?count=1"
    pasted = f"curl '{other}' -H 'Authorization: {header(other)}'"
    found = compare(KEYS, ours(), pasted)
    assert found.verdict is Verdict.EXPLAINED
    assert found.title == "The signature fits, but the path is another one"
    assert "all that differs is listed" in found.message
    assert parts(found) == {Part.URL, Part.PARAMETERS}


def test_xs_own_example_with_a_form_is_right() -> None:
    """From "Creating a signature" of docs.x.com; the time alone has passed."""
    url = "https://api.x.com/1.1/statuses/update.json?include_entities=true"
    signed = (
        f'OAuth oauth_consumer_key="{KEY}", '
        'oauth_nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", '
        'oauth_signature="Ls93hJiZbQ3akF3HF3x1Bz8%2FzU4%3D", '
        'oauth_signature_method="HMAC-SHA1", oauth_timestamp="1318622958", '
        f'oauth_token="{TOKEN}", oauth_version="1.0"'
    )
    form = "status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21"
    found = compare(
        KEYS,
        ours(f"{url}&{form}", "POST"),
        f"curl '{url}' -d '{form}' -H 'Authorization: {signed}'",
    )
    assert found.title.startswith("The signature fits, but the timestamp is ")
    assert found.title.endswith(" seconds behind this computer’s clock")
    assert parts(found) == {Part.TIMESTAMP}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "hello",
        "OAuth",
        "OAuth ",
        "Authorization: Bearer AAAAAAAAAAAAAAAAAAAAAzzNothingSecret9zz",
        "Basic enpOb3RoaW5nU2VjcmV0OXp6",
        "Bearer",
        "curl",
        "curl 'unclosed",
        "curl https://ads-api.x.com/12/accounts",
        "https://ads-api.x.com/12/accounts",
        "https://[::1/oauth_",
        "GET /12/accounts HTTP/1.1",
        "\x00\x01\x02",
        "\ud800",
        "x" * (LONGEST + 1),
        f"OAuth {'a=1,' * LONGEST}",
    ],
)
def test_what_has_no_signature_is_said_to_have_none(text: str) -> None:
    found = compare(KEYS, ours(), text)
    assert found.verdict is Verdict.UNREADABLE
    assert [one.part for one in found.differences] == [Part.PASTED]
    leaks_nothing(found)


def test_many_fields_take_no_long_time() -> None:
    text = header() + ", " + ", ".join(f'f{n}="{n}"' for n in range(900))
    found = compare(KEYS, ours(), text)
    assert Part.EXTRA in parts(found)
    assert len(read(text).fields) == 200


@pytest.mark.parametrize(
    "text",
    [
        "authorization:" + " " * 15_000 + "x",
        "Authorization: OAuth " + "\n" * 15_000 + "a",
        "Authorization: OAuth " + "\n \t" * 5_000 + "a",
        "\n" * 15_000 + "GET",
        "OAuth " + "a" * 15_000,
        "OAuth a" + " " * 15_000 + "b",
        "curl '" + "a " * 7_000,
        "curl " + "-H " * 5_000,
    ],
    ids=range(8),
)
def test_no_text_takes_long(text: str) -> None:
    began = time.perf_counter()
    compare(KEYS, ours(), text)
    assert time.perf_counter() - began < 2  # it is milliseconds


names = st.sampled_from([*FIELDS, "oauth_signature", "realm", "oauth_zz", OTHERS[0], ""])
values = st.one_of(
    st.sampled_from(
        [KEY, SECRET, TOKEN, OWNER, *OTHERS, "1.0", "HMAC-SHA1", "PLAINTEXT", "RSA-SHA1", "%",
         "%25", "%zz", "+", "", " ", "1" * 400, "=" * 28, "a" * 28, "%ff%fe", "\ud800"]
    ),
    st.text(max_size=40),
)  # fmt: skip
fields = st.lists(st.tuples(names, values), max_size=9).map(
    lambda pairs: "OAuth " + ", ".join(f'{name}="{value}"' for name, value in pairs)
)
hosts = st.sampled_from(
    [PLAIN_URL, "http://[::1", "//x", "https://a:99999999/", "", OTHERS[0],
     f"https://u:{OTHERS[0]}@h/?{OTHERS[0]}={OTHERS[1]}", "https://ü.example/\u202e?a=%zz#f"]
)  # fmt: skip
commands = st.tuples(st.sampled_from(["GET", "POST", "-d", OTHERS[0]]), hosts, fields).map(
    lambda parts: f"curl -X '{parts[0]}' '{parts[1]}' --header \"Authorization: {parts[2]}\""
)
logged = st.tuples(hosts, fields).map(
    lambda parts: f"GET {parts[0]} HTTP/1.1\nHost: {parts[0]}\nAuthorization: {parts[1]}\n"
)


@given(st.one_of(st.text(max_size=200), fields, commands, logged))
@example('OAuth oauth_signature_method="PLAINTEXT", oauth_signature="a%26b"')
@example("OAuth oauth_timestamp=\"٣\", oauth_signature='x'")
def test_no_text_makes_it_fail_or_tell_a_value(text: str) -> None:
    found = compare(KEYS, ours(PLAIN_URL), text)
    assert found.title
    assert found.differences
    leaks_nothing(found)


@given(st.text(max_size=300))
def test_whatever_is_pasted_can_be_read(text: str) -> None:
    read(text)
    read(f"curl {text}")
    read(f"Authorization: OAuth {text}")


@given(st.data())
def test_a_header_that_was_damaged_is_never_right(data: st.DataObject) -> None:
    right = header(timestamp="1700000000", nonce="n1")
    place = data.draw(st.integers(6, len(right) - 1))
    char = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    damaged = right[:place] + char + right[place + 1 :]
    found = compare(KEYS, ours(), damaged)
    leaks_nothing(found)
    if damaged != right:
        assert found.verdict is not Verdict.RIGHT
