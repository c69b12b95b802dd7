"""At quitting, what was removed is noted first, and nothing of it is lost on the way."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from keyring.errors import KeyringLocked

from adwarden.domain.errors import ErrorCode, StorageError
from adwarden.domain.model import FILE
from adwarden.services.events import Stage
from adwarden.services.tasks import Tasks
from adwarden.services.undoing import UNDO_SECONDS
from adwarden.session import Session
from adwarden.storage.directory import Directory
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_dropping import edit, in_entry, with_both
from tests.services.test_removing import asked, at, kept, soon, steps
from tests.services.test_undo_entries import NAME, stray
from tests.storage.keepass_parts import PASSWORD

if TYPE_CHECKING:
    from adwarden.ui.main_window import MainWindow


class FullDisk:
    """Has the index refuse what is begun, the first times or for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        self._begin, self.left = Directory.begin_pending, times
        monkeypatch.setattr(Directory, "begin_pending", lambda *a, **k: self(*a, **k))

    def __call__(self, *args: object, **given: object) -> object:
        if self.left:
            self.left -= 1
            raise StorageError(ErrorCode.STORAGE, "The disk is full", "Nothing can be written.")
        return self._begin(*args, **given)  # type: ignore[arg-type]


async def two_removed(house: House) -> None:
    app = await house.add_app()
    for who in ("contoso", "agency_ops"):
        one = await house.connect(app, who)
        house.accounts.removing.disconnect(one.id, revoke=True)
    await at(house, Stage.WAITING, 2)


async def test_what_is_noted_cannot_be_undone_and_is_carried_out(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        await two_removed(house)
        (first, _) = house.accounts.removing.waiting
        await house.accounts.note_removals()
        assert await steps(house) == ["revoke", "revoke"]
        assert not await house.accounts.removing.undo(first.id)
        time.pass_time(UNDO_SECONDS)
        await asyncio.sleep(0)
        assert asked(house) == 0
        await house.accounts.close()
        assert asked(house) == 2
    async with open_house() as house:
        assert not await steps(house)


async def test_noting_that_is_cut_off_is_gone_on_with(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adwarden.services.undoing.QUIT_SECONDS", 0.0)
    async with open_house(time=HandClock()) as house:
        await two_removed(house)
        noting = asyncio.create_task(house.accounts.note_removals())
        await soon(lambda: house.accounts.undoing.closing, "it has begun")
        noting.cancel()
        await asyncio.wait([noting])
        await house.accounts.close()
    async with open_house() as house:
        assert await steps(house) == ["revoke", "revoke"]


async def test_one_that_cannot_be_noted_keeps_no_other_from_ending(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(time=HandClock()) as house:
        await two_removed(house)
        FullDisk(monkeypatch, 1)
        # It has ended all the same: there is nothing to say.
        await house.accounts.close()
        assert asked(house) == 2
        assert house.keychain._closed


async def test_a_full_disk_is_said_after_everything_has_been_closed(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(time=HandClock()) as house:
        await two_removed(house)
        FullDisk(monkeypatch, 1_000)
        with pytest.raises(StorageError, match="disk is full"):
            await house.accounts.close()
        assert asked(house) == 0
        assert house.keychain._closed
        with pytest.raises(RuntimeError):
            house.index.submit(Directory.pending)


@pytest.mark.parametrize("what", ["connection", "app", "secrets", "entry"])
async def test_a_locked_place_gets_it_from_the_next_start(open_house: OpenHouse, what: str) -> None:
    async with open_house(time=HandClock()) as house:
        app = await with_both(house)
        await house.accounts.recover()
        removing = house.accounts.removing
        if what == "connection":
            removing.disconnect((await house.connect(app, "contoso")).id, revoke=False)
        elif what == "app":
            one = await house.connect(app, "contoso")
            removing.disconnect(one.id, revoke=False)
            removing.remove_app(app.id)
        elif what == "secrets":
            await edit(house, app, removed=["bearer"])
        else:
            house.accounts.survey.delete(await stray(house))
        await at(house, Stage.WAITING)
        locked = KeyringLocked("x")
        house.backend.failures.update(get=locked, set=locked, delete=locked)
        await house.accounts.close()
        house.backend.failures.clear()
    async with open_house() as house:
        assert await steps(house)
        await house.accounts.recover()
        assert not await steps(house)
        assert not house.accounts.roster.connections
        assert len(house.accounts.roster.apps) == (what != "app")
        assert NAME not in house.backend.entries
        if what == "secrets":
            assert await in_entry(house) == {"client_secret"}


async def test_an_app_and_its_connections_go_together_after_a_slow_keychain(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adwarden.services.undoing.QUIT_SECONDS", 0.1)
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        await house.accounts.recover()
        one = await house.connect(app, "contoso")
        house.accounts.removing.disconnect(one.id, revoke=False)
        house.accounts.removing.remove_app(app.id)
        house.backend.gate.clear()
        await house.accounts.close()
        house.backend.gate.set()
    async with open_house() as house:
        await house.accounts.recover()
        assert house.accounts.roster.everything == ()
        assert not await steps(house)
        assert not kept(house, one)


async def test_an_app_stays_with_a_connection_that_was_not_removed(open_house: OpenHouse) -> None:
    async with open_house(time=HandClock()) as house:
        app = await house.add_app()
        await house.accounts.recover()
        await house.connect(app, "contoso")
        house.accounts.roster.hide(app.id)
        await house.accounts.endings.note(app.id, revoke=False)
        assert not await steps(house)


async def test_a_file_that_hangs_takes_no_time_from_what_was_removed(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("adwarden.session.STOP_SECONDS", 0.1)
    gate = threading.Event()
    async with open_house(time=HandClock()) as house:
        await two_removed(house)
        session = Session.__new__(Session)
        window = SimpleNamespace(hide=int, finish=lambda: asyncio.sleep(0), deleteLater=int)
        session._window = cast("MainWindow", window)
        session._dialogs = cast("Any", SimpleNamespace(close=int))
        session._services = cast("Any", SimpleNamespace(accounts=house.accounts, practice=None))
        session._tasks = Tasks(lambda error, name: pytest.fail(f"{name}: {error}"))
        waits = asyncio.create_task(house.places.of(FILE).call(lambda _: gate.wait(10)))

        async def make() -> None:
            await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)

        session._tasks.spawn(None, "make a file", make())
        await soon(lambda: house.places._changing, "a file is being made")
        await session.close()
        assert asked(house) == 2
        gate.set()
        await asyncio.wait([waits])
    async with open_house() as house:
        assert not await steps(house)
        assert not house.accounts.roster.connections
