from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.key_shapes import (
    MAX_PASTE,
    Advice,
    Shape,
    Weight,
    advise,
    clean,
    shape_of,
)

KEY = "xvz1evFS4wEEPTGEFPHBog123"
SECRET = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBwL8yPq12"
TOKEN = "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"
BEARER = "AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid%2BULvsea4JtiGRiSDSJSI%3DEUifiRBkKG5E2XzM"
letters = st.text(string.ascii_letters + string.digits, min_size=18, max_size=50)
blanks = st.text(" \t\r\n\u00a0\u200b\ufeff", max_size=6)
prefixes = st.sampled_from(
    ["", "export X_KEY=", "X_KEY = ", "api_key: ", "API Key: ", '"key": ', "set K=", "- k: "]
)
quotes = st.sampled_from(["", '"', "'", "`"])


@given(letters, blanks, blanks, prefixes, quotes, st.sampled_from(["", ",", ";"]))
def test_whatever_comes_along_is_taken_off(
    key: str, before: str, after: str, prefix: str, quote: str, end: str
) -> None:
    assert clean(f"{before}{prefix}{quote}{key}{quote}{end}{after}").text == key


@given(letters, st.integers(1, 17))
def test_a_key_broken_over_lines_is_put_together(key: str, at: int) -> None:
    cleaned = clean(f"{key[:at]}\n  {key[at:]}\r\n")
    assert cleaned.text == key
    assert cleaned.notes


@given(st.text(max_size=300))
def test_cleaning_again_changes_nothing(text: str) -> None:
    once = clean(text).text
    assert clean(once).text == once
    assert once == "".join(once.split())


@given(letters)
def test_a_clean_key_stays_as_it_is_and_nothing_is_said(key: str) -> None:
    assert clean(key).text == key
    assert clean(key).notes == ()


@pytest.mark.parametrize("text", [KEY, SECRET, TOKEN, BEARER])
def test_no_real_kind_of_key_is_damaged(text: str) -> None:
    assert clean(text).text == text


def test_a_label_above_the_value_is_dropped() -> None:
    assert clean(f"API Key\n{KEY}\n").text == KEY


def test_of_several_assignments_the_first_counts_and_it_is_said() -> None:
    cleaned = clean(f"X_API_KEY={KEY}\nX_API_SECRET={SECRET}\n")
    assert cleaned.text == KEY
    assert any("Several lines" in note for note in cleaned.notes)


def test_a_megabyte_takes_no_noticeable_time_and_it_is_said() -> None:
    begin = time.perf_counter()
    cleaned = clean("a b\n" * 262_144)
    assert time.perf_counter() - begin < 0.05
    assert len(cleaned.text) <= MAX_PASTE
    assert any("too long" in note for note in cleaned.notes)


@pytest.mark.parametrize("text", ["=" * 5000, "a=" * 2500, '"' * 5000, "a b=" * 1200, "\n" * 5000])
def test_no_input_makes_the_cleaning_slow(text: str) -> None:
    begin = time.perf_counter()
    clean(text)
    assert time.perf_counter() - begin < 0.5


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("", Shape.EMPTY), (KEY, Shape.API_KEY), (KEY[:21], Shape.API_KEY),
        (SECRET, Shape.API_SECRET), (TOKEN, Shape.ACCESS_TOKEN), (BEARER, Shape.BEARER),
        ("6253282-" + "a" * 40, Shape.ACCESS_TOKEN), ("short", Shape.UNKNOWN),
        ("a-b" * 10, Shape.UNKNOWN),
    ],
)  # fmt: skip
def test_shapes(text: str, shape: Shape) -> None:
    assert shape_of(text) is shape


def found(key: str, secret: str) -> dict[str, Advice]:
    return {advice.field: advice for advice in advise(key, secret)}


def test_a_good_pair_needs_no_advice() -> None:
    assert advise(KEY, SECRET) == ()


def test_swapped_fields_are_recognised_and_can_be_exchanged() -> None:
    assert found(SECRET, KEY)["key"].swap
    assert found(SECRET, "")["key"].swap
    assert found(SECRET, KEY)["key"].weight is Weight.HINT


@pytest.mark.parametrize("wrong", [TOKEN, BEARER])
def test_a_token_is_certain_to_be_wrong_in_either_field(wrong: str) -> None:
    assert found(wrong, SECRET)["key"].weight is Weight.CERTAIN
    assert found(KEY, wrong)["secret"].weight is Weight.CERTAIN


@given(st.text(string.ascii_letters + string.digits, min_size=1, max_size=120))
def test_an_unusual_length_is_never_more_than_a_hint(text: str) -> None:
    assert all(advice.weight is Weight.HINT for advice in advise(text, text[::-1]))


@given(letters, letters)
def test_no_advice_repeats_what_was_typed(key: str, secret: str) -> None:
    for advice in advise(key, secret):
        assert key not in advice.words
        assert secret not in advice.words


def test_what_was_cleaned_does_not_print() -> None:
    assert KEY not in repr(clean(f"k={KEY}"))
