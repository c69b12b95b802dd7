from __future__ import annotations

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import MEMORY, Connection, ConnectionState, Credential
from adwarden.practice.faults import Kind
from adwarden.services.leaving import Left
from adwarden.storage import settings as known
from adwarden.storage.directory import Directory
from tests.services.conftest import House, OpenHouse

INVALIDATE = "/1.1/oauth/invalidate_token.json"


async def crowd(house: House) -> list[Connection]:
    """Connect everybody through the first app."""
    app = await house.add_app()
    names = [p.screen_name for p in house.server.world.people if not p.suspended]
    return [await house.connect(app, name) for name in names[:4]]


async def test_all_of_an_app_are_revoked_and_removed(open_house: OpenHouse) -> None:
    async with open_house() as house:
        ones = await crowd(house)
        leaving = house.accounts.leaving
        told: list[Left] = []
        ended = await leaving.revoke_all([one.id for one in ones], told.append)
        assert [left.connection_id for left in ended] == [one.id for one in ones]
        assert list(ended) == told
        assert all(left.error is None for left in ended)
        assert house.accounts.roster.connections == ()
        assert house.server.journal.count(INVALIDATE, status=200) == len(ones)
        assert [user for _, user in house.backend.entries if user.startswith("@")] == []


async def test_a_user_over_all_apps(open_house: OpenHouse) -> None:
    async with open_house() as house:
        ones = await crowd(house)
        second = await house.add_app(1)
        other = await house.connect(second, ones[0].screen_name)
        await house.accounts.leaving.revoke_all([ones[0].id, other.id])
        assert ones[0].user_id not in [one.user_id for one in house.accounts.roster.connections]
        assert len(house.accounts.roster.connections) == len(ones) - 1


async def test_what_x_refuses_stays_and_is_listed_with_the_reason(open_house: OpenHouse) -> None:
    async with open_house() as house:
        ones = await crowd(house)
        house.server.faults.add(Kind.ERROR, INVALIDATE, skip=1, times=1, status=401, code="416")
        ended = await house.accounts.leaving.revoke_all([one.id for one in ones])
        failed = [left for left in ended if left.error is not None]
        assert [left.handle for left in failed] == [ones[1].handle]
        assert failed[0].error is not None
        assert failed[0].error.code is ErrorCode.APP_SUSPENDED
        (stays,) = house.accounts.roster.connections
        assert stays.id == ones[1].id
        assert stays.state is ConnectionState.WORKING
        steps = await house.index.run(Directory.pending)
        assert [step for step in steps if step.kind != "rebuild"] == []


async def test_without_a_network_nothing_goes_and_x_is_asked_once(open_house: OpenHouse) -> None:
    async with open_house() as house:
        ones = await crowd(house)
        dropped = house.server.faults.add(Kind.DROP, INVALIDATE, times=0)
        ended = await house.accounts.leaving.revoke_all([one.id for one in ones])
        assert len(ended) == len(ones)
        assert all(left.error is not None for left in ended)
        assert dropped.hits == 1
        states = {one.state for one in house.accounts.roster.connections}
        assert states == {ConnectionState.WORKING}
        assert len(house.accounts.roster.connections) == len(ones)


async def test_it_can_be_stopped_between_two(open_house: OpenHouse) -> None:
    async with open_house() as house:
        ones = await crowd(house)
        told: list[Left] = []
        left = (one.id for one in ones if len(told) < 2)
        ended = await house.accounts.leaving.revoke_all(left, told.append)
        assert len(ended) == 2
        assert [one.id for one in house.accounts.roster.connections] == [one.id for one in ones[2:]]


async def test_a_token_that_is_missing_here_cannot_be_revoked_and_says_so(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        ones = await crowd(house)
        del house.backend.entries[ones[0].entry, ones[0].handle]
        ended = await house.accounts.leaving.revoke_all([one.id for one in ones])
        assert ended[0].error is not None
        assert ended[0].error.code is ErrorCode.ENTRY_MISSING
        assert [left.error for left in ended[1:]] == [None] * (len(ones) - 1)
        (stays,) = house.accounts.roster.connections
        assert stays.state is ConnectionState.NEEDS_AUTHORIZATION


async def test_a_place_that_is_locked_keeps_only_what_is_in_it(open_house: OpenHouse) -> None:
    async with open_house() as house:
        ones = await crowd(house)
        house.settings.set(known.VAULT_PLACE, MEMORY)
        moved = await house.accounts.rewriting.rewrite_connection(ones[1], place=MEMORY)
        real = house.places.of(MEMORY).get

        async def locked(service: str, username: str) -> Credential:
            if service == moved.entry:
                raise KeychainError(ErrorCode.KEYCHAIN_LOCKED, "Locked", "It is locked.")
            return await real(service, username)

        house.places.of(MEMORY).get = locked  # type: ignore[method-assign]
        ended = await house.accounts.leaving.revoke_all([one.id for one in ones])
        assert [left.error is None for left in ended] == [True, False, True, True]
