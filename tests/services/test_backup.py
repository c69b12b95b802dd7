"""One backup of everything: what is in it, what a look into it tells, what comes back."""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adwarden.domain.backup import Item, Side, Standing
from adwarden.domain.errors import ErrorCode, InputError, KeychainError, StorageError
from adwarden.domain.model import FILE, KEYCHAIN, MEMORY, AppAccess, ConnectionState
from adwarden.domain.secret import Secret
from adwarden.services.backup import Choices, Preview, Restored
from adwarden.services.keychain import Keychain
from adwarden.services.roster import entry_of
from adwarden.storage import backup_file
from adwarden.storage.keepass_place import KeepassPlace
from adwarden.storage.keychain_status import EntryName
from adwarden.storage.own_files import OwnFiles
from adwarden.storage.paths import DataFolder
from adwarden.storage.report_file import ExistsError
from tests.fakes.keychain import MemoryBackend
from tests.services.backup_house import NOW, OPEN_SESAME, House, Told, open_house
from tests.storage.folders import small_disk
from tests.storage.keepass_parts import PASSWORD, QUICK, keepassxc, needs_keepassxc, new_place


def all_of(preview: Preview) -> Choices:
    return Choices(frozenset(item.id for item in preview.items))


def suggested(preview: Preview) -> Choices:
    return Choices(frozenset(item.id for item in preview.items if item.suggested))


def standings(preview: Preview) -> dict[str, Standing]:
    return {item.name: item.standing for item in preview.items}


def line(preview: Preview, name: str) -> Item:
    return next(item for item in preview.items if item.name == name)


async def move(house: House, path: Path, choices: Choices | None = None) -> Restored:
    preview = await house.backup.preview(path, OPEN_SESAME)
    return await house.backup.restore(preview, choices or suggested(preview))


def lasting(told: Told) -> Told:
    """Return what comes of it elsewhere: nothing goes into a session's memory by itself."""
    return {
        key: (*facts[:-1], KEYCHAIN if facts[-1] == MEMORY else facts[-1])
        for key, facts in told.items()
    }


async def furnish(house: House) -> None:
    """Put one of each kind into a house."""
    app = await house.add_app(
        "Agency app",
        note="the one for Europe · ü",
        approved_at=NOW - 86_400.5,
        secrets={"bearer": "b" * 100, "client_id": "cid"},
        holds=("bearer", "client_id"),
    )
    await house.connect(app, "1", label="Northwind", note="asked Jo\nsecond line")
    await house.connect(app, "2", pasted=True, authorized_at=NOW - 5.25)
    other = await house.add_app("Test app", access=AppAccess.LEGACY_AUDIENCES)
    await house.connect(other, "1", screen_name="")


