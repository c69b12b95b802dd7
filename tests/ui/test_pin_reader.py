from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject, QTimer, QUrl
from pytestqt.qtbot import QtBot

from adwarden.providers.base import GuestRules
from adwarden.ui.pin_reader import PinReader, parse_reading, token_of

RULES = GuestRules("https", frozenset({"api.x.com", "x.com"}), "api.x.com", "/oauth/authorize")
START = "https://api.x.com/oauth/authorize?oauth_token=REQ"
HERE = "https://api.x.com/oauth/authorize"


def answer(
    *,
    address: object = HERE,
    named: object = (),
    codes: object = (),
    asks: object = False,
    expired: object = False,
    denied: object = False,
) -> str:
    found = {
        "address": address,
        "named": named,
        "codes": codes,
        "asks": asks,
        "expired": expired,
        "denied": denied,
    }
    return json.dumps(found)


class Watched:
    """A reader over a page that is a text, and what it told."""

    def __init__(self, parent: QObject, page: str = "") -> None:
        self.page = page
        self.looks = 0
        self.told: list[tuple[str, str]] = []
        self.reader = PinReader(parent, RULES, START, self._run)
        self.reader.picked.connect(lambda pin: self.told.append(("picked", pin)))
        self.reader.denied.connect(lambda: self.told.append(("denied", "")))
        self.reader.expired.connect(lambda: self.told.append(("expired", "")))

    def _run(self, script: str, tell: Callable[[object], None]) -> None:
        assert "JSON.stringify" in script
        self.looks += 1
        tell(self.page)


@pytest.fixture
def parent(qtbot: QtBot) -> QObject:
    return QObject()


@pytest.mark.parametrize(
    ("named", "pin"),
    [
        ([["4868795"]], "4868795"),
        ([[], ["0123456"]], "0123456"),
        ([[" 0123\n456 "]], "0123456"),
        ([["1234567", "1234567"]], "1234567"),
        ([["1234567", "7654321"]], ""),
        ([["no digits"], ["7654321"]], "7654321"),
        ([["1234567", "7654321"], ["1111111"]], ""),
        ([["123"]], ""),
    ],
)
def test_selectors_are_tried_in_order(named: list[list[str]], pin: str) -> None:
    reading = parse_reading(answer(named=named))
    assert reading is not None
    assert reading.pin == pin


@pytest.mark.parametrize(
    ("codes", "asks", "pin"),
    [
        (["1234567"], False, "1234567"),
        (["PIN 012345"], False, "012345"),
        (["12345678", "12345678"], False, "12345678"),
        (["12345"], False, ""),
        (["123456789"], False, ""),
        (["1234567", "7654321"], False, ""),
        (["1234567"], True, ""),
        (["1234567"], None, ""),
    ],
)
def test_without_a_known_place_there_must_be_one_run_of_digits(
    codes: list[str], asks: object, pin: str
) -> None:
    reading = parse_reading(answer(codes=codes, asks=asks))
    assert reading is not None
    assert reading.pin == pin


def test_a_pin_outweighs_other_words_of_the_page() -> None:
    reading = parse_reading(answer(named=[["1234567"]], expired=True, denied=True))
    assert reading is not None
    assert (reading.pin, reading.expired, reading.denied) == ("1234567", False, False)


def test_readings_are_not_printed() -> None:
    reading = parse_reading(answer(named=[["1234567"]], address=START))
    assert "1234567" not in repr(reading)
    assert "REQ" not in repr(reading)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.one_of(st.none(), st.integers(), st.text(), st.binary()))
def test_answers_that_are_no_readings_are_none(junk: object) -> None:
    assert parse_reading(junk) is None


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("address", "named", "codes", "asks", "expired", "denied"), json_values
        ),
    )
)
def test_any_json_is_read_without_a_crash(found: dict[str, object]) -> None:
    reading = parse_reading(json.dumps(found))
    if reading is not None:
        assert reading.pin == "" or reading.pin.isdigit()
        assert not (reading.pin and (reading.expired or reading.denied))


def test_deeply_nested_answers_are_refused() -> None:
    assert parse_reading("[" * 100_000) is None


def test_the_request_token_is_found_in_an_address() -> None:
    assert token_of(START) == "REQ"
    assert token_of("https://api.x.com/") == ""


def test_the_pin_page_is_read_and_told_once(parent: QObject) -> None:
    watched = Watched(parent, answer(named=[["0123456"]]))
    watched.reader.moved(QUrl(START))
    watched.reader.moved(QUrl(HERE))
    assert watched.told == [("picked", "0123456")]
    assert watched.looks == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://x.com/oauth/authorize",
        "https://api.x.com/oauth/authorize/",
        "https://api.x.com/oauth/Authorize",
        "https://api.x.com/other",
        "http://api.x.com/oauth/authorize",
        "https://api.x.com:8443/oauth/authorize",
        "https://me@api.x.com/oauth/authorize",
        "https://evil.example/oauth/authorize",
        "view-source:https://api.x.com/oauth/authorize",
    ],
)
def test_no_other_page_is_even_looked_at(parent: QObject, address: str) -> None:
    watched = Watched(parent, answer(named=[["0123456"]], address=address))
    watched.reader.moved(QUrl(address))
    assert watched.looks == 0
    # Nor is an answer believed that comes from another page than the one that was asked.
    watched.reader.moved(QUrl(HERE))
    assert watched.looks == 1
    assert watched.told == []


def test_a_pin_that_appears_later_is_read(parent: QObject, qtbot: QtBot) -> None:
    watched = Watched(parent, answer())
    watched.reader.moved(QUrl(HERE))
    watched.page = answer(named=[["0123456"]])
    qtbot.waitUntil(lambda: watched.told == [("picked", "0123456")])


def test_leaving_the_page_ends_the_watch(parent: QObject, qtbot: QtBot) -> None:
    watched = Watched(parent, answer())
    watched.reader.moved(QUrl(HERE))
    qtbot.waitUntil(lambda: watched.looks > 1)
    watched.reader.moved(QUrl("https://x.com/i/flow/login"))
    timer = watched.reader.findChild(QTimer)
    assert timer is not None
    assert not timer.isActive()
    assert watched.told == []


def test_a_page_that_calls_the_request_expired_is_told(parent: QObject) -> None:
    watched = Watched(parent, answer(expired=True))
    watched.reader.moved(QUrl(START))
    assert watched.told == [("expired", "")]


def test_a_page_that_says_denied_is_told(parent: QObject) -> None:
    watched = Watched(parent, answer(denied=True))
    watched.reader.moved(QUrl(HERE))
    assert watched.told == [("denied", "")]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://api.x.com/done?oauth_token=REQ&oauth_verifier=VER", [("picked", "VER")]),
        ("https://api.x.com/done?denied=REQ", [("denied", "")]),
        ("https://api.x.com/done?oauth_token=OTHER&oauth_verifier=VER", []),
        ("https://api.x.com/done?denied=OTHER", []),
        ("https://x.com/done?oauth_token=REQ&oauth_verifier=VER", []),
        ("https://evil.example/done?denied=REQ", []),
    ],
)
def test_callbacks_count_on_the_same_host_for_this_request_only(
    parent: QObject, address: str, told: list[tuple[str, str]]
) -> None:
    watched = Watched(parent)
    watched.reader.moved(QUrl(address))
    assert watched.told == told


def test_a_stopped_reader_tells_nothing(parent: QObject) -> None:
    watched = Watched(parent, answer(named=[["0123456"]]))
    watched.reader.stop()
    watched.reader.moved(QUrl(HERE))
    assert (watched.looks, watched.told) == (0, [])
