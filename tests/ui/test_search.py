from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adwarden.ui.search import Query, haystack, shortened, visible


def test_plain_text_stays_and_control_characters_become_symbols() -> None:
    assert visible("Northwind ノース 👩‍👧") == "Northwind ノース 👩‍👧"
    assert visible("a\nb\x00\x7f") == "a␊b␀␡"
    assert visible("\u202egnp.exe\u2066") == "�gnp.exe�"


@given(st.text(st.characters(codec="utf-32", exclude_categories=()), max_size=60))
def test_nothing_acts_in_visible_text(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not set(shown) & {chr(code) for code in [*range(32), 0x7F, *range(0x202A, 0x202F)]}
    assert shown.splitlines() == ([shown] if shown else [])
    assert visible(shown) == shown


def test_long_text_keeps_both_ends() -> None:
    short = shortened("a" + "x" * 2000 + "b")
    assert len(short) < 500
    assert short[0] == "a"
    assert short[-1] == "b"


def test_all_words_must_be_found_in_any_order_and_case() -> None:
    hay = haystack(("Northwind Outdoor", "18K3m"))
    assert Query("18k north").missing(hay) == ()
    assert Query("north trail").missing(hay) == ("trail",)
    assert not Query("   ")


def test_parts_do_not_run_together() -> None:
    assert Query("ab").missing(haystack(("a", "b"))) == ("ab",)


def test_spans_are_merged_and_survive_folding() -> None:
    assert Query("aba").spans("xABAb") == [(1, 4)]
    assert Query("ab bc").spans("abc") == [(0, 3)]
    assert Query("strasse").spans("Die Straße") == [(4, 10)]


@given(st.text(max_size=30), st.text(max_size=8))
def test_a_span_is_always_inside_the_text(text: str, query: str) -> None:
    for start, end in Query(query).spans(text):
        assert 0 <= start < end <= len(text)
