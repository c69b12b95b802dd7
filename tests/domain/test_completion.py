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


def test_only_the_word_at_the_cursor_is_replaced() -> None:
    text = "ro north"
    (offer,) = offers(text, 2, values)
    assert text[: offer.start] + offer.text + text[offer.end :] == "role: north"


@given(st.text('ro:l ea"-,@', max_size=14), st.integers(0, 14))
def test_any_text_can_be_completed(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    for offer in offers(text, cursor, values):
        assert 0 <= offer.start <= offer.end == cursor
        assert offer.text
        assert offer.label
