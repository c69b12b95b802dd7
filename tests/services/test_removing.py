from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import pytest
from keyring.errors import PasswordDeleteError, PasswordSetError

from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, NotFoundError
from adwarden.domain.model import Connection, ConnectionState
from adwarden.practice.faults import Kind
from adwarden.practice.server import PracticeServer
from adwarden.practice.world import make_world
from adwarden.services import events
from adwarden.services.events import RemovalChanged, Stage
from adwarden.services.removing import UNDO_SECONDS
from adwarden.storage.directory import Directory
from tests.fakes.person import authorize
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse

INVALIDATE = "/1.1/oauth/invalidate_token.json"


async def soon(seen: Callable[[], object], what: str) -> None:
    """Let the loop turn until ``seen`` is true."""
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110 - anything may be waited for
            await asyncio.sleep(0)
    assert seen(), what


async def at(house: House, stage: Stage, times: int = 1) -> RemovalChanged:
    """Wait until removals have come to a stage so many times; return the last."""

    def found() -> list[RemovalChanged]:
        return [one for one in house.of(RemovalChanged) if one.stage is stage]

    await soon(lambda: len(found()) >= times, stage.value)
    return found()[-1]


async def stored(house: House, connection: Connection) -> Connection | None:
    return await house.index.run(partial(Directory.connection, connection_id=connection.id))


async def steps(house: House) -> list[str]:
    """Return what is noted as begun, apart from what every new index has noted."""
    found = await house.index.run(Directory.pending)
    return [step.kind for step in found if step.kind != "rebuild"]


def asked(house: House) -> int:
    return house.server.journal.count(INVALIDATE)


def lists_read(house: House) -> int:
    return sum(e.path == "/12/accounts" for e in house.server.journal.entries())


def kept(house: House, connection: Connection) -> bool:
    return (connection.entry, connection.handle) in house.backend.entries


@pytest.mark.parametrize("revoke", [False, True])
async def test_what_is_disconnected_is_gone_at_once_and_nothing_has_happened(
    open_house: OpenHouse, revoke: bool
) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.refresh(one.id)
        house.accounts.removing.disconnect(one.id, revoke=revoke)
        await house.told(events.ConnectionRemoved)
        assert house.accounts.roster.connections == ()
        with pytest.raises(NotFoundError):
            await house.accounts.refresh(one.id)
        with pytest.raises(NotFoundError):
            house.accounts.removing.disconnect(one.id, revoke=revoke)
        # As after the end by force: there is no trace of it anywhere.
        assert await stored(house, one) is not None
        assert not await steps(house)
        assert kept(house, one)
        assert asked(house) == 0


async def test_undoing_brings_everything_back(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.refresh(one.id)
        before = await stored(house, one)
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS - 1)
        assert house.accounts.removing.left(house.accounts.removing.waiting[0]) == 1.0
        house.events.clear()
        assert await house.accounts.removing.undo(one.id)
        await soon(lambda: house.of(events.EntriesSaved), "its ad accounts")
        assert house.accounts.roster.connections == (before,)
        (saved,) = house.of(events.ConnectionSaved)
        assert saved.connection == before
        told = {e.account.id for part in house.of(events.EntriesSaved) for e in part.entries}
        assert told == house.accounts.roster.reached[one.id]
        # Nothing says that anything is being fetched, as nobody would say that it has ended.
        assert not house.of(events.RefreshProgress)
        time.pass_time(UNDO_SECONDS)
        assert not await house.accounts.removing.undo(one.id)
        assert not house.accounts.removing.waiting
        assert kept(house, one)
        assert asked(house) == 0


@pytest.mark.parametrize("revoke", [False, True])
async def test_after_ten_seconds_it_is_carried_out(open_house: OpenHouse, revoke: bool) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.accounts.removing.disconnect(one.id, revoke=revoke)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS - 0.5)
        await asyncio.sleep(0)
        assert kept(house, one)
        time.pass_time(0.5)
        await at(house, Stage.DONE)
        assert not kept(house, one)
        assert await stored(house, one) is None
        assert not await steps(house)
        assert asked(house) == revoke
        assert not await house.accounts.removing.undo(one.id)


