"""The practice world: X users, X apps and up to 50,000 ad accounts, all derived from a seed.

Ad accounts are made when they are asked for; the first one of a seed is the same however many
there are. What people change while practising is not kept here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property

from adwarden.domain.errors import InputError
from adwarden.domain.model import AdAccount, PromotableUser
from adwarden.practice import cast
from adwarden.practice.keys import BASE36, Scatter, digest, in_base
from adwarden.practice.people import AGENCY, Person, PracticeApp, make_apps, make_people

MAX_ACCOUNTS = 50_000
FIRST_DAY = 1_370_000_000
"""Unix seconds before which no ad account was opened."""

_SLOTS = 1024
_ID_LENGTH = 11


class World:
    """Everything that is true at the start; read-only, shared by all threads."""

    def __init__(self, *, seed: int, accounts: int) -> None:
        self.seed = seed
        self.accounts = accounts
        self.apps: tuple[PracticeApp, ...] = make_apps()
        self.people: tuple[Person, ...] = make_people(seed)
        self._apps = {app.key: app for app in self.apps}
        self._people = {person.user_id: person for person in self.people}
        self._handles = {person.screen_name.lower(): person for person in self.people}
        # Primes: ids of 11 base-36 digits that begin with 1, user ids of 19 digits.
        self._account_ids = Scatter(seed, "accounts", low=36**10, modulus=3_656_158_440_062_969)
        self._user_ids = Scatter(seed, "users", low=10**18, modulus=400_000_000_000_000_013)

    def app(self, key: str) -> PracticeApp | None:
        """Return the app that has this API key."""
        return self._apps.get(key)

    def person(self, user_id: str) -> Person | None:
        """Return the person with this user id."""
        return self._people.get(user_id)

    def person_named(self, handle: str) -> Person | None:
        """Return the person with this handle, however it is written."""
        return self._handles.get(handle.strip().lstrip("@").lower())

    def account_id(self, index: int) -> str:
        """Return the id of an ad account."""
        return in_base(self._account_ids.outside(index), BASE36, _ID_LENGTH)

    def index_of(self, account_id: str) -> int | None:
        """Return which ad account has this id, or ``None``."""
        if len(account_id) != _ID_LENGTH or not account_id.isascii() or not account_id.isalnum():
            return None
        if account_id != account_id.lower():
            return None
        index = self._account_ids.inside(int(account_id, 36))
        return index if index < self.accounts and self.account_id(index) == account_id else None

    def name(self, index: int) -> str:
        """Return the name of an ad account."""
        if index < len(cast.CAST):
            return cast.CAST[index].name
        bits = digest(self.seed, "account", index)
        brand = cast.BRANDS[bits[0] % len(cast.BRANDS)]
        ending = cast.ENDINGS[bits[1] % len(cast.ENDINGS)]
        number = f"{index}" if index >= 100 else ""
        return " ".join(part for part in (brand, ending, number) if part)

    @cached_property
    def folded_names(self) -> list[str]:
        """All names for prefix search, made at the first search."""
        return [self.name(index).casefold() for index in range(self.accounts)]

    def account(self, index: int) -> AdAccount:
        """Return an ad account as ``GET accounts/:account_id`` describes it."""
        bits = digest(self.seed, "account", index)
        opened = FIRST_DAY + int.from_bytes(bits[2:6], "big") % 300_000_000
        changed = opened + int.from_bytes(bits[6:10], "big") % 60_000_000
        if index < len(cast.CAST):
            part = cast.CAST[index]
        else:
            part = cast.Part(
                self.name(index),
                status=cast.STATUSES[bits[10] % len(cast.STATUSES)],
                timezone=cast.TIMEZONES[bits[11] % len(cast.TIMEZONES)],
                industry=cast.INDUSTRIES[bits[12] % len(cast.INDUSTRIES)],
            )
        return AdAccount(
            id=self.account_id(index),
            name=part.name,
            approval_status=part.status,
            timezone=part.timezone,
            deleted=part.deleted,
            business_name=part.business,
            business_id=str(10**9 + index) if part.business else "",
            industry_type=part.industry,
            created_at=iso(opened),
            updated_at=iso(changed),
            timezone_switch_at=iso(opened - opened % 86_400),
        )

    def in_order(self, field: str, *, falling: bool) -> Sequence[int]:
        """Return all ad accounts sorted by a field; raises ``KeyError`` for others than X's."""
        return self._orders[field][::-1] if falling else self._orders[field]

    @cached_property
    def _orders(self) -> dict[str, list[int]]:
        everything = [self.account(index) for index in range(self.accounts)]
        keys: dict[str, Callable[[int], str]] = {
            "created_at": lambda index: everything[index].created_at,
            "updated_at": lambda index: everything[index].updated_at,
            "deleted": lambda index: str(everything[index].deleted),
            "name": lambda index: everything[index].name.casefold(),
        }
        indexes = range(self.accounts)
        return {name: sorted(indexes, key=key) for name, key in keys.items()}

    def reach(self, person: Person) -> Sequence[int]:
        """Return the ad accounts that this person has a role on, oldest role first."""
        if person.screen_name == AGENCY:
            return range(self.accounts)
        return [i for i in cast.REACH.get(person.screen_name, {}) if i < self.accounts]

    def permissions(self, person: Person, index: int) -> tuple[str, ...] | None:
        """Return what this person may do on an ad account; ``None`` is no role at all."""
        if person.screen_name == AGENCY:
            owned = index < len(cast.CAST) and cast.CAST[index].owner == AGENCY
            return cast.ADMIN if owned else cast.AGENCY_ROLES[index % len(cast.AGENCY_ROLES)]
        return cast.REACH.get(person.screen_name, {}).get(index)

    def promotable_users(self, index: int) -> tuple[PromotableUser, ...]:
        """Return the promotable users of an ad account, the FULL one first if it has one."""
        part = cast.CAST[index] if index < len(cast.CAST) else None
        bits = digest(self.seed, "promotable", index)
        opened = FIRST_DAY + int.from_bytes(bits[2:6], "big") % 300_000_000
        others = part.retweeters if part else bits[0] % 3
        users = []
        for slot in range(others + 1):
            if slot == 0 and part and not part.full:
                continue
            owner = self._handles.get(part.owner) if part and slot == 0 else None
            if slot == 1 and index % 4 == 0:
                owner = self.people[(index // 4) % len(self.people)]
            kind = "FULL" if slot == 0 else "RETWEETS_ONLY"
            users.append(
                PromotableUser(
                    id=in_base(index * _SLOTS + slot + 36**4, BASE36, 6).lstrip("0"),
                    user_id=owner.user_id if owner else self.user_id(index, slot),
                    # A kind that no document names: whoever reads it must keep it.
                    type="BRAND_PARTNER" if index == 10 and slot == 3 else kind,
                    deleted=index == 10 and slot == 2,
                    created_at=iso(opened + slot * 86_400),
                    updated_at=iso(opened + slot * 90_000),
                )
            )
        return tuple(users)

    def user_id(self, index: int, slot: int) -> str:
        """Return the id of a user who is not one of ``people`` but promoted by an account."""
        return str(self._user_ids.outside(index * _SLOTS + slot))

    def user(self, user_id: str) -> Person | None:
        """Return any user of this world; some promoted ones no longer exist."""
        known = self._people.get(user_id)
        if known or not (user_id.isascii() and user_id.isdigit()) or len(user_id) != 19:
            return known
        place = self._user_ids.inside(int(user_id))
        index, slot = divmod(place, _SLOTS)
        if index >= self.accounts or self.user_id(index, slot) != user_id or place % 37 == 36:
            return None
        handle = "u_" + in_base(place, BASE36, 7)
        name = self.name(index)[:40]
        return Person(user_id, handle, f"{name} {slot}" if slot else name)


def make_world(*, seed: int = 1, accounts: int = 30) -> World:
    """Make a world; the same seed and number are the same world.

    Raises ``InputError`` unless there are 1 to 50,000 ad accounts.
    """
    if not 1 <= accounts <= MAX_ACCOUNTS:
        raise InputError(
            "That is not a practice world",
            f"The practice server holds 1 to {MAX_ACCOUNTS:,} ad accounts, not {accounts:,}.",
            "Give another number.",
            field="accounts",
        )
    return World(seed=seed, accounts=accounts)


def iso(seconds: int) -> str:
    """Write Unix seconds as the Ads API does."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
