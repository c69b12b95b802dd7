from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode
from adwarden.domain.model import ConnectionState
from adwarden.practice.faults import Kind, Shape
from adwarden.services import events
from adwarden.services.resuming import JOINED, RESUMED
from adwarden.services.sync_health import MOST_LOST
from adwarden.services.sync_pace import FIRST_DELAY, MAX_TRIES
from adwarden.storage.directory import RefreshJob
from tests.services.clockwork import Clockwork
from tests.services.conftest import House, OpenHouse

ACCESS = "GET accounts/:account_id/authenticated_user_access"
USERS = "GET accounts/:account_id/promotable_users"
LISTS = "GET accounts"


async def connected(house: House, handle: str = "agency_ops", place: int = 0) -> str:
    """Connect a user and return the connection's id; nothing of that is in the journal."""
    connection = await house.connect(await house.add_app(place), handle)
    house.server.journal.clear()
    return connection.id


async def whole(house: House, connection_id: str) -> int:
    """Return how many ad accounts are there, all of them with access and users."""
    entries = (await house.accounts.load()).entries[connection_id]
    assert all(one.access is not None and one.users is not None for one in entries)
    return len(entries)


async def until(house: House, calls: int) -> None:
    """Wait until so many calls of the Ads API were answered."""
    await asyncio.to_thread(house.server.journal.wait_for, calls, "/12/")


def repeated(house: House) -> int:
    """Return how many reads were asked for more than once."""
    asked = Counter(
        (entry.path, entry.query.get("cursor", ""))
        for entry in house.server.journal.entries("/12/")
    )
    return sum(times - 1 for times in asked.values())


# Limits


async def test_a_session_ends_without_one_refusal(open_house: OpenHouse) -> None:
    time = Clockwork()
    async with open_house(accounts=120, time=time) as house:
        house.server.faults.limits.be_strict()
        for endpoint in (ACCESS, USERS):
            house.server.faults.limits.set(endpoint, 25)
        ids = [await connected(house)]
        for _ in range(7):
            await asyncio.gather(*(house.accounts.refresh(one) for one in ids))
        assert await whole(house, ids[0]) == 119
        assert house.server.journal.statuses().get(429, 0) == 0
        assert house.server.journal.count("/12/accounts", status=200) == 7 * 239
        # Five windows of 25 each time, and seven lists where five are allowed.
        assert time.passed > 7 * 4 * 899
        assert any(one.resumes_at for one in house.of(events.RefreshWaiting))


async def test_several_connections_share_what_a_token_may(open_house: OpenHouse) -> None:
    time = Clockwork()
    async with open_house(accounts=60, time=time) as house:
        house.server.faults.limits.be_strict()
        for endpoint in (ACCESS, USERS):
            house.server.faults.limits.set(endpoint, 7)
        app = await house.add_app()
        for handle in ("agency_ops", "contoso", "northwind_ads"):
            await house.connect(app, handle)
        await house.accounts.refresh_all()
        assert house.server.journal.statuses().get(429, 0) == 0
        for one in house.accounts.roster.connections:
            assert await whole(house, one.id)


@pytest.mark.parametrize("set_by", [-86_400.0, 0.0, 3 * 86_400.0])
async def test_limits_survive_a_restart_and_a_clock_that_was_set(
    open_house: OpenHouse, set_by: float
) -> None:
    first = Clockwork()
    async with open_house(time=first) as house:
        server = house.server
        connection_id = await connected(house, "contoso")
        for _ in range(5):
            await house.accounts.refresh(connection_id)
    server.start()
    second = Clockwork(passed=first.passed, set_by=set_by)
    async with open_house(server=server, time=second) as house:
        before = second.passed
        await house.accounts.refresh(connection_id)
        # Neither for ever, nor too early.
        assert 800 < second.passed - before < 903
        assert server.journal.statuses().get(429, 0) == 0
    server.stop()


