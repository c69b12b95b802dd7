"""What was removed and can still be undone, while a backup, a survey or a new name meets it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from adwarden.domain.backup import Standing
from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, NetworkError
from adwarden.domain.model import KEYCHAIN, AppAccess, Connection, ConnectionState, Credential, XApp
from adwarden.domain.secret import Secret
from adwarden.providers.x.provider import XProvider
from adwarden.services.backup import Choices, Preview
from adwarden.services.events import RemovalChanged, Stage
from adwarden.services.removing import UNDO_SECONDS
from adwarden.services.roster import entry_of
from adwarden.storage.keychain_codec import encode, text_length
from tests.services.clockwork import HandClock
from tests.services.conftest import House, OpenHouse
from tests.services.test_removing import soon, steps
from tests.storage.keepass_parts import PASSWORD, QUICK


async def furnished(house: House, path: Path) -> tuple[XApp, Connection]:
    """Add an app with a connection, and back both up."""
    app = await house.add_app()
    one = await house.connect(app, "contoso")
    house.accounts.backup._kdf = QUICK
    await house.accounts.backup.write(path, PASSWORD)
    return app, one


def hide(house: House, app: XApp, one: Connection, *, revoke: bool = False) -> None:
    house.accounts.removing.disconnect(one.id, revoke=revoke)
    house.accounts.removing.remove_app(app.id)


async def over(house: House, time: HandClock) -> None:
    """Let the ten seconds pass, and what comes of that happen."""
    time.pass_time(UNDO_SECONDS + 1)
    await soon(lambda: not house.accounts.removing.waiting, "nothing waits")
    tasks = house.accounts.removing._tasks
    await soon(lambda: not tasks, "nothing runs")


async def whole(house: House) -> int:
    """Return how many rows there are, each of them with its secret."""
    rows: tuple[XApp | Connection, ...] = house.accounts.roster.everything
    for row in rows:
        await house.places.get(*entry_of(row))
    stored = await house.index.run(lambda d: d.snapshot())
    listed: list[XApp | Connection] = [*stored.apps, *stored.connections]
    assert {one.id for one in rows} == {one.id for one in listed}
    return len(rows)


def all_of(preview: Preview) -> Choices:
    return Choices(frozenset(item.id for item in preview.items))


@pytest.mark.parametrize("revoke", [False, True])
@pytest.mark.parametrize("only_connections", [False, True])
async def test_what_is_restored_within_the_ten_seconds_stays(
    open_house: OpenHouse, tmp_path: Path, revoke: bool, only_connections: bool
) -> None:
    time, path = HandClock(), tmp_path / "backup.kdbx"
    async with open_house(time=time) as house:
        app, one = await furnished(house, path)
        hide(house, app, one, revoke=revoke)
        preview = await house.accounts.backup.preview(path, PASSWORD)
        assert [
            (line.standing, line.leaving, line.differs, line.suggested) for line in preview.items
        ] == [(Standing.DIFFERS, True, (), True)] * 2
        take = frozenset(
            item.id for item in preview.items if not (item.is_app and only_connections)
        )
        done = await house.accounts.backup.restore(preview, Choices(take))
        assert (done.homeless, done.failed, done.stopped) == ((), (), None)
        assert (len(done.brought_back), done.replaced) == (len(take), ())
        assert house.accounts.roster.apps == (app,)
        await over(house, time)
        assert await whole(house) == 2
        assert house.accounts.roster.connection(one.id).state is ConnectionState.WORKING
        assert not (await house.accounts.survey.look(KEYCHAIN)).orphans
        assert not await steps(house)
    assert len(house.backend.entries) == 3  # and the manifest


async def test_a_restore_after_the_ten_seconds_waits_for_their_end(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    time, path = HandClock(), tmp_path / "backup.kdbx"
    async with open_house(time=time) as house:
        app, one = await furnished(house, path)
        hide(house, app, one)
        preview = await house.accounts.backup.preview(path, PASSWORD)
        time.pass_time(UNDO_SECONDS + 1)
        await soon(
            lambda: any(e.stage is Stage.ENDING for e in house.of(RemovalChanged)), "it ends"
        )
        done = await house.accounts.backup.restore(preview, all_of(preview))
        assert done.stopped is None
        await over(house, time)
        assert await whole(house) == 2


async def test_what_can_still_be_undone_is_in_a_backup(
    open_house: OpenHouse, tmp_path: Path
) -> None:
    time, path = HandClock(), tmp_path / "second.kdbx"
    async with open_house(time=time) as house:
        hide(house, *await furnished(house, tmp_path / "backup.kdbx"))
        written = await house.accounts.backup.write(path, PASSWORD)
        assert (written.apps, written.connections, written.left_out) == (1, 1, ())


async def test_what_is_being_revoked_is_named_as_left_out(
    open_house: OpenHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*args: object) -> None:
        raise NetworkError(ErrorCode.NO_NETWORK, "No connection", "", "")

    async with open_house() as house:
        _, one = await furnished(house, tmp_path / "backup.kdbx")
        monkeypatch.setattr(XProvider, "revoke", offline)
        with pytest.raises(NetworkError):
            await house.accounts.endings.connection(one.id, revoke=True)
        written = await house.accounts.backup.write(tmp_path / "second.kdbx", PASSWORD)
        assert (written.connections, written.left_out) == (0, ("@contoso",))


async def test_what_can_still_be_undone_is_no_orphan(open_house: OpenHouse, tmp_path: Path) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app, one = await furnished(house, tmp_path / "backup.kdbx")
        before = await house.accounts.survey.look(KEYCHAIN)
        hide(house, app, one)
        report = await house.accounts.survey.look(KEYCHAIN)
        assert report.orphans == ()
        assert (report.rows, report.entries) == (before.rows, before.entries) == (2, 2)
        assert await house.accounts.removing.undo(one.id)
        assert await whole(house) == 2


async def test_taking_over_a_token_brings_its_app_back(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        await house.accounts.recover()
        app = await house.add_app()
        secrets = {"token": Secret("7-token"), "secret": Secret("s")}
        facts = {"app": app.id, "user_id": "7", "screen_name": "anna"}
        await house.places.put(
            "Adwarden · Practice app · 0123abcd", "@anna", KEYCHAIN,
            Credential("x-oauth1-token", secrets, facts),
        )  # fmt: skip
        (orphan,) = (await house.accounts.survey.look(KEYCHAIN)).orphans
        assert orphan.can_be_taken
        house.accounts.removing.remove_app(app.id)
        (seen,) = (await house.accounts.survey.look(KEYCHAIN)).orphans
        assert "being removed" in seen.why
        assert not seen.can_be_taken
        await house.accounts.survey.take_over(orphan)
        await over(house, time)
        assert await whole(house) == 2


async def test_a_name_is_free_only_when_it_cannot_come_back(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        other = await house.add_app(1)
        house.accounts.removing.remove_app(app.id)
        with pytest.raises(InputError) as caught:
            await house.add_app()
        assert caught.value.field == "label"
        assert "undone" in caught.value.message
        with pytest.raises(InputError):
            await house.accounts.apps.edit(
                other.id, label=app.label.upper(), access=AppAccess.STANDARD, note=""
            )
        assert await house.accounts.removing.undo(app.id)
        assert [one.label for one in house.accounts.roster.apps] == [app.label, other.label]
        house.accounts.removing.remove_app(app.id)
        await over(house, time)
        assert (await house.add_app()).label == app.label


async def test_a_token_is_pasted_again_while_it_can_be_undone(open_house: OpenHouse) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        pair = (await house.places.get(*entry_of(one))).secrets
        house.accounts.removing.disconnect(one.id, revoke=True)
        pasted = await house.accounts.pasting.add(app.id, pair["token"], pair["secret"])
        await over(house, time)
        assert pasted.id == one.id
        assert house.accounts.roster.connections == (pasted,)
        assert house.server.journal.count("/1.1/oauth/invalidate_token.json") == 0


async def test_a_pasted_token_that_is_revoked_meanwhile_is_not_called_working(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = HandClock()
    async with open_house(time=time) as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        pair = (await house.places.get(*entry_of(one))).secrets
        house.accounts.removing.disconnect(one.id, revoke=True)
        real = house.accounts.pasting._whose
        asked = 0

        async def whose(*args: object) -> object:
            nonlocal asked
            asked += 1
            found = await real(*args)  # type: ignore[arg-type]
            if asked == 1:
                time.pass_time(UNDO_SECONDS + 1)
                await soon(lambda: not house.accounts.removing.waiting, "it ends")
            return found

        monkeypatch.setattr(house.accounts.pasting, "_whose", whose)
        with pytest.raises(AdwardenError):
            await house.accounts.pasting.add(app.id, pair["token"], pair["secret"])
        assert asked == 2
        assert house.accounts.roster.connections == ()


async def test_an_app_that_got_another_entry_is_not_ended(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        assert not await house.accounts.endings.app(app.id, of="another entry")
        assert await whole(house) == 1
        assert await house.accounts.endings.app(app.id, of=app.entry)
        assert house.accounts.roster.everything == ()


async def test_new_keys_end_the_bearer_token_of_the_old(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        secrets = {"bearer": Secret("b" * 60), "client_id": Secret("an id")}
        await house.accounts.apps.edit(
            app.id, label=app.label, access=app.access, note="", secrets=secrets
        )
        keys = house.server.world.apps[0]
        same = await house.accounts.renew_app(app.id, Secret(keys.key), Secret(keys.secret))
        assert same.holds == ("bearer", "client_id")
        # A secret that was mistyped is no other key.
        same = await house.accounts.renew_app(app.id, Secret(keys.key), Secret("mistyped"))
        assert same.holds == ("bearer", "client_id")
        other = await house.accounts.renew_app(app.id, Secret("another"), Secret("regenerated"))
        assert other.holds == ("client_id",)
        assert "bearer" not in (await house.places.get(*entry_of(other))).secrets


@pytest.mark.parametrize("label", ["\uffff", "\ufffe \ufdd0", "\u200b", "\U0001ffff"])
async def test_a_name_that_nobody_can_see_is_refused(open_house: OpenHouse, label: str) -> None:
    async with open_house() as house:
        with pytest.raises(InputError, match="invisible") as caught:
            await house.accounts.add_app(label, Secret("k"), Secret("s"), AppAccess.STANDARD)
        assert caught.value.field == "label"
        one = await house.connect(await house.add_app(), "contoso")
        with pytest.raises(InputError, match="invisible"):
            await house.accounts.apps.name_connection(one.id, label=label, note="")
        assert (await house.accounts.apps.name_connection(one.id, label="", note="")).label == ""


async def test_the_note_is_what_must_shrink_where_it_takes_the_room(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        one = await house.connect(app, "contoso")
        pair = (await house.places.get(*entry_of(one))).secrets
        # As much as goes in: a pasted token has one more fact in its entry.
        found = await house.places.get(*entry_of(one))
        # The days give way to what a person writes.
        facts = {
            name: told for name, told in found.facts.items() if name not in ("since", "written")
        }
        room = 1000 - text_length(encode(replace(found, facts=facts)))
        await house.accounts.apps.name_connection(one.id, label="", note="n" * room)
        with pytest.raises(InputError) as caught:
            await house.accounts.pasting.add(app.id, pair["token"], pair["secret"])
        assert "note of @contoso" in caught.value.title
        assert "Shorten the note" in caught.value.remedy
        assert caught.value.field == ""


async def test_several_are_settled_at_once(open_house: OpenHouse, tmp_path: Path) -> None:
    time, path = HandClock(), tmp_path / "backup.kdbx"
    async with open_house(time=time) as house:
        app, one = await furnished(house, path)
        preview = await house.accounts.backup.preview(path, PASSWORD)
        assert {line.standing for line in preview.items} == {Standing.SAME}
        hide(house, app, one)  # after the look
        await asyncio.gather(
            house.accounts.backup.restore(preview, all_of(preview)),
            house.accounts.removing.undo(one.id),
        )
        await over(house, time)
        assert await whole(house) == 2
