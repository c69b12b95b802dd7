from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable
from pathlib import Path

import pytest
import secretstorage

from adwarden.domain.checks import CheckResult, Finding, Way
from adwarden.domain.errors import ErrorCode, KeychainError, RateLimitedError
from adwarden.domain.model import FILE, KEYCHAIN, AppAccess, AppState, XApp
from adwarden.domain.secret import Secret
from adwarden.practice.faults import Fault, Kind, Shape
from adwarden.practice.people import AppKind
from adwarden.services import events
from adwarden.services.roster import entry_of
from adwarden.services.tasks import Lane
from adwarden.storage import settings as known
from adwarden.storage.vault import Vault
from tests.services.clockwork import Clockwork
from tests.services.conftest import House, OpenHouse
from tests.with_keyring import KeyringSession

REQUEST = "/oauth/request_token"


async def with_keys(house: House, key: str, secret: str, label: str = "App") -> XApp:
    return await house.accounts.add_app(label, Secret(key), Secret(secret), AppAccess.STANDARD)


async def check(house: House, app: XApp) -> CheckResult:
    (result,) = await house.accounts.checking.check([app.id])
    return result


def state(house: House, app: XApp) -> AppState:
    return house.accounts.roster.app(app.id).state


def asked(house: House) -> int:
    return house.server.journal.count(REQUEST)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - another thread makes it true
            await asyncio.sleep(0)


