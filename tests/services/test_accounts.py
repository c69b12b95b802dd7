from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest
from keyring.errors import PasswordSetError

from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, KeychainError
from adwarden.domain.model import AppAccess, ConnectionState
from adwarden.domain.secret import Secret
from adwarden.practice.faults import Kind
from adwarden.services import events
from adwarden.storage.directory import Directory
from adwarden.storage.paths import DataFolder
from tests.fakes.person import authorize
from tests.services.conftest import OpenHouse


async def test_an_app_is_in_the_keychain_before_it_is_listed(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        snapshot = await house.accounts.load()
        assert snapshot.apps == (app,)
        assert app.entry.startswith("Adwarden · ")
        assert (app.entry, app.label) in house.backend.entries
        await house.told(events.AppSaved)


@pytest.mark.parametrize(
    ("label", "key", "secret", "field"),
    [
        ("", "k" * 25, "s" * 50, "label"),
        ("  \n ", "k" * 25, "s" * 50, "label"),
        ("x" * 61, "k" * 25, "s" * 50, "label"),
        ("Fine", "", "s" * 50, "key"),
        ("Fine", "k" * 25, "", "secret"),
    ],
)
async def test_what_is_missing_is_named(
    open_house: OpenHouse, label: str, key: str, secret: str, field: str
) -> None:
    async with open_house() as house:
        with pytest.raises(InputError) as caught:
            await house.accounts.add_app(label, Secret(key), Secret(secret), AppAccess.STANDARD)
        assert caught.value.field == field
        assert not house.backend.entries


async def test_two_apps_cannot_have_one_name(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        with pytest.raises(InputError) as caught:
            await house.accounts.add_app(
                f" {app.label.upper()} ", Secret("k"), Secret("s"), AppAccess.STANDARD
            )
        assert caught.value.field == "label"


async def test_a_keychain_that_fails_leaves_nothing_behind(open_house: OpenHouse) -> None:
    async with open_house() as house:
        house.backend.failures["set"] = PasswordSetError("no")
        with pytest.raises(KeychainError):
            await house.add_app()
        assert (await house.accounts.load()).apps == ()
        del house.backend.failures["set"]
        await house.add_app()


async def test_the_whole_way_to_a_connection(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "northwind_ads")
        assert connection.state is ConnectionState.WORKING
        stored = house.backend.entries[connection.entry, "@northwind_ads"]
        assert '"kind":"x-oauth1-token"' in stored
        assert f'"app":"{app.id}"' in stored
        assert len(stored) <= 1_000
        await house.told(events.ConnectionSaved)


async def test_a_token_that_cannot_be_stored_waits_for_the_next_try(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        attempt = await house.accounts.begin(app.id)
        pin = authorize(attempt.request.url, "contoso")
        granted = await house.accounts.finish(attempt, pin)
        house.backend.failures["set"] = PasswordSetError("no")
        with pytest.raises(KeychainError):
            await house.accounts.keep(granted)
        assert not house.of(events.ConnectionSaved)
        del house.backend.failures["set"]
        connection = await house.accounts.keep(granted)
        assert connection.screen_name == "contoso"


async def test_a_token_that_is_not_wanted_is_revoked(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        attempt = await house.accounts.begin(app.id)
        granted = await house.accounts.finish(attempt, authorize(attempt.request.url, "contoso"))
        await house.accounts.discard(granted)
        assert house.server.journal.count("/1.1/oauth/invalidate_token.json", status=200) == 1
        assert len(house.backend.entries) == 2  # the app, and the list of what there is


async def test_reconnecting_replaces_the_entry_and_keeps_the_connection(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        first = await house.connect(app, "contoso")
        again = await house.connect(app, "contoso")
        assert again.id == first.id
        assert again.entry != first.entry
        assert (first.entry, "@contoso") not in house.backend.entries
        assert (again.entry, "@contoso") in house.backend.entries
        assert len((await house.accounts.load()).connections) == 1


async def test_another_user_than_expected_needs_a_decision(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        first = await house.connect(app, "contoso")
        attempt = await house.accounts.begin(app.id, first.id)
        assert "screen_name=contoso" in attempt.request.url
        granted = await house.accounts.finish(
            attempt, authorize(attempt.request.url, "northwind_ads")
        )
        assert granted.unexpected
        with pytest.raises(InputError):
            await house.accounts.keep(granted)
        new = await house.accounts.keep(granted, as_new=True)
        assert new.id != first.id
        names = {one.screen_name for one in (await house.accounts.load()).connections}
        assert names == {"contoso", "northwind_ads"}


async def test_refresh_brings_every_ad_account_with_its_parts(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "agency_ops")
        await house.accounts.refresh(connection.id)
        snapshot = await house.accounts.load()
        entries = snapshot.entries[connection.id]
        assert len(entries) == 29  # thirty, one of them deleted
        assert all(entry.access is not None and entry.users is not None for entry in entries)
        assert any(user.handle == "agency_ops" for one in entries for user in one.users or ())
        (saved,) = snapshot.connections
        assert saved.state is ConnectionState.WORKING
        assert saved.checked_at is not None
        assert saved.access_level == "read-write"
        assert house.server.journal.count(status=429) == 0
        assert house.of(events.RefreshEnded)[-1].error is None


async def test_one_failing_ad_account_hides_no_other(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "agency_ops")
        account_id = house.server.world.account_id(0)
        house.server.faults.add(
            Kind.HTML, f"/12/accounts/{account_id}/authenticated_user_access", times=0, status=200
        )
        await house.accounts.refresh(connection.id)
        entries = (await house.accounts.load()).entries[connection.id]
        failed = [entry for entry in entries if entry.access_error]
        assert [entry.account.id for entry in failed] == [account_id]
        assert failed[0].users is not None
        assert "Somebody other than X has answered" in failed[0].access_error


async def test_a_revoked_token_is_told_and_what_was_known_stays(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "agency_ops")
        await house.accounts.refresh(connection.id)
        person = house.server.world.person_named("agency_ops")
        assert person is not None
        house.server.faults.revoke(house.server.world.apps[0], person)
        with pytest.raises(AdwardenError):
            await house.accounts.refresh(connection.id)
        snapshot = await house.accounts.load()
        assert snapshot.connections[0].state is ConnectionState.REVOKED
        assert snapshot.connections[0].error
        assert len(snapshot.entries[connection.id]) == 29


async def test_a_second_refresh_joins_the_first(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "agency_ops")
        await asyncio.gather(*(house.accounts.refresh(connection.id) for _ in range(5)))
        assert house.server.journal.count("/12/accounts", method="GET") == 1 + 29 * 2


async def test_a_cancelled_refresh_says_so_and_can_be_run_again(open_house: OpenHouse) -> None:
    async with open_house(accounts=300) as house:
        app = await house.add_app()
        connection = await house.connect(app, "agency_ops")
        running = asyncio.create_task(house.accounts.refresh(connection.id))
        await house.told(events.EntriesSaved)
        house.accounts.cancel_refresh()
        with pytest.raises(asyncio.CancelledError):
            await running
        await house.told(events.RefreshEnded)
        error = house.of(events.RefreshEnded)[-1].error
        assert error is not None
        assert error.code is ErrorCode.CANCELLED
        await house.accounts.refresh(connection.id)
        entries = (await house.accounts.load()).entries[connection.id]
        assert all(entry.access is not None for entry in entries)


async def test_lost_accounts_leave_the_tree(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "agency_ops")
        await house.accounts.refresh(connection.id)
        account_id = house.server.world.account_id(0)
        person = house.server.world.person_named("agency_ops")
        assert person is not None
        house.server.faults.remove_access(person, account_id)
        await house.accounts.refresh(connection.id)
        assert house.of(events.EntriesRemoved)[-1].account_ids == (account_id,)
        ids = {one.account.id for one in (await house.accounts.load()).entries[connection.id]}
        assert account_id not in ids


async def test_the_limit_is_remembered_across_a_restart(open_house: OpenHouse) -> None:
    async with open_house() as house:
        server = house.server
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        for _ in range(5):
            await house.accounts.refresh(connection.id)
    server.start()
    async with open_house(server=server) as again:
        running = asyncio.create_task(again.accounts.refresh(connection.id))
        await again.told(events.RefreshWaiting)
        waiting = again.of(events.RefreshWaiting)[-1]
        assert waiting.resumes_at is not None
        assert 600 < waiting.resumes_at - time.time() <= 902
        assert "5 requests in 15 minutes" in waiting.reason
        again.accounts.cancel_refresh()
        await asyncio.wait([running], timeout=1)
        assert running.cancelled()
        assert server.journal.count(status=429) == 0
    server.stop()


async def test_disconnecting_here_keeps_the_token_alive_at_x(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        await house.accounts.endings.connection(connection.id, revoke=False)
        assert (connection.entry, "@contoso") not in house.backend.entries
        assert (await house.accounts.load()).connections == ()
        assert house.server.journal.count("/1.1/oauth/invalidate_token.json") == 0


async def test_revoking_tells_x_first(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        house.server.faults.add(Kind.ERROR, "/1.1/oauth/invalidate_token.json", status=503)
        with pytest.raises(AdwardenError):
            await house.accounts.endings.connection(connection.id, revoke=True)
        assert len((await house.accounts.load()).connections) == 1
        await house.accounts.endings.connection(connection.id, revoke=True)
        assert (await house.accounts.load()).connections == ()
        await house.accounts.endings.app(app.id)
        assert (await house.accounts.load()).apps == ()
        await house.told(events.AppRemoved)


async def test_an_entry_that_is_gone_asks_for_authorization(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        del house.backend.entries[connection.entry, "@contoso"]
        with pytest.raises(KeychainError):
            await house.accounts.refresh(connection.id)
        (saved,) = (await house.accounts.load()).connections
        assert saved.state is ConnectionState.NEEDS_AUTHORIZATION


async def test_a_crash_between_keychain_and_index_loses_nothing(open_house: OpenHouse) -> None:
    async with open_house() as house:
        server = house.server
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        # As it stands after a kill between the two writes: noted, stored, not listed.
        await house.index.run(lambda d: d.remove_connection(connection.id))
        await house.index.run(lambda d: d.begin_pending("add", connection.entry, "@contoso"))
        async with open_house(server=server) as again:
            await again.accounts.recover()
            (back,) = (await again.accounts.load()).connections
            assert (back.user_id, back.entry) == (connection.user_id, connection.entry)
            await again.accounts.refresh(back.id)


async def test_a_step_that_never_reached_the_keychain_is_dropped(open_house: OpenHouse) -> None:
    async with open_house() as house:
        await house.index.run(lambda d: d.begin_pending("add", "Adwarden · x · abcd1234", "@x"))
        await house.accounts.recover()
        assert await house.index.run(lambda d: d.pending()) == ()


def scribble(folder: Path) -> None:
    """Damage the index beyond reading, once nobody has it open any more.

    SQLite maps a file beside it into memory: cut short under it, that ends the whole process.
    """
    for thread in threading.enumerate():
        if thread.name.startswith("adwarden-index"):
            thread.join(10)
            assert not thread.is_alive()
    for path in folder.iterdir():
        if path.name.startswith("directory.sqlite3"):
            path.write_bytes(b"this is no database at all" * 100)


async def test_a_lost_index_is_rebuilt_from_the_keychain(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        server = house.server
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
    scribble(tmp_path)
    server.start()
    async with open_house(server=server) as again:
        assert again.of(events.DataFolderTrouble) or again.index.trouble is not None
        await again.accounts.recover()
        snapshot = await again.accounts.load()
        assert [one.id for one in snapshot.apps] == [app.id]
        assert [one.user_id for one in snapshot.connections] == [connection.user_id]
        await again.accounts.refresh(snapshot.connections[0].id)
    server.stop()


async def test_a_refresh_does_not_undo_a_reconnect(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        first = await house.connect(app, "contoso")
        house.server.faults.add(Kind.LATENCY, "/1.1/account/verify_credentials.json", seconds=1.0)
        running = asyncio.create_task(house.accounts.refresh(first.id))
        while not house.server.faults.hits("/1.1/account/verify_credentials.json"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        again = await house.connect(app, "contoso")
        await running
        (saved,) = (await house.accounts.load()).connections
        assert saved.entry == again.entry
        await house.accounts.refresh(again.id)


async def test_an_old_tokens_end_is_not_the_new_ones(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        first = await house.connect(app, "contoso")
        person = house.server.world.person_named("contoso")
        assert person is not None
        house.server.faults.revoke(house.server.world.apps[0], person)
        house.server.faults.add(Kind.LATENCY, "/12/accounts", seconds=1.0)
        old = asyncio.create_task(house.accounts.refresh(first.id))
        while not house.server.faults.hits("/12/accounts"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        again = await house.connect(app, "contoso")
        await house.accounts.refresh(again.id)
        await asyncio.wait([old])
        assert old.cancelled()
        (saved,) = (await house.accounts.load()).connections
        assert saved.state is ConnectionState.WORKING


async def test_two_grants_of_one_user_at_once_are_one_connection(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        grants = []
        for _ in range(2):
            attempt = await house.accounts.begin(app.id)
            pin = authorize(attempt.request.url, "contoso")
            grants.append(await house.accounts.finish(attempt, pin))
        await asyncio.gather(*(house.accounts.keep(granted) for granted in grants))
        (saved,) = (await house.accounts.load()).connections
        assert (saved.entry, "@contoso") in house.backend.entries
        assert len(house.backend.entries) == 3  # app, connection, and the list of both


async def test_an_old_entry_that_stays_does_not_fail_the_new_one(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        first = await house.connect(app, "contoso")
        house.backend.failures["delete"] = PasswordSetError("no")
        again = await house.connect(app, "contoso")
        assert again.entry != first.entry
        del house.backend.failures["delete"]
        await house.accounts.recover()
        assert (first.entry, "@contoso") not in house.backend.entries


async def test_a_token_can_be_revoked_when_app_and_keychain_are_gone(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        attempt = await house.accounts.begin(app.id)
        granted = await house.accounts.finish(attempt, authorize(attempt.request.url, "contoso"))
        await house.accounts.endings.app(app.id)
        with pytest.raises(AdwardenError):
            await house.accounts.keep(granted)
        await house.accounts.discard(granted)
        assert house.server.journal.count("/1.1/oauth/invalidate_token.json", status=200) == 1


async def test_lost_keys_of_an_app_are_named_and_can_be_entered_again(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        del house.backend.entries[app.entry, app.label]
        with pytest.raises(KeychainError) as caught:
            await house.accounts.refresh(connection.id)
        assert caught.value.code is ErrorCode.APP_KEYS
        assert app.label in caught.value.title
        assert (await house.accounts.load()).connections[0].state is ConnectionState.ATTENTION
        keys = house.server.world.apps[0]
        renewed = await house.accounts.renew_app(app.id, Secret(keys.key), Secret(keys.secret))
        assert (renewed.id, renewed.label) == (app.id, app.label)
        assert renewed.entry != app.entry
        await house.accounts.refresh(connection.id)
        assert (await house.accounts.load()).connections[0].state is ConnectionState.WORKING


async def test_an_index_lost_before_somebody_else_looked_is_still_rebuilt(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        server = house.server
        app = await house.add_app()
        await house.connect(app, "contoso")
    scribble(tmp_path)
    # The console opens it first, moves it aside and shows an empty list.
    directory, trouble = Directory.open(DataFolder(tmp_path))
    assert trouble is not None
    directory.close()
    server.start()
    async with open_house(server=server) as again:
        await again.accounts.recover()
        assert len((await again.accounts.load()).connections) == 1
    server.stop()


async def test_another_data_folders_entries_are_left_alone(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(home="here") as house:
        server = house.server
        app = await house.add_app()
        await house.connect(app, "contoso")
    scribble(tmp_path)
    server.start()
    async with open_house(server=server, home="elsewhere") as other:
        await other.accounts.recover()
        assert (await other.accounts.load()).apps == ()
    server.stop()


async def test_new_keys_count_even_if_the_former_ones_cannot_be_deleted(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        keys = house.server.world.apps[0]
        house.backend.failures["delete"] = PasswordSetError("no")
        renewed = await house.accounts.renew_app(app.id, Secret(keys.key), Secret(keys.secret))
        assert (await house.accounts.load()).apps == (renewed,)
        del house.backend.failures["delete"]
        await house.accounts.recover()
        assert (app.entry, app.label) not in house.backend.entries
        assert (renewed.entry, app.label) in house.backend.entries


async def test_keys_entered_again_survive_a_crash_before_the_index_has_them(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        keys = house.server.world.apps[0]
        renewed = await house.accounts.renew_app(app.id, Secret(keys.key), Secret(keys.secret))
        # As it stands after a kill between the two writes: the old entry listed, the new stored.
        house.backend.entries[app.entry, app.label] = house.backend.entries[
            renewed.entry, app.label
        ]
        await house.index.run(lambda d: d.save_app(app))
        await house.index.run(lambda d: d.begin_pending("add", renewed.entry, app.label))
        await house.accounts.load()
        await house.accounts.recover()
        assert (await house.accounts.load()).apps[0].entry == renewed.entry
        assert (app.entry, app.label) not in house.backend.entries


async def test_a_failure_is_noted_with_its_time_until_something_works(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        connection = await house.connect(await house.add_app(), "agency_ops")
        house.server.faults.add(Kind.ERROR, "/12/accounts", times=1, status=403)
        before = float(round(time.time()))
        with pytest.raises(AdwardenError):
            await house.accounts.refresh(connection.id)
        (noted,) = (await house.accounts.load()).connections
        assert noted.error
        assert noted.error_at is not None
        assert noted.error_at >= before
        assert noted == house.accounts.roster.connection(connection.id)
        await house.accounts.refresh(connection.id)
        (noted,) = (await house.accounts.load()).connections
        assert (noted.error, noted.error_at) == ("", None)
