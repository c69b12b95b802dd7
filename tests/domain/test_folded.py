from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.folded import fold, fold_with_origin, has_word, word_at


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("Café", "CAFE"),
        ("Cafe\u0301", "café"),
        ("Straße", "STRASSE"),
        ("Łódź Ørsted", "lodz orsted"),
        ("Æther", "aether"),
        ("ガ", "カ\u3099"),
        ("İstanbul", "istanbul"),
        ("ﬁne", "fine"),
        ("Sommer\u00adschuhe\u200b", "\ufeffsommerschuhe"),
        ("می\u200cخواهم", "میخواهم"),
        ("\u200fשלום\u2060", "שלום"),
        ("Sommer\ufffdschuhe", "sommerschuhe"),
    ],
)
def test_case_accents_and_ways_of_writing_are_alike(text: str, alike: str) -> None:
    assert fold(text) == fold(alike)


def test_letters_that_differ_by_more_than_an_accent_stay_apart() -> None:
    assert fold("ジャパン") != fold("シャハン")
    assert fold("a") != fold("b")


@given(st.text(st.characters(codec="utf-32", exclude_categories=()), max_size=30))
def test_folding_twice_changes_nothing_and_every_letter_knows_its_origin(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    same, origin = fold_with_origin(text)
    assert same == folded
    assert len(origin) == len(folded)
    assert list(origin) == sorted(origin)
    assert all(0 <= at < len(text) for at in origin)


@pytest.mark.parametrize(
    ("hay", "needle", "at"),
    [
        ("northwind outdoor", "out", 10),
        ("northwind outdoor", "door", -1),
        ("northwind_ads", "ads", 10),
        ("outdoor out", "out", 0),
        ("layout out", "out", 7),
        ("@partner", "@part", 0),
        ("a@partner", "@part", 1),
        ("ノースウィント", "ウィ", 3),
        ("", "x", -1),
    ],
)
def test_a_word_begins_so(hay: str, needle: str, at: int) -> None:
    assert word_at(hay, needle) == at
    assert has_word(hay, needle) is (at >= 0)


@given(st.text("ab @é1", max_size=12), st.text("ab @1", min_size=1, max_size=4))
def test_what_is_found_is_there(hay: str, needle: str) -> None:
    hay = fold(hay)
    at = word_at(hay, needle)
    assert at == -1 or hay[at:].startswith(needle)
