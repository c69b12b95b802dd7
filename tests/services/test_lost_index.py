"""What was lost comes back: of a KeePass file, of a moved folder, and of a keychain's own list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adwarden.domain.errors import AdwardenError, ErrorCode, KeychainError
from adwarden.domain.model import FILE, KEYCHAIN
from adwarden.domain.secret import Secret
from adwarden.services.homing import Homing
from adwarden.services.keychain import Keychain
from adwarden.services.roster import Kept, entry_of
from adwarden.services.survey import Orphan
from adwarden.services.taking_over import take_over_all, takeable
from adwarden.storage import settings as known
from adwarden.storage.homes import Homes
from adwarden.storage.keychain_manifest import page_name, read_page
from adwarden.storage.keychain_status import EntryName, KeychainState, KeychainStatus
from adwarden.storage.paths import DataFolder
from adwarden.storage.vault import Vault
from tests.services.conftest import House, OpenHouse
from tests.storage.keepass_parts import PASSWORD

PAGE = page_name("Adwarden", 1)


def lose_index(folder: Path) -> None:
    for path in folder.glob("directory.sqlite3*"):
        path.unlink(missing_ok=True)


def lose_everything(folder: Path) -> None:
    """Have index and settings be gone; the KeePass file stays."""
    lose_index(folder)
    (folder / "settings.ini").unlink(missing_ok=True)


async def fill(house: House, folder: Path) -> Path:
    """Keep an app and two connections in a KeePass file."""
    path = folder / "team.kdbx"
    await house.accounts.vault_file.create(path, PASSWORD)
    house.settings.set(known.VAULT_PLACE, FILE)
    app = await house.add_app()
    for handle in ("contoso", "fabrikam_eu"):
        await house.connect(app, handle)
    return path


def names(house: House) -> list[str]:
    return sorted(one.screen_name for one in house.accounts.roster.connections)


def listed(house: House) -> set[EntryName]:
    return set(read_page(house.backend.entries.get(PAGE, "")) or ())


async def test_a_file_that_is_opened_after_everything_was_lost_is_listed(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        path = await fill(house, tmp_path)
        server = house.server
    lose_everything(tmp_path)
    async with open_house(server=server) as house:
        await house.accounts.recover()
        assert await house.index.run(lambda d: d.pending()) == ()
    async with open_house(server=server) as house:
        with pytest.raises(KeychainError) as caught:
            await house.accounts.vault_file.use(path, Secret("no"))
        assert caught.value.code is ErrorCode.WRONG_PASSWORD
        assert names(house) == []
        await house.accounts.vault_file.use(path, PASSWORD)
        assert names(house) == ["contoso", "fabrikam_eu"]
        assert await house.index.run(lambda d: d.pending()) == ()


async def test_a_rebuild_waits_for_a_file_that_is_not_there_and_takes_it_anywhere(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        path = await fill(house, tmp_path)
        server = house.server
    lose_index(tmp_path)
    path = path.rename(tmp_path / "moved.kdbx")
    async with open_house(server=server) as house:
        await house.accounts.recover()
        await house.accounts.recover()
        steps = await house.index.run(lambda d: d.pending())
        assert [(one.kind, one.entry) for one in steps] == [("rebuild", "*file")]
        await house.accounts.vault_file.forget()
        await house.accounts.recover()
        assert len(await house.index.run(lambda d: d.pending())) == 1
        await house.accounts.vault_file.use(path, PASSWORD)
        assert names(house) == ["contoso", "fabrikam_eu"]
        assert await house.index.run(lambda d: d.pending()) == ()


async def test_a_computer_without_a_keychain_opens_and_lists_the_file_all_the_same(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house() as house:
        path = await fill(house, tmp_path)
        server = house.server
    lose_everything(tmp_path)
    async with open_house(server=server) as house:
        none = KeychainStatus(KeychainState.MISSING, "none", "There is none.", "Install one.")
        keychain = Keychain(lambda: Vault(lambda: house.backend, lambda: none))
        monkeypatch.setitem(house.places._places, KEYCHAIN, keychain)
        await house.accounts.vault_file.use(path, PASSWORD)
        assert names(house) == ["contoso", "fabrikam_eu"]
        steps = await house.index.run(lambda d: d.pending())
        assert [one.entry for one in steps] == ["*keychain"]  # it may come one day
        await house.accounts.vault_file.lock()
        status = await house.accounts.vault_file.enter(PASSWORD)
        assert status.state is KeychainState.READY
        keychain.close()


async def test_a_file_of_another_folder_is_taken_over_in_one_go(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(home="there") as house:
        path = await fill(house, tmp_path)
        server = house.server
    lose_everything(tmp_path)
    async with open_house(server=server) as house:
        await house.accounts.recover()
        await house.accounts.vault_file.use(path, PASSWORD)
        assert names(house) == []
        survey = house.accounts.survey
        orphans = (await survey.look(FILE)).orphans
        assert len(takeable(orphans)) == 3
        heard: list[tuple[int, int, str]] = []
        # It is stopped before the second one, and goes on with what is left.
        taken = await take_over_all(
            survey, orphans, lambda *so_far: heard.append(so_far), lambda: bool(heard)
        )
        assert (taken.done, taken.failed, taken.skipped) == (1, (), 2)
        assert heard == [(0, 3, takeable(orphans)[0].name)]
        orphans = (await survey.look(FILE)).orphans
        heard.clear()
        taken = await take_over_all(survey, orphans, lambda *so_far: heard.append(so_far))
        assert (taken.done, taken.failed, taken.skipped) == (2, (), 0)
        assert [so_far[:2] for so_far in heard] == [(0, 2), (1, 2)]
        assert names(house) == ["contoso", "fabrikam_eu"]
        report = await survey.look(FILE)
        assert (report.rows, report.entries, report.orphans) == (3, 3, ())
        for one in house.accounts.roster.everything:
            assert (await house.places.get(*entry_of(one))).facts["home"] == "here"


async def test_a_place_that_fails_ends_it_and_one_entry_does_not(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(home="there") as house:
        path = await fill(house, tmp_path)
        server = house.server
    lose_everything(tmp_path)
    async with open_house(server=server) as house:
        await house.accounts.vault_file.use(path, PASSWORD)
        survey = house.accounts.survey
        orphans = (await survey.look(FILE)).orphans
        gone = takeable(orphans)[1]
        await house.places.delete(*gone.kept)
        taken = await take_over_all(survey, orphans)
        assert taken.done == 2
        assert [(name, error.code) for name, error in taken.failed] == [
            (gone.name, ErrorCode.ENTRY_MISSING)
        ]
        await house.accounts.vault_file.lock()
        taken = await take_over_all(survey, [replace(gone, can_be_taken=True)] * 3)
        assert (taken.done, len(taken.failed), taken.skipped) == (0, 1, 2)


def test_apps_come_before_tokens_and_what_cannot_be_listed_not_at_all() -> None:
    def orphan(name: str, *, can: bool = False, app: str = "", of_app: str = "") -> Orphan:
        return Orphan(Kept(name, name, FILE), name, "", can, app=app, of_app=of_app)

    token, app = orphan("token", of_app="a"), orphan("app", can=True, app="a")
    again, other = orphan("app again", can=True, app="a"), orphan("other", of_app="b")
    ready, damaged = orphan("ready", can=True), orphan("damaged")
    assert takeable((token, damaged, app, other, ready, again)) == (app, token, ready)
    assert takeable((token, other, damaged)) == ()


async def test_a_survey_mends_the_list_that_the_keychain_keeps(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        wanted = {EntryName(*entry_of(one)[:2]) for one in (app, connection)}
        del house.backend.entries[PAGE]
        report = await house.accounts.survey.look(KEYCHAIN)
        assert (report.rows, report.entries, report.orphans) == (2, 2, ())
        assert listed(house) == wanted
        house.backend.entries.clear()
        house.backend.failures["set"] = OSError()
        report = await house.accounts.survey.look(KEYCHAIN)
        assert report.status.state is KeychainState.READY


async def test_the_next_entry_and_the_next_recovery_mend_it_too(open_house: OpenHouse) -> None:
    async with open_house() as house:
        first = await house.add_app()
        server = house.server
    house.backend.entries.pop(PAGE)
    async with open_house(server=server) as house:
        second = await house.add_app(1)
        wanted = {EntryName(*entry_of(one)[:2]) for one in (first, second)}
        assert listed(house) == wanted
        house.backend.entries.pop(PAGE)
        await house.index.run(lambda d: d.begin_pending("delete", "gone", "u", KEYCHAIN))
        await house.accounts.recover()
        assert listed(house) == wanted


async def test_a_survey_says_how_much_is_not_there_any_more(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await fill(house, tmp_path)
        one = house.accounts.roster.connections[0]
        assert (await house.accounts.survey.look(FILE)).missing == 0
        await house.places.delete(*entry_of(one))
        report = await house.accounts.survey.look(FILE)
        assert (report.rows, report.entries, report.missing) == (3, 2, 1)


async def test_a_moved_folder_lists_its_own_entries_again(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for path in (before, after):
        path.mkdir()
    Homes(DataFolder(before)).settle()
    async with open_house(home=DataFolder(before).mark) as house:
        app = await house.add_app()
        await house.connect(app, "contoso")
        server = house.server
    (before / "home.json").rename(after / "home.json")
    before.rmdir()
    lose_index(tmp_path)
    server.start()
    homes = Homes(DataFolder(after))
    async with open_house(server=server, home=DataFolder(after).mark) as house:
        house.accounts.homing = Homing(house.index, "", lambda: homes)
        told: list[AdwardenError] = []
        await house.accounts.homing.settle(told.append)
        await house.accounts.recover()
        assert names(house) == ["contoso"]
        assert told == []
        assert (await house.accounts.survey.look(KEYCHAIN)).orphans == ()
        again = await house.connect(house.accounts.roster.apps[0], "fabrikam_eu")
        facts = (await house.places.get(*entry_of(again))).facts
        assert facts["home"] == DataFolder(after).mark
    server.stop()


async def test_a_copied_folder_is_told_of(open_house: OpenHouse, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for path in (one, two):
        path.mkdir()
    Homes(DataFolder(one)).settle()
    (two / "home.json").write_bytes((one / "home.json").read_bytes())
    async with open_house() as house:
        homing = Homing(house.index, "", lambda: Homes(DataFolder(two)))
        told: list[AdwardenError] = []
        await homing.settle(told.append)
        await homing.settle(told.append)
        assert [error.title for error in told] == ["This data folder is a copy"]