@pytest.mark.parametrize("revoke", [False, True])
async def test_quitting_is_the_end_of_the_ten_seconds(open_house: OpenHouse, revoke: bool) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.accounts.removing.disconnect(one.id, revoke=revoke)
        await house.accounts.close()
        assert asked(house) == revoke
        assert not kept(house, one)
    async with open_house() as house:
        assert (await house.accounts.load()).connections == ()
        assert not await steps(house)


async def test_a_revocation_that_quitting_had_no_time_for_is_made_at_the_next_start(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adwarden.services.undoing.QUIT_SECONDS", 0.2)
    server = PracticeServer(make_world(seed=5, accounts=30))
    server.start()
    async with open_house(time=HandClock(), server=server) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.server.faults.add(Kind.LATENCY, INVALIDATE, seconds=2.0)
        house.accounts.removing.disconnect(one.id, revoke=True)
        await house.accounts.close()
        assert kept(house, one)
    server.faults.clear()
    async with open_house(server=server) as house:
        (shown,) = house.accounts.roster.connections
        assert shown.state is ConnectionState.REVOKING
        await house.accounts.recover()
        told = await at(house, Stage.DONE)
        assert told.removal.revoke
        assert told.removal.name == "@contoso"
        assert not kept(house, one)
        await house.told(events.ConnectionRemoved)
        assert (await house.accounts.load()).connections == ()
    server.stop()


async def test_without_a_network_it_is_being_revoked_until_it_is(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.server.faults.add(Kind.DROP, INVALIDATE, times=2)
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        failed = await at(house, Stage.FAILED)
        assert failed.error is not None
        assert failed.error.code is ErrorCode.NO_NETWORK
        (shown,) = house.accounts.roster.connections
        assert shown.state is ConnectionState.REVOKING
        assert shown.error
        assert await steps(house) == ["revoke"]
        # That the token still works is no news, and "all" leaves it alone.
        calls = house.server.journal.count("/12/accounts")
        await house.accounts.refresh_all()
        assert house.server.journal.count("/12/accounts") == calls
        await house.accounts.refresh(one.id)
        assert house.accounts.roster.connection(one.id).state is ConnectionState.REVOKING
        with pytest.raises(AdwardenError):
            await house.accounts.removing.retry(one.id)
        await house.accounts.removing.retry(one.id)
        assert house.accounts.roster.connections == ()
        assert not kept(house, one)
        assert not await steps(house)


async def test_a_token_that_is_dead_at_x_is_gone_here(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        world = house.server.world
        person = next(p for p in world.people if p.screen_name == "contoso")
        house.server.faults.revoke(world.apps[0], person)
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert not kept(house, one)


async def test_what_x_refuses_is_there_again_as_it_was(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.server.faults.add(Kind.ERROR, INVALIDATE, status=401, code="32")
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        failed = await at(house, Stage.FAILED)
        assert failed.error is not None
        assert failed.error.code is ErrorCode.APP_KEYS
        (shown,) = house.accounts.roster.connections
        assert shown.state is one.state
        assert shown.error == ""
        assert not await steps(house)


async def test_a_keychain_that_deletes_nothing_leaves_it_listed(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.backend.failures["delete"] = PasswordDeleteError("no")
        house.accounts.removing.disconnect(one.id, revoke=False)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.FAILED)
        (shown,) = house.accounts.roster.connections
        assert shown.state is ConnectionState.WORKING
        assert not await steps(house)


async def test_a_token_lost_by_a_failing_deletion_is_not_called_working(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        # The entry goes; writing the list of what there is fails after that.
        house.backend.failures["set"] = PasswordSetError("no")
        house.accounts.removing.disconnect(one.id, revoke=False)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.FAILED)
        assert not kept(house, one)
        (shown,) = house.accounts.roster.connections
        assert shown.state is ConnectionState.NEEDS_AUTHORIZATION
        assert (await stored(house, one)) == shown


async def test_a_revoked_token_that_cannot_be_deleted_goes_with_the_next_start(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.backend.failures["delete"] = PasswordDeleteError("no")
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.FAILED)
        (shown,) = house.accounts.roster.connections
        assert shown.state is ConnectionState.REVOKED
        house.backend.failures.clear()
    async with open_house() as house:
        await house.accounts.recover()
        assert house.accounts.roster.connections == ()
        assert not kept(house, one)


async def test_a_refresh_under_way_goes_on_after_undoing(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        slow = house.server.faults.add(Kind.LATENCY, "/12/accounts/", times=0, seconds=0.3)
        running = asyncio.create_task(house.accounts.refresh(one.id))
        await soon(lambda: slow.hits, "a call for an ad account")
        house.accounts.removing.disconnect(one.id, revoke=False)
        await asyncio.wait([running])
        assert running.cancelled()
        house.server.faults.clear()
        lists = lists_read(house)
        house.events.clear()
        await house.accounts.removing.undo(one.id)
        await soon(lambda: [e for e in house.of(events.RefreshEnded) if e.error is None], "its end")
        entries = await house.index.run(partial(Directory.entries, connection_id=one.id))
        assert entries
        assert all(entry.access is not None for entry in entries)
        # The list had been read: it is not asked for again.
        assert lists_read(house) == lists


async def test_who_authorizes_again_meanwhile_stays(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.accounts.removing.disconnect(one.id, revoke=False)
        await at(house, Stage.WAITING)
        again = await house.connect(app, "contoso")
        assert again.id == one.id
        await at(house, Stage.UNDONE)
        time.pass_time(UNDO_SECONDS)
        await asyncio.sleep(0)
        assert [c.entry for c in house.accounts.roster.connections] == [again.entry]
        assert kept(house, again)
        assert not kept(house, one)


async def test_a_token_that_is_being_kept_when_the_time_is_over_stays(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        attempt = await house.accounts.begin(app.id)
        granted = await house.accounts.finish(attempt, authorize(attempt.request.url, "contoso"))
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        house.backend.gate.clear()
        house.backend.entered.clear()
        keeping = asyncio.create_task(house.accounts.keep(granted))
        await asyncio.to_thread(house.backend.entered.wait, 10)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.ENDING)
        house.backend.gate.set()
        again = await keeping
        await at(house, Stage.UNDONE)
        assert [c.entry for c in house.accounts.roster.connections] == [again.entry]
        assert kept(house, again)
        assert asked(house) == 0
        await house.accounts.refresh(again.id)


async def test_a_token_revoked_before_it_is_kept_is_not_called_working(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        attempt = await house.accounts.begin(app.id)
        granted = await house.accounts.finish(attempt, authorize(attempt.request.url, "contoso"))
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        # X gave the same token again, and has forgotten it since.
        again = await house.accounts.keep(granted)
        assert again.state is ConnectionState.UNKNOWN
        with pytest.raises(AdwardenError):
            await house.accounts.refresh(again.id)
        shown = house.accounts.roster.connection(again.id)
        assert shown.state is ConnectionState.REVOKED
        assert kept(house, again)


async def test_a_token_is_revoked_before_the_same_app_is_authorized_again(
    open_house: OpenHouse,
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.accounts.removing.disconnect(one.id, revoke=True)
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.ENDING)
        again = await house.connect(app, "contoso")
        assert asked(house) == 1
        assert not house.accounts.removing.waiting
        assert [c.entry for c in house.accounts.roster.connections] == [again.entry]
        await house.accounts.refresh(again.id)


async def test_an_app_can_be_brought_back_and_comes_with_its_connection(
    open_house: OpenHouse,
) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        removing = house.accounts.removing
        with pytest.raises(InputError):
            removing.remove_app(app.id)
        removing.disconnect(one.id, revoke=False)
        removing.remove_app(app.id)
        await house.told(events.AppRemoved)
        assert house.accounts.roster.apps == ()
        assert [r.id for r in removing.waiting] == [one.id, app.id]
        house.events.clear()
        await removing.undo(one.id)
        assert not removing.waiting
        assert list(house.accounts.roster.apps) == [app]
        await house.told(events.ConnectionSaved)
        kinds = [type(e) for e in house.events]
        assert kinds.index(events.AppSaved) < kinds.index(events.ConnectionSaved)


async def test_an_app_goes_after_its_connections(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.accounts.removing.disconnect(one.id, revoke=True)
        house.accounts.removing.remove_app(app.id)
        await at(house, Stage.WAITING, 2)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE, 2)
        assert asked(house) == 1
        assert (await house.accounts.load()).apps == ()
        assert [name for name, _ in house.backend.entries if app.label in name] == []


async def test_an_app_stays_while_its_connection_cannot_be_revoked(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.server.faults.add(Kind.DROP, INVALIDATE, times=0)
        house.accounts.removing.disconnect(one.id, revoke=True)
        house.accounts.removing.remove_app(app.id)
        await at(house, Stage.WAITING, 2)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.FAILED, 2)
        assert house.accounts.roster.apps == (app,)
        assert house.accounts.roster.connection(one.id).state is ConnectionState.REVOKING
        assert (app.entry, app.label) in house.backend.entries


async def test_quitting_with_an_app_and_a_connection(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.accounts.removing.disconnect(one.id, revoke=True)
        house.accounts.removing.remove_app(app.id)
        await house.accounts.close()
    async with open_house() as house:
        snapshot = await house.accounts.load()
        assert (snapshot.apps, snapshot.connections) == ((), ())
        assert not kept(house, one)
        assert not await steps(house)


async def test_many_wait_beside_each_other(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        handles = ("contoso", "northwind_ads", "fabrikam_media")
        names = [p.screen_name for p in house.server.world.people if not p.suspended]
        chosen = [name for name in handles if name in names] or names[:3]
        ones = [await house.connect(app, name) for name in chosen]
        for one in ones:
            house.accounts.removing.disconnect(one.id, revoke=False)
            time.pass_time(1)
        assert [r.id for r in house.accounts.removing.waiting] == [one.id for one in ones]
        await house.accounts.removing.undo(ones[1].id)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE, len(ones) - 1)
        assert [c.id for c in house.accounts.roster.connections] == [ones[1].id]


@pytest.mark.parametrize("undone", [True, False])
async def test_what_is_removed_while_it_is_being_written_anew_ends_as_one_wishes(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, undone: bool
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        accounts, switch = house.accounts, Directory.switch_entry
        loop = asyncio.get_running_loop()

        async def remove() -> None:
            accounts.removing.remove_app(app.id)

        def removed_meanwhile(directory: Directory, **given: object) -> bool:
            done = switch(directory, **given)  # type: ignore[arg-type]
            asyncio.run_coroutine_threadsafe(remove(), loop).result(5)
            return done

        monkeypatch.setattr(Directory, "switch_entry", removed_meanwhile)
        changed = await accounts.apps.edit(
            app.id, label="Another name", access=app.access, note="", secrets={}
        )
        monkeypatch.undo()
        assert changed.label == "Another name"
        assert not accounts.roster.apps
        if undone:
            assert await accounts.removing.undo(app.id)
            assert [back.label for back in accounts.roster.apps] == ["Another name"]
            assert (await accounts.begin(app.id)).app.label == "Another name"
            return
        await at(house, Stage.WAITING)
        time.pass_time(UNDO_SECONDS)
        await at(house, Stage.DONE)
        assert not await steps(house)
        assert not [name for name, _ in house.backend.entries if "Another" in name]
