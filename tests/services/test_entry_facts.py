"""What an entry tells of days: written with whatever is written anyway, read when all is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.errors import KeyringLocked

from adwarden.domain.model import AppAccess, Connection, ConnectionState, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.services.app_checks import MAX_LABEL
from adwarden.services.entry_facts import moment, of_app, of_connection
from adwarden.services.roster import entry_of
from adwarden.storage.keychain_codec import LIMIT, decode, encode, text_length
from tests.services.conftest import OpenHouse

APPROVED, ADDED, AUTHORIZED = 1_700_006_400.0, 1_690_000_000.5, 1_710_000_000.25
NOW = 1_790_000_000.125
KEYS = Credential("", {"key": Secret("k" * 25), "secret": Secret("s" * 50)})
PAIR = Credential("x-oauth1-token", {"token": Secret("t" * 50), "secret": Secret("s" * 45)})
APP = XApp("a" * 8, "x", "L" * MAX_LABEL, AppAccess.LEGACY_CONVERSION, "e", ADDED, APPROVED)
ONE = Connection("c" * 8, "a" * 8, "9" * 19, "n" * 15, "e", AUTHORIZED, label="L" * MAX_LABEL)


def lose_index(folder: Path) -> None:
    for file in folder.glob("directory.sqlite3*"):
        file.unlink()


def test_the_longest_names_leave_room_for_days_and_all_further_secrets() -> None:
    further = {"bearer": "b" * 120, "client_id": "i" * 40, "client_secret": "c" * 60}
    secrets = {**KEYS.secrets, **{name: Secret(text) for name, text in further.items()}}
    app = of_app(APP, replace(KEYS, secrets=secrets), "h" * 8, NOW)
    one = of_connection(replace(ONE, pasted=True), PAIR, "h" * 8, NOW)
    assert set(app.facts) >= {"approved", "since", "written"}
    assert {"since", "written"} <= set(one.facts)
    # Some hundred characters are left for a note.
    assert text_length(encode(app)) < LIMIT - 300
    assert text_length(encode(one)) < LIMIT - 500


@given(st.text(max_size=900), st.floats(0, 4e9), st.none() | st.floats(0, 4e9))
def test_a_note_comes_first_and_what_is_written_is_read(
    note: str, since: float, approved: float | None
) -> None:
    app = of_app(replace(APP, note=note, added_at=since, approved_at=approved), KEYS, "home", NOW)
    plain = replace(
        app, facts={n: v for n, v in app.facts.items() if n not in ("since", "approved", "written")}
    )
    if text_length(json.dumps({**plain.facts}, ensure_ascii=False)) > LIMIT - 150:
        return
    told = decode(encode(app)).facts
    if "since" in told:
        assert moment(told, "since") == int(since)
    if "approved" in told:
        assert moment(told, "approved") == (None if approved is None else int(approved))


@pytest.mark.parametrize("text", ["", "nan", "inf", "-5", "yesterday", "1e999"])
def test_nonsense_is_no_day(text: str) -> None:
    assert moment({"since": text}, "since") is None
    assert moment({}, "since") is None


async def test_days_come_back_from_the_keychain_alone(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.note_approval(app.id, APPROVED)
        await house.index.run(lambda d: d.finish_pending("*"))
    lose_index(tmp_path)
    async with open_house() as house:
        house.accounts._clock = lambda: one.authorized_at + 5_000_000
        await house.accounts.recover()
        (found,) = house.accounts.roster.apps
        assert found.approved_at == APPROVED
        assert found.added_at == int(app.added_at)
        (again,) = house.accounts.roster.connections
        assert again.authorized_at == int(one.authorized_at)
        assert again.state is ConnectionState.UNKNOWN


async def test_entries_of_before_are_read_and_not_written_for_that(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        for name, text in list(house.backend.entries.items()):
            told = json.loads(text)
            told.pop("since", None)
            told.pop("approved", None)
            house.backend.entries[name] = json.dumps(told)
        before = dict(house.backend.entries)
        await house.accounts.refresh(one.id)
        assert house.backend.entries == before
    lose_index(tmp_path)
    async with open_house() as house:
        await house.accounts.recover()
        (found,) = house.accounts.roster.apps
        assert found.approved_at is None
        # Never the day on which the list was made anew: nobody knows it any more.
        assert found.added_at == 0
        (again,) = house.accounts.roster.connections
        assert again.authorized_at == 0
        assert house.backend.entries == before


async def test_a_day_is_kept_also_while_the_keychain_is_locked(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.failures["get"] = KeyringLocked("locked")
        noted = await house.accounts.note_approval(app.id, APPROVED)
        assert noted.approved_at == APPROVED
        house.backend.failures.clear()
        assert (await house.accounts.load()).apps == (noted,)
        # The next change of the entry tells of it.
        changed = await house.accounts.apps.edit(
            app.id, label="Another", access=app.access, note=""
        )
        assert (await house.places.get(*entry_of(changed))).facts["approved"] == str(int(APPROVED))
        cleared = await house.accounts.note_approval(app.id, None)
        assert (await house.places.get(*entry_of(cleared))).facts["approved"] == ""


async def test_a_token_taken_over_from_another_folder_keeps_its_day(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    async with open_house(home="there") as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        await house.accounts.note_approval(app.id, APPROVED)
    lose_index(tmp_path)
    async with open_house(home="here") as house:
        await house.accounts.recover()
        survey = house.accounts.survey
        for handle in (app.label, "@contoso"):
            orphans = (await survey.look("keychain")).orphans
            await survey.take_over(next(o for o in orphans if o.kept.username == handle))
        assert house.accounts.roster.apps[0].approved_at == APPROVED
        assert house.accounts.roster.connections[0].authorized_at == int(one.authorized_at)
