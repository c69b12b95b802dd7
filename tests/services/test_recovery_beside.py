"""Recovery beside everything else: it neither overtakes newer changes nor what is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode, NetworkError
from adwarden.domain.model import FILE, KEYCHAIN, AppAccess, Connection, ConnectionState, XApp
from adwarden.domain.secret import Secret
from adwarden.providers.x.provider import XProvider
from adwarden.services.roster import entry_of
from adwarden.storage.directory import Directory, PendingStep
from adwarden.system.claims import Claims
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse

PASSWORD = Secret("four words are enough")


class KilledError(RuntimeError):
    """The end of the process, as far as the step is concerned."""


def _killed(*_: object, **__: object) -> None:
    raise KilledError


async def _cut_off(house: House, patch: pytest.MonkeyPatch, method: str, work: Any) -> None:  # noqa: ANN401
    with patch.context() as now:
        now.setattr(Directory, method, _killed)
        with pytest.raises(KilledError):
            await work


async def _whole(house: House) -> None:
    """Check that each row has its secret, that nothing waits and nothing is left over."""
    stored = await house.index.run(Directory.snapshot)
    rows: list[XApp | Connection] = [*stored.apps, *stored.connections]
    assert set(rows) == {*house.accounts.roster.apps, *house.accounts.roster.connections}
    for one in rows:
        await house.places.get(*entry_of(one))
    assert await house.index.run(Directory.pending) == ()
    for place in house.places.names:
        assert (await house.accounts.survey.look(place)).orphans == ()


async def _until(stop: asyncio.Event, work: Callable[[], Any]) -> None:
    while not stop.is_set():
        await work()
        await asyncio.sleep(0)


async def _with_file(house: House, folder: Path) -> XApp:
    await house.accounts.vault_file.create(folder / "team.kdbx", PASSWORD)
    await house.accounts.recover()
    return await house.accounts.add_app(
        "App", Secret("old key" * 4), Secret("old secret" * 5), AppAccess.STANDARD
    )


@pytest.mark.parametrize("what", ["keys", "name", "note"])
async def test_a_move_that_was_cut_off_does_not_undo_what_came_after_it(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    async with open_house() as house:
        app = await _with_file(house, tmp_path)
        moving = house.accounts.moving.move(FILE, [app])
        await _cut_off(house, monkeypatch, "switch_entry", moving)
        server = house.server
    async with open_house(server=server) as house:
        accounts = house.accounts
        await accounts.recover()
        if what == "keys":
            await accounts.renew_app(app.id, Secret("NEW KEY" * 4), Secret("NEW SECRET" * 5))
        elif what == "name":
            await accounts.rewriting.rewrite_app(app, label="Our app")
        else:
            await accounts.rewriting.rewrite_app(app, note="ours")
        newest = accounts.roster.app(app.id)
        await accounts.vault_file.enter(PASSWORD)
        assert accounts.roster.app(app.id) == newest
        key = await accounts.apps.secret(app.id, "key")
        assert key == Secret(("NEW KEY" if what == "keys" else "old key") * 4)
        await _whole(house)


async def test_a_connection_renamed_since_keeps_its_name(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        moving = house.accounts.moving.move(FILE, [one])
        await _cut_off(house, monkeypatch, "switch_entry", moving)
        server = house.server
    async with open_house(server=server) as house:
        await house.accounts.recover()
        await house.accounts.apps.name_connection(one.id, label="Our own", note="")
        newest = house.accounts.roster.connection(one.id)
        await house.accounts.vault_file.enter(PASSWORD)
        assert house.accounts.roster.connection(one.id) == newest
        await _whole(house)


async def test_a_move_that_was_cut_off_is_finished_and_keeps_what_is_known(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        one = await house.connect(await house.add_app(), "contoso")
        moving = house.accounts.moving.move(FILE, [one])
        await _cut_off(house, monkeypatch, "switch_entry", moving)
        server = house.server
    async with open_house(server=server) as house:
        await house.accounts.vault_file.enter(PASSWORD)
        now = house.accounts.roster.connection(one.id)
        assert (now.place, now.state, now.authorized_at) == (FILE, one.state, one.authorized_at)
        await _whole(house)


async def test_a_step_of_one_file_is_not_made_in_another(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        app = await _with_file(house, tmp_path)
        one = await house.connect(await house.add_app(), "contoso")
        for item in (app, one):
            moving = house.accounts.moving.move(FILE, [item])
            await _cut_off(house, monkeypatch, "switch_entry", moving)
        server = house.server
    async with open_house(server=server) as house:
        file = house.accounts.vault_file
        await file.forget()
        await file.create(tmp_path / "other.kdbx", PASSWORD)
        await house.accounts.recover()
        steps = [s for s in await house.index.run(Directory.pending) if s.kind == "add"]
        assert len(steps) == 2
        await file.forget()
        # The same file, which has got another name since.
        (tmp_path / "team.kdbx").rename(tmp_path / "moved.kdbx")
        await file.use(tmp_path / "moved.kdbx", PASSWORD)
        assert house.accounts.roster.app(app.id).place == FILE
        assert house.accounts.roster.connection(one.id).place == FILE
        await _whole(house)


async def test_recovery_leaves_what_is_under_way_to_who_makes_it(open_house: OpenHouse) -> None:
    async with open_house() as house:
        accounts = house.accounts
        await accounts.recover()
        stop = asyncio.Event()
        both = [asyncio.create_task(_until(stop, accounts.recover)) for _ in range(2)]
        app = await house.add_app()
        await house.connect(app, "contoso")
        one = await house.connect(app, "northwind_ads")
        for number in range(25):
            await accounts.apps.name_connection(one.id, label=f"Name {number}", note="")
            await accounts.rewriting.rewrite_app(app, note=f"Note {number}")
        stop.set()
        await asyncio.gather(*both)
        await accounts.recover()
        assert len(accounts.roster.connections) == 2
        assert accounts.roster.connection(one.id).label == "Name 24"
        await _whole(house)


async def test_a_rebuild_beside_renames_keeps_the_newest(open_house: OpenHouse) -> None:
    async with open_house() as house:
        accounts = house.accounts
        app = await house.add_app()
        one = await house.connect(app, "contoso")

        async def rebuild() -> None:
            await house.index.run(lambda d: d.begin_pending("rebuild", "*", ""))
            await accounts.recover()

        stop = asyncio.Event()
        beside = asyncio.create_task(_until(stop, rebuild))
        for number in range(25):
            await accounts.apps.name_connection(one.id, label=f"Name {number}", note="")
        await accounts.endings.connection(one.id, revoke=False)
        await house.connect(app, "northwind_ads")
        stop.set()
        await beside
        await accounts.recover()
        assert [c.handle for c in accounts.roster.connections] == ["@northwind_ads"]
        await _whole(house)


async def test_steps_of_another_process_wait_until_it_has_ended(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claims() -> Claims:
        return Claims(tmp_path / "locks", 0.0)

    async with open_house() as house:
        server = house.server
        await house.accounts.recover()
    async with open_house(server=server, claims=claims) as first:
        app = await first.add_app()
        renaming = first.accounts.rewriting.rewrite_app(app, label="Renamed")
        await _cut_off(first, monkeypatch, "switch_entry", renaming)
        await first.index.run(lambda d: d.begin_pending("revoke", "of the first", "@x"))
        noted = await first.index.run(Directory.pending)
        async with open_house(server=server, claims=claims) as second:
            await second.accounts.recover()
            assert await second.index.run(Directory.pending) == noted
    async with open_house(server=server, claims=claims) as third:
        await third.accounts.recover()
        assert third.accounts.roster.app(app.id).label == "Renamed"


def _off(*_: object) -> None:
    raise NetworkError(ErrorCode.NO_NETWORK, "No network", "It is down.")


async def _steps(house: House) -> tuple[PendingStep, ...]:
    return await house.index.run(Directory.pending)


@pytest.mark.parametrize("how", ["rename", "move", "rename cut off"])
async def test_a_noted_revocation_goes_with_the_token(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async with open_house(time=HandClock()) as house:
        accounts = house.accounts
        await accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        one = await house.connect(await house.add_app(), "contoso")
        await accounts.recover()
        monkeypatch.setattr(XProvider, "revoke", _off)
        with suppress(AdwardenError):
            await accounts.endings.connection(one.id, revoke=True)
        if how == "move":
            assert not (await accounts.moving.move(FILE, [one])).left
        elif how == "rename":
            await accounts.apps.name_connection(one.id, label="Our own", note="")
        else:
            naming = accounts.apps.name_connection(one.id, label="Our own", note="")
            await _cut_off(house, monkeypatch, "switch_entry", naming)
        await accounts.recover()
        await asyncio.gather(*accounts.removing._tasks, return_exceptions=True)
        now = accounts.roster.connection(one.id)
        assert now.state is ConnectionState.REVOKING
        assert now.label == ("" if how == "move" else "Our own")
        assert [(step.kind, step.entry) for step in await _steps(house)] == [("revoke", now.entry)]
        monkeypatch.undo()
        asked: list[object] = []
        revoke = XProvider.revoke

        def counted(*given: Any) -> None:  # noqa: ANN401
            asked.append(given)
            revoke(*given)

        monkeypatch.setattr(XProvider, "revoke", counted)
        await accounts.recover()
        await asyncio.gather(*accounts.removing._tasks)
        assert len(asked) == 1
        assert accounts.roster.connections == ()
        await _whole(house)
        assert now.place in (KEYCHAIN, FILE)


async def test_keys_of_an_app_with_connections_are_not_deleted(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        await house.connect(app, "contoso")
        await house.index.run(lambda d: d.begin_pending("delete", *entry_of(app)))
        await house.accounts.recover()
        assert house.accounts.roster.apps == (app,)
        await _whole(house)
