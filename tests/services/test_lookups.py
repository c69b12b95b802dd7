from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode, RateLimitedError
from adwarden.domain.lookups import Kind as What
from adwarden.domain.model import (
    AccountEntry,
    ConnectionState,
    PromotableUser,
    missing_handles,
)
from adwarden.practice import limits as practice_limits
from adwarden.practice.faults import Kind
from adwarden.services import events
from adwarden.services.lookups import MOST_FAILURES
from adwarden.services.sync_pace import FIRST_DELAY, MAX_TRIES
from tests.services.clockwork import Clockwork
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
        with pytest.raises(RateLimitedError, match="look up the rest from"):
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


# What X says of the connection itself


async def looked_up(house: House, kind: str, connection_id: str) -> None:
    lookups = house.accounts.lookups
    account = (await entries_of(house, connection_id))[0].account.id
    if kind == "handles":
        await lookups.handles(connection_id, ["1"])
    elif kind == "funding":
        await lookups.funding(connection_id, account)
    else:
        await lookups.features(connection_id, account)


@pytest.mark.parametrize("kind", [one.value for one in What])
async def test_a_token_that_x_refuses_marks_the_connection(
    open_house: OpenHouse, kind: str
) -> None:
    async with open_house() as house:
        one = await connected(house)
        person = house.server.world.person_named("wingtip_toys")
        assert person is not None
        house.server.faults.revoke(house.server.world.apps[0], person)
        with pytest.raises(AdwardenError) as caught:
            await looked_up(house, kind, one)
        assert caught.value.code is ErrorCode.REVOKED
        (saved,) = (await house.accounts.load()).connections
        assert (saved.state, saved.error) == (ConnectionState.REVOKED, str(caught.value))
        told = house.of(events.ConnectionSaved)[-1].connection
        assert told.state is ConnectionState.REVOKED
        # The same as a refresh learns.
        with pytest.raises(AdwardenError) as refreshed:
            await house.accounts.refresh(one)
        assert refreshed.value.code is caught.value.code
        assert house.accounts.roster.connection(one).state is saved.state


async def test_a_suspended_user_wants_attention_after_a_look_up(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        person = house.server.world.person_named("wingtip_toys")
        assert person is not None
        house.server.faults.suspend(person)
        with pytest.raises(AdwardenError) as caught:
            await looked_up(house, "features", one)
        assert caught.value.code is ErrorCode.USER_SUSPENDED
        assert house.accounts.roster.connection(one).state is ConnectionState.ATTENTION


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("handles", {"status": 403, "code": "client-not-enrolled"}),
        ("features", {"status": 403}),
        ("features", {"status": 500}),
        ("funding", {"status": 404}),
    ],
)
async def test_what_is_only_the_look_ups_leaves_the_connection_as_it_was(
    open_house: OpenHouse, kind: str, rule: dict[str, object]
) -> None:
    async with open_house(time=Clockwork()) as house:
        one = await connected(house)
        before = house.accounts.roster.connection(one)
        if "code" in rule:
            text = '{"title":"Client Forbidden","reason":"client-not-enrolled"}'
            rule = {"status": 403, "text": text, "content_type": "application/json"}
            house.server.faults.add(Kind.BODY, "/2/users", times=0, **rule)
        else:
            house.server.faults.add(Kind.ERROR, "/12/accounts/", times=0, **rule)
        with pytest.raises(AdwardenError):
            await looked_up(house, kind, one)
        assert house.accounts.roster.connection(one) == before


# Failures on the way


@pytest.mark.parametrize("kind", [one.value for one in What])
@pytest.mark.parametrize("fault", [Kind.ERROR, Kind.DROP, Kind.SHORT_BODY])
async def test_what_passes_is_tried_again(open_house: OpenHouse, fault: Kind, kind: str) -> None:
    time = Clockwork()
    async with open_house(time=time) as house:
        one = await connected(house)
        time.waits.clear()
        for path in ("/2/users", "/12/accounts/"):
            house.server.faults.add(fault, path, times=2, status=502)
        await looked_up(house, kind, one)
        assert time.waits == pytest.approx([FIRST_DELAY, 2 * FIRST_DELAY], rel=0.01)
        assert all(entry.nonce_fresh for entry in house.server.journal.entries() if entry.signed)