async def test_a_kill_after_the_fifth_list_is_remembered(open_house: OpenHouse) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await connected(house, "contoso")
        for _ in range(4):
            await house.accounts.refresh(connection_id)
        house.server.faults.add(Kind.LATENCY, "/12/accounts", seconds=30.0)
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        while not house.server.faults.hits("/12/accounts"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        # As a kill would find it: asked, not answered, nothing flushed.
        (stored,) = [
            one
            for one in await house.index.run(lambda d: d.windows())
            if one.endpoint == "GET accounts"
        ]
        assert stored.remaining == 0
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.done()


@pytest.mark.parametrize("status", [429, 503])
async def test_a_pause_that_x_asks_for_is_waited_out(open_house: OpenHouse, status: int) -> None:
    time = Clockwork()
    async with open_house(time=time) as house:
        connection_id = await connected(house)
        house.server.faults.add(
            Kind.ERROR,
            "/12/accounts/",
            times=3,
            skip=5,
            status=status,
            shape=Shape.ADS,
            headers={"retry-after": "120"},
        )
        await house.accounts.refresh(connection_id)
        assert await whole(house, connection_id) == 29
        waiting = house.of(events.RefreshWaiting)
        assert waiting[0].resumes_at is not None
        assert waiting[0].reason
        assert waiting[-1].resumes_at is None
        # Three at once are one pause, or up to three where they came one after the other.
        assert 100 < time.passed < 4 * 121


async def test_cancel_ends_a_wait_at_once(open_house: OpenHouse) -> None:
    async with open_house() as house:
        connection_id = await connected(house)
        house.server.faults.limits.set(ACCESS, 4)
        house.server.faults.limits.set(USERS, 4)
        for endpoint in (ACCESS, USERS):
            house.server.faults.limits.set(endpoint, 4, per_account=True)
        house.server.faults.add(
            Kind.ERROR, "/12/accounts", status=503, headers={"retry-after": "600"}, times=0
        )
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        await house.told(events.RefreshWaiting)
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()
        asked = house.server.journal.total
        await house.told(events.RefreshEnded)
        assert house.server.journal.total == asked
        assert [job.stopped for job in await house.index.run(lambda d: d.jobs())] == [True]


# Failures on the way


@pytest.mark.parametrize("path", ["/12/accounts", "/12/accounts/"])
async def test_cancel_ends_a_wait_before_another_try_at_once(
    open_house: OpenHouse, path: str
) -> None:
    async with open_house(time=Clockwork(still=True)) as house:
        connection_id = await connected(house)
        skip = 1 if path.endswith("/") else 0
        house.server.faults.add(Kind.ERROR, "/12/accounts", times=0, skip=skip, status=500)
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        await until(house, 1 + 2 * skip)
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()
        assert house.server.journal.count("/12/") == 1 + 2 * skip
        await house.told(events.RefreshEnded)


@pytest.mark.parametrize("status", [403, 404])
async def test_a_first_ad_account_that_is_refused_holds_up_nobody(
    open_house: OpenHouse, status: int
) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await connected(house)
        first = f"/12/accounts/{house.server.world.account_id(0)}/"
        house.server.faults.add(Kind.ERROR, first, times=0, status=status)
        # The answers to all others take their time: one after the other there would be two.
        house.server.faults.add(Kind.LATENCY, "/12/accounts/", skip=2, times=4, seconds=5.0)
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        async with asyncio.timeout(4):
            while house.server.faults.hits("/12/accounts/") < 4:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()


async def test_a_foreign_answer_to_everything_ends_it_soon(open_house: OpenHouse) -> None:
    async with open_house(accounts=300, time=Clockwork()) as house:
        connection_id = await connected(house)
        house.server.faults.add(Kind.HTML, "/12/accounts/", times=0, status=200)
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.refresh(connection_id)
        assert caught.value.code is ErrorCode.UNEXPECTED_ANSWER
        assert house.server.journal.count("/12/accounts/") < 60
        (saved,) = house.accounts.roster.connections
        assert saved.state is not ConnectionState.REVOKED


@pytest.mark.parametrize("path", ["/12/accounts", "/12/accounts/", "/1.1/account/"])
async def test_a_web_page_that_asks_for_a_sign_in_revokes_nothing(
    open_house: OpenHouse, path: str
) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await connected(house)
        house.server.faults.add(Kind.HTML, path, times=0, status=401)
        # That is no failure where only the level of the app could not be asked for.
        (outcome,) = await asyncio.gather(
            house.accounts.refresh(connection_id), return_exceptions=True
        )
        assert path.startswith("/1.1") or "other than X" in str(outcome)
        (saved,) = (await house.accounts.load()).connections
        assert saved.state is ConnectionState.WORKING


@pytest.mark.parametrize(
    ("kind", "status"),
    [(Kind.ERROR, 500), (Kind.ERROR, 502), (Kind.ERROR, 503), (Kind.DROP, 0),
     (Kind.DROP_AFTER, 0), (Kind.SHORT_BODY, 0)],
)  # fmt: skip
async def test_what_passes_is_tried_again(open_house: OpenHouse, kind: Kind, status: int) -> None:
    time = Clockwork()
    async with open_house(time=time) as house:
        connection_id = await connected(house)
        house.server.faults.add(kind, "/12/accounts", times=2, status=status or 200)
        house.server.faults.add(kind, "/12/accounts/", times=2, skip=20, status=status or 200)
        await house.accounts.refresh(connection_id)
        assert await whole(house, connection_id) == 29
        assert time.waits[:2] == pytest.approx([FIRST_DELAY, 2 * FIRST_DELAY], rel=0.01)
        signed = [entry for entry in house.server.journal.entries("/12/") if entry.signed]
        assert all(entry.nonce_fresh for entry in signed)


async def test_tries_have_an_end_and_belong_to_one_ad_account(open_house: OpenHouse) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await connected(house)
        path = f"/12/accounts/{house.server.world.account_id(0)}/promotable_users"
        house.server.faults.add(Kind.ERROR, path, times=0, status=500)
        await house.accounts.refresh(connection_id)
        assert house.server.journal.count(path) == MAX_TRIES
        entries = (await house.accounts.load()).entries[connection_id]
        failed = [one for one in entries if one.users_error]
        assert [one.account.id for one in failed] == [house.server.world.account_id(0)]
        assert failed[0].access_at is not None
        assert failed[0].users_at is None
        assert failed[0].fetched_at is not None


async def test_a_server_that_fails_everything_is_left_alone(open_house: OpenHouse) -> None:
    async with open_house(accounts=300, time=Clockwork()) as house:
        connection_id = await connected(house)
        house.server.faults.add(Kind.ERROR, "/12/accounts/", times=0, status=500)
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.refresh(connection_id)
        assert caught.value.code is ErrorCode.SERVER
        assert house.server.journal.count("/12/accounts/") < 30 * MAX_TRIES


async def test_an_ad_account_that_x_is_not_reached_for_stays_alone(open_house: OpenHouse) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await connected(house)
        first = house.server.world.account_id(0)
        house.server.faults.add(Kind.DROP, f"/12/accounts/{first}/", times=0)
        await house.accounts.refresh(connection_id)
        entries = (await house.accounts.load()).entries[connection_id]
        failed = [one for one in entries if one.access_error or one.users_error]
        assert [one.account.id for one in failed] == [first]
        assert failed[0].fetched_at is None
        assert all(one.users is not None for one in entries if one not in failed)


async def test_an_access_that_hangs_holds_up_nobody_else(open_house: OpenHouse) -> None:
    async with open_house(time=Clockwork(still=True)) as house:
        connection_id = await connected(house)
        path = f"/12/accounts/{house.server.world.account_id(0)}"
        # It is tried again after a wait that does not end here.
        house.server.faults.add(Kind.DROP, f"{path}/authenticated_user_access", times=0)
        # The list has been read by then: nothing else is left that could wake it.
        house.server.faults.add(Kind.LATENCY, f"{path}/promotable_users", seconds=0.5)
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        await until(house, 2 + 2 * 28)
        asked = {one.path.split("/")[3] for one in house.server.journal.entries("/12/accounts/")}
        assert len(asked) == 29
        assert not running.done()
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()


async def test_without_a_network_it_ends_after_a_few_ad_accounts(open_house: OpenHouse) -> None:
    async with open_house(accounts=300, time=Clockwork()) as house:
        connection_id = await connected(house)
        house.server.faults.add(Kind.DROP, "/12/accounts/", times=0)
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.refresh(connection_id)
        assert caught.value.code is ErrorCode.NO_NETWORK
        asked = {one.path.split("/")[3] for one in house.server.journal.entries("/12/accounts/")}
        assert len(asked) == MOST_LOST


NOT_APPROVED = {"status": 403, "shape": Shape.ADS, "code": "UNAUTHORIZED_CLIENT_APPLICATION"}


async def test_words_about_the_whole_app_stay_with_the_one_ad_account(
    open_house: OpenHouse,
) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await connected(house)
        first = house.server.world.account_id(0)
        path = f"/12/accounts/{first}/promotable_users"
        house.server.faults.add(Kind.ERROR, path, times=0, **NOT_APPROVED)
        await house.accounts.refresh(connection_id)
        found = await house.accounts.load()
        entries = found.entries[connection_id]
        assert [one.account.id for one in entries if one.users_error] == [first]
        assert all(one.access is not None and not one.access_error for one in entries)
        assert all(one.users is not None for one in entries if one.account.id != first)
        assert found.connections[0].state is ConnectionState.WORKING
        assert not found.connections[0].error


async def test_the_same_words_for_several_ad_accounts_are_believed(open_house: OpenHouse) -> None:
    async with open_house(accounts=300, time=Clockwork()) as house:
        connection_id = await connected(house)
        house.server.faults.add(Kind.ERROR, "/12/accounts/", times=0, **NOT_APPROVED)
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.refresh(connection_id)
        assert caught.value.code is ErrorCode.APP_NOT_APPROVED
        # Ten are fetched at the same time; nothing is begun after the third refusal.
        assert house.server.journal.count("/12/accounts/") <= 2 * (MOST_LOST + 10)
        (saved,) = house.accounts.roster.connections
        assert saved.state is ConnectionState.ATTENTION


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"status": 401, "code": "89"}, ErrorCode.REVOKED),
        ({"status": 401, "code": "32"}, ErrorCode.APP_KEYS),
    ],
)
async def test_what_is_certain_of_the_token_stops_at_once(
    open_house: OpenHouse, rule: dict[str, object], code: ErrorCode
) -> None:
    async with open_house(accounts=300, time=Clockwork()) as house:
        connection_id = await connected(house)
        house.server.faults.add(Kind.ERROR, "/12/accounts/", times=1, skip=4, **rule)
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.refresh(connection_id)
        assert caught.value.code is code
        assert house.server.journal.count("/12/accounts/") < 60


