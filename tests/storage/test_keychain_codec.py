from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.storage.keychain_codec import FACTS, decode, encode, is_name, tidy

NAMES = st.text(min_size=1, max_size=12).filter(lambda n: n not in FACTS | {"v", "kind"})
TEXTS = st.text(max_size=12)
LONE_SURROGATE = "half \ud83d pair"


@given(
    kind=TEXTS,
    secrets=st.dictionaries(NAMES, TEXTS, max_size=4),
    facts=st.dictionaries(st.sampled_from(sorted(FACTS)), TEXTS),
)
def test_every_credential_survives(
    kind: str, secrets: dict[str, str], facts: dict[str, str]
) -> None:
    credential = Credential(kind, {name: Secret(text) for name, text in secrets.items()}, facts)
    text = encode(credential)
    text.encode()
    assert decode(text) == credential


@given(st.text())
def test_no_text_at_all_gets_out_another_exception(text: str) -> None:
    # A text that is an entry by chance would have to start so.
    assume(not text.lstrip().startswith("{"))
    with pytest.raises(KeychainError) as caught:
        decode(text)
    assert caught.value.code is ErrorCode.ENTRY_DAMAGED


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_fields_that_are_no_text_are_damage(value: object) -> None:
    text = json.dumps({"v": 1, "kind": "x-app", "key": value})
    if isinstance(value, str):
        assert decode(text).secrets["key"].unwrap() == value
    else:
        with pytest.raises(KeychainError):
            decode(text)


@pytest.mark.parametrize("code", [0xFFFE, 0xFFFF, 0xFDD0, 0xFDEF, 0x1FFFE, 0x10FFFF])
def test_what_is_no_character_is_in_no_name(code: int) -> None:
    assert tidy(f"A{chr(code)}gency") == "Agency"
    assert not is_name(f"A{chr(code)}gency")
    assert tidy(chr(code)) == ""


@pytest.mark.parametrize("char", ["\ufffd", "\ufdcf", "\ufdf0", "\U0001f600", "\ue000"])
def test_what_looks_alike_stays_in_names(char: str) -> None:
    assert is_name(f"A{char}gency")


@given(st.text())
def test_a_tidy_text_is_a_name_and_stays_tidy(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert is_name(tidy(text)) is bool(tidy(text))


def test_what_a_later_version_adds_is_a_secret_until_known() -> None:
    credential = decode('{"v":1,"kind":"meta-token","token":"t","refresh":"r","label":"L"}')
    assert credential.kind == "meta-token"
    assert set(credential.secrets) == {"token", "refresh"}
    assert dict(credential.facts) == {"label": "L"}
    assert "t" not in repr(credential.secrets["token"])


def test_half_a_surrogate_pair_survives_as_an_escape() -> None:
    text = encode(Credential("k", {"secret": Secret(LONE_SURROGATE)}))
    text.encode()
    assert decode(text).secrets["secret"].unwrap() == LONE_SURROGATE


@pytest.mark.parametrize("version", ["true", "1.0", '"1"', "2", "null"])
def test_only_version_one_is_ours(version: str) -> None:
    with pytest.raises(KeychainError):
        decode(f'{{"v":{version},"kind":"k"}}')


@pytest.mark.parametrize(
    ("secrets", "facts"),
    [({"user_id": "1"}, {}), ({"kind": "k"}, {}), ({"v": "1"}, {}), ({}, {"colour": "red"})],
)
def test_fields_that_could_not_be_told_apart_are_refused(
    secrets: dict[str, str], facts: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="wrong name"):
        encode(Credential("k", {n: Secret(t) for n, t in secrets.items()}, facts))
