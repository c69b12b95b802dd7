from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode, RateLimitedError
from adwarden.domain.lookups import Kind as What
from adwarden.domain.lookups import missing_handles
from adwarden.domain.model import AccountEntry, PromotableUser
from adwarden.practice import limits as practice_limits
from adwarden.practice.faults import Kind
from adwarden.services import events
from tests.services.conftest import House, OpenHouse


async def connected(house: House, handle: str = "wingtip_toys") -> str:
    """Connect and refresh; return the connection's id."""
    app = await house.add_app()
    connection = await house.connect(app, handle)
    house.server.faults.limits.be_generous()
    await house.accounts.refresh(connection.id)
    return connection.id


async def entries_of(house: House, connection_id: str) -> tuple[AccountEntry, ...]:
    return (await house.accounts.load()).entries[connection_id]


async def wanted(house: House, connection_id: str) -> tuple[str, ...]:
    """Return what the button would ask for now."""
    known = (await house.accounts.lookups.known()).handles
    return missing_handles(await entries_of(house, connection_id), known)


def batches(house: House) -> list[Sequence[str]]:
    asked = house.server.journal.entries("/2/users")
    return [one.query.get("ids", "").split(",") for one in asked]


def own(user: PromotableUser) -> bool:
    return user.handle == "wingtip_toys"


async def test_foreign_handles_are_asked_for_in_batches_and_shown(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        ids = await wanted(house, one)
        assert len(ids) > 200
        assert not batches(house)  # nothing by itself
        await house.accounts.lookups.handles(one, ids)
        assert len(batches(house)) == -(-len(ids) // 100)
        assert await wanted(house, one) == ()
        shown = [user for entry in await entries_of(house, one) for user in entry.users or ()]
        known = (await house.accounts.lookups.known()).handles
        assert all(user.handle == known[user.user_id].handle for user in shown if not own(user))
        assert sum(bool(user.handle) for user in shown) > 200
        ended = [event for event in house.events if isinstance(event, events.LookupEnded)]
        assert [(e.kind, e.error) for e in ended] == [(What.HANDLES.value, None)]
        assert any(isinstance(event, events.EntriesSaved) for event in house.events)
        progress = [e for e in house.events if isinstance(e, events.LookupProgress) and e.total]
        assert [e.done for e in progress] == list(range(0, len(ids), 100))


async def test_a_refresh_keeps_the_handles_and_asks_for_none(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        await house.accounts.lookups.handles(one, await wanted(house, one))
        paid = len(batches(house))
        await house.accounts.refresh(one)
        assert await wanted(house, one) == ()
        assert len(batches(house)) == paid


async def test_a_batch_that_fails_loses_nothing_of_the_others(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        ids = await wanted(house, one)
        house.server.faults.add(Kind.BODY, "/2/users", skip=1, times=1, status=200, text="<html>")
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.lookups.handles(one, ids)
        assert caught.value.code is ErrorCode.UNEXPECTED_ANSWER
        known = (await house.accounts.lookups.known()).handles
        assert set(known) == set(ids) - set(ids[100:200])
        assert await wanted(house, one) == ids[100:200]
        await house.accounts.lookups.handles(one, ids[100:200])
        assert await wanted(house, one) == ()


async def test_a_used_up_window_stops_the_rest(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        ids = await wanted(house, one)
        house.server.faults.limits.set(practice_limits.USERS, 1)
        with pytest.raises(RateLimitedError, match="Look up the rest after"):
            await house.accounts.lookups.handles(one, ids)
        assert len(batches(house)) == 1  # X did not have to refuse
        assert len((await house.accounts.lookups.known()).handles) == 100


async def test_who_is_not_there_is_not_paid_for_again(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        await house.accounts.lookups.handles(one, ["999999999999"])
        known = (await house.accounts.lookups.known()).handles
        assert known["999999999999"].handle == ""
        assert known["999999999999"].fetched_at > 0


async def test_two_wishes_are_one_look_up(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        lookups = house.accounts.lookups
        await asyncio.gather(*(lookups.handles(one, ["1"]) for _ in range(3)))
        assert len(batches(house)) == 1


async def test_nobody_is_paid_for_twice_at_the_same_time(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        ids = await wanted(house, one)
        lookups = house.accounts.lookups
        # An account's users, and while that runs all of the connection's.
        await asyncio.gather(lookups.handles(one, ids[:120], "18x"), lookups.handles(one, ids))
        assert len(batches(house)) == 2 + -(-(len(ids) - 120) // 100)
        assert await wanted(house, one) == ()


async def test_funding_and_features_are_kept_with_their_time(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        lookups = house.accounts.lookups
        for entry in await entries_of(house, one):
            await lookups.funding(one, entry.account.id)
            await lookups.features(one, entry.account.id)
        found = await lookups.known()
        ids = {entry.account.id for entry in await entries_of(house, one)}
        assert set(found.funding) == set(found.features) == ids
        assert any(one.instruments for one in found.funding.values())
        assert all(one.fetched_at > 0 for one in found.funding.values())
        told = [e for e in house.events if isinstance(e, events.LookedUp)]
        assert len(told) == 2 * len(ids)


async def test_a_list_of_instruments_without_an_end_is_given_up(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        account = (await entries_of(house, one))[0].account.id
        body = '{"data":[{"id":"a"}],"next_cursor":"x"}'
        house.server.faults.add(
            Kind.BODY, f"/12/accounts/{account}/funding", times=0, status=200, text=body,
            content_type="application/json",
        )  # fmt: skip
        with pytest.raises(AdwardenError, match="does not come to an end"):
            await house.accounts.lookups.funding(one, account)
        assert not (await house.accounts.lookups.known()).funding


async def test_a_refusal_is_told_and_nothing_is_lost(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        account = (await entries_of(house, one))[0].account.id
        await house.accounts.lookups.features(one, account)
        house.server.faults.add(Kind.ERROR, f"/12/accounts/{account}/features", status=403)
        with pytest.raises(AdwardenError):
            await house.accounts.lookups.features(one, account)
        assert account in (await house.accounts.lookups.known()).features
        ended = [e.error for e in house.events if isinstance(e, events.LookupEnded)]
        assert [error is None for error in ended] == [True, False]


async def test_the_day_of_approval_is_kept(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.accounts.note_approval(app.id, 1_700_000_000.0)
        assert (await house.accounts.load()).apps[0].approved_at == 1_700_000_000.0
        await house.accounts.note_approval(app.id, None)
        assert (await house.accounts.load()).apps[0].approved_at is None