async def test_what_never_reached_x_is_not_counted(open_house: OpenHouse) -> None:
    time = Clockwork()
    async with open_house(time=time) as house:
        connection_id = await connected(house, "contoso")
        house.server.stop()
        for _ in range(3):
            with pytest.raises(AdwardenError) as caught:
                await house.accounts.refresh(connection_id)
            assert caught.value.code is ErrorCode.NO_NETWORK
        house.server.start()
        await house.accounts.refresh(connection_id)
        assert time.passed < 200
        assert not house.of(events.RefreshWaiting)
    house.server.stop()


# Pages


async def test_a_list_of_many_pages_waits_while_what_came_is_filled(open_house: OpenHouse) -> None:
    time = Clockwork()
    async with open_house(accounts=2_100, time=time) as house:
        connection_id = await connected(house)
        house.server.faults.limits.set("GET accounts", 1)
        await house.accounts.refresh(connection_id)
        assert await whole(house, connection_id) == 2_099
        lists = house.server.journal.entries("/12/accounts", status=200)
        pages = [one for one in lists if one.path == "/12/accounts"]
        assert len(pages) == 3
        assert all(one.query["count"] == "1000" for one in pages)
        assert not any("with_total_count" in one.query for one in lists)
        assert house.server.journal.statuses().get(429, 0) == 0


