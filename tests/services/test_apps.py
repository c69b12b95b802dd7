from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from keyring.errors import PasswordSetError

import adwarden
from adwarden.domain.errors import AdwardenError, ErrorCode, InputError, KeychainError
from adwarden.domain.model import AppAccess, XApp
from adwarden.domain.secret import Secret
from adwarden.practice.faults import Kind
from adwarden.services import events
from tests.services.conftest import House, OpenHouse


async def edit(house: House, app: XApp, **fields: object) -> XApp:
    given = {"label": app.label, "access": app.access, "note": app.note, **fields}
    return await house.accounts.apps.edit(app.id, **given)  # type: ignore[arg-type]


async def test_an_app_is_edited_as_a_whole(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        changed = await edit(
            house, app, label="  Our   app ", access=AppAccess.CONVERSION_ONLY,
            note="of the agency  \n\n",
            secrets={"client_id": Secret("an id"), "bearer": Secret("")},
        )  # fmt: skip
        assert (changed.label, changed.note) == ("Our app", "of the agency")
        assert changed.access is AppAccess.CONVERSION_ONLY
        assert changed.holds == ("client_id",)
        assert (await house.accounts.load()).apps == (changed,)
        # Empty means unchanged, and what is removed goes.
        again = await edit(
            house, changed, secrets={"client_id": Secret(""), "client_secret": Secret("another")}
        )
        assert again.holds == ("client_id", "client_secret")
        assert (await house.accounts.apps.secret(app.id, "client_id")).unwrap() == "an id"
        less = await edit(house, again, removed=["client_id", "key"])
        assert less.holds == ("client_secret",)
        key = await house.accounts.apps.secret(app.id, "key")
        assert key.unwrap() == house.server.world.apps[0].key
        # The connections made before still work with it.
        await house.connect(less, "contoso")


@pytest.mark.parametrize("blank", ["", "   ", "\n\t", "\u200b"])
async def test_keys_of_blanks_are_none(open_house: OpenHouse, blank: str) -> None:
    good = Secret("k" * 25)
    async with open_house() as house:
        app = await house.add_app()
        before = dict(house.backend.entries)
        for field, pair in (("key", (Secret(blank), good)), ("secret", (good, Secret(blank)))):
            for asked in (
                house.accounts.renew_app(app.id, *pair),
                house.accounts.add_app("Another app", *pair, AppAccess.STANDARD),
                house.accounts.pasting.add(app.id, *pair),
            ):
                with pytest.raises(InputError, match="is missing") as caught:
                    await asked
                assert caught.value.field in (field, "token")
        assert (await edit(house, app, secrets={"bearer": Secret(blank)})).holds == ()
        assert house.backend.entries == before


async def test_names_stay_different(open_house: OpenHouse) -> None:
    async with open_house() as house:
        first, second = await house.add_app(0), await house.add_app(1)
        with pytest.raises(InputError) as caught:
            await edit(house, second, label=first.label.upper())
        assert caught.value.field == "label"
        assert await edit(house, second, label=second.label.upper())


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"note": "n" * 900}, "note"),
        ({"secrets": {"bearer": Secret("b" * 900)}}, "bearer"),
        ({"note": "n" * 200, "secrets": {"client_secret": Secret("c" * 700)}}, "client_secret"),
        ({"note": "😀" * 450}, "note"),  # two units of UTF-16 each
    ],
)
async def test_what_does_not_fit_is_named(
    open_house: OpenHouse, fields: dict[str, object], named: str
) -> None:
    async with open_house() as house:
        app = await house.add_app()
        with pytest.raises(InputError) as caught:
            await edit(house, app, **fields)
        assert caught.value.field == named
        assert "1,000" in caught.value.message
        assert (await house.accounts.load()).apps == (app,)


