from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.model import ConnectionState
from adwarden.ui.badges import Badge, permission_badge, state_badge
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


def test_an_empty_query_finds_everything_and_marks_nothing() -> None:
    assert not Query("   ")
    assert Query("").spans("anything") == []
    assert Query("a  B") == Query("a B")
    assert Query("a") != Query("b")


def test_the_parts_of_a_row_are_lines() -> None:
    assert haystack(("Northwind", "18K3m")) == "\nnorthwind\n18k3m"
    assert haystack(("a\nb",)) == "\na␊b"


def test_spans_are_merged_and_survive_folding() -> None:
    assert Query("ab abc").spans("xab ABCD") == [(4, 7)]
    assert Query("strasse").spans("Die Straße") == [(4, 10)]
    assert Query("cafe").spans("Un Cafe\u0301 noir") == [(3, 7)]
    assert Query("ads").spans("@northwind_ads", "handle") == [(11, 14)]


def test_a_field_marks_where_it_looks_only() -> None:
    assert Query("name:north").spans("Northwind", "name") == [(0, 5)]
    assert Query("name:north").spans("@northwind", "handle") == []
    assert Query("handle:@north").spans("@northwind", "handle") == [(1, 6)]
    assert Query("id:18k").spans("18kout", "id") == [(0, 3)]
    assert Query("-north").spans("Northwind", "name") == []


def test_what_nobody_sees_is_neither_looked_for_nor_in_the_way() -> None:
    assert Query("\ufeffsommer\u00adschuhe\u200b") == Query("sommerschuhe")
    assert not Query("\u200b\ufeff")
    name = "Die Sommer\u00adschuhe"
    assert haystack((name,)) == "\ndie sommerschuhe"
    assert Query("sommersch").spans(visible(name)) == [(4, 14)]


def test_badges_are_marked_by_role_and_state() -> None:
    admin, posts = permission_badge("ACCOUNT_ADMIN"), permission_badge("TWEET_COMPOSER")
    revoked = state_badge(ConnectionState.REVOKED)
    assert Query("role:admin").marks(admin)
    assert Query("role:account_admin").marks(admin)
    assert not Query("role:admin").marks(posts)
    assert Query("role:posts").marks(posts)
    assert not Query("role:ad").marks(Badge("Under review", "Approval of the ad account", "warn"))
    assert Query("state:rev").marks(revoked)
    assert not Query("admin revoked").marks(admin)
    assert not Query("-state:revoked").marks(revoked)


@given(st.text(max_size=30), st.text(max_size=8))
def test_a_span_is_always_inside_the_text(text: str, query: str) -> None:
    for start, end in Query(query).spans(text, "handle"):
        assert 0 <= start < end <= len(text)
