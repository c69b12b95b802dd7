"""A page that could not be read whole says so, and nothing it lacks is taken for gone."""

from __future__ import annotations

import pytest

from adwarden.domain.errors import NetworkError
from adwarden.providers.http import Answer
from adwarden.providers.x.ads import read_access, read_accounts, read_promotable_users


def answer(body: str) -> Answer:
    return Answer(200, {}, body.encode())


@pytest.mark.parametrize(
    "body",
    [
        '{"data": {}}',
        '{"data": [null, 5]}',
        '{"data": [{"id": null}]}',
        '{"data": [{"name": "no id"}]}',
        '{"data": [{"id": "18ce54"}, {"name": "no id"}]}',
        '{"data": [], "errors": [{"code": "PARTIAL"}]}',
    ],
)
def test_what_cannot_be_read_makes_a_page_less_than_whole(body: str) -> None:
    assert not read_accounts(answer(body)).whole
    assert not read_promotable_users(answer(body)).whole


@pytest.mark.parametrize("body", ['{"data": []}', '{"data": [{"id": "18ce54"}], "errors": []}'])
def test_a_page_that_was_read_is_whole(body: str) -> None:
    assert read_accounts(answer(body)).whole
    assert read_promotable_users(answer(body)).whole


@pytest.mark.parametrize("read", [read_accounts, read_promotable_users, read_access])
def test_a_bottomless_answer_is_no_answer(read: object) -> None:
    assert callable(read)
    with pytest.raises(NetworkError):
        read(answer("[" * 100_000))