async def test_a_place_that_repeats_ends_the_list_but_not_what_came(open_house: OpenHouse) -> None:
    async with open_house(accounts=2_100, time=Clockwork()) as house:
        connection_id = await connected(house)
        house.server.faults.add(Kind.SAME_CURSOR, "/12/accounts", times=0)
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.refresh(connection_id)
        assert caught.value.code is ErrorCode.UNEXPECTED_ANSWER
        assert await whole(house, connection_id) == 2_000
        assert not house.of(events.EntriesRemoved)
        house.server.faults.clear()
        house.server.faults.limits.reset()
        await house.accounts.refresh(connection_id)
        assert await whole(house, connection_id) == 2_099


async def test_an_empty_page_with_a_next_one_is_no_end(open_house: OpenHouse) -> None:
    async with open_house(accounts=2_100, time=Clockwork()) as house:
        connection_id = await connected(house)
        house.server.faults.add(Kind.EMPTY_PAGE, "/12/accounts", times=1)
        await house.accounts.refresh(connection_id)
        assert await whole(house, connection_id) == 1_100 - 1 + 0


# Cut off


async def test_a_refresh_that_was_cut_off_goes_on_at_the_next_start(open_house: OpenHouse) -> None:
    async with open_house(accounts=300) as house:
        server = house.server
        connection_id = await connected(house)
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        await until(house, 200)
    assert running.cancelled()
    server.start()
    async with open_house(server=server) as house:
        (job,) = await house.index.run(lambda d: d.jobs())
        assert (job.connection_id, job.listed) == (connection_id, True)
        await house.accounts.resume_unfinished()
        assert await whole(house, connection_id) == 299
        assert await house.index.run(lambda d: d.jobs()) == ()
        assert repeated(house) <= 2 * 16
        assert server.journal.count("/12/accounts", status=200) >= 599
        lists = [one for one in server.journal.entries("/12/accounts") if one.path.endswith("ts")]
        assert len(lists) == 1
        progress = house.of(events.RefreshProgress)
        assert progress[-1].done == progress[-1].total == 299
    server.stop()


