from __future__ import annotations

import pytest

from adwarden.domain.lookups import Funding, FundingInstrument, cost, money
from adwarden.domain.model import AccountEntry, AdAccount, PromotableUser, missing_handles


@pytest.mark.parametrize(
    ("count", "price", "words"),
    [
        (14, 10, "about $0.14"),
        (1, 10, "about $0.01"),
        (1, 5, "less than $0.01"),
        (14, 0, "free"),
        (0, 10, "free"),
        (123_456, 10, "about $1,234.56"),
    ],
)
def test_what_handles_cost(count: int, price: int, words: str) -> None:
    assert cost(count, price) == words


@pytest.mark.parametrize(
    ("micro", "currency", "words"),
    [
        (200_000_000, "USD", "200.00 USD"),
        (1_234_567_890, "EUR", "1,234.57 EUR"),
        (5_000_000_000, "JPY", "5,000 JPY"),
        (-1_500_000, "", "-1.50"),
    ],
)
def test_amounts_are_in_the_currency_s_words(micro: int, currency: str, words: str) -> None:
    assert money(micro, currency) == words


def test_only_who_has_no_handle_and_was_not_looked_up_is_missing_each_once() -> None:
    users = tuple(
        PromotableUser(f"p{n}", user_id, "RETWEETS_ONLY", handle=handle)
        for n, (user_id, handle) in enumerate(
            [("1", ""), ("2", "known"), ("1", ""), ("3", ""), ("", ""), ("x9", ""), ("4", "")]
        )
    )
    entries = [AccountEntry(AdAccount("a", "A"), users=users), AccountEntry(AdAccount("b", "B"))]
    assert missing_handles(entries, {"3": object()}) == ("1", "4")


@pytest.mark.parametrize(
    ("told", "can"),
    [([], False), ([False], False), ([True, False], True), ([None, False], None), ([None], None)],
)
def test_one_that_can_pay_is_enough(told: list[bool | None], can: bool | None) -> None:
    made = tuple(FundingInstrument(str(n), "X", able_to_fund=able) for n, able in enumerate(told))
    assert Funding("a", made, 1.0).can_spend is can


def test_a_deleted_one_pays_for_nothing() -> None:
    gone = FundingInstrument("1", "X", able_to_fund=True, deleted=True)
    assert Funding("a", (gone,), 1.0).can_spend is False
