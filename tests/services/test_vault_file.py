"""The KeePass file and memory as places of the services, on real files; moves and surveys."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from adwarden.domain.errors import ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, Connection, ConnectionState, XApp
from adwarden.domain.secret import Secret
from adwarden.practice.faults import Kind
from adwarden.services import events
from adwarden.services.roster import Kept, entry_of
from adwarden.storage import settings as known
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_status import EntryName, KeychainState
from tests.services.conftest import House, OpenHouse
from tests.storage.keepass_parts import (
    PASSWORD,
    QUICK,
    keepassxc,
    needs_keepassxc,
    place_of,
    token,
)
from tests.storage.test_vault_manifest import Killed

OTHER = Secret("another password")


async def with_file(house: House, folder: Path) -> Path:
    """Make a KeePass file and keep what is new in it."""
    path = folder / "team.kdbx"
    await house.accounts.vault_file.create(path, PASSWORD)
    house.settings.set(known.VAULT_PLACE, FILE)
    return path


def names_in(path: Path, folder: Path) -> set[EntryName]:
    place = KeepassPlace(path, kdf=QUICK, locks=folder / "locks")
    place.open(PASSWORD)
    return set(place.names())


def states(house: House, place: str) -> list[KeychainState]:
    return [one.status.state for one in house.of(events.KeychainChanged) if one.place == place]


async def test_what_is_new_goes_to_the_chosen_file_and_comes_back_after_a_restart(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        path = await with_file(house, tmp_path)
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        assert (app.place, connection.place) == (FILE, FILE)
        assert house.backend.entries == {}
        server = house.server
        wanted = {EntryName(*entry_of(one)[:2]) for one in (app, connection)}
        assert names_in(path, tmp_path) == wanted
    async with open_house(server=server) as house:
        assert house.accounts.vault_file.path == path
        assert [one.place for one in house.accounts.roster.connections] == [FILE]
        await house.accounts.keychain_status()
        await house.told(events.KeychainChanged)
        with pytest.raises(KeychainError) as caught:
            await house.accounts.refresh(connection.id)
        assert (caught.value.code, caught.value.place) == (ErrorCode.KEYCHAIN_LOCKED, FILE)
        with pytest.raises(KeychainError) as caught:
            await house.accounts.vault_file.enter(Secret("no"))
        assert caught.value.code is ErrorCode.WRONG_PASSWORD
        before = house.accounts.roster.connection(connection.id).state
        assert before is not ConnectionState.NEEDS_AUTHORIZATION
        status = await house.accounts.vault_file.enter(PASSWORD)
        assert status.state is KeychainState.READY
        assert len((await house.places.get(*entry_of(connection))).secrets) == 2


async def test_nothing_is_kept_elsewhere_when_the_chosen_file_is_locked(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await with_file(house, tmp_path)
        await house.accounts.vault_file.lock("because the test said so")
        with pytest.raises(KeychainError) as caught:
            await house.add_app()
        assert caught.value.place == FILE
        assert "because the test said so" in caught.value.message
        assert house.backend.entries == {}
        assert (await house.accounts.load()).apps == ()
        assert states(house, FILE)[-1] is KeychainState.LOCKED
        asked: list[bool] = []

        async def ask() -> None:
            asked.append(True)
            await house.accounts.vault_file.enter(PASSWORD)

        house.accounts.vault_file.ask = ask
        assert (await house.accounts.unlock(FILE)).state is KeychainState.READY
        assert asked == [True]
        assert (await house.add_app()).place == FILE


async def test_locking_ends_the_refreshes_of_the_file_and_needs_no_caller(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await with_file(house, tmp_path)
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        refresh = asyncio.create_task(house.accounts.refresh(connection.id))
        await house.told(events.RefreshProgress)
        locking = asyncio.create_task(house.accounts.vault_file.lock("now"))
        await asyncio.sleep(0)
        locking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await refresh
        status = await house.places.status(FILE)
        assert status.state is KeychainState.LOCKED


async def test_a_refresh_that_a_lock_ended_goes_on_once_the_file_is_open_again(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(accounts=60) as house:
        await with_file(house, tmp_path)
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        house.settings.set(known.VAULT_PLACE, KEYCHAIN)
        # Only the keys of its app are in the file: it works with what was in there all the same.
        other = await house.connect(app, "northwind_ads")
        asked = [asyncio.create_task(house.accounts.refresh(one.id)) for one in (connection, other)]
        await house.told(events.EntriesSaved)
        await house.accounts.vault_file.lock()
        await asyncio.gather(*asked, return_exceptions=True)
        assert all(one.cancelled() for one in asked)
        house.events.clear()
        await house.accounts.vault_file.enter(PASSWORD)
        ended = {one.id: asyncio.Event() for one in (connection, other)}

        def listen(event: object) -> None:
            if isinstance(event, events.RefreshEnded):
                ended[event.connection_id].set()

        house.accounts.subscribe(listen)
        async with asyncio.timeout(20):
            for one in ended.values():
                await one.wait()
        assert [one.error for one in house.of(events.RefreshEnded)] == [None, None]
        assert await house.index.run(lambda d: d.jobs()) == ()


async def test_a_refresh_that_was_cancelled_stays_so_over_a_lock(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(accounts=60) as house:
        await with_file(house, tmp_path)
        connection = await house.connect(await house.add_app(), "contoso")
        # Slow enough that there is something left to cancel.
        house.server.faults.add(Kind.LATENCY, "/12/accounts/", seconds=0.3, times=0)
        for late in (False, True):
            house.events.clear()
            refresh = asyncio.create_task(house.accounts.refresh(connection.id))
            await house.told(events.EntriesSaved)
            house.accounts.cancel_refresh()
            if late:
                await asyncio.gather(refresh, return_exceptions=True)
            await house.accounts.vault_file.lock()
            await asyncio.gather(refresh, return_exceptions=True)
            house.events.clear()
            await house.accounts.vault_file.enter(PASSWORD)
            await asyncio.gather(*house.accounts._refreshing._resuming)
            assert house.of(events.RefreshProgress) == []
            (job,) = await house.index.run(lambda d: d.jobs())
            assert job.stopped


async def test_what_the_end_of_the_program_cut_off_goes_on_when_its_file_is_opened(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(accounts=60) as house:
        await with_file(house, tmp_path)
        house.settings.save()
        connection = await house.connect(await house.add_app(), "contoso")
        refresh = asyncio.create_task(house.accounts.refresh(connection.id))
        await house.told(events.EntriesSaved)
        server = house.server
    assert refresh.cancelled()
    server.start()
    async with open_house(server=server) as house:
        await house.accounts.vault_file.enter(PASSWORD)
        await house.told(events.RefreshEnded)
        assert [one.error for one in house.of(events.RefreshEnded)] == [None]
    server.stop()


async def test_another_file_is_refused_while_secrets_are_in_the_one_before(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        vault_file = house.accounts.vault_file
        path = await with_file(house, tmp_path)
        await house.add_app()
        with pytest.raises(KeychainError, match=r"team\.kdbx"):
            await vault_file.create(tmp_path / "second.kdbx", OTHER)
        assert not (tmp_path / "second.kdbx").exists()
        place = KeepassPlace(tmp_path / "third.kdbx", kdf=QUICK, locks=tmp_path / "locks")
        place.create(OTHER)
        with pytest.raises(KeychainError, match=r"team\.kdbx"):
            await vault_file.use(tmp_path / "third.kdbx", OTHER)
        assert vault_file.path == path
        moved = tmp_path / "moved.kdbx"
        path.rename(moved)
        assert (await house.places.status(FILE)).state is KeychainState.MISSING
        await vault_file.use(moved, PASSWORD)
        assert vault_file.path == moved
        app = house.accounts.roster.apps[0]
        assert (await house.places.get(*entry_of(app))).facts["label"] == app.label


async def test_forgetting_the_file_keeps_what_is_in_it(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        vault_file = house.accounts.vault_file
        path = await with_file(house, tmp_path)
        app = await house.add_app()
        status = await vault_file.forget()
        assert status.state is KeychainState.MISSING
        assert vault_file.path is None
        assert house.places.names == (KEYCHAIN, MEMORY)
        assert len(names_in(path, tmp_path)) == 1
        assert house.accounts.roster.apps == (app,)
        with pytest.raises(KeychainError) as caught:
            await house.places.get(*entry_of(app))
        assert caught.value.title == "No KeePass file is in use"
        await vault_file.use(path, PASSWORD)
        await house.places.get(*entry_of(app))


async def test_the_password_is_changed_only_with_the_old_one(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        path = await with_file(house, tmp_path)
        vault_file = house.accounts.vault_file
        with pytest.raises(KeychainError):
            await vault_file.change_password(OTHER, Secret("third"))
        await vault_file.change_password(PASSWORD, OTHER)
        await vault_file.lock()
        with pytest.raises(KeychainError):
            await vault_file.enter(PASSWORD)
        assert (await vault_file.enter(OTHER)).state is KeychainState.READY
        assert path.exists()


async def test_a_damaged_file_is_told_from_a_wrong_password(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        path = await with_file(house, tmp_path)
        await house.accounts.vault_file.lock()
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(KeychainError) as caught:
            await house.accounts.vault_file.enter(PASSWORD)
        assert caught.value.code is ErrorCode.FILE_DAMAGED
        assert states(house, FILE)[-1] is not KeychainState.READY


async def test_everything_moves_there_and_back_and_refreshes_go_on(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(accounts=6) as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        told: list[tuple[int, int, str]] = []
        moving = house.accounts.moving
        moved = await moving.move(FILE, told=lambda *step: told.append(step))
        assert moved.done == (app.label, "@contoso")
        assert (moved.left, moved.skipped) == ((), 0)
        assert told == [(0, 2, app.label), (1, 2, "@contoso"), (2, 2, "")]
        assert house.backend.entries == {}
        assert len(names_in(tmp_path / "team.kdbx", tmp_path)) == 2
        await house.accounts.refresh(connection.id)
        moved = await moving.move(KEYCHAIN)
        assert len(moved.done) == 2
        assert names_in(tmp_path / "team.kdbx", tmp_path) == set()
        assert {one.place for one in house.accounts.roster.connections} == {KEYCHAIN}
        assert (await house.accounts.load()).apps[0].place == KEYCHAIN
        await house.accounts.refresh(connection.id)


async def test_a_move_says_what_could_not_be_moved_and_asks_a_place_that_fails_no_more(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        await house.connect(app, "northwind_ads")
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        del house.backend.entries[connection.entry, "@contoso"]
        moved = await house.accounts.moving.move(FILE)
        assert moved.done == (app.label, "@northwind_ads")
        assert [(one.name, one.error.code) for one in moved.left] == [
            ("@contoso", ErrorCode.ENTRY_MISSING)
        ]
        await house.accounts.vault_file.lock()
        house.events.clear()
        moved = await house.accounts.moving.move(KEYCHAIN)
        assert moved.done == ()
        codes = {one.error.code for one in moved.left}
        assert codes == {ErrorCode.KEYCHAIN_LOCKED}
        assert states(house, FILE) == [KeychainState.LOCKED]  # looked at once


async def test_a_move_ends_between_two(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.connect(app, "contoso")
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        moving = house.accounts.moving
        moved = await moving.move(FILE, told=lambda *step: moving.stop())
        assert moved.done == (app.label,)
        assert moved.skipped == 1
        assert [one.place for one in house.accounts.roster.connections] == [KEYCHAIN]


async def test_a_kill_at_any_write_of_a_move_leaves_each_secret_in_one_place(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one process after another: each is stopped at the next call of the two places."""
    whole = False
    number = 0
    async with open_house() as house:
        app = await house.add_app()
        await house.connect(app, "contoso")
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        server = house.server
        server_secrets = {one.label: one.secret for one in server.world.apps}
        while not whole and number < 20:
            left = number

            def count(*_: object) -> None:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed

            rows: list[XApp | Connection] = [*house.accounts.roster.apps]
            rows += house.accounts.roster.connections
            target = KEYCHAIN if rows[-1].place == FILE else FILE
            with monkeypatch.context() as patch:
                for method in ("begin_pending", "switch_entry", "finish_pending"):
                    _before(patch, method, count)
                try:
                    await house.accounts.moving.move(target)
                    whole = True
                except Killed:
                    pass
            number += 1
            await house.accounts.rewriting.close()
            await house.accounts.load()
            await house.accounts.recover()
            rows = [*house.accounts.roster.apps, *house.accounts.roster.connections]
            for one in rows:
                found = await house.places.get(*entry_of(one))
                assert len(found.secrets) == 2
            for place in (KEYCHAIN, FILE):
                report = await house.accounts.survey.look(place)
                assert report.orphans == (), number
            keys = await house.places.get(*entry_of(house.accounts.roster.apps[0]))
            assert keys.secrets["secret"].unwrap() == server_secrets[app.label]
        assert whole
        assert number > 3