async def test_a_place_in_the_list_that_x_forgot_begins_the_list_anew(
    open_house: OpenHouse,
) -> None:
    time = Clockwork()
    async with open_house(accounts=40, time=time) as house:
        connection_id = await connected(house)
        connection = house.accounts.roster.connection(connection_id)
        job = RefreshJob(connection_id, connection.entry, time.clock(), "a-place-long-gone")
        await house.index.run(lambda d: d.save_job(job))
        await house.accounts.resume_unfinished()
        assert await whole(house, connection_id) == 39
        queries = [
            one.query.get("cursor", "")
            for one in house.server.journal.entries("/12/accounts")
            if one.path == "/12/accounts"
        ]
        assert queries == ["a-place-long-gone", ""]


@pytest.mark.parametrize(
    ("ago", "joined", "resumed"),
    [(60.0, True, True), (JOINED + 60, False, True), (RESUMED + 60, False, False),
     (-3_600.0, False, False)],
)  # fmt: skip
async def test_only_what_began_lately_goes_on(
    open_house: OpenHouse, ago: float, joined: bool, resumed: bool
) -> None:
    time = Clockwork()
    async with open_house(time=time) as house:
        connection_id = await connected(house)
        await house.accounts.refresh(connection_id)
        connection = house.accounts.roster.connection(connection_id)
        entries = (await house.accounts.load()).entries[connection_id]
        began = time.clock() - ago
        done = [
            replace(one, listed_at=began + 1, fetched_at=began + 1, access_at=began + 1)
            for one in entries
        ]
        job = RefreshJob(connection_id, connection.entry, began, listed=True)
        await house.index.run(lambda d: d.save_entries(connection_id, done, job))
        house.server.journal.clear()
        await house.accounts.resume_unfinished()
        assert house.server.journal.count("/12/") == 0
        assert await house.index.run(lambda d: d.jobs()) == ()
        await house.index.run(lambda d: d.save_job(job))
        await house.accounts.refresh(connection_id)
        assert house.server.journal.count("/12/") == (0 if joined else 59)
        if resumed:
            assert house.of(events.RefreshEnded)[-1].error is None


