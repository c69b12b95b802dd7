from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adwarden.domain.pin import LONGEST, SHORTEST, PinFault, read_pin

NOISE = [
    "",
    " ",
    "\t",
    "\u00a0",
    "\u200b",
    "\u200e",
    "\ufeff",
    "\u3000",
    "\u00ad",
]
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

pins = st.text("0123456789", min_size=SHORTEST, max_size=LONGEST)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1234567", "1234567"),
        ("0000123", "0000123"),
        (" 123 4567 ", "1234567"),
        ("1234567\r\n", "1234567"),
        ("Your PIN: 123 4567", "1234567"),
        ("PIN 0012345.", "0012345"),
        ("PIN:\n0012345\nKeep it", "0012345"),
        ("123-45 67", "1234567"),
        ("123–4567", "1234567"),
        ("(1234567)", "1234567"),
        ("- 1234567", "1234567"),
        ("\u200b0123456\ufeff", "0123456"),
        ("０１２３４５６", "0123456"),
        ("0123", "0123"),
        ("0" * 16, "0" * 16),
    ],
)
def test_a_pin_is_found_in_what_was_pasted(text: str, digits: str) -> None:
    assert read_pin(text).digits == digits
    assert read_pin(text).fault is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", PinFault.EMPTY),
        (" \n\u200b", PinFault.EMPTY),
        ("123", PinFault.TOO_SHORT),
        ("1" * 17, PinFault.TOO_LONG),
        ("12x4567", PinFault.SEVERAL),
        ("PIN: none yet", PinFault.NOT_DIGITS),
        ("x1234567", PinFault.NOT_DIGITS),
        ("1234567é", PinFault.NOT_DIGITS),
        ("Zj-1234567-qK_", PinFault.NOT_DIGITS),
        ("123456\n7654321", PinFault.SEVERAL),
        ("123\r\n4567", PinFault.SEVERAL),
        ("1234567\u20287654321", PinFault.SEVERAL),
        ("PIN 2 of 3: 1234567", PinFault.SEVERAL),
        ("²³¼½", PinFault.NOT_DIGITS),
        ("1.234.567", PinFault.SEVERAL),
    ],
)
def test_what_is_no_pin_is_said_in_words(text: str, fault: PinFault) -> None:
    assert read_pin(text).fault is fault
    assert read_pin(text).digits == ""


def test_a_pin_is_not_printed() -> None:
    assert "1234567" not in repr(read_pin("1234567"))


@given(pins, st.data())
def test_blanks_and_marks_change_nothing(pin: str, data: st.DataObject) -> None:
    noisy = "".join(data.draw(st.sampled_from(NOISE)) + digit for digit in pin)
    assert read_pin(noisy + data.draw(st.sampled_from(NOISE))).digits == pin


@given(pins)
def test_full_width_digits_are_digits(pin: str) -> None:
    assert read_pin(pin.translate(FULL_WIDTH)).digits == pin


@given(st.text())
def test_any_text_is_judged_and_never_half_taken(text: str) -> None:
    typed = read_pin(text)
    if typed.fault is None:
        assert typed.digits.isascii()
        assert typed.digits.isdigit()
        assert SHORTEST <= len(typed.digits) <= LONGEST
        assert read_pin(typed.digits) == typed
    else:
        assert typed.digits == ""