async def test_keys_that_x_accepts(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        assert state(house, app) is AppState.UNKNOWN
        result = await check(house, app)
        assert result.finding is Finding.WORKING
        assert result.works
        assert asked(house) == 1
        assert state(house, app) is AppState.WORKING
        assert house.of(events.AppSaved)[-1].app.state is AppState.WORKING
        assert (await house.accounts.load()).apps[0].state is AppState.WORKING


async def test_wrong_keys_are_told_and_new_ones_make_it_good(open_house: OpenHouse) -> None:
    async with open_house() as house:
        real = house.server.world.apps[0]
        for n, (key, secret) in enumerate([(real.key, "wrong"), ("nobody's", real.secret)]):
            app = await with_keys(house, key, secret, f"App {n}")
            result = await check(house, app)
            assert result.finding is Finding.WRONG_KEYS
            assert result.ways[0] is Way.KEYS
            assert not result.works
            assert "secret" not in result.detail
            assert state(house, app) is AppState.WRONG_KEYS
        assert (await house.accounts.load()).apps[1].state is AppState.WRONG_KEYS
        # What was kept of an app of before is not true of the new keys.
        renewed = await house.accounts.renew_app(app.id, Secret(real.key), Secret(real.secret))
        assert renewed.state is AppState.UNKNOWN
        assert (await check(house, renewed)).finding is Finding.WORKING


@pytest.mark.parametrize(
    ("kind", "finding", "after"),
    [
        # Looked at only after the signature: the keys are right.
        (AppKind.CALLBACK_ONLY, Finding.NO_CALLBACK, AppState.WORKING),
        (AppKind.PIN_ONLY, Finding.WORKING, AppState.WORKING),
        (AppKind.NOT_APPROVED, Finding.WORKING, AppState.WORKING),
        (AppKind.SUSPENDED, Finding.APP_SUSPENDED, AppState.SUSPENDED),
    ],
)
async def test_what_x_says_of_each_kind_of_app(
    open_house: OpenHouse, kind: AppKind, finding: Finding, after: AppState
) -> None:
    async with open_house() as house:
        kinds = [app.kind for app in house.server.world.apps]
        app = await house.add_app(kinds.index(kind))
        result = await check(house, app)
        assert result.finding is finding
        assert result.works == (after is AppState.WORKING)
        assert Way.RECONNECT not in result.ways
        assert state(house, app) is after
        # With a wrong secret X says no more than that, whatever the app is.
        real = house.server.world.apps[kinds.index(kind)]
        wrong = await with_keys(house, real.key, "wrong")
        assert (await check(house, wrong)).finding is Finding.WRONG_KEYS


@pytest.mark.parametrize(
    ("code", "status"), [("415", 403), ("417", 401)]
)  # an older app may answer either
async def test_a_callback_that_is_not_approved_is_no_wrong_key(
    open_house: OpenHouse, code: str, status: int
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.server.faults.add(Kind.ERROR, REQUEST, status=status, code=code, shape=Shape.XML)
        result = await check(house, app)
        assert result.finding is Finding.NO_CALLBACK
        assert result.works
        assert state(house, app) is AppState.WORKING


def no_network(house: House) -> Fault:
    return house.server.faults.add(Kind.DROP, REQUEST, times=0)


def portal(house: House) -> Fault:
    return house.server.faults.add(Kind.HTML, REQUEST, times=0, status=403)


def broken(house: House) -> Fault:
    return house.server.faults.add(Kind.ERROR, REQUEST, times=0, status=503, code="130")


@pytest.mark.parametrize("trouble", [no_network, portal, broken])
async def test_without_x_nothing_is_learned_and_it_is_tried_once(
    open_house: OpenHouse, trouble: Callable[[House], Fault]
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        rule = trouble(house)
        result = await check(house, app)
        assert result.finding is Finding.UNREACHABLE
        assert rule.hits == 1
        assert state(house, app) is AppState.UNKNOWN
        house.server.faults.clear()
        await check(house, app)
        trouble(house)
        await check(house, app)
        assert state(house, app) is AppState.WORKING  # it stays what it was


async def test_a_wrong_clock_says_nothing_of_the_keys(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.server.faults.skew = 900.0
        assert (await check(house, app)).finding is Finding.CLOCK
        assert state(house, app) is AppState.UNKNOWN


async def test_a_used_up_limit_is_not_asked_again_before_its_end(open_house: OpenHouse) -> None:
    time = Clockwork(still=True)
    async with open_house(time=time) as house:
        app = await house.add_app()
        ends = str(int(time.clock() + 300))
        rule = house.server.faults.add(
            Kind.ERROR, REQUEST, times=0, status=429, code="88",
            headers={"x-rate-limit-reset": ends},
        )  # fmt: skip
        for _ in range(3):
            result = await check(house, app)
            assert result.finding is Finding.LIMITED
            assert result.ways == (Way.AGAIN,)
        assert rule.hits == 1
        house.server.faults.clear()
        time.passed += 301
        assert (await check(house, app)).finding is Finding.WORKING


async def test_two_who_ask_share_one_request_which_ends_with_the_last(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        slow = house.server.faults.add(Kind.LATENCY, REQUEST, seconds=0.4, times=0)
        first = asyncio.create_task(house.accounts.checking.check([app.id]))
        second = asyncio.create_task(house.accounts.checking.check([app.id]))
        await until(lambda: slow.hits)
        first.cancel()
        (result,) = await second
        assert first.cancelled()
        assert result.finding is Finding.WORKING
        assert slow.hits == 1
        # Nobody waits any more: the answer changes nothing.
        house.server.faults.clear()
        slow = house.server.faults.add(Kind.LATENCY, REQUEST, seconds=0.2, times=1)
        house.server.faults.add(Kind.ERROR, REQUEST, status=401, code="32")
        alone = asyncio.create_task(house.accounts.checking.check([app.id]))
        await until(lambda: slow.hits)
        alone.cancel()
        await asyncio.wait([alone])
        assert state(house, app) is AppState.WORKING


async def test_keys_that_change_meanwhile_are_the_ones_that_count(open_house: OpenHouse) -> None:
    async with open_house() as house:
        real = house.server.world.apps[0]
        app = await with_keys(house, real.key, "wrong")
        slow = house.server.faults.add(Kind.LATENCY, REQUEST, seconds=0.3, times=1)
        running = asyncio.create_task(house.accounts.checking.check([app.id]))
        await until(lambda: slow.hits)
        await house.accounts.renew_app(app.id, Secret(real.key), Secret(real.secret))
        (result,) = await running
        assert result.finding is Finding.WORKING
        assert state(house, app) is AppState.WORKING


async def test_an_app_that_is_removed_meanwhile_has_no_result(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        slow = house.server.faults.add(Kind.LATENCY, REQUEST, seconds=0.2, times=1)
        running = asyncio.create_task(house.accounts.checking.check([app.id]))
        await until(lambda: slow.hits)
        house.accounts.removing.remove_app(app.id)
        assert await running == ()


# Entries that somebody removed in the system's own program


async def test_keys_that_were_removed_outside(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        kept = house.backend.entries.pop((app.entry, app.label))
        result = await check(house, app)
        assert result.finding is Finding.NO_KEYS
        assert result.ways == (Way.KEYS,)
        assert asked(house) == 0
        assert state(house, app) is AppState.KEYS_MISSING
        # A rebuilt entry, or a backup of the keychain: found by the next test.
        house.backend.entries[app.entry, app.label] = kept
        assert (await check(house, app)).finding is Finding.WORKING
        assert state(house, app) is AppState.WORKING


async def test_a_refresh_learns_it_too_and_that_it_is_over(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        kept = house.backend.entries.pop((app.entry, app.label))
        with pytest.raises(KeychainError) as caught:
            await house.accounts.refresh(one.id)
        assert caught.value.code is ErrorCode.APP_KEYS
        assert state(house, app) is AppState.KEYS_MISSING
        house.backend.entries[app.entry, app.label] = kept
        await house.accounts.refresh(one.id)
        assert state(house, app) is AppState.WORKING


@pytest.mark.parametrize("place", [KEYCHAIN, FILE])
async def test_the_page_of_the_places_shows_what_somebody_removed_in_another_program(
    open_house: OpenHouse, real_keyring: KeyringSession, tmp_path: Path, place: str
) -> None:
    async with open_house() as house:
        if place == FILE:
            await house.accounts.vault_file.create(tmp_path / "team.kdbx", Secret("a password"))
            house.settings.set(known.VAULT_PLACE, FILE)
        else:
            house.keychain._lane = Lane("real", workers=1, context=Vault)
        app, other = await house.add_app(0), await house.add_app(1)
        one, two = await house.connect(app, "contoso"), await house.connect(other, "contoso")
        learned = (events.AppSaved, events.ConnectionSaved)
        count = len([e for e in house.events if isinstance(e, learned)])
        await house.accounts.survey.look(place)
        assert len([e for e in house.events if isinstance(e, learned)]) == count
        if place == FILE:
            for row in (app, two):
                await house.places.delete(*entry_of(row))
        else:
            await asyncio.to_thread(remove_as_its_owner, app.entry, two.entry)
        report = await house.accounts.survey.look(place)
        assert report.rows == 4
        assert state(house, app) is AppState.KEYS_MISSING
        assert state(house, other) is AppState.UNKNOWN
        connections = {c.id: c for c in house.accounts.roster.connections}
        assert connections[one.id].state.value == "working"
        assert connections[two.id].state.value == "needs-authorization"
        assert connections[two.id].error
        told = [e for e in house.events if isinstance(e, learned)]
        assert len(told) == count + 2
        # Said once: looking again tells nobody, or a page that looks at events never ends.
        await house.accounts.survey.look(place)
        assert len([e for e in house.events if isinstance(e, learned)]) == count + 2
        for kept in house.accounts.roster.everything:
            await house.places.delete(*entry_of(kept))


async def test_a_place_that_is_read_entry_by_entry_is_left_to_the_check(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        del house.backend.entries[app.entry, app.label]
        house.backend.calls.clear()
        await house.accounts.survey.look(KEYCHAIN)
        assert app.entry not in [service for _, service in house.backend.calls]
        assert state(house, app) is AppState.UNKNOWN


def limited() -> list[RateLimitedError]:
    """Return the errors of a limit that somebody holds: of other tests, too."""
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, RateLimitedError)]


async def test_a_limit_is_remembered_in_words_and_for_these_keys_only(
    open_house: OpenHouse,
) -> None:
    time = Clockwork(still=True)
    async with open_house(time=time) as house:
        app = await house.add_app()
        ends = str(int(time.clock() + 300))
        before = limited()
        house.server.faults.add(
            Kind.ERROR, REQUEST, times=1, status=429, code="88",
            headers={"x-rate-limit-reset": ends},
        )  # fmt: skip
        first = await check(house, app)
        assert first.finding is Finding.LIMITED
        assert asked(house) == 1
        again = await check(house, app)
        assert (again.finding, again.message) == (first.finding, first.message)
        assert asked(house) == 1
        # The thread that made the call may hold it for a moment longer.
        await until(lambda: not [one for one in limited() if all(one is not old for old in before)])
        # The same keys under another name are limited as well, and others are not.
        await house.accounts.apps.edit(app.id, label="Other", access=app.access, note="")
        assert (await check(house, app)).finding is Finding.LIMITED
        real = house.server.world.apps[1]
        await house.accounts.renew_app(app.id, Secret(real.key), Secret(real.secret))
        assert (await check(house, app)).finding is not Finding.LIMITED
        assert asked(house) == 2


def remove_as_its_owner(*services: str) -> None:
    """Delete entries over the bus, as the keyring's own program does."""
    with contextlib.closing(secretstorage.dbus_init()) as bus:
        for item in secretstorage.get_default_collection(bus).get_all_items():
            if item.get_attributes().get("service") in services:
                item.delete()
