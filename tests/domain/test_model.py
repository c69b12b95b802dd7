from __future__ import annotations

import pytest

from adwarden.domain.model import Access, AccountEntry, AdAccount


@pytest.mark.parametrize(
    ("access_at", "users_at", "known_at"),
    [
        (5.0, 7.0, 5.0),
        (7.0, 5.0, 5.0),
        (None, 5.0, 5.0),
        (5.0, None, 5.0),
        (None, None, 9.0),
    ],
)
def test_a_row_is_as_old_as_its_oldest_part(
    access_at: float | None, users_at: float | None, known_at: float
) -> None:
    entry = AccountEntry(
        AdAccount("1", "One"), Access("7", ()), "", (), "", 9.0, 1.0, access_at, users_at
    )
    assert entry.known_at == known_at


def test_a_part_that_never_came_has_no_age() -> None:
    entry = AccountEntry(
        AdAccount("1", "One"), users=(), fetched_at=9.0, access_at=1.0, users_at=5.0
    )
    assert entry.known_at == 5.0