async def test_what_a_person_stopped_goes_on_when_asked_and_never_by_itself(
    open_house: OpenHouse,
) -> None:
    async with open_house(accounts=300, time=Clockwork()) as house:
        connection_id = await connected(house)

        def stop_after_some(event: events.Event) -> None:
            if isinstance(event, events.RefreshProgress) and event.done >= 5:
                house.accounts.cancel_refresh()

        unsubscribe = house.accounts.subscribe(stop_after_some)
        await asyncio.wait([asyncio.create_task(house.accounts.refresh(connection_id))])
        unsubscribe()
        assert [job.stopped for job in await house.index.run(lambda d: d.jobs())] == [True]
        house.server.journal.clear()
        await house.accounts.resume_unfinished()
        assert house.server.journal.count("/12/") == 0
        await house.accounts.refresh(connection_id)
        assert 0 < house.server.journal.count("/12/") < 599
        entries = (await house.accounts.load()).entries[connection_id]
        assert all(one.access is not None and one.users is not None for one in entries)
        assert await house.index.run(lambda d: d.jobs()) == ()


async def test_what_failed_before_it_was_stopped_is_asked_for_again_by_who_goes_on(
    open_house: OpenHouse,
) -> None:
    async with open_house(accounts=300, time=Clockwork()) as house:
        connection_id = await connected(house)
        first = house.server.world.account_id(0)
        path = f"/12/accounts/{first}/promotable_users"
        forbidden = {"status": 403, "shape": Shape.ADS, "code": "FORBIDDEN"}
        house.server.faults.add(Kind.ERROR, path, times=0, **forbidden)

        def stop_after_some(event: events.Event) -> None:
            if isinstance(event, events.RefreshProgress) and event.done >= 5:
                house.accounts.cancel_refresh()

        unsubscribe = house.accounts.subscribe(stop_after_some)
        await asyncio.wait([asyncio.create_task(house.accounts.refresh(connection_id))])
        unsubscribe()
        entries = (await house.accounts.load()).entries[connection_id]
        assert [one.account.id for one in entries if one.users_error] == [first]
        house.server.faults.clear()
        house.server.journal.clear()
        await house.accounts.refresh(connection_id)
        assert house.server.journal.count(path) == 1
        assert await whole(house, connection_id) == 299
        entries = (await house.accounts.load()).entries[connection_id]
        assert not any(one.users_error for one in entries)


async def test_a_job_of_another_token_or_a_lost_one_is_given_up(open_house: OpenHouse) -> None:
    async with open_house(time=Clockwork()) as house:
        connection_id = await connected(house)
        clock = Clockwork().clock
        job = RefreshJob(connection_id, "another entry", clock(), "", True)
        await house.index.run(lambda d: d.save_job(job))
        await house.accounts.resume_unfinished()
        assert house.server.journal.count("/12/") == 0
        assert await house.index.run(lambda d: d.jobs()) == ()


