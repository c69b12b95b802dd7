from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adwarden.ui.row_shares import (
    LEAST_BADGES,
    LEAST_NAME,
    READABLE,
    SPACE,
    least_name,
    share,
)

widths = st.floats(0, 1000, allow_nan=False)


def test_all_is_shown_where_there_is_room() -> None:
    shares = share(400, 120, 90, 60, part=0.62, least_tail=56)
    assert (shares.name, shares.badges, shares.tail) == (120, 90, 60)


def test_the_badge_shrinks_for_the_name() -> None:
    shares = share(190, 150, 90, 60, part=0.62, least_tail=56)
    assert shares.name == LEAST_NAME
    assert LEAST_BADGES <= shares.badges == 190 - LEAST_NAME - SPACE
    assert shares.tail == 0


def test_a_badge_without_room_is_left_out() -> None:
    shares = share(150, 150, 90, 60, part=0.62, least_tail=56)
    assert (shares.name, shares.badges, shares.tail) == (150, 0, 0)


def test_the_id_goes_when_the_name_needs_the_room() -> None:
    assert share(160, 150, 0, 60, part=0.62, least_tail=56).tail == 0
    assert share(220, 170, 0, 80, part=0.62, least_tail=56).tail > 56


@given(widths, widths, widths, widths, st.sampled_from([0.5, 0.62, 1.0]))
def test_the_name_keeps_its_least_and_nothing_overlaps(
    room: float, name: float, badges: float, tail: float, part: float
) -> None:
    shares = share(room, name, badges, tail, part=part, least_tail=24)
    assert shares.name >= min(name, LEAST_NAME, room) - 1e-6
    parts = [shares.name, *(width for width in (shares.badges, shares.tail) if width)]
    assert sum(parts) + SPACE * (len(parts) - 1) <= room + 1e-6
    assert shares.name <= name
    assert shares.badges <= badges
    assert shares.tail <= tail


@given(widths, widths, widths)
def test_a_badge_that_must_be_read_can_be_read_where_there_is_room(
    room: float, name: float, badges: float
) -> None:
    shares = share(room, name, badges, 0, part=1.0, least_tail=56, least=least_name(room, badges))
    if room >= LEAST_NAME + SPACE + READABLE:
        assert shares.badges >= min(badges, READABLE) - 1e-6 or badges < 1
    assert shares.name >= min(name, LEAST_NAME, room) - 1e-6
    assert shares.name + (shares.badges + SPACE if shares.badges else 0) <= room + 1e-6


def test_the_name_goes_before_what_a_readable_badge_does_not_need() -> None:
    room = 200.0
    shares = share(room, 121, 130, 80, part=1.0, least_tail=56, least=least_name(room, 130))
    assert (shares.name, shares.badges) == (room - SPACE - READABLE, READABLE)
