"""What a survey says of entries whose app or account is listed, but with an entry that is gone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from adwarden.domain.model import FILE, KEYCHAIN, AppState, ConnectionState
from adwarden.services.orphans import Orphan
from adwarden.services.roster import entry_of
from adwarden.services.taking_over import take_over_all
from adwarden.storage import settings as known
from adwarden.storage.keychain_status import KeychainState
from adwarden.storage.schema import NOTE_REBUILD
from tests.services.conftest import House, OpenHouse
from tests.services.test_lost_index import lose_index
from tests.storage.keepass_parts import PASSWORD

WITHOUT = "that is listed without"


class Indexes:
    """Copies of the index, which can be put back while it is not open."""

    def __init__(self, folder: Path) -> None:
        self._index, self._kept = folder / "directory.sqlite3", folder / "kept.sqlite3"

    def keep(self) -> None:
        with (
            closing(sqlite3.connect(self._index)) as now,
            closing(sqlite3.connect(self._kept)) as to,
        ):
            now.backup(to)

    def put_back(self) -> None:
        lose_index(self._index.parent)
        self._index.write_bytes(self._kept.read_bytes())


async def fill(house: House) -> None:
    await house.accounts.recover()  # what the first start has to find out
    app = await house.add_app()
    await house.connect(app, "contoso")


async def rename(house: House) -> None:
    """Have an app and its connection get entries of other names."""
    (app,), (connection,) = house.accounts.roster.apps, house.accounts.roster.connections
    await house.accounts.rewriting.rewrite_app(app, label="Renamed")
    await house.accounts.rewriting.rewrite_connection(connection, label="Mine")


async def whole(house: House, place: str = KEYCHAIN) -> bool:
    """Tell whether all that is listed has its secrets, and nothing else is there."""
    for one in house.accounts.roster.everything:
        await house.places.get(*entry_of(one))
    report = await house.accounts.survey.look(place)
    return (report.rows, report.entries, report.missing, report.orphans) == (2, 2, 0, ())


async def test_what_an_older_list_does_not_know_is_taken_over(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    indexes = Indexes(tmp_path)
    async with open_house() as house:
        await fill(house)
        server = house.server
    indexes.keep()
    async with open_house(server=server) as house:
        await rename(house)
    indexes.put_back()
    async with open_house(server=server) as house:
        survey, roster = house.accounts.survey, house.accounts.roster
        report = await survey.look(KEYCHAIN)
        assert (report.rows, len(report.orphans)) == (2, 2)
        assert all(one.can_be_taken and WITHOUT in one.why for one in report.orphans)
        await house.accounts.checking.check([roster.apps[0].id])
        assert roster.apps[0].state is AppState.KEYS_MISSING
        taken = await take_over_all(survey, report.orphans)
        assert (taken.done, taken.failed) == (2, ())
        (app,), (connection,) = roster.apps, roster.connections
        assert (app.label, app.state) == ("Renamed", AppState.UNKNOWN)
        assert (connection.label, connection.state) == ("Mine", ConnectionState.UNKNOWN)
        assert await whole(house)
        assert await house.index.run(lambda d: d.pending()) == ()
    async with open_house(server=server) as house:
        assert house.accounts.roster.apps[0].state is AppState.UNKNOWN
        assert await whole(house)


async def test_what_an_older_file_has_is_taken_over(open_house: OpenHouse, tmp_path: Path) -> None:
    path = tmp_path / "team.kdbx"
    async with open_house() as house:
        await house.accounts.vault_file.create(path, PASSWORD)
        house.settings.set(known.VAULT_PLACE, FILE)
        await fill(house)
        before = path.read_bytes()
        await rename(house)
        server = house.server
    path.write_bytes(before)
    async with open_house(server=server) as house:
        await house.accounts.vault_file.enter(PASSWORD)
        survey = house.accounts.survey
        report = await survey.look(FILE)
        assert all(one.can_be_taken and "Left over" in one.why for one in report.orphans)
        taken = await take_over_all(survey, report.orphans)
        assert (taken.done, taken.failed) == (2, ())
        assert house.accounts.roster.apps[0].label != "Renamed"
        assert await whole(house, FILE)


async def test_what_another_folder_took_over_is_taken_back(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    indexes = Indexes(tmp_path)
    async with open_house() as house:
        await fill(house)
        server = house.server
    indexes.keep()
    lose_index(tmp_path)
    async with open_house(server=server, home="there") as house:
        survey = house.accounts.survey
        await take_over_all(survey, (await survey.look(KEYCHAIN)).orphans)
        assert await whole(house)
    indexes.put_back()
    async with open_house(server=server) as house:
        survey = house.accounts.survey
        found = (await survey.look(KEYCHAIN)).orphans
        assert all("another data folder" in one.why and one.can_be_taken for one in found)
        taken = await take_over_all(survey, found)
        assert (taken.done, taken.failed) == (2, ())
        assert await whole(house)
        for one in house.accounts.roster.everything:
            assert (await house.places.get(*entry_of(one))).facts["home"] == "here"


async def test_a_list_that_is_built_again_takes_them_by_itself(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    indexes = Indexes(tmp_path)
    async with open_house() as house:
        await fill(house)
        server = house.server
    indexes.keep()
    async with open_house(server=server) as house:
        await rename(house)
    indexes.put_back()
    with closing(sqlite3.connect(tmp_path / "directory.sqlite3")) as db, db:
        db.execute(NOTE_REBUILD)
    async with open_house(server=server) as house:
        await house.accounts.recover()
        assert house.accounts.roster.apps[0].label == "Renamed"
        assert await whole(house)


async def test_a_row_whose_entry_cannot_be_read_now_is_not_given_another(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await fill(house)
        (app,) = house.accounts.roster.apps
        keys = await house.places.get(*entry_of(app))
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        await house.accounts.moving.move(FILE)
        await house.places.put("Adwarden · Other · 00000001", app.label, KEYCHAIN, keys)

        async def other() -> Orphan:
            (orphan,) = (await house.accounts.survey.look(KEYCHAIN)).orphans
            return orphan

        there = await other()
        await house.accounts.vault_file.lock()
        locked = await other()
        assert (there.can_be_taken, locked.can_be_taken) == (False, False)
        assert "listed with another entry" in locked.why
        await house.accounts.vault_file.enter(PASSWORD)
        await house.places.delete(*entry_of(house.accounts.roster.apps[0]))
        assert (await other()).can_be_taken


async def test_what_a_list_that_was_lost_will_have_again_is_told_as_that(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        await fill(house)
        server = house.server
    async with open_house(server=server, home="there") as house:
        await house.add_app(1)
    lose_index(tmp_path)
    async with open_house(server=server) as house:
        report = await house.accounts.survey.look(KEYCHAIN)
        assert report.status.state is KeychainState.READY
        told = {one.kept.username: (one.comes, one.why.partition(":")[0]) for one in report.orphans}
        own, other = (one.label for one in server.world.apps[:2])
        assert told == {
            own: (True, "Not listed again yet"),
            "@contoso": (True, "Not listed again yet"),
            other: (False, "Kept by another data folder of Adwarden"),
        }
        await house.accounts.recover()
        (left,) = (await house.accounts.survey.look(KEYCHAIN)).orphans
        assert not left.comes