def _before(patch: pytest.MonkeyPatch, method: str, count: object) -> None:
    from adwarden.storage.directory import Directory

    real = getattr(Directory, method)

    def counted(self: Directory, *arguments: object, **named: object) -> object:
        count()  # type: ignore[operator]
        return real(self, *arguments, **named)

    patch.setattr(Directory, method, counted)


async def test_what_waits_for_a_locked_file_holds_up_nothing_else(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await with_file(house, tmp_path)
        app = await house.add_app()
        house.settings.set(known.VAULT_PLACE, KEYCHAIN)
        other = await house.add_app(1)
        await house.accounts.vault_file.lock()
        for one in (app, other):
            name = entry_of(one)
            await house.index.run(lambda d, n=name: d.begin_pending("delete", *n))  # type: ignore[misc]
        await house.accounts.recover()
        assert [one.id for one in house.accounts.roster.apps] == [app.id]
        await house.accounts.vault_file.enter(PASSWORD)
        assert not house.accounts.roster.apps


async def test_memory_ends_with_the_session_and_says_so(open_house: OpenHouse) -> None:
    async with open_house() as house:
        house.settings.set(known.VAULT_PLACE, MEMORY)
        house.settings.save()
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        assert house.backend.entries == {}
        await house.accounts.refresh(connection.id)
        server = house.server
    async with open_house(server=server) as house:
        await house.accounts.keychain_status()
        one = house.accounts.roster.connection(connection.id)
        assert one.state is ConnectionState.NEEDS_AUTHORIZATION
        assert "one session" in one.error
        assert (await house.accounts.load()).connections[0].error == one.error


async def test_a_survey_counts_and_finds_what_nothing_lists(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(home="elsewhere") as house:
        app = await house.add_app()
        await house.connect(app, "contoso")
        server = house.server
    (tmp_path / "directory.sqlite3").unlink()
    async with open_house(server=server) as house:
        await house.accounts.recover()
        own = await house.add_app(1)
        await house.places.put("Adwarden · Agency app · 00000009", "@lost", KEYCHAIN, token())
        house.backend.entries["Adwarden · Agency app · 00000008", "@odd"] = "not ours"
        survey = house.accounts.survey
        report = await survey.look(KEYCHAIN)
        assert (report.rows, report.entries) == (1, 4)
        assert report.status.state is KeychainState.READY
        why = {one.kept.username: one for one in report.orphans}
        assert set(why) == {app.label, "@contoso", "@lost"}
        assert "another data folder" in why["@contoso"].why
        assert not why["@contoso"].can_be_taken  # its app first
        await survey.take_over(why[app.label])
        again = {one.kept.username: one for one in (await survey.look(KEYCHAIN)).orphans}
        assert again["@contoso"].can_be_taken
        await survey.take_over(again["@contoso"])
        report = await survey.look(KEYCHAIN)
        assert [one.kept.username for one in report.orphans] == ["@lost"]
        taken = house.accounts.roster.connections[0]
        found = await house.places.get(*entry_of(taken))
        assert found.facts["home"] == "here"
        await survey.erase(report.orphans[0])
        report = await survey.look(KEYCHAIN)
        assert (report.rows, report.entries, report.orphans) == (3, 3, ())
        assert own in house.accounts.roster.apps


async def test_a_survey_of_places_that_cannot_be_used(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        survey = house.accounts.survey
        assert (await survey.look(FILE)).status.state is KeychainState.MISSING
        path = await with_file(house, tmp_path)
        await house.add_app()
        report = await survey.look(FILE)
        assert (report.rows, report.entries) == (1, 1)
        assert (await survey.test(FILE)).passed
        await house.accounts.vault_file.lock()
        report = await survey.look(FILE)
        assert (report.status.state, report.rows, report.entries) == (KeychainState.LOCKED, 1, None)
        test = await survey.test(FILE)
        assert test.error is not None
        path.unlink()
        assert (await survey.look(FILE)).status.state is KeychainState.MISSING
        assert (await survey.look(MEMORY)).entries == 0


async def test_an_entry_that_has_come_to_be_listed_is_not_deleted_as_an_orphan(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        from adwarden.services.survey import Orphan

        assert not await house.accounts.survey.erase(Orphan(Kept(*entry_of(app)), "x", "y"))
        await house.places.get(*entry_of(app))


@needs_keepassxc
async def test_what_keepassxc_changes_meanwhile_is_seen_and_survives(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        path = await with_file(house, tmp_path)
        app = await house.add_app()
        keepassxc(tmp_path, "add", str(path), "theirs", "-u", "somebody")
        connection = await house.connect(app, "contoso")
        await house.places.get(*entry_of(connection))
        assert "theirs" in keepassxc(tmp_path, "ls", "-R", str(path))
        assert len(names_in(path, tmp_path)) == 2


async def test_two_adwardens_share_a_file(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        path = await with_file(house, tmp_path)
        await house.add_app()
        other = place_of(tmp_path, path.name)
        other.open(PASSWORD)
        other.put_texts({EntryName("Adwarden · Theirs · 0000000a", "@theirs"): '{"v":1}'})
        await house.add_app(1)
        assert len(other.names()) == 3


async def test_a_token_that_waited_in_a_locked_file_does_not_replace_a_newer_one(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        first = await house.connect(app, "contoso")
        await with_file(house, tmp_path)
        stale = Kept("Adwarden · Agency app · 0000000c", "@contoso", FILE)
        await house.index.run(lambda d: d.begin_pending("add", *stale))
        old = await house.places.get(*entry_of(first))
        await house.places.put(*stale, old)
        await house.accounts.vault_file.lock()
        house.accounts.roster.put_connection(replace(first, authorized_at=9e9))
        await house.accounts.recover()
        await house.accounts.vault_file.enter(PASSWORD)
        now = house.accounts.roster.connections[0]
        assert (now.entry, now.place) == (first.entry, KEYCHAIN)
        assert (await house.accounts.survey.look(FILE)).entries == 0
        assert await house.index.run(lambda d: d.pending()) == ()


async def test_a_lost_index_is_rebuilt_from_all_places_whichever_opens_first(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await with_file(house, tmp_path)
        app = await house.add_app()
        house.settings.set(known.VAULT_PLACE, KEYCHAIN)
        house.settings.save()
        connection = await house.connect(app, "contoso")
        assert (app.place, connection.place) == (FILE, KEYCHAIN)
        server = house.server
    for name in ("directory.sqlite3", "directory.sqlite3-wal", "directory.sqlite3-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    async with open_house(server=server) as house:
        await house.accounts.recover()
        snapshot = await house.index.run(lambda d: d.snapshot())
        assert snapshot.connections == ()  # its app is in the locked file
        await house.accounts.vault_file.enter(PASSWORD)
        assert [one.place for one in house.accounts.roster.apps] == [FILE]
        assert [one.handle for one in house.accounts.roster.connections] == ["@contoso"]
        assert await house.index.run(lambda d: d.pending()) == ()
