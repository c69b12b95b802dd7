"""The Ads API's objects as plain data, with the field names of version 12."""

from __future__ import annotations

from dataclasses import dataclass

from adwarden.domain.model import AdAccount, PromotableUser
from adwarden.practice.world import iso

_KINDS = ("CREDIT_LINE", "INSERTION_ORDER", "AGENCY_CREDIT_LINE", "STORE_CREDIT")
"""The last one is new, as X's lists grow."""


@dataclass(frozen=True, slots=True)
class Funding:
    """Makes up the funding instruments of one ad account."""

    account_id: str
    index: int
    bits: bytes

    def show(self, place: int) -> dict[str, object]:
        """Return one funding instrument."""
        card = place == 0
        kind = "CREDIT_CARD" if card else _KINDS[self.bits[5] % len(_KINDS)]
        able = self.bits[1] % 5 > 0
        opened = 1_500_000_000 + self.bits[2] * 86_400
        return {
            "start_time": iso(opened),
            "description": "Visa ending in 0650" if card else f"Number {self.index * 7 + place}",
            "credit_limit_local_micro": None if card else 200_000_000,
            "end_time": None,
            "id": f"f{self.index}x{place}",
            "entity_status": "ACTIVE" if able else "PAUSED",
            "account_id": self.account_id,
            "reasons_not_able_to_fund": [] if able else ["PAUSED"],
            "io_header": None,
            "currency": ("USD", "EUR", "JPY")[self.bits[3] % 3],
            "funded_amount_local_micro": self.bits[4] * 1_000_000,
            "created_at": iso(opened),
            "type": kind,
            "able_to_fund": able,
            "updated_at": iso(opened + 86_400),
            "credit_remaining_local_micro": None,
            "deleted": False,
        }


def account_fields(account: AdAccount, *, deleted: bool) -> dict[str, object]:
    """Return an ad account as a list shows it."""
    return {
        "name": account.name,
        "business_name": account.business_name or None,
        "timezone": account.timezone,
        "timezone_switch_at": account.timezone_switch_at or None,
        "id": account.id,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
        "business_id": account.business_id or None,
        "approval_status": account.approval_status,
        "deleted": deleted,
    }


def user_fields(user: PromotableUser) -> dict[str, object]:
    """Return a promotable user."""
    return {
        "user_id": user.user_id,
        "id": user.id,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "deleted": user.deleted,
        "promotable_user_type": user.type,
    }
