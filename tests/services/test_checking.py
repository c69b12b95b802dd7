from __future__ import annotations

import asyncio

import pytest
from keyring.errors import KeyringLocked

from adwarden.domain.checks import WORDS, CheckResult, Finding, Way
from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import MEMORY, AppState, Connection, ConnectionState
from adwarden.practice.faults import Kind, Shape
from adwarden.practice.people import AppKind
from adwarden.services import events
from adwarden.services.checking import PARALLEL
from adwarden.services.telling import tell_app
from adwarden.storage.vault import KeychainState
from tests.services.clockwork import Clockwork, HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_dropping import edit, seen, with_both
from tests.services.test_removing import soon

VERIFY = "/1.1/account/verify_credentials.json"
ADS = "/12/accounts"


async def connected(house: House, place: int = 0, handle: str = "contoso") -> Connection:
    return await house.connect(await house.add_app(place), handle)


async def check(house: House, connection: Connection) -> CheckResult:
    (result,) = await house.accounts.checking.check([connection.id])
    return result


def state(house: House, connection: Connection) -> ConnectionState:
    return house.accounts.roster.connection(connection.id).state


async def test_a_token_that_works(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        await house.accounts.refresh(one.id)
        checked = house.accounts.roster.connection(one.id).checked_at
        house.server.journal.clear()
        result = await check(house, one)
        assert result.finding is Finding.WORKING
        assert not result.trouble
        assert result.ways == ()
        # The scarce list is not asked for where an ad account is known.
        paths = [e.path for e in house.server.journal.entries()]
        assert len(paths) == 2
        assert paths[0] == VERIFY
        assert paths[1].endswith("/authenticated_user_access")
        saved = house.accounts.roster.connection(one.id)
        assert saved.state is ConnectionState.WORKING
        assert saved.checked_at == checked  # nothing was fetched


async def test_without_a_known_ad_account_the_list_is_asked(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        assert (await check(house, one)).finding is Finding.WORKING
        assert [e.path for e in house.server.journal.entries(ADS)] == [ADS]


@pytest.mark.parametrize(
    ("path", "status", "code", "shape", "finding", "way", "after"),
    [
        (VERIFY, 401, "89", Shape.JSON, Finding.REVOKED, Way.RECONNECT, "revoked"),
        (ADS, 401, "UNAUTHORIZED_ACCESS", Shape.ADS, Finding.REVOKED, Way.RECONNECT, "revoked"),
        (VERIFY, 403, "63", Shape.JSON, Finding.USER_SUSPENDED, Way.OPEN_X, "attention"),
        (VERIFY, 403, "64", Shape.JSON, Finding.USER_SUSPENDED, Way.OPEN_X, "attention"),
        (VERIFY, 403, "326", Shape.JSON, Finding.USER_LOCKED, Way.OPEN_X, "attention"),
        (VERIFY, 401, "416", Shape.XML, Finding.APP_SUSPENDED, Way.CONSOLE, "attention"),
        (VERIFY, 401, "32", Shape.JSON, Finding.WRONG_KEYS, Way.KEYS, "attention"),
        (
            ADS,
            403,
            "UNAUTHORIZED_CLIENT_APPLICATION",
            Shape.ADS,
            Finding.NOT_APPROVED,
            Way.ADS_FORM,
            "attention",
        ),
        (
            ADS,
            403,
            "READONLY_CLIENT_APPLICATION",
            Shape.ADS,
            Finding.APP_READ_ONLY,
            Way.ADS_FORM,
            "working",
        ),
        (VERIFY, 503, "130", Shape.JSON, Finding.UNREACHABLE, Way.AGAIN, "working"),
    ],
)
async def test_what_x_says_is_told_by_its_code(
    open_house: OpenHouse,
    path: str,
    status: int,
    code: str,
    shape: Shape,
    finding: Finding,
    way: Way,
    after: str,
) -> None:
    async with open_house(time=Clockwork()) as house:
        one = await connected(house)
        house.server.faults.add(Kind.ERROR, path, times=0, status=status, code=code, shape=shape)
        result = await check(house, one)
        assert result.finding is finding
        assert result.ways[0] is way
        assert result.trouble
        assert result.title
        assert result.message
        assert result.remedy
        assert WORDS[finding] in result.text
        assert state(house, one).value == after
        # The state comes the way of a refresh: by the event that a connection was saved.
        saved = house.of(events.ConnectionSaved)[-1].connection
        assert saved.error


async def test_a_wrong_clock_is_told_in_seconds_and_in_words(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        house.server.faults.skew = 432.0
        result = await check(house, one)
        assert result.finding is Finding.CLOCK
        assert "7 minutes slow" in result.message
        assert any(f"({n} seconds)" in result.message for n in range(429, 436))
        assert state(house, one) is ConnectionState.ATTENTION


async def test_a_token_of_an_app_that_may_only_read(open_house: OpenHouse) -> None:
    async with open_house() as house:
        kinds = [app.kind for app in house.server.world.apps]
        one = await connected(house, kinds.index(AppKind.READ_ONLY))
        result = await check(house, one)
        assert result.finding is Finding.READ_ONLY
        assert result.ways == (Way.CONSOLE, Way.RECONNECT)
        assert result.works
        assert state(house, one) is ConnectionState.WORKING
        assert house.accounts.roster.connection(one.id).access_level == "read"


async def test_an_app_that_is_not_approved_for_ads(open_house: OpenHouse) -> None:
    async with open_house() as house:
        kinds = [app.kind for app in house.server.world.apps]
        one = await connected(house, kinds.index(AppKind.NOT_APPROVED))
        result = await check(house, one)
        assert result.finding is Finding.NOT_APPROVED
        assert "forms/ads-api-access" in result.ways[0].page


async def test_an_app_that_is_not_enrolled_may_still_work_for_ads(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        body = (
            '{"reason":"client-not-enrolled","title":"Client Forbidden",'
            '"type":"https://api.x.com/2/problems/client-forbidden"}'
        )
        house.server.faults.add(
            Kind.BODY, VERIFY, status=403, text=body, content_type="application/json", times=0
        )
        result = await check(house, one)
        assert result.finding is Finding.NOT_ENROLLED
        assert result.works
        assert state(house, one) is ConnectionState.WORKING
        house.server.faults.add(
            Kind.BODY, ADS, status=403, text=body, content_type="application/json", times=0
        )
        result = await check(house, one)
        assert result.finding is Finding.NOT_ENROLLED
        assert not result.works
        assert state(house, one) is ConnectionState.ATTENTION


async def test_a_call_that_x_has_closed_leaves_the_ads_api_to_tell(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        house.server.faults.add(Kind.ERROR, VERIFY, status=403, code="453")
        assert (await check(house, one)).finding is Finding.WORKING


async def test_an_ad_account_out_of_reach_is_not_the_token(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        await house.accounts.refresh(one.id)
        house.server.faults.add(
            Kind.ERROR, f"{ADS}/", times=0, status=403, code="ACCOUNT_NOT_FOUND", shape=Shape.ADS
        )
        assert (await check(house, one)).finding is Finding.WORKING


async def test_a_used_up_limit_is_said_and_changes_nothing(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        before = house.accounts.roster.connection(one.id)
        house.server.faults.add(Kind.ERROR, VERIFY, times=0, status=429, code="88")
        house.server.faults.add(Kind.ERROR, ADS, times=0, status=429, code="88")
        result = await check(house, one)
        assert result.finding is Finding.LIMITED
        assert result.ways == (Way.AGAIN,)
        assert house.accounts.roster.connection(one.id) == before


async def test_a_limit_of_the_list_alone_leaves_the_token_working(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        house.server.faults.add(Kind.ERROR, ADS, times=0, status=429, code="88")
        result = await check(house, one)
        assert result.finding is Finding.WORKING
        assert "rate limit" in result.message


async def test_without_a_network_the_others_are_not_asked(open_house: OpenHouse) -> None:
    async with open_house(time=Clockwork()) as house:
        app = await house.add_app()
        names = [p.screen_name for p in house.server.world.people if not p.suspended]
        ones = [await house.connect(app, name) for name in names]
        assert len(ones) > PARALLEL
        house.server.journal.clear()
        dropped = house.server.faults.add(Kind.DROP, "/", times=0)
        told: list[CheckResult] = []
        results = await house.accounts.checking.check([one.id for one in ones], told.append)
        assert {result.finding for result in results} == {Finding.UNREACHABLE}
        assert len(results) == len(ones) == len(told)
        assert dropped.hits <= 2 * PARALLEL


async def test_a_token_that_is_not_in_the_keychain(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        del house.backend.entries[one.entry, one.handle]
        result = await check(house, one)
        assert result.finding is Finding.NO_TOKEN
        assert result.ways == (Way.RECONNECT,)
        assert state(house, one) is ConnectionState.NEEDS_AUTHORIZATION


async def test_an_app_whose_keys_are_not_in_the_keychain(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        app = house.accounts.roster.app(one.app_id)
        del house.backend.entries[app.entry, app.label]
        result = await check(house, one)
        assert result.finding is Finding.NO_KEYS
        assert result.ways == (Way.KEYS,)
        assert house.accounts.roster.app(app.id).state is AppState.KEYS_MISSING


async def test_a_locked_keychain_is_asked_once(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        names = [p.screen_name for p in house.server.world.people if not p.suspended]
        ones = [await house.connect(app, name) for name in names]
        asked = 0

        async def locked(*_: object) -> None:
            nonlocal asked
            asked += 1
            raise KeychainError(ErrorCode.KEYCHAIN_LOCKED, "Locked", "It is locked.", "Unlock it.")

        monkeypatch.setattr(house.keychain, "get", locked)
        results = await house.accounts.checking.check([one.id for one in ones])
        assert {result.ways for result in results} == {(Way.UNLOCK,)}
        assert asked <= PARALLEL
        assert state(house, ones[0]) is ConnectionState.WORKING
        assert KeychainState.LOCKED.value == "locked"


async def test_what_is_gone_has_no_result_and_cancelling_stops(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        assert await house.accounts.checking.check(["nobody"]) == ()
        slow = house.server.faults.add(Kind.LATENCY, VERIFY, seconds=1.0)
        running = asyncio.create_task(house.accounts.checking.check([one.id, one.id]))
        async with asyncio.timeout(10):
            while not slow.hits:  # noqa: ASYNC110
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()
        assert state(house, one) is ConnectionState.WORKING


async def test_no_result_holds_a_secret(open_house: OpenHouse) -> None:
    async with open_house() as house:
        one = await connected(house)
        await house.keychain.get(one.entry, one.handle)
        app = house.server.world.apps[0]
        for code in ("89", "32"):
            house.server.faults.add(Kind.ERROR, VERIFY, status=401, code=code)
            result = await check(house, one)
            assert app.key not in result.text + result.detail
            assert app.secret not in result.text + result.detail


async def test_a_check_does_not_show_what_is_on_its_way_out(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        app = await with_both(house)
        await edit(house, app, removed=["bearer"])
        await soon(lambda: seen(house) == ("client_secret",), "it is told")
        before = len(house.of(events.AppSaved))
        (result,) = await house.accounts.checking.check([app.id])
        assert result.works
        assert len(house.of(events.AppSaved)) == before + 1  # that its keys work
        assert seen(house) == ("client_secret",)


async def test_a_check_says_nothing_of_an_app_that_is_hidden_since(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        house.accounts.roster.hide(app.id)
        before = len(house.events)
        tell_app(house.accounts.roster, house.accounts._hub, app.id)
        tell_app(house.accounts.roster, house.accounts._hub, "gone")
        assert house.events[before:] == []


async def test_a_locked_place_of_the_keys_is_asked_once_for_all(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        other = await house.add_app(1)
        found = [await house.connect(app, handle) for handle in ("contoso", "agency_ops")]
        apart = await house.connect(other, "contoso")
        await house.accounts.moving.move(MEMORY, [*found, other, apart])
        house.backend.failures["get"] = KeyringLocked("locked")
        asked = len(house.backend.calls)
        monkeypatch.setattr("adwarden.services.checking.PARALLEL", 1)
        *results, last = await house.accounts.checking.check([one.id for one in (*found, apart)])
        assert {one.finding for one in results} == {Finding.LOCKED}
        assert last.finding is not Finding.LOCKED  # all of it is elsewhere
        assert len(house.backend.calls) == asked + 1


@pytest.mark.parametrize(
    ("path", "status", "code", "shape", "after"),
    [
        (VERIFY, 401, "135", Shape.JSON, "revoked"),
        (VERIFY, 401, "32", Shape.JSON, "revoked"),
        (VERIFY, 401, "416", Shape.XML, "revoked"),
        (ADS, 403, "client-not-enrolled", Shape.ADS, "revoked"),
        (VERIFY, 503, "130", Shape.JSON, "revoked"),
        (VERIFY, 403, "64", Shape.JSON, "attention"),
        (ADS, 403, "UNAUTHORIZED_CLIENT_APPLICATION", Shape.ADS, "attention"),
    ],
)
async def test_a_known_revocation_stays_until_x_has_looked_at_the_token(
    open_house: OpenHouse, path: str, status: int, code: str, shape: Shape, after: str
) -> None:
    async with open_house(time=Clockwork()) as house:
        one = await connected(house)
        house.server.faults.add(Kind.ERROR, VERIFY, status=401, code="89", shape=Shape.JSON)
        assert (await check(house, one)).finding is Finding.REVOKED
        known = house.accounts.roster.connection(one.id)
        house.server.faults.add(Kind.ERROR, path, times=0, status=status, code=code, shape=shape)
        result = await check(house, one)
        assert result.finding is not Finding.REVOKED  # what was found now is told all the same
        now = house.accounts.roster.connection(one.id)
        assert now.state.value == after
        # Why it is in that state is said as long as it is in it.
        assert (now.error == known.error) is (after == "revoked")
        house.server.faults.clear()
        assert (await check(house, one)).finding is Finding.WORKING
        assert state(house, one) is ConnectionState.WORKING