async def test_a_server_that_fails_every_batch_is_left_alone(open_house: OpenHouse) -> None:
    async with open_house(time=Clockwork()) as house:
        one = await connected(house)
        house.server.faults.add(Kind.ERROR, "/2/users", times=0, status=500)
        with pytest.raises(AdwardenError):
            await house.accounts.lookups.handles(one, [str(number) for number in range(2_000)])
        assert len(batches(house)) == MOST_FAILURES * MAX_TRIES


@pytest.mark.parametrize("kind", [one.value for one in What])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_pause_that_x_asks_for_stops_it_and_says_when_to_ask_again(
    open_house: OpenHouse, status: int, kind: str
) -> None:
    time = Clockwork()
    async with open_house(time=time) as house:
        one = await connected(house)
        for path in ("/2/users", "/12/accounts/"):
            house.server.faults.add(
                Kind.ERROR, path, times=0, status=status, headers={"retry-after": "95"}
            )
        asked = house.server.journal.total
        with pytest.raises(AdwardenError) as caught:
            await looked_up(house, kind, one)
        assert house.server.journal.total == asked + 1
        said = caught.value.remedy
        assert said.startswith("It has stopped.")
        assert "goes on" not in str(caught.value)
        assert caught.value.title == house.of(events.LookupEnded)[-1].error.title  # type: ignore[union-attr]
        # At the time it names it is possible, and not before the pause ends.
        at = said.split(" from ")[1][:5]
        named = datetime.fromtimestamp(time.clock() + 95)
        assert at in {f"{named + timedelta(seconds=s):%H:%M}" for s in (59, 60, 61)} | {
            f"{named:%H:%M}" if named.second == 0 else ""
        }
        house.server.faults.clear()
        time.passed += 95 + 60
        await looked_up(house, kind, one)


async def test_a_pause_keeps_the_batches_before_it(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        house.server.faults.add(
            Kind.ERROR, "/2/users", skip=1, times=0, status=503, headers={"retry-after": "95"}
        )
        ids = await wanted(house, one)
        with pytest.raises(AdwardenError):
            await house.accounts.lookups.handles(one, ids)
        assert set((await house.accounts.lookups.known()).handles) == set(ids[:100])
        assert len(batches(house)) == 2


@pytest.mark.parametrize("how", ["close", "disconnect"])
async def test_a_wait_before_another_try_ends_at_once(open_house: OpenHouse, how: str) -> None:
    async with open_house(time=Clockwork(still=True)) as house:
        one = await connected(house)
        house.server.faults.add(Kind.ERROR, "/2/users", times=0, status=500)
        running = asyncio.create_task(house.accounts.lookups.handles(one, ["1"]))
        await asyncio.to_thread(house.server.journal.wait_for, 1, "/2/users")
        if how == "close":
            await asyncio.wait_for(house.accounts.lookups.close(), 1)
        else:
            house.accounts.removing.disconnect(one, revoke=False)
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()
        await house.told(events.LookupEnded)
        ended = house.of(events.LookupEnded)[-1].error
        assert ended is not None
        assert ended.code is ErrorCode.CANCELLED
        assert len(batches(house)) == 1


async def test_it_tells_whom_it_asks_for(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        ids = await wanted(house, one)
        lookups = house.accounts.lookups
        await asyncio.gather(lookups.handles(one, ids[:120], "18x"), lookups.handles(one, ids))
        asked = {e.account_id: e.asked for e in house.of(events.LookupProgress) if e.asked}
        assert asked == {"18x": ids[:120], "": ids[120:]}
        totals = {e.account_id: e.total for e in house.of(events.LookupProgress)}
        assert totals == {"18x": 120, "": len(ids) - 120}
