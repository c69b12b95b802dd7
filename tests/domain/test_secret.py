from __future__ import annotations

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.secret import MASK, Secret


@given(st.text(min_size=5, alphabet=st.characters(exclude_characters="•'")))
def test_a_secret_hides_itself_wherever_python_prints_it(text: str) -> None:
    secret = Secret(text)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>10}", f"{[secret]}"):
        assert MASK in shown
        assert text not in shown
    assert secret.unwrap() == text


def test_a_secret_is_not_pickled_or_made_into_json() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("x"))
    with pytest.raises(TypeError):
        json.dumps(Secret("x"))


def test_copies_are_the_same_secret() -> None:
    secret = Secret("x")
    assert copy.copy(secret) is secret
    assert copy.deepcopy({"a": secret})["a"] is secret


def test_secrets_compare_with_secrets_only() -> None:
    assert Secret("é") == Secret("é")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert hash(Secret("a")) == hash(Secret("a"))
    assert not Secret("")


def test_what_cannot_be_seen_is_blank() -> None:
    for text in ("", "  ", "\t\r\n", "\u200b\ufeff", "\u00a0\x00"):
        assert Secret(text).is_blank
    assert not Secret(" x ").is_blank


def test_an_error_with_a_secret_in_it_does_not_tell_it() -> None:
    assert "hunter2" not in repr(ValueError(Secret("hunter2")))
