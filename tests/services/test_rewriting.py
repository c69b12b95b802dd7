"""One entry after the other: what is replaced goes only once the new one is in use."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from keyring.errors import PasswordSetError

from adwarden.domain.errors import KeychainError, NotFoundError
from adwarden.domain.model import Credential
from adwarden.domain.secret import Secret
from adwarden.services import events
from adwarden.storage.directory import RefreshJob
from tests.services.conftest import House, OpenHouse


def with_bearer(kept: Credential) -> Credential:
    return replace(kept, secrets={**kept.secrets, "bearer": Secret("AAAA%2Fbearer")})


async def consistent(house: House) -> None:
    """Every entry is listed, every listed entry is there, and nothing is left to do."""
    await house.accounts.recover()
    roster = house.accounts.roster
    listed = {one.entry for one in roster.apps} | {one.entry for one in roster.connections}
    stored = {service for service, user in house.backend.entries if user != "index"}
    assert stored == listed
    assert await house.index.run(lambda d: d.pending()) == ()
    snapshot = await house.index.run(lambda d: d.snapshot())
    known = {one.entry for one in snapshot.apps} | {one.entry for one in snapshot.connections}
    assert known == listed


async def test_a_change_writes_a_new_entry_and_deletes_the_old(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.calls.clear()
        changed = await house.accounts.rewriting.rewrite_app(
            app, with_bearer, label="Another name", note="of the agency"
        )
        assert (changed.id, changed.label, changed.holds) == (app.id, "Another name", ("bearer",))
        assert "Another name" in changed.entry
        written = house.backend.calls.index(("set", changed.entry))
        assert written < house.backend.calls.index(("delete", app.entry))
        stored = house.backend.entries[changed.entry, "Another name"]
        assert '"note":"of the agency"' in stored
        assert house.of(events.AppSaved)[-1].app == changed
        await consistent(house)


async def test_nothing_to_change_touches_nothing(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        assert await house.accounts.rewriting.rewrite_app(app, label=app.label) is app
        assert house.backend.done(app.entry)[-1] == "get"


async def test_two_changes_at_once_are_both_made(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await asyncio.gather(
            house.accounts.rewriting.rewrite_app(app, with_bearer),
            house.accounts.rewriting.rewrite_app(app, label="Another name"),
            house.accounts.rewriting.rewrite_app(app, note="a note"),
            house.accounts.note_approval(app.id, 5.0),
        )
        found = house.accounts.roster.app(app.id)
        assert (found.label, found.note, found.holds) == ("Another name", "a note", ("bearer",))
        assert found.approved_at == 5.0
        await consistent(house)


async def test_a_failed_write_changes_nothing_and_never_comes_back(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.failures["set"] = PasswordSetError("no")
        with pytest.raises(KeychainError):
            await house.accounts.rewriting.rewrite_app(app, label="Another name")
        assert house.accounts.roster.app(app.id) == app
        del house.backend.failures["set"]
        # It was written all the same, and nobody could read it back.
        (step,) = [
            one for one in await house.index.run(lambda d: d.pending()) if one.kind != "rebuild"
        ]
        assert step.kind == "delete"
        house.backend.entries[step.entry, step.username] = "{}"
        await consistent(house)
        assert house.accounts.roster.app(app.id) == app


async def test_what_is_too_long_is_refused_before_anything_is_begun(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        before = await house.index.run(lambda d: d.pending())
        with pytest.raises(KeychainError):
            await house.accounts.rewriting.rewrite_app(app, note="x" * 1_000)
        assert await house.index.run(lambda d: d.pending()) == before


async def test_whoever_stops_waiting_does_not_stop_the_switch(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.entered.clear()
        work = asyncio.create_task(house.accounts.rewriting.rewrite_app(app, label="Another name"))
        saved = asyncio.Event()
        house.accounts.subscribe(lambda event: saved.set())
        await saved.wait()  # the switch tells of itself; the old entry is not deleted yet
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert house.accounts.roster.app(app.id).label == "Another name"
        await consistent(house)


async def test_a_cancelled_write_is_taken_back(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.gate.clear()
        house.backend.entered.clear()
        work = asyncio.create_task(
            house.accounts.rewriting.rewrite_app(
                app, credential=Credential("", {"key": Secret("k"), "secret": Secret("s")})
            )
        )
        await asyncio.to_thread(house.backend.entered.wait)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        house.backend.gate.set()  # what had begun goes on, and writes the entry
        assert house.accounts.roster.app(app.id) == app
        await consistent(house)


async def test_a_renamed_connection_keeps_what_a_refresh_learns(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "agency_ops")
        refreshing = asyncio.create_task(house.accounts.refresh(connection.id))
        await house.told(events.EntriesSaved)
        named = await house.accounts.rewriting.rewrite_connection(connection, label="Our own")
        assert named.entry != connection.entry
        await refreshing
        found = house.accounts.roster.connection(connection.id)
        assert (found.label, found.entry) == ("Our own", named.entry)
        assert found.checked_at is not None
        assert house.server.journal.count("/12/accounts") > 0
        (stored,) = (await house.index.run(lambda d: d.snapshot())).connections
        assert stored == found
        await consistent(house)


async def test_an_unfinished_refresh_goes_on_under_the_new_name(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        job = RefreshJob(connection.id, connection.entry, 5.0, "cursor")
        await house.index.run(lambda d: d.save_job(job))
        named = await house.accounts.rewriting.rewrite_connection(connection, note="x")
        assert await house.index.run(lambda d: d.job(connection.id)) == replace(
            job, entry=named.entry
        )
        other = Credential("x-oauth1-token", {"token": Secret("1-b"), "secret": Secret("c")})
        await house.accounts.rewriting.rewrite_connection(connection, credential=other)
        kept = await house.index.run(lambda d: d.job(connection.id))
        assert kept is not None
        assert kept.entry == named.entry  # that of another token: it begins anew


async def test_a_connection_that_goes_meanwhile_stays_gone(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        await house.index.run(lambda d: d.remove_connection(connection.id))
        with pytest.raises(NotFoundError):
            await house.accounts.rewriting.rewrite_connection(connection, label="Our own")
        await house.accounts.recover()
        assert [user for _, user in house.backend.entries if user.startswith("@")] == []


async def test_a_lost_index_finds_names_and_notes_again(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        app = await house.accounts.rewriting.rewrite_app(app, note="ours")
        connection = await house.accounts.rewriting.rewrite_connection(
            connection, label="Main", note="two\nlines", pasted=True
        )
        await house.index.run(lambda d: d._db.execute("DELETE FROM app"))
        await house.accounts.load()
        await house.index.run(lambda d: d.begin_pending("rebuild", "*", ""))
        await house.accounts.recover()
        (found,) = house.accounts.roster.connections
        assert (found.label, found.note, found.pasted) == ("Main", "two\nlines", True)
        assert house.accounts.roster.apps[0].note == "ours"