async def test_who_was_not_reached_in_a_list_cut_short_is_not_dropped(
    open_house: OpenHouse,
) -> None:
    async with open_house(accounts=1_500, time=Clockwork()) as house:
        connection_id = await connected(house)
        await house.accounts.refresh(connection_id)
        person = house.server.world.person_named("agency_ops")
        assert person is not None
        gone = house.server.world.account_id(1_200)
        house.server.faults.remove_access(person, gone)
        house.server.faults.add(Kind.DROP, "/12/accounts", skip=1, times=0)
        with pytest.raises(AdwardenError):
            await house.accounts.refresh(connection_id)
        assert not house.of(events.EntriesRemoved)
        house.server.faults.clear()
        await house.accounts.refresh(connection_id)
        assert house.of(events.EntriesRemoved)[-1].account_ids == (gone,)
        (saved,) = house.accounts.roster.connections
        assert saved.state is ConnectionState.WORKING


# What somebody looks at


async def test_what_is_looked_at_is_fetched_first(open_house: OpenHouse) -> None:
    async with open_house(accounts=300) as house:
        connection_id = await connected(house)
        wanted = [house.server.world.account_id(number) for number in (250, 251, 299)]
        house.accounts.prioritize(connection_id, wanted)
        await house.accounts.refresh(connection_id)
        order = [
            entry.path.split("/")[3] for entry in house.server.journal.entries("/12/accounts/")
        ]
        assert set(wanted) <= set(order[:24])


async def test_what_is_looked_at_does_not_wait_for_the_list(open_house: OpenHouse) -> None:
    time = Clockwork(still=True)
    async with open_house(time=time) as house:
        connection_id = await connected(house)
        await house.accounts.refresh(connection_id)
        house.server.journal.clear()
        house.server.faults.add(
            Kind.ERROR, "/12/accounts", status=503, times=1, headers={"retry-after": "600"}
        )
        wanted = house.server.world.account_id(5)
        house.accounts.prioritize(connection_id, [wanted])
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        await until(house, 3)
        paths = [one.path for one in house.server.journal.entries("/12/accounts/")]
        assert {path.split("/")[3] for path in paths} == {wanted}
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()


# How old it is


async def test_every_part_tells_how_old_it_is(open_house: OpenHouse, tmp_path: Path) -> None:
    time = Clockwork()
    async with open_house(time=time) as house:
        connection_id = await connected(house)
        await house.accounts.refresh(connection_id)
        first = (await house.accounts.load()).entries[connection_id][0]
        assert None not in (first.listed_at, first.access_at, first.users_at, first.fetched_at)
        time.passed += 3_600
        path = f"/12/accounts/{first.account.id}/authenticated_user_access"
        house.server.faults.add(Kind.HTML, path, times=0, status=200)
        await house.accounts.refresh(connection_id)
        again = (await house.accounts.load()).entries[connection_id][0]
        assert again.access == first.access
        assert again.access_at == first.access_at
        assert again.access_error
        for later, earlier in (
            (again.users_at, first.users_at),
            (again.listed_at, first.listed_at),
            (again.fetched_at, first.fetched_at),
        ):
            assert later is not None
            assert earlier is not None
            assert later >= earlier + 3_600


async def test_while_the_list_waits_what_was_known_before_counts(open_house: OpenHouse) -> None:
    time = Clockwork(still=True)
    async with open_house(time=time) as house:
        house.server.faults.limits.set(LISTS, 1)
        connection_id = await connected(house)
        await house.accounts.refresh(connection_id)
        await whole(house, connection_id)
        house.server.journal.clear()
        house.events.clear()
        wanted = [house.server.world.account_id(number) for number in range(5)]
        house.accounts.prioritize(connection_id, wanted)
        reached = asyncio.Event()

        def listen(event: events.Event) -> None:
            if isinstance(event, events.RefreshProgress) and event.done == 5:
                reached.set()

        house.accounts.subscribe(listen)
        running = asyncio.create_task(house.accounts.refresh(connection_id))
        await asyncio.wait_for(reached.wait(), 10)
        told = house.of(events.RefreshProgress)
        assert {one.total for one in told[1:]} == {29}
        assert (told[-1].done, told[-1].total) == (5, 29)
        house.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