async def test_a_backup_moves_the_whole_house(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        await furnish(old)
        written = await old.backup.write(path, OPEN_SESAME, settings={"theme": "dark"})
        assert (written.apps, written.connections, written.left_out) == (2, 3, ())
        there = await old.told()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    raw = path.read_bytes()
    assert not any(word in raw for word in (b"Agency", b"token", b"user1", b"northwind"))
    async with open_house(tmp_path / "new") as new:
        preview = await new.backup.preview(path, OPEN_SESAME)
        assert set(standings(preview).values()) == {Standing.NEW}
        assert dict(preview.settings) == {"theme": "dark"}
        assert preview.made_at == NOW
        assert await new.told() == {}  # looking changes nothing
        assert not new.backend.entries
        done = await new.backup.restore(preview, suggested(preview))
        assert len(done.added) == 5
        assert (done.replaced, done.skipped, done.stopped) == ((), 0, None)
        assert await new.told() == there
        assert {one.state for one in new.accounts.roster.connections} == {ConnectionState.UNKNOWN}
        mark = {(await new.places.get(*entry_of(app))).facts["home"]
                for app in new.accounts.roster.apps}  # fmt: skip
        assert mark == {new.accounts._home}
        again = await new.backup.preview(path, OPEN_SESAME)
        assert set(standings(again).values()) == {Standing.SAME}
        assert (await new.backup.restore(again, all_of(again))).skipped == 5
        assert await new.told() == there


async def test_every_place_is_in_it_and_everything_finds_its_place(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old", file=True) as old:
        app = await old.add_app("Agency app")
        await old.connect(app, "1")
        old.chosen[0] = FILE
        await old.connect(app, "2")
        old.chosen[0] = MEMORY
        await old.connect(app, "3")
        await old.backup.write(path, OPEN_SESAME)
        there = await old.told(places=True)
    async with open_house(tmp_path / "new", file=True) as new:
        await move(new, path)
        assert await new.told(places=True) == lasting(there)
    async with open_house(tmp_path / "third") as third:  # no KeePass file here
        await move(third, path)
        assert {one.place for one in third.accounts.roster.connections} == {KEYCHAIN}
    async with open_house(tmp_path / "fourth", file=True) as fourth:
        preview = await fourth.backup.preview(path, OPEN_SESAME)
        await fourth.backup.restore(preview, replace(suggested(preview), place=FILE))
        assert not fourth.backend.entries
        assert {one.place for one in fourth.accounts.roster.connections} == {FILE}


async def test_a_place_that_is_locked_makes_no_half_backup(tmp_path: Path) -> None:
    async with open_house(tmp_path / "old", file=True) as old:
        old.chosen[0] = FILE
        await old.add_app("Agency app")
        assert old.file is not None
        old.file.lock()
        with pytest.raises(KeychainError) as caught:
            await old.backup.write(tmp_path / "backup.kdbx", OPEN_SESAME)
        assert caught.value.code is ErrorCode.KEYCHAIN_LOCKED
        assert not (tmp_path / "backup.kdbx").exists()


async def test_what_has_lost_its_secret_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        app = await old.add_app("Agency app")
        one = await old.connect(app, "1")
        await old.connect(app, "2")
        del old.backend.entries[entry_of(one)[:2]]
        written = await old.backup.write(path, OPEN_SESAME)
        assert written.left_out == ("@user1",)
        assert (written.apps, written.connections) == (1, 1)


async def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    path.write_text("mine")
    async with open_house(tmp_path / "old") as old:
        await old.add_app("Agency app")
        with pytest.raises(ExistsError):
            await old.backup.write(path, OPEN_SESAME)
        assert path.read_text() == "mine"
        await old.backup.write(path, OPEN_SESAME, replace=True)
        assert (await old.backup.preview(path, OPEN_SESAME)).items
        with pytest.raises(InputError):
            await old.backup.write(tmp_path / "old" / "directory.sqlite3", OPEN_SESAME)
        with pytest.raises(InputError) as caught:
            await old.backup.write(tmp_path / "other.kdbx", Secret(""))
        assert caught.value.field == "password"
        assert not (tmp_path / "other.kdbx").exists()


async def test_a_backup_that_did_not_come_back_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        await old.add_app("Agency app")
        await old.backup.write(path, OPEN_SESAME)
        before = path.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(KeepassPlace, "all_texts", lambda self: {})
            with pytest.raises(KeychainError) as caught:
                await old.backup.write(path, OPEN_SESAME, replace=True)
        assert caught.value.detail == "ReadBackMismatch"
        assert path.read_bytes() == before


async def test_what_cannot_be_opened_says_why_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        await furnish(old)
        await old.backup.write(path, OPEN_SESAME)
    whole = path.read_bytes()
    (tmp_path / "cut.kdbx").write_bytes(whole[:-100])
    (tmp_path / "text.kdbx").write_text("no KeePass file")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    (tmp_path / "flipped.kdbx").write_bytes(flipped)
    new_place(tmp_path, "vault.kdbx")
    head = backup_file.Head(NOW, "9.9", {})
    newer = tmp_path / "newer.kdbx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup_file, "FORMAT", 2)
        backup_file.write_backup(newer, OPEN_SESAME, backup_file.Backup(head, {}), kdf=QUICK)
    practice = tmp_path / "practice.kdbx"
    backup_file.write_backup(
        practice, OPEN_SESAME, backup_file.Backup(head, {}), namespace="Adwarden practice",
        kdf=QUICK,
    )  # fmt: skip
    async with open_house(tmp_path / "new") as new:
        for name, password, code, word in (
            ("backup.kdbx", Secret("wrong"), ErrorCode.WRONG_PASSWORD, "password"),
            ("cut.kdbx", OPEN_SESAME, ErrorCode.FILE_DAMAGED, "damaged"),
            ("flipped.kdbx", OPEN_SESAME, ErrorCode.FILE_DAMAGED, "damaged"),
            ("text.kdbx", OPEN_SESAME, ErrorCode.FILE_UNSUPPORTED, "not a KeePass file"),
            ("none.kdbx", OPEN_SESAME, ErrorCode.KEYCHAIN_MISSING, "not there"),
            ("vault.kdbx", PASSWORD, ErrorCode.FILE_UNSUPPORTED, "not a backup"),
            ("newer.kdbx", OPEN_SESAME, ErrorCode.FILE_UNSUPPORTED, "newer"),
            ("practice.kdbx", OPEN_SESAME, ErrorCode.FILE_UNSUPPORTED, "elsewhere"),
        ):
            with pytest.raises(KeychainError) as caught:
                await new.backup.preview(tmp_path / name, password)
            assert caught.value.code is code, name
            assert word in caught.value.title, name
            assert caught.value.remedy
        assert await new.told() == {}
        assert not new.backend.entries
    assert path.read_bytes() == whole


async def test_a_full_disk_leaves_the_old_backup(tmp_path: Path) -> None:
    async with open_house(tmp_path / "old") as old:
        await furnish(old)
        with small_disk(tmp_path / "disk", "16k") as disk:
            path = disk / "backup.kdbx"
            await old.backup.write(path, OPEN_SESAME)
            before = path.read_bytes()
            (disk / "filler").write_bytes(os.urandom(os.statvfs(disk).f_bavail * 4096))
            with pytest.raises(StorageError) as caught:
                await old.backup.write(path, OPEN_SESAME, replace=True)
            assert "full" in caught.value.message
            assert caught.value.title == "The backup could not be written"
            assert path.read_bytes() == before
            assert {one.name for one in disk.iterdir()} == {"backup.kdbx", "filler"}


@pytest.fixture(scope="module")
def some_backup(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the bytes of a small backup."""
    path = tmp_path_factory.mktemp("one") / "backup.kdbx"
    head = backup_file.Head(NOW, "1", {})
    texts = {EntryName("Adwarden · Agency app · 12345678", "Agency app"): '{"v":1}'}
    backup_file.write_backup(path, OPEN_SESAME, backup_file.Backup(head, texts), kdf=QUICK)
    return path.read_bytes()


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_an_error_in_words(
    data: st.DataObject, some_backup: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = bytearray(some_backup)
    for _ in range(data.draw(st.integers(1, 3))):
        broken[data.draw(st.integers(0, len(broken) - 1))] ^= data.draw(st.integers(1, 255))
    kept = bytes(broken[: data.draw(st.integers(0, len(broken)))])
    path = tmp_path_factory.mktemp("broken") / "backup.kdbx"
    path.write_bytes(kept)
    if kept == some_backup:
        return
    with pytest.raises(KeychainError) as caught:
        backup_file.read_backup(path, OPEN_SESAME)
    assert caught.value.code in (
        ErrorCode.FILE_DAMAGED, ErrorCode.FILE_UNSUPPORTED, ErrorCode.WRONG_PASSWORD
    )  # fmt: skip
    assert caught.value.remedy
    assert path.read_bytes() == kept


async def test_the_one_that_works_or_is_newer_is_suggested(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "house") as house:
        app = await house.add_app("Agency app")
        for user in "12345":
            await house.connect(app, user, f"{user}-saved", authorized_at=NOW - 1000)
        await house.backup.write(path, OPEN_SESAME)
        working, dead = ConnectionState.WORKING, ConnectionState.REVOKED
        for user, state, at in (
            ("1", working, NOW - 2000), ("2", dead, NOW), ("3", ConnectionState.UNKNOWN, NOW),
            ("4", ConnectionState.UNKNOWN, NOW - 2000),
        ):  # fmt: skip
            await house.connect(app, user, f"{user}-later", state=state, authorized_at=at)
        lost = house.accounts.roster.same_user(app.id, "5")
        assert lost is not None
        del house.backend.entries[entry_of(lost)[:2]]
        preview = await house.backup.preview(path, OPEN_SESAME)
        found = {item.name: (item.newer, item.suggested) for item in preview.items}
        assert found == {
            "Agency app": (Side.UNKNOWN, False),
            "@user1": (Side.BACKUP, False),  # older, and it works
            "@user2": (Side.HERE, True),  # newer, and revoked
            "@user3": (Side.HERE, False),
            "@user4": (Side.BACKUP, True),
            "@user5": (Side.UNKNOWN, True),  # nothing is here
        }
        assert line(preview, "Agency app").standing is Standing.SAME
        assert line(preview, "@user1").differs == ("token",)
        ids = {one.user_id: one.id for one in house.accounts.roster.connections}
        done = await house.backup.restore(preview, suggested(preview))
        assert done.replaced == ("@user2", "@user4", "@user5")
        told = await house.told()
        tokens = {user: told["Agency app", user][5] for user in "12345"}
        assert {user: one["token"] for user, one in tokens.items()} == {  # type: ignore[index]
            "1": "1-later", "2": "2-saved", "3": "3-later", "4": "4-saved", "5": "5-saved"
        }  # fmt: skip
        states = {one.user_id: one.state for one in house.accounts.roster.connections}
        assert states["2"] is ConnectionState.UNKNOWN
        assert states["1"] is working
        assert {one.user_id: one.id for one in house.accounts.roster.connections} == ids
        assert len(house.backend.entries) == 6 + 1  # and the manifest


async def test_an_app_that_was_added_anew_is_the_same_by_its_key(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        app = await old.add_app("Agency app", "the key", note="from the backup")
        await old.connect(app, "1")
        await old.backup.write(path, OPEN_SESAME)
    async with open_house(tmp_path / "new") as new:
        mine = await new.add_app("Agency (new)", "the key", secrets={"secret": "secret of the key"})
        preview = await new.backup.preview(path, OPEN_SESAME)
        item = line(preview, "Agency app")
        assert (item.standing, item.here_id) == (Standing.DIFFERS, mine.id)
        assert item.differs == ("name", "note")
        assert not item.suggested
        await new.backup.restore(preview, suggested(preview))
        assert [app.label for app in new.accounts.roster.apps] == ["Agency (new)"]
        assert [one.app_id for one in new.accounts.roster.connections] == [mine.id]
        preview = await new.backup.preview(path, OPEN_SESAME)
        await new.backup.restore(preview, all_of(preview))
        assert [app.label for app in new.accounts.roster.apps] == ["Agency app"]
        assert [app.note for app in new.accounts.roster.apps] == ["from the backup"]


async def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        await old.add_app("Agency app", "one key")
        await old.backup.write(path, OPEN_SESAME)
    async with open_house(tmp_path / "new") as new:
        await new.add_app("agency APP", "another key")
        await move(new, path)
        assert {app.label for app in new.accounts.roster.apps} == {"agency APP", "Agency app (2)"}


async def test_a_connection_without_its_app_stays_out(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        app = await old.add_app("Agency app")
        await old.connect(app, "1")
        del old.backend.entries[entry_of(app)[:2]]
        assert (await old.backup.write(path, OPEN_SESAME)).left_out == ("Agency app",)
        # Where the app itself is, its connection has its place.
        assert standings(await old.backup.preview(path, OPEN_SESAME)) == {"@user1": Standing.SAME}
    async with open_house(tmp_path / "new") as new:
        preview = await new.backup.preview(path, OPEN_SESAME)
        assert standings(preview) == {"@user1": Standing.NO_APP}
        assert (await new.backup.restore(preview, all_of(preview))).homeless == ("@user1",)
        assert await new.told() == {}
    whole = tmp_path / "whole.kdbx"
    async with open_house(tmp_path / "third") as third:
        await furnish(third)
        await third.backup.write(whole, OPEN_SESAME)
    async with open_house(tmp_path / "new") as new:
        preview = await new.backup.preview(whole, OPEN_SESAME)
        only = frozenset(item.id for item in preview.items if not item.is_app)
        done = await new.backup.restore(preview, Choices(only))
        assert len(done.homeless) == 3
        assert not new.backend.entries


async def test_a_place_that_fails_ends_it_and_the_next_time_completes_it(tmp_path: Path) -> None:
    path, backend = tmp_path / "backup.kdbx", MemoryBackend()
    async with open_house(tmp_path / "old") as old:
        await furnish(old)
        await old.backup.write(path, OPEN_SESAME)
        there = await old.told()
    async with open_house(tmp_path / "new", backend) as new:
        preview = await new.backup.preview(path, OPEN_SESAME)

        def told(done: int, total: int) -> None:
            assert total == 5
            if done == 3:
                backend.failures["set"] = OSError("the disk is gone")

        done = await new.backup.restore(preview, suggested(preview), told)
        assert isinstance(done.stopped, KeychainError)
        assert (len(done.added), done.skipped) == (3, 2)
    backend.failures.clear()
    async with open_house(tmp_path / "new", backend) as new:
        done = await move(new, path)
        assert (len(done.added), done.skipped) == (2, 3)
        assert await new.told() == there


async def test_a_crash_leaves_the_old_backup_and_nothing_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, folder = tmp_path / "backup.kdbx", tmp_path / "old"
    async with open_house(folder) as old:
        await old.add_app("Agency app")
        await old.backup.write(path, OPEN_SESAME)
        before = path.read_bytes()
        leftover = folder / ".adwarden-1234.tmp"
        leftover.mkdir()
        (leftover / "backup.kdbx").write_bytes(before)  # as a crash leaves it
        DataFolder(folder).prepare()
        assert leftover.exists()  # it may be another process that is just writing it
        os.utime(leftover, (0, 0))
        DataFolder(folder).prepare()
        assert not leftover.exists()
        monkeypatch.setattr(backup_file, "write_report", _ends)
        with pytest.raises(KeyboardInterrupt):
            backup_file.write_backup(
                path, OPEN_SESAME, backup_file.Backup(backup_file.Head(NOW, "1", {}), {}),
                replace=True, own=OwnFiles(folder), kdf=QUICK,
            )  # fmt: skip
        assert path.read_bytes() == before
        assert not [one for one in folder.iterdir() if one.name.endswith(".tmp")]


def _ends(*_arguments: object, **_named: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.keychain
async def test_from_one_real_keyring_house_to_another(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old", real=True) as old:
        await furnish(old)
        await old.backup.write(path, OPEN_SESAME)
        there = await old.told()
        kept = await old.places.known(KEYCHAIN)
    async with open_house(tmp_path / "new", real=True) as new:
        # A new index looks for entries of its own house, and the other's are none.
        assert await new.told() == {}
        await move(new, path)
        assert await new.told() == there
        mine = {entry_of(one)[:2] for one in new.accounts.roster.connections}
        assert not mine & set(kept)
    # Without its index, all of it comes back from the keyring, in one exchange.
    (tmp_path / "new" / "directory.sqlite3").unlink()
    async with open_house(tmp_path / "new", real=True) as new:
        assert set(await new.told()) == set(there)
        for one in await new.places.known(KEYCHAIN):
            await new.places.delete(*one, KEYCHAIN)


async def test_a_lost_index_is_rebuilt_by_one_reading_of_each_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(tmp_path / "old") as old:
        await furnish(old)
        there = await old.told()
        backend = old.backend
    (tmp_path / "old" / "directory.sqlite3").unlink()

    def refuse(*_arguments: object) -> None:
        raise AssertionError("read one by one")

    monkeypatch.setattr(Keychain, "get", refuse)
    async with open_house(tmp_path / "old", backend) as again:
        monkeypatch.undo()
        assert set(await again.told()) == set(there)


@needs_keepassxc
async def test_keepassxc_opens_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        await furnish(old)
        await old.backup.write(path, OPEN_SESAME)
    password = OPEN_SESAME.unwrap()
    listed = keepassxc(tmp_path, "ls", "-R", str(path), password=password)
    assert "X apps" in listed
    assert "@user1 · Agency app" in listed
    shown = keepassxc(
        tmp_path, "show", "-s", "--all", str(path), "Adwarden/X apps/Agency app", password=password
    )
    assert "key: key of Agency app" in shown
    assert "Password: secret of Agency app" in shown


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
NAMES = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=8)
SECRETS = st.text(min_size=1, max_size=20)
TIMES = st.floats(0, 4e9)
APPS = st.dictionaries(
    NAMES.map(str.casefold),
    st.tuples(
        st.sampled_from(AppAccess), TEXT, st.none() | TIMES, TIMES,
        st.dictionaries(st.sampled_from(["bearer", "client_id", "client_secret"]), SECRETS),
        st.dictionaries(
            st.integers(1, 2**63).map(str),
            st.tuples(
                SECRETS, TEXT, TEXT, TIMES, st.booleans(), st.sampled_from([KEYCHAIN, MEMORY])
            ),
            max_size=3,
        ),
    ),
    max_size=3,
)  # fmt: skip


@given(apps=APPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_comes_back_as_it_was(
    apps: dict[str, tuple[AppAccess, str, float | None, float, dict[str, str],
                          dict[str, tuple[str, str, str, float, bool, str]]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("houses")

    async def there_and_back() -> None:
        path = folder / "backup.kdbx"
        async with open_house(folder / "old") as old:
            for label, (access, note, approved, added, more, users) in apps.items():
                app = await old.add_app(
                    label, access=access, note=note, approved_at=approved, added_at=added,
                    secrets=more,
                )  # fmt: skip
                for user, (token, name, words, since, pasted, place) in users.items():
                    old.chosen[0] = place
                    await old.connect(
                        app, user, token, label=name, note=words, authorized_at=since,
                        pasted=pasted,
                    )  # fmt: skip
                old.chosen[0] = KEYCHAIN
            await old.backup.write(path, OPEN_SESAME)
            there = await old.told(places=True)
        async with open_house(folder / "new") as new:
            done = await move(new, path)
            assert (done.failed, done.stopped) == ((), None)
            assert await new.told(places=True) == lasting(there)

    asyncio.run(there_and_back())


async def test_a_name_and_a_note_of_here_outlive_a_token_of_the_backup(tmp_path: Path) -> None:
    """The token is why the line is ticked; what somebody called it since is not asked about."""
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "house") as house:
        app = await house.add_app("Agency app", note="then")
        for user in "123":
            await house.connect(
                app, user, "saved", label=f"L{user}", note="then", authorized_at=NOW - 1
            )
        await house.backup.write(path, OPEN_SESAME)
        dead, working = ConnectionState.REVOKED, ConnectionState.WORKING
        await house.connect(app, "1", "later", label="mine", note="now", state=dead)
        await house.connect(app, "2", "later", label="mine", note="", state=dead)
        await house.connect(app, "3", "saved", label="mine", note="now", state=working)
        await house.accounts.rewriting.rewrite_app(app, label="Mine", note="")
        del house.backend.entries[entry_of(house.accounts.roster.apps[0])[:2]]
        preview = await house.backup.preview(path, OPEN_SESAME)
        assert {item.name: (item.differs, item.suggested) for item in preview.items} == {
            "Agency app": (("keys", "note"), True),
            "@user1": (("token",), True),
            "@user2": (("token", "note"), True),
            "@user3": (("name", "note"), False),
        }
        await house.backup.restore(preview, suggested(preview))
        told = await house.told()
        assert told["Mine",][1] == "then"
        assert told["Mine", "1"][1:3] == ("mine", "now")
        assert told["Mine", "2"][1:3] == ("mine", "then")
        assert told["Mine", "3"][1:3] == ("mine", "now")
        assert {told["Mine", user][5]["token"] for user in "123"} == {"saved"}  # type: ignore[index]
        # Whoever wants the backup's words ticks a line that is about nothing else.
        preview = await house.backup.preview(path, OPEN_SESAME)
        assert {item.differs for item in preview.items} == {("name",), ("name", "note")}
        await house.backup.restore(preview, all_of(preview))
        assert (await house.told())["Agency app", "1"][1:3] == ("L1", "then")


async def test_a_name_that_got_a_number_is_no_difference_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "backup.kdbx"
    async with open_house(tmp_path / "old") as old:
        await old.add_app("Agency app", "one key")
        await old.backup.write(path, OPEN_SESAME)
    async with open_house(tmp_path / "new") as new:
        other = await new.add_app("agency APP", "another key")
        await move(new, path)
        before = set(new.backend.entries)
        preview = await new.backup.preview(path, OPEN_SESAME)
        assert standings(preview) == {"Agency app": Standing.SAME}
        done = await new.backup.restore(preview, all_of(preview))
        assert (done.replaced, done.skipped) == ((), 1)
        assert set(new.backend.entries) == before
        # The name is free now, and differs.
        await new.accounts.rewriting.rewrite_app(other, label="Test app")
        preview = await new.backup.preview(path, OPEN_SESAME)
        assert line(preview, "Agency app").differs == ("name",)
        await new.backup.restore(preview, all_of(preview))
        assert "Agency app" in {app.label for app in new.accounts.roster.apps}
