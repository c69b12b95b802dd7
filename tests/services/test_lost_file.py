"""A KeePass file that is gone, and one changed for another while secrets are on their way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adwarden.domain.backup import Item, Standing
from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, AppAccess, Connection, XApp
from adwarden.domain.secret import Secret
from adwarden.services.backup import Choices, Preview
from adwarden.services.roster import entry_of
from adwarden.storage import settings as known
from adwarden.storage.keepass_place import KeepassPlace
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_vault_file import names_in, with_file
from tests.storage.keepass_parts import PASSWORD, QUICK


async def kept(house: House) -> int:
    """Return how many rows there are, each of them with its secret."""
    for one in house.accounts.roster.everything:
        await house.places.get(*entry_of(one))
    return len(house.accounts.roster.everything)


async def in_file(house: House, folder: Path) -> tuple[Path, XApp, Connection]:
    """Keep an app and a connection in a file, then choose the keychain for what is new."""
    path = await with_file(house, folder)
    app = await house.add_app()
    one = await house.connect(app, "contoso")
    house.settings.set(known.VAULT_PLACE, KEYCHAIN)
    house.accounts.backup._kdf = QUICK
    return path, app, one


def all_of(preview: Preview, place: str = "") -> Choices:
    return Choices(frozenset(item.id for item in preview.items), place)


def line(preview: Preview, *, app: bool) -> Item:
    return next(item for item in preview.items if item.is_app is app)


@pytest.mark.parametrize("change", ["use", "create", "forget"])
async def test_the_file_is_not_changed_while_a_secret_is_on_its_way_into_it(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    other = KeepassPlace(tmp_path / "other.kdbx", kdf=QUICK, locks=tmp_path / "locks")
    other.create(PASSWORD)
    async with open_house() as house:
        vault_file = house.accounts.vault_file
        await house.accounts.recover()
        app = await house.add_app()
        path = tmp_path / "team.kdbx"
        await vault_file.create(path, PASSWORD)
        changes = {
            "use": lambda: vault_file.use(other.path, PASSWORD),
            "create": lambda: vault_file.create(tmp_path / "new.kdbx", PASSWORD),
            "forget": vault_file.forget,
        }
        reached, go_on = asyncio.Event(), asyncio.Event()
        put = house.places.put

        async def slow(*args: object) -> None:
            await put(*args)  # type: ignore[arg-type]
            reached.set()
            await go_on.wait()

        monkeypatch.setattr(house.places, "put", slow)
        move = asyncio.create_task(house.accounts.moving.move(FILE, [app]))
        await reached.wait()
        with pytest.raises(KeychainError) as caught:
            await changes[change]()
        assert caught.value.title == "The KeePass file is busy"
        assert caught.value.place == FILE
        go_on.set()
        assert (await move).done == (app.label,)
        assert vault_file.path == path
        assert await kept(house) == 1


async def test_nothing_is_written_while_the_file_is_changed_for_another(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        vault_file = house.accounts.vault_file
        await house.accounts.recover()
        app = await house.add_app()
        await vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        remember = vault_file._remember
        failures: list[AdwardenError] = []

        async def meanwhile(text: str) -> None:
            moved = await house.accounts.moving.move(FILE, [app])
            failures.extend(one.error for one in moved.left)
            with pytest.raises(KeychainError, match="just being"):
                await vault_file.forget()
            await remember(text)

        monkeypatch.setattr(vault_file, "_remember", meanwhile)
        await vault_file.create(tmp_path / "second.kdbx", PASSWORD)
        assert [one.title for one in failures] == ["The KeePass file is busy"]
        monkeypatch.setattr(vault_file, "_remember", remember)
        assert (await house.accounts.moving.move(FILE)).done == (app.label,)
        assert len(names_in(tmp_path / "second.kdbx", tmp_path)) == 1
        assert await kept(house) == 1


@pytest.mark.parametrize("delay", range(0, 40, 4))
async def test_whenever_the_file_is_changed_no_secret_is_lost(
    open_house: OpenHouse, tmp_path: Path, delay: int
) -> None:
    other = KeepassPlace(tmp_path / "other.kdbx", kdf=QUICK, locks=tmp_path / "locks")
    other.create(PASSWORD)
    async with open_house() as house:
        await house.accounts.recover()
        app = await house.add_app()
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)

        async def change() -> None:
            for _ in range(delay):
                await asyncio.sleep(0)
            await house.accounts.vault_file.use(other.path, PASSWORD)

        moved, refused = await asyncio.gather(
            house.accounts.moving.move(FILE, [app]), change(), return_exceptions=True
        )
        assert not isinstance(moved, BaseException)
        assert refused is None or isinstance(refused, KeychainError)
        assert await kept(house) == 1
        place = house.accounts.roster.apps[0].place
        assert place == (FILE if moved.done else KEYCHAIN)


async def test_what_can_still_be_undone_keeps_the_file_in_use(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(time=HandClock()) as house:
        path, app, one = await in_file(house, tmp_path)
        house.accounts.removing.disconnect(one.id, revoke=False)
        house.accounts.removing.remove_app(app.id)
        assert len(house.accounts.vault_file.rows) == 2
        with pytest.raises(KeychainError, match=r"team\.kdbx"):
            await house.accounts.vault_file.create(tmp_path / "second.kdbx", PASSWORD)
        assert house.accounts.vault_file.path == path
        assert await house.accounts.removing.undo(one.id)
        assert await kept(house) == 2


async def test_a_step_that_waits_for_a_locked_file_keeps_it_in_use(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        path, *_ = await in_file(house, tmp_path)
        with monkeypatch.context() as patch:
            delete = house.places.delete

            async def fails(service: str, username: str, place: str) -> None:
                if place == FILE:
                    raise KeychainError(ErrorCode.KEYCHAIN_FAILED, "No", "", "")
                await delete(service, username, place)

            patch.setattr(house.places, "delete", fails)
            await house.accounts.moving.move(KEYCHAIN)
        await house.accounts.vault_file.lock()
        assert house.accounts.vault_file.rows == ()
        with pytest.raises(KeychainError) as caught:
            await house.accounts.vault_file.create(tmp_path / "second.kdbx", PASSWORD)
        assert caught.value.title == "Something waits for the KeePass file"
        await house.accounts.vault_file.enter(PASSWORD)
        assert names_in(path, tmp_path) == set()
        await house.accounts.vault_file.create(tmp_path / "second.kdbx", PASSWORD)
        assert await kept(house) == 2


@pytest.mark.parametrize("forgotten", [False, True])
async def test_what_was_in_a_lost_file_is_entered_again_in_the_chosen_place(
    open_house: OpenHouse, tmp_path: Path, forgotten: bool
) -> None:
    async with open_house() as house:
        path, app, one = await in_file(house, tmp_path)
        kept_aside = tmp_path / "aside.kdbx"
        path.rename(kept_aside)
        if forgotten:
            await house.accounts.vault_file.forget()
        with pytest.raises(KeychainError) as caught:
            await house.accounts.begin(app.id, one.id)
        assert caught.value.code is ErrorCode.KEYCHAIN_MISSING
        for word in ("lost", "backup", "enter the keys", "authorize"):
            assert word in caught.value.remedy
        keys = house.server.world.apps[0]
        renewed = await house.accounts.renew_app(app.id, Secret(keys.key), Secret(keys.secret))
        assert renewed.place == KEYCHAIN
        again = await house.connect(renewed, "contoso")
        assert (again.id, again.place) == (one.id, KEYCHAIN)
        assert await kept(house) == 2
        # Should it ever come back, what was replaced is deleted there.
        kept_aside.rename(path)
        assert len(names_in(path, tmp_path)) == 2
        if forgotten:
            await house.accounts.vault_file.use(path, PASSWORD)
        else:
            await house.accounts.vault_file.enter(PASSWORD)
        assert names_in(path, tmp_path) == set()
        assert await kept(house) == 2


async def test_a_token_is_pasted_for_what_was_in_a_lost_file(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        path, app, one = await in_file(house, tmp_path)
        pair = (await house.places.get(*entry_of(one))).secrets
        path.unlink()
        keys = house.server.world.apps[0]
        await house.accounts.renew_app(app.id, Secret(keys.key), Secret(keys.secret))
        pasted = await house.accounts.pasting.add(app.id, pair["token"], pair["secret"])
        assert (pasted.id, pasted.place) == (one.id, KEYCHAIN)
        assert await kept(house) == 2


async def test_what_is_only_locked_stays_where_it_is(open_house: OpenHouse, tmp_path: Path) -> None:
    async with open_house() as house:
        _, app, _ = await in_file(house, tmp_path)
        backup = tmp_path / "backup.kdbx"
        await house.accounts.backup.write(backup, PASSWORD)
        await house.accounts.vault_file.lock()
        for work in (
            house.accounts.renew_app(app.id, Secret("k"), Secret("s")),
            house.accounts.backup.write(tmp_path / "second.kdbx", PASSWORD),
            house.accounts.backup.preview(backup, PASSWORD),
        ):
            with pytest.raises(KeychainError) as caught:
                await work
            assert caught.value.code is ErrorCode.KEYCHAIN_LOCKED
        assert house.accounts.roster.apps == (app,)
        assert house.backend.entries == {}


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("place", ["", MEMORY])
async def test_a_backup_brings_back_what_was_in_a_lost_file(
    open_house: OpenHouse, tmp_path: Path, forgotten: bool, place: str
) -> None:
    async with open_house() as house:
        path, app, one = await in_file(house, tmp_path)
        backup = tmp_path / "backup.kdbx"
        await house.accounts.backup.write(backup, PASSWORD)
        path.unlink()
        if forgotten:
            await house.accounts.vault_file.forget()
        assert await house.accounts.backup.sources() == ()
        written = await house.accounts.backup.write(tmp_path / "second.kdbx", PASSWORD)
        assert (written.apps, written.connections) == (0, 0)
        assert written.left_out == (app.label, one.handle)
        preview = await house.accounts.backup.preview(backup, PASSWORD)
        assert all(item.here_lost and item.suggested for item in preview.items)
        done = await house.accounts.backup.restore(preview, all_of(preview, place))
        assert (len(done.replaced), done.stopped) == (2, None)
        assert {row.place for row in house.accounts.roster.everything} == {place or KEYCHAIN}
        assert await kept(house) == 2


async def test_the_chosen_place_counts_for_what_is_here_as_well(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await house.accounts.recover()
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        house.accounts.backup._kdf = QUICK
        backup = tmp_path / "backup.kdbx"
        await house.accounts.apps.name_connection(one.id, label="", note="from the backup")
        await house.accounts.backup.write(backup, PASSWORD)
        await house.accounts.apps.name_connection(one.id, label="", note="other")
        await house.accounts.renew_app(app.id, Secret("another"), Secret("pair"))
        await with_file(house, tmp_path)
        preview = await house.accounts.backup.preview(backup, PASSWORD)
        assert {item.standing for item in preview.items} == {Standing.DIFFERS}
        await house.accounts.backup.restore(preview, all_of(preview, FILE))
        assert {row.place for row in house.accounts.roster.everything} == {FILE}
        assert house.backend.entries == {}
        assert await kept(house) == 2


async def test_a_restore_puts_into_memory_only_what_is_to_go_there(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        house.settings.set(known.VAULT_PLACE, MEMORY)
        app = await house.add_app()
        await house.connect(app, "contoso")
        house.settings.set(known.VAULT_PLACE, KEYCHAIN)
        house.accounts.backup._kdf = QUICK
        backup = tmp_path / "backup.kdbx"
        await house.accounts.backup.write(backup, PASSWORD)
        server = house.server
    async with open_house(server=server) as house:  # its memory is empty
        await house.accounts.keychain_status()
        preview = await house.accounts.backup.preview(backup, PASSWORD)
        assert all(item.here_lost for item in preview.items)
        await house.accounts.backup.restore(preview, all_of(preview))
        assert {row.place for row in house.accounts.roster.everything} == {KEYCHAIN}
        assert await kept(house) == 2


async def test_what_is_no_character_does_not_keep_a_name_out_of_a_file(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await with_file(house, tmp_path)
        app = await house.accounts.add_app(
            "Agency\uffff \ufffeapp\U0010ffff", Secret("k"), Secret("s"), AppAccess.STANDARD
        )
        assert entry_of(app).username == "Agency app"
        assert await kept(house) == 1
        assert {name.username for name in names_in(tmp_path / "team.kdbx", tmp_path)} == {
            "Agency app"
        }


async def test_a_token_renewed_goes_where_it_was_unless_that_went_with_a_session(
    open_house: OpenHouse,
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        in_keychain = await house.accounts.place_name()
        assert await house.accounts.place_name(one.id) == in_keychain
        await house.accounts.moving.move(MEMORY, [one])
        in_memory = await house.accounts.place_name(one.id)
        assert in_memory != in_keychain
        again = await house.connect(app, "contoso")
        assert (again.id, again.place) == (one.id, MEMORY)
        server = house.server
    server.start()
    async with open_house(server=server) as house:
        # The session is over, and its memory with it.
        assert await house.accounts.place_name(one.id) == in_keychain
        again = await house.connect(house.accounts.roster.app(app.id), "contoso")
        assert (again.id, again.place) == (one.id, KEYCHAIN)
        await house.accounts.refresh(one.id)
    server.stop()
