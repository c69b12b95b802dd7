from __future__ import annotations

import string
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.secret import MASK, Secret
from adwarden.system.redaction import Redactor

ALNUM = string.ascii_letters + string.digits
KEY = "xvz1evFS4wEEPTGEFPHBog9q2"
SECRET = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw9q2LswE"
TOKEN = "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"
PIN = "0042613"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"oauth_token={TOKEN}&oauth_token_secret=abc123&user_id=1", "abc123"),
        (f"oauth_token={TOKEN}&user_id=1", TOKEN),
        ('{"oauth_token_secret": "short1"}', "short1"),
        ("{'oauth_token': 'short1', 'user_id': '1'}", "short1"),
        ("[('oauth_token', 'short1'), ('b', 'c')]", "short1"),
        ("{b'oauth_token': b'short1'}", "short1"),
        ("<oauth_token>short1</oauth_token>", "short1"),
        ("?x=1&oauth_verifier=0042613", PIN),
        ("oauth_callback%3Doob%26oauth_token%3Dshort1", "short1"),
        ("Authorization: OAuth oauth_consumer_key=\"k\", oauth_signature=\"short1%3D\"", "short1"),
        ("{'Authorization': 'Bearer short1short1'}", "short1"),
        ("sent OAuth realm=\"\", oauth_nonce=\"short1\"", "short1"),
        ("with Bearer AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid", "MLheAAAAAAA0"),
        ("Basic a2V5OnNlY3JldA==", "a2V5OnNlY3JldA"),
        ("Cookie: auth_token=short1; ct0=short2", "short2"),
        ("proxy http://user:pass1word@proxy:8080", "pass1word"),
        ("PIN 0042613 refused", PIN),
        ("the pin is: 0042613", PIN),
        ("pin='0042613'", PIN),
        ("api key = short1", "short1"),
        ("consumer_key: short1", "short1"),
        ("my_api_key_secret=short1", "short1"),
        ("client_secret=short1", "short1"),
        ("password=short1", "short1"),
        (f"just {TOKEN} alone", TOKEN),
        ("6253282-eWudHldSbIaelX7swmsiHImEL4Kinwa", "eWudHldSbIaelX7swmsiHImEL4Kinwa"),
        (f"just {KEY} alone", KEY),
        (f"just {SECRET} alone", SECRET),
        (f"{SECRET}{SECRET}", SECRET),
        ("sha " + "a" * 40, "a" * 40),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_taken_out(text: str, secret: str) -> None:
    clean = Redactor().clean(text)
    assert secret not in clean
    assert MASK in clean


@pytest.mark.parametrize(
    "text",
    [
        "refreshed @northwind_ads: 214 ad accounts in 1.5 s",
        "GET https://ads-api.x.com/12/accounts/18ce54d4x5t/promotable_users?count=1000",
        '  File "/usr/lib/python3/dist-packages/adwarden/storage/directory.py", line 12, in open',
        "user_id 1234567 has account 18ce54d4x5t",
        "QWebEngineUrlRequestInterceptor: keyboard monkey pinned",
        "test_a_very_long_name_of_a_function_that_is_just_words",
        "OAuth authorization finished",
        "the token was refused",
    ],
)
def test_plain_words_stay(text: str) -> None:
    assert Redactor().clean(text) == text


@given(
    st.text(ALNUM, min_size=6, max_size=60),
    st.text(max_size=40),
    st.text(max_size=40),
)
def test_a_learned_value_never_comes_through(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn(Secret(secret))
    assert secret not in redactor.clean(before + secret + after).replace(MASK, "")


@given(st.text(min_size=6, max_size=40), st.text(max_size=20))
def test_a_learned_value_of_any_letters_is_found(secret: str, around: str) -> None:
    redactor = Redactor()
    redactor.learn(Secret(secret))
    assert secret not in redactor.clean(around + secret + around)


planted = st.text(ALNUM, min_size=20, max_size=60)


@given(
    planted,
    st.sampled_from([
        "oauth_token={}", "oauth_token_secret={}&x=1", "Authorization: Bearer {}", "'token': '{}'",
        '"access_token": "{}"', "api_key={}", "123456-{}", "consumer_secret : {} ", "secret='{}'",
        "https://user:{}@host/", "oauth_verifier={}",
    ]),
    st.text(string.ascii_lowercase + " \n{}'\"=:", max_size=30),
)  # fmt: skip
def test_a_secret_in_any_usual_wording_is_taken_out(secret: str, wording: str, around: str) -> None:
    text = f"{around} {wording.replace('{}', secret)} {around}"
    assert secret not in Redactor().clean(text)


def test_the_redactor_itself_keeps_no_secret() -> None:
    redactor = Redactor()
    redactor.learn(Secret(SECRET), Secret(PIN))
    assert SECRET not in repr(vars(redactor))
    assert PIN not in repr(vars(redactor))
    assert redactor.clean(PIN) == MASK


def test_short_values_and_the_oldest_of_many_are_not_held() -> None:
    redactor = Redactor()
    redactor.learn(Secret(""), Secret("ab"), Secret("first1"))
    redactor.learn(*(Secret(f"value{number:05}") for number in range(8200)))
    assert redactor.clean("ab first1 value08199 value00001") == f"ab first1 {MASK} value00001"


def test_a_backup_of_all_connections_at_once_makes_none_of_them_forgotten() -> None:
    redactor = Redactor()
    assert redactor.clean("secret+of 00000") == "secret+of 00000"
    redactor.learn(*(Secret(f"secret+of {number:05}") for number in range(2 * 1000)))
    for text in ("secret+of 00000", "secret%2Bof%2000000", "secret+of 01999"):
        assert redactor.clean(text) == MASK


def test_a_huge_text_is_cut_at_a_word() -> None:
    redactor = Redactor()
    redactor.learn(Secret("planted-secret-value"))
    text = "x" * 63_985 + " planted-secret-value " + "y" * 100_000
    clean = redactor.clean(text)
    assert len(clean) < 64_100
    assert "planted" not in clean
    assert redactor.clean("z" * 1_000_000).endswith("(cut)")


def test_learning_and_cleaning_from_several_threads() -> None:
    redactor = Redactor()
    leaked: list[str] = []

    def work(number: int) -> None:
        for turn in range(50):
            secret = f"thread-{number}-value-{turn}"
            redactor.learn(Secret(secret))
            if secret in redactor.clean(f"say {secret} now"):
                leaked.append(secret)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert leaked == []
