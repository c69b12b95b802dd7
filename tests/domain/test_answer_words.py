from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.answer_words import (
    LONGEST_SHOWN,
    Kind,
    limit_words,
    read_body,
    status_words,
)
from adwarden.domain.model import RateWindow

NOW = 1_700_000_000.0


def test_json_is_indented_and_every_value_stays_as_it_was_written() -> None:
    body = read_body(b'{"data":[{"id":"18ce54","n":1.10,"big":1E400,"n":2}],"next_cursor":null}')
    assert body.kind is Kind.JSON
    assert '      "n": 1.10,' in body.text
    assert "1E400" in body.text
    assert body.text.count('"n"') == 2


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", Kind.EMPTY),
        (b" \n", Kind.EMPTY),
        (b'{"a":', Kind.TEXT),
        (b'{"a":NaN}', Kind.TEXT),
        (b'{"a":1} and more', Kind.TEXT),
        (b"[" * 100_000, Kind.TEXT),
        (b"oauth_problem=x", Kind.TEXT),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", Kind.PAGE),
        (b"\n<html>", Kind.PAGE),
        (b"\x89PNG\r\n\x1a\n\0\0\0", Kind.BINARY),
        (gzip.compress(b"x" * 1_000, mtime=0), Kind.BINARY),
        (bytes(range(128, 256)) * 10, Kind.BINARY),
        (b'\xef\xbb\xbf{"a":1}', Kind.JSON),
        (b'{"name":"\\ud800"}', Kind.JSON),
        ("Grüße".encode("latin-1") * 3, Kind.BINARY),
        (b"plain words with one \xfc in them", Kind.TEXT),
    ],
)
def test_a_body_is_taken_for_what_it_is(raw: bytes, kind: Kind) -> None:
    body = read_body(raw)
    assert body.kind is kind
    assert body.size == len(raw)
    if kind in (Kind.EMPTY, Kind.BINARY):
        assert not body.text


def test_a_cut_within_a_character_is_not_binary() -> None:
    whole = ("[" + '"ü",' * 100).encode()
    assert read_body(whole[:-3], cut=True).kind is Kind.TEXT


def test_names_in_a_body_do_not_act() -> None:
    body = read_body('{"name":"a\u202eb\u0007"}'.encode())
    assert "\u202e" not in body.text
    assert "\u0007" not in body.text


def test_more_than_can_be_scrolled_is_cut_and_said() -> None:
    body = read_body(json.dumps(["x" * 100] * 30_000).encode())
    assert body.cut
    assert len(body.text) == LONGEST_SHOWN


@given(st.binary(max_size=300))
def test_no_body_fails(raw: bytes) -> None:
    body = read_body(raw)
    assert body.size == len(raw)


@pytest.mark.parametrize("status", [*range(100, 600), 0, 999])
def test_every_status_has_a_sentence(status: int) -> None:
    assert status_words(status).endswith(".")


def test_limits_are_said_in_words() -> None:
    token, account = RateWindow(5, 4, NOW + 61), RateWindow(10_000, 0, NOW + 600)
    (one,) = limit_words(token, None, now=NOW)
    assert one.startswith("This token: 4 of 5 requests left; all again at ")
    assert one.endswith(", in 61 seconds.")
    first, second = limit_words(token, account, now=NOW)
    assert first.startswith("This ad account: none of 10,000 requests left")
    assert first.endswith("in 10 minutes.")
    assert second.endswith("The ad account’s is the one that counts.")
    assert limit_words(None, None, now=NOW) == ("X told nothing of a rate limit.",)
    assert limit_words(None, None, now=NOW, pause=1) == ("X asks to wait 1 second.",)
    assert "anew now" in limit_words(RateWindow(5, 5, NOW - 1), None, now=NOW)[0]
