from __future__ import annotations

from adwarden.domain.model import Credential
from adwarden.domain.secret import MASK, Secret
from adwarden.providers.x.signature import Keys, address, explain, prepared

# X's own example, "Creating a signature" of docs.x.com; its keys were never good for anything.
KEY, SECRET = "xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"
TOKEN = "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"
OWNER = "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"
NONCE = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"
STATUS = "Hello Ladies + Gentlemen, a signed OAuth request!"
BASE = (
    "POST&https%3A%2F%2Fapi.x.com%2F1.1%2Fstatuses%2Fupdate.json&include_entities%3Dtrue%26"
    "oauth_consumer_key%3Dxvz1evFS4wEEPTGEFPHBog%26oauth_nonce%3DkYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgm"
    "ZeNu2VS4cg%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1318622958%26oauth_token"
    "%3D370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb%26oauth_version%3D1.0%26status%3DHello"
    "%2520Ladies%2520%252B%2520Gentlemen%252C%2520a%2520signed%2520OAuth%2520request%2521"
)
HEADER = (
    f'OAuth oauth_consumer_key="{KEY}", oauth_nonce="{NONCE}", '
    'oauth_signature="Ls93hJiZbQ3akF3HF3x1Bz8%2FzU4%3D", oauth_signature_method="HMAC-SHA1", '
    f'oauth_timestamp="1318622958", oauth_token="{TOKEN}", oauth_version="1.0"'
)
KEYS = Keys(
    Credential("x-app", {"key": Secret(KEY), "secret": Secret(SECRET)}),
    Credential("x-oauth1-token", {"token": Secret(TOKEN), "secret": Secret(OWNER)}),
)


def test_xs_own_example_is_explained_as_x_does() -> None:
    url = address(
        "https://api.x.com/1.1",
        "statuses/update.json",
        (("include_entities", "true"), ("status", STATUS)),
    )
    assert "status=Hello%20Ladies%20%2B%20Gentlemen%2C%20a" in url
    one = explain("POST", url, HEADER)
    assert one.base_string.unwrap() == BASE
    assert one.timestamp == 1318622958
    assert one.parameter_string.unwrap().startswith(
        "include_entities=true&oauth_consumer_key=xvz1evFS4wEEPTGEFPHBog&oauth_nonce="
    )


def test_what_is_looked_at_has_neither_key_nor_token_nor_signature() -> None:
    url = address("https://api.x.com/1.1", "a.json", (("status", STATUS), ("b", "1&2=3%26")))
    one = explain("POST", url, HEADER)
    for shown in (one.masked.parameter_string, one.masked.base_string, one.masked.header):
        for secret in (KEY, TOKEN, "Ls93hJiZbQ", TOKEN.partition("-")[2]):
            assert secret not in shown
        assert shown.count(MASK) == (3 if shown.startswith("OAuth") else 2)
        assert NONCE in shown
    assert one.masked.signing_key == f"{MASK}&{MASK}"
    # But for what is masked, it is the same.
    assert one.masked.base_string == one.base_string.unwrap().replace(KEY, MASK).replace(
        TOKEN, MASK
    )
    assert one.masked.parameter_string == one.parameter_string.unwrap().replace(KEY, MASK).replace(
        TOKEN, MASK
    )
    for printed in (repr(one), str(one.header), f"{one.base_string}"):
        assert KEY not in printed
        assert TOKEN not in printed


def test_each_time_it_is_signed_anew() -> None:
    url = "https://ads-api.x.com/12/accounts"
    first, second = prepared(KEYS, "GET", url), prepared(KEYS, "GET", url)
    assert first.header != second.header
    assert SECRET not in first.header.unwrap()
    assert OWNER not in first.header.unwrap()
    assert first.url == url


def test_an_address_without_parameters_has_no_question_mark() -> None:
    assert address("https://a.example/12", "accounts", ()) == "https://a.example/12/accounts"
    twice = address("https://a.example/12", "x", (("a", "1"), ("a", "2"), ("b", "~ü")))
    assert twice == "https://a.example/12/x?a=1&a=2&b=~%C3%BC"
