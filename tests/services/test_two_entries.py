"""A lost index, and two entries about the same: the one that was written last is listed."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from keyring.errors import KeyringError

from adwarden.domain.model import FILE, KEYCHAIN, Connection, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.services.adopting import latest
from adwarden.services.entry_facts import written_at
from adwarden.services.roster import Kept, entry_of, new_id
from tests.services.clockwork import Clockwork
from tests.services.conftest import House, OpenHouse
from tests.services.test_lost_index import lose_index
from tests.storage.keepass_parts import PASSWORD


def pair(text: str) -> Credential:
    return Credential("x-oauth1-token", {"token": Secret(f"77-{text}"), "secret": Secret("s" * 45)})


async def keep(house: House, app: XApp, text: str, time: Clockwork) -> Connection:
    """Keep a token as an authorization does, a minute after whatever was before."""
    time.set_by += 60
    old = house.accounts.roster.same_user(app.id, "77")
    one = old or Connection(new_id(), app.id, "77", "seven", "", 0.0, place=KEYCHAIN)
    async with house.accounts.rewriting.alone(app.id, "77"):
        return await house.accounts.rewriting.keep_connection(
            replace(one, authorized_at=time.clock()), pair(text)
        )


async def renew(house: House, app: XApp, text: str, time: Clockwork) -> None:
    time.set_by += 60
    await house.accounts.renew_app(app.id, Secret(text), Secret("s" * 50))


async def value(house: House, row: XApp | Connection, name: str) -> str:
    return (await house.places.get(*entry_of(row))).secrets[name].unwrap()


def turn_round(house: House) -> None:
    """Have the keychain list what it has the other way round."""
    entries = house.backend.entries
    for name in list(entries)[::-1]:
        entries[name] = entries.pop(name)


@pytest.mark.parametrize("round_", [False, True])
async def test_new_keys_and_a_new_token_win_over_those_that_could_not_be_deleted(
    open_house: OpenHouse, tmp_path: Path, round_: bool
) -> None:
    time = Clockwork(still=True)
    async with open_house(time=time) as house:
        app = await house.add_app()
        await keep(house, app, "first", time)
        house.backend.failures["delete"] = KeyringError("not now")
        await renew(house, app, "second key", time)
        await keep(house, app, "second", time)
        await renew(house, app, "third key", time)
        await house.accounts.rewriting.rewrite_app(house.accounts.roster.apps[0], label="Third")
        if round_:
            turn_round(house)
        server = house.server
    lose_index(tmp_path)
    before = dict(house.backend.entries)
    del house.backend.failures["delete"]
    async with open_house(server=server, time=time) as house:
        await house.accounts.recover()
        (app,), (one,) = house.accounts.roster.apps, house.accounts.roster.connections
        assert (app.label, await value(house, app, "key")) == ("Third", "third key")
        assert await value(house, one, "token") == "77-second"
        # Clocks can be wrong: nothing is deleted over what they say.
        assert set(before) <= set(house.backend.entries)
        assert await house.index.run(lambda d: d.pending()) == ()
        assert len((await house.accounts.survey.look(KEYCHAIN)).orphans) == 4


async def test_what_is_found_in_a_file_later_wins_if_it_was_written_later(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    time = Clockwork(still=True)
    async with open_house(time=time) as house:
        app = await house.add_app()
        await keep(house, app, "first", time)
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        house.backend.failures["delete"] = KeyringError("not now")
        time.set_by += 60
        await house.accounts.moving.move(FILE)
        await renew(house, app, "new key", time)
        await keep(house, app, "new", time)
        server = house.server
    lose_index(tmp_path)
    del house.backend.failures["delete"]
    async with open_house(server=server, time=time) as house:
        await house.accounts.recover()  # the file is locked yet
        (app,), (one,) = house.accounts.roster.apps, house.accounts.roster.connections
        assert (app.place, one.place) == (KEYCHAIN, KEYCHAIN)
        assert await value(house, one, "token") == "77-first"
        await house.accounts.vault_file.enter(PASSWORD)
        (app,), (one,) = house.accounts.roster.apps, house.accounts.roster.connections
        assert (app.place, one.place) == (FILE, FILE)
        assert await value(house, app, "key") == "new key"
        assert await value(house, one, "token") == "77-new"


async def test_an_older_one_in_a_file_that_is_opened_does_not_win(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    time = Clockwork(still=True)
    async with open_house(time=time) as house:
        app = await house.add_app()
        await house.accounts.vault_file.create(tmp_path / "team.kdbx", PASSWORD)
        await keep(house, app, "first", time)
        await house.accounts.moving.move(FILE)
        before = (tmp_path / "team.kdbx").read_bytes()
        await house.accounts.moving.move(KEYCHAIN)
        await renew(house, app, "new key", time)
        await keep(house, app, "new", time)
        await house.accounts.vault_file.lock()
        (tmp_path / "team.kdbx").write_bytes(before)  # somebody put an older copy back
        for _ in range(2):
            await house.accounts.vault_file.use(tmp_path / "team.kdbx", PASSWORD)
            (app,), (one,) = house.accounts.roster.apps, house.accounts.roster.connections
            assert (app.place, one.place) == (KEYCHAIN, KEYCHAIN)
            assert await value(house, app, "key") == "new key"
            assert await value(house, one, "token") == "77-new"
            assert len((await house.accounts.survey.look(FILE)).orphans) == 2


def found(number: int, kind: str = "x-app", **facts: str) -> tuple[Kept, Credential]:
    told = {"app": "a1", **facts}
    return Kept(f"entry {number}", "u", KEYCHAIN), Credential(kind, {}, told)


def test_the_last_one_is_chosen_in_whatever_order_they_are_found() -> None:
    old = found(1, since="50")  # as an older version wrote it
    new = found(2, since="50", written="100.5")
    newer = found(3, since="50", written="100.75")
    token = found(4, "x-oauth1-token", user_id="7", since="60")
    later = found(5, "x-oauth1-token", user_id="7", since="80")
    nobodys = [found(6, "x-oauth1-token"), found(7, app="")]
    for order in permutations([old, new, newer, token, later]):
        listed = [kept for kept, _ in latest([*order, *nobodys])]
        assert set(listed) == {one[0] for one in (newer, later, *nobodys)}
        assert set(listed[:2]) == {newer[0], nobodys[1][0]}  # apps first
    # Of those that do not tell, it is the one that the place lists last.
    same = [found(8), found(9)]
    assert latest(same) == (same[1],)
    assert written_at({"written": "nonsense", "since": "5"}) == 5
