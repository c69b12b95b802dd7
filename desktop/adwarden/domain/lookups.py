"""What is looked up on demand only: handles of users, what pays for an ad account, its features.

Times of ours are Unix seconds; amounts are millionths of the currency, as X sends them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType

from adwarden.domain.data import dataclass

BATCH = 100
"""Users in one call at most (X API v2, GET users)."""

MICRO = 1_000_000


class Kind(Enum):
    """What can be looked up."""

    HANDLES = "handles"
    FUNDING = "funding"
    FEATURES = "features"


@dataclass(frozen=True, slots=True)
class KnownHandle:
    """A user's name without ``@``; empty where X has no such user (any more)."""

    user_id: str
    handle: str
    name: str = ""
    fetched_at: float = 0.0


@dataclass(frozen=True, slots=True)
class FundingInstrument:
    """What pays for an ad account (X Ads API v12, Funding instruments); ``None`` is not told."""

    id: str
    type: str
    description: str = ""
    currency: str = ""
    able_to_fund: bool | None = None
    reasons: tuple[str, ...] = ()
    status: str = ""
    credit_limit: int | None = None
    credit_remaining: int | None = None
    funded_amount: int | None = None
    start_time: str = ""
    end_time: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Funding:
    """The funding instruments of one ad account."""

    account_id: str
    instruments: tuple[FundingInstrument, ...]
    fetched_at: float

    @property
    def can_spend(self) -> bool | None:
        """Whether something can pay, ``None`` where X does not say."""
        told = [one.able_to_fund for one in self.instruments if not one.deleted]
        return True if True in told else None if None in told else False


@dataclass(frozen=True, slots=True)
class Features:
    """The features that an ad account has, by X's own names."""

    account_id: str
    names: tuple[str, ...]
    fetched_at: float


Looked = KnownHandle | Funding | Features


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that was looked up so far, by user id or ad account."""

    handles: Mapping[str, KnownHandle] = field(default_factory=lambda: MappingProxyType({}))
    funding: Mapping[str, Funding] = field(default_factory=lambda: MappingProxyType({}))
    features: Mapping[str, Features] = field(default_factory=lambda: MappingProxyType({}))


TYPE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "INSERTION_ORDER": "Insertion order",
        "CREDIT_LINE": "Credit line",
        "AGENCY_CREDIT_LINE": "Agency credit line",
        "CREDIT_CARD": "Credit card",
        "PARTNER_MANAGED": "Managed by a partner",
        "LIVE_TV_EVENT_IO": "Insertion order for a live TV event",
    }
)
REASON_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "BUDGET_EXHAUSTED": "the budget is used up",
        "CREDIT_CARD_APPROVAL_PENDING": "the credit card waits for approval",
        "CREDIT_CARD_DELETED": "the credit card was deleted",
        "CREDIT_CARD_REJECTED": "the credit card was rejected",
        "DELETED": "it was deleted",
        "EXPIRED": "it has expired",
        "PAUSED": "it is paused",
        "STARTS_IN_FUTURE": "it starts later",
    }
)
"""X's values in words; what is not listed is shown as it came."""

_WHOLE = frozenset({"BIF", "CLP", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"})
"""Currencies without a smaller unit."""


def cost(count: int, price_per_thousand: int) -> str:
    """Return what ``count`` handles cost in words; the price is in US dollars per thousand."""
    if not price_per_thousand or not count:
        return "free"
    thousandths = count * price_per_thousand
    if thousandths < 10:
        return "less than $0.01"
    return f"about ${thousandths / 1000:,.2f}"


def money(micro: int, currency: str) -> str:
    """Return an amount of millionths in words, such as ``1,200.50 EUR``."""
    digits = 0 if currency in _WHOLE else 2
    amount = f"{micro / MICRO:,.{digits}f}"
    return f"{amount} {currency}".strip()
