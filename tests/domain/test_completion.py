from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.completion import offers
from adwarden.domain.query import FIELDS

KNOWN = {
    "role": [("admin", "Account administrator: all"), ("ad-manager", "Ad manager: much")],
    "handle": [("@north", "connection"), ("@south", "connection")],
    "app": [("Agency app", "X app")],
}


def values(field: str) -> list[tuple[str, str]]:
    return KNOWN.get(field, [])


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("", [f"{field}:" for field in FIELDS]),
        ("r", ["role:"]),
        ("-r", ["-role:"]),
        ("north r", ["role:"]),
        ("north", []),
        ("role:", ["admin ", "ad-manager "]),
        ("role:man", ["ad-manager "]),
        ("role:adm", ["admin "]),
        ("role:admin", []),
        ("role:admin,", ["admin ", "ad-manager "]),
        ("role:admin,ad-", ["ad-manager "]),
        ("handle:", ["@north ", "@south "]),
        ("handle:so", ["@south "]),
        ("@no", ["handle:@north "]),
        ('app:"Agency a', ['"Agency app" ']),
        ("app:ag", ['"Agency app" ']),
        ('"r', []),
        ("colour:", []),
    ],
)
def test_offers(typed: str, texts: list[str]) -> None:
    assert [offer.text for offer in offers(typed, len(typed), values)] == texts


@pytest.mark.parametrize(
    ("typed", "results"),
    [
        ("ro|l", ["role:"]),
        ("r|th", []),  # a word to look for, which no field begins with
        ("ro|le:admin", []),  # it is there
        ("r|:admin", ["role:admin"]),
        ("ro|x:admin north", ["role:admin north"]),
        ("|role:admin", []),
        ("-|role:admin", [f"-{field}:admin" for field in FIELDS if field != "role"]),
        ("role:|admin", ["role:ad-manager "]),
        ("role:ad|min north", ["role:ad-manager north"]),
        ("role:ad|xx,posts", ["role:admin,posts", "role:ad-manager,posts"]),
        ("role:posts,ad|min", ["role:posts,ad-manager "]),
        ("role:man|,admin", ["role:ad-manager,admin"]),
        ('app:"Ag|ency x" north', ['app:"Agency app" north']),
        ("app:„Ag|ency“ north", ['app:"Agency app" north']),
        ("@no|body", ["handle:@north "]),
        ("-@no|", ["-handle:@north "]),
        ('5" ro|', ['5" role:']),
        ("colour:|", []),
        ("\ufeffro|", ["\ufeffrole:"]),
        ("|\u200b", [f"{name}:" for name in FIELDS]),
        ("north |\u200b", [f"north {name}:" for name in FIELDS]),
        ("role:ad\u200b|m north", ["role:admin north", "role:ad-manager north"]),
    ],
)
def test_in_the_middle_of_a_word_the_whole_of_it_is_replaced(
    typed: str, results: list[str]
) -> None:
    cursor, text = typed.index("|"), typed.replace("|", "")
    found = offers(text, cursor, values)
    assert [text[: one.start] + one.text + text[one.end :] for one in found] == results


def test_only_the_word_at_the_cursor_is_replaced() -> None:
    text = "ro north"
    (offer,) = offers(text, 2, values)
    assert text[: offer.start] + offer.text + text[offer.end :] == "role: north"


@given(st.text('ro:l ea"-,@„“\u200b', max_size=14), st.integers(0, 14))
def test_any_text_can_be_completed(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    for offer in offers(text, cursor, values):
        assert 0 <= offer.start <= cursor <= offer.end <= len(text)
        assert offer.text
        assert offer.label