async def test_a_bearer_token_is_fetched_and_invalidated(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        fetched = await house.accounts.apps.fetch_bearer(app.id)
        assert fetched.holds == ("bearer",)
        bearer = await house.accounts.apps.secret(app.id, "bearer")
        assert bearer.unwrap().startswith("A" * 20)
        assert "%2F" in bearer.unwrap()
        # X gives the same one until it is invalidated.
        await house.accounts.apps.fetch_bearer(app.id)
        assert await house.accounts.apps.secret(app.id, "bearer") == bearer
        gone = await house.accounts.apps.invalidate_bearer(app.id)
        assert gone.holds == ()
        assert house.server.journal.count("/oauth2/invalidate_token", status=200) == 1
        with pytest.raises(KeychainError) as caught:
            await house.accounts.apps.secret(app.id, "bearer")
        assert caught.value.code is ErrorCode.ENTRY_MISSING
        await house.accounts.apps.fetch_bearer(app.id)
        assert await house.accounts.apps.secret(app.id, "bearer") != bearer


async def test_wrong_keys_get_no_bearer_token(open_house: OpenHouse) -> None:
    async with open_house() as house:
        real = house.server.world.apps[0]
        app = await house.accounts.add_app(
            "App", Secret(real.key), Secret("wrong"), AppAccess.STANDARD
        )
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.apps.fetch_bearer(app.id)
        assert caught.value.code is ErrorCode.APP_KEYS
        assert house.accounts.roster.app(app.id).holds == ()


async def test_a_bearer_token_that_x_refuses_to_forget_stays(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await edit(house, await house.add_app(), secrets={"bearer": Secret("not X's")})
        with pytest.raises(AdwardenError):
            await house.accounts.apps.invalidate_bearer(app.id)
        assert house.accounts.roster.app(app.id).holds == ("bearer",)
        assert (await edit(house, app, removed=["bearer"])).holds == ()


async def test_a_page_of_the_network_is_no_bearer_token(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.server.faults.add(Kind.HTML, "/oauth2/token", times=1, status=200)
        with pytest.raises(AdwardenError) as caught:
            await house.accounts.apps.fetch_bearer(app.id)
        assert caught.value.code is ErrorCode.UNEXPECTED_ANSWER


async def test_where_the_keys_are_refused_the_owner_signs(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        await house.accounts.rewriting.rewrite_connection(connection, pasted=True)
        await house.accounts.apps.fetch_bearer(app.id)
        house.server.faults.add(Kind.ERROR, "/oauth2/invalidate_token", times=1, status=403)
        assert (await house.accounts.apps.invalidate_bearer(app.id)).holds == ()
        assert house.server.journal.count("/oauth2/invalidate_token", status=200) == 1


async def test_new_keys_leave_the_other_secrets(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await edit(house, await house.add_app(), secrets={"client_id": Secret("an id")})
        keys = house.server.world.apps[0]
        renewed = await house.accounts.renew_app(app.id, Secret(keys.key), Secret(keys.secret))
        assert renewed.holds == ("client_id",)
        del house.backend.entries[renewed.entry, renewed.label]
        lost = await house.accounts.renew_app(app.id, Secret(keys.key), Secret(keys.secret))
        assert lost.holds == ()
        await house.connect(lost, "contoso")


async def test_a_connection_has_a_name_and_a_note(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        connection = await house.connect(app, "contoso")
        named = await house.accounts.apps.name_connection(
            connection.id, label=" Our  main one ", note="asks\nAnna"
        )
        assert (named.label, named.note, named.handle) == ("Our main one", "asks\nAnna", "@contoso")
        assert house.of(events.ConnectionSaved)[-1].connection == named
        # A new authorization of the same user changes neither.
        again = await house.connect(app, "contoso")
        assert (again.label, again.note) == ("Our main one", "asks\nAnna")
        token = await house.accounts.apps.token(connection.id, "token")
        assert token.unwrap().startswith(connection.user_id)
        with pytest.raises(InputError) as caught:
            await house.accounts.apps.name_connection(connection.id, label="", note="x" * 900)
        assert caught.value.field == "note"
        assert await house.accounts.apps.name_connection(connection.id, label="", note="")


async def test_a_keychain_that_fails_leaves_all_as_it_was(open_house: OpenHouse) -> None:
    async with open_house() as house:
        app = await house.add_app()
        house.backend.failures["set"] = PasswordSetError("no")
        with pytest.raises(KeychainError):
            await edit(house, app, label="Another")
        assert (await house.accounts.load()).apps == (app,)


async def test_an_entry_that_is_too_long_is_in_no_frame_of_its_error(
    open_house: OpenHouse,
) -> None:
    marker = "M4RKER-"
    async with open_house() as house:
        app = await house.add_app()
        with pytest.raises(AdwardenError) as added:
            await house.accounts.add_app(
                "Long", Secret("k"), Secret(marker * 200), AppAccess.STANDARD
            )
        with pytest.raises(AdwardenError) as edited:
            await house.accounts.apps.edit(
                app.id, label=app.label, access=app.access, note="",
                secrets={"client_secret": Secret(marker * 200)},
            )  # fmt: skip
        assert added.value.code is ErrorCode.ENTRY_TOO_LARGE
        assert isinstance(edited.value, InputError)
        for error in (added.value, edited.value):
            found = list(frames_of(error))
            assert any("rewriting" in frame.f_code.co_filename for frame in found)
            for frame in found:
                texts = [one for one in frame.f_locals.values() if isinstance(one, str | dict)]
                assert marker not in str(texts)


def frames_of(error: BaseException) -> Iterator[FrameType]:
    """Return the frames of our own code that an error holds, with those of what it came of."""
    one: BaseException | None = error
    while one is not None:
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if Path(frame.f_code.co_filename).is_relative_to(Path(adwarden.__file__).parent):
                yield frame
        one = one.__context__
